"""What a member is choosing, as the books would take it now: costs, what has changed, what will have to be paid (B12, B15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.market.apply import BasketKept
from bot.market.facts import Line
from bot.market.market import Chosen, Distribution
from bot.market.products import Product, Sold
from bot.market.units import ordered_words, price_words
from bot.wording import order_line
from bot.words import _

MOST_LINES = 100


@dataclass(frozen=True)
class Kept:
    """A line that can be ordered now. ``wanted`` differs from ``ordered`` where less is left (B11); thousandths."""

    product: Product
    wanted: int
    ordered: int
    shown_price: int

    @property
    def changed(self) -> bool:
        """Tell whether it is not what was shown when it was chosen (B12)."""
        return self.ordered != self.wanted or self.product.price != self.shown_price

    @property
    def cost(self) -> Cents:
        """What it costs, in cents, at today's price."""
        return self.product.cost(self.ordered)

    @property
    def line(self) -> Line:
        """The line of the order it becomes."""
        return Line(self.product.number, self.ordered, self.product.quantity_of(self.ordered), self.product.price)


@dataclass(frozen=True)
class Basket:
    """A basket held against the catalogue as it is now. ``gone``: products that are no longer offered."""

    distribution: Distribution
    member: int
    kept: tuple[Kept, ...]
    gone: tuple[str, ...]

    @property
    def total(self) -> Cents:
        """What it costs, in cents."""
        return Cents(sum(line.cost for line in self.kept))

    @property
    def changed(self) -> bool:
        """Tell whether something must be agreed to anew (B12)."""
        return bool(self.gone) or any(line.changed for line in self.kept)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the order it becomes; what has none left is left out."""
        return tuple(kept.line for kept in self.kept if kept.ordered > 0)

    def ordered(self, product: int) -> int:
        """Give what is chosen of a product, in thousandths."""
        return next((line.wanted for line in self.kept if line.product.number == product), 0)


def read_basket(visit: Visit, distribution: Distribution, products: Sequence[Product] | None = None) -> Basket:
    """Read a member's basket, held against what is offered now; ``products`` is that, where it has been read already."""
    member = visit.person.number
    listed = visit.market.offered(distribution) if products is None else products
    offered = {product.number: product for product in listed}
    chosen = visit.market.basket(member, distribution.number)
    kept = tuple(_kept(offered[line.product], line) for line in chosen if line.product in offered)
    gone = tuple(_name(visit, line.product) for line in chosen if line.product not in offered)
    return Basket(distribution, member, kept, gone)


def with_quantity(visit: Visit, basket: Basket, product: Product, ordered: int) -> BasketKept:
    """Make the basket in which so much of a product is chosen, in thousandths; none of it: the line goes."""
    lines = [(line.product.number, line.wanted, line.shown_price) for line in basket.kept]
    others = [line for line in lines if line[0] != product.number]
    place = next((rank for rank, line in enumerate(lines) if line[0] == product.number), len(lines))
    if ordered > 0:
        others.insert(place, (product.number, ordered, product.price))
    return _draft(visit, basket, others[:MOST_LINES])


def as_it_is_now(visit: Visit, basket: Basket) -> BasketKept:
    """Make the basket that shows today's prices and what is left, once the member has seen what changed (B12)."""
    return _draft(visit, basket, [(k.product.number, k.ordered, k.product.price) for k in basket.kept if k.ordered > 0])


def emptied(visit: Visit, basket: Basket) -> BasketKept:
    """Make the empty basket."""
    return _draft(visit, basket, [])


def after(basket: Basket, draft: BasketKept, products: Mapping[int, Product]) -> Basket:
    """Give the basket as it will be once a draft of it is kept."""
    chosen = [Chosen(*line) for line in draft.lines]
    kept = tuple(_kept(products[line.product], line) for line in chosen if line.product in products)
    return Basket(basket.distribution, basket.member, kept, ())


def basket_line(product: Product, ordered: int) -> str:
    """Write a line of a basket; what is weighed later has no sure cost yet (B13)."""
    return order_line(
        ordered_words(product, ordered), product.name, product.cost(ordered), estimated=product.sold is Sold.WEIGHED
    )


def changes(basket: Basket) -> list[str]:
    """Say what is no longer as it was chosen (B12)."""
    said = [_("⚠️ {name} n'est plus proposé.", name=name) for name in basket.gone]
    for kept in basket.kept:
        if kept.product.price != kept.shown_price:
            said.append(
                _("⚠️ {name} : le prix a changé, {price}.", name=kept.product.name, price=price_words(kept.product))
            )
        if kept.ordered < kept.wanted:
            said.append(_fewer(kept))
    return said


def _fewer(kept: Kept) -> str:
    if not kept.ordered:
        return _("⚠️ {name} : il n'y en a plus.", name=kept.product.name)
    left = ordered_words(kept.product, kept.ordered)
    return _("⚠️ {name} : il ne reste que {left}.", name=kept.product.name, left=left)


def _draft(visit: Visit, basket: Basket, lines: Sequence[tuple[int, int, int]]) -> BasketKept:
    return BasketKept(visit.group.number, basket.distribution.number, basket.member, tuple(lines), visit.now)


def _kept(product: Product, line: Chosen) -> Kept:
    left = line.ordered if product.stock is None else min(line.ordered, product.stock)
    return Kept(product, line.ordered, left, line.price)


def _name(visit: Visit, number: int) -> str:
    product = visit.market.catalogue.get(number)
    return product.name if product else _("produit n° {number}", number=number)
