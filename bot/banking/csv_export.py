"""CSV as the French banks export it: all different, known by the headings of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.banking.errors import CutOffError, StatementError
from bot.banking.line import BankLine, account_number, day, french_cents, words
from bot.folding import folded
from bot.ledger.money import Cents

SEPARATORS = (";", ",", "\t")
MOST_BEFORE = 60
"""Rows before the headings: the account, its holder, its balance."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "day": ("date de comptabilisation", "date comptabilisation", "dateop", "date operation", "date d'operation", "date de l'operation",
            "date comptable", "date"),
    "amount": ("montant operation", "montant de l'operation", "montant(euros)", "montant (euros)", "montant en euros", "montant (eur)",
               "montant", "amount"),
    "debit": ("debit", "debit euros", "debit (eur)", "montant debit", "debit en euros"),
    "credit": ("credit", "credit euros", "credit (eur)", "montant credit", "credit en euros"),
    "label": ("libelle complet operation", "libelle operation", "libelle de l'operation", "libelle simplifie", "libelle", "label"),
    "more": ("informations complementaires", "detail de l'ecriture", "libelle complementaire", "detail", "commentaire"),
    "id": ("reference", "reference operation", "numero d'operation"),
    "currency": ("devise", "currency"),
}  # fmt: skip
"""What columns are called, folded, with « _ » read as a space; the first that is there counts."""

_ACCOUNT = re.compile(r"\b([A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30})\b|(?<![0-9])([0-9]{23}|[0-9]{21}|[0-9]{11})(?![0-9])")


@dataclass(frozen=True)
class Headings:
    """Where the columns are, and the rows that stand above them."""

    separator: str
    rows_before: int
    columns: dict[str, int]
    account: str


def is_one(text: str) -> bool:
    """Tell an export by its headings: a day, a text and amounts."""
    return _headings(text) is not None


def read(text: str) -> list[BankLine]:
    """Read every row below the headings. Raises StatementError."""
    found = _headings(text)
    if found is None:
        raise StatementError
    lines = []
    for rank, (number, row) in enumerate(_rows(text, found.separator)):
        if rank > found.rows_before:
            line = _line(row, number, found)
            if line is not None:
                lines.append(line)
    return lines


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    number = 0
    try:
        for row in reader:
            yield number + 1, row
            number = reader.line_num
    except csv.Error as trouble:
        raise CutOffError(max(1, reader.line_num)) from trouble


@lru_cache(maxsize=1)
def _headings(text: str) -> Headings | None:
    for separator in SEPARATORS:
        account = ""
        try:
            for rank, (_number, row) in enumerate(_rows(text, separator)):
                columns = _columns(row)
                if columns is not None:
                    return Headings(separator, rank, columns, account)
                account = account or _account(row)
                if rank == MOST_BEFORE:
                    break
        except CutOffError:
            continue
    return None


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    names = [folded(cell.strip().strip('"').replace("_", " ")) for cell in row]
    found = {part: names.index(name) for part, known in HEADINGS.items() for name in reversed(known) if name in names}
    amounts = "amount" in found or "credit" in found
    return found if amounts and "day" in found and "label" in found else None


def _account(row: Sequence[str]) -> str:
    found = _ACCOUNT.search(" ".join(row).upper().replace("\u00a0", " "))
    return account_number(found[0]) if found else ""


def _line(row: list[str], number: int, headings: Headings) -> BankLine | None:
    """Read a row; none for an empty one, and for what a bank writes below the last."""
    cells = {part: row[place].strip() if place < len(row) else "" for part, place in headings.columns.items()}
    if not any(cell.strip() for cell in row) or _is_prose(cells):
        return None
    posted: date = day(cells["day"], number)
    said = words(cells["label"], cells.get("more"))
    if not any(cells.get(part) for part in ("amount", "credit", "debit")):
        raise CutOffError(number)
    currency = cells.get("currency", "").upper() or "EUR"
    return BankLine(number, posted, _amount(cells, number), said, cells.get("id", "")[:80], headings.account, currency)


def _is_prose(cells: dict[str, str]) -> bool:
    return not re.match("[0-9]", cells["day"]) and not any(cells.get(part) for part in ("amount", "credit", "debit"))


def _amount(cells: dict[str, str], number: int) -> Cents:
    """Read the amount; of two columns, a credit counts as it stands and a debit below zero."""
    if cells.get("amount"):
        return french_cents(cells["amount"], number)
    credit = french_cents(cells["credit"], number) if cells.get("credit") else Cents(0)
    debit = french_cents(cells["debit"], number) if cells.get("debit") else Cents(0)
    return Cents(credit - abs(debit))
