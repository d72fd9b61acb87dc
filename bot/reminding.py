"""Members reminded of what is due, coordinators told how far from zero the group is: by itself, at the group's day and hour.

The database is asked which groups' moment has come; moving that moment on is how a process claims it, so that a round
happens once, late after any downtime, never at night, with any number of processes (B37, B41).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, exists, select, update
from sqlmodel import col

from bot import announcing, areas
from bot.groups.chosen import settings
from bot.groups.people import Group
from bot.groups.tables import BuyingGroup
from bot.ledger.books import Books
from bot.ledger.facts import Fact
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.market.market import Market
from bot.reminders import apply as reminders_apply
from bot.reminders.bilan import digest_of
from bot.reminders.deciding import Verdict, What
from bot.reminders.dues import Due
from bot.reminders.facts import CreditRecalled, DebtHandedOver, DigestSent, ReminderListShown, ReminderSent
from bot.reminders.rules import awake, rules_of
from bot.reminders.tables import REMINDED, RULES
from bot.reminders.times import Times
from bot.reminders.view import Dues

FURTHEST_AHEAD = timedelta(days=8)
"""Rounds and digests are weekly: none is ever due later than this."""


def remind(store: Store, now: datetime) -> bool:
    """Do what is due now in every group; say whether anything was written."""
    with store.read() as connection:
        astray = _astray(connection, now)
        fresh, rounds, later = _fresh(connection), due_rounds(connection, now), _put_off_until(connection, now)
        digests, own = due_digests(connection, now), _whose_time_has_come(connection, now)
    for group in fresh:
        store.write(lambda connection, group=group: reminders_apply.begin(connection, group, now)).result()  # type: ignore[misc]
    for group in astray:
        store.write(lambda connection, group=group: _come_back(connection, group, now)).result()  # type: ignore[misc]
    done = [store.write(lambda c, g=group: hold_round(c, g, now)).result() for group in rounds]  # type: ignore[misc]
    done += [store.write(lambda c, g=group: recall(c, g, now)).result() for group in later]  # type: ignore[misc]
    done += [store.write(lambda c, g=group: at_their_times(c, g, now)).result() for group in own]  # type: ignore[misc]
    done += [store.write(lambda c, g=group: send_digest(c, g, now)).result() for group in digests]  # type: ignore[misc]
    return any(done)


def due_rounds(connection: Connection, now: datetime) -> list[int]:
    """List the groups in which members may be reminded now: their day and hour has come, and it is not night there."""
    groups = connection.execute(select(RULES.c.group_id).where(RULES.c.next_at <= now)).scalars().all()
    return [group for group in groups if _awake(connection, group, now)]


def hold_round(connection: Connection, group: int, now: datetime) -> bool:
    """Hold one round in a group: remind, hand over, or show the list that waits for approval; say whether anything was told.

    Those who chose their own day and hours are looked at again then.
    """
    if not _claim(connection, group, now):
        return False
    rules, dues = rules_of(connection, group), Dues(connection, Group(connection, group), now)
    if not rules.active:
        return False
    later = _put_to_their_times(connection, group, dues)
    told = _recall_credits(connection, group, dues, but=later)
    found = dues.verdicts()
    waiting = tuple(due.member for due, what in found if what.what is What.REMIND)
    if waiting and dues.needs_approval():
        _tell(connection, group, ReminderListShown(waiting), now)
        return True
    now_told = [(due, what) for due, what in found if due.member not in later]
    for due, what in now_told:
        _tell(connection, group, _fact(dues, due, what), now)
    if rules.approved:
        reminders_apply.looked_at(connection, group)
    return bool(now_told) or told


def _put_to_their_times(connection: Connection, group: int, dues: Dues) -> frozenset[int]:
    """Note when to look again at those whose times are others than now; give them."""
    later = {member: times for member, times in dues.own_times().items() if not times.suit(dues.now, dues.zone)}
    for member, times in later.items():
        _note(connection, group, member, own_at=times.next(dues.now, dues.zone))
    return frozenset(later)


def _recall_credits(
    connection: Connection, group: int, dues: Dues, *, but: frozenset[int] = frozenset(), only: frozenset[int] | None = None
) -> bool:  # fmt: skip
    """Recall the avoirs that sleep; say whether any was."""
    found = [one for one in dues.credits() if one.member not in but and (only is None or one.member in only)]
    for one in found:
        address = dues.addresses[one.member]
        _tell(connection, group, CreditRecalled(one.member, one.unused, one.months, address), dues.now)
    return bool(found)


def at_their_times(connection: Connection, group: int, now: datetime) -> bool:
    """Remind those whose own day and hours have come; say whether anybody was told."""
    theirs = (REMINDED.c.group_id == group) & (REMINDED.c.own_at <= now)
    claimed = update(REMINDED).where(theirs).values(own_at=None).returning(REMINDED.c.member)
    came = frozenset(connection.execute(claimed).scalars())
    dues = Dues(connection, Group(connection, group), now)
    if not came or not dues.rules.active:
        return False
    ready = came - _put_to_their_times(connection, group, dues)
    told = _recall_credits(connection, group, dues, only=ready)
    found = [] if dues.needs_approval() else [(due, what) for due, what in dues.verdicts() if due.member in ready]
    for due, what in found:
        _tell(connection, group, _fact(dues, due, what), now)
    return bool(found) or told


def due_digests(connection: Connection, now: datetime) -> list[int]:
    """List the groups whose coordinators are due their digest, where it is not night."""
    groups = connection.execute(select(RULES.c.group_id).where(RULES.c.digest_at <= now)).scalars().all()
    return [group for group in groups if _awake(connection, group, now)]


def send_digest(connection: Connection, group: int, now: datetime) -> bool:
    """Tell the coordinators how far from zero their group is, unless there is nothing to say; say whether they were told."""
    rules, here = rules_of(connection, group), Group(connection, group)
    due = (RULES.c.group_id == group) & (RULES.c.digest_at <= now)
    following = rules.next_digest(now, ZoneInfo(here.settings.zone))
    if not connection.execute(update(RULES).where(due).values(digest_at=following)).rowcount or not rules.digest:
        return False
    books, market, dues = Books(connection, group, now), Market(connection, group, now), Dues(connection, here, now)
    balances = [standing.balance for standing in books.standings() if standing.balance]
    if not balances and digest_of(books, market, dues, rules.owed).empty:  # what costs is read once, by the notice
        return False
    owed = Cents(-sum(balance for balance in balances if balance < 0))
    having = Cents(sum(balance for balance in balances if balance > 0))
    _tell(connection, group, DigestSent(owed, having, len(balances), rules.owed), now)
    return True


def _claim(connection: Connection, group: int, now: datetime) -> bool:
    """Move a group's next round on; only one process can, of those that saw it due."""
    zone = ZoneInfo(settings(connection, group).zone)
    due = (RULES.c.group_id == group) & (RULES.c.next_at <= now)
    following = rules_of(connection, group).next_round(now, zone)
    return bool(connection.execute(update(RULES).where(due).values(next_at=following)).rowcount)


