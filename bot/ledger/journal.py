"""The journal: ``record`` is the only writer of facts, entries and payments' states (B2, B3, B6).

One row per group (its book) is taken first: it numbers the facts, and on PostgreSQL it is the lock under which
everything that must hold is checked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.ledger import cheques, decisions, settling
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import (
    AccountOpened,
    Fact,
    FactReversed,
    PaymentDeclared,
    PaymentReceived,
    PaymentValidated,
    decode,
)
from bot.ledger.postings import GroupAccount, Posting, mirror, postings
from bot.ledger.prepared import Prepared
from bot.ledger.reversals import posted_by, refuse_reversal
from bot.ledger.tables import ACCOUNT, BIG, BOOK, ENTRY, FACT


class BooksClosedError(Refusal):
    """The group's books do not add up: nothing is posted but money received, until somebody has looked."""

    sentence = N_(
        "Les comptes du groupe sont à vérifier : pour l'instant, je ne peux qu'enregistrer des paiements reçus."
    )


class UnknownAccountError(Refusal):
    """The member has no account in this group."""

    sentence = N_("Cette personne n'a pas de compte dans ce groupe.")


class KeyConflictError(Exception):
    """The same idempotency key came with another content: a bug, never a person's mistake."""


@dataclass(frozen=True)
class Recorded:
    """A fact with its number in the group, who did it (None: nobody in the group) and when.

    ``new``: it was not there before.
    """

    group: int
    number: int
    fact: Fact
    author: int | None
    at: datetime
    key: str
    new: bool = True


_NEXT = Prepared(
    update(BOOK)
    .where(BOOK.c.group_id == bindparam("group"))
    .values(facts=BOOK.c.facts + 1)
    .returning(BOOK.c.facts, BOOK.c.closed)
)
_GIVE_BACK = update(BOOK).where(BOOK.c.group_id == bindparam("group")).values(facts=BOOK.c.facts - 1)
_KEEP = Prepared(  # SQLite's and PostgreSQL's words for this are the same
    upsert(FACT).on_conflict_do_nothing(index_elements=["group_id", "key"]).returning(FACT.c.number)
)
_KNOWN = select(FACT).where(FACT.c.group_id == bindparam("group"), FACT.c.key == bindparam("key"))
_MINE = ACCOUNT.c.number == bindparam("account")
_MOVE = Prepared(
    update(ACCOUNT)
    .where(ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number.in_([bindparam("account"), bindparam("contra")]))
    .where(ACCOUNT.c.closed.is_(False))
    .values(
        balance=ACCOUNT.c.balance + case((_MINE, bindparam("moved", type_=BIG)), else_=-bindparam("moved", type_=BIG)),
        entries=ACCOUNT.c.entries + case((_MINE, 1), else_=0),
    )
    .returning(ACCOUNT.c.number, ACCOUNT.c.balance, ACCOUNT.c.entries)
)
_ENTER = Prepared(insert(ENTRY))
_OPEN = insert(ACCOUNT)

_HAS_ACCOUNT = Prepared(
    select(ACCOUNT.c.number, ACCOUNT.c.closed).where(
        ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number == bindparam("member")
    )
)

_JSON = json.JSONEncoder(separators=(",", ":"), sort_keys=True)

POSTS_WHEN_CLOSED = (PaymentValidated, PaymentReceived)


def open_book(connection: Connection, group: int) -> None:
    """Begin the books of a group: its own accounts, at zero."""
    connection.execute(insert(BOOK), {"group_id": group, "facts": 0, "closed": False})
    connection.execute(_OPEN, [_account(group, number) for number in GroupAccount])


