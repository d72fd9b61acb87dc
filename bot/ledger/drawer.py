"""The cheques of a group, to read: in hand, on deposit slips, bounced (B22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from bot.ledger.money import Cents
from bot.ledger.tables import CHEQUE, FACT, PAYMENT


@dataclass(frozen=True)
class Cheque:
    """A cheque and where it is. Amount in cents; ``slip`` and ``bounced`` are facts' numbers, 0 for none."""

    payment: int
    member: int
    amount: Cents
    at: datetime
    slip: int = 0
    bounced: int = 0


@dataclass(frozen=True)
class Slip:
    """A deposit slip that stands: how many cheques, their total in cents, who made it and when."""

    number: int
    count: int
    total: Cents
    author: int | None
    at: datetime


_GROUP = CHEQUE.c.group_id == bindparam("group")
IN_HAND = CHEQUE.c.slip.is_(None) & CHEQUE.c.bounced.is_(None) & CHEQUE.c.returned.is_(None)
_CHEQUES: Select[Any] = (
    select(CHEQUE.c.payment, PAYMENT.c.member, CHEQUE.c.amount, FACT.c.at, CHEQUE.c.slip, CHEQUE.c.bounced)
    .join(PAYMENT, (PAYMENT.c.group_id == CHEQUE.c.group_id) & (PAYMENT.c.number == CHEQUE.c.payment))
    .join(FACT, (FACT.c.group_id == CHEQUE.c.group_id) & (FACT.c.number == CHEQUE.c.received))
    .where(_GROUP, CHEQUE.c.returned.is_(None))
    .order_by(CHEQUE.c.received)
)
_SLIPS: Select[Any] = (
    select(CHEQUE.c.slip, func.count().label("n"), func.sum(CHEQUE.c.amount).label("total"), FACT.c.author, FACT.c.at)
    .join(FACT, (FACT.c.group_id == CHEQUE.c.group_id) & (FACT.c.number == CHEQUE.c.slip))
    .where(_GROUP, CHEQUE.c.slip.is_not(None))
    .group_by(CHEQUE.c.slip, FACT.c.author, FACT.c.at)
    .order_by(CHEQUE.c.slip.desc())
)


class Cheques:
    """The cheques of a group, to read."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self._group = group

    def in_hand(self) -> list[Cheque]:
        """List the cheques that wait to be deposited, oldest first."""
        return self._read(_CHEQUES.where(IN_HAND))

    def on_slip(self, slip: int) -> list[Cheque]:
        """List the cheques of a slip that stands."""
        return self._read(_CHEQUES.where(CHEQUE.c.slip == slip))

    def of_payment(self, payment: int) -> Cheque | None:
        """Find the cheque of a payment; None where it is not by cheque, not received, or taken back."""
        return next(iter(self._read(_CHEQUES.where(CHEQUE.c.payment == payment))), None)

    def of_member(self, member: int, limit: int) -> list[Cheque]:
        """List a member's latest cheques that have not bounced, oldest first."""
        newest = _CHEQUES.where(PAYMENT.c.member == member, CHEQUE.c.bounced.is_(None))
        return self._read(newest.order_by(None).order_by(CHEQUE.c.received.desc()).limit(limit))[::-1]

    def slips(self, *, before: int | None = None, limit: int) -> list[Slip]:
        """List the slips that stand, newest first."""
        query = _SLIPS if before is None else _SLIPS.where(CHEQUE.c.slip < before)
        rows = self._connection.execute(query.limit(limit), {"group": self._group})
        return [Slip(row.slip, row.n, Cents(int(row.total)), row.author, row.at) for row in rows]

    def slip(self, number: int) -> Slip | None:
        """Find a slip that stands."""
        rows = self._connection.execute(_SLIPS.where(CHEQUE.c.slip == number), {"group": self._group})
        return next((Slip(row.slip, row.n, Cents(int(row.total)), row.author, row.at) for row in rows), None)

    def _read(self, query: Select[Any]) -> list[Cheque]:
        rows = self._connection.execute(query, {"group": self._group})
        return [
            Cheque(row.payment, row.member, Cents(row.amount), row.at, row.slip or 0, row.bounced or 0) for row in rows
        ]
