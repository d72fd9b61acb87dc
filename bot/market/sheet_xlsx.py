"""The cells of an XLSX workbook's first sheet as texts; nothing is computed, and what could burst the memory is refused."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.market.sheet_limits import MOST_COLUMNS, MOST_LINES, OpenDocumentError, TooManyLinesError, UnreadableSheetError

MOST_UNPACKED_BYTES = 16_000_000
MOST_PARTS = 200
MOST_ROWS = 20_000
"""Rows that may be empty: spreadsheets keep many below the last line."""

_BROKEN = (
    *(
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
        RuntimeError,
        AssertionError,
        EOFError,
    ),
    *(zipfile.BadZipFile, zlib.error, ParseError, InvalidFileException, NotImplementedError, OSError),
)


def workbook_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the lines of the first sheet, numbered from 1; a formula comes as it is written, « =B2*2 ».

    Raises UnreadableSheetError and its kinds.
    """
    _refuse_bombs(content)
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")  # it warns of styles that we do not read
    found = _read(content)
    if len(found) > MOST_ROWS:
        raise TooManyLinesError(n=len(found), most=MOST_LINES)
    return iter(list(enumerate(found, start=1)))


def _read(content: bytes) -> list[list[str]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        every = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        return [[_text(value) for value in row] for row in islice(every, MOST_ROWS + 1)]
    except _BROKEN as error:  # what a damaged workbook makes of openpyxl, which promises nothing
        raise UnreadableSheetError from error


def _refuse_bombs(content: bytes) -> None:
    """Look at what the archive says it holds, and that its parts declare no entities, before anything is unpacked in full."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise UnreadableSheetError
            if any(part.filename == "content.xml" for part in parts):
                raise OpenDocumentError
            if any(b"<!DOCTYPE" in archive.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))):
                raise UnreadableSheetError
    except _BROKEN as error:
        raise UnreadableSheetError from error


def _text(value: Any) -> str:
    """Write a cell as a CSV file has it: numbers with a point and without the noise of binary fractions."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime | date | time | timedelta):
        return value.isoformat() if not isinstance(value, timedelta) else str(value)
    return str(value) if isinstance(value, str | int) else "="
