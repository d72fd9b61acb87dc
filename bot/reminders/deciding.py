"""Who is reminded now, and in which tone; pure, but for reading how far each member's reminders are (B37, B38)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.outbox import RECEIPT, receipt_of
from bot.reminders.credits import cutoff
from bot.reminders.dues import Due
from bot.reminders.rules import Rules
from bot.reminders.tables import REMINDED
from bot.reminders.times import DAY_BEGINS, DAY_ENDS, Times

STEPS = 3
LEAST_PAUSE = timedelta(hours=12)
"""Nobody is reminded twice on one day, whoever asks for it."""

MOST_PUT_OFF = 3
"""How often a reminder of the same debt may be put off."""


@dataclass(frozen=True)
class Reminded:
    """How far a member's reminders are. ``delivered``: the last one reached a chat.

    ``times``: when they want to be written to, if they said so; ``paused_until``: not before that. ``credit_at``: when an
    avoir was last recalled, and ``credit_delivered`` whether that reached a chat.
    """

    step: int = 0
    at: datetime | None = None
    later_at: datetime | None = None
    put_off: int = 0
    wanted: bool = True
    handed_at: datetime | None = None
    delivered: bool = False
    times: Times | None = None
    paused_until: datetime | None = None
    credit_at: datetime | None = None
    credit_delivered: bool = False

    def paused(self, now: datetime) -> bool:
        """Tell whether the member wants no reminder for now."""
        return self.paused_until is not None and now < self.paused_until

    def suits(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the member may be written to at a moment of the group's day."""
        return self.times is None or self.times.suit(now, zone)


class What(StrEnum):
    """What is to be done about somebody who owes."""

    NOTHING = "nothing"
    REMIND = "remind"
    HAND_OVER = "hand over"


@dataclass(frozen=True)
class Verdict:
    """What is to be done about a member now; ``step`` is the tone of the reminder."""

    what: What
    step: int = 0


def current(reminded: Reminded, due: Due) -> Reminded:
    """Forget the reminders of an earlier debt: what is due now began after the last of them."""
    last = reminded.handed_at or reminded.at
    if last is None or due.since is None or due.since <= last:
        return reminded
    return replace(reminded, step=0, at=None, later_at=None, put_off=0, handed_at=None, delivered=False)


def verdict(due: Due, before: Reminded, rules: Rules, now: datetime, *, asked_for: bool = False) -> Verdict:
    """Say what is to be done about what a member owes; ``asked_for``: by the member, who put it off until today."""
    reminded = current(before, due)
    if due.ripe(now, rules.grace) <= rules.threshold or not reminded.wanted or reminded.paused(now):
        return Verdict(What.NOTHING)
    last = None if _from_a_clock_ahead(reminded.at, now) else reminded.at
    put_off = reminded.later_at is not None and reminded.later_at > now
    too_soon = last is not None and now < last + _pause(reminded, rules)
    today = last is not None and now < last + LEAST_PAUSE
    if put_off or today:
        return Verdict(What.NOTHING)
    if asked_for:  # who keeps an appointment is not pressed harder
        return Verdict(What.REMIND, gently(max(1, reminded.step)))
    if too_soon or reminded.handed_at is not None:
        return Verdict(What.NOTHING)
    if not due.asked:  # all of it is declared and waits for us: that is asked about, never pressed for
        return Verdict(What.REMIND, gently(max(1, reminded.step)))
    step = next_step(reminded)
    return Verdict(What.HAND_OVER) if step > STEPS else Verdict(What.REMIND, step)


def _from_a_clock_ahead(at: datetime | None, now: datetime) -> bool:
    """Tell whether a moment was noted by a clock that was days ahead: it says nothing of how long ago that is."""
    return at is not None and at > now + timedelta(days=1)


def tells_credit(reminded: Reminded, rules: Rules, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an avoir may be recalled: not between two reminders, nor again before as long (B37)."""
    if not reminded.wanted or reminded.paused(now):
        return False
    if reminded.at is not None and now < reminded.at + rules.every - timedelta(hours=1):
        return False
    if reminded.credit_at is None:
        return True
    if not reminded.credit_delivered:
        return now >= reminded.credit_at + timedelta(hours=23)
    return reminded.credit_at <= cutoff(now, rules.credit_months, zone) + timedelta(hours=1)


def gently(step: int) -> int:
    """Give the tone of a reminder that follows the last one without going on to the coordinators."""
    return min(step, STEPS - 1)


def next_step(reminded: Reminded) -> int:
    """Give the tone of the next reminder: it rises only over one that has arrived."""
    return reminded.step + 1 if reminded.delivered else max(1, reminded.step)


def _pause(reminded: Reminded, rules: Rules) -> timedelta:
    """Give the time until the next reminder: what never arrived did not remind of anything.

    An hour less: a group's day and hour come again a little early where the clocks were put forward.
    """
    return (rules.every if reminded.delivered else timedelta(days=1)) - timedelta(hours=1)


def reminded_in(connection: Connection, group: int, members: Iterable[int]) -> dict[int, Reminded]:
    """Read how far the reminders of some members of a group are."""
    wanted = sorted(set(members))
    where = (REMINDED.c.group_id == group) & REMINDED.c.member.in_(wanted)
    rows = connection.execute(select(REMINDED).where(where)).all() if wanted else []
    names = {receipt_of(group, fact) for row in rows for fact in (row.fact, row.credit_fact) if fact}
    known = RECEIPT.c.name.in_(names)
    arrived = set(connection.execute(select(RECEIPT.c.name).where(known)).scalars()) if names else set()
    found = {row.member: _reminded(group, row, arrived) for row in rows}
    return {member: found.get(member, Reminded()) for member in wanted}


def own_times(connection: Connection, group: int) -> dict[int, Times]:
    """Read the times of the members who chose when they are written to."""
    chosen = REMINDED.c.own_weekday.is_not(None) | REMINDED.c.own_from.is_not(None)
    rows = connection.execute(select(REMINDED).where(REMINDED.c.group_id == group, chosen))
    return {row.member: times for row in rows if (times := _times(row)) is not None}


def _reminded(group: int, row: Any, arrived: Set[str]) -> Reminded:
    return Reminded(
        row.step, row.at, row.later_at, row.put_off, row.wanted, row.handed_at,
        delivered=receipt_of(group, row.fact) in arrived, times=_times(row), paused_until=row.paused_until,
        credit_at=row.credit_at, credit_delivered=receipt_of(group, row.credit_fact) in arrived,
    )  # fmt: skip


def _times(row: Any) -> Times | None:
    if row.own_weekday is None and row.own_from is None:
        return None
    starts = DAY_BEGINS if row.own_from is None else row.own_from
    return Times(row.own_weekday, starts, DAY_ENDS if row.own_until is None else row.own_until)
