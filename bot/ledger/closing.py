"""Books that do not add up are closed to all but receiving money, and opened again only once they do."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from bot.ledger.audit import audit
from bot.ledger.errors import BooksUnsoundError
from bot.ledger.tables import BOOK


def close_books(connection: Connection, groups: Iterable[int]) -> list[int]:
    """Close the books of groups; give those that were open until now."""
    which = BOOK.c.group_id.in_(sorted(set(groups))) & BOOK.c.closed.is_(False)
    changed = connection.execute(update(BOOK).where(which).values(closed=True).returning(BOOK.c.group_id))
    return sorted(changed.scalars())


def closed_books(connection: Connection) -> list[int]:
    """List the groups whose books are closed."""
    return list(
        connection.execute(select(BOOK.c.group_id).where(BOOK.c.closed.is_(True)).order_by(BOOK.c.group_id)).scalars()
    )


def reopen_books(connection: Connection, group: int) -> None:
    """Open the books of a group again, by somebody's decision, after a new audit.

    Raises BooksUnsoundError while something serious is still wrong in them.
    """
    for discrepancy in audit(connection):
        if discrepancy.group == group and discrepancy.serious:
            raise BooksUnsoundError(str(group), str(discrepancy))
    connection.execute(update(BOOK).where(BOOK.c.group_id == group).values(closed=False))
