"""What state events tell of a room, whatever somebody has written into them."""

from __future__ import annotations

from typing import Any

from bot.chats.matrix.wire.events import Member
from bot.chats.matrix.wire.rooms import CREATOR, Rooms


def state(kind: str, content: Any, key: Any = "", sender: str = "@lea:x") -> dict[str, Any]:
    return {"type": kind, "state_key": key, "content": content, "sender": sender}


def test_a_room_is_what_its_state_says() -> None:
    rooms = Rooms()
    assert rooms.info("!r") is None
    changed = rooms.take(
        "!r",
        [
            state("m.room.member", {"membership": "join", "displayname": "Léa"}, "@lea:x"),
            state("m.room.member", {"membership": "invite"}, "@bot:x"),
            state("m.room.name", {"name": "Les paniers"}),
            state("m.room.power_levels", {"users": {"@lea:x": 100}, "users_default": 10}),
        ],
    )
    found = rooms.info("!r")
    assert changed
    assert found is not None
    assert (found.name, found.encrypted, found.moved_to) == ("Les paniers", False, "")
    assert found.members == {
        "@lea:x": Member("@lea:x", "Léa", power=100),
        "@bot:x": Member("@bot:x", "", invited=True, power=10),
    }
    assert not rooms.take("!r", [state("m.room.member", {"membership": "join"}, "@bot:x")])
    assert rooms.take("!r", [state("m.room.member", {"membership": "ban"}, "@lea:x")])
    rooms.left("!r")
    assert rooms.info("!r") is None


def test_once_enciphered_always_enciphered_whatever_is_said_later() -> None:
    rooms = Rooms()
    rooms.take("!r", [state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})])
    rooms.take("!r", [state("m.room.encryption", {})])
    rooms.left("!r")
    rooms.take("!r", [])
    assert rooms.encrypted("!r")
    assert rooms.with_keys() == ["!r"]
    assert Rooms(["!s"]).encrypted("!s")


def test_who_made_a_room_of_today_is_above_its_power_levels() -> None:
    rooms = Rooms()
    members = [state("m.room.member", {"membership": "join"}, user) for user in ("@lea:x", "@bot:x")]
    for room, version in (("!new", "12"), ("!old", "11")):
        made = state("m.room.create", {"room_version": version, "additional_creators": ["@bot:x", 7]})
        rooms.take(room, [made, *members])
    new, old = rooms.info("!new"), rooms.info("!old")
    assert new is not None
    assert old is not None
    assert {member.power for member in new.members.values()} == {CREATOR}
    assert {member.power for member in old.members.values()} == {0}


def test_state_of_any_shape_is_taken_for_nothing() -> None:
    rooms = Rooms()
    odd: list[Any] = [None, 7, "x", [], {"users": 7, "users_default": "all"}, {"displayname": 7, "membership": "join"}]
    kinds = ("member", "name", "power_levels", "tombstone", "create")
    rooms.take(
        "!r", [state(f"m.room.{kind}", content, key) for kind in kinds for content in odd for key in ("@x:x", 7, None)]
    )
    found = rooms.info("!r")
    assert found is not None
    assert found.members == {"@x:x": Member("@x:x")}
    assert (found.name, found.moved_to) == ("", "")
