"""Reading the market of one group: its catalogue, its distributions, who chose and ordered what. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.prepared import Prepared
from bot.market.holdings import Chosen, Distribution, Order, OrderLine, Phase, Plan, Request
from bot.market.products import Product, Sold
from bot.market.tables import BASKET, DISTRIBUTION, LINE, OFFER, ORDER, ORDER_FACT, PHOTO, PLAN, PRODUCT, REQUEST

__all__ = ["Chosen", "Distribution", "Market", "Order", "OrderLine", "Phase", "Plan", "Request"]

_PRODUCTS = select(PRODUCT).where(PRODUCT.c.group_id == bindparam("group")).order_by(PRODUCT.c.producer, PRODUCT.c.name)
_OFFERED = Prepared(
    select(PRODUCT, OFFER.c.listed, OFFER.c.price.label("special"))
    .outerjoin(
        OFFER,
        (OFFER.c.group_id == PRODUCT.c.group_id)
        & (OFFER.c.product == PRODUCT.c.number)
        & (OFFER.c.distribution == bindparam("distribution")),
    )
    .where(PRODUCT.c.group_id == bindparam("group"), PRODUCT.c.active)
    .order_by(PRODUCT.c.category, PRODUCT.c.producer, PRODUCT.c.name)
)
_DISTRIBUTIONS = Prepared(
    select(DISTRIBUTION).where(DISTRIBUTION.c.group_id == bindparam("group")).order_by(DISTRIBUTION.c.starts_at)
)
_PLANNED = select(PLAN).where(PLAN.c.group_id == bindparam("group"), PLAN.c.state == "planned").order_by(PLAN.c.number)
_PLANNED_BY = _PLANNED.where(PLAN.c.member == bindparam("member"))
_FOR_ONE = PLAN.c.distribution == bindparam("distribution")
_PLANS = {
    (False, False): Prepared(_PLANNED),
    (True, False): Prepared(_PLANNED_BY),
    (False, True): Prepared(_PLANNED.where(_FOR_ONE)),
    (True, True): Prepared(_PLANNED_BY.where(_FOR_ONE)),
}
"""By whether a member, and whether a distribution, is given."""
_LAST_CHANGE = Prepared(
    select(func.max(ORDER_FACT.c.fact)).where(
        ORDER_FACT.c.group_id == bindparam("group"),
        ORDER_FACT.c.distribution == bindparam("distribution"),
        ORDER_FACT.c.member == bindparam("member"),
    )
)
_ORDERS = select(ORDER).where(ORDER.c.group_id == bindparam("group"))
_LINES = select(LINE).where(LINE.c.group_id == bindparam("group")).order_by(LINE.c.line)


class Market:
    """The market of one group at one moment, read through one connection."""

    def __init__(self, connection: Connection, group: int, now: datetime) -> None:
        self._connection = connection
        self.group = group
        self.now = now

    @cached_property
    def catalogue(self) -> dict[int, Product]:
        """All products by number, those no longer active too."""
        rows = self._connection.execute(_PRODUCTS, {"group": self.group})
        return {row.number: _product(row) for row in rows}

    def has_photo(self, product: int) -> bool:
        """Tell whether there is a photo of a product."""
        where = (PHOTO.c.group_id == self.group) & (PHOTO.c.product == product)
        return self._connection.execute(select(PHOTO.c.product).where(where)).first() is not None

    def next_product(self) -> int:
        """Give the number the next product will have."""
        return max(self.catalogue, default=0) + 1

    def offered(self, distribution: Distribution) -> list[Product]:
        """List what a distribution offers, at its prices there, by category, producer and name."""
        where = {"group": self.group, "distribution": distribution.number}
        rows = _OFFERED.rows(self._connection, where)
        here = [row for row in rows if (row.listed if row.listed is not None else distribution.everything)]
        return [replace(_product(row), price=Cents(row.special)) if row.special else _product(row) for row in here]

    @cached_property
    def distributions(self) -> list[Distribution]:
        """All distributions, the earliest first."""
        return [_distribution(row) for row in _DISTRIBUTIONS.rows(self._connection, {"group": self.group})]

    def distribution(self, number: int) -> Distribution | None:
        """Find a distribution."""
        return next((found for found in self.distributions if found.number == number), None)

    def next_distribution(self) -> int:
        """Give the number the next distribution will have."""
        return max((found.number for found in self.distributions), default=0) + 1

    def in_phase(self, *phases: Phase) -> list[Distribution]:
        """List the distributions that are now in one of some phases, the earliest first."""
        return [found for found in self.distributions if found.phase(self.now) in phases]

    def to_validate(self) -> list[Distribution]:
        """List the distributions that are over and wait to be validated (B33); where nobody has ordered there is nothing to."""
        return [found for found in self.in_phase(Phase.OVER) if self.has_something(found.number)]

    def has_something(self, distribution: int) -> bool:
        """Tell whether there is an order of a distribution, or a payment planned for it."""
        confirmed = any(order.state == "confirmed" for order in self.orders(distribution))
        return confirmed or bool(self.plans(distribution=distribution))

    def basket(self, member: int, distribution: int) -> list[Chosen]:
        """Give what a member is choosing (B12)."""
        where = (
            (BASKET.c.group_id == self.group) & (BASKET.c.distribution == distribution) & (BASKET.c.member == member)
        )
        row = self._connection.execute(select(BASKET.c.lines).where(where)).first()
        return [Chosen(*line) for line in json.loads(row.lines)] if row else []

    def choosing(self, distribution: int) -> set[int]:
        """Tell which members have something in their basket (B12)."""
        where = (BASKET.c.group_id == self.group) & (BASKET.c.distribution == distribution)
        return set(self._connection.execute(select(BASKET.c.member).where(where)).scalars())

    def order(self, member: int, distribution: int) -> Order | None:
        """Find a member's order."""
        where = (ORDER.c.member == member) & (ORDER.c.distribution == distribution)
        return next(iter(self._orders(where)), None)

    def orders(self, distribution: int) -> list[Order]:
        """List the orders of a distribution, by number, cancelled ones too."""
        return sorted(self._orders(ORDER.c.distribution == distribution), key=lambda order: order.number)

    def orders_of(self, member: int, *, most: int = 20) -> list[Order]:
        """List a member's orders, the latest first."""
        latest = select(ORDER.c.distribution).where(ORDER.c.group_id == self.group, ORDER.c.member == member)
        latest = latest.order_by(ORDER.c.placed_at.desc()).limit(most)
        numbers = self._connection.execute(latest).scalars().all()
        found = self._orders((ORDER.c.member == member) & ORDER.c.distribution.in_(numbers)) if numbers else []
        return sorted(found, key=lambda order: order.placed_at, reverse=True)

    @cached_property
    def _later(self) -> dict[int, Distribution]:
        """The distributions that have not begun, by number."""
        return {d.number: d for d in self.in_phase(Phase.TO_COME, Phase.OPEN, Phase.CLOSED)}

    def upcoming(self, member: int) -> list[tuple[Distribution, Order]]:
        """List a member's orders whose distribution has not begun: debited, and not due yet (B4)."""
        later = self._later
        found = self._orders((ORDER.c.member == member) & ORDER.c.distribution.in_(later)) if later else []
        return [(later[order.distribution], order) for order in found if order.total]

    def not_due_by_member(self) -> dict[int, Cents]:
        """Sum up what each member will owe only when their distribution comes, in cents, in two reads; those only who will."""
        later: dict[int, Cents] = {}
        for order in self._orders(ORDER.c.distribution.in_(self._later)) if self._later else ():
            later[order.member] = Cents(later.get(order.member, 0) + order.total)
        return later

    def not_due(self, member: int) -> Cents:
        """Sum up what a member will owe only when its distribution comes, in cents."""
        return Cents(sum(order.total for _distribution, order in self.upcoming(member)))

    def changed_since(self, order: Order, fact: int) -> bool:
        """Tell whether an order was changed after a fact (B10)."""
        where = {"group": self.group, "distribution": order.distribution, "member": order.member}
        return int(_LAST_CHANGE.row(self._connection, where)[0] or 0) > fact

    def plans(self, *, member: int | None = None, distribution: int | None = None) -> list[Plan]:
        """List the payments that are planned and not handled yet, of a member, of a distribution, or of both."""
        prepared = _PLANS[member is not None, distribution is not None]
        where = {"group": self.group, "member": member, "distribution": distribution}
        return [
            Plan(r.number, r.member, r.distribution, Cents(r.amount), Method(r.method), r.planned_at)
            for r in prepared.rows(self._connection, where)
        ]

    def request(self, number: int) -> Request | None:
        """Find what a member asked for."""
        return next(iter(self._requests(REQUEST.c.number == number)), None)

    def open_requests(self) -> list[Request]:
        """List what members asked for and nobody has answered."""
        return self._requests(REQUEST.c.state == "open")

    def _requests(self, where: Any) -> list[Request]:
        query = select(REQUEST).where(REQUEST.c.group_id == self.group, where).order_by(REQUEST.c.number)
        return [
            Request(r.number, r.distribution, r.member, r.line, r.note, r.state, r.decided_by, r.asked_at)
            for r in self._connection.execute(query)
        ]

    def _orders(self, where: Any) -> list[Order]:
        """Read orders with their lines, in two reads."""
        rows = self._connection.execute(_ORDERS.where(where), {"group": self.group}).all()
        keys = {(row.distribution, row.member) for row in rows}
        lines = self._lines(keys) if keys else {}
        return [
            Order(
                row.distribution, row.member, row.number, row.state, row.placed_at, row.visited_at, row.told_fact, row.told_before,
                tuple(lines.get((row.distribution, row.member), ())),
            )
            for row in rows
        ]  # fmt: skip

    def _lines(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[OrderLine]]:
        wanted = set(keys)
        distributions, members = {d for d, _m in wanted}, {m for _d, m in wanted}
        query = _LINES.where(LINE.c.distribution.in_(distributions))
        if len(members) == 1:
            query = query.where(LINE.c.member == next(iter(members)))
        found: dict[tuple[int, int], list[OrderLine]] = {}
        for row in self._connection.execute(query, {"group": self.group}):
            found.setdefault((row.distribution, row.member), []).append(_line(row))
        return found


_SOLD = {sold.value: sold for sold in Sold}
"""Looked up by word: calling the enumeration costs several times as much, and lists are long."""


def _product(row: Any) -> Product:
    return Product(
        row.number, row.name, Cents(row.price), row.unit, _SOLD[row.sold], row.producer, row.category, row.stock,
        row.piece_quantity, row.organic, row.active,
    )  # fmt: skip


def _distribution(row: Any) -> Distribution:
    return Distribution(
        row.number, row.place, row.starts_at, row.ends_at, row.opens_at, row.closes_at, row.state, row.opened,
        row.closing_told, row.closed, row.recalled, row.everything, row.float_cents, row.validated_at,
    )  # fmt: skip


def _line(row: Any) -> OrderLine:
    return OrderLine(
        row.line, row.product, row.name, row.unit, _SOLD[row.sold], row.ordered, row.quantity, Cents(row.price)
    )
