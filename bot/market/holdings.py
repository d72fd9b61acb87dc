"""What the market holds, as it is read: distributions and how far they are, orders, baskets, plans, requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.ledger import money
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.market.products import Product, Sold


class Phase(StrEnum):
    """How far a distribution is."""

    TO_COME = "to come"
    OPEN = "open"
    CLOSED = "closed"
    ON = "on"
    OVER = "over"
    VALIDATED = "validated"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Distribution:
    """A pickup, its moments in UTC, and what was said of it."""

    number: int
    place: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    state: str
    opened: bool
    closing_told: bool
    closed: bool
    recalled: int
    everything: bool
    float_cents: int
    validated_at: datetime | None

    def phase(self, now: datetime) -> Phase:
        """Tell how far it is at a moment."""
        if self.state != "planned":
            return Phase(self.state)
        steps = (
            (self.ends_at, Phase.OVER),
            (self.starts_at, Phase.ON),
            (self.closes_at, Phase.CLOSED),
            (self.opens_at, Phase.OPEN),
        )
        return next((phase for moment, phase in steps if now >= moment), Phase.TO_COME)

    def is_before(self, now: datetime) -> bool:
        """Tell whether the pickup has not begun at a moment: what is sold by weight is not weighed yet."""
        return self.phase(now) in {Phase.TO_COME, Phase.OPEN, Phase.CLOSED}


@dataclass(frozen=True)
class OrderLine:
    """A line of an order as it is charged now; quantities in thousandths, the price in cents per unit."""

    line: int
    product: int
    name: str
    unit: str
    sold: Sold
    ordered: int
    quantity: int
    price: Cents

    @property
    def cost(self) -> Cents:
        """What it costs, in cents, rounded once (B7)."""
        return money.line(self.quantity, self.price)

    @property
    def as_product(self) -> Product:
        """The product as it was when the line was confirmed."""
        return Product(self.product, self.name, self.price, self.unit, self.sold)


@dataclass(frozen=True)
class Order:
    """A confirmed order: its number in the distribution, its lines.

    ``told_fact`` is the fact up to which the member was told, ``told_before`` that of the time before (B10).
    """

    distribution: int
    member: int
    number: int
    state: str
    placed_at: datetime
    visited_at: datetime | None
    told_fact: int
    told_before: int
    lines: tuple[OrderLine, ...] = ()

    @property
    def total(self) -> Cents:
        """What it costs, in cents."""
        return Cents(sum(line.cost for line in self.lines)) if self.state == "confirmed" else Cents(0)


@dataclass(frozen=True)
class Chosen:
    """A line of a basket: what is chosen of a product, in thousandths, and the price that was shown, in cents per unit."""

    product: int
    ordered: int
    price: int


@dataclass(frozen=True)
class Plan:
    """A payment that is meant, for a distribution; in cents (B17)."""

    number: int
    member: int
    distribution: int
    amount: Cents
    method: Method
    planned_at: datetime


@dataclass(frozen=True)
class Request:
    """What a member asked to have taken off an order (B9)."""

    number: int
    distribution: int
    member: int
    line: int
    note: str
    state: str
    decided_by: int | None
    asked_at: datetime
