"""The facts read again: what the entries and the payments should be, beside what they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, bindparam, select

from bot.ledger.facts import (
    ChequeBounced,
    ChequesDeposited,
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
from bot.ledger.tables import BOOK, CHEQUE, ENTRY, FACT, PAYMENT

ROWS_AT_ONCE = 1_000

_EVERY_FACT = select(FACT).order_by(FACT.c.group_id, FACT.c.number)
_FACTS = select(FACT).where(FACT.c.group_id == bindparam("group")).order_by(FACT.c.number)
_ENTRIES = (
    select(ENTRY.c.fact, ENTRY.c.account, ENTRY.c.contra, ENTRY.c.amount)
    .where(ENTRY.c.group_id == bindparam("group"))
    .order_by(ENTRY.c.fact)
)
_PAYMENTS = select(PAYMENT).where(PAYMENT.c.group_id == bindparam("group"))
_CHEQUES = select(CHEQUE).where(CHEQUE.c.group_id == bindparam("group"))


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


@dataclass(frozen=True)
class ChequeState:
    """Where a cheque is after some facts: as its row in the books."""

    payment: int
    amount: int
    slip: int | None = None
    bounced: int | None = None
    returned: int | None = None


@dataclass(frozen=True)
class Followed:
    """What facts read one after the other make of payments, by number, and of cheques, by what brought them.

    ``brought``: what brought the cheque of a payment last; ``touched``: the cheques that a fact brought or moved.
    """

    payments: dict[int, PaymentState] = field(default_factory=dict)
    cheques: dict[int, ChequeState] = field(default_factory=dict)
    brought: dict[int, int] = field(default_factory=dict)
    touched: dict[int, list[int]] = field(default_factory=dict)


def differences(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give, with its group, every fact whose entries and every payment whose state are not what the facts say."""
    for group in connection.execute(select(BOOK.c.group_id).order_by(BOOK.c.group_id)).scalars().all():
        followed = Followed()
        with _stream(connection, _FACTS, group) as facts, _stream(connection, _ENTRIES, group) as entries:
            for detail in _different_entries(connection, group, _side_by_side(facts, entries), followed):
                yield group, detail
        for detail in _different_payments(connection, group, followed.payments):
            yield group, detail
        for detail in _different_cheques(connection, group, followed.cheques):
            yield group, detail


def unreadable(connection: Connection) -> Iterator[tuple[int, int]]:
    """Give, with its group, the number of every fact of a known kind whose fields are no JSON, too many, too few, or none."""
    with connection.execute(_EVERY_FACT, execution_options={"yield_per": ROWS_AT_ONCE}) as facts:
        for row in facts:
            try:
                _read(row)
            except (ValueError, TypeError, AttributeError, LookupError):
                yield row.group_id, row.number


def _different_entries(
    connection: Connection, group: int, facts: Iterator[tuple[Any, list[Posting]]], followed: Followed
) -> Iterator[str]:
    """Compare what each fact posts with what is posted for it; let it do to the payments what it does."""
    for row, posted in facts:
        fact = _read(row)
        expected = None if fact is None else _expected(connection, group, fact)
        if fact is None or expected is None:
            yield f"n° {row.number} : « {row.kind} » (version {row.version}) est inconnu"
            continue
        follow(followed.payments, row.number, fact)
        follow_cheques(followed, row.number, fact)
        if sorted(expected, key=_order) != sorted(posted, key=_order):
            yield f"n° {row.number} : autres écritures"


def _different_payments(connection: Connection, group: int, payments: dict[int, PaymentState]) -> Iterator[str]:
    kept = {
        row.number: PaymentState(row.member, row.method, row.amount, row.state, row.round, row.received, row.decided)
        for row in connection.execute(_PAYMENTS, {"group": group})
    }
    for number in sorted(n for n in payments.keys() | kept.keys() if payments.get(n) != kept.get(n)):
        yield f"paiement n° {number} : autre état"


def _different_cheques(connection: Connection, group: int, cheques: dict[int, ChequeState]) -> Iterator[str]:
    kept = {
        row.received: ChequeState(row.payment, row.amount, row.slip, row.bounced, row.returned)
        for row in connection.execute(_CHEQUES, {"group": group})
    }
    for number in sorted(n for n in cheques.keys() | kept.keys() if cheques.get(n) != kept.get(n)):
        yield f"chèque reçu par le n° {number} : autre place"


def follow_cheques(followed: Followed, number: int, fact: Fact) -> None:
    """Do to cheques what a fact does to them, and to the payment of one that bounces."""
    match fact:
        case PaymentReceived(method=Method.CHEQUE):
            _bring(followed, number, ChequeState(number, fact.amount))
        case PaymentValidated(method=Method.CHEQUE):
            _bring(followed, number, ChequeState(fact.payment, fact.amount))
        case ChequesDeposited():
            for payment, _amount in fact.cheques:
                _move(followed, payment, number, slip=number)
        case ChequeBounced():
            _move(followed, fact.payment, number, bounced=number)
            _decide(followed.payments, fact.payment, state="bounced")
        case FactReversed(_, undone):
            _put_back(followed, undone, number)
        case _:
            pass


def _bring(followed: Followed, number: int, cheque: ChequeState) -> None:
    followed.cheques[number] = cheque
    followed.brought[cheque.payment] = number
    followed.touched[number] = [number]


def _move(followed: Followed, payment: int, number: int, **changes: int) -> None:
    """Move the cheque of a payment; where there is none, the table will say otherwise."""
    received = followed.brought.get(payment)
    if received is not None:
        followed.cheques[received] = replace(followed.cheques[received], **changes)
        followed.touched.setdefault(number, []).append(received)


def _put_back(followed: Followed, undone: int, reversal: int) -> None:
    for received in followed.touched.get(undone, []):
        cheque = followed.cheques[received]
        if received == undone:
            followed.cheques[received] = replace(cheque, returned=reversal)
        if cheque.slip == undone:
            followed.cheques[received] = replace(cheque, slip=None)
        if cheque.bounced == undone:
            followed.cheques[received] = replace(cheque, bounced=None)
            _decide(followed.payments, cheque.payment, state="validated")


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


def _side_by_side(facts: Iterable[Any], entries: Iterable[Any]) -> Iterator[tuple[Any, list[Posting]]]:
    """Go through facts and the entries of each, both in the order of their numbers: neither is held in memory."""
    grouped = groupby(entries, key=lambda row: row.fact)
    number, posted = _next(grouped)
    for fact in facts:
        while number is not None and number < fact.number:
            number, posted = _next(grouped)
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


def _order(posting: Posting) -> tuple[int, int, int]:
    return posting.account, posting.contra, posting.amount
