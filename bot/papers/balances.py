"""All balances of a group as a spreadsheet: CSV that French spreadsheets open, or XLSX (B36)."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import Document
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.market.sheet_cells import guarded
from bot.words import _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(connection: Connection, group: int, now: datetime) -> Document:
    """Write the balances as CSV: a byte-order mark, semicolons, decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_headings())
    for reference, name, *amounts in _lines(connection, group, now):
        writer.writerow([reference, guarded(name), *(_decimal(cents) for cents in amounts)])
    return Document("", ("\ufeff" + out.getvalue()).encode(), "text/csv")


def as_xlsx(connection: Connection, group: int, now: datetime) -> Document:
    """Write the balances as an XLSX sheet with sums."""
    import xlsxwriter  # noqa: PLC0415 - heavy, used rarely

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, money = book.add_worksheet(_("Soldes")), book.add_format({"num_format": "# ##0.00 [$€-40C]"})
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, _headings(), bold)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 4, 14)
        for line, (reference, name, *amounts) in enumerate(_lines(connection, group, now), start=1):
            sheet.write_row(line, 0, [reference, name])
            for column, cents in enumerate(amounts, start=2):
                sheet.write_number(line, column, cents / 100, money)
        sheet.freeze_panes(1, 0)
    return Document("", out.getvalue(), XLSX)


def _headings() -> list[str]:
    return [_("référence"), _("nom"), _("solde"), _("en attente"), _("prévisionnel")]


def _lines(connection: Connection, group: int, now: datetime) -> list[Any]:
    names = Group(connection, group).names()
    standings = sorted(Books(connection, group, now).standings(), key=lambda s: (s.balance, names.get(s.member, "")))
    return [
        [f"m{s.member}", names.get(s.member, ""), s.balance, s.pending, s.projected] for s in standings
    ]  # fmt: skip


def _decimal(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02}"
