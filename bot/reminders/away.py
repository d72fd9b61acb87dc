"""Accounts that are not at zero, and since when: what the digest counts down to none (B41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, literal_column, or_, select

from bot.ledger.facts import CashCounted
from bot.ledger.money import Cents
from bot.ledger.tables import ACCOUNT, ENTRY, FACT
from bot.reminders.history import last_fact_before

COUNTED_OF_LATE = timedelta(days=180)
"""A cash box that nobody has counted for longer than this is as good as never counted."""

_ZERO: ColumnElement[int] = literal_column("0")
_BEFORE = ENTRY.alias("before")


@dataclass(frozen=True)
class Away:
    """A member's account that is not at zero: less than zero owes, in cents, since it left zero (or the other side of it)."""

    member: int
    balance: Cents
    since: datetime


def away(connection: Connection, group: int) -> list[Away]:
    """List the accounts of a group that are not at zero, those who owe most first, then the largest avoirs."""
    other_side = or_(
        (ACCOUNT.c.balance > _ZERO) & (_BEFORE.c.balance_after <= _ZERO),
        (ACCOUNT.c.balance < _ZERO) & (_BEFORE.c.balance_after >= _ZERO),
    )
    mine = (_BEFORE.c.group_id == ACCOUNT.c.group_id) & (_BEFORE.c.account == ACCOUNT.c.number)
    cut = select(_BEFORE.c.seq).where(mine, other_side).order_by(_BEFORE.c.seq.desc()).limit(1).scalar_subquery()
    left = (ENTRY.c.group_id == ACCOUNT.c.group_id) & (ENTRY.c.account == ACCOUNT.c.number)
    query = (
        select(ACCOUNT.c.number, ACCOUNT.c.balance, FACT.c.at)
        .select_from(ACCOUNT)
        .join(ENTRY, left & (ENTRY.c.seq == func.coalesce(cut, _ZERO) + 1))
        .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
        .where(ACCOUNT.c.group_id == group, ACCOUNT.c.number > _ZERO, ACCOUNT.c.balance != _ZERO)
    )
    found = [Away(row.number, Cents(row.balance), row.at) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.balance > 0, -abs(one.balance), one.member))


def cash_counted_at(connection: Connection, group: int, now: datetime) -> datetime | None:
    """Tell when the cash box was last counted; None where that is too long ago to say."""
    first = last_fact_before(connection, group, now - COUNTED_OF_LATE)
    counted = (FACT.c.group_id == group) & (FACT.c.number > first) & (FACT.c.kind == CashCounted.__name__)
    query = select(FACT.c.at).where(counted).order_by(FACT.c.number.desc()).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found
