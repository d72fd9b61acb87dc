"""The catalogue written as a file, so that it can be changed in a spreadsheet and sent back: CSV or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from bot.market.products import ONE, Product, Sold
from bot.market.sheet_cells import guarded
from bot.market.sheet_fields import column_name
from bot.market.units import unit_name
from bot.words import _

_ORDER = ("product", "producer", "category", "unit", "price", "stock", "weight", "organic", "active")
_WIDTHS = (30, 20, 16, 10, 8, 8, 10, 6, 6)


def as_csv(products: Iterable[Product]) -> bytes:
    """Write a catalogue as CSV: a byte-order mark, semicolons, decimal commas, texts that no spreadsheet takes for formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([column_name(column) for column in _ORDER])
    for product in products:
        writer.writerow([_decimal(cell) if isinstance(cell, tuple) else cell for cell in _cells(product)])
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(products: Iterable[Product]) -> bytes:
    """Write a catalogue as an XLSX sheet: texts are texts, prices and stocks are numbers."""
    import xlsxwriter  # noqa: PLC0415 - heavy, used rarely

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(_("Catalogue")), book.add_format({"bold": True})
        price = book.add_format({"num_format": "0.00"})
        for rank, (column, width) in enumerate(zip(_ORDER, _WIDTHS, strict=True)):
            sheet.set_column(rank, rank, width)
            sheet.write_string(0, rank, column_name(column), bold)
        for line, product in enumerate(products, start=1):
            _write(sheet, line, _cells(product), price)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _write(sheet: Any, line: int, cells: list[str | tuple[int, int]], price: Any) -> None:
    for rank, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(line, rank, cell)
        else:
            sheet.write_number(line, rank, cell[0] / cell[1], price if _ORDER[rank] == "price" else None)


def _cells(product: Product) -> list[str | tuple[int, int]]:
    """Give the cells of a product; a number is a pair, how many and of what part of one: (210, 100) is 2.10."""
    weight: str | tuple[int, int] = {Sold.PIECE: _("non"), Sold.WEIGHT: _("oui")}.get(product.sold, "")
    return [
        guarded(product.name), guarded(product.producer), guarded(product.category), unit_name(product.unit),
        (product.price, 100),
        "" if product.stock is None else (product.stock, ONE),
        weight or (product.piece_quantity, ONE),
        _("oui") if product.organic else _("non"),
        _("oui") if product.active else _("non"),
    ]  # fmt: skip


def _decimal(number: tuple[int, int]) -> str:
    """Write a number with a decimal comma: two decimals for cents, as few as needed for thousandths.

    >>> _decimal((210, 100)), _decimal((1500, 1000)), _decimal((2000, 1000)), _decimal((5, 100))
    ('2,10', '1,5', '2', '0,05')
    """
    whole, rest = divmod(number[0], number[1])
    if number[1] == 100:
        return f"{whole},{rest:02}"
    return f"{whole},{rest:03}".rstrip("0").rstrip(",")
