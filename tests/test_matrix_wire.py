"""The wire against a real Synapse, with a second real client: what is said arrives once, in order, and so does what is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.matrix_friend import Ear, Friend, listening
from tests.synapse import Registered, Synapse


@pytest.fixture
def bot(synapse: Synapse) -> Registered:
    return synapse.register()


@pytest.fixture
async def lea(synapse: Synapse, tmp_path: Path) -> AsyncGenerator[Friend]:
    friend = Friend(synapse, synapse.register(), tmp_path / "lea")
    await friend.look()
    yield friend
    await friend.close()


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_both_hear_each_other(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path, *, encrypted: bool
) -> None:
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await lea.makes_room(bot.user, encrypted=encrypted, direct=True)
        await ear.until(lambda: any(batch.invitations for batch in ear.batches))
        await wire.join(room)
        await lea.until(lambda: bot.user in lea.client.rooms[room].users)
        await lea.says(room, "!solde")
        await ear.until(lambda: "!solde" in ear.texts(room))
        assert [event.encrypted for event in ear.events if event.kind == "m.room.message"] == [encrypted]
        await wire.send(room, {"msgtype": "m.text", "body": "à l'équilibre"}, "first")
        await lea.until(lambda: "à l'équilibre" in lea.heard(room, bot.user))
