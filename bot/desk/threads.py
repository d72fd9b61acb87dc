"""Conversations under way: one for each address and chat, kept as readable JSON (DESIGN: a generator, replayed)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Text, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Column, Field, SQLModel

from bot.chat import Address, Place
from bot.conversation import Answers
from bot.ledger.prepared import Prepared
from bot.ledger.tables import big, table


class OpenThread(SQLModel, table=True):
    """A conversation of a person in a chat; ``word`` is empty once it is over. ``number`` tells its buttons from older ones."""

    __tablename__ = "thread"

    platform: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    number: int
    group_id: int = Field(sa_column=big())
    word: str
    words: str = Field(sa_column=Column(Text, nullable=False))
    answers: str = Field(sa_column=Column(Text, nullable=False))
    asked: str = ""
    at: datetime


@dataclass(frozen=True)
class Thread:
    """A conversation under way: its command, the words typed after it, the answers so far.

    ``asked`` marks the question shown last; ``old``, that it was shown so long ago that it holds back nothing said now.
    """

    number: int
    group: int
    word: str
    words: tuple[str, ...] = ()
    answers: Answers = ()
    asked: str = ""
    old: bool = False


OLD_AFTER = timedelta(hours=12)
"""After a night nobody remembers having been asked: only what answers the question is taken for an answer."""

THREAD = table(OpenThread)
_KEYS = ("platform", "user", "chat")
_KEPT = ("number", "group_id", "word", "words", "answers", "asked", "at")
_HERE = select(*(THREAD.c[name] for name in _KEPT)).where(*(THREAD.c[key] == bindparam(key) for key in _KEYS))
_FIND = Prepared(_HERE.with_for_update())
"""On PostgreSQL the same button, tapped twice and served by two processes, is taken by one."""

_NEW = upsert(THREAD)
_PUT = Prepared(  # SQLite's and PostgreSQL's words for this are the same
    _NEW.on_conflict_do_update(index_elements=_KEYS, set_={name: _NEW.excluded[name] for name in _KEPT})
)


class Threads:
    """The conversation of one address in one chat."""

    def __init__(self, connection: Connection, address: Address, place: Place, now: datetime) -> None:
        self._connection = connection
        self._key = {"platform": address.platform, "user": address.user, "chat": place.chat}
        self._now = now

    @cached_property
    def _row(self) -> Any:
        return _FIND.row(self._connection, self._key)

    @property
    def number(self) -> int:
        """The number of the conversation under way, or of the last one."""
        return int(self._row.number) if self._row else 0

    def open(self) -> Thread | None:
        """Give the conversation under way, if there is one."""
        row = self._row
        if row is None or not row.word:
            return None
        answers = tuple((name, token) for name, token in json.loads(row.answers))
        old = self._now - row.at > OLD_AFTER
        return Thread(row.number, row.group_id, row.word, tuple(json.loads(row.words)), answers, row.asked, old)

    def keep(self, thread: Thread) -> None:
        """Keep a conversation until the next message."""
        words, answers = json.dumps(thread.words, ensure_ascii=False), json.dumps(thread.answers, ensure_ascii=False)
        self._write(thread.number, thread.group, thread.word, words, answers, thread.asked)

    def close(self) -> None:
        """End the conversation under way; its number is not used again."""
        if self._row is not None and self._row.word:
            self._write(self._row.number, self._row.group_id, "", "[]", "[]", "")

    def _write(self, number: int, group: int, word: str, words: str, answers: str, asked: str) -> None:
        row = {"number": number, "group_id": group, "word": word, "words": words, "answers": answers}
        values = {**self._key, **row, "asked": asked, "at": self._now}
        _PUT.do(self._connection, values)


def move(connection: Connection, place: Place, moved_to: str) -> None:
    """Follow a chat that has a new id; who has begun to talk there already goes on with that."""
    here = (THREAD.c.platform == place.platform) & (THREAD.c.chat == place.chat)
    there = THREAD.alias("there")
    begun = select(there.c.user).where(there.c.platform == place.platform, there.c.chat == moved_to)
    connection.execute(update(THREAD).where(here, THREAD.c.user.not_in(begun)).values(chat=moved_to))
