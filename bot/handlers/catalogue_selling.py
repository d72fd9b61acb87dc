"""What is asked about how a product is sold: by the piece, by weight, by pieces weighed later, in which unit (B13)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.handlers.catalogue_asking import refused
from bot.ledger.errors import Refusal
from bot.market.products import Product, Sold
from bot.market.quantities import ordered
from bot.market.sheet_errors import PieceTooHeavyError
from bot.market.sheet_fields import MOST_PIECE
from bot.market.typed import parse
from bot.market.units import MEASURES, UNITS, quantity_words, unit_name, unit_of
from bot.questions import picked, whole_number
from bot.words import _

_BEFORE_A_UNIT = re.compile(r"^(?:au|a la|par|le|la|the|by the|per) ")


@dataclass(frozen=True)
class How:
    """How a product is sold, and in which unit its price is."""

    sold: Sold
    unit: str

    @property
    def token(self) -> str:
        """Name it: « weight:kg »."""
        return f"{self.sold}:{self.unit}"


WAYS = {
    how.token: how
    for how in (
        *(How(Sold.PIECE, unit) for unit in UNITS),
        *(How(sold, unit) for sold in (Sold.WEIGHT, Sold.WEIGHED) for unit in MEASURES),
    )
}


@dataclass(frozen=True)
class Sale:
    """Ask how a product is sold: by the piece, by weight, by pieces that are weighed later, by a unit."""

    name: str
    text: str
    typed_ahead: bool = False

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the usual ways; other units are typed."""
        first = [
            ("weight:kg", _("Au kilo")),
            ("piece:piece", _("À la pièce")),
            ("weighed:kg", _("Pièce pesée ensuite")),
        ]
        units = [unit for unit in UNITS if unit not in MEASURES and unit != "piece"]
        others = [(f"piece:{unit}", unit_name(unit).capitalize()) for unit in units]
        return [Answer(*pair) for pair in (*first, *others, ("weight:L", _("Au litre")))]

    def understand(self, text: str) -> str:
        """Take one that is offered, or a unit: « 100 g » is none."""
        found = picked(text, self.options)
        unit = unit_of(_BEFORE_A_UNIT.sub("", folded(text)))
        if found is None and unit is None:
            units = ", ".join(unit_name(one) for one in UNITS)
            raise MisunderstoodError(_("Choisissez, ou écrivez une unité : {units}.", units=units))
        return found or How(Sold.WEIGHT if unit in MEASURES else Sold.PIECE, unit or "").token

    def value(self, token: str) -> How:
        """Read a token back."""
        if token not in WAYS:
            raise MisunderstoodError(_("Ce choix n'est plus possible."))
        return WAYS[token]


@dataclass(frozen=True)
class Estimate:
    """Ask what a piece weighs, about; thousandths of the product's unit."""

    name: str
    text: str
    product: Product
    options: tuple[Answer, ...] = ()
    typed_ahead: bool = False

    def understand(self, text: str) -> str:
        """Read a weight: « 0,9 », « 900 g »."""
        weighed = Product(0, self.product.name, self.product.price, self.product.unit, Sold.WEIGHT)
        try:
            return str(self._allowed(ordered(parse(text), weighed)))
        except Refusal as refusal:
            raise refused(refusal) from refusal

    def value(self, token: str) -> int:
        """Read a token back."""
        found = whole_number(token)
        if not found:
            raise MisunderstoodError(_("Écrivez le poids d'une pièce, par exemple 0,9."))
        return self._allowed(found)

    def _allowed(self, quantity: int) -> int:
        if quantity * MEASURES[self.product.unit].size > MOST_PIECE:
            words = quantity_words(quantity, self.product.unit)
            raise refused(PieceTooHeavyError(product=self.product.name, quantity=words))
        return quantity
