"""Events of rooms in our words. Anybody can send anything: what is not shaped as it should be concerns nobody here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bot.chat import FileRef
from bot.chats.matrix.wire.events import Event

Content: TypeAlias = Mapping[str, Any]

MOST_KEY = 40
NAME_LETTERS = 200
FALLBACK = "> "
TEXTS = {"m.text", "m.emote"}
FILES = {"m.file", "m.image"}
"""What can be read of messages. Notices are what bots say, and are left alone; the rest gets an answer in private."""


@dataclass(frozen=True)
class Base:
    """Who did something, in which room, and the event's own id."""

    room: str
    event: str
    sender: str


@dataclass(frozen=True)
class Said(Base):
    """Somebody wrote, or sent a file. ``to`` is the message it replies to; ``odd`` what is neither text nor file.

    ``waited_since_ms``: it came then, and could be read only now. ``at_ms``: when its homeserver took it, if it says so.
    """

    text: str = ""
    to: str = ""
    file: FileRef | None = None
    odd: bool = False
    waited_since_ms: int = 0
    at_ms: int = 0


@dataclass(frozen=True)
class Reacted(Base):
    """Somebody set an emoji under a message."""

    to: str
    key: str


@dataclass(frozen=True)
class Corrected(Base):
    """Somebody changed a message of theirs, which had its effect when it was read."""

    of: str


@dataclass(frozen=True)
class Deleted(Base):
    """Somebody took a message away, or a reaction."""

    of: str


@dataclass(frozen=True)
class Unreadable(Base):
    """A message whose keys we were not given."""


@dataclass(frozen=True)
class Membership(Base):
    """Somebody's place in a room: ``state`` is ``join``, ``invite``, ``leave``, ``ban`` or ``knock``."""

    user: str
    state: str
    direct: bool = False


@dataclass(frozen=True)
class Upgraded(Base):
    """The room goes on in another one."""

    successor: str


Heard: TypeAlias = Said | Reacted | Corrected | Deleted | Unreadable | Membership | Upgraded


def heard(event: Event, me: str) -> Heard | None:
    """Read an event; None for one that concerns nobody here: our own, another bot's notice, one of an unknown kind."""
    base = Base(event.room, event.id, event.sender)
    if event.kind == "m.room.member":
        return _membership(base, event.content, event.state_key)
    if event.sender == me:
        return None
    if event.state_key is not None:
        return _upgraded(base, event.content) if (event.kind, event.state_key) == ("m.room.tombstone", "") else None
    if not event.readable:
        return Unreadable(**vars(base))
    match event.kind:
        case "m.room.message":
            found = _message(base, event.content)
            late, at = event.waited_since_ms, event.at_ms
            return replace(found, waited_since_ms=late, at_ms=at) if isinstance(found, Said) else found
        case "m.reaction":
            return _reacted(base, event.content)
        case "m.room.redaction":
            of = event.redacts or _text(event.content.get("redacts"))
            return Deleted(**vars(base), of=of) if of else None
        case "m.sticker" | "m.poll.start" | "org.matrix.msc3381.poll.start":
            return Said(**vars(base), odd=True)
    return None


def _message(base: Base, content: Content) -> Heard | None:
    relation = _relation(content)
    if relation.get("rel_type") == "m.replace":
        of = _text(relation.get("event_id"))
        return Corrected(**vars(base), of=of) if of else None
    kind, to = content.get("msgtype"), _replied_to(relation)
    said = without_fallback(_text(content.get("body"))) if "m.in_reply_to" in relation else _text(content.get("body"))
    if not isinstance(kind, str) or kind == "m.notice":
        return None  # without a kind it was redacted, or is broken
    if kind in TEXTS:
        return Said(**vars(base), text=said, to=to) if said.strip() else None
    if kind in FILES:
        found, caption = _file(content, said)
        return Said(**vars(base), text=caption, to=to, file=found, odd=found is None)
    return Said(**vars(base), to=to, odd=True)


def _reacted(base: Base, content: Content) -> Reacted | None:
    relation = _relation(content)
    to, key = _text(relation.get("event_id")), _text(relation.get("key"))
    if relation.get("rel_type") != "m.annotation" or not to or not key or len(key) > MOST_KEY:
        return None
    return Reacted(**vars(base), to=to, key=key)


def _membership(base: Base, content: Content, user: object) -> Membership | None:
    state = content.get("membership")
    if not isinstance(user, str) or not isinstance(state, str):
        return None
    return Membership(**vars(base), user=user, state=state, direct=content.get("is_direct") is True)


def _upgraded(base: Base, content: Content) -> Upgraded | None:
    successor = _text(content.get("replacement_room"))
    return Upgraded(**vars(base), successor=successor) if successor.startswith("!") else None


def without_fallback(body: str) -> str:
    r"""Cut the quotation that older clients put before a reply.

    >>> without_fallback("> <@ardoise:x> Combien ?\n> [24,50 €]\n\n20")
    '20'
    >>> without_fallback("20"), without_fallback("> cité, et rien d'autre")
    ('20', '')
    """
    if not body.startswith(FALLBACK):
        return body
    lines = body.split("\n")
    quoted = next((rank for rank, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[quoted:]).lstrip("\n")


def _replied_to(relation: Content) -> str:
    """Find what is replied to; in a thread, the last message before is named only for clients without threads."""
    if relation.get("rel_type") == "m.thread" and relation.get("is_falling_back") is True:
        return ""
    answered = relation.get("m.in_reply_to")
    return _text(answered.get("event_id")) if isinstance(answered, dict) else ""


def _relation(content: Content) -> Content:
    found = content.get("m.relates_to")
    return found if isinstance(found, dict) else {}


def _file(content: Content, said: str) -> tuple[FileRef | None, str]:
    """Find where a file is, and what was written with it: a body that is not the file's name is a caption."""
    where = {key: content[key] for key in ("file", "url") if content.get(key)}
    info = content.get("info") if isinstance(content.get("info"), dict) else {}
    assert isinstance(info, dict)
    name = _text(content.get("filename")) or said or "fichier"
    caption = said if _text(content.get("filename")) not in {"", said} else ""
    if not (isinstance(where.get("file"), dict) or isinstance(where.get("url"), str)):
        return None, caption
    size, kind = info.get("size"), _text(info.get("mimetype"))
    known = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else 0
    return FileRef(json.dumps(where, sort_keys=True), name[:NAME_LETTERS], known, kind[:NAME_LETTERS]), caption


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
