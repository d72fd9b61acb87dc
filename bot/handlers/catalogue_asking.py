"""What is asked about a product: its name, its price, its stock, whose it is; the impossible is refused with a sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.ledger.errors import Refusal
from bot.ledger.money import Cents
from bot.market.products import ONE, Product
from bot.market.sheet_errors import StockNotWholeError
from bot.market.sheet_fields import MOST_PRICE, MOST_STOCK, name_of, price_of
from bot.market.typed import Typed, parse
from bot.market.units import MEASURES, converted, ordered_unit, unit_name, unit_of
from bot.questions import picked, whole_number
from bot.words import _, told

NONE = "-"
MOST_OFFERED = 10
_PER = re.compile(r"(?P<price>.*[0-9€])[ ]*(?:/|le |la |par |per |a |the )[ ]*(?P<unit>[^\W\d_]+)\.?", re.IGNORECASE)


def refused(refusal: Refusal) -> MisunderstoodError:
    """Make a refusal what is said above the question: a sentence of its own."""
    words = told(refusal)
    return MisunderstoodError(words[:1].upper() + words[1:])


def nothing_wrong(_words: str) -> None:
    """Find nothing wrong with a name."""


@dataclass(frozen=True)
class Naming:
    """Ask for a name: of a product, a producer, a category. ``known`` ones are offered and kept as they are written.

    ``skippable``: there may be none. ``wrong`` raises the refusal of a name that cannot be.
    """

    name: str
    text: str
    known: tuple[str, ...] = ()
    skippable: bool = False
    wrong: Callable[[str], None] = nothing_wrong
    typed_ahead: bool = False

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the names that are known; a button has no room for a name, only for its digest."""
        offered = [Answer(_digest(known), known) for known in self.known[:MOST_OFFERED]]
        return [*offered, Answer(NONE, _("Aucun"))] if self.skippable else offered

    def understand(self, text: str) -> str:
        """Take a name that is known, or another."""
        found = picked(text, self.options)
        if found is None and self.skippable and folded(text) in {NONE, "passer", "skip", "none"}:
            found = NONE
        if found is None:
            same = (known for known in self.known if folded(known) == folded(text))
            found = "=" + self._named(next(same, text))
        self.value(found)
        return found

    def value(self, token: str) -> str:
        """Give the name; an empty one for none."""
        if token == NONE and self.skippable:
            return self._right("")
        known = next((known for known in self.known if _digest(known) == token), None)
        if known is None and not token.startswith("="):
            raise MisunderstoodError(_("Ce choix n'est plus possible."))
        return self._right(known if known is not None else self._named(token[1:]))

    def _named(self, words: str) -> str:
        try:
            return name_of(words)
        except Refusal as refusal:
            raise refused(refusal) from refusal

    def _right(self, words: str) -> str:
        try:
            self.wrong(words)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        return words


def _digest(name: str) -> str:
    return "k" + hashlib.blake2s(name.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Price:
    """Ask for a price in cents per ``unit``: « 2,10 », « 2,10 €/kg »."""

    name: str
    text: str
    unit: str
    options: tuple[Answer, ...] = ()
    typed_ahead: bool = False

    def understand(self, text: str) -> str:
        """Read a price; one for another unit is refused."""
        per = _PER.fullmatch(text.strip())
        bare = per["price"] if per and unit_of(per["unit"]) == self.unit else text
        try:
            return str(price_of(bare.strip()))
        except Refusal as refusal:
            raise refused(refusal) from refusal

    def value(self, token: str) -> Cents:
        """Read a token back."""
        cents = whole_number(token)
        if cents is None or not 0 < cents <= MOST_PRICE:
            raise MisunderstoodError(_("Écrivez un prix, par exemple 2,10."))
        return Cents(cents)


@dataclass(frozen=True)
class Stock:
    """Ask what is left of a product, in thousandths of what people order of it; None where it is not counted."""

    name: str
    text: str
    product: Product
    typed_ahead: bool = False

    @property
    def options(self) -> Sequence[Answer]:
        """Offer not to count it."""
        return [Answer(NONE, _("Non compté"))]

    def understand(self, text: str) -> str:
        """Read a number, « 12 », « 12 kg »; 0 is nothing left."""
        if folded(text) in {NONE, folded(_("Non compté")), "illimite", "passer", "skip"}:
            return NONE
        try:
            return str(self._counted(parse(text)))
        except Refusal as refusal:
            raise refused(refusal) from refusal

    def value(self, token: str) -> int | None:
        """Read a token back."""
        return None if token == NONE else self._allowed(whole_number(token))

    def _counted(self, typed: Typed) -> int:
        unit = ordered_unit(self.product)
        doubtful = typed.mark in {",", "."} and typed.thousandths % ONE == 0
        if typed.thousandths < 0 or doubtful:
            raise self._not_a_stock()
        if typed.unit in {"", unit} or (self.product.by_pieces and typed.unit == "piece"):
            return self._allowed(typed.thousandths)
        if typed.unit in MEASURES and unit in MEASURES and MEASURES[typed.unit].of == MEASURES[unit].of:
            return self._allowed(converted(typed.thousandths, typed.unit, unit))
        raise self._not_a_stock()

    def _allowed(self, stock: int | None) -> int:
        if stock is None or stock > MOST_STOCK:
            raise self._not_a_stock()
        if self.product.by_pieces and stock % ONE:
            raise refused(StockNotWholeError(product=self.product.name))
        return stock

    def _not_a_stock(self) -> MisunderstoodError:
        unit = unit_name(ordered_unit(self.product))
        return MisunderstoodError(
            _("Écrivez combien il en reste ({unit}), par exemple 12 ; 0 s'il n'y en a plus.", unit=unit)
        )
