"""The wire against a real Synapse, with a second real client: what is said arrives once, in order, and so does what is sent."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from Crypto.Signature import eddsa

from bot.chats.matrix.wire.crosssigning import canonical
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


def _identity(synapse: Synapse, bot: Registered) -> dict[str, Any]:
    return synapse.call("POST", "/_matrix/client/v3/keys/query", {"device_keys": {bot.user: []}}, bot.token)


async def test_the_bot_signs_its_device_once(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    """Clients give no keys to a device that its owner has not signed. The identity survives restarts."""
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        device, signed = wire.session.device, wire.signed
    assert signed
    said = _identity(synapse, bot)
    master, signing = (said[kind][bot.user] for kind in ("master_keys", "self_signing_keys"))
    [signing_id], [master_id] = signing["keys"], master["keys"]
    assert _verifies(signing, bot.user, master_id)
    assert _verifies(said["device_keys"][bot.user][device], bot.user, signing_id)
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        assert (wire.session.device, wire.signed) == (device, True)
    assert _identity(synapse, bot) == said


def _verifies(thing: dict[str, Any], user: str, key: str) -> bool:
    public = eddsa.import_public_key(base64.b64decode(key.removeprefix("ed25519:") + "="))
    seal = base64.b64decode(thing["signatures"][user][key] + "==")
    eddsa.new(public, "rfc8032").verify(canonical(thing), seal)  # raises where it does not
    return True


async def test_lost_seeds_are_replaced_with_the_password(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    async with listening(synapse, bot, tmp_path / "bot", Ear()):
        before = _identity(synapse, bot)["master_keys"]
    (tmp_path / "bot" / "identity.json").unlink()
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        assert wire.signed
    assert _identity(synapse, bot)["master_keys"] != before


async def test_what_is_kept_is_for_its_owner_only(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    async with listening(synapse, bot, folder, Ear()) as wire:
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        assert folder.stat().st_mode & 0o777 == 0o700
        assert modes.pop("keys.db-wal", 0o600) in {0o600, 0o644}  # behind the folder's own door
        assert modes.pop("keys.db-shm", 0o600) in {0o600, 0o644}
        assert modes == dict.fromkeys(("session.json", "identity.json", "keys.db", "in-use.lock"), 0o600)
        assert wire.session.pickle_key != "DEFAULT_KEY"
