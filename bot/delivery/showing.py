"""Showing a message or a card: send, edit in place, send again what is gone. Refusals of the platform pass through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Connection, case, delete, update
from sqlmodel import col

from bot import cards
from bot.chat import (
    Attachment,
    Chat,
    Document,
    Incoming,
    Message,
    MessageGoneError,
    Place,
    Receipt,
    RetryLaterError,
    TakesAway,
    UndeliverableError,
)
from bot.delivery.notes import Notes
from bot.desk.taps import stamped
from bot.groups.people import Group
from bot.groups.voices import right_at
from bot.ledger.books import Books
from bot.ledger.store import Store
from bot.market.market import Market
from bot.outbox import CardPlace, Waiting, unpacked
from bot.papers import make
from bot.providers.accounts import Accounts
from bot.reminders.view import Dues
from bot.words import speaking

log = structlog.get_logger()


@dataclass(frozen=True)
class Means:
    """What it takes to deliver on one platform. ``ending`` is set when the message in hand is to be the last.

    ``accounts``: the providers of online payments; ``back_url``: where they send people back to.
    """

    store: Store
    chat: Chat
    receive: Callable[[Incoming], Awaitable[Receipt]]
    clock: Callable[[], datetime]
    notes: Notes
    chance: Callable[[], float]
    ending: asyncio.Event
    accounts: Accounts = field(default_factory=Accounts)
    back_url: str = ""


def place_of(row: Waiting | CardPlace) -> Place:
    """Tell where a message or a card is shown."""
    return Place(row.platform, row.chat, row.topic, private=row.private)


def card_key(row: CardPlace) -> ColumnElement[bool]:
    """Name one card at one place."""
    card = (col(CardPlace.group_id) == row.group_id) & (col(CardPlace.name) == row.name)
    return card & (col(CardPlace.platform) == row.platform) & (col(CardPlace.chat) == row.chat)


async def show_letter(means: Means, row: Waiting) -> None:
    """Show a message, unless it is no longer worth saying; an edit of what is gone becomes a new message."""
    worth_it = row.useful_until is None or row.useful_until >= means.clock()
    if worth_it:
        message, place = unpacked(row.body), place_of(row)
        for said in message.takes_away.split():
            await _take_away_said(means.chat, place, said)
        edits = row.edits if message.attachment is None else ""
        if not (edits and await _edited(means.chat, place, edits, message, row.token)):
            recipe = message.attachment
            document = await asyncio.to_thread(_document, means, recipe) if recipe else None
            await means.chat.send(place, message, document, row.token)
    means.notes.sent(row.id, row.receipt if worth_it else "")


async def show_card(means: Means, row: CardPlace) -> None:
    """Show a card as it is true now: edited in place, or at the bottom of its chat with the old one retired."""
    place = place_of(row)
    card, old = await asyncio.to_thread(_draw, means, row)
    if card is None:
        await _take_away(means, row)
        return
    if row.message and not row.resend and await _edited(means.chat, place, row.message, card, _token(row)):
        await means.notes.insist(_card_shown(row, row.message, row.wanted, None))
        return
    message, version = await _sent(means, row, card)
    await means.notes.insist(_card_shown(row, message, version, means.clock()))
    if row.resend and row.message:
        await _retire(means.chat, place, row.message, old)


async def _sent(means: Means, row: CardPlace, card: Message) -> tuple[str, int]:
    """Send a card; give its message, and the version of it that is surely shown there.

    The token is noted first. Where it is there already, a crash or a lost answer came between: the card may be there as it was
    then. It is sent under the same token, which adds nothing where it is there, and its words of now are an edit to come (B47).
    """
    token, before = _token(row), row.sending
    if not before:
        await means.notes.insist(_sending(row, token))
    message = await means.chat.send(place_of(row), card, None, before or token)
    return message, row.wanted if before in {"", token} else row.wanted - 1


async def _take_away_said(chat: Chat, place: Place, message_id: str) -> None:
    """Delete a person's message that must not stay, where the platform lets us; where it does not, they are told to."""
    if isinstance(chat, TakesAway):
        try:
            await chat.take_away(place, message_id)
        except (MessageGoneError, UndeliverableError) as trouble:
            log.info("a message stays where it is", reason=type(trouble).__name__)


def _sending(row: CardPlace, token: str) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        connection.execute(update(CardPlace).where(card_key(row)).values(sending=token))

    return job


def _card_shown(row: CardPlace, message: str, version: int, sent_at: datetime | None) -> Callable[[Connection], None]:
    """Note what is shown, and in which version. A wish to bring the card back that came while it was being sent is kept."""
    again = case((col(CardPlace.wanted) == row.wanted, False), else_=col(CardPlace.resend))
    moved = {"resend": again, "sent_at": sent_at} if sent_at is not None else {}
    values = {"message": message, "shown": version, "sending": "", "attempts": 0, "next_at": None, **moved}

    def job(connection: Connection) -> None:
        connection.execute(update(CardPlace).where(card_key(row)).values(**values))

    return job


def _token(row: CardPlace) -> str:
    """Name one showing of a card: this version of it, after that message; a crash before the note of it says it again."""
    return f"card {row.group_id} {row.name} {row.wanted} {row.message} {row.chat}"


async def _edited(chat: Chat, place: Place, message_id: str, message: Message, token: str = "") -> bool:
    """Edit a message; say whether it is still there."""
    try:
        await chat.edit(place, message_id, message, f"{token} edit" if token else "")
    except MessageGoneError:
        return False
    return True


async def _retire(chat: Chat, place: Place, message_id: str, old: Message) -> None:
    """Shorten the card left behind. Its buttons are answered kindly anyway: trouble here is not worth a retry."""
    try:
        await _edited(chat, place, message_id, old)
    except (RetryLaterError, UndeliverableError) as trouble:
        log.info("an old card stays as it was", reason=type(trouble).__name__)


def _document(means: Means, recipe: Attachment) -> Document:
    with means.store.read() as connection:
        return make(connection, recipe, means.clock())


async def _take_away(means: Means, row: CardPlace) -> None:
    """Blank a card that nobody at its place may read any more, and forget it (B40)."""
    if row.message:
        await _edited(means.chat, place_of(row), row.message, cards.taken_away())
    await means.notes.insist(forgotten(row))


def forgotten(row: CardPlace) -> Callable[[Connection], None]:
    """Make the job that shows a card at a place no more."""

    def job(connection: Connection) -> None:
        connection.execute(delete(CardPlace).where(card_key(row)))

    return job


def _draw(means: Means, row: CardPlace) -> tuple[Message | None, Message]:
    """Draw the card, and what is left of it where it was, in the language of its place."""
    with means.store.read() as connection, speaking(row.language):
        return drawn(connection, row, means.clock()), cards.retired(row.name)


def drawn(connection: Connection, row: CardPlace, now: datetime) -> Message | None:
    """Draw a card as it is true now, in the language of its place; None where nobody may read it (B40)."""
    group = Group(connection, row.group_id)
    right = right_at(connection, row.group_id, place_of(row))
    if right is None or not right.covers(cards.NEEDS[row.name]):
        return None
    with speaking(row.language, group.settings.zone):
        books, market = Books(connection, group.number, now), Market(connection, group.number, now)
        dues = Dues(connection, group, now)
        return stamped(cards.draw(row.name, books, group, market, row.at, dues), group.number)
