"""Where the sync has got to, in the same database as its updates: a backup of the one is a backup of the other (B46)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import BigInteger, Column, Connection, Integer, Text, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, SQLModel

from bot.chats.matrix.wire.late import Late
from bot.ledger.store import Store
from bot.ledger.tables import table

T = TypeVar("T")

BIG = BigInteger().with_variant(Integer, "sqlite")


class MatrixSync(SQLModel, table=True):
    """Up to where everything that a bot was told is on disk."""

    __tablename__ = "matrix_sync"

    bot: str = Field(primary_key=True)
    token: str


class MatrixLate(SQLModel, table=True):
    """An event whose key has not come yet, as it came: enciphered."""

    __tablename__ = "matrix_late"

    bot: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    room: str
    raw: str = Field(sa_column=Column(Text, nullable=False))
    seen_ms: int = Field(sa_column=Column(BIG, nullable=False))


SYNC, LATE = table(MatrixSync), table(MatrixLate)


class Kept:
    """The progress of one bot. Its methods raise UnavailableError when the database cannot be used now."""

    def __init__(self, store: Store, bot: str) -> None:
        self._store = store
        self._bot = bot

    async def since(self) -> str:
        """Give the token of the last batch that is on disk; nothing at the very first start."""
        wanted = select(SYNC.c.token).where(SYNC.c.bot == self._bot)
        return str(await self._read(lambda connection: connection.execute(wanted).scalar()) or "")

    async def late(self) -> list[Late]:
        """List the events that wait for their key, the oldest first."""
        wanted = select(LATE).where(LATE.c.bot == self._bot).order_by(LATE.c.seen_ms)
        rows = await self._read(lambda connection: connection.execute(wanted).all())
        return [Late(row.event, row.room, json.loads(row.raw), row.seen_ms) for row in rows]

    async def keep(self, token: str, more: list[Late], over: list[str]) -> None:
        """Note that a batch is on disk: its token, events that wait for their key, those that no longer do."""
        await asyncio.wrap_future(self._store.write(lambda connection: self._keep(connection, token, more, over)))

    def _keep(self, connection: Connection, token: str, more: list[Late], over: list[str]) -> None:
        for late in more:
            row = {"event": late.event, "room": late.room, "raw": json.dumps(late.raw), "seen_ms": late.seen_ms}
            connection.execute(upsert(LATE).values(bot=self._bot, **row).on_conflict_do_nothing())
        if over:
            connection.execute(delete(LATE).where(LATE.c.bot == self._bot, LATE.c.event.in_(over)))
        noted = upsert(SYNC).values(bot=self._bot, token=token)
        connection.execute(noted.on_conflict_do_update(index_elements=["bot"], set_={"token": token}))

    async def _read(self, job: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self._store.read() as connection:
                return job(connection)

        return await asyncio.to_thread(read)
