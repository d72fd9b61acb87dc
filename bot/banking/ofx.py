"""OFX, versions 1 (SGML, tags left open) and 2 (XML), as tolerantly as banks write it."""

from __future__ import annotations

import html
import re

from bot.banking.errors import CutOffError
from bot.banking.line import BankLine, account_number, cents, day, words

_OPERATION = re.compile("<STMTTRN>", re.IGNORECASE)
_OPERATION_ENDS = re.compile("</STMTTRN>|</BANKTRANLIST>", re.IGNORECASE)
_ACCOUNT = re.compile("(?=<(?:CC)?STMTRS>)", re.IGNORECASE)
_FIELD = re.compile(r"<([A-Za-z0-9.]+)>([^<]*)")


def is_one(text: str) -> bool:
    """Tell OFX by its outermost tag."""
    return "<OFX>" in text[:4000].upper()


def read(text: str) -> list[BankLine]:
    """Read the operations of every account. Raises StatementError."""
    if "</OFX>" not in text[-4000:].upper():
        raise CutOffError(text.rstrip().count("\n") + 1)
    lines: list[BankLine] = []
    head, *accounts = _ACCOUNT.split(text)
    number = 1 + head.count("\n")
    for part in accounts:
        lines += _of_account(part, number)
        number += part.count("\n")
    return lines


def _of_account(part: str, number: int) -> list[BankLine]:
    before, *operations = _OPERATION.split(part)
    about = _fields(before)
    account, currency = account_number(about.get("ACCTID", "")), about.get("CURDEF", "EUR").upper()
    number += before.count("\n")
    lines = []
    for operation in operations:
        end = _OPERATION_ENDS.search(operation)
        fields = _fields(operation[: end.start()] if end else operation)
        lines.append(_line(fields, number, account, currency))
        number += operation.count("\n")
    return lines


def _line(fields: dict[str, str], number: int, account: str, currency: str) -> BankLine:
    if "DTPOSTED" not in fields or "TRNAMT" not in fields:
        raise CutOffError(number)
    own = fields.get("CURSYM", currency).upper() if "CURRENCY" in fields else currency
    said = words(fields.get("NAME"), fields.get("MEMO"), fields.get("REFNUM"))
    posted, amount = day(fields["DTPOSTED"], number), cents(fields["TRNAMT"], number)
    return BankLine(number, posted, amount, said, fields.get("FITID", "")[:80], account, own)


def _fields(text: str) -> dict[str, str]:
    """Read tags and what follows them; the first of each name counts."""
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(name.upper(), " ".join(html.unescape(value).split()))
    return found
