"""A chat that its platform has given a new id: everything that knows it by the old one follows, conversations included."""

from __future__ import annotations

from sqlalchemy import Connection

from bot import outbox
from bot.chat import Place
from bot.desk import threads
from bot.groups import apply as people_apply


def follow(connection: Connection, place: Place, moved_to: str) -> None:
    """Follow a chat: the room, what waits for it, its cards, the conversations under way there."""
    people_apply.move(connection, place, moved_to)
    outbox.move(connection, place, moved_to)
    threads.move(connection, place, moved_to)
