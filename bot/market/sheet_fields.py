"""The cells of a catalogue's file, each read for what its column says (B48)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from bot.folding import folded
from bot.ledger import money
from bot.ledger.money import Cents
from bot.market.products import ONE, Sold
from bot.market.sheet_cells import unguarded
from bot.market.sheet_errors import (
    DateCellError,
    FormulaCellError,
    NoNameError,
    NoPriceError,
    PriceNotPositiveError,
    PriceTooHighError,
    SpreadsheetErrorCellError,
    TooLongCellError,
    WrongPriceError,
    WrongStockError,
    WrongUnitCellError,
    WrongWeightError,
    WrongYesError,
)
from bot.market.units import UNITS, unit_name, unit_of
from bot.words import _

MOST_NAME = 80
MOST_PRICE = Cents(1_000_000)
MOST_STOCK = 1_000_000 * ONE
MOST_PIECE = 100_000 * ONE
"""Grams or millilitres: no piece is more than a hundred kilos."""

HEADINGS = {
    "product": "produit, product, nom, name, article, designation, libelle",
    "producer": "producteur, productrice, producer, fournisseur, supplier, ferme, farm",
    "category": "categorie, category, rayon, famille",
    "unit": "unite, unit",
    "price": "prix, price, tarif, prix unitaire, prix ttc, unit price, pu",
    "stock": "stock, quantite, quantity, disponible, available",
    "weight": "au poids, by weight, poids, weight",
    "organic": "bio, organic, ab",
    "active": "actif, active, en vente, on sale",
}
"""The columns of a file and what people call them; the first word of each is what an export writes."""

_YES = {"oui", "o", "yes", "y", "x", "vrai", "true", "1", "ok", "✓", "✔"}
_NO = {"non", "n", "no", "faux", "false", "0", "-", ""}
_ERRORS = re.compile(r"#(?:ref|n/?a|nom|name|value|valeur|div/0|nul|null|num|nombre|spill|calc)[!?]?", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_NUMBER = re.compile(r"([0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+|[0-9]{1,9})(?:[.,]([0-9]{1,3}))?")
_COULD_BE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,]000")


def sound(text: str, column: str) -> str:
    """Refuse what is the spreadsheet's own and no content; undo what kept it from taking a text for a formula."""
    if text.startswith("="):
        raise FormulaCellError(column=column_name(column))
    if _ERRORS.fullmatch(text):
        raise SpreadsheetErrorCellError(typed=text, column=column_name(column))
    if column in {"price", "stock", "weight"} and _DATE.fullmatch(text):
        raise DateCellError(column=column_name(column))
    return unguarded(text)


def name_of(text: str) -> str:
    """Read a product's name. Raises NoNameError, TooLongCellError."""
    name = _words(text)
    if not any(letter.isalnum() for letter in name):
        raise NoNameError
    return name


def _words(text: str) -> str:
    """Tidy a text as one that is typed: composed accents, no control or direction characters."""
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")
    words = " ".join(kept.split())
    if len(words) > MOST_NAME:
        raise TooLongCellError(typed=words[:30], most=MOST_NAME)
    return words


def price_of(text: str) -> Cents:
    """Read a price in cents, from one cent on. Raises the refusals of a price."""
    if not text:
        raise NoPriceError
    try:
        price = money.parse(text)
    except money.NotAnAmountError as refusal:
        raise WrongPriceError(typed=shown(text)) from refusal
    if price <= 0:
        raise PriceNotPositiveError(price=price)
    if price > MOST_PRICE:
        raise PriceTooHighError(price=price, most=MOST_PRICE)
    return price


def _producer(text: str) -> dict[str, Any]:
    return {"producer": _words(text)} if text else {}


def _category(text: str) -> dict[str, Any]:
    return {"category": _words(text)}


def _unit(text: str) -> dict[str, Any]:
    if not text:
        return {}
    unit = unit_of(text)
    if unit is None:
        raise WrongUnitCellError(typed=shown(text), units=", ".join(unit_name(one) for one in UNITS))
    return {"unit": unit}


def _stock(text: str) -> dict[str, Any]:
    if not text or folded(text) in {"illimite", "unlimited", "∞"}:
        return {"stock": None}
    stock = _thousandths(text)
    if stock is None or stock > MOST_STOCK:
        raise WrongStockError(typed=shown(text))
    return {"stock": stock}


def _weight(text: str) -> dict[str, Any]:
    """Read « au poids »: nothing or no is by the piece, yes by weight, a number is about what a piece weighs."""
    estimate = _thousandths(text)
    if estimate and estimate <= MOST_PIECE:
        return {"sold": Sold.WEIGHED, "piece_quantity": estimate}
    if estimate is None and folded(text) in _YES | _NO:
        return {"sold": Sold.WEIGHT if folded(text) in _YES else Sold.PIECE}
    raise WrongWeightError(typed=shown(text), column=column_name("weight"))


def _organic(text: str) -> dict[str, Any]:
    return {"organic": _yes(text, "organic", empty=False) or folded(text) in {"bio", "ab"}}


def _active(text: str) -> dict[str, Any]:
    return {"active": _yes(text, "active", empty=True)}


def _yes(text: str, column: str, *, empty: bool) -> bool:
    word = folded(text)
    if not word:
        return empty
    if word not in _YES | _NO | ({"bio", "ab"} if column == "organic" else set()):
        raise WrongYesError(typed=shown(text), column=column_name(column))
    return word in _YES


def _thousandths(text: str) -> int | None:
    """Read a number; None where it is none, or could be another: « 1,000 »."""
    found = _NUMBER.fullmatch(text)
    if found is None or _COULD_BE_THOUSANDS.fullmatch(text):
        return None
    return int(re.sub(r"\D", "", found[1])) * ONE + int((found[2] or "").ljust(3, "0"))


def shown(text: str) -> str:
    """Quote the beginning of a cell."""
    return "".join(c for c in text if c.isprintable())[:40]


READ: dict[str, Callable[[str], dict[str, Any]]] = {
    "producer": _producer, "category": _category, "unit": _unit, "stock": _stock, "weight": _weight,
    "organic": _organic, "active": _active,
}  # fmt: skip


_NAMES: dict[str, Callable[[], str]] = {
    "product": lambda: _("produit"),
    "producer": lambda: _("producteur"),
    "category": lambda: _("catégorie"),
    "unit": lambda: _("unité"),
    "price": lambda: _("prix"),
    "stock": lambda: _("stock"),
    "weight": lambda: _("au poids"),
    "organic": lambda: _("bio"),
    "active": lambda: _("actif"),
}


def column_name(column: str) -> str:
    """Name a column in the language being spoken: what an export writes and what people are told."""
    return _NAMES[column]()
