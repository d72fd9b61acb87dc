"""What is told by itself of distributions: orders open, close soon, have closed; one that is over is to be validated (B31, B33).

Nothing depends on it: whether orders are open is checked when they are confirmed. The database is asked what is due, and a fact
recorded once, whoever records it, makes each telling happen once, after any downtime and with any number of processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot import areas, outbox
from bot.desk.taps import stamped
from bot.groups.people import Group
from bot.groups.registry import links
from bot.ledger.books import Books
from bot.ledger.journal import Recorded
from bot.ledger.store import Store
from bot.market.calendar import utc
from bot.market.errors import AlreadyToldError
from bot.market.market import Distribution, Market
from bot.market.offer_facts import ClosingRecalled, OrdersClosed, OrdersOpened, ValidationRecalled
from bot.market.tables import DISTRIBUTION
from bot.notices import Telling, notices
from bot.notices.letters import letters
from bot.reminders.view import Dues
from bot.words import speaking

WAKING, SLEEPING = time(8), time(22)
"""Nothing is told by itself at night, by the group's clock."""

CLOSING_CALL = time(18)
"""When the closing is announced, on the eve of the day on which orders close."""

RECALLED_AFTER = (timedelta(0), timedelta(days=1), timedelta(days=3))
"""When coordinators are asked to validate a distribution, counted from its end (B33)."""


Announced = OrdersOpened | ClosingRecalled | OrdersClosed | ValidationRecalled


@dataclass(frozen=True)
class Due:
    """Something to tell now in a group."""

    group: int
    fact: Announced


def announce(store: Store, now: datetime) -> bool:
    """Tell everything that is due now; say whether anything was told."""
    with store.read() as connection:
        found = due(connection, now)
    told = [_told_once(store, one, now) for one in found]
    return any(told)


def due(connection: Connection, now: datetime) -> list[Due]:
    """List what is to be told now, of all groups; nothing where it is night."""
    begun = (DISTRIBUTION.c.state == "planned") & (DISTRIBUTION.c.opens_at <= now)
    groups = connection.execute(select(DISTRIBUTION.c.group_id).where(begun).distinct()).scalars().all()
    return [Due(group, fact) for group in groups for fact in _due_in(connection, group, now)]


def _due_in(connection: Connection, group: int, now: datetime) -> Iterator[Announced]:
    zone = ZoneInfo(Group(connection, group).settings.zone)
    if not WAKING <= now.astimezone(zone).time() < SLEEPING:
        return
    market = Market(connection, group, now)
    for distribution in market.distributions:
        if distribution.state == "planned":
            yield from of_orders(distribution, now, zone)
            yield from _of_validation(distribution, market)


def of_orders(distribution: Distribution, now: datetime, zone: ZoneInfo) -> Iterator[Announced]:
    """Give what is to be told of a distribution's orders: of a window that is over, only that it is (B47)."""
    if now >= distribution.closes_at:
        if not distribution.closed:
            yield OrdersClosed(distribution.number)
    elif now >= distribution.opens_at:
        called = now >= closing_call(distribution.closes_at, zone)
        if not distribution.opened:
            yield OrdersOpened(distribution.number, late=called)
        elif called and not distribution.closing_told:
            yield ClosingRecalled(distribution.number)


def closing_call(closes_at: datetime, zone: ZoneInfo) -> datetime:
    """Tell when a closing is announced: on its eve, at six in the evening on the wall.

    >>> from datetime import UTC
    >>> closing_call(datetime(2026, 10, 25, 19, tzinfo=UTC), ZoneInfo("Europe/Paris")).isoformat()
    '2026-10-24T16:00:00+00:00'
    """
    eve = closes_at.astimezone(zone).date() - timedelta(days=1)
    return utc(datetime.combine(eve, CLOSING_CALL), zone)


def _of_validation(distribution: Distribution, market: Market) -> Iterator[Announced]:
    """Give the reminder that is due: after downtime the latest only; none where nobody has ordered."""
    step = sum(market.now >= distribution.ends_at + after for after in RECALLED_AFTER)
    if step > distribution.recalled and market.has_something(distribution.number):
        yield ValidationRecalled(distribution.number, step)


def _told_once(store: Store, one: Due, now: datetime) -> bool:
    try:
        store.write(lambda connection: tell(connection, one, now)).result()
    except AlreadyToldError:
        return False
    return True


def tell(connection: Connection, one: Due, now: datetime) -> None:
    """Record that something is told, and post it. Raises AlreadyToldError where it was told meanwhile."""
    key = f"announced:{type(one.fact).__name__}:{one.fact.distribution}:{now.isoformat()}"
    recorded = areas.record(connection, group=one.group, fact=one.fact, author=None, at=now, key=key)
    if not recorded.new:
        raise AlreadyToldError
    post_notices(connection, recorded, now)


def post_notices(connection: Connection, recorded: Recorded, now: datetime) -> None:
    """Post what a fact that nobody in the group recorded has to tell."""
    number = recorded.group
    group, books, market = Group(connection, number), Books(connection, number, now), Market(connection, number, now)
    dues = Dues(connection, group, now)
    telling = Telling(recorded, books, group, market, lambda code: links(connection, code), dues)
    with speaking(group.settings.language, group.settings.zone):
        found = list(notices(telling))
    sent = [letter for notice in found for letter in letters(group, notice, now)]
    outbox.post(connection, [replace(letter, message=stamped(letter.message, group.number)) for letter in sent])
