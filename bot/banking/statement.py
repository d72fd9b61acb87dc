"""A bank statement: recognised by its content, never by its name; read whole or not at all (B23)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.banking import camt, cfonb, csv_export, ofx
from bot.banking.errors import EmptyStatementError, ForbiddenMarkupError, StatementError, StatementTooLargeError
from bot.banking.line import MOST_BYTES, MOST_LINES, BankLine, line_of
from bot.banking.matching import remember

FORMS: tuple[tuple[str, Callable[[str], bool], Callable[[str], list[BankLine]]], ...] = (
    ("OFX", ofx.is_one, ofx.read),
    ("CAMT.053", camt.is_one, camt.read),
    ("CFONB120", cfonb.is_one, cfonb.read),
    ("CSV", csv_export.is_one, csv_export.read),
)
KEPT_READ = 4
"""Statements read last are kept: a conversation runs again at every message, and must not read its file again."""

_FORBIDDEN = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """What a file says: its form, its lines, debits included, and their keys."""

    form: str
    lines: tuple[BankLine, ...]
    keys: tuple[str, ...]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of its lines."""
        days = [line.day for line in self.lines]
        return min(days), max(days)


def read(content: bytes) -> Statement:
    """Read a statement. Raises StatementError, with its line."""
    found = _attempt(content)
    if isinstance(found, StatementError):
        raise type(found)(**found.facts)  # type: ignore[arg-type]  # a line and words, as it was made
    return found


def is_statement(content: bytes) -> bool:
    """Tell whether a file is a bank statement, even one that cannot be read to its end."""
    text = decoded(content)
    return any(is_one(text) for _form, is_one, _read in FORMS)


def read_ahead(content: bytes) -> None:
    """Read a file before anybody waits for it; what is wrong with it is said to who asks."""
    found = _attempt(content)
    if isinstance(found, Statement):
        remember(found.lines)


@lru_cache(maxsize=KEPT_READ)
def _attempt(content: bytes) -> Statement | StatementError:
    try:
        return _read(content)
    except StatementError as trouble:
        return type(trouble)(**trouble.facts)  # type: ignore[arg-type]  # a fresh one holds no frames


def _read(content: bytes) -> Statement:
    if len(content) > MOST_BYTES:
        raise StatementTooLargeError(1, most=MOST_LINES)
    text = decoded(content)
    if not text.strip():
        raise EmptyStatementError
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise ForbiddenMarkupError(line_of(text, forbidden.start()))
    for form, is_one, read_form in FORMS:
        if is_one(text):
            return _checked(form, read_form(text))
    raise StatementError


def _checked(form: str, lines: list[BankLine]) -> Statement:
    if not lines:
        raise EmptyStatementError
    if len(lines) > MOST_LINES:
        raise StatementTooLargeError(lines[MOST_LINES].number, most=MOST_LINES)
    return Statement(form, tuple(lines), tuple(keys(lines)))


def decoded(content: bytes) -> str:
    """Turn bytes into text, as banks write it: UTF-8 or UTF-16 that says so, UTF-8, or Windows-1252."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def keys(lines: Sequence[BankLine]) -> list[str]:
    """Give each line a key that is the same whenever it comes again: account, day, amount, the bank's id or the text.

    Lines that are alike are told apart by their rank, so a statement should hold whole days.
    """
    ranks: Counter[str] = Counter()
    found = []
    for line in lines:
        which = line.bank_id or " ".join(line.text.split()).casefold()
        base = f"{line.account}|{line.day}|{line.amount}|{which}"
        ranks[base] += 1
        found.append(hashlib.sha256(f"{base}|{ranks[base]}".encode(errors="replace")).hexdigest()[:32])
    return found
