"""Avoirs that nobody has used for a long time: what of them has been there all along, and whom to tell (B37).

What is unused is the least that an account held since then: what is topped up or used meanwhile does not count. In a
kitty group a kitty that serves is none: there, only one from which nothing was taken.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from bot.groups.chosen import settings
from bot.ledger.money import Cents
from bot.ledger.tables import ACCOUNT, ENTRY
from bot.market.calendar import utc
from bot.market.tables import BASKET, DISTRIBUTION, ORDER
from bot.reminders.history import last_fact_before
from bot.reminders.rules import Rules
from bot.reminders.tables import REFUND

STILL_ADJUSTED = timedelta(days=7)
"""How long after a distribution that nobody validates its orders count as under way."""


@dataclass(frozen=True)
class Credit:
    """An avoir that sleeps: what of it has been unused for so many months, what there is now, in cents."""

    member: int
    unused: Cents
    balance: Cents
    months: int


def months_before(day: date, months: int) -> date:
    """Give the same day some months before, or the last one of a shorter month.

    >>> months_before(date(2027, 5, 31), 3).isoformat(), months_before(date(2026, 12, 1), 12).isoformat()
    ('2027-02-28', '2025-12-01')
    """
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def cutoff(now: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Give the moment some months ago, by the group's calendar."""
    local = now.astimezone(zone)
    return utc(datetime.combine(months_before(local.date(), months), local.time()), zone)


def sleeping(connection: Connection, group: int, now: datetime, rules: Rules) -> list[Credit]:
    """List the avoirs of a group that have been unused for as long as its rule says, the largest first.

    Left out: members whose order or basket is under way and will use it, and those who asked for it back.
    """
    if not rules.credit_months:
        return []
    chosen = settings(connection, group)
    since = cutoff(now, rules.credit_months, ZoneInfo(chosen.zone))
    busy = _busy(connection, group, now)
    found = [
        Credit(row.number, Cents(unused), Cents(row.balance), rules.credit_months)
        for row in connection.execute(_held(group, last_fact_before(connection, group, since), rules.credit_threshold))
        if row.number not in busy
        and (unused := _unused(row)) > rules.credit_threshold
        and not (chosen.kitty_only and row.taken)
    ]
    return sorted(found, key=lambda credit: (-credit.unused, credit.member))


def _unused(row: Row[Any]) -> int:
    """Give the least that an account held: at the beginning, and after everything since."""
    return int(row.balance if row.least is None else min(row.balance - row.moved, row.least))


def _held(group: int, fact: int, threshold: Cents) -> Select[Any]:
    later = and_(ENTRY.c.group_id == ACCOUNT.c.group_id, ENTRY.c.account == ACCOUNT.c.number, ENTRY.c.fact > fact)
    taken = func.sum(case((ENTRY.c.amount < 0, 1), else_=0)).label("taken")
    moved, least = func.sum(ENTRY.c.amount).label("moved"), func.min(ENTRY.c.balance_after).label("least")
    return (
        select(ACCOUNT.c.number, ACCOUNT.c.balance, taken, moved, least)
        .outerjoin(ENTRY, later)
        .where(ACCOUNT.c.group_id == group, ACCOUNT.c.number > 0, ACCOUNT.c.balance > threshold)
        .group_by(ACCOUNT.c.number, ACCOUNT.c.balance)
    )


def _busy(connection: Connection, group: int, now: datetime) -> set[int]:
    """Name the members with an order or a basket under way, or who have asked for their avoir."""
    of = (DISTRIBUTION.c.group_id == group) & (DISTRIBUTION.c.state == "planned")
    ordered = select(ORDER.c.member).join(
        DISTRIBUTION, of & (ORDER.c.group_id == group) & (ORDER.c.distribution == DISTRIBUTION.c.number)
    )
    choosing = select(BASKET.c.member).join(
        DISTRIBUTION, of & (BASKET.c.group_id == group) & (BASKET.c.distribution == DISTRIBUTION.c.number)
    )
    queries = (
        ordered.where(ORDER.c.state == "confirmed", DISTRIBUTION.c.ends_at > now - STILL_ADJUSTED),
        choosing.where(DISTRIBUTION.c.closes_at > now, BASKET.c.lines != "[]"),
        select(REFUND.c.member).where(REFUND.c.group_id == group, REFUND.c.state == "open"),
    )
    return {member for query in queries for member in connection.execute(query).scalars()}
