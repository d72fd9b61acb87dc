"""CFONB120: records of 120 signs, in lines or in one stream; each account's lines must lead to its new balance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.banking.errors import CutOffError, UnbalancedError, WrongAmountError
from bot.banking.line import BankLine, account_number, day, words
from bot.ledger.money import Cents

LENGTH = 120
SIGNED = "{ABCDEFGHI}JKLMNOPQR"
"""The last digit of an amount carries its sign: ten above zero, ten below."""

_BRACES = str.maketrans({"é": "{", "è": "}"})
"""What a French code page makes of the braces."""


def is_one(text: str) -> bool:
    """Tell CFONB120 by the first signs of its first record."""
    return re.match(r"\s*0[14][0-9]{5}[0-9 ]{4}[0-9]{5}", text[:200]) is not None


def read(text: str) -> list[BankLine]:
    """Read the movements of every account, checked against its balances. Raises StatementError."""
    lines: list[BankLine] = []
    balance: int | None = None
    last = 1
    for number, record in _records(text):
        last, code = number, record[:2]
        if code == "01":
            balance = _amount(record, number)
        elif code == "04" and balance is not None:
            lines.append(_movement(record, number))
            balance += lines[-1].amount
        elif code == "05" and balance is not None and lines:
            lines[-1] = replace(lines[-1], text=words(lines[-1].text, record[48:118]))
        elif code == "07" and balance is not None:
            if balance != _amount(record, number):
                raise UnbalancedError(number)
            balance = None
        else:
            raise CutOffError(number)
    if balance is not None:
        raise CutOffError(last)
    return lines


def _records(text: str) -> Iterator[tuple[int, str]]:
    """Give records with their line; spaces lost at their end are put back."""
    rows = [(number, row.rstrip("\r")) for number, row in enumerate(text.split("\n"), start=1)]
    rows = [(number, row) for number, row in rows if row.strip("\x1a \t")]
    stream = len(rows) == 1 and len(rows[0][1]) > LENGTH
    if stream:
        row = rows[0][1].rstrip("\x1a")
        rows = [(at // LENGTH + 1, row[at : at + LENGTH]) for at in range(0, len(row), LENGTH)]
    for number, row in rows:
        shortest = 46 if row.startswith("05") else 104
        if not shortest <= len(row.rstrip()) <= LENGTH:
            raise CutOffError(number)
        yield number, row.ljust(LENGTH)


def _movement(record: str, number: int) -> BankLine:
    known = record[104:120].strip()
    bank_id = known if known.strip("0 ") else ""
    currency = record[16:19].strip() or "EUR"
    return BankLine(
        number, day(f"{record[34:36]}/{record[36:38]}/{record[38:40]}", number), Cents(_amount(record, number)),
        words(record[48:79]), bank_id, account_number(record[21:32]), currency,
    )  # fmt: skip


def _amount(record: str, number: int) -> int:
    """Read fourteen signs of which the last is digit and sign, in cents whatever the record's decimals."""
    typed, decimals = record[90:104].translate(_BRACES), record[19]
    if not re.fullmatch(r"[0-9]{13}[{}A-R]", typed) or decimals not in "0123 ":
        raise WrongAmountError(number, typed=typed.strip())
    rank = SIGNED.index(typed[-1])
    value = int(typed[:-1] + str(rank % 10)) * (1 if rank < 10 else -1)
    places = int(decimals) if decimals != " " else 2
    if places == 3 and value % 10:
        raise WrongAmountError(number, typed=typed.strip())
    return value // 10 if places == 3 else value * 10 ** (2 - places)
