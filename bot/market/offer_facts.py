"""What can happen to the catalogue and to distributions: facts, kept in the group's journal (B6, B8, B31). They post nothing."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ledger.facts import Fact, private, register
from bot.ledger.money import Cents


@register
@dataclass(frozen=True)
class ProductChanged(Fact):
    """A product is new, or is changed; ``price`` in cents per unit, ``stock`` in thousandths or not counted.

    ``was``: what it changes, each with its former value; empty for a new product.
    """

    product: int
    price: Cents
    unit: str
    sold: str
    stock: int | None
    piece_quantity: int
    organic: bool
    active: bool
    name: str
    producer: str = ""
    category: str = ""
    was: tuple[tuple[str, str | int | bool | None], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "was", tuple((name, value) for name, value in self.was))


@register
@dataclass(frozen=True)
class PhotoChanged(Fact):
    """A product has another photo, of so many bytes, or none any more. The photo itself is kept beside the books."""

    product: int
    name: str
    kept_bytes: int = 0
    content: bytes = private(b"")


@register
@dataclass(frozen=True)
class DistributionPlanned(Fact):
    """A distribution is planned, or moved: its moments are ISO dates in UTC (B31, B35)."""

    distribution: int
    starts_at: str
    ends_at: str
    opens_at: str
    closes_at: str
    place: str


@register
@dataclass(frozen=True)
class DistributionMoved(Fact):
    """A planned distribution has another place or other moments; accounts do not change (B35)."""

    distribution: int
    starts_at: str
    ends_at: str
    opens_at: str
    closes_at: str
    place: str


@register
@dataclass(frozen=True)
class WindowMoved(Fact):
    """Orders open or close at other moments, ISO dates in UTC; the pickup stays as it is (B31)."""

    distribution: int
    opens_at: str
    closes_at: str


@register
@dataclass(frozen=True)
class OfferChosen(Fact):
    """Which products a distribution offers: these, or all active ones when there are none (B31)."""

    distribution: int
    products: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "products", tuple(self.products))


@register
@dataclass(frozen=True)
class PriceSet(Fact):
    """A product has another price, in cents per unit, for one distribution only (B10)."""

    distribution: int
    product: int
    price: Cents


@register
@dataclass(frozen=True)
class OrdersOpened(Fact):
    """Orders of a distribution have opened, by themselves; ``late``: so shortly before they close that both are told at once (B31)."""

    distribution: int
    late: bool = False


@register
@dataclass(frozen=True)
class ClosingRecalled(Fact):
    """Those who had not ordered were told that orders close soon (B31)."""

    distribution: int


@register
@dataclass(frozen=True)
class OrdersClosed(Fact):
    """Orders of a distribution have closed, by themselves (B31)."""

    distribution: int


@register
@dataclass(frozen=True)
class DistributionCancelled(Fact):
    """A distribution does not take place (B35)."""

    distribution: int


@register
@dataclass(frozen=True)
class DistributionValidated(Fact):
    """A distribution is done: its orders are frozen (B33)."""

    distribution: int


@register
@dataclass(frozen=True)
class ValidationRecalled(Fact):
    """Coordinators were asked to validate a distribution that is over: for the ``step``-th time (B33)."""

    distribution: int
    step: int


@register
@dataclass(frozen=True)
class FloatCounted(Fact):
    """What the cash box held before a distribution, in cents (B34). It moves no money."""

    distribution: int
    amount: Cents
