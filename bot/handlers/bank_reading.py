"""A statement against the books of the group: whose account, which lines count, what each of them seems to be (B23, B28)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from bot.banking.bank import Bank
from bot.banking.line import BankLine
from bot.banking.matching import BY_HAND_AFTER, BY_HAND_BEFORE, Expected, Kind, Known, Proposal, propose
from bot.banking.qr import bare_iban
from bot.banking.statement import Statement
from bot.handlers.visit import Visit
from bot.ledger.books import Books
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.market.market import Market
from bot.questions import MAX_AMOUNT

SHORTEST_ACCOUNT = 5

KEPT_COMPARED = 8
"""Comparisons made last are kept: a conversation runs again at every message, and the books have rarely changed since."""


class WrongStatementError(Refusal):
    """A statement that is read, and not taken."""


class OtherAccountError(WrongStatementError):
    """It is not of the group's account."""

    sentence = N_("Ce relevé est celui d'un autre compte (…{end}) que celui du groupe. Rien n'a été enregistré.")


class SeveralAccountsError(WrongStatementError):
    """It is of several accounts, and the group has not said which is its own."""

    sentence = N_("Ce relevé contient plusieurs comptes et l'IBAN du groupe n'est pas réglé. Rien n'a été enregistré.")


class InTheFutureError(WrongStatementError):
    """A line of a day still to come."""

    sentence = N_("Ligne {line} : une opération du {day:day}, c'est dans le futur. Rien n'a été enregistré.")


@dataclass(frozen=True)
class Compared:
    """What a statement is against the books. ``own`` are lines for the speaker's own account (B43).

    ``debits``, ``foreign`` and ``other_accounts`` count the lines that are left aside; ``named`` tells whether the file
    says whose account it is, ``checked`` whether that was compared.
    """

    statement: Statement
    proposals: tuple[Proposal, ...]
    own: tuple[Proposal, ...]
    known: Known
    debits: int
    foreign: int
    other_accounts: int
    named: bool
    checked: bool

    @cached_property
    def sure(self) -> list[Proposal]:
        """Those that can be agreed to at once: by reference and amount, or validated by hand already."""
        return [p for p in self.proposals if p.kind in {Kind.SURE, Kind.LINKED}]

    @cached_property
    def open(self) -> list[Proposal]:
        """All that are not in the books yet, the surest first."""
        order = (Kind.SURE, Kind.LINKED, Kind.PROBABLE, Kind.UNKNOWN)
        return [p for kind in order for p in self.proposals if p.kind is kind]

    @cached_property
    def mark(self) -> str:
        """Sum up everything that is proposed: consent is to exactly that."""
        said = [f"{p.key}{p.kind}{p.member}{p.payment and (p.payment.state, p.payment.number)}" for p in self.proposals]
        return hashlib.blake2s("\n".join(said).encode(), digest_size=6).hexdigest()


def compared(visit: Visit, statement: Statement) -> Compared:
    """Compare a statement with the books. Raises WrongStatementError."""
    iban = bare_iban(visit.group.settings.iban)
    named = {line.account for line in statement.lines if _is_named(line.account)}
    ours = {account for account in named if account in iban} if iban else named
    _refuse(visit, statement, named, ours)
    pairs = list(zip(statement.lines, statement.keys, strict=True))
    mine = [(line, key) for line, key in pairs if not _is_named(line.account) or line.account in ours]
    sums = tuple((line, key) for line, key in mine if line.amount > 0 and line.currency == "EUR")
    debits = sum(line.amount <= 0 for line, _key in mine)
    speaker = visit.person.number if visit.needs_another(visit.person.number) else 0
    return _found(_Comparing(
        statement, sums, _known(visit, [line for line, _key in sums]), speaker, debits,
        len(mine) - debits - len(sums), len(pairs) - len(mine), bool(named), bool(named and iban),
    ))  # fmt: skip


