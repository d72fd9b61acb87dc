"""What people type becomes a quantity of a product, in thousandths, or is refused with a sentence (B13, B48)."""

from __future__ import annotations

import re

from bot.ledger.errors import N_
from bot.market.products import ONE, Product, Sold
from bot.market.typed import AmbiguousQuantityError, NotAQuantityError, TooFineError, Typed, parse, shown
from bot.market.units import MEASURES, converted, ordered_unit, quantity_words, unit_of

MOST_PIECES = 500
MOST_MEASURED = 500
"""Kilograms or litres."""

BARE_MOST = 50
"""From so many kilos or litres on, a number without its unit is not believed: 350 may well be grams."""


class ZeroQuantityError(NotAQuantityError):
    """Nothing is no quantity."""

    sentence = N_("Zéro n'est pas une quantité. Écrivez combien, ou retirez le produit.")


class NegativeQuantityError(NotAQuantityError):
    """Less than nothing."""

    sentence = N_("Écrivez la quantité sans signe moins : combien il y en a en tout.")


class NotWholeError(NotAQuantityError):
    """A part of a piece (B48)."""

    sentence = N_("« {product} » ne se partage pas : écrivez un nombre entier, par exemple {example}.")


class TooMuchError(NotAQuantityError):
    """More than one line may hold."""

    sentence = N_("{quantity}, c'est trop pour une ligne : {most} au plus.")


class WrongUnitError(NotAQuantityError):
    """A quantity in a unit in which the product is not sold."""

    sentence = N_("« {product} » ne se compte pas ainsi. Écrivez par exemple {example}.")


class PiecesOnlyError(WrongUnitError):
    """A weight of what is ordered by the piece and weighed later (B13)."""

    sentence = N_(
        "« {product} » se commande à la pièce (environ {estimate}) et se pèse à la distribution. Écrivez un nombre de pièces."
    )


def ordered(typed: Typed, product: Product) -> int:
    """Give what is ordered of a product, in thousandths: of a piece where it is sold by pieces, else of its unit.

    Raises NotAQuantityError and its kinds.

    >>> from bot.ledger.money import Cents
    >>> ordered(parse("350 g"), Product(1, "Carottes", Cents(210), "kg", Sold.WEIGHT))
    350
    """
    quantity = _counted(typed, product) if product.by_pieces else _measured(typed, product)
    if product.by_pieces and quantity % ONE:
        example = quantity_words(max(ONE, quantity // ONE * ONE), ordered_unit(product))
        raise NotWholeError(typed=typed.text, product=product.name, example=example)
    return _allowed(quantity, ordered_unit(product), typed)


def charged(text: str, product: Product) -> int:
    """Read what is charged of a product in the end, in thousandths of its unit: what a scale showed, or several of it.

    Raises NotAQuantityError and its kinds.

    >>> from bot.ledger.money import Cents
    >>> chicken = Product(1, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900)
    >>> charged("1,15", chicken), charged("950 g + 1,2", chicken)
    (1150, 2150)
    """
    if product.sold is Sold.PIECE:
        return ordered(parse(text), product)
    parts = [part for part in re.split(r"(?<=\S)\s*\+", text) if part.strip()] or [text]
    quantity = sum(_scale(parse(part), product) for part in parts)
    return _allowed(quantity, product.unit, Typed(quantity, text=shown(text)))


def most_of(product: Product) -> int:
    """Give the largest quantity of a product that one line takes, in thousandths of what is ordered."""
    return _most(ordered_unit(product))


def _most(unit: str) -> int:
    measure = MEASURES.get(unit)
    return MOST_MEASURED * ONE * 1000 // measure.size if measure else MOST_PIECES * ONE


def _counted(typed: Typed, product: Product) -> int:
    """Take a number of pieces; a whole number of kilos where those are the pieces."""
    if typed.unit == "dozen" and product.unit != "dozen":
        return 12 * typed.thousandths
    dozens = product.unit == "dozen" and not typed.unit and typed.thousandths >= 12 * ONE
    if dozens or typed.mark not in {"", " "}:
        raise AmbiguousQuantityError(typed=typed.text, example=quantity_words(2 * ONE, ordered_unit(product)))
    if typed.unit in {"", "piece", ordered_unit(product)} or _named_by(product, typed.unit):
        return typed.thousandths
    if product.sold is Sold.WEIGHED and typed.unit in MEASURES:
        estimate = quantity_words(product.piece_quantity, product.unit)
        raise PiecesOnlyError(typed=typed.text, product=product.name, estimate=estimate)
    return _measured(typed, product)


def _named_by(product: Product, unit: str) -> bool:
    """Tell whether the product's name says the unit: « Botte de radis »."""
    return any(unit_of(word) == unit for word in product.name.split()) and unit not in MEASURES


def _measured(typed: Typed, product: Product) -> int:
    """Take a weight or a volume, in the product's unit where none was said, if that cannot be mistaken."""
    unit = typed.unit or product.unit
    example = quantity_words(1500 if product.unit in {"kg", "L"} and not product.by_pieces else 2 * ONE, product.unit)
    if unit == product.unit and unit not in MEASURES:
        return typed.thousandths
    if unit not in MEASURES or product.unit not in MEASURES or MEASURES[unit].of != MEASURES[product.unit].of:
        raise WrongUnitError(typed=typed.text, product=product.name, example=example)
    if _doubtful(typed, unit):
        example = quantity_words(typed.thousandths // ONE, unit) if unit in {"kg", "L"} else example
        raise AmbiguousQuantityError(typed=typed.text, example=example)
    found = converted(typed.thousandths, unit, product.unit)
    if found is None:
        raise TooFineError(typed=typed.text, example=example)
    return found


def _doubtful(typed: Typed, unit: str) -> bool:
    """Tell whether a number could be another: « 1 200 » kilos, « 1,250 » grams, 350 without its unit."""
    if unit in {"kg", "L"}:
        return typed.mark == " " or (not typed.unit and typed.thousandths >= BARE_MOST * ONE)
    return typed.mark not in {"", " "}


def _scale(typed: Typed, product: Product) -> int:
    return _positive(_measured(typed, product), typed)


def _positive(quantity: int, typed: Typed) -> int:
    if quantity < 0:
        raise NegativeQuantityError(typed=typed.text)
    if quantity == 0:
        raise ZeroQuantityError(typed=typed.text)
    return quantity


def _allowed(quantity: int, unit: str, typed: Typed) -> int:
    _positive(quantity, typed)
    most = _most(unit)
    if quantity > most:
        raise TooMuchError(typed=typed.text, quantity=quantity_words(quantity, unit), most=quantity_words(most, unit))
    return quantity
