"""Updates already served, so that one that comes again changes nothing (B46)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from bot.chat import Incoming
from bot.ledger.tables import table

KEPT = timedelta(days=14)
"""Telegram's ids restart at random after a week without updates: longer would one day refuse a new one."""


class Seen(SQLModel, table=True):
    """An update: ``done`` once it had its effect; ``attempts`` counts the tries since a start."""

    __tablename__ = "seen"

    platform: str = Field(primary_key=True)
    bot: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    done: bool = False
    attempts: int = 0
    at: datetime


SEEN = table(Seen)


def _note(dialect: Any) -> Any:
    put = dialect.insert(SEEN).values(done=literal(True), attempts=literal(0))
    keys = ["platform", "bot", "key"]
    return put.on_conflict_do_update(
        index_elements=keys, set_={"done": literal(True)}, where=SEEN.c.done.is_(False)
    ).returning(SEEN.c.key)


def _attempt(dialect: Any) -> Any:
    put = dialect.insert(SEEN).values(done=literal(False), attempts=literal(1))
    return put.on_conflict_do_nothing(index_elements=["platform", "bot", "key"]).returning(SEEN.c.attempts)


_NOTE = {"sqlite": _note(sqlite), "postgresql": _note(postgresql)}
_ATTEMPT = {"sqlite": _attempt(sqlite), "postgresql": _attempt(postgresql)}
_ANOTHER = (
    update(SEEN)
    .where(
        SEEN.c.platform == bindparam("of_platform"),
        SEEN.c.bot == bindparam("of_bot"),
        SEEN.c.key == bindparam("of_key"),
    )
    .values(attempts=SEEN.c.attempts + 1)
    .returning(SEEN.c.attempts, SEEN.c.done)
)


def note(connection: Connection, incoming: Incoming, now: datetime) -> bool:
    """Note that an update has its effect in this transaction; say whether it is the first time."""
    return connection.execute(_NOTE[connection.dialect.name], _key(incoming, now)).first() is not None


def note_attempt(connection: Connection, incoming: Incoming, now: datetime) -> int:
    """Note that an update is about to be served; give how often that was tried without an end, 0 if it is done."""
    first = connection.execute(_ATTEMPT[connection.dialect.name], _key(incoming, now)).first()
    if first is not None:
        return 1
    key = {"of_platform": incoming.address.platform, "of_bot": incoming.bot, "of_key": incoming.key}
    again = connection.execute(_ANOTHER, key).one()
    return 0 if again.done else int(again.attempts)


def prune(connection: Connection, now: datetime) -> None:
    """Forget updates too old to come again."""
    connection.execute(delete(Seen).where(col(Seen.at) < now - KEPT))


def _key(incoming: Incoming, now: datetime) -> dict[str, object]:
    return {"platform": incoming.address.platform, "bot": incoming.bot, "key": incoming.key, "at": now}
