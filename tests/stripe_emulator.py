"""An emulator of the part of Stripe that a Checkout of ours uses, written from its documented contract, and strict.

    async with Stripe() as api:                     StripeCheckout(api.key, api.webhook_secret, url=api.url)
        payer = api.pay(link.url)                   what a payer does on Stripe's page; raises CannotPayError
        event = api.events[-1]                      what Stripe tells of it
        api.refund(payer.intent, 500)                   what a coordinator does on the dashboard; api.refund_fails(…)
        api.disputes(payer.intent)                      what the payer's bank does; api.decide(dispute, won=True)
        body, headers = api.signed(event, at=…)     as it is posted to the address of webhooks

Refused as Stripe does: a wrong key (401), a restricted key without the right (403), another version than the pinned one,
another encoding than that of forms, parameters it does not know or lacks, amounts out of bounds, a link shorter than 30
minutes or longer than a day, an idempotency key used again for something else, the ending of what has ended.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.payment_server import Asked, Clock, PaymentServer
from tests.stripe_objects import Session, dispute_shown, form, known, moved, refund_shown, shown, wrong

VERSION = "2026-10-28.endive"
KEY = "sk_test_" + "emulated4242"
WEBHOOK_SECRET = "whsec_" + "emulated4242"
LEAST, MOST = 50, 99_999_999
SHORTEST, LONGEST = 30 * 60, 24 * 3600
CREATING = {
    r"mode", r"locale", r"client_reference_id", r"success_url", r"cancel_url", r"expires_at", r"submit_type",
    r"adaptive_pricing\[enabled\]", r"allowed_payment_method_types\[\d+\]", r"metadata\[\w+\]", r"expand\[\d+\]",
    r"line_items\[\d+\]\[quantity\]", r"line_items\[\d+\]\[price_data\]\[(currency|unit_amount)\]",
    r"line_items\[\d+\]\[price_data\]\[product_data\]\[(name|description)\]",
    r"payment_intent_data\[(description|metadata\]\[\w+)\]",
}  # fmt: skip
REFUNDING = {r"payment_intent", r"amount", r"reason", r"metadata\[\w+\]"}
LOCALES = {"auto", "fr", "en"}


class CannotPayError(Exception):
    """The page says that this link cannot be paid: it has ended, or was paid."""


class Stripe(PaymentServer):
    """See the module's docstring."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.key = KEY
        self.webhook_secret = WEBHOOK_SECRET
        self.rights = {"sessions", "refunds", "disputes"}
        self.contested: list[dict[str, Any]] = []
        self.sessions: dict[str, Session] = {}
        self.events: list[dict[str, Any]] = []
        self.kept: dict[str, tuple[str, int, Any]] = {}
        self.funds = True
        self.fee_known = True
        self._number = 0

    # What people do

    def pay(self, url: str, *, charged: int | None = None, currency: str = "eur", slowly: bool = False) -> Session:
        """Pay at a link; ``slowly``: by a means that is confirmed (or not) days later."""
        found = self._ended(self._at(url))
        if found.status != "open":
            raise CannotPayError(found.status)
        found.status, found.intent, found.currency = "complete", self._name("pi"), currency
        found.waiting, found.charged = slowly, found.cents if charged is None else charged
        if self.fee_known:
            found.fee = 25 + found.charged * 15 // 1000
        self._tell("checkout.session.completed", found)
        return found

    def confirm(self, found: Session, *, well: bool = True) -> None:
        """Have a slow payment come, or not."""
        found.waiting, found.charged = False, found.charged if well else 0
        self._tell(f"checkout.session.async_payment_{'succeeded' if well else 'failed'}", found)

    def lapse(self) -> None:
        """End the sessions whose time is over, and tell of it."""
        for found in self.sessions.values():
            if found.status == "open" and self._ended(found).status == "expired":
                self._tell("checkout.session.expired", found)

    def refund(self, intent: str, cents: int) -> dict[str, Any]:
        """Give money back on the dashboard."""
        found = next(found for found in self.sessions.values() if found.intent == intent)
        made = refund_shown(self._name("re"), found, cents, {})
        found.refunds.append(made)
        self._happens("refund.created", made)
        self._happens("charge.refunded", {"id": f"ch_{intent}", "object": "charge", "payment_intent": intent})
        return made

    def refund_fails(self, refund: dict[str, Any]) -> None:
        """Have the payer's bank refuse a refund: its money comes again."""
        refund["status"] = "failed"
        self._happens("refund.failed", refund)

    def disputes(self, intent: str, *, inquiry: bool = False, fee: int = 2000) -> dict[str, Any]:
        """Have the payer's bank take a payment back, or only ask about it."""
        found = next(found for found in self.sessions.values() if found.intent == intent)
        made = dispute_shown(self._name("du"), found, inquiry=inquiry, fee=fee)
        self.contested.append(made)
        self._happens("charge.dispute.created", made)
        return made

    def decide(self, dispute: dict[str, Any], *, won: bool) -> None:
        """Have the bank decide: what was taken is reinstated, its fee too, or is not."""
        dispute["status"] = "won" if won else "lost"
        if won:
            dispute["balance_transactions"].append(moved(dispute["amount"], -2000))
        self._happens("charge.dispute.closed", dispute)

    def signed(self, event: Any, *, at: int | None = None, secret: str = "") -> tuple[bytes, dict[str, str]]:
        """Give a webhook's body and headers."""
        body = json.dumps(event).encode()
        moment = str(int(self.clock().timestamp()) if at is None else at)
        key = (secret or self.webhook_secret).encode()
        found = hmac.new(key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return body, {"stripe-signature": f"t={moment},v1={found},v0=none", "content-type": "application/json"}

    def refunded(self) -> int:
        """Count the cents given back."""
        return sum(refund["amount"] for found in self.sessions.values() for refund in found.refunds)

    # What the API does

    def answer(self, call: Asked) -> Any:
        self._admit(call)
        for method, path, does in self._routes():
            match = re.fullmatch(path, call.path)
            if match and call.method == method:
                return self._once(call, partial(does, call, *match.groups()))
        raise wrong(404, f"Unrecognized request URL ({call.method}: {call.path})")

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("POST", r"/v1/checkout/sessions", self._create),
            ("GET", r"/v1/checkout/sessions", self._list),
            ("GET", r"/v1/checkout/sessions/(\w+)", self._retrieve),
            ("POST", r"/v1/checkout/sessions/(\w+)/expire", self._expire),
            ("POST", r"/v1/refunds", self._refund),
            ("GET", r"/v1/refunds", self._refunds),
            ("GET", r"/v1/disputes", self._disputes),
        ]

    def _admit(self, call: Asked) -> None:
        if call.headers.get("authorization") != f"Bearer {self.key}":
            raise wrong(401, "Invalid API Key provided: sk_test_****4242")
        right = next((right for right in ("refunds", "disputes") if right in call.path), "sessions")
        if right not in self.rights:
            raise wrong(403, "The provided key does not have the required permissions for this endpoint")
        if call.headers.get("stripe-version") != VERSION:
            raise wrong(400, f"Invalid Stripe API version: {call.headers.get('stripe-version')}")
        if call.body and call.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise wrong(400, "Invalid request (check that your POST content type is application/x-www-form-urlencoded)")

    def _once(self, call: Asked, does: Callable[[], Any]) -> Any:
        """Give what was answered to the same idempotency key; what was refused before it began is not kept."""
        key = call.headers.get("idempotency-key", "")
        if call.method != "POST" or not key:
            return does()
        asked = f"{call.path}?{sorted(form(call).items())}"
        if key in self.kept and self.kept[key][0] != asked:
            raise wrong(
                400, "Keys for idempotent requests can only be used with the same parameters.", kind="idempotency_error"
            )
        if key not in self.kept:
            self.kept[key] = (asked, 200, does())
        return self.kept[key][2]

    def _create(self, call: Asked) -> Any:
        asked = form(call)
        known(asked, CREATING)
        lacking = {"mode", "success_url", "line_items[0][quantity]", "line_items[0][price_data][unit_amount]"} - {
            *asked
        }
        for name in sorted(lacking):
            raise wrong(400, f"Missing required param: {name}.", "parameter_missing", name)
        for name in ("success_url", "cancel_url"):
            if not re.match(r"https?://[^\s/]+", asked.get(name, "https://x")):
                raise wrong(400, "Not a valid URL", "url_invalid", name)
        if asked["mode"] != "payment" or asked.get("locale", "auto") not in LOCALES:
            raise wrong(400, "Invalid mode or locale", None, "mode")
        if not re.fullmatch(r"[\w-]{1,200}", asked.get("client_reference_id", "x")):
            raise wrong(400, "Invalid client_reference_id", None, "client_reference_id")
        now = int(self.clock().timestamp())
        ends = int(asked.get("expires_at", now + LONGEST))
        if not now + SHORTEST <= ends <= now + LONGEST:
            raise wrong(400, "The `expires_at` timestamp must be between 30 minutes and 24 hours", None, "expires_at")
        made = Session(self._name("cs_test"), asked, now, ends)
        if made.cents < LEAST:
            raise wrong(
                400, "The Checkout Session's total amount due must add up to at least €0.50", "amount_too_small"
            )
        if made.cents > MOST:
            raise wrong(400, "The Checkout Session's total amount is too large", "amount_too_large")
        self.sessions[made.id] = made
        return shown(made, ())

    def _list(self, _call: Asked) -> Any:
        return {
            "object": "list",
            "data": [shown(found, ()) for found in self.sessions.values()],
            "has_more": False,
        }

    def _retrieve(self, call: Asked, name: str) -> Any:
        known(call.query, {r"expand\[\d+\]"})
        return shown(self._ended(self._session(name)), tuple(call.query.values()))

    def _expire(self, _call: Asked, name: str) -> Any:
        found = self._ended(self._session(name))
        if found.status != "open":
            raise wrong(
                400,
                f'Only Checkout Sessions with a status in ["open"] can be expired. This has a status of {found.status}.',
            )
        found.status = "expired"
        self._tell("checkout.session.expired", found)
        return shown(found, ())

    def _refund(self, call: Asked) -> Any:
        asked = form(call)
        known(asked, REFUNDING)
        found = next((found for found in self.sessions.values() if found.intent == asked.get("payment_intent")), None)
        if found is None or found.waiting:
            raise wrong(404, "No such payment_intent", "resource_missing", "payment_intent")
        cents = int(asked.get("amount", found.charged))
        left = found.charged - sum(refund["amount"] for refund in found.refunds)
        if not left:
            raise wrong(400, f"Charge {found.intent} has already been refunded.", "charge_already_refunded")
        if cents > left:
            raise wrong(400, "Refund amount is greater than unrefunded amount on charge", None, "amount")
        if not self.funds:
            raise wrong(400, "Insufficient funds in your Stripe balance to refund this amount.", "balance_insufficient")
        meta = {name[9:-1]: value for name, value in asked.items() if name.startswith("metadata[")}
        made = refund_shown(self._name("re"), found, cents, meta)
        found.refunds.append(made)
        return made

    def _refunds(self, call: Asked) -> Any:
        known(call.query, {"payment_intent", "limit"})
        found = [refund for found in self.sessions.values() for refund in found.refunds]
        mine = [refund for refund in found if refund["payment_intent"] == call.query.get("payment_intent")]
        return {"object": "list", "data": mine, "has_more": False, "url": "/v1/refunds"}

    def _disputes(self, call: Asked) -> Any:
        known(call.query, {"payment_intent", "limit"})
        wanted = call.query.get("payment_intent")
        mine = [made for made in self.contested if wanted in {None, made["payment_intent"]}]
        return {"object": "list", "data": mine, "has_more": False, "url": "/v1/disputes"}

    def _tell(self, kind: str, found: Session) -> None:
        self._happens(kind, shown(found, ()))

    def _happens(self, kind: str, what: dict[str, Any]) -> None:
        self.events.append(
            {
                "id": self._name("evt"), "object": "event", "type": kind, "api_version": VERSION, "livemode": False,
                "created": int(self.clock().timestamp()), "data": {"object": dict(what)},
            }
        )  # fmt: skip

    def _session(self, name: str) -> Session:
        if name not in self.sessions:
            raise wrong(404, f"No such checkout.session: {name}", "resource_missing", "session")
        return self.sessions[name]

    def _ended(self, found: Session) -> Session:
        if found.status == "open" and self.clock().timestamp() >= found.expires_at:
            found.status = "expired"
        return found

    def _at(self, url: str) -> Session:
        return self._session(url.rpartition("/")[2])

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number:04}"
