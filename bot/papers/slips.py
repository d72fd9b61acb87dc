"""A deposit slip as a file for the bank and the treasurer: CSV that French spreadsheets open, or XLSX (B22)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Connection

from bot.chat import Document, UndeliverableError
from bot.groups.people import Group
from bot.ledger.drawer import Cheques
from bot.market.sheet_cells import guarded
from bot.papers.balances import XLSX
from bot.papers.journal import decimal
from bot.words import _, short_day

Line = tuple[str, str, str, int]


def as_csv(connection: Connection, group: int, slip: int) -> Document:
    """Write a slip as CSV: a byte-order mark, semicolons, decimal commas, the total last."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_headings())
    for at, name, written, cents in _lines(connection, group, slip):
        writer.writerow([at, guarded(name), guarded(written), decimal(cents, ",")])
    return Document("", ("\ufeff" + out.getvalue()).encode(), "text/csv")


def as_xlsx(connection: Connection, group: int, slip: int) -> Document:
    """Write a slip as an XLSX sheet."""
    import xlsxwriter  # noqa: PLC0415 - heavy, used rarely

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, money = book.add_worksheet(_("Remise")), book.add_format({"num_format": "# ##0.00 [$€-40C]"})
        sheet.write_row(0, 0, _headings(), book.add_format({"bold": True}))
        sheet.set_column(0, 3, 22)
        for line, (at, name, written, cents) in enumerate(_lines(connection, group, slip), start=1):
            sheet.write_row(line, 0, [at, name, written])
            sheet.write_number(line, 3, cents / 100, money)
    return Document("", out.getvalue(), XLSX)


def _headings() -> list[str]:
    return [_("reçu le"), _("nom"), _("banque et numéro"), _("montant")]


def _lines(connection: Connection, number: int, slip: int) -> Iterator[Line]:
    """Give a line a cheque, then how many there are and their total.

    Raises UndeliverableError where the slip was undone meanwhile.
    """
    group, found = Group(connection, number), Cheques(connection, number).on_slip(slip)
    if not found:
        raise UndeliverableError("the slip was undone")
    for cheque in found:
        yield short_day(cheque.at), group.name_of(cheque.member), group.cheque_note(cheque.payment), cheque.amount
    yield _("Total"), str(len(found)), "", sum(cheque.amount for cheque in found)
