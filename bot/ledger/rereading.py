"""The facts read again: what the entries and the payments should be, beside what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, bindparam, select

from bot.ledger.facts import (
    Fact,
    FactReversed,
    Method,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
    decode,
    kinds,
)
from bot.ledger.money import Cents
from bot.ledger.postings import Posting, mirror, postings
from bot.ledger.reversals import posted_by
from bot.ledger.tables import BOOK, ENTRY, FACT, PAYMENT

ROWS_AT_ONCE = 1_000

_FACTS = select(FACT).where(FACT.c.group_id == bindparam("group")).order_by(FACT.c.number)
_ENTRIES = (
    select(ENTRY.c.fact, ENTRY.c.account, ENTRY.c.contra, ENTRY.c.amount)
    .where(ENTRY.c.group_id == bindparam("group"))
    .order_by(ENTRY.c.fact)
)
_PAYMENTS = select(PAYMENT).where(PAYMENT.c.group_id == bindparam("group"))


@dataclass(frozen=True)
class PaymentState:
    """What a payment is after some facts: as its row in the books, without the dates."""

    member: int
    method: Method
    amount: Cents
    state: str
    round: int = 0
    received: Cents | None = None
    decided: int | None = None


def differences(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give, with its group, every fact whose entries and every payment whose state are not what the facts say."""
    for group in connection.execute(select(BOOK.c.group_id).order_by(BOOK.c.group_id)).scalars().all():
        payments: dict[int, PaymentState] = {}
        for row, posted in _facts_with_entries(connection, group):
            fact = _read(row)
            expected = None if fact is None else _expected(connection, group, fact)
            if fact is None or expected is None:
                yield group, f"n° {row.number} : « {row.kind} » (version {row.version}) est inconnu"
                continue
            follow(payments, row.number, fact)
            if sorted(expected, key=_order) != sorted(posted, key=_order):
                yield group, f"n° {row.number} : autres écritures"
        kept = {row.number: _kept(row) for row in _stream(connection, _PAYMENTS, group)}
        for number in sorted(n for n in payments.keys() | kept.keys() if payments.get(n) != kept.get(n)):
            yield group, f"paiement n° {number} : autre état"


def follow(payments: dict[int, PaymentState], number: int, fact: Fact) -> None:
    """Do to payments what a fact does to them. A fact about a payment that is not there does nothing."""
    match fact:
        case PaymentDeclared(member, amount, method):
            payments[number] = PaymentState(member, method, amount, "declared")
        case PaymentReceived(member, amount, method):
            payments[number] = PaymentState(member, method, amount, "validated", received=amount, decided=number)
        case PaymentValidated():
            _decide(payments, fact.payment, state="validated", received=fact.amount, decided=number)
        case PaymentRefused():
            _decide(payments, fact.payment, state="refused", decided=number)
        case PaymentWithdrawn():
            _decide(payments, fact.payment, state="withdrawn", decided=number)
        case FactReversed(_, undone):
            for found in [n for n, payment in payments.items() if payment.decided == undone]:
                _take_back(payments, found, undone, number)
        case _:
            pass


def _decide(payments: dict[int, PaymentState], number: int, **changes: Any) -> None:
    if number in payments:
        payments[number] = replace(payments[number], **changes)


def _take_back(payments: dict[int, PaymentState], number: int, undone: int, reversal: int) -> None:
    if number == undone:  # received without declaration
        _decide(payments, number, state="reversed", decided=reversal)
    else:
        again = payments[number].round + 1
        _decide(payments, number, state="declared", round=again, received=None, decided=None)


def _facts_with_entries(connection: Connection, group: int) -> Iterator[tuple[Any, list[Posting]]]:
    """Go through the facts of a group and the entries of each, side by side: neither is held in memory."""
    entries = groupby(_stream(connection, _ENTRIES, group), key=lambda row: row.fact)
    number, posted = _next(entries)
    for fact in _stream(connection, _FACTS, group):
        while number is not None and number < fact.number:
            number, posted = _next(entries)
        yield fact, posted if number == fact.number else []


def _next(entries: Iterator[tuple[int, Iterator[Any]]]) -> tuple[int | None, list[Posting]]:
    number, rows = next(entries, (None, iter(())))
    return number, [Posting(row.account, row.contra, row.amount) for row in rows]


def _stream(connection: Connection, query: Select[Any], group: int) -> CursorResult[Any]:
    return connection.execute(query, {"group": group}, execution_options={"yield_per": ROWS_AT_ONCE})


def _read(row: Any) -> Fact | None:
    return decode(row.kind, json.loads(row.body), row.version) if row.kind in kinds() else None


def _expected(connection: Connection, group: int, fact: Fact) -> tuple[Posting, ...] | None:
    if isinstance(fact, FactReversed):
        return mirror(posted_by(connection, group, fact.reversed))
    try:
        return postings(fact)
    except ValueError:  # no rule for its version, or nothing that the rule accepts
        return None


def _kept(row: Any) -> PaymentState:
    return PaymentState(
        row.member, Method(row.method), row.amount, row.state, row.round, row.received, row.decided
    )  # fmt: skip


def _order(posting: Posting) -> tuple[int, int, int]:
    return posting.account, posting.contra, posting.amount
