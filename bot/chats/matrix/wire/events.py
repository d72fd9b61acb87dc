"""What the homeserver tells, in plain dataclasses: events, invitations, members; nothing of the client library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ENCRYPTED = "m.room.encrypted"


@dataclass(frozen=True)
class Event:
    """One event of a room's timeline, deciphered where it could be; its content is what its author chose to write.

    ``kind`` is its type. ``state_key`` is None for what is no state. One that cannot be deciphered has ``kind``
    ``m.room.encrypted`` and is not ``readable``: it was given some seconds, and its author's device asked for the key.
    Should the key come later, the event comes again, readable, with the same id: do not note the first as served by it;
    ``waited_since_ms`` is then when it came first, by our own clock.
    """

    id: str
    room: str
    sender: str
    kind: str
    content: Mapping[str, Any]
    at_ms: int = 0
    state_key: str | None = None
    redacts: str = ""
    encrypted: bool = False
    waited_since_ms: int = 0

    @property
    def readable(self) -> bool:
        """Tell whether it could be deciphered, or needed not to be."""
        return self.kind != ENCRYPTED


@dataclass(frozen=True)
class Invitation:
    """Somebody invites the bot into a room. ``direct`` is what they say of it: a room for the two of them."""

    room: str
    sender: str
    direct: bool = False
    encrypted: bool = False
    name: str = ""


@dataclass(frozen=True)
class Departure:
    """The bot is no longer in a room: it was removed, or has left. ``sender`` did it."""

    room: str
    sender: str


@dataclass(frozen=True)
class Batch:
    """What one round of the sync brought. ``token`` is where the next begins; it is kept once all of this is on disk."""

    token: str
    events: tuple[Event, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True)
class Member:
    """Somebody in a room, or invited to it. ``power`` is what the room's rules give them."""

    user: str
    name: str = ""
    invited: bool = False
    power: int = 0


@dataclass(frozen=True)
class RoomInfo:
    """A room the bot is in. ``moved_to`` is the room that replaces it, once it was upgraded."""

    id: str
    name: str = ""
    encrypted: bool = False
    moved_to: str = ""
    members: Mapping[str, Member] = field(default_factory=dict)
