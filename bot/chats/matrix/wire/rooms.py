"""The rooms the bot is in, as their state events tell: who is there, whether it is enciphered, where it has moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.chats.matrix.wire.events import Member, RoomInfo

HERE = {"join", "invite"}


@dataclass
class _Room:
    name: str = ""
    encrypted: bool = False
    moved_to: str = ""
    members: dict[str, tuple[str, bool]] = field(default_factory=dict)
    powers: dict[str, int] = field(default_factory=dict)
    usual_power: int = 0


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
            user: Member(user, name, invited, found.powers.get(user, found.usual_power))
            for user, (name, invited) in found.members.items()
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


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
