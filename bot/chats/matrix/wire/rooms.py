"""The rooms the bot is in, as their state events tell: who is there, whether it is enciphered, where it has moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.chats.matrix.wire.events import Member, RoomInfo

CREATOR = 1_000_000
ABOVE_POWERS_SINCE = 12
HERE = {"join", "invite"}


@dataclass
class _Room:
    name: str = ""
    encrypted: bool = False
    moved_to: str = ""
    members: dict[str, tuple[str, bool]] = field(default_factory=dict)
    powers: dict[str, int] = field(default_factory=dict)
    creators: set[str] = field(default_factory=set)
    usual_power: int = 0

    def power(self, user: str) -> int:
        """Give what somebody may do; in rooms of today, who made them may do everything."""
        return CREATOR if user in self.creators else self.powers.get(user, self.usual_power)


class Rooms:
    """Takes state events as they come. What anybody may write into one is never trusted to be of the right kind."""

    def __init__(self, encrypted: Iterable[str] = ()) -> None:
        self._rooms: dict[str, _Room] = {}
        self._encrypted = set(encrypted)  # once enciphered, for ever, whatever a homeserver says later

    def take(self, room: str, events: Iterable[Mapping[str, Any]]) -> bool:
        """Take the state events among these; say whether somebody has come or gone."""
        found = self._rooms.setdefault(room, _Room(encrypted=room in self._encrypted))
        before = set(found.members)
        for event in events:
            state_key, content = event.get("state_key"), event.get("content")
            if isinstance(state_key, str) and isinstance(content, Mapping):
                _take(found, str(event.get("type")), state_key, content)
                if event.get("type") == "m.room.create":
                    found.creators = _creators(str(event.get("sender")), content)
        if found.encrypted:
            self._encrypted.add(room)
        return set(found.members) != before

    def left(self, room: str) -> None:
        """Forget a room the bot is no longer in."""
        self._rooms.pop(room, None)

    def info(self, room: str) -> RoomInfo | None:
        """Tell what is known of a room; None if the bot is not in it."""
        found = self._rooms.get(room)
        if found is None:
            return None
        members = {
            user: Member(user, name, invited, found.power(user)) for user, (name, invited) in found.members.items()
        }
        return RoomInfo(room, found.name, found.encrypted, found.moved_to, members)

    def encrypted(self, room: str) -> bool:
        """Tell whether messages to a room are enciphered."""
        return room in self._encrypted

    def members(self, room: str) -> set[str]:
        """List who is in a room, or invited."""
        found = self._rooms.get(room)
        return set(found.members) if found is not None else set()

    def with_keys(self, user: str = "") -> list[str]:
        """List the enciphered rooms, of somebody if they are named."""
        return [
            room for room, found in self._rooms.items() if found.encrypted and (not user or user in found.members)
        ]  # fmt: skip


def _take(room: _Room, kind: str, state_key: str, content: Mapping[str, Any]) -> None:
    match kind:
        case "m.room.member":
            if content.get("membership") in HERE:
                room.members[state_key] = (_text(content.get("displayname")), content["membership"] == "invite")
            else:
                room.members.pop(state_key, None)
        case "m.room.encryption":
            room.encrypted = True
        case "m.room.name":
            room.name = _text(content.get("name"))
        case "m.room.tombstone":
            room.moved_to = _text(content.get("replacement_room"))
        case "m.room.power_levels":
            users = content.get("users")
            given = users if isinstance(users, Mapping) else {}
            room.powers = {str(user): _whole(power) for user, power in given.items()}
            room.usual_power = _whole(content.get("users_default"))


def _creators(maker: str, content: Mapping[str, Any]) -> set[str]:
    """List who is above all power levels: since version 12, those who made the room."""
    version, more = _text(content.get("room_version")), content.get("additional_creators")
    if not version.isdigit() or int(version) < ABOVE_POWERS_SINCE:
        return set()
    return {maker, *(user for user in (more if isinstance(more, list) else []) if isinstance(user, str))}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
