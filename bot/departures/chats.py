"""The chats of somebody who is forgotten: cards, messages, what was being said there, on every platform (B44)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, column, delete, or_, select, table
from sqlmodel import col

from bot.errands import Errand, end_errand
from bot.groups.tables import LinkedAddress
from bot.outbox import CardPlace, Waiting

THREAD = table(
    "thread", *(column(name) for name in ("platform", "user", "chat", "group_id", "word", "words", "answers", "asked"))
)
"""The desk's table of conversations under way, named here because imports point down; so are those of Matrix."""

MATRIX = "matrix"
SHOWN = table("matrix_shown", *(column(name) for name in ("rank", "message", "chat", "text", "options")))
DIRECT = table("matrix_direct", column("user"), column("room"))
_TOLD = table("matrix_told", column("name"))
_LATE = table("matrix_late", column("event"), column("room"), column("raw"))


@dataclass(frozen=True)
class Reached:
    """From where somebody talked: a platform, a user, a private chat; ``elsewhere``: another group's member talks from there too."""

    platform: str
    user: str
    chat: str
    elsewhere: bool


def reached_at(connection: Connection, group: int, member: int) -> list[Reached]:
    """List from where a member of a group talks, or has talked."""
    theirs = (col(LinkedAddress.group_id) == group) & (col(LinkedAddress.member) == member)
    rows = connection.execute(select(LinkedAddress).where(theirs)).all()
    return [Reached(r.platform, r.user, r.chat, _is_elsewhere(connection, group, r.platform, r.user)) for r in rows]


def _is_elsewhere(connection: Connection, group: int, platform: str, user: str) -> bool:
    same = (col(LinkedAddress.platform) == platform) & (col(LinkedAddress.user) == user)
    other = select(col(LinkedAddress.member)).where(same, col(LinkedAddress.group_id) != group)
    return connection.execute(other).first() is not None


def forget_chat(connection: Connection, group: int, reached: Reached) -> None:
    """Forget a chat: cards, what waits for it, what was being said there; of another group's member, that group's stay."""
    cards = (col(CardPlace.platform) == reached.platform) & (col(CardPlace.chat) == reached.chat)
    connection.execute(delete(CardPlace).where(cards, col(CardPlace.group_id) == group))
    threads = (THREAD.c.platform == reached.platform) & (THREAD.c.user == reached.user)
    connection.execute(delete(THREAD).where(threads, *([THREAD.c.group_id == group] if reached.elsewhere else [])))
    if reached.elsewhere:
        return
    waits = (col(Waiting.platform) == reached.platform) & (col(Waiting.chat) == reached.chat)
    connection.execute(delete(Waiting).where(waits))
    for row in connection.execute(select(Errand).where(col(Errand.platform) == reached.platform)).all():
        if json.loads(row.body).get("user") == reached.user:
            end_errand(connection, row.id)
    if reached.platform == MATRIX:
        _forget_on_matrix(connection, reached)


def _forget_on_matrix(connection: Connection, reached: Reached) -> None:
    """Forget who is in which room, what is shown there, and what came from there and cannot be read yet."""
    theirs = DIRECT.c.user == reached.user
    rooms = list(connection.execute(select(DIRECT.c.room).where(theirs)).scalars())
    connection.execute(delete(SHOWN).where(SHOWN.c.chat.in_([reached.chat, *rooms])))
    named = [_TOLD.c.name.contains(name, autoescape=True) for name in (reached.user, *rooms)]
    connection.execute(delete(_TOLD).where(or_(*named)))
    sent = _LATE.c.raw.contains(json.dumps(reached.user), autoescape=True)
    connection.execute(delete(_LATE).where(or_(_LATE.c.room.in_(rooms), sent)))
    connection.execute(delete(DIRECT).where(theirs))
