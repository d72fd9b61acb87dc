"""Our own sync loop against a real Synapse: gaps filled, tokens kept after their batch, keys that come late, sessions refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat import RetryLaterError
from bot.chats.matrix.wire.calls import SessionRefusedError
from bot.chats.matrix.wire.events import Departure
from bot.chats.matrix.wire.listener import Listener
from bot.chats.matrix.wire.session import Account, FolderInUseError, OtherAccountError
from bot.chats.matrix.wire.wire import Wire
from bot.ledger.errors import UnavailableError
from tests.matrix_friend import Ear, Friend, Memory, listening
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


async def meet(wire: Wire, lea: Friend, *, encrypted: bool = False) -> str:
    """Have them in a room of their own."""
    room = await lea.makes_room(wire.user, encrypted=encrypted, direct=True)
    await wire.join(room)
    await lea.until(lambda: wire.user in lea.client.rooms[room].users)
    return room


@BOTH
async def test_what_was_said_while_the_bot_was_away_arrives_whole_and_in_order(
    synapse: Synapse,
    bot: Registered,
    lea: Friend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    encrypted: bool,
) -> None:
    """More than one answer of the sync holds (B46)."""
    monkeypatch.setattr("bot.chats.matrix.wire.listener.MOST_EVENTS", 10)
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea, encrypted=encrypted)
        await lea.says(room, "avant")
        await ear.until(lambda: ear.texts(room) == ["avant"])
    said = [str(number) for number in range(25)]
    for text in said:
        await lea.says(room, text)
    again = Ear()
    async with listening(synapse, bot, tmp_path / "bot", again, memory):
        await again.until(lambda: said[-1] in again.texts(room))
    assert again.texts(room) == said


async def test_a_batch_that_cannot_be_written_comes_again_and_its_token_waits(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.backoff.FIRST_WAIT_SECONDS", 0.01)
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea)
        await ear.until(lambda: any(event.state_key == wire.user for event in ear.events))
        ear.troubles += [UnavailableError("disk full")] * 3
        await lea.says(room, "!solde")
        await ear.until(lambda: ear.texts(room) == ["!solde"])
    assert ear.troubles == []
    assert memory.kept == [batch.token for batch in ear.batches]


async def test_killed_before_its_token_was_kept_a_batch_comes_again(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    """B46: also where it was enciphered, and its key was told only once."""
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea, encrypted=True)
        await ear.until(lambda: any(event.state_key == wire.user for event in ear.events))
        before = memory.token
        await lea.says(room, "!solde")
        await ear.until(lambda: ear.texts(room) == ["!solde"])
    memory.token = before
    again = Ear()
    async with listening(synapse, bot, tmp_path / "bot", again, memory):
        await again.until(lambda: again.texts(room) == ["!solde"])
    assert [e.id for e in again.events if e.kind == "m.room.message"] == [e.id for e in ear.events if e.encrypted]


async def test_a_key_that_comes_after_its_message_is_waited_for_even_over_a_restart(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea, encrypted=True)
        hand_over = await lea.says_without_key(room, "plus tard")
        await memory.until(lambda: bool(memory.waiting))
    again = Ear()
    async with listening(synapse, bot, tmp_path / "bot", again, memory):
        hand_over()
        await again.until(lambda: again.texts(room) == ["plus tard"])
    assert memory.waiting == {}
    assert ear.texts(room) == []


async def test_a_key_that_does_not_come_is_asked_for_once_and_the_message_told_as_unreadable(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.matrix.wire.intake.GRACE_MS", 0)
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea, encrypted=True)
        hand_over = await lea.says_without_key(room, "un", "deux")
        await ear.until(lambda: sum(not event.readable for event in ear.events) == 2)
        await lea.until(lambda: lea.asked_for_keys == [bot.user])
        hand_over()
        await ear.until(lambda: ear.texts(room) == ["un", "deux"])
    await lea.look()
    assert lea.asked_for_keys == [bot.user]
    assert memory.waiting == {}
    unreadable = [event.id for event in ear.events if not event.readable]
    assert unreadable == [event.id for event in ear.events if event.kind == "m.room.message"]


async def test_anything_that_calls_itself_enciphered_keeps_nobody_else_waiting(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    ear = Ear()
    odd: list[dict[str, object]] = [
        {}, {"algorithm": 7}, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"},
        {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": {}, "session_id": [], "sender_key": 1, "device_id": None},
        {"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": {}, "sender_key": "x"},
    ]  # fmt: skip
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await meet(wire, lea, encrypted=True)
        for content in odd:
            lea.puts(f"rooms/{room}/send/m.room.encrypted", content)
            messages = {wire.user: {wire.session.device: content}}
            lea.puts("sendToDevice/m.room.encrypted", {"messages": messages})
            lea.puts("sendToDevice/m.room_key_request", {"messages": messages})
        await lea.client.set_displayname("Léa")
        await lea.says(room, "!solde")
        await ear.until(lambda: ear.texts(room) == ["!solde"])


async def test_what_was_said_before_the_bot_was_invited_concerns_it_not(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    """What follows the invitation does: people do not wait until a bot has come in."""
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await lea.makes_room()
        await lea.says(room, "entre nous")
        await lea.client.room_invite(room, wire.user)
        await lea.says(room, "!solde")
        await ear.until(lambda: any(batch.invitations for batch in ear.batches))
        [invitation] = [found for batch in ear.batches for found in batch.invitations]
        assert (invitation.room, invitation.sender, invitation.direct) == (room, lea.user, False)
        await wire.join(room)
        await lea.says(room, "!aide")
        await ear.until(lambda: "!aide" in ear.texts(room))
    assert ear.texts(room) == ["!solde", "!aide"]


async def test_being_thrown_out_is_told_and_a_room_left_is_no_longer_known(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await meet(wire, lea)
        await ear.until(lambda: wire.room(room) is not None)
        await lea.client.room_kick(room, wire.user)
        await ear.until(lambda: any(batch.departures for batch in ear.batches))
        assert ear.batches[-1].departures == (Departure(room, lea.user),)
        assert wire.room(room) is None


async def test_a_session_closed_by_the_homeserver_stops_the_loop(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    wire = await Wire.connect(Account(synapse.url, bot.user, bot.password), tmp_path / "bot")
    listener = Listener(wire, Ear().serve, Memory())
    running = asyncio.create_task(listener.run(asyncio.Event()))
    await listener.ready()
    synapse.call("POST", "/_matrix/client/v3/logout", {}, wire.session.token)
    await lea.makes_room(bot.user)  # the poll that waits would be the last to be heard
    with pytest.raises(SessionRefusedError):
        await running
    await wire.close()


async def test_a_homeserver_that_restarts_is_found_again(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.backoff.FIRST_WAIT_SECONDS", 0.05)
    ear = Ear()
    with capture_logs() as logs:
        async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
            room = await meet(wire, lea)
            synapse.stop()
            with pytest.raises(RetryLaterError):
                await wire.send(room, {"msgtype": "m.text", "body": "non"}, "down")
            synapse.start()
            await lea.says(room, "!solde")
            await ear.until(lambda: ear.texts(room) == ["!solde"])
    assert {entry["event"] for entry in logs} >= {"the homeserver cannot be reached", "the homeserver answers again"}


async def test_one_folder_serves_one_process(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    account = Account(synapse.url, bot.user, bot.password)
    async with listening(synapse, bot, tmp_path / "bot", Ear()):
        with pytest.raises(FolderInUseError, match="Une autre Ardoise"):
            await Wire.connect(account, tmp_path / "bot")


async def test_the_session_of_another_account_is_not_taken_for_ours(
    synapse: Synapse, bot: Registered, tmp_path: Path
) -> None:
    async with listening(synapse, bot, tmp_path / "bot", Ear()):
        pass
    other = synapse.register()
    with pytest.raises(OtherAccountError, match=rf"la session Matrix de {bot.user} "):
        await Wire.connect(Account(synapse.url, other.user, other.password), tmp_path / "bot")


async def test_what_was_taken_back_is_no_message_that_cannot_be_read(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.matrix.wire.intake.GRACE_MS", 0)
    ear, memory = Ear(), Memory()
    async with listening(synapse, bot, tmp_path / "bot", ear, memory) as wire:
        room = await meet(wire, lea, encrypted=True)
        await ear.until(lambda: any(event.state_key == wire.user for event in ear.events))
    await lea.client.room_redact(room, await lea.says(room, "une bêtise"))
    again = Ear()
    async with listening(synapse, bot, tmp_path / "bot", again, memory):
        await lea.says(room, "!solde")
        await again.until(lambda: again.texts(room) == ["!solde"])
    assert all(event.readable for event in again.events)


async def test_a_wrong_password_is_refused_clearly(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    with pytest.raises(SessionRefusedError):
        await Wire.connect(Account(synapse.url, bot.user, "faux"), tmp_path / "bot")
    with pytest.raises(SessionRefusedError):
        await Wire.connect(Account(synapse.url, bot.user, token="syt_faux"), tmp_path / "bot")
    with pytest.raises(ConnectionError):
        await Wire.connect(Account("http://127.0.0.1:9", bot.user, "x"), tmp_path / "bot")


@pytest.mark.parametrize("keyless", [False, True], ids=["as-of-old", "without-sender-key"])
async def test_words_that_are_not_of_a_device_of_their_authors_are_not_heard(
    synapse: Synapse,
    bot: Registered,
    lea: Friend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    keyless: bool,
) -> None:
    """Malo, who is in the room, has his words passed off for Léa's, and says hers again as his own."""
    monkeypatch.setattr("bot.chats.matrix.wire.intake.GRACE_MS", 0)
    ear, malo = Ear(), Friend(synapse, synapse.register(), tmp_path / "malo")
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire, contextlib.aclosing(Closing(malo)):
        await malo.look()
        room = await meet(wire, lea, encrypted=True)
        await lea.client.room_invite(room, malo.user)
        await malo.client.join(room)
        await malo.until(lambda: room in malo.client.rooms)
        await lea.until(lambda: malo.user in lea.client.rooms[room].users)
        heard = forged(wire, {lea.user: malo.user, malo.user: lea.user}, keyless=keyless)
        await lea.says(room, "je dois 20 €")
        await malo.says(room, "je ne dois rien")
        await ear.until(lambda: [event.readable for event in ear.events if event.encrypted] == [False, False])
        assert ear.texts(room) == []
        heard.clear()  # an honest homeserver again
        await lea.says(room, "c'est moi")
        await malo.says(room, "et moi")
        await ear.until(lambda: len(ear.texts(room)) == 2)
        authors = {str(e.content["body"]): e.sender for e in ear.events if e.kind == "m.room.message"}
        assert authors == {"c'est moi": lea.user, "et moi": malo.user}