def record(connection: Connection, *, group: int, fact: Fact, author: int | None, at: datetime, key: str) -> Recorded:
    """Record a fact once: keep it, post its entries, move its payment's state. The same key again changes nothing.

    Raises a Refusal (AlreadyDecidedError, AlreadyReversedError, NothingToReverseError, ReversalStandsError,
    RestingError, DepositedError, BouncedError, those of :mod:`bot.ledger.cheques` and :mod:`bot.ledger.settling`,
    UnknownAccountError, BooksClosedError): the caller rolls back to before; KeyConflictError if the key is taken by another content,
    ValueError for a fact that no conversation should have made. (B3, B6, B46)
    """
    posted = postings(fact)
    book = _NEXT.row(connection, {"group": group})
    assert book is not None, f"no books of group {group}"
    recorded = Recorded(group, book.facts, fact, author, at, key)
    if isinstance(fact, FactReversed) and not _known(connection, group, key):
        refuse_reversal(connection, group, fact)
    if not _KEEP.row(connection, _row(recorded)):
        return _again(connection, recorded)
    if isinstance(fact, FactReversed):
        posted = mirror(posted_by(connection, group, fact.reversed))
    if book.closed and posted and not (isinstance(fact, POSTS_WHEN_CLOSED) or fact.posts_when_closed):
        raise BooksClosedError
    _enter(connection, recorded, posted)
    _take_effect(connection, recorded)
    return recorded


def recorded_row(row: Any) -> Recorded:
    """Make a recorded fact from a row of the journal."""
    fact = decode(row.kind, json.loads(row.body), row.version)
    return Recorded(row.group_id, row.number, fact, row.author, row.at, row.key, new=False)


def _row(recorded: Recorded) -> dict[str, object]:
    fact = recorded.fact
    return {
        "group_id": recorded.group, "number": recorded.number, "kind": type(fact).__name__, "version": fact.version,
        "body": _body(fact), "author": recorded.author, "at": recorded.at, "key": recorded.key,
        "reverses": fact.reversed if isinstance(fact, FactReversed) else None,
    }  # fmt: skip


def _body(fact: Fact) -> str:
    return _JSON.encode(fact.kept())


def _known(connection: Connection, group: int, key: str) -> Any:
    return connection.execute(_KNOWN, {"group": group, "key": key}).first()


def _again(connection: Connection, repeated: Recorded) -> Recorded:
    """Give what the key recorded the first time; the number taken for nothing is given back."""
    connection.execute(_GIVE_BACK, {"group": repeated.group})
    row = _known(connection, repeated.group, repeated.key)
    if row is None or (row.kind, row.body) != (type(repeated.fact).__name__, _body(repeated.fact)):
        raise KeyConflictError(repeated.key)
    return recorded_row(row)


def _take_effect(connection: Connection, recorded: Recorded) -> None:
    """Carry out what a fact does besides posting."""
    group, number, at = recorded.group, recorded.number, recorded.at
    match recorded.fact:
        case AccountOpened(member):
            if member <= 0:
                raise ValueError("a member's account has a number above zero")
            connection.execute(_OPEN, _account(group, member))
        case FactReversed() as reversal:
            if reversal.member:  # of what posts nothing too: a refusal undone brings a payment back
                _require_account(connection, group, reversal.member)
            cheques.undo(connection, group=group, number=number, undone=reversal.reversed)
            decisions.undo(connection, group=group, number=number, decided=reversal.reversed, at=at)
        case fact:
            if isinstance(fact, PaymentDeclared):  # what posts has met its accounts already
                _require_account(connection, group, fact.member)
            decisions.decide(connection, group=group, number=number, fact=fact, at=at)
            cheques.follow(connection, group=group, number=number, fact=fact)
            settling.settle(connection, group=group, fact=fact)


def _require_account(connection: Connection, group: int, member: int) -> None:
    account = _HAS_ACCOUNT.row(connection, {"group": group, "member": member})
    if account is None:
        raise UnknownAccountError
    if account.closed:
        raise settling.AccountClosedError(member=member)


def _account(group: int, number: int) -> dict[str, int]:
    return {"group_id": group, "number": int(number), "balance": 0, "entries": 0}


def _enter(connection: Connection, recorded: Recorded, posted: Iterable[Posting]) -> None:
    """Post entries: both balances move in the same transaction, the account's chain goes on."""
    group = recorded.group
    for posting in posted:
        account, contra = int(posting.account), int(posting.contra)
        moved = {"group": group, "account": account, "contra": contra, "moved": posting.amount}
        after = {row.number: row for row in _MOVE.rows(connection, moved)}
        if account not in after or contra not in after:
            _require_account(connection, group, account)
            raise UnknownAccountError
        entry = {
            "group_id": group, "account": account, "seq": after[account].entries, "contra": contra,
            "amount": posting.amount, "balance_after": after[account].balance, "fact": recorded.number,
        }  # fmt: skip
        _ENTER.do(connection, entry)
