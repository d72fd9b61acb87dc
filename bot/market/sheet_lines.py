"""The lines of a catalogue's file: headings in any order, cells that are checked, a sentence for each that is wrong (B48)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.folding import folded
from bot.ledger.money import Cents
from bot.market.products import ONE, Product, Sold
from bot.market.sheet_cells import Row, unguarded
from bot.market.sheet_errors import (
    CountedOtherwiseError,
    ExtraCellError,
    PieceTooHeavyError,
    StockNotWholeError,
    UnitNotWeighedError,
    WrongCellError,
)
from bot.market.sheet_fields import HEADINGS, MOST_PIECE, READ, column_name, name_of, price_of, shown, sound
from bot.market.units import MEASURES, quantity_words
from bot.words import _, told

_COLUMN_OF = {word: column for column, words in HEADINGS.items() for word in words.split(", ")}


@dataclass(frozen=True)
class Line:
    """A line of a file. ``said``: what it says of the product's fields; what it does not say is left as it is."""

    number: int
    name: str
    price: Cents
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def producer(self) -> str:
        """The producer, where one is named."""
        return str(self.said.get("producer", ""))

    def product(self, present: Product | None = None) -> Product:
        """Give the product as it becomes. Raises WrongCellError where its fields do not go together."""
        base = present or Product(0, self.name, self.price)
        made = replace(base, price=self.price, **self.said)
        if present is None and "unit" not in self.said and made.sold is not Sold.PIECE:
            made = replace(made, unit="kg")
        if made.sold is not Sold.PIECE and made.unit not in MEASURES:
            raise UnitNotWeighedError(product=made.name)
        if made.sold is Sold.WEIGHED and made.piece_quantity * MEASURES[made.unit].size > MOST_PIECE:
            raise PieceTooHeavyError(product=made.name, quantity=quantity_words(made.piece_quantity, made.unit))
        if present is not None and self._counts_otherwise(present, made):
            raise CountedOtherwiseError(product=made.name)
        if made.by_pieces and made.stock is not None and made.stock % ONE:
            raise StockNotWholeError(product=made.name)
        return made

    def _counts_otherwise(self, present: Product, made: Product) -> bool:
        """Tell whether a number that the file does not say would come to mean something else."""
        unit_changes = present.unit != made.unit
        stock_kept = "stock" not in self.said and present.stock is not None
        weight_kept = "sold" not in self.said and present.sold is Sold.WEIGHED
        return (stock_kept and (unit_changes or present.by_pieces != made.by_pieces)) or (weight_kept and unit_changes)


def headings(row: Row) -> tuple[list[str | None], list[str]]:
    """Find which column is which; give a sentence for what is wrong with the headings."""
    columns = [_COLUMN_OF.get(_heading(cell)) for cell in row.cells]
    unknown = [cell[:40] for cell, column in zip(row.cells, columns, strict=True) if cell and column is None]
    twice = [column for column, n in Counter(filter(None, columns)).items() if n > 1]
    troubles = []
    if "product" not in columns or "price" not in columns:
        troubles.append(_("La première ligne doit nommer les colonnes, au moins « produit » et « prix »."))
    elif unknown:
        known = ", ".join(column_name(column) for column in HEADINGS)
        troubles.append(
            _("Je ne connais pas : {unknown}. Les colonnes sont : {known}.", unknown=", ".join(unknown), known=known)
        )
    if twice:
        troubles.append(_("Il y a deux colonnes « {column} ».", column=column_name(twice[0])))
    return columns, troubles


def line(row: Row, columns: Sequence[str | None]) -> Line:
    """Read a line. Raises WrongCellError."""
    cells = dict.fromkeys(column for column in columns if column) | _cells(row, columns)
    said: dict[str, Any] = {}
    for column, text in cells.items():
        if column not in {"product", "price"}:
            said |= READ[column](text or "")
    return Line(row.number, name_of(cells["product"] or ""), price_of(cells["price"] or ""), said)


def identity(name: str, producer: str) -> tuple[str, str]:
    """Give what makes a product the same one: its name and its producer, however they are written.

    >>> identity("Pâtes ", "Dupont") == identity("pates", "DUPONT")
    True
    """
    return folded(name), folded(producer)


def _heading(cell: str) -> str:
    return " ".join(re.sub(r"\(.*?\)|[€*:/_-]", " ", folded(unguarded(cell))).split())


def _cells(row: Row, columns: Sequence[str | None]) -> dict[str, str]:
    found = {}
    for rank, text in enumerate(row.cells):
        column = columns[rank] if rank < len(columns) else None
        if column is None and text:
            raise ExtraCellError(typed=shown(text))
        if column:
            found[column] = sound(text, column)
    return found


def wrong(number: int, refusal: WrongCellError) -> str:
    """Say what is wrong with a line."""
    return _("Ligne {number} : {trouble}", number=number, trouble=told(refusal))
