"""How far from zero a group was, week after week: what its members owed it in all, what it held for them (B41)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.ledger.money import Cents
from bot.ledger.tables import ACCOUNT, ENTRY, FACT

WEEKS = 26


@dataclass(frozen=True)
class Point:
    """What was owed to a group and what it held for its members at a moment, in cents."""

    at: datetime
    owed: Cents
    having: Cents


def last_fact_before(connection: Connection, group: int, moment: datetime) -> int:
    """Give the number of the last fact until a moment, 0 for none: facts are numbered in the order in which they come."""
    before = select(FACT.c.number).where(FACT.c.group_id == group, FACT.c.at <= moment)
    return int(connection.execute(before.order_by(FACT.c.number.desc()).limit(1)).scalar() or 0)


def history(connection: Connection, group: int, now: datetime, weeks: int = WEEKS) -> Sequence[Point]:
    """Give the last weeks, one point a week, the oldest first and now last; from the week before the first movement.

    Balances are walked back from now, so the cost grows with what moved since, not with the age of the books.
    """
    query = select(ACCOUNT.c.number, ACCOUNT.c.balance).where(ACCOUNT.c.group_id == group, ACCOUNT.c.number > 0)
    balances = {row.number: row.balance for row in connection.execute(query)}
    moments = [now - timedelta(weeks=week) for week in range(weeks + 1)]
    moved = _moved_since(connection, group, moments[-1])
    points, position = [], 0
    for moment in moments:
        while position < len(moved) and moved[position][2] > moment:
            account, amount, _at = moved[position]
            balances[account] -= amount
            position += 1
        points.append(_point(moment, balances.values()))
    return _from_the_first(points[::-1])


def _moved_since(connection: Connection, group: int, since: datetime) -> Sequence[tuple[int, int, datetime]]:
    """List what moved on members' accounts since a moment, the newest first: the account, how much in cents, when."""
    first = last_fact_before(connection, group, since)
    query = (
        select(ENTRY.c.account, ENTRY.c.amount, FACT.c.at)
        .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
        .where(ENTRY.c.group_id == group, ENTRY.c.fact > first, ENTRY.c.account > 0)
        .order_by(ENTRY.c.fact.desc())
    )
    return [(account, amount, at) for account, amount, at in connection.execute(query)]


def _point(moment: datetime, balances: Collection[int]) -> Point:
    owed = -sum(balance for balance in balances if balance < 0)
    return Point(moment, Cents(owed), Cents(sum(balance for balance in balances if balance > 0)))


def _from_the_first(points: list[Point]) -> list[Point]:
    """Leave out the time before anything moved, but for the last point of it."""
    first = next((rank for rank, point in enumerate(points) if point.owed or point.having), len(points) - 1)
    return points[max(0, first - 1) :]
