"""All balances of a group as a spreadsheet: CSV that French spreadsheets open, or XLSX (B36)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import Document
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.market.sheet_cells import guarded
from bot.reminders.view import Dues
from bot.words import _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(connection: Connection, group: int, now: datetime) -> Document:
    """Write the balances as CSV: a byte-order mark, semicolons, decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_headings())
    for line in _lines(connection, group, now):
        money = [_decimal(cents) for cents in line.amounts]
        writer.writerow([line.reference, guarded(line.name), *money, line.section, line.since, line.left])
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
        sheet.set_column(2, 7, 14)
        lines = _lines(connection, group, now)
        for row, line in enumerate(lines, start=1):
            sheet.write_row(row, 0, [line.reference, line.name])
            for column, cents in enumerate(line.amounts, start=2):
                sheet.write_number(row, column, cents / 100, money)
            sheet.write_row(row, 5, [line.section, line.since, line.left])
        _totals(sheet, lines, money)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(lines), 7)
    return Document("", out.getvalue(), XLSX)


def _totals(sheet: Any, lines: Sequence[_Line], money: object) -> None:
    """Write the sums under the columns, as formulas whose result is there for programs that do not compute."""
    last = len(lines) + 1
    if not lines:
        return
    sheet.write_string(last, 1, _("total"))
    for column, letter in enumerate("CDE", start=2):
        total = sum(line.amounts[column - 2] for line in lines) / 100
        sheet.write_formula(last, column, f"=SUM({letter}2:{letter}{last})", money, total)


def _headings() -> list[str]:
    return [
        *(_("référence"), _("nom"), _("solde"), _("en attente"), _("prévisionnel")),
        *(_("section"), _("dû depuis"), _("parti le")),
    ]


@dataclass(frozen=True)
class _Line:
    """A member's line; amounts in cents: balance, pending, projected."""

    reference: str
    name: str
    amounts: tuple[int, int, int]
    section: str
    since: str
    left: str


def _lines(connection: Connection, group_number: int, now: datetime) -> list[_Line]:
    group = Group(connection, group_number)
    due = {one.member: one for one in Dues(connection, group, now).everybody()}
    names, departed = group.names(), {person.number for person in group.departed()}
    standings = sorted(
        Books(connection, group_number, now).standings(), key=lambda s: (s.balance, names.get(s.member, ""))
    )
    return [
        _Line(
            f"m{s.member}", names.get(s.member, ""), (s.balance, s.pending, s.projected), _section(s.balance),
            _day(due[s.member].since) if s.member in due else "",
            _day(group.left_at(s.member)) if s.member in departed else "",
        )
        for s in standings
    ]  # fmt: skip


def _section(balance: int) -> str:
    return _("doit") if balance < 0 else _("avoir") if balance > 0 else _("équilibre")


def _day(at: datetime | None) -> str:
    """Write a day as a spreadsheet sorts it."""
    return _("{at:short}", at=at) if at is not None else ""


def _decimal(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02}"
