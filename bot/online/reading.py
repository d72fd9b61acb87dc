"""The payments by card of a group, to read: links, money that came and its fees, what can still be given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from bot.ledger.money import Cents
from bot.online.shown import shown_since
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND, ONLINE_STRAY

ALIVE = ("asked", "open")
BY_HAND = "main-"
"""How the name of a refund begins that somebody noted by hand, until the provider shows its own."""

NOT_COUNTED = ("refused", "restored")
"""States of refunds whose money is where it was."""

NOT_YET_KNOWN = timedelta(minutes=2)
"""After its end a link is left this much time: a payment made at the last moment takes a while to be seen."""


@dataclass(frozen=True)
class Checkout:
    """A payment made possible: see CheckoutRow. Amounts in cents."""

    reference: str
    group: int
    member: int
    cents: Cents
    owed: Cents
    distribution: int
    provider: str
    external: str
    state: str
    platform: str
    chat: str
    created_at: datetime
    expires_at: datetime | None

    def ended(self, now: datetime) -> bool:
        """Tell whether it is over, by the clock."""
        return self.expires_at is not None and now >= self.expires_at + NOT_YET_KNOWN


@dataclass(frozen=True)
class OnlinePayment:
    """Money that a provider has taken, and what of it can still be given back. Amounts in cents; ``fee`` None: not known."""

    provider: str
    external: str
    group: int
    member: int
    cents: Cents
    fee: Cents | None
    payment: int
    at: datetime
    left: Cents


@dataclass(frozen=True)
class CardRefund:
    """Money that is to go back, or has: see OnlineRefundRow. Amounts in cents."""

    reference: str
    group: int
    member: int
    cents: Cents
    provider: str
    external: str
    state: str
    asked_by: int
    refund: str
    fee: Cents
    fact: int
    at: datetime

    @property
    def by_hand(self) -> bool:
        """Tell whether somebody noted it, and the provider has not shown it yet."""
        return self.state == "done" and self.refund.startswith(BY_HAND)


@dataclass(frozen=True)
class Taken:
    """What came in by card: gross, fees, how many of the payments have no fee known yet. Amounts in cents (B34)."""

    gross: Cents
    fees: Cents
    unknown: int

    @property
    def net(self) -> Cents:
        """What is left of it for the group."""
        return Cents(self.gross - self.fees)


def checkout(connection: Connection, reference: str) -> Checkout | None:
    """Find a checkout by our reference, whichever group's it is."""
    row = connection.execute(select(CHECKOUT).where(CHECKOUT.c.reference == reference)).first()
    return _checkout(row) if row else None


def refund(connection: Connection, reference: str) -> CardRefund | None:
    """Find a refund by our reference."""
    row = connection.execute(select(ONLINE_REFUND).where(ONLINE_REFUND.c.reference == reference)).first()
    return _refund(row) if row else None


def refunds(connection: Connection, provider: str, payment: str) -> list[CardRefund]:
    """List what is to go back of a payment, has, or was not to in the end, in the order in which it was asked for."""
    here = (ONLINE_REFUND.c.provider == provider) & (ONLINE_REFUND.c.external == payment)
    return [
        _refund(row) for row in connection.execute(select(ONLINE_REFUND).where(here).order_by(ONLINE_REFUND.c.fact))
    ]


_GIVEN_BACK = (
    select(func.coalesce(func.sum(ONLINE_REFUND.c.cents), 0))
    .where(
        ONLINE_REFUND.c.provider == ONLINE_PAYMENT.c.provider,
        ONLINE_REFUND.c.external == ONLINE_PAYMENT.c.external,
        ONLINE_REFUND.c.state.not_in(NOT_COUNTED),
    )
    .scalar_subquery()
)
_PAYMENTS = select(ONLINE_PAYMENT, _GIVEN_BACK.label("given_back"))


def payment(connection: Connection, provider: str, external: str) -> OnlinePayment | None:
    """Find a payment by the provider's name of it, whichever group's it is."""
    here = (ONLINE_PAYMENT.c.provider == provider) & (ONLINE_PAYMENT.c.external == external)
    row = connection.execute(_PAYMENTS.where(here)).first()
    return _payment(row) if row else None


def under_way(connection: Connection, group: int, member: int) -> Cents:
    """Say how much is asked of providers to give back to a member, in cents, and is neither made nor refused."""
    theirs = (ONLINE_REFUND.c.group_id == group) & (ONLINE_REFUND.c.member == member)
    query = select(func.coalesce(func.sum(ONLINE_REFUND.c.cents), 0)).where(theirs, ONLINE_REFUND.c.state == "asked")
    return Cents(int(connection.execute(query).scalar_one()))


