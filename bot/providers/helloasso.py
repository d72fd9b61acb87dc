"""HelloAsso: a French association's usual way to take cards, without fees for it; asked again and again until it is paid (B25).

Its notifications are signed for partners only, so none is believed. It has no idempotency keys: a page asked for twice is
made twice, and the first, whose address nobody has, is never paid; a payment is given back wholly or not at all, so that
whatever went back already is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.providers import (
    Cause,
    ForgedError,
    Link,
    Notification,
    Opened,
    ProviderRefusedError,
    Refusal,
    Report,
    State,
    Wanted,
    Withdrawal,
)
from bot.providers.helloasso_api import TIMEOUT_SECONDS, URL, Api, readable

NAME = "helloasso"
CURRENCY = "EUR"
LIMITS_CENTS = (50, 1_000_000)
LINK_LASTS = timedelta(minutes=15)
MAY_STILL_PAY = timedelta(minutes=30)
"""How long after its link has ended a page that was opened before may still be paid."""

CHARGED = {"Authorized", "Refunding", "Refunded", "Contested"}
FAILED = {"Refused", "Error", "Canceled", "Abandoned", "Deleted"}
GONE_BACK = {"Init", "Processing", "Processed", "Unknown"}
"""States of refunds that were made, or are being made."""


class HelloAsso:
    """See :class:`bot.providers.Provider`. ``organization`` is how the association is called in its addresses there."""

    name = NAME
    label = "HelloAsso"
    platform = ""
    limits_cents = LIMITS_CENTS
    gives_back = True
    in_parts = False

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        organization: str,
        clock: Callable[[], datetime],
        *,
        url: str = URL,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._api = Api(client_id, client_secret, clock, url=url, timeout_seconds=timeout_seconds)
        self._home = f"/v5/organizations/{organization}"
        self._clock = clock
        self._is_real = "sandbox" not in url

    async def create(self, wanted: Wanted) -> Link:
        """Have a page made, good for a quarter of an hour."""
        if wanted.currency != CURRENCY:
            raise ProviderRefusedError(f"not in {wanted.currency}")
        smallest, largest = LIMITS_CENTS
        if not smallest <= wanted.cents <= largest:
            raise ProviderRefusedError("the amount is out of bounds", Refusal.AMOUNT)
        ends = wanted.now + LINK_LASTS
        made = await self._api.ask("POST", f"{self._home}/checkout-intents", body=_body(wanted, ends))
        with readable():
            return Link(str(made["redirectUrl"]), str(made["id"]), ends)

    async def report(self, opened: Opened) -> Report:
        """Say where a page stands; of what was paid, what is the association's: what a payer adds for HelloAsso is not."""
        if not opened.external:
            return Report(State.PENDING)
        found = await self._api.ask("GET", f"{self._home}/checkout-intents/{opened.external}")
        with readable():
            return self._read(found)

    async def refund(self, payment: str, cents: int, key: str) -> str:
        """Give a payment back, all of it. What went back before is not given back again: then that is the refund."""
        found = await self._api.ask("GET", f"/v5/payments/{payment}")
        with readable():
            made = _given_back(found, cents)
        if made is None:
            made = await self._api.ask("POST", f"/v5/payments/{payment}/refund", query={"comment": key})
        with readable():
            return str(made["id"])

    async def withdrawals(self, payment: str) -> Sequence[Withdrawal]:
        """List what went back of a payment, by whoever's hand, or was contested by the payer's bank."""
        found = await self._api.ask("GET", f"/v5/payments/{payment}")
        with readable():
            return _withdrawals(found)

    async def expire(self, opened: Opened) -> None:
        """Do nothing: HelloAsso ends its links itself, within a quarter of an hour."""

    def notified(self, _headers: Mapping[str, str], _body: bytes) -> Notification | None:
        """Believe nobody: what HelloAsso sends to associations is not signed."""
        raise ForgedError

    async def recognised(self) -> bool:
        """Ask whether it knows us; tell whether the money is real. Raises as all questions do.

        The question is for tomorrow's payments: no payer's name is in the answer.
        """
        tomorrow = (self._clock().astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        await self._api.ask("GET", f"{self._home}/payments", query={"from": tomorrow, "pageSize": "1"})
        return self._is_real

    async def close(self) -> None:
        """Let go of connections."""
        await self._api.close()

    def _read(self, found: Mapping[str, Any]) -> Report:
        ours = found.get("metadata") or {}
        payments = (found.get("order") or {}).get("payments") or []
        charged = next((payment for payment in payments if payment.get("state") in CHARGED), None)
        if charged is not None:
            return Report(State.PAID, str(charged["id"]), _share_cents(charged), 0, str(ours.get("reference", "")))
        if payments and all(payment.get("state") in FAILED for payment in payments):
            return Report(State.FAILED)
        return Report(State.PENDING if payments or self._may_be_paid(ours) else State.EXPIRED)

    def _may_be_paid(self, ours: Mapping[str, Any]) -> bool:
        try:
            ends = datetime.fromisoformat(str(ours["ends"]))
        except (KeyError, ValueError):
            return True
        return self._clock() < ends + MAY_STILL_PAY


def _body(wanted: Wanted, ends: datetime) -> dict[str, Any]:
    return {
        "totalAmount": wanted.cents,
        "initialAmount": wanted.cents,
        "itemName": f"{wanted.title} · {wanted.reference}",
        "backUrl": wanted.back_url,
        "errorUrl": wanted.back_url,
        "returnUrl": wanted.back_url,
        "containsDonation": False,
        "metadata": {"reference": wanted.reference, "ends": ends.isoformat()},
    }


def _given_back(payment: Mapping[str, Any], cents: int) -> Mapping[str, Any] | None:
    """Find what went back of a payment already, None if nothing did. Raises ProviderRefusedError for anything but the whole."""
    if cents != _share_cents(payment):
        raise ProviderRefusedError("only whole payments are given back", Refusal.WHOLE)
    operations = payment.get("refundOperations") or []
    made: Mapping[str, Any] | None = next((made for made in operations if made.get("status") in GONE_BACK), None)
    if made is not None and made["amount"] != cents:
        raise ProviderRefusedError("a part went back already", Refusal.DONE)
    return made


def _withdrawals(payment: Mapping[str, Any]) -> list[Withdrawal]:
    """Read the refunds of a payment; what is told by its state alone has a name made of its number, and ends with that state.

    >>> [(back.name, back.cents, back.ended) for back in _withdrawals({"id": 7, "amount": 2450, "state": "Contested"})]
    [('refunded-7', 2450, True), ('contested-7', 2450, False)]
    """
    number, share, state = payment["id"], _share_cents(payment), payment["state"]
    operations = payment.get("refundOperations") or []
    found = [
        Withdrawal(
            str(made["id"]), min(_cents(made["amount"]), share), Cause.REFUND, ended=made.get("status") not in GONE_BACK
        )
        for made in operations
    ]
    listed = any(not made.ended for made in found)
    return [
        *found,
        Withdrawal(f"refunded-{number}", share, Cause.REFUND, ended=state != "Refunded" or listed),
        Withdrawal(f"contested-{number}", share, Cause.DISPUTE, ended=state != "Contested" or listed),
    ]


def _cents(found: object) -> int:
    if type(found) is not int or found <= 0:
        raise ValueError("an amount that cannot be")
    return found


def _share_cents(payment: Mapping[str, Any]) -> int:
    """Count what is the association's of a payment.

    >>> _share_cents({"amount": 2750, "amountTip": 300, "items": [{"shareAmount": 2450}]})
    2450
    >>> _share_cents({"amount": 2450})
    2450
    """
    shares = [item["shareAmount"] for item in payment.get("items") or [] if "shareAmount" in item]
    return _cents(sum(shares) if shares else payment["amount"])
