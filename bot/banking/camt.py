"""CAMT.053, the statement of ISO 20022, in the versions that banks send (.02 to .08)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, cast

from bot.banking.errors import CutOffError
from bot.banking.line import BankLine, account_number, cents, day, line_of, words
from bot.ledger.money import Cents

_ENTRY = re.compile(r"<(?:\w+:)?Ntry[\s>]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
SAYING = ("Nm", "Ustrd", "EndToEndId", "Ref", "AddtlTxInf")
STEP = 16_384
DEEPEST = 60


def is_one(text: str) -> bool:
    """Tell CAMT.053 by its name space or its outermost element."""
    head = text[:4000]
    return "camt.053" in head or "BkToCstmrStmt" in head


def read(text: str) -> list[BankLine]:
    """Read the booked entries of every statement in it. Raises StatementError."""
    root = _parsed(_DECLARATION.sub("", text, count=1))
    places = iter([line_of(text, found.start()) for found in _ENTRY.finditer(text)])
    lines: list[BankLine] = []
    for statement in _below(root, "Stmt"):
        account = account_number(_text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id"))
        for entry in _children(statement, "Ntry"):
            lines += _lines(entry, next(places, 1), account)
    return lines


def _parsed(text: str) -> ET.Element:
    """Parse, not deeper than a statement is. Document types, and so entities, were refused before."""
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(["start", "end"])
    root: ET.Element | None = None
    depth = 0
    try:
        for start in range(0, len(text), STEP):
            parser.feed(text[start : start + STEP])
            for event, element in cast("Iterator[tuple[str, ET.Element]]", parser.read_events()):
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise CutOffError(line_of(text, start))
        parser.close()
    except ET.ParseError as trouble:
        raise CutOffError(max(1, trouble.position[0])) from trouble
    if root is None:
        raise CutOffError
    return root


def _lines(entry: ET.Element, number: int, account: str) -> Iterator[BankLine]:
    """Give an entry's line, or those of its details where they add up to it."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status not in {"", "BOOK"}:
        return
    amount, currency = _amount(entry, number)
    posted = day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt"), number)
    known = _text(entry, "AcctSvcrRef")[:70]
    details = [found for found in entry.iter() if _name(found) == "TxDtls"]
    parts = [_part(found) for found in details]
    whole = [part for part in parts if part is not None]
    sign = _sign(entry, number)
    if len(details) > 1 and len(whole) == len(details) and sum(whole) == amount:
        for rank, (found, part) in enumerate(zip(details, whole, strict=True)):
            key = _text(found, "Refs/AcctSvcrRef")[:70] or (f"{known}/{rank}" if known else "")
            yield BankLine(number, posted, Cents(sign * part), _said(found), key, account, currency)
        return
    yield BankLine(number, posted, Cents(sign * amount), _said(entry), known, account, currency)


def _amount(entry: ET.Element, number: int) -> tuple[Cents, str]:
    found = next(_children(entry, "Amt"), None)
    if found is None:
        raise CutOffError(number)
    return cents(found.text or "", number), found.get("Ccy", "EUR").upper()


def _sign(entry: ET.Element, number: int) -> int:
    signs = {"CRDT": 1, "DBIT": -1}
    found = _text(entry, "CdtDbtInd")
    if found not in signs:
        raise CutOffError(number)
    return signs[found]


def _part(detail: ET.Element) -> Cents | None:
    typed = _text(detail, "Amt") or _text(detail, "AmtDtls/TxAmt/Amt")
    return cents(typed, 1) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", typed) else None


def _said(element: ET.Element) -> str:
    found = [part.text for part in element.iter() if _name(part) in SAYING and part.text]
    extra = _text(element, "AddtlNtryInf")
    return words(*[text for text in found if text != "NOTPROVIDED"], extra)


def _name(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _below(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (found for found in element.iter() if _name(found) == name)


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in element if _name(child) == name)


def _text(element: ET.Element, path: str) -> str:
    """Give the text at a path of plain names, nothing where there is none."""
    found: ET.Element | None = element
    for name in path.split("/"):
        found = next(_children(found, name), None) if found is not None else None
    return (found.text or "").strip() if found is not None else ""
