"""What is sent on Matrix: once however often it is tried, at the homeserver's pace, to where a room has moved; files both ways."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from bot.chat import RetryLaterError, UndeliverableError
from bot.chats.matrix.wire import Wire
from tests.matrix_friend import Ear, Friend, listening
from tests.synapse import Registered, Synapse

BOTH = pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])


@pytest.fixture
def bot(synapse: Synapse) -> Registered:
    return synapse.register()


@pytest.fixture
async def lea(synapse: Synapse, tmp_path: Path) -> AsyncGenerator[Friend]:
    friend = Friend(synapse, synapse.register(), tmp_path / "lea")
    await friend.look()
    yield friend
    await friend.close()


@pytest.fixture
async def wire(synapse: Synapse, bot: Registered, tmp_path: Path) -> AsyncGenerator[Wire]:
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as found:
        yield found


def said(text: str) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": text}


async def together(wire: Wire, lea: Friend, *, encrypted: bool) -> str:
    """Have the bot make a room for somebody, who comes."""
    room = await wire.create_direct(lea.user, encrypted=encrypted)
    await lea.client.join(room)
    await lea.until(lambda: room in lea.client.rooms)
    return room


@BOTH
async def test_the_same_token_is_one_message_after_a_restart_too(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, *, encrypted: bool
) -> None:
    """B47: a kill between the send and the note of it says nothing twice."""
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        room = await together(wire, lea, encrypted=encrypted)
        first = await wire.send(room, said("un"), "row 1")
        assert await wire.send(room, said("un"), "row 1") == first
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        assert await wire.send(room, said("un"), "row 1") == first
        second = await wire.send(room, said("deux"), "row 2")
        assert await wire.react(room, second, "1️⃣", "row 3") == await wire.react(room, second, "1️⃣", "row 3")
    await lea.until(lambda: "deux" in lea.heard(room, bot.user))
    assert lea.heard(room, bot.user) == ["un", "deux"]


async def test_written_before_the_sync_knows_the_room_a_message_is_enciphered_all_the_same(
    wire: Wire, lea: Friend
) -> None:
    room = await lea.makes_room(wire.user, encrypted=True)
    await wire.join(room)
    wire.keys.rooms.left(room)
    await wire.send(room, said("en secret"), "1")
    await lea.until(lambda: "en secret" in lea.heard(room, wire.user))
    [event] = [event for _room, event in lea.events if getattr(event, "body", "") == "en secret"]
    assert event.decrypted


async def test_too_fast_for_the_homeserver_is_for_later_by_as_much_as_it_says(
    synapse: Synapse, wire: Wire, lea: Friend
) -> None:
    admin = synapse.register(admin=True)
    room = await together(wire, lea, encrypted=False)
    limits = f"/_synapse/admin/v1/users/{wire.user}/override_ratelimit"
    synapse.call("POST", limits, {"messages_per_second": 1, "burst_count": 1}, admin.token)

    async def hurry() -> None:
        for number in range(6):
            await wire.send(room, said("vite"), f"row {number}")

    with pytest.raises(RetryLaterError) as refused:
        await hurry()
    assert refused.value.after_seconds is not None
    assert 0 < refused.value.after_seconds <= 10


@BOTH
async def test_files_go_both_ways_and_are_enciphered_where_the_room_is(
    synapse: Synapse, wire: Wire, lea: Friend, *, encrypted: bool
) -> None:
    room, content = await together(wire, lea, encrypted=encrypted), secrets.token_bytes(5_000)
    source = await wire.upload(room, content, "relevé.pdf", "application/pdf")
    assert list(source) == (["file"] if encrypted else ["url"])
    assert await wire.download(source, 5_000) == content
    with pytest.raises(UndeliverableError, match="too large"):
        await wire.download(source, 4_999)
    event = {"msgtype": "m.file", "body": "relevé.pdf", **source}
    await wire.send(room, event, "file")
    await lea.until(lambda: "relevé.pdf" in lea.heard(room, wire.user))


async def test_a_forged_file_or_no_file_at_all_is_refused(wire: Wire, lea: Friend) -> None:
    room = await together(wire, lea, encrypted=True)
    source = await wire.upload(room, b"bonjour", "a.txt", "text/plain")
    other = await wire.upload(room, b"bonsoir", "b.txt", "text/plain")
    odd: list[dict[str, Any]] = [
        {"file": source["file"] | {"url": other["file"]["url"]}},
        {"file": {"url": source["file"]["url"]}},
        {"file": source["file"] | {"key": {"k": 7}}},
        {"file": "x"}, {"url": "https://example.org/x"}, {"url": "mxc://localhost/nothing-there"}, {},
    ]  # fmt: skip
    for given in odd:
        with pytest.raises(UndeliverableError):
            await wire.download(given, 1_000)


async def test_a_room_that_was_replaced_says_which_replaces_it(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await lea.makes_room(wire.user)
        await wire.join(room)
        body = {"new_version": "11"}
        moved = synapse.call("POST", f"/_matrix/client/v3/rooms/{room}/upgrade", body, lea.token)["replacement_room"]
        await ear.until(lambda: any(event.kind == "m.room.tombstone" for event in ear.events))
        info = wire.room(room)
        assert info is not None
        assert info.moved_to == moved
        with pytest.raises(UndeliverableError) as refused:
            await wire.send(room, said("vous êtes là ?"), "1")
        assert refused.value.moved_to == moved


async def test_where_the_bot_is_not_nothing_can_be_sent(synapse: Synapse, wire: Wire, lea: Friend) -> None:
    alone = await lea.makes_room()
    with pytest.raises(UndeliverableError) as refused:
        await wire.send(alone, said("coucou"), "1")
    assert refused.value.unreachable
    with pytest.raises(UndeliverableError):
        await wire.join(alone)
    room = await together(wire, lea, encrypted=False)
    with pytest.raises(UndeliverableError) as too_large:
        await wire.send(room, said("x" * 70_000), "2")
    assert not too_large.value.unreachable


async def test_the_room_made_for_somebody_is_remembered_by_the_account(wire: Wire, lea: Friend) -> None:
    assert await wire.direct_rooms() == {}
    rooms = [await wire.create_direct(lea.user), await wire.create_direct(lea.user)]
    assert await wire.direct_rooms() == {lea.user: rooms}
    assert wire.room(rooms[0]) is not None
    await wire.leave(rooms[0])
    assert wire.room(rooms[0]) is None


async def test_small_courtesies_reach_people(wire: Wire, lea: Friend) -> None:
    room = await together(wire, lea, encrypted=True)
    event = await lea.says(room, "bonjour")
    await wire.type(room, seconds=10)
    await wire.read(room, event)
    await lea.until(lambda: wire.user in lea.client.rooms[room].read_receipts)
    assert lea.client.rooms[room].read_receipts[wire.user].event_id == event
    assert lea.client.rooms[room].typing_users == [wire.user]
    await wire.call_oneself("Ardoise")
    assert await wire.name_of(wire.user) == "Ardoise"
    assert await wire.name_of("@nobody:localhost") == ""
