"""Facts replayed: recorded again, one after the other, in an empty database, they give the same books."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, select, update

from bot.ledger import journal
from bot.ledger.journal import Recorded, open_book, recorded_row
from bot.ledger.rereading import ROWS_AT_ONCE
from bot.ledger.tables import BOOK, FACT


class NotReplayedError(Exception):
    """A fact got another number than it had: the journal that was read is not whole."""


class Recording(Protocol):
    """What records a fact that was read: the journal alone, or with whoever follows it."""

    def __call__(self, connection: Connection, kept: Recorded, /) -> Recorded:
        """Record it again, in another database."""
        ...


def in_the_books(connection: Connection, kept: Recorded) -> Recorded:
    """Record a fact in the books alone."""
    return journal.record(
        connection, group=kept.group, fact=kept.fact, author=kept.author, at=kept.at, key=kept.key
    )  # fmt: skip


def replay(source: Connection, target: Connection, recording: Recording = in_the_books) -> int:
    """Record every fact of one database in another that has no books yet; give how many there were.

    What is private in a fact is not in the journal and does not come along (B44). Raises NotReplayedError where the
    facts read are not numbered one after the other, and what :func:`bot.ledger.journal.record` raises.
    """
    books = source.execute(select(BOOK).order_by(BOOK.c.group_id)).all()
    count = sum(_replay_group(source, target, book.group_id, recording) for book in books)
    closed = [book.group_id for book in books if book.closed]
    target.execute(update(BOOK).where(BOOK.c.group_id.in_(closed)).values(closed=True))
    return count


def _replay_group(source: Connection, target: Connection, group: int, recording: Recording) -> int:
    open_book(target, group)
    count = 0
    query = select(FACT).where(FACT.c.group_id == group).order_by(FACT.c.number)
    with source.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        for row in rows:
            kept = recorded_row(row)
            again = recording(target, kept)
            if again.number != kept.number:
                raise NotReplayedError(f"group {kept.group}: fact {kept.number} became {again.number}")
            count += 1
    return count
