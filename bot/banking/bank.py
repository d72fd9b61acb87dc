"""What is known of the lines of bank statements, to read. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from bot.banking.tables import BANK_LINE
from bot.ledger.money import Cents

AT_ONCE = 500


@dataclass(frozen=True)
class Counted:
    """A line that is in the books; its amount in cents."""

    key: str
    day: date
    member: int
    amount: Cents


class Bank:
    """The lines of statements of one group, read through one connection."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self.group = group

    def between(self, first: date, last: date) -> list[Counted]:
        """List the lines in the books of a span of days."""
        where = (BANK_LINE.c.group_id == self.group) & BANK_LINE.c.day.between(first, last)
        rows = self._connection.execute(select(BANK_LINE).where(where))
        return [Counted(row.key, row.day, row.member, Cents(row.amount)) for row in rows]

    def matched_payments(self, payments: Iterable[int]) -> set[int]:
        """Tell which payments are lines of statements already, by their numbers."""
        wanted, found = sorted(payments), set[int]()
        for start in range(0, len(wanted), AT_ONCE):
            where = (BANK_LINE.c.group_id == self.group) & BANK_LINE.c.payment.in_(wanted[start : start + AT_ONCE])
            found.update(row.payment for row in self._connection.execute(select(BANK_LINE.c.payment).where(where)))
        return found
