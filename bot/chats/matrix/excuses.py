"""What is said, once, where a message cannot have its effect: it was a correction, it has no key, others read along."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection

from bot.chat import Message, Place
from bot.chats.matrix.events import Corrected, Said, Unreadable
from bot.chats.matrix.remembered import crowded_name, first_time, language_at, talks_in
from bot.chats.matrix.shown import PLATFORM
from bot.chats.matrix.turns import place_of
from bot.chats.matrix.wire.events import RoomInfo
from bot.groups.voices import room_at
from bot.outbox import Letter
from bot.words import _, speaking

Excused: TypeAlias = Corrected | Unreadable | Said

SAID_EVERY = timedelta(days=1)


def excuses(connection: Connection, one: Excused, info: RoomInfo, me: str, now: datetime) -> list[Letter]:
    """Write what is to be said of a message that has no effect; nothing where that was said already."""
    place, private = place_of(connection, info, one.sender, me), Place(PLATFORM, one.sender)
    with speaking(language_at(connection, private if isinstance(one, Said) else place)):
        match one:
            case Corrected():
                letters = _corrected(connection, one, place, now)
            case Unreadable():
                letters = _unreadable(connection, one, place, now)
            case Said() if one.waited_since_ms:
                letters = _late(connection, one, place, now)
            case Said():
                letters = _crowded(connection, one, place, private, now)
    if letters and place.private:
        talks_in(connection, one.sender, one.room)
    return letters


def _corrected(connection: Connection, one: Corrected, place: Place, now: datetime) -> list[Letter]:
    """In private: who changes « 12 » to « 15 » in a message that was read must know that it stays 12."""
    if not place.private or not first_time(connection, f"corrected {one.event}", now):
        return []
    said = _("Corriger un message déjà envoyé ne change rien pour moi : écrivez-moi de nouveau ce que vous voulez.")
    return [Letter(place, Message(said))]


def _unreadable(connection: Connection, one: Unreadable, place: Place, now: datetime) -> list[Letter]:
    """Where it may have been meant for us: in private, in a coordinators' room."""
    ours = place.private or room_at(connection, place) is not None
    if not ours or not first_time(connection, f"unreadable {one.room} {one.sender}", now, SAID_EVERY):
        return []
    said = _("Je n'arrive pas à lire un message : il est chiffré, et votre application ne m'en a pas donné la clé. Je la lui "
             "ai demandée. Si rien ne vient, renvoyez-le ; si cela se répète, ouvrez une nouvelle discussion avec moi.")  # fmt: skip
    return [Letter(place, Message(said))]


def _late(connection: Connection, one: Said, place: Place, now: datetime) -> list[Letter]:
    """Words that could be read only now must not answer what was asked since: a « oui » of yesterday agrees to nothing."""
    if not first_time(connection, f"late {one.event}", now):
        return []
    said = _("Un de vos messages n'a pu m'arriver que maintenant, et nous avons parlé d'autre chose depuis : je n'en fais rien. "
             "S'il compte encore, récrivez-le.")  # fmt: skip
    return [Letter(place, Message(said))]


def _crowded(connection: Connection, one: Said, place: Place, private: Place, now: datetime) -> list[Letter]:
    """Of accounts nothing is said before others (B40): we go on in a room of our own."""
    if not first_time(connection, crowded_name(one.room), now, SAID_EVERY):
        return []
    here = _("Nous ne sommes plus seuls ici : je continue avec vous dans une discussion à part.")
    there = _("Nous n'étions plus seuls dans l'autre discussion : parlons ici de votre compte.")
    return [Letter(place, Message(here)), Letter(private, Message(there))]
