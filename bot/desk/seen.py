"""Updates already served, so that one that comes again changes nothing (B46)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, false, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, SQLModel, col

from bot.chat import Incoming
from bot.ledger.prepared import Prepared
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


_KEYS = ("platform", "bot", "key")
_PUT = upsert(SEEN).values({name: bindparam(f"of_{name}") for name in (*_KEYS, "at")})  # the same words on SQLite
_NOTE = Prepared(
    _PUT.values(done=true(), attempts=0)
    .on_conflict_do_update(index_elements=_KEYS, set_={"done": true()}, where=SEEN.c.done.is_(false()))
    .returning(SEEN.c.attempts)
)
_ATTEMPT = Prepared(
    _PUT.values(done=false(), attempts=1)
    .on_conflict_do_update(index_elements=_KEYS, set_={"attempts": SEEN.c.attempts + 1}, where=SEEN.c.done.is_(false()))
    .returning(SEEN.c.attempts)
)


def note(connection: Connection, incoming: Incoming, now: datetime) -> bool:
    """Note that an update has its effect in this transaction; say whether it is the first time."""
    return _NOTE.row(connection, _key(incoming, now)) is not None


def note_attempt(connection: Connection, incoming: Incoming, now: datetime) -> int:
    """Note that an update is about to be served; give how often that was tried without an end, 0 if it is done."""
    tried = _ATTEMPT.row(connection, _key(incoming, now))
    return int(tried.attempts) if tried else 0


def prune(connection: Connection, now: datetime) -> None:
    """Forget updates too old to come again."""
    connection.execute(delete(Seen).where(col(Seen.at) < now - KEPT))


def _key(incoming: Incoming, now: datetime) -> dict[str, object]:
    return {
        "of_platform": incoming.address.platform, "of_bot": incoming.bot, "of_key": incoming.key, "of_at": now,
    }  # fmt: skip
