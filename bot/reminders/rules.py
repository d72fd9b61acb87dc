"""What a group chose of its reminders, and when the next ones are due by the clock on its wall (B37, B41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from bot.groups.chosen import Settings
from bot.ledger.money import Cents
from bot.ledger.prepared import Prepared
from bot.market.calendar import utc
from bot.reminders.dues import Terms
from bot.reminders.tables import RULES

WAKING, SLEEPING = time(8), time(22)
"""Nobody is reminded at night, by the group's clock."""


THRESHOLD = Cents(500)
"""Nobody is reminded of as little as this, unless the group chooses otherwise."""


@dataclass(frozen=True)
class Rules:
    """A group's choices; amounts in cents, moments in UTC. The defaults are what a group has that chose nothing."""

    active: bool = True
    threshold: Cents = THRESHOLD
    weekday: int = 1
    hour: int = 18
    every_days: int = 14
    grace_days: int = 2
    settlement_day: int = 1
    digest: bool = True
    digest_weekday: int = 0
    digest_hour: int = 9
    approved: bool = False
    list_fact: int = 0
    approved_fact: int = 0
    owed: Cents | None = None
    having: Cents | None = None
    away: int | None = None
    credit_months: int = 3
    credit_threshold: Cents = THRESHOLD
    most_pause_days: int = 30

    @property
    def every(self) -> timedelta:
        """The least time between two reminders of a member."""
        return timedelta(days=self.every_days)

    @property
    def grace(self) -> timedelta:
        """How long after a distribution nobody is reminded of it."""
        return timedelta(days=self.grace_days)

    def terms(self, settings: Settings) -> Terms:
        """Say when the group's debts fall due: in a kitty group at once where a kitty is at its floor (B18, B37)."""
        kitty = settings.has_kitty
        lowest = settings.kitty_floor if kitty and settings.kitty_may_go_negative else None
        return Terms(ZoneInfo(settings.zone), kitty, self.settlement_day, Cents(-lowest) if lowest else None)

    def next_round(self, after: datetime, zone: ZoneInfo) -> datetime:
        """Tell when members are reminded next."""
        return weekly(after, self.weekday, self.hour, zone)

    def next_digest(self, after: datetime, zone: ZoneInfo) -> datetime:
        """Tell when the coordinators' digest is due next."""
        return weekly(after, self.digest_weekday, self.digest_hour, zone)


_RULES = Prepared(select(RULES).where(RULES.c.group_id == bindparam("group")))


def rules_of(connection: Connection, group: int) -> Rules:
    """Read what a group chose; the defaults where it chose nothing yet."""
    row = _RULES.row(connection, {"group": group})
    return _rules(row) if row is not None else Rules()


def weekly(after: datetime, weekday: int, hour: int, zone: ZoneInfo) -> datetime:
    """Give the first moment after another that is a weekday's hour on the wall.

    >>> from datetime import UTC
    >>> paris = ZoneInfo("Europe/Paris")
    >>> [weekly(datetime(2026, 10, day, 16, tzinfo=UTC), 1, 18, paris).isoformat() for day in (19, 20)]
    ['2026-10-20T16:00:00+00:00', '2026-10-27T17:00:00+00:00']
    """
    day = after.astimezone(zone).date()
    day += timedelta(days=(weekday - day.weekday()) % 7)
    found = utc(datetime.combine(day, time(hour)), zone)
    return found if found > after else utc(datetime.combine(day + timedelta(days=7), time(hour)), zone)


def awake(now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether people may be written to, by the group's clock."""
    return WAKING <= now.astimezone(zone).time() < SLEEPING


def bedtime(now: datetime, zone: ZoneInfo) -> datetime:
    """Give the end of the day on which people may be written to."""
    return utc(datetime.combine(now.astimezone(zone).date(), SLEEPING), zone)


def _rules(row: Any) -> Rules:
    return Rules(
        row.active, Cents(row.threshold), row.weekday, row.hour, row.every_days, row.grace_days, row.settlement_day,
        row.digest, row.digest_weekday, row.digest_hour, row.approved, row.list_fact, row.approved_fact,
        row.owed, row.having, row.away, row.credit_months, Cents(row.credit_threshold), row.most_pause_days,
    )  # fmt: skip
