"""What a product is: how it is counted, what a quantity of it costs (B7, B13)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.ledger import money
from bot.ledger.money import Cents

MOST_PRODUCTS = 2_000
"""So many can a group have, those no longer sold too; as many lines can a file have."""

ONE = 1000
"""Quantities are whole thousandths of the unit: 0.35 kg is 350, two pieces are 2000."""


class Sold(StrEnum):
    """How a product is ordered: by whole pieces, by weight (any quantity), or by pieces that are weighed at the pickup."""

    PIECE = "piece"
    WEIGHT = "weight"
    WEIGHED = "weighed"


@dataclass(frozen=True)
class Product:
    """A product of a group's catalogue. ``price`` is in cents per unit.

    ``stock`` is what is left to order, in thousandths: of the unit, or of a piece where pieces are ordered; None where it
    is not counted. ``piece_quantity`` is the estimate of one piece in thousandths of the unit, for those weighed later.
    """

    number: int
    name: str
    price: Cents
    unit: str = "piece"
    sold: Sold = Sold.PIECE
    producer: str = ""
    category: str = ""
    stock: int | None = None
    piece_quantity: int = ONE
    organic: bool = False
    active: bool = True

    @property
    def by_pieces(self) -> bool:
        """Tell whether people order whole pieces of it."""
        return self.sold is not Sold.WEIGHT

    def quantity_of(self, ordered: int) -> int:
        """Give what is charged for what is ordered, both in thousandths: pieces to be weighed count at their estimate.

        >>> chicken = Product(1, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900)
        >>> chicken.quantity_of(2 * ONE)
        1800
        """
        return ordered * self.piece_quantity // ONE if self.sold is Sold.WEIGHED else ordered

    def cost(self, ordered: int) -> Cents:
        """Give what an ordered quantity costs, in cents, rounded once (B7); an estimate where it is weighed later.

        >>> Product(1, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900).cost(ONE)
        1260
        """
        return money.line(self.quantity_of(ordered), self.price)

    @property
    def step(self) -> int:
        """Give what one tap on « + » adds, in thousandths: a piece, half a kilo or litre, a hundred grams.

        >>> [Product(1, "x", Cents(1), unit, Sold.WEIGHT).step for unit in ("kg", "g", "L", "cL", "mL")]
        [500, 100000, 500, 25000, 250000]
        """
        return ONE if self.by_pieces else _STEPS.get(self.unit, ONE)


_STEPS = {"kg": 500, "L": 500, "g": 100 * ONE, "cL": 25 * ONE, "mL": 250 * ONE}
