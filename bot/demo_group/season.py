"""Two distributions of the invented group, a fortnight apart: one that is past and not validated, one whose orders are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.announcing import closing_call
from bot.demo_group.goods import catalogue
from bot.demo_group.people import move_in, record
from bot.groups.registry import add_member
from bot.ledger.facts import Fact, Method, PaymentDeclared, PaymentValidated
from bot.ledger.money import Cents
from bot.market.calendar import utc
from bot.market.facts import Line, OrderPlaced, PaymentPlanned, total
from bot.market.offer_facts import (
    ClosingRecalled,
    DistributionPlanned,
    OrdersClosed,
    OrdersOpened,
    ProductChanged,
    ValidationRecalled,
)
from bot.market.products import ONE, Product, Sold

PLACE = "Maison du quai"
PARIS = ZoneInfo("Europe/Paris")
THURSDAY = 3
FORTNIGHT = timedelta(days=14)
LEFT_AT_LEAST = timedelta(hours=24)
"""Whoever tries the demo has a day to order."""

PAST, OPEN = 1, 2
LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4
BROUGHT = {"bruno": Cents(2540)}
"""An opening balance, of which Bruno's order of the past distribution leaves 7,00 €."""

ORDERS: dict[int, dict[str, int]] = {
    LEA: {"Carottes": 1500, "Œufs x6": 2 * ONE, "Pain de campagne": ONE, "Chèvre frais": 2 * ONE, "Jus de pomme": ONE},
    BRUNO: {"Poulet fermier": ONE},
    AWA: {"Pommes de terre Charlotte": 3 * ONE, "Yaourts de chèvre x4": ONE, "Salade batavia": 2 * ONE, "Lentilles vertes 500 g": ONE},
    6: {"Pain de campagne": ONE, "Lait de chèvre": 2 * ONE, "Salade batavia": 2 * ONE},
    7: {"Miel de tilleul": ONE, "Pommes Reinette": 2 * ONE},
}  # fmt: skip
"""What was ordered for the past distribution, in thousandths: by Léa, who has not paid, Bruno, Awa, and two without a phone."""

WITHOUT_PHONE = {6: "Nadia", 7: "Yves"}
PLANS = {6: Method.CHEQUE, 7: Method.CASH}


@dataclass(frozen=True)
class Moments:
    """When orders open and close, when a distribution starts and ends, by the clock on the wall."""

    opens: datetime
    closes: datetime
    starts: datetime
    ends: datetime

    def planned(self, number: int) -> DistributionPlanned:
        """Make the fact."""
        starts, ends, opens, closes = (
            utc(at, PARIS).isoformat() for at in (self.starts, self.ends, self.opens, self.closes)
        )
        return DistributionPlanned(number, starts, ends, opens, closes, PLACE)


def furnish(connection: Connection, now: datetime) -> int:
    """Make the whole group as the demo begins: Léa owes 24,50 € of the past distribution. Give its number."""
    coming = thursday(now)
    past, to_come = around(coming - FORTNIGHT), around(coming)
    story = _Story(connection, move_in(connection, utc(past.opens - timedelta(days=10), PARIS), BROUGHT))
    story.happens(past.opens - timedelta(days=9), CAMILLE, [*catalogue(), past.planned(PAST)])
    _ordered(story, past)
    story.happens(past.ends, None, [ValidationRecalled(PAST, 1)])
    story.happens(past.ends + timedelta(hours=1), CAMILLE, [to_come.planned(OPEN)])
    for step, days in ((2, 1), (3, 3)):
        story.happens(past.ends + timedelta(days=days), None, [ValidationRecalled(PAST, step)])
    story.happens(to_come.opens, None, [OrdersOpened(OPEN)])
    called = closing_call(utc(to_come.closes, PARIS), PARIS)
    if called <= now:
        story.happens(called.astimezone(PARIS).replace(tzinfo=None), None, [ClosingRecalled(OPEN)])
    return story.group


def thursday(now: datetime) -> datetime:
    """Find the Thursday of the open distribution: the first whose orders stay open for a day at least.

    >>> from datetime import UTC
    >>> [thursday(datetime(2026, 11, day, 17, tzinfo=UTC)).day for day in (23, 24, 25)]
    [26, 26, 3]
    """
    local = now.astimezone(PARIS).replace(tzinfo=None)
    first = datetime.combine(local.date() + timedelta(days=(THURSDAY - local.weekday()) % 7), time())
    return first if local <= around(first).closes - LEFT_AT_LEAST else first + timedelta(days=7)


def around(day: datetime) -> Moments:
    """Give the moments of the distribution of a day: from six to eight; orders from Monday of last week until the eve."""
    opens, closes = day - timedelta(days=10, hours=-8), day - timedelta(hours=4)
    return Moments(opens, closes, day + timedelta(hours=18), day + timedelta(hours=20))


class _Story:
    """What happened before the demo begins, told in order."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self.group = group
        self._told = 0

    def happens(self, at: datetime, author: int | None, facts: Iterable[Fact]) -> list[int]:
        """Record facts, at a moment by the clock on the wall; give their numbers."""
        return [self._record(at, author, fact) for fact in facts]

    def joins(self, at: datetime, name: str) -> None:
        """Somebody without a phone joins."""
        add_member(self._connection, self.group, name, utc(at, PARIS))

    def _record(self, at: datetime, author: int | None, fact: Fact) -> int:
        self._told += 1
        return record(self._connection, self.group, fact, f"story/{self._told}", utc(at, PARIS), author).number


def _ordered(story: _Story, past: Moments) -> None:
    """Everybody orders; two say how they will pay, and Awa sends a transfer."""
    story.happens(past.opens, None, [OrdersOpened(PAST)])
    for name in WITHOUT_PHONE.values():
        story.joins(past.opens, name)
    placed = {member: OrderPlaced(member, PAST, _lines(wanted)) for member, wanted in ORDERS.items()}
    for rank, (member, order) in enumerate(placed.items(), start=1):
        plan = [PaymentPlanned(member, PAST, total(order.lines), PLANS[member])] if member in PLANS else []
        story.happens(past.opens + timedelta(days=rank, hours=3), member, [order, *plan])
    sent, at = total(placed[AWA].lines), past.closes - timedelta(hours=3)
    (number,) = story.happens(at, AWA, [PaymentDeclared(AWA, sent, Method.TRANSFER)])
    story.happens(at + timedelta(hours=1), CAMILLE, [PaymentValidated(AWA, number, sent, Method.TRANSFER)])
    story.happens(past.closes, None, [OrdersClosed(PAST)])


def _lines(wanted: dict[str, int]) -> tuple[Line, ...]:
    by_name = {product.name: product for product in catalogue()}
    return tuple(_line(by_name[name], ordered) for name, ordered in wanted.items())


def _line(product: ProductChanged, ordered: int) -> Line:
    found = Product(product.product, product.name, product.price, product.unit, Sold(product.sold),
                    piece_quantity=product.piece_quantity)  # fmt: skip
    return Line(found.number, ordered, found.quantity_of(ordered), found.price)