def _known(visit: Visit, lines: Sequence[BankLine]) -> Known:
    group = visit.group
    people = [*group.members(), *group.departed()]
    members, closed = {p.number: p.name for p in people}, frozenset(p.number for p in people if p.closed)
    return known_of(members, closed, group.settings.reference_prefix, visit.books, visit.market, visit.bank, lines)


@dataclass(frozen=True)
class _Comparing:
    """All that a comparison depends on: where it is the same again, so is what was found."""

    statement: Statement
    sums: tuple[tuple[BankLine, str], ...]
    known: Known
    speaker: int
    debits: int
    foreign: int
    other_accounts: int
    named: bool
    checked: bool

    def __hash__(self) -> int:
        return hash(self.statement.keys[:1])


@lru_cache(maxsize=KEPT_COMPARED)
def _found(asked: _Comparing) -> Compared:
    proposals = propose(asked.sums, asked.known)
    own = tuple(p for p in proposals if asked.speaker and p.member == asked.speaker)
    others = tuple(p for p in proposals if not asked.speaker or p.member != asked.speaker)
    return Compared(
        asked.statement, others, own, asked.known, asked.debits, asked.foreign, asked.other_accounts, asked.named,
        asked.checked,
    )  # fmt: skip


def _is_named(account: str) -> bool:
    return len(account) >= SHORTEST_ACCOUNT


def _refuse(visit: Visit, statement: Statement, named: set[str], ours: set[str]) -> None:
    if named and not ours:
        raise OtherAccountError(end=min(named)[-4:])
    if len(ours) > 1 and not visit.group.settings.iban:
        raise SeveralAccountsError
    tomorrow = (visit.now + timedelta(days=1)).date()
    late = next((line for line in statement.lines if line.day > tomorrow), None)
    if late is not None:
        raise InTheFutureError(line=late.number, day=late.day)


def known_of(
    members: Mapping[int, str],
    closed: frozenset[int],
    prefix: str,
    books: Books,
    market: Market,
    bank: Bank,
    lines: Sequence[BankLine],
) -> Known:
    """Read from the books everything that lines are compared with: who has left may still owe, or have paid before (B44)."""
    if not lines:
        return Known(members, prefix)
    first, last = min(line.day for line in lines), max(line.day for line in lines)
    nearby = bank.between(first - timedelta(days=1), last + timedelta(days=1))
    expected = (*_announced(books, market), *_by_hand(books, bank, first, last))
    dues = {s.member: Cents(-s.balance) for s in books.standings() if s.balance < 0}
    counted = frozenset(line.key for line in nearby)  # a line's key holds its day: whatever has one of theirs is nearby
    return Known(members, prefix, expected, dues, counted, nearby, MAX_AMOUNT, closed)


def _announced(books: Books, market: Market) -> Iterator[Expected]:
    """List what was declared, and what was planned."""
    for p in books.pending():
        transfer = p.method is Method.TRANSFER
        yield Expected("declared", p.number, p.member, p.amount, transfer, p.declared_at.date(), p.round)
    for plan in market.plans():
        transfer = plan.method is Method.TRANSFER
        yield Expected("planned", plan.number, plan.member, plan.amount, transfer, plan.planned_at.date())


def _by_hand(books: Books, bank: Bank, first: date, last: date) -> Iterator[Expected]:
    """List the transfers validated by hand about those days, and no line of a statement yet (B28)."""
    since, until = (books.now.replace(year=day.year, month=day.month, day=day.day) for day in (first, last))
    received = books.received_between(since - BY_HAND_BEFORE - timedelta(days=1), until + BY_HAND_AFTER)
    transfers = [p for p in received if p.method is Method.TRANSFER]
    linked = bank.matched_payments(p.number for p in transfers)
    for p in transfers:
        if p.number not in linked and p.received is not None and p.decided_at is not None:
            yield Expected("received", p.number, p.member, p.received, transfer=True, at=p.decided_at.date())
