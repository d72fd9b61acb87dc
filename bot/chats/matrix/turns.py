"""What is heard in a room, made an update of ours: who speaks, where, and which button a reaction, a number or a label taps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from bot.chat import Address, Incoming, Option, Place
from bot.chats.matrix import marks, shown
from bot.chats.matrix.events import Heard, Membership, Reacted, Said
from bot.chats.matrix.remembered import crowded_name, talks_in_room, was_told, who_talks_in
from bot.chats.matrix.shown import PLATFORM, Shown, name_of
from bot.chats.matrix.wire.events import RoomInfo
from bot.desk.taps import CARD, read
from bot.folding import folded
from bot.groups.voices import room_at
from bot.ledger.tables import table
from bot.outbox import CardPlace

CARDS = table(CardPlace)
LINK_WORDS = {"!lier", "/lier", "!link", "/link"}
HERE = {"join", "invite"}
READ_WITHIN = timedelta(seconds=3)
"""It takes so long to see that a card has changed, and to type something else."""

ANSWERED_WITHIN = timedelta(minutes=10)
"""In a room, plain words answer a question for so long; after that one replies to it."""


@dataclass(frozen=True)
class Turn:
    """An update, and what is needed to answer it beside the button: ``to`` is the event, ``tapped`` names the message.

    ``stale`` is a number that is no more. ``moves``: one did not talk in this room until now. ``crowded``: one did, alone, and
    is no longer. ``wanted`` counts how often the cards there were to be drawn. ``late``: words that could be read only now,
    when something else has been said or asked: they are no answer to that.
    """

    incoming: Incoming
    room: str
    to: str
    tapped: str = ""
    reacted: bool = False
    stale: bool = False
    moves: bool = False
    crowded: bool = False
    wanted: int = 0
    late: bool = False


def turn(connection: Connection, found: Heard, info: RoomInfo, me: str, now: datetime) -> Turn | None:
    """Make an update of what was heard; None for what concerns nobody here."""
    match found:
        case Said():
            made = _said(connection, found, info, me, now)
        case Reacted():
            made = _reacted(connection, found, info, me)
        case Membership():
            return _left(connection, found, info, me)
        case _:
            return None
    if made is None:
        return None
    done = _completed(connection, made)
    to_each_other = isinstance(found, Said) and not done.crowded and _to_each_other(connection, done, found, now)
    return None if to_each_other else done


def _to_each_other(connection: Connection, made: Turn, said: Said, now: datetime) -> bool:
    """Tell whether what is said in a room is said among people: no command, no answer to us, nothing asked a while ago."""
    place = made.incoming.place
    if place.private or said.file is not None or made.tapped or said.text.startswith(("!", "/")):
        return False
    replies = bool(said.to) and shown.find(connection, name_of(said.room, said.to)) is not None
    asked = shown.open_questions(connection, place.chat, said.sender, since=now - ANSWERED_WITHIN)
    return not (asked or (replies and shown.open_questions(connection, place.chat, said.sender)))


def _completed(connection: Connection, made: Turn) -> Turn:
    """Add what is known of the room and of the chat."""
    place, user = made.incoming.place, made.incoming.address.user
    moves = place.private and not talks_in_room(connection, user, made.room)
    crowded = not place.private and _crowded(connection, user, made.room)
    return replace(made, moves=moves, crowded=crowded, wanted=wanted(connection, made))


def wanted(connection: Connection, made: Turn) -> int:
    """Count how often the cards of a chat were to be drawn: when a tap adds to it, the card shows what came of it."""
    if not is_card(made):
        return 0
    here = (CARDS.c.platform == PLATFORM) & (CARDS.c.chat == made.incoming.place.chat)
    query = select(func.coalesce(func.sum(CARDS.c.wanted), 0)).where(here)
    return int(connection.execute(query).scalar_one())


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


def _crowded(connection: Connection, user: str, room: str) -> bool:
    """Tell whether somebody writes where they were alone with the bot, and are no longer."""
    if room_at(connection, Place(PLATFORM, room, private=False)) is not None:
        return False
    return talks_in_room(connection, user, room) or was_told(connection, crowded_name(room))


def _said(connection: Connection, said: Said, info: RoomInfo, me: str, now: datetime) -> Turn | None:
    place = place_of(connection, info, said.sender, me, said.text)
    if not place.private and not (said.text or said.file):
        return None
    late = bool(said.waited_since_ms) and not said.text.startswith(("!", "/")) and _overtaken(connection, said, place)
    button = _typed(connection, said, place, now) if said.file is None and not late else None
    incoming = Incoming(
        bot=me, key=said.event, address=Address(PLATFORM, said.sender), place=place, name=_name(info, said.sender),
        text="" if button else said.text, tapped=button[1].data if button else "", file=said.file,
        message="" if button else name_of(info.id, said.event),
    )  # fmt: skip
    stale = button is not None and _hasty(said, *button)
    return Turn(incoming, info.id, said.event, tapped=button[0].message if button else "", stale=stale, late=late)


def _hasty(said: Said, message: Shown, button: Option) -> bool:
    """Tell whether a number or a label was typed before its author can have read what a card shows now.

    A reaction says by its style which version it is meant for; words do not, and « 1 » must not receive another's payment.
    """
    if not message.version or message.at is None or not said.at_ms or read(button.data).kind != CARD:
        return False
    return datetime.fromtimestamp(said.at_ms / 1000, UTC) < message.at + READ_WITHIN


def _overtaken(connection: Connection, said: Said, place: Place) -> bool:
    """Tell whether something was said, or asked, since words came that could not be read."""
    since = datetime.fromtimestamp(said.waited_since_ms / 1000, UTC)
    return shown.something_since(connection, place.chat, said.sender, since)


def _typed(connection: Connection, said: Said, place: Place, now: datetime) -> tuple[Shown, Option] | None:
    """Find the button whose number or label was typed. The answer then comes below, where its author is looking.

    It is one of the message that is replied to; else of the question that waits, whatever was shown after it; else, in
    private, of the last message. In a room nothing else is meant for us.
    """
    if said.text.startswith(("!", "/")) or not said.text:
        return None
    replied = shown.find(connection, name_of(said.room, said.to)) if said.to else None
    if replied is not None and replied.chat == place.chat:
        return _among(replied, marks.typed(replied.options, said.text))
    lately = None if place.private else now - ANSWERED_WITHIN
    asked = shown.open_questions(connection, place.chat, said.sender, lately)
    question = shown.newest(connection, place.chat, sorted(asked)) if asked else None
    last = shown.newest(connection, place.chat) if place.private else None
    found = _among(question, marks.typed(question.options, said.text)) if question else None
    if found is None and last is not None:
        found = _among(last, (marks.labelled if asked else marks.typed)(last.options, said.text))
    return found


def _among(message: Shown, option: Option | None) -> tuple[Shown, Option] | None:
    return (message, option) if option is not None and not message.over else None


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


def is_card(made: Turn) -> bool:
    """Tell whether a card's button was tapped: the card itself shows what came of it."""
    return read(made.incoming.tapped).kind == CARD


def _name(info: RoomInfo, user: str) -> str:
    found = info.members.get(user)
    return found.name if found and found.name else user[1:].partition(":")[0]
