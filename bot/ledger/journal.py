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

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.ledger import decisions
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import (
    AccountOpened,
    Fact,
    FactReversed,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
    decode,
)
from bot.ledger.postings import GroupAccount, Posting, mirror, postings
from bot.ledger.reversals import posted_by, refuse_reversal
from bot.ledger.tables import ACCOUNT, BOOK, ENTRY, FACT


class BooksClosedError(Refusal):
    """The group's books do not add up: nothing is posted but money received, until somebody has looked."""

    sentence = N_("Les comptes du groupe sont à vérifier : pour l'instant, je ne peux qu'enregistrer des paiements reçus.")


class UnknownAccountError(Refusal):
    """The member has no account in this group."""

    sentence = N_("Cette personne n'a pas de compte dans ce groupe.")


class KeyConflictError(Exception):
    """The same idempotency key came with another content: a bug, never a person's mistake."""


@dataclass(frozen=True)
class Recorded:
    """A fact with its number in the group, who did it (None: nobody in the group) and when. ``new``: it was not there before."""

    group: int
    number: int
    fact: Fact
    author: int | None
    at: datetime
    key: str
    new: bool = True


_NEXT = (
    update(BOOK)
    .where(BOOK.c.group_id == bindparam("group"))
    .values(facts=BOOK.c.facts + 1)
    .returning(BOOK.c.facts, BOOK.c.closed)
)
_GIVE_BACK = update(BOOK).where(BOOK.c.group_id == bindparam("group")).values(facts=BOOK.c.facts - 1)
_KEEP = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(FACT)
    .on_conflict_do_nothing(index_elements=["group_id", "key"])
    .returning(FACT.c.number)
    for dialect in (sqlite, postgresql)
}
_KNOWN = select(FACT).where(FACT.c.group_id == bindparam("group"), FACT.c.key == bindparam("key"))
_ADD = (
    update(ACCOUNT)
    .where(ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number == bindparam("account"))
    .values(balance=ACCOUNT.c.balance + bindparam("moved"), entries=ACCOUNT.c.entries + 1)
    .returning(ACCOUNT.c.balance, ACCOUNT.c.entries)
)
_TAKE = (
    update(ACCOUNT)
    .where(ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number == bindparam("contra_account"))
    .values(balance=ACCOUNT.c.balance - bindparam("moved"))
)
_ENTER = insert(ENTRY)
_OPEN = insert(ACCOUNT)

GOES_ON_WHEN_CLOSED = (PaymentDeclared, PaymentValidated, PaymentReceived, PaymentRefused, PaymentWithdrawn)


def open_book(connection: Connection, group: int) -> None:
    """Begin the books of a group: its own accounts, at zero."""
    connection.execute(insert(BOOK), {"group_id": group, "facts": 0, "closed": False})
    connection.execute(_OPEN, [_account(group, number) for number in GroupAccount])


def record(
    connection: Connection, *, group: int, fact: Fact, author: int | None, at: datetime, key: str
) -> Recorded:
    """Record a fact once: keep it, post its entries, move its payment's state. The same key again changes nothing (B46).

    Raises a Refusal (AlreadyDecidedError, AlreadyReversedError, NothingToReverseError, RestingError,
    UnknownAccountError, BooksClosedError): the caller rolls back to before; KeyConflictError if the key is taken by
    another content.
    """
    book = connection.execute(_NEXT, {"group": group}).one()
    if isinstance(fact, FactReversed) and connection.execute(_KNOWN, {"group": group, "key": key}).first() is None:
        refuse_reversal(connection, group, fact.reversed)
    row = _row(group, book.facts, fact, author, at, key)
    if connection.execute(_KEEP[connection.dialect.name], row).first() is None:
        return _again(connection, group, fact, key)
    if book.closed and not isinstance(fact, GOES_ON_WHEN_CLOSED):
        raise BooksClosedError
    recorded = Recorded(group, book.facts, fact, author, at, key)
    _enter(connection, recorded, _effects(connection, recorded))
    return recorded


def recorded_row(row: Any) -> Recorded:
    """Make a recorded fact from a row of the journal."""
    return Recorded(
        row.group_id, row.number, decode(row.kind, json.loads(row.body)), row.author, row.at, row.key, new=False
    )


def _row(group: int, number: int, fact: Fact, author: int | None, at: datetime, key: str) -> dict[str, Any]:
    return {
        "group_id": group, "number": number, "kind": type(fact).__name__, "version": fact.version,
        "body": _body(fact), "author": author, "at": at, "key": key,
        "reverses": fact.reversed if isinstance(fact, FactReversed) else None,
    }  # fmt: skip


def _body(fact: Fact) -> str:
    return json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True)


def _again(connection: Connection, group: int, fact: Fact, key: str) -> Recorded:
    connection.execute(_GIVE_BACK, {"group": group})
    row = connection.execute(_KNOWN, {"group": group, "key": key}).first()
    if row is None or (row.kind, row.body) != (type(fact).__name__, _body(fact)):
        raise KeyConflictError(key)
    return recorded_row(row)


def _effects(connection: Connection, recorded: Recorded) -> tuple[Posting, ...]:
    """Carry out what a fact does besides posting, and give its postings."""
    match recorded.fact:
        case AccountOpened(member):
            connection.execute(_OPEN, _account(recorded.group, member))
        case FactReversed() as reversal:
            return _reversed(connection, recorded, reversal)
        case fact:
            decisions.decide(connection, group=recorded.group, number=recorded.number, fact=fact, at=recorded.at)
    return postings(recorded.fact)


def _reversed(connection: Connection, recorded: Recorded, reversal: FactReversed) -> tuple[Posting, ...]:
    decisions.undo(
        connection, group=recorded.group, number=recorded.number, decided=reversal.reversed, at=recorded.at
    )
    return mirror(posted_by(connection, recorded.group, reversal.reversed))


def _account(group: int, number: int) -> dict[str, int]:
    return {"group_id": group, "number": int(number), "balance": 0, "entries": 0}


def _enter(connection: Connection, recorded: Recorded, posted: Iterable[Posting]) -> None:
    """Post entries: both balances move in the same transaction, the account's chain goes on."""
    group = recorded.group
    for posting in posted:
        assert type(posting.amount) is int, "amounts are whole cents"
        account, contra = int(posting.account), int(posting.contra)
        moved = {"group": group, "account": account, "moved": posting.amount}
        after = connection.execute(_ADD, moved).first()
        if after is None:
            raise UnknownAccountError
        connection.execute(_TAKE, {"group": group, "contra_account": contra, "moved": posting.amount})
        connection.execute(
            _ENTER,
            {
                "group_id": group, "account": account, "seq": after.entries, "contra": contra,
                "amount": posting.amount, "balance_after": after.balance, "fact": recorded.number,
            },
        )  # fmt: skip
