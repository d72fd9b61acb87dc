"""Work that needs the network, written in the transaction that wants it and done outside; files that people sent (B46)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    Text,
    bindparam,
    delete,
    insert,
    select,
)
from sqlmodel import Field, SQLModel, col

from bot.chat import FileRef, Place
from bot.ledger.tables import BIG

FILE_MOST_BYTES = 2_000_000


class Errand(SQLModel, table=True):
    """Work that needs the network, done outside the transaction; its result comes back as an update with its own key."""

    __tablename__ = "errand"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    kind: str
    platform: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int = 0
    next_at: datetime | None = None


class StoredFile(SQLModel, table=True):
    """A file a person sent, kept until its conversation is over (a day at most)."""

    __tablename__ = "stored_file"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    name: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    received_at: datetime


def request_file(connection: Connection, file: FileRef, *, place: Place, bot: str, user: str, key: str) -> None:
    """Ask for a file to be downloaded; it comes back as an update of the same person at the same place."""
    body = {
        "file": [file.id, file.name, file.size_bytes, file.mime], "platform": place.platform, "chat": place.chat,
        "topic": place.topic, "private": place.private, "bot": bot, "user": user, "key": key,
    }  # fmt: skip
    add_errand(connection, "fetch", place.platform, body)


def add_errand(
    connection: Connection, kind: str, platform: str, body: Mapping[str, object], *, not_before: datetime | None = None
) -> None:
    """Have something done outside the transaction; what comes of it is an update with its own key."""
    row = {"kind": kind, "platform": platform, "body": json.dumps(body), "attempts": 0, "next_at": not_before}
    connection.execute(insert(Errand), row)


def end_errand(connection: Connection, number: int | None) -> None:
    """Forget an errand that is done, or is not to be done any more."""
    connection.execute(delete(Errand).where(col(Errand.id) == number))


def stored_file(connection: Connection, number: int) -> tuple[str, bytes] | None:
    """Give the name and the bytes of a file that has arrived."""
    row = connection.execute(_FILE, {"number": number}).first()
    return (row.name, bytes(row.content)) if row else None


_FILE = select(StoredFile).where(col(StoredFile.id) == bindparam("number"))
