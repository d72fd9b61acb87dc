"""A line of a bank statement, and how its amounts and days are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.banking.errors import WrongAmountError, WrongDayError
from bot.ledger.money import Cents

MOST_BYTES = 2_000_000
MOST_LINES = 5_000
LONGEST_TEXT = 400
EARLIEST, LATEST = 1990, 2100
LARGEST = 10**11
"""A thousand million euros: more is a slip, not an amount."""

_PLAIN = re.compile(r"([+-]?)([0-9]{1,12})(?:[.,]([0-9]{1,8}))?")
_FRENCH = re.compile(r"([+-]?)([0-9]{1,12}|[0-9]{1,3}(?:([.,])[0-9]{3}){1,3})(?:[.,]([0-9]{1,2}))?")
_DAYS = (
    (re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"), (1, 2, 3)),
    (re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"), (1, 2, 3)),
    (re.compile(r"([0-9]{2})[/.-]([0-9]{2})[/.-]([0-9]{4})"), (3, 2, 1)),
    (re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{2})(?![0-9])"), (3, 2, 1)),
)


@dataclass(frozen=True)
class BankLine:
    """One operation: where it stands in the file, its day, its amount in cents (debits below zero), what it says.

    ``account`` as far as the file names it, letters and digits only; ``bank_id`` the bank's own id, where there is one.
    """

    number: int
    day: date
    amount: Cents
    text: str
    bank_id: str = ""
    account: str = ""
    currency: str = "EUR"

    @property
    def words(self) -> str:
        """Everything in which a reference may stand."""
        return f"{self.text} {self.bank_id}".strip()


def cents(typed: str, line: int) -> Cents:
    """Read an amount as files for programs write it: « -24.50 », « 24,5 », « 24.50000 ». Raises WrongAmountError."""
    found = _PLAIN.fullmatch(typed.strip())
    if found is None or (found[3] or "")[2:].strip("0"):
        raise WrongAmountError(line, typed=typed.strip()[:20])
    return _whole(found[1], found[2], (found[3] or "")[:2], typed, line)


def french_cents(typed: str, line: int) -> Cents:
    """Read an amount as people's exports write it: « 1 234,50 € », « -1.234,50 ». Raises WrongAmountError.

    >>> french_cents("1 234,50 €", 1), french_cents("−0,5", 1), french_cents("1.234,56", 1)
    (123450, -50, 123456)
    """
    bare = re.sub(r"[\s\u00a0\u202f€'\"]|EUR", "", typed).replace("−", "-")
    found = _FRENCH.fullmatch(bare)
    if found is None or (found[3] and not found[4]) or (found[3] and bare.endswith(found[3] + (found[4] or ""))):
        raise WrongAmountError(line, typed=typed.strip()[:20])
    return _whole(found[1], re.sub("[.,]", "", found[2]), found[4] or "", typed, line)


def _whole(sign: str, euros: str, hundredths: str, typed: str, line: int) -> Cents:
    amount = int(euros) * 100 + int(hundredths.ljust(2, "0"))
    if amount > LARGEST:
        raise WrongAmountError(line, typed=typed.strip()[:20])
    return Cents(-amount if sign == "-" else amount)


def day(typed: str, line: int) -> date:
    """Read a day as banks write it. Raises WrongDayError."""
    for pattern, (year, month, number) in _DAYS:
        found = pattern.match(typed.strip())
        if found:
            years = int(found[year]) + (2000 if len(found[year]) == 2 else 0)
            if not EARLIEST <= years <= LATEST:
                break
            try:
                return date(years, int(found[month]), int(found[number]))
            except ValueError:
                break
    raise WrongDayError(line, typed=typed.strip()[:20])


def account_number(typed: str) -> str:
    """Keep the letters and digits of an account's number; none of one that is hidden in part."""
    bare = re.sub(r"[^A-Z0-9]", "", typed.upper())
    return "" if re.search(r"[*•#]|X{3}", typed.upper()) else bare


def line_of(text: str, place: int) -> int:
    """Tell in which line of a text a place is."""
    return text.count("\n", 0, place) + 1


def words(*parts: str | None) -> str:
    """Join what a bank says of an operation, without spare spaces."""
    return " ".join(" ".join(part for part in parts if part).split())[:LONGEST_TEXT]