class Online:
    """The payments by card of one group."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self._group = group

    def checkout(self, reference: str) -> Checkout | None:
        """Find one of the group's checkouts."""
        found = checkout(self._connection, reference)
        return found if found and found.group == self._group else None

    def refundable(self, member: int) -> list[OnlinePayment]:
        """List a member's payments of which something can still be given back, newest first."""
        theirs = (ONLINE_PAYMENT.c.group_id == self._group) & (ONLINE_PAYMENT.c.member == member)
        rows = self._connection.execute(_PAYMENTS.where(theirs).order_by(ONLINE_PAYMENT.c.fact.desc()))
        return [found for found in map(_payment, rows) if found.left > 0]

    def refund(self, fact: int) -> CardRefund | None:
        """Find one of the group's refunds by the fact that asked for it."""
        here = (ONLINE_REFUND.c.group_id == self._group) & (ONLINE_REFUND.c.fact == fact)
        row = self._connection.execute(select(ONLINE_REFUND).where(here)).first()
        return _refund(row) if row else None

    def shown_meanwhile(self, found: CardRefund) -> bool:
        """Tell whether as much was given back at the provider's own site since a refund was asked for, and is counted (B28)."""
        there = refunds(self._connection, found.provider, found.external)
        shown = {name for name, cents in shown_since(self._connection, self._group, found.at) if cents == found.cents}
        return any(back.state == "done" and f"{back.provider}:{back.refund}" in shown for back in there)

    def under_way(self, member: int) -> Cents:
        """Say how much a provider is about to give back to a member: it is not posted yet, and is not to be given twice."""
        return under_way(self._connection, self._group, member)

    def stray(self, fact: int) -> tuple[str, str, Cents] | None:
        """Find money for nobody we know by the fact that told of it: its provider, its name there, its cents."""
        here = (ONLINE_STRAY.c.group_id == self._group) & (ONLINE_STRAY.c.fact == fact)
        row = self._connection.execute(select(ONLINE_STRAY).where(here)).first()
        return (row.provider, row.external, Cents(row.cents)) if row else None

    def attributed(self, payment: int) -> tuple[OnlinePayment, int] | None:
        """Find money for nobody we knew that was attributed by hand, as this payment; and the fact that told of it."""
        theirs = (ONLINE_PAYMENT.c.group_id == self._group) & (ONLINE_PAYMENT.c.payment == payment)
        row = self._connection.execute(_PAYMENTS.where(theirs, ONLINE_PAYMENT.c.reference == "")).first()
        if row is None:
            return None
        here = (ONLINE_STRAY.c.group_id == self._group) & (ONLINE_STRAY.c.provider == row.provider)
        told = select(ONLINE_STRAY.c.fact).where(here, ONLINE_STRAY.c.external == row.external)
        stray = self._connection.execute(told).scalar()
        return (_payment(row), int(stray)) if stray is not None else None

    def knows_stray(self, provider: str, external: str) -> bool:
        """Tell whether the group was told of money for nobody we know already."""
        here = (ONLINE_STRAY.c.group_id == self._group) & (ONLINE_STRAY.c.provider == provider)
        query = select(ONLINE_STRAY.c.fact).where(here, ONLINE_STRAY.c.external == external)
        return self._connection.execute(query).first() is not None

    def taken(self, distribution: int, since: datetime, until: datetime) -> Taken:
        """Say what came in by card for the orders of a distribution, or for none in a span of time (B34)."""
        asked_for = func.coalesce(CHECKOUT.c.distribution, 0)
        within = (asked_for == 0) & (ONLINE_PAYMENT.c.at >= since) & (ONLINE_PAYMENT.c.at <= until)
        query = (
            select(ONLINE_PAYMENT.c.cents, ONLINE_PAYMENT.c.fee)
            .outerjoin(CHECKOUT, CHECKOUT.c.reference == ONLINE_PAYMENT.c.reference)
            .where(ONLINE_PAYMENT.c.group_id == self._group, or_(asked_for == distribution, within))
        )
        return _taken(self._connection.execute(query).all())


def _taken(rows: Sequence[Any]) -> Taken:
    fees = [row.fee for row in rows if row.fee is not None]
    return Taken(Cents(sum(row.cents for row in rows)), Cents(sum(fees)), len(rows) - len(fees))


def _checkout(row: Any) -> Checkout:
    return Checkout(
        row.reference, row.group_id, row.member, Cents(row.cents), Cents(row.owed), row.distribution, row.provider,
        row.external, row.state, row.platform, row.chat, row.created_at, row.expires_at,
    )  # fmt: skip


def _refund(row: Any) -> CardRefund:
    return CardRefund(
        row.reference, row.group_id, row.member, Cents(row.cents), row.provider, row.external, row.state, row.asked_by,
        row.refund, Cents(row.fee), row.fact, row.at,
    )  # fmt: skip


def _payment(row: Any) -> OnlinePayment:
    fee, left = None if row.fee is None else Cents(row.fee), Cents(row.cents - int(row.given_back))
    return OnlinePayment(
        row.provider, row.external, row.group_id, row.member, Cents(row.cents), fee, row.payment, row.at, left
    )
