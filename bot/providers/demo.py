"""A provider that is nobody's: the demo's, where a tap on the link pays, with invented money and invented fees."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.providers import (
    ForgedError,
    Link,
    Notification,
    Opened,
    ProviderRefusedError,
    Report,
    State,
    Wanted,
    Withdrawal,
)

NAME = "demo"
ADDRESS = "https://paiement.example/"
FIXED_FEE_CENTS, FEE_PER_THOUSAND = 25, 14


@dataclass
class _Checkout:
    wanted: Wanted
    payment: str = ""
    ended: bool = False
    given_back: int = 0


class DemoProvider:
    """See :class:`bot.providers.Provider`. It remembers nothing beyond the session: ids of another one are unknown to it."""

    name = NAME
    label = "Démonstration"
    platform = ""
    limits_cents = (50, 500_000)
    gives_back = True
    in_parts = True

    def __init__(self, session: str) -> None:
        self._session = session
        self._checkouts: dict[str, _Checkout] = {}
        self._refunds: dict[str, str] = {}
        self._numbers = itertools.count(1)

    async def create(self, wanted: Wanted) -> Link:
        """Make an address whose opening pays."""
        self._checkouts.setdefault(wanted.reference, _Checkout(wanted))
        return Link(ADDRESS + wanted.reference, wanted.reference, wanted.expires_at)

    def pay(self, url: str) -> str:
        """Pay at an address; give the reference of what was paid, nothing for an address that is not good any more."""
        reference = url.removeprefix(ADDRESS)
        found = self._checkouts.get(reference)
        if found is None or found.ended or found.payment:
            return ""
        found.payment = f"{self._session}-{next(self._numbers)}"
        return reference

    async def report(self, opened: Opened) -> Report:
        """Say where a checkout stands."""
        found = self._checkouts.get(opened.reference)
        if found is None:
            return Report(State.EXPIRED)
        if not found.payment:
            return Report(State.EXPIRED if found.ended else State.PENDING)
        cents = found.wanted.cents
        return Report(State.PAID, found.payment, cents, fee_cents(cents), opened.reference)

    async def refund(self, payment: str, cents: int, key: str) -> str:
        """Give back, no more than was paid."""
        if key not in self._refunds:
            paid = next((found for found in self._checkouts.values() if found.payment == payment), None)
            if paid is None or paid.given_back + cents > paid.wanted.cents:
                raise ProviderRefusedError("no such payment in this session, or no more to give back")
            paid.given_back += cents
            self._refunds[key] = f"{self._session}-{next(self._numbers)}"
        return self._refunds[key]

    async def withdrawals(self, _payment: str) -> Sequence[Withdrawal]:
        """Say that nothing went back but by us: the demo has no dashboard."""
        return ()

    async def expire(self, opened: Opened) -> None:
        """End a checkout."""
        found = self._checkouts.get(opened.reference)
        if found is not None:
            found.ended = True

    def notified(self, _headers: Mapping[str, str], _body: bytes) -> Notification | None:
        """Believe nobody: the demo has no address to be called at."""
        raise ForgedError

    async def close(self) -> None:
        """Do nothing."""


def fee_cents(cents: int) -> int:
    """Invent a fee, in cents.

    >>> fee_cents(2450)
    59
    """
    return FIXED_FEE_CENTS + cents * FEE_PER_THOUSAND // 1_000
