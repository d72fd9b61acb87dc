"""A file of cells: CSV as spreadsheets write it, or XLSX, known by its bytes and never by its name."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.market.sheet_limits import (
    MOST_BYTES,
    MOST_LINES,
    BrokenLineError,
    EmptySheetError,
    GarbledLineError,
    OldSheetError,
    SheetTooLargeError,
    TooManyLinesError,
    UnreadableSheetError,
)

SEPARATORS = (";", "\t", ",")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

_GUARDED = re.compile(rf"'+[{re.escape(''.join(FORMULA_STARTS))}]")
_GARBLED = re.compile("\ufffd|Ã[©¨ª´®¢¯«»§‰]|â‚¬|Å“")
_KINDS = (
    (b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0", "xls"), (b"%PDF", "other"), (b"\xff\xd8\xff", "other"), (b"\x89PNG", "other"),
    (b"GIF8", "other"), (b"{\\rtf", "other"), (b"<", "other"), (b"\x1f\x8b", "other"), (b"Rar!", "other"), (b"7z\xbc", "other"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """The cells of one line, without spare spaces. ``number`` is its place in the file, from 1."""

    number: int
    cells: tuple[str, ...]


def rows(content: bytes) -> list[Row]:
    r"""Give the lines of a file that are not empty, its headings first.

    Raises UnreadableSheetError and its kinds (:mod:`bot.market.sheet_limits`).

    >>> rows("Produit;Prix\n\nPâtes;2,10\n".encode("cp1252"))
    [Row(number=1, cells=('Produit', 'Prix')), Row(number=3, cells=('Pâtes', '2,10'))]
    """
    return list(_all_rows(content))


@lru_cache(maxsize=4)
def _all_rows(content: bytes) -> tuple[Row, ...]:
    """Read a file once: a conversation reads it again at each of its answers."""
    if len(content) > MOST_BYTES:
        raise SheetTooLargeError(most=MOST_BYTES // 1000)
    kind = next((kind for start, kind in _KINDS if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(start)), "text")
    if kind == "xls":
        raise OldSheetError
    if kind == "other":
        raise UnreadableSheetError
    if kind == "zip":
        from bot.market.sheet_xlsx import workbook_rows  # noqa: PLC0415 - openpyxl is heavy, and used rarely

        return tuple(limited(workbook_rows(content)))
    return tuple(limited(_text_rows(decoded(content))))


def limited(found: Iterable[tuple[int, list[str]]]) -> list[Row]:
    """Keep the lines that are not empty; refuse more than a catalogue has."""
    read = (Row(number, tuple(map(_tidy, cells))) for number, cells in found)
    kept = [row for row in read if any(row.cells)]
    if not kept:
        raise EmptySheetError
    if len(kept) > MOST_LINES + 1:
        raise TooManyLinesError(n=len(kept) - 1, most=MOST_LINES)
    for row in kept:
        if _GARBLED.search(" ".join(row.cells)):
            raise GarbledLineError(number=row.number)
    return kept


def _tidy(cell: str) -> str:
    """Tidy a text as one that is typed: no spare spaces, no control or direction characters (B48)."""
    words = " ".join(cell.split())
    if words.isprintable():
        return words
    return " ".join("".join(c for c in words if unicodedata.category(c)[0] != "C").split())


def decoded(content: bytes) -> str:
    """Decode a text file: UTF-16 or UTF-8, with or without a mark, else Windows-1252.

    >>> [decoded("Élodie".encode(encoding)) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")]
    ['Élodie', 'Élodie', 'Élodie', 'Élodie', 'Élodie']
    """
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableSheetError


def unguarded(text: str) -> str:
    """Undo what keeps a spreadsheet from taking a text for a formula.

    >>> unguarded("'=1+1"), unguarded("'tite salade")
    ('=1+1', "'tite salade")
    """
    return text[1:] if _GUARDED.match(text) else text


def guarded(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; :func:`unguarded` undoes it, whatever the text.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("Pain")
    ("'=1+1", "''=1+1", 'Pain')
    """
    return "'" + text if text.startswith(FORMULA_STARTS) or _GUARDED.match(text) else text


def _encodings(content: bytes) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
        return
    if b"\x00" in content[:200]:
        yield "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
        return
    yield from ("utf-8-sig", "cp1252")


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Read with the first separator that the first line has outside quotes; « sep=; » is Excel's own way to tell it.

    « Durand, Léa;-8,20 » has more commas than semicolons.
    """
    told = re.match(r"sep=(.)\r?\n", text)
    first = next((line for line in text[told.end() if told else 0 :].splitlines() if line.strip()), "")
    bare = re.sub('"[^"]*"', "", first)
    separator = told[1] if told else next((mark for mark in SEPARATORS if mark in bare), SEPARATORS[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    try:
        for cells in reader:
            if not (told and number == 1):
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise BrokenLineError(number=number) from error
