"""What a chat is to us: who speaks, where, what was said, what is answered. Standard library only.

The same few words describe Telegram, Matrix and the demo, so that nothing above knows on which of them a member is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

STRONG_ON, STRONG_OFF = "\x0e", "\x0f"
"""Marks around words to be shown in bold. Control characters never survive :func:`tidy`, so no name or text can forge them."""


@dataclass(frozen=True)
class Address:
    """Where a person talks from: a platform and its stable user id, never a username nor a chat id."""

    platform: str
    user: str


@dataclass(frozen=True)
class Place:
    """A chat in which messages are shown: private with one person, or a room."""

    platform: str
    chat: str
    topic: str = ""
    private: bool = True


@dataclass(frozen=True)
class FileRef:
    """A file as its platform names it, not yet downloaded. ``size_bytes`` is what the platform says, 0 if it says nothing."""

    id: str
    name: str
    size_bytes: int = 0
    mime: str = ""


@dataclass(frozen=True)
class Paying:
    """What a chat says of an invoice it shows: somebody is about to pay it (``asks``: it waits for a yes or a no), or has.

    ``payment`` is the name of the money that changed hands, once it has. Amount in cents.
    """

    reference: str
    cents: int
    currency: str
    asks: bool = False
    payment: str = ""


@dataclass(frozen=True)
class Incoming:
    """One update, whatever the platform.

    ``key`` is the platform's own id of the update: the same key twice is the same update (B46). ``tapped`` is the data
    of the button that was tapped and ``message`` the id of the message that carried it. ``moved_to`` is set when the
    platform says that the place has a new id (a Telegram group that became a supergroup); ``gone`` when the person
    can no longer be reached there (blocked the bot, left). ``paying`` tells of an invoice shown there; ``online`` is what
    a provider of online payments answers: then nobody speaks. ``message`` also names a message that was written.
    """

    bot: str
    key: str
    address: Address
    place: Place
    text: str = ""
    tapped: str = ""
    message: str = ""
    file: FileRef | None = None
    stored_file: int | None = None
    language: str = ""
    name: str = ""
    moved_to: str = ""
    gone: bool = False
    paying: Paying | None = None
    online: object = None


@dataclass(frozen=True)
class Option:
    """A button: what it says, and what comes back when it is tapped.

    ``copies`` is a text to copy instead, ``opens`` an address to open.
    """

    label: str
    data: str = ""
    copies: str = ""
    opens: str = ""


@dataclass(frozen=True)
class Invoice:
    """An invoice that the chat shows with its own button to pay. ``account``: whose credentials it is made with.

    Amount in cents; what is paid comes back as :class:`Paying` with the same reference.
    """

    reference: str
    title: str
    description: str
    cents: int
    currency: str
    account: str = ""


@dataclass(frozen=True)
class Attachment:
    """A recipe for a file, made at delivery: the name of a maker in :mod:`bot.papers` and its arguments."""

    maker: str
    name: str
    arguments: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """Something to show: text with bold marks, rows of options, perhaps a file; ``asks`` when an answer is to be typed.

    ``invoice`` is shown below the text, where the chat can. ``takes_away`` names messages
    of a person that must not stay, apart by spaces.
    """

    text: str
    options: tuple[tuple[Option, ...], ...] = ()
    attachment: Attachment | None = None
    asks: bool = False
    invoice: Invoice | None = None
    takes_away: str = ""


@dataclass(frozen=True)
class Document:
    """A file made: its name and its bytes. ``mime`` tells pictures (shown) from files (sent)."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


@dataclass(frozen=True)
class Receipt:
    """What the desk says at once of an update: a few words to show beside the tapped button, if any.

    Where an invoice is about to be paid: whether it may be; the words say why not.
    """

    toast: str = ""
    may_pay: bool = False


class RetryLaterError(Exception):
    """The platform asks for patience, or the network failed. ``after_seconds`` is what it asked for, if it did."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class UndeliverableError(Exception):
    """The platform will never take this message. ``unreachable``: nor any other at this place."""

    def __init__(self, reason: str, *, unreachable: bool = False, moved_to: str = "") -> None:
        super().__init__(reason)
        self.unreachable = unreachable
        self.moved_to = moved_to


class MessageGoneError(Exception):
    """The message to edit is not there any more, or can no longer be edited."""


class Chat(Protocol):
    """A platform, for those who deliver: the only side of it that the outbox knows.

    Every method may raise RetryLaterError or UndeliverableError; ``edit`` also MessageGoneError. An edit that changes
    nothing succeeds.
    """

    @property
    def platform(self) -> str:
        """The name addresses and places carry."""
        ...

    async def send(self, place: Place, message: Message, document: Document | None, token: str = "", /) -> str:
        """Show a message; give back its id. The same ``token`` again is the same message, where a platform can tell."""
        ...

    async def edit(self, place: Place, message_id: str, message: Message, token: str = "", /) -> None:
        """Show something else in the place of a message sent before; ``token`` as for ``send``."""
        ...

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Download a file a person sent; UndeliverableError if it is larger than the limit or gone."""
        ...


@runtime_checkable
class TakesAway(Protocol):
    """A chat in which the bot may take messages of people away."""

    async def take_away(self, place: Place, message_id: str) -> None:
        """Delete a message. Raises MessageGoneError or UndeliverableError where that cannot be, RetryLaterError."""
        ...


def strong(words: str) -> str:
    """Mark words to be shown in bold."""
    return f"{STRONG_ON}{words}{STRONG_OFF}"


def plain(text: str) -> str:
    """The text without its bold marks.

    >>> plain(f"Vous devez {strong('24,50 €')}.")
    'Vous devez 24,50 €.'
    """
    return text.replace(STRONG_ON, "").replace(STRONG_OFF, "")
