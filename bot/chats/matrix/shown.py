"""What was shown on Matrix: whose reactions, numbers and labels are taps, and which questions still wait.

A reaction names an event and an emoji; what it stands for is kept here, in the database, so that a restart forgets nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Text, delete, exists, insert, or_, select, update
from sqlmodel import Field, SQLModel

from bot.chat import Message, Option
from bot.chats.matrix.marks import of
from bot.desk.taps import ANSWER, answer_tapped, read
from bot.desk.threads import THREAD
from bot.ledger.tables import table

PLATFORM = "matrix"
KEPT = timedelta(days=92)
BIG = BigInteger().with_variant(Integer, "sqlite")


class MatrixShown(SQLModel, table=True):
    """A message with buttons, as it is shown now.

    ``asked`` is the conversation and the mark of an open question, whose ``text`` is kept until it is answered. ``over``: it
    was answered, or somebody took it away.
    """

    __tablename__ = "matrix_shown"
    __table_args__ = (
        Index("ix_matrix_shown_message", "message", unique=True),
        Index("ix_matrix_shown_chat", "chat", "rank"),
        {"sqlite_autoincrement": True},
    )

    rank: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    message: str
    chat: str
    version: int
    options: str = Field(sa_column=Column(Text, nullable=False))
    reactions: str = Field(sa_column=Column(Text, nullable=False))
    asked: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    over: bool
    shown_at: datetime


SHOWN = table(MatrixShown)


@dataclass(frozen=True)
class Shown:
    """A message with buttons. ``reactions`` are ours, by their emoji: the ids of their events. ``at``: shown so since then."""

    message: str
    chat: str
    version: int = 0
    options: tuple[Option, ...] = ()
    reactions: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    text: str = ""
    over: bool = False
    at: datetime | None = None


def name_of(room: str, event: str) -> str:
    """Name a message by its room and its event: the rest of the program keeps that name and does not look into it."""
    return f"{room}/{event}"


def room_and_event(message: str) -> tuple[str, str]:
    """Take a message's name apart.

    >>> room_and_event("!a:example.org/$b/c")
    ('!a:example.org', '$b/c')
    """
    room, _slash, event = message.partition("/")
    return room, event


def question_of(message: Message) -> str:
    """Give the conversation and the mark of the question that a message asks; nothing where it asks none.

    >>> question_of(Message("?", ((Option("Oui", "a:12.9f3c01aa:yes"),),), asks=True))
    '12.9f3c01aa'
    """
    taps = [read(option.data) for option in of(message)] if message.asks else []
    marks = [".".join(answer_tapped(tap.rest)[:2]) for tap in taps if tap.kind == ANSWER]
    return marks[0] if marks else ""


def find(connection: Connection, message: str) -> Shown | None:
    """Find a message by its name."""
    row = connection.execute(select(SHOWN).where(SHOWN.c.message == message)).first()
    return _shown(row) if row else None


def newest(connection: Connection, chat: str, asked: Sequence[str] | None = None) -> Shown | None:
    """Find the last message with buttons in a chat; of those that ask one of some questions, where these are given."""
    here = SHOWN.c.chat == chat
    if asked is not None:
        here &= SHOWN.c.asked.in_(asked)
    row = connection.execute(select(SHOWN).where(here).order_by(SHOWN.c.rank.desc()).limit(1)).first()
    return _shown(row) if row else None


def put(connection: Connection, shown: Shown, now: datetime) -> None:
    """Note a message as it is shown now; an edited one keeps its place, and the reactions that are noted under it."""
    values: dict[str, Any] = {
        "chat": shown.chat, "version": shown.version, "asked": shown.asked, "text": shown.text, "over": shown.over,
        "options": json.dumps([[o.label, o.data] for o in shown.options], ensure_ascii=False), "shown_at": now,
    }  # fmt: skip
    known = update(SHOWN).where(SHOWN.c.message == shown.message).values(**values)
    if not connection.execute(known).rowcount:
        connection.execute(insert(SHOWN), {"message": shown.message, "reactions": "{}", **values})


def put_reactions(connection: Connection, message: str, reactions: Mapping[str, str]) -> None:
    """Note the reactions that were set under a message."""
    connection.execute(
        update(SHOWN).where(SHOWN.c.message == message).values(reactions=json.dumps(dict(reactions)))
    )  # fmt: skip


def gone(connection: Connection, message: str) -> None:
    """Note that somebody took a message away: it is neither tapped nor edited any more."""
    connection.execute(
        update(SHOWN).where(SHOWN.c.message == message).values(over=True, asked="", text="", options="[]")
    )


def unanswered(connection: Connection, chat: str) -> list[Shown]:
    """List the questions still shown open in a chat, which nobody is asked any more."""
    here = (SHOWN.c.chat == chat) & (SHOWN.c.asked != "") & ~SHOWN.c.over
    rows = connection.execute(select(SHOWN).where(here)).all()
    waiting = open_questions(connection, chat) if rows else set()
    return [_shown(row) for row in rows if row.asked not in waiting]


def open_questions(connection: Connection, chat: str, user: str = "", since: datetime | None = None) -> set[str]:
    """Give what is being asked in a chat, of anybody or of one person, at any time or since a moment."""
    here = (THREAD.c.platform == PLATFORM) & (THREAD.c.chat == chat) & (THREAD.c.word != "")
    if user:
        here &= THREAD.c.user == user
    if since is not None:
        here &= THREAD.c.at >= since
    rows = connection.execute(select(THREAD.c.number, THREAD.c.asked).where(here))
    return {f"{row.number}.{row.asked}" for row in rows}


def something_since(connection: Connection, chat: str, user: str, since: datetime) -> bool:
    """Tell whether something with buttons was shown in a chat, or asked of somebody there, since a moment."""
    seen = exists().where(SHOWN.c.chat == chat, SHOWN.c.shown_at > since)
    theirs = (THREAD.c.platform == PLATFORM) & (THREAD.c.chat == chat) & (THREAD.c.user == user)
    asked = exists().where(theirs, THREAD.c.word != "", THREAD.c.at > since)
    return bool(connection.execute(select(or_(seen, asked))).scalar())


def prune(connection: Connection, now: datetime) -> None:
    """Forget what was shown long ago; a card that is still shown is noted anew whenever it changes."""
    connection.execute(delete(SHOWN).where(SHOWN.c.shown_at < now - KEPT))


def _shown(row: Any) -> Shown:
    options = tuple(Option(label, data) for label, data in json.loads(row.options))
    return Shown(
        row.message, row.chat, row.version, options, json.loads(row.reactions), row.asked, row.text, row.over,
        row.shown_at,
    )  # fmt: skip
