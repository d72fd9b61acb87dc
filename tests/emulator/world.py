"""What there is: people, chats, the messages each chat shows now, the files; as plain, mutable data."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.entities import Entity
from tests.emulator.keyboards import Markup, inline

Json = dict[str, Any]

ME = 123456789
TOKEN = f"{ME}:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x"
NAME = "ArdoiseBot"


@dataclass
class User:
    """Somebody with a Telegram account. ``deactivated``: deleted since."""

    id: int
    first_name: str
    last_name: str = ""
    language: str = "fr"
    username: str = ""
    is_bot: bool = False
    deactivated: bool = False

    def json(self) -> Json:
        """Write it as Telegram does, without empty fields."""
        said = {"last_name": self.last_name, "username": self.username, "language_code": self.language}
        return {
            "id": self.id, "is_bot": self.is_bot, "first_name": self.first_name,
            **{name: value for name, value in said.items() if value},
        }  # fmt: skip


@dataclass
class File:
    """A file on Telegram's side."""

    id: str
    name: str
    content: bytes
    mime: str = "application/octet-stream"

    def json(self) -> Json:
        """Write it as a document."""
        return {
            "file_id": self.id, "file_unique_id": f"u{self.id}", "file_name": self.name, "mime_type": self.mime,
            "file_size": len(self.content),
        }  # fmt: skip


@dataclass
class Chat:
    """A chat. ``bot`` is the bot's status there; in a private chat ``kicked`` means that the person blocked it."""

    id: int
    type: str
    title: str = ""
    person: User | None = None
    forum: bool = False
    members: dict[int, User] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    bot: str = "left"
    may_write: bool = True
    upgraded_to: int | None = None
    messages: dict[int, Shown] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def private(self) -> bool:
        """Tell a private chat from a group."""
        return self.type == "private"

    def json(self) -> Json:
        """Write it as Telegram does."""
        if self.person is not None:
            about = {"first_name": self.person.first_name, "username": self.person.username}
            return {"id": self.id, "type": self.type, **{k: v for k, v in about.items() if v}}
        return {"id": self.id, "type": self.type, "title": self.title, **({"is_forum": True} if self.forum else {})}


@dataclass
class Shown:
    """A message as its chat shows it now."""

    id: int
    chat: Chat
    sender: User
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    markup: Markup | None = None
    document: File | None = None
    photo: File | None = None
    topic: int = 0
    reply_to: Shown | None = None
    edits: int = 0
    invoice: Json | None = None
    more: Json = field(default_factory=dict)
    date: int = field(default_factory=lambda: int(time.time()))

    @property
    def has_file(self) -> bool:
        """Tell whether the text is the caption of a file."""
        return self.document is not None or self.photo is not None

    @property
    def buttons(self) -> list[list[str]]:
        """List the labels of the buttons, row by row."""
        found = inline(self.markup) or {"inline_keyboard": []}
        return [[str(button["text"]) for button in row] for row in found["inline_keyboard"]]

    @property
    def labels(self) -> list[str]:
        """List the labels of the buttons."""
        return [label for row in self.buttons for label in row]

    def json(self, *, deep: bool = True) -> Json:
        """Write it as Telegram does."""
        said: Json = {
            "message_id": self.id,
            "date": self.date,
            "chat": self.chat.json(),
            "from": self.sender.json(),
            **self.more,
        }
        words, marks = ("caption", "caption_entities") if self.has_file else ("text", "entities")
        said |= {words: self.text} if self.text else {}
        said |= {marks: self.entities} if self.entities else {}
        said |= {"reply_markup": found} if (found := inline(self.markup)) else {}
        said |= {"edit_date": int(time.time())} if self.edits else {}
        said |= {"message_thread_id": self.topic, "is_topic_message": True} if self.topic else {}
        if deep and self.reply_to is not None:
            said["reply_to_message"] = self.reply_to.json(deep=False)
        return said | self._file()

    def _file(self) -> Json:
        if self.invoice is not None:
            shown = ("title", "description", "start_parameter", "currency", "total_amount")
            return {"invoice": {name: self.invoice[name] for name in shown}}
        if self.document is not None:
            return {"document": self.document.json()}
        if self.photo is not None:
            size = {"width": 90, "height": 90, "file_size": len(self.photo.content)}
            return {"photo": [{"file_id": self.photo.id, "file_unique_id": f"u{self.photo.id}", **size}]}
        return {}


@dataclass
class Query:
    """A tap that waits for its answer. ``toast`` is what was said beside the button, once ``answered``."""

    id: str
    person: User
    data: str
    answered: bool = False
    toast: str = ""
    old: bool = False


@dataclass
class PreCheckout:
    """Somebody who is about to pay an invoice. ``ok`` is the bot's answer, ``why`` what it says of a no."""

    id: str
    person: User
    invoice: Json
    asked_at: float
    ok: bool | None = None
    why: str = ""


@dataclass
class World:
    """Everything the emulator knows. ``privacy`` is the bot's privacy mode."""

    me: User = field(default_factory=lambda: User(ME, "Ardoise", language="", username=NAME, is_bot=True))
    token: str = TOKEN
    privacy: bool = True
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    checkouts: dict[str, PreCheckout] = field(default_factory=dict)
    menus: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def keep(self, name: str, content: bytes, mime: str) -> File:
        """Keep a file."""
        number = f"F{next(self.numbers)}"
        self.files[number] = File(number, name, content, mime)
        return self.files[number]

    def met(self, person: User) -> bool:
        """Tell whether the bot knows of a person: by a private chat, or a group they share."""
        return any(person.id in chat.members and chat.bot != "left" for chat in self.chats.values())

    def show(self, chat: Chat, sender: User, text: str = "", **more: Any) -> Shown:
        """Put a message into a chat."""
        shown = Shown(next(chat.numbers), chat, sender, text, **more)
        chat.messages[shown.id] = shown
        return shown
