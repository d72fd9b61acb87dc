"""Keys in the one archive, and what a restore must not do again: go on with sessions that have gone further since."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from nio import MegolmEvent

from bot import archive
from bot.archive import ArchiveError
from bot.chats.matrix.wire import Account, SessionRefusedError, Wire
from bot.chats.matrix.wire.session import kept, tried
from bot.commands.check import check
from bot.ledger.store import Store
from tests.emulator import BotApi
from tests.matrix_friend import Ear, Friend, Memory, listening
from tests.neighbourhood import Neighbourhood
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


async def talk(wire: Wire, ear: Ear, lea: Friend, room: str, *texts: str) -> None:
    """Have each say something that the other reads, in an enciphered room."""
    for text in texts:
        await lea.says(room, text)
        await ear.until(lambda text=text: text in ear.texts(room))  # type: ignore[misc]
        await wire.send(room, {"msgtype": "m.text", "body": f"re {text}"}, f"re {text}")
        await lea.until(lambda text=text: f"re {text}" in lea.heard(room, wire.user))  # type: ignore[misc]


async def met(wire: Wire, lea: Friend) -> str:
    room = await lea.makes_room(wire.user, encrypted=True, direct=True)
    await wire.join(room)
    await lea.until(lambda: wire.user in lea.client.rooms[room].users)
    return room


def devour_keys(synapse: Synapse, bot: Registered, lea: Friend, device: str, number: int) -> None:
    """Claim one-time keys, as a crowd of new phones does."""
    wanted = {"one_time_keys": {bot.user: {device: "signed_curve25519"}}}
    for _key in range(number):
        synapse.call("POST", "/_matrix/client/v3/keys/claim", wanted, lea.token)


async def test_a_restored_bot_and_people_go_on_reading_each_other(
    synapse: Synapse, bot: Registered, lea: Friend, sqlite_store: Store, tmp_path: Path
) -> None:
    """Its ratchets are those of the past: it begins new ones, and keys already published are not published again."""
    saved, folder, memory, ear = tmp_path / "saved.zip", tmp_path / "bot", Memory(), Ear()
    async with listening(synapse, bot, folder, ear, memory) as wire:
        room, device = await met(wire, lea), wire.session.device
        await talk(wire, ear, lea, room, "un")
        archive.make(sqlite_store, saved, folder)
        then = memory.token
        devour_keys(synapse, bot, lea, device, 20)
        for text in ("deux", "trois"):
            wire.keys.forget_session(room)
            lea.client.invalidate_outbound_session(room)
            await talk(wire, ear, lea, room, text)
    elsewhere = tmp_path / "elsewhere"
    archive.restore(saved, f"sqlite:///{elsewhere / 'ardoise.db'}", elsewhere / "matrix")
    lea.client.invalidate_outbound_session(room)
    memory, ear = Memory(), Ear()
    memory.token = then
    async with listening(synapse, bot, elsewhere / "matrix", ear, memory) as wire:
        assert (wire.session.device, wire.signed) == (device, True)
        devour_keys(synapse, bot, lea, device, 10)
        await lea.look()
        await talk(wire, ear, lea, room, "quatre")
        lea.client.invalidate_outbound_session(room)
        await talk(wire, ear, lea, room, "cinq")
    assert ear.texts(room)[-2:] == ["quatre", "cinq"]
    assert [event for _room, event in lea.events if isinstance(event, MegolmEvent)] == []
    left = synapse.call("POST", "/_matrix/client/v3/keys/upload", {}, wire.session.token)
    assert left["one_time_key_counts"] == {"signed_curve25519": 50}


async def test_keys_that_a_crowd_has_used_up_while_the_bot_was_away_are_made_anew(
    synapse: Synapse, bot: Registered, lea: Friend, tmp_path: Path
) -> None:
    """The library takes « none left » for « not told »: nobody new could ever be read again."""
    async with listening(synapse, bot, tmp_path / "bot", Ear()) as wire:
        device = wire.session.device
    devour_keys(synapse, bot, lea, device, 50)
    ear = Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire:
        room = await met(wire, lea)
        await talk(wire, ear, lea, room, "bonjour")


async def test_an_archive_has_the_session_the_identity_and_the_keys_and_a_restore_replaces_nothing(
    synapse: Synapse, bot: Registered, sqlite_store: Store, tmp_path: Path
) -> None:
    saved, folder = tmp_path / "saved.zip", tmp_path / "bot"
    async with listening(synapse, bot, folder, Ear()) as wire:
        archive.make(sqlite_store, saved, folder)
        before = wire.session
    with zipfile.ZipFile(saved) as packed:
        assert sorted(packed.namelist()) == [
            "ardoise.db", "matrix/identity.json", "matrix/keys.db", "matrix/session.json",
        ]  # fmt: skip
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(ArchiveError, match=r"session\.json existe déjà"):
        archive.restore(saved, f"sqlite:///{elsewhere / 'ardoise.db'}", folder)
    assert not elsewhere.exists()
    archive.restore(saved, f"sqlite:///{elsewhere / 'ardoise.db'}", elsewhere / "matrix")
    assert {path.stat().st_mode & 0o777 for path in (elsewhere / "matrix").iterdir()} == {0o600}
    assert (elsewhere / "matrix").stat().st_mode & 0o777 == 0o700
    async with listening(synapse, bot, elsewhere / "matrix", Ear()) as wire:
        assert wire.session.transaction("1") != before.transaction("1")
        assert wire.session.anew_ms > before.anew_ms == 0
        anew = wire.session
    async with listening(synapse, bot, elsewhere / "matrix", Ear()) as wire:
        assert wire.session == anew


async def test_a_check_asks_who_we_are_and_opens_nothing(synapse: Synapse, bot: Registered, tmp_path: Path) -> None:
    account, folder = Account(synapse.url, bot.user, bot.password), tmp_path / "bot"
    assert await tried(account, folder) == ""
    assert not folder.exists()
    async with listening(synapse, bot, folder, Ear()):
        assert await tried(account, folder) == bot.user
    session = kept(folder)
    assert session is not None
    synapse.call("POST", "/_matrix/client/v3/logout", {}, session.token)
    with pytest.raises(SessionRefusedError):
        await tried(account, folder)
    with pytest.raises(ConnectionError):
        await tried(Account("http://127.0.0.1:9", bot.user), tmp_path / "none")


async def test_the_check_of_a_host_says_how_it_is_with_matrix(synapse: Synapse, tmp_path: Path) -> None:
    people, bot = Neighbourhood(tmp_path, people=1, payments=1), synapse.register()

    async def line(homeserver: str, token: str = "") -> str:
        async with BotApi() as api:
            section = f'[matrix]\nhomeserver = "{homeserver}"\nuser_id = "{bot.user}"\n'
            people.settle(api, section + (f'access_token = "{token}"\n' if token else 'password = "x"\n'))
            found = await asyncio.to_thread(lambda: list(check(people.folder / "config.toml")))
        people.database.unlink()
        return next(str(finding) for finding in found if finding.what == "Matrix")

    assert await line(synapse.url) == "✓ Matrix : le serveur répond ; le bot se connectera à son premier démarrage"
    assert await line(synapse.url, bot.token) == f"✓ Matrix : {bot.user}"
    assert await line(synapse.url, "syt_wrong") == "✗ Matrix : le serveur ne connaît pas la session du bot ([matrix])"
    assert await line("http://127.0.0.1:9") == "✗ Matrix : http://127.0.0.1:9 ne répond pas"
    assert not (people.folder / "matrix").exists()