class Closing:
    """Closes a friend's client at the end of a block."""

    def __init__(self, friend: Friend) -> None:
        self._friend = friend

    async def aclose(self) -> None:
        await self._friend.close()


def forged(wire: Wire, authors: dict[str, str], *, keyless: bool) -> dict[str, str]:
    """Have the homeserver put other names to what is enciphered, until ``authors`` is emptied."""
    ask = wire.calls.ask

    async def asked(method: str, *path: str, **given: Any) -> dict[str, Any]:
        found = await ask(method, *path, **given)
        for told in found.get("rooms", {}).get("join", {}).values() if path == ("sync",) else ():
            for event in told["timeline"]["events"]:
                if event["type"] == "m.room.encrypted":
                    event["sender"] = authors.get(event["sender"], event["sender"])
                    for name in ("sender_key", "device_id") if keyless else ():
                        event["content"].pop(name, None)
        return found

    wire.calls.ask = asked  # type: ignore[method-assign]  # the homeserver of a bad day
    return authors


async def test_a_device_that_has_just_come_is_asked_for_and_then_heard(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    """Its key may be there before the homeserver has said that there is such a device."""
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await meet(wire, lea, encrypted=True)
        await lea.says(room, "un")
        await ear.until(lambda: ear.texts(room) == ["un"])
        wire.keys._olm.device_store._entries[lea.user].clear()
        await lea.says(room, "deux")
        await lea.says(room, "trois")
        await ear.until(lambda: {"deux", "trois"} <= set(ear.texts(room)))
