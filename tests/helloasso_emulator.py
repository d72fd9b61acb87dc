"""An emulator of the part of HelloAsso's API that a checkout of ours uses, written from its documented contract, and strict.

    async with HelloAsso() as api:                  HelloAsso(api.client_id, api.client_secret, SLUG, url=api.url)
        api.pay(link.url)                           what a payer does on HelloAsso's page; raises CannotPayError
        api.pay(link.url, tip=300)                  with something for HelloAsso itself
        intent.state = "WaitingBankValidation"      where the payment stands
        api.revoke()                                the tokens given so far are good for nothing

Refused as HelloAsso does: tokens that are wrong, or older than 30 minutes (401), privileges the client lacks and other
associations (403), fields it does not know or lacks, addresses without https, amounts under 50 cents or that do not add
up (400). A link can be opened for 15 minutes. There are no idempotency keys: what is asked twice is done twice.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from tests.payment_server import Asked, Clock, PaymentServer, WrongError

SLUG = "les-paniers-du-canal"
CLIENT_ID = "9fdc22226bf24ff9"
CLIENT_SECRET = "emulated-and-not-" + "secret"
TOKEN_SECONDS = 1799
LINK_LASTS = timedelta(minutes=15)
BODY = {
    "totalAmount", "initialAmount", "itemName", "backUrl", "errorUrl", "returnUrl", "containsDonation", "terms",
    "payer", "metadata",
}  # fmt: skip
NEEDED = BODY - {"terms", "payer", "metadata"}
PAID = {"Authorized", "Refunding", "Refunded", "Contested"}


class CannotPayError(Exception):
    """The page says that this link cannot be paid: it is too old, or was paid."""


@dataclass
class Intent:
    """A checkout intent and the payment made in it."""

    id: int
    body: dict[str, Any]
    made_at: datetime
    payment: int = 0
    tip: int = 0
    state: str = ""
    refunds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cents(self) -> int:
        return int(self.body["totalAmount"])


class HelloAsso(PaymentServer):
    """See the module's docstring."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.client_id, self.client_secret = CLIENT_ID, CLIENT_SECRET
        self.privileges = {"AccessPublicData", "AccessTransactions", "Checkout", "RefundManagement"}
        self.intents: dict[int, Intent] = {}
        self.wallet_is_empty = False
        self._tokens: dict[str, datetime] = {}
        self._number = 5000

    # What people do

    def pay(self, url: str, *, tip: int = 0, state: str = "Authorized") -> Intent:
        """Pay at a link, perhaps with something for HelloAsso itself."""
        found = self.intents[int(url.rpartition("/")[2])]
        if found.payment or self.clock() >= found.made_at + LINK_LASTS:
            raise CannotPayError
        found.payment, found.tip, found.state = self._next(), tip, state
        return found

    def refund(self, payment: int) -> dict[str, Any]:
        """Give a payment back in the association's own space."""
        found = self._paid(str(payment))
        made = {"id": self._next(), "amount": found.cents, "state": "Processed", "paymentId": found.payment}
        found.refunds.append(made)
        found.state = "Refunded"
        return made

    def revoke(self) -> None:
        """Take all tokens back."""
        self._tokens.clear()

    def refunded(self) -> int:
        """Count the cents given back."""
        return sum(refund["amount"] for found in self.intents.values() for refund in found.refunds)

    # What the API does

    def answer(self, call: Asked) -> Any:
        if (call.method, call.path) == ("POST", "/oauth2/token"):
            return self._token(call)
        self._admit(call)
        for method, path, privilege, does in self._routes():
            match = re.fullmatch(path, call.path)
            if match and call.method == method:
                if privilege not in self.privileges:
                    raise WrongError(403, {"message": "The JWT token hasn't the privileges or Roles for this action"})
                return partial(does, call, *match.groups())()
        raise WrongError(404, {"errors": [{"code": "NotFound", "message": "no such resource"}]})

    def _routes(self) -> list[tuple[str, str, str, Any]]:
        return [
            ("POST", r"/v5/organizations/([\w-]+)/checkout-intents", "Checkout", self._init),
            ("GET", r"/v5/organizations/([\w-]+)/checkout-intents/(\d+)", "Checkout", self._intent),
            ("GET", r"/v5/organizations/([\w-]+)/payments", "AccessTransactions", self._payments),
            ("GET", r"/v5/payments/(\d+)", "AccessTransactions", self._payment),
            ("POST", r"/v5/payments/(\d+)/refund", "RefundManagement", self._refund),
        ]

    def _token(self, call: Asked) -> Any:
        if call.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise WrongError(415, {"error": "unsupported_media_type"})
        asked = dict(parse_qsl(call.body.decode(), strict_parsing=True))
        if set(asked) != {"grant_type", "client_id", "client_secret"} or asked["grant_type"] != "client_credentials":
            raise WrongError(400, {"error": "invalid_request"})
        if (asked["client_id"], asked["client_secret"]) != (self.client_id, self.client_secret):
            raise WrongError(401, {"error": "invalid_client", "error_description": "the client is unknown"})
        token = f"eyJ.{self._next()}.signed"
        self._tokens[token] = self.clock() + timedelta(seconds=TOKEN_SECONDS)
        return {"access_token": token, "refresh_token": "x", "token_type": "bearer", "expires_in": TOKEN_SECONDS}

    def _admit(self, call: Asked) -> None:
        kind, _space, token = call.headers.get("authorization", "").partition(" ")
        if (
            kind != "Bearer"
            or self._tokens.get(token, datetime.min.replace(tzinfo=self.clock().tzinfo)) <= self.clock()
        ):
            raise WrongError(401, {"message": "Unauthorized, you must add a valid JWT"})

    def _init(self, call: Asked, slug: str) -> Any:
        self._own(slug)
        body = json.loads(call.body)
        wrong = [f"{name} is unknown" for name in body.keys() - BODY]
        wrong += [f"{name} is required" for name in NEEDED - body.keys()]
        wrong += [
            f"{name} must be https" for name in ("backUrl", "errorUrl", "returnUrl") if not _https(body.get(name))
        ]
        if type(body.get("totalAmount")) is not int or body.get("initialAmount") != body["totalAmount"]:
            wrong.append("the amounts do not add up")
        elif body["totalAmount"] < 50:
            wrong.append("the amount must be at least 50 cents")
        if len(str(body.get("itemName", ""))) > 250 or len(json.dumps(body.get("metadata", {}))) > 20_000:
            wrong.append("too long")
        if wrong:
            raise WrongError(400, {"errors": [{"code": "ArgumentInvalid", "message": said} for said in wrong]})
        made = Intent(self._next(), body, self.clock())
        self.intents[made.id] = made
        return {"id": made.id, "redirectUrl": f"https://helloasso.example/associations/{slug}/checkout/{made.id}"}

    def _intent(self, _call: Asked, slug: str, number: str) -> Any:
        self._own(slug)
        found = self.intents.get(int(number))
        if found is None:
            raise WrongError(404, {"errors": [{"code": "NotFound", "message": "no such checkout intent"}]})
        shown: dict[str, Any] = {"id": found.id, "redirectUrl": "https://helloasso.example/"}
        if "metadata" in found.body:
            shown["metadata"] = found.body["metadata"]
        if found.state:
            shown["order"] = {
                "id": found.payment, "formSlug": "default", "formType": "Checkout", "organizationSlug": slug,
                "amount": {"total": found.cents, "vat": 0, "discount": 0}, "payments": [self._shown(found)],
                "items": [{"id": found.payment, "amount": found.cents, "type": "Payment", "state": "Processed"}],
            }  # fmt: skip
        return shown

    def _payments(self, call: Asked, slug: str) -> Any:
        self._own(slug)
        if set(call.query) - {"from", "to", "pageSize", "pageIndex", "states"}:
            raise WrongError(400, {"errors": [{"code": "ArgumentInvalid", "message": "unknown parameter"}]})
        return {"data": [], "pagination": {"pageSize": 1, "totalCount": 0}}

    def _payment(self, _call: Asked, number: str) -> Any:
        return self._shown(self._paid(number))

    def _refund(self, call: Asked, number: str) -> Any:
        """Give back: all of it unless an amount is said, which only some payments allow."""
        found = self._paid(number)
        if set(call.query) - {"comment", "cancelOrder", "sendRefundMail", "amount"}:
            raise WrongError(400, {"errors": [{"code": "ArgumentInvalid", "message": "unknown parameter"}]})
        if found.state != "Authorized":
            raise _error(409, 119, "Operation bad state.")
        if self.wallet_is_empty:
            raise _error(409, 102, "The source wallet is not found.")
        made = {"id": self._next(), "amount": found.cents, "state": "Processing", "paymentId": found.payment}
        found.refunds.append(made)
        found.state = "Refunding"
        return made

    def _shown(self, found: Intent) -> dict[str, Any]:
        """Show a payment; what was added for HelloAsso itself is in the total and not in the item's share."""
        return {
            "id": found.payment, "amount": found.cents + found.tip, "amountTip": found.tip, "state": found.state,
            "paymentMeans": "Card", "installmentNumber": 1, "cashOutState": "Transfered",
            "items": [{"id": found.payment, "shareAmount": found.cents, "shareItemAmount": found.cents}],
            "refundOperations": [
                {"id": made["id"], "amount": made["amount"], "amountTip": 0, "status": made["state"]} for made in found.refunds
            ],
        }  # fmt: skip

    def _paid(self, number: str) -> Intent:
        found = next((found for found in self.intents.values() if found.payment == int(number)), None)
        if found is None:
            raise _error(400, 101, f"The payment specified is not found, payment id : '{number}'")
        return found

    def _own(self, slug: str) -> None:
        if slug != SLUG:
            raise WrongError(403, {"message": "The JWT token hasn't the privileges or Roles for this action"})

    def _next(self) -> int:
        self._number += 1
        return self._number


def _https(url: object) -> bool:
    return isinstance(url, str) and url.startswith("https://")


def _error(status: int, code: int, message: str) -> WrongError:
    return WrongError(status, {"errors": [{"code": "Error", "message": f"Code : {code} - {message}"}]})