def _fact(dues: Dues, due: Due, what: Verdict) -> Fact:
    if what.what is What.HAND_OVER:
        return DebtHandedOver(due.member, due.uncovered)
    return ReminderSent(due.member, what.step, due.uncovered, dues.addresses[due.member])


def _put_off_until(connection: Connection, now: datetime) -> list[int]:
    """List the groups in which somebody asked to be reminded about now; nothing where it is night."""
    return _with_members(connection, REMINDED.c.later_at, now)


def _whose_time_has_come(connection: Connection, now: datetime) -> list[int]:
    """List the groups in which the day and hours that somebody chose have come."""
    return _with_members(connection, REMINDED.c.own_at, now)


def _with_members(connection: Connection, moment: ColumnElement[Any], now: datetime) -> list[int]:
    """List the groups with members whose moment has come: asked for without DISTINCT, SQLite reads the few by their index."""
    come = select(REMINDED.c.group_id).where(moment.is_not(None), moment <= now)
    groups = sorted(set(connection.execute(come).scalars()))
    return [group for group in groups if _awake(connection, group, now)]


def recall(connection: Connection, group: int, now: datetime) -> bool:
    """Remind those who asked for it on this day; say whether anybody was."""
    theirs = (REMINDED.c.group_id == group) & (REMINDED.c.later_at <= now)
    claimed = update(REMINDED).where(theirs).values(later_at=None).returning(REMINDED.c.member)
    asked = frozenset(connection.execute(claimed).scalars())
    if not asked or not rules_of(connection, group).active:
        return False
    dues = Dues(connection, Group(connection, group), now)
    asked -= _not_now(connection, group, dues, asked)
    found = [(due, what) for due, what in dues.verdicts(asked_for=asked) if due.member in asked]
    for due, what in found:
        _tell(connection, group, _fact(dues, due, what), now)
    return bool(found)


def _not_now(connection: Connection, group: int, dues: Dues, asked: frozenset[int]) -> frozenset[int]:
    """Put those off whose hours are over, after a downtime, until they come again; give them."""
    late = {m: t for m, t in dues.own_times().items() if m in asked and not _hours(t).suit(dues.now, dues.zone)}
    for member, times in late.items():
        _note(connection, group, member, later_at=_hours(times).next(dues.now, dues.zone))
    return frozenset(late)


def _hours(times: Times) -> Times:
    """Give somebody's hours on any day: the day is the one they asked for."""
    return Times(None, times.starts, times.ends)


def _note(connection: Connection, group: int, member: int, **values: object) -> None:
    this_one = (REMINDED.c.group_id == group) & (REMINDED.c.member == member)
    connection.execute(update(REMINDED).where(this_one).values(**values))


def _fresh(connection: Connection) -> list[int]:
    """List the groups that have no rules yet."""
    known = exists().where(RULES.c.group_id == col(BuyingGroup.id))
    return list(connection.execute(select(col(BuyingGroup.id)).where(~known)).scalars())


def _astray(connection: Connection, now: datetime) -> list[int]:
    """List the groups whose next round or digest is further away than a week: a clock was ahead, and has come back."""
    far = now + FURTHEST_AHEAD
    query = select(RULES.c.group_id).where((RULES.c.next_at > far) | (RULES.c.digest_at > far))
    return list(connection.execute(query).scalars())


def _come_back(connection: Connection, group: int, now: datetime) -> None:
    """Put a group's round and digest back to their next day and hour, by the clock as it is now."""
    rules, zone = rules_of(connection, group), ZoneInfo(settings(connection, group).zone)
    far, mine = now + FURTHEST_AHEAD, RULES.c.group_id == group
    connection.execute(update(RULES).where(mine, RULES.c.next_at > far).values(next_at=rules.next_round(now, zone)))
    connection.execute(
        update(RULES).where(mine, RULES.c.digest_at > far).values(digest_at=rules.next_digest(now, zone))
    )


def _awake(connection: Connection, group: int, now: datetime) -> bool:
    return awake(now, ZoneInfo(settings(connection, group).zone))


def _tell(connection: Connection, group: int, fact: Fact, now: datetime) -> None:
    """Record what is told and post it, in the transaction that claimed it."""
    key = f"reminding:{type(fact).__name__}:{getattr(fact, 'member', 0)}:{now.isoformat()}"
    recorded = areas.record(connection, group=group, fact=fact, author=None, at=now, key=key)
    announcing.post_notices(connection, recorded, now)
