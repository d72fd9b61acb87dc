"""What is heard in a room, made an update of ours: who speaks, where, and which button a reaction, a number or a label taps."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.chat import Address, Incoming, Option, Place
from bot.chats.matrix import marks, shown
from bot.chats.matrix.events import Heard, Membership, Reacted, Said
from bot.chats.matrix.remembered import crowded_name, talks_in_room, was_told, who_talks_in
from bot.chats.matrix.shown import PLATFORM, Shown, name_of
from bot.chats.matrix.wire.events import RoomInfo
from bot.desk.taps import CARD, read
from bot.folding import folded
from bot.groups.people import room_at

LINK_WORDS = {"!lier", "/lier", "!link", "/link"}
HERE = {"join", "invite"}


@dataclass(frozen=True)
class Turn:
    """An update, and what is needed to answer it beside the button: ``to`` is the event, ``stale`` a number that is no more.

    ``tapped`` names the message whose button it was.
    """

    incoming: Incoming
    room: str
    to: str
    tapped: str = ""
    reacted: bool = False
    stale: bool = False


def turn(connection: Connection, found: Heard, info: RoomInfo, me: str) -> Turn | None:
    """Make an update of what was heard; None for what concerns nobody here."""
    match found:
        case Said():
            return _said(connection, found, info, me)
        case Reacted():
            return _reacted(connection, found, info, me)
        case Membership():
            return _left(connection, found, info, me)
    return None


def place_of(connection: Connection, room: RoomInfo, sender: str, me: str, text: str = "") -> Place:
    """Tell where somebody speaks: in private where they are alone with the bot, unless the room is the coordinators'.

    Alone in a room that has a name, the coordinator who asks for its code is about to invite the others.
    """
    alone = set(room.members) <= {me, sender} and sender in room.members
    place = Place(PLATFORM, room.id, private=False)
    if not alone or room_at(connection, place) is not None:
        return place
    if room.name and folded(text) in LINK_WORDS and not talks_in_room(connection, sender, room.id):
        return place
    return Place(PLATFORM, sender)


def crowded(connection: Connection, said: Said, info: RoomInfo, me: str) -> bool:
    """Tell whether somebody writes where they were alone with the bot, and are no longer."""
    place = place_of(connection, info, said.sender, me)
    if place.private or room_at(connection, place) is not None:
        return False
    return talks_in_room(connection, said.sender, info.id) or was_told(connection, crowded_name(info.id))


def _said(connection: Connection, said: Said, info: RoomInfo, me: str) -> Turn | None:
    place = place_of(connection, info, said.sender, me, said.text)
    if not place.private and not (said.text or said.file):
        return None
    button = _typed(connection, said, place) if said.file is None else None
    incoming = Incoming(
        bot=me, key=said.event, address=Address(PLATFORM, said.sender), place=place, name=_name(info, said.sender),
        text="" if button else said.text, tapped=button[1].data if button else "", file=said.file,
    )  # fmt: skip
    return Turn(incoming, info.id, said.event, tapped=button[0].message if button else "")


def _typed(connection: Connection, said: Said, place: Place) -> tuple[Shown, Option] | None:
    """Find the button whose number or label was typed. The answer then comes below, where its author is looking.

    In a room one says which message one means, by replying to it, unless one is being asked something there.
    """
    if said.text.startswith(("!", "/")) or not said.text:
        return None
    found = shown.find(connection, name_of(said.room, said.to)) if said.to else None
    if found is None and place.private:
        found = shown.newest(connection, place.chat)
    elif found is None:
        asked = shown.open_questions(connection, place.chat, said.sender)
        found = shown.newest(connection, place.chat, sorted(asked))
    if found is None or found.over or found.chat != place.chat:
        return None
    option = marks.typed(found.options, said.text)
    return (found, option) if option else None


def _reacted(connection: Connection, reacted: Reacted, info: RoomInfo, me: str) -> Turn | None:
    """Take a reaction under a message of ours, shown in this very place, for a tap."""
    found = shown.find(connection, name_of(info.id, reacted.to))
    place = place_of(connection, info, reacted.sender, me)
    if found is None or found.chat != place.chat:
        return None
    option = marks.tapped(found.options, found.version, reacted.key)
    if option is None and not marks.is_number(reacted.key):
        return None
    incoming = Incoming(
        bot=me, key=reacted.event, address=Address(PLATFORM, reacted.sender), place=place,
        tapped=option.data if option else "", message=found.message, name=_name(info, reacted.sender),
    )  # fmt: skip
    return Turn(incoming, info.id, reacted.to, tapped=found.message, reacted=True, stale=option is None)


def _left(connection: Connection, gone: Membership, info: RoomInfo, me: str) -> Turn | None:
    """Somebody who leaves the room in which one talks to them can be written to no more (B39)."""
    if gone.state in HERE or gone.user == me or who_talks_in(connection, info.id) != gone.user:
        return None
    return gone_from(info.id, Place(PLATFORM, gone.user), gone.user, gone.event, me)


def gone_from(room: str, place: Place, user: str, key: str, me: str) -> Turn:
    """Make the update that says that nobody can be written to at a place."""
    return Turn(Incoming(bot=me, key=key, address=Address(PLATFORM, user), place=place, gone=True), room, key)


def is_card(turn: Turn) -> bool:
    """Tell whether a card's button was tapped: the card itself shows what came of it."""
    return read(turn.incoming.tapped).kind == CARD


def _name(info: RoomInfo, user: str) -> str:
    found = info.members.get(user)
    return found.name if found and found.name else user[1:].partition(":")[0]
