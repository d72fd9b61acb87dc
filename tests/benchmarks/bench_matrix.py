"""Echoes per second on a real Synapse, its limiters off, against a bare matrix-nio echo bot, in the same run.

The bare bot stores nothing, and answers in three manners (:mod:`tests.benchmarks.nio_echo`); ours answers each room in order.

Ours is the real program (sync, desk, SQLite with synchronous=FULL, delivery). Some people, each in a room with the bot, write
at once as fast as the homeserver takes it; an echo counts once the homeserver has stored it. Synapse, the bot and the people
are processes of their own. ``python -m tests.benchmarks.bench_matrix``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection

from bot.chats.matrix.wire.calls import Calls
from bot.groups import apply as people_apply
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.ledger.store import Store
from tests.benchmarks.nio_echo import MANNERS
from tests.synapse import PYTHON, WITHOUT, Registered, Synapse

PEOPLE, TIMES, ROUNDS = 10, 15, 5
TEXT = "!annuler"
"""Its answer has no buttons: an echo is one event, as the other bot's is."""
LONGEST_SECONDS, WAKING_SECONDS = 120.0, 3.0


class Crowd:
    """People in rooms of their own with one bot."""

    def __init__(self, synapse: Synapse, folder: Path) -> None:
        self.synapse, self.folder = synapse, folder
        self.bot = synapse.register()
        self.people = [synapse.register() for _person in range(PEOPLE)]
        self.rooms = [self._room(person) for person in self.people]

    def _room(self, person: Registered) -> str:
        """Make a room, in the clear: what is measured is not the cipher."""
        body = {"preset": "trusted_private_chat", "is_direct": True, "invite": [self.bot.user]}
        made = self.synapse.call("POST", "/_matrix/client/v3/createRoom", body, person.token)
        self.synapse.call("POST", f"/_matrix/client/v3/rooms/{made['room_id']}/join", {}, self.bot.token)
        return str(made["room_id"])

    def settle(self) -> None:
        """Make a group of these people, and the configuration of a bot for it."""
        written = f'homeserver = "{self.synapse.url}"\nuser_id = "{self.bot.user}"\npassword = "{self.bot.password}"\n'
        (self.folder / "config.toml").write_text(f"[matrix]\n{written}")
        store = Store.open(f"sqlite:///{self.folder / 'ardoise.db'}", create=True)
        store.write(self._seed).result()
        store.close()

    def _seed(self, connection: Connection) -> None:
        now = datetime.now(UTC)
        group = add_group(connection, "La foule", Beginnings(), now)
        for number, person in enumerate(self.people):
            member = add_member(connection, group, f"Voisin {number}", now).number
            link = AddressLinked(member, "matrix", 1, user=person.user, chat=person.user, code=f"code-{number}")
            facts: list[Fact] = [InvitationMade(member, f"code-{number}"), link]
            for rank, fact in enumerate(facts):
                recorded = journal.record(
                    connection, group=group, fact=fact, author=None, at=now, key=f"{number}/{rank}"
                )
                people_apply.apply(connection, recorded)

    async def say(self, times: int) -> None:
        """Have everybody write so many times, each as fast as it is taken."""
        await asyncio.gather(*(self._say(*each, times) for each in zip(self.people, self.rooms, strict=True)))

    async def _say(self, person: Registered, room: str, times: int) -> None:
        calls = Calls(self.synapse.url)
        calls.token = person.token
        body = {"msgtype": "m.text", "body": TEXT}
        for _time in range(times):
            await calls.ask("PUT", "rooms", room, "send", "m.room.message", uuid4().hex, body=body)
        await calls.close()

    async def woken(self) -> int:
        """Write until everybody is answered: what was said before a bot's first start concerns it not; give the answers."""
        while True:
            before = self.answers()
            await self.say(1)
            with contextlib.suppress(TimeoutError):
                await self.echoed(before + PEOPLE, WAKING_SECONDS)
                return self.answers()

    async def echoed(self, wanted: int, seconds: float = LONGEST_SECONDS) -> None:
        """Wait until the homeserver has stored so many messages of the bot's."""
        async with asyncio.timeout(seconds):
            while self.answers() < wanted:  # noqa: ASYNC110 - another program counts, and tells nobody
                await asyncio.sleep(0.02)

    def answers(self) -> int:
        """Count the bot's messages that the homeserver has stored."""
        counted = "SELECT count(*) FROM events WHERE sender = ? AND type = 'm.room.message'"
        database = sqlite3.connect(f"file:{self.synapse.folder / 'homeserver.db'}?mode=ro", uri=True)
        with contextlib.closing(database):
            return int(database.execute(counted, (self.bot.user,)).fetchone()[0])


@contextlib.asynccontextmanager
async def process(*words: str) -> AsyncGenerator[None]:
    """Run a module as a process; it does not outlive the block."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        if made.returncode is None:
            made.terminate()
        await made.wait()


async def measured(crowd: Crowd, *words: str) -> float:
    """Give the echoes per second of a bot, once it is there."""
    async with process(*words):
        before = await crowd.woken()
        begun = time.perf_counter()
        _said, _heard = await asyncio.gather(crowd.say(TIMES), crowd.echoed(before + PEOPLE * TIMES))
        return PEOPLE * TIMES / (time.perf_counter() - begun)


async def ours(synapse: Synapse) -> float:
    """Measure the real program, in a new database."""
    with tempfile.TemporaryDirectory() as folder:
        crowd = Crowd(synapse, Path(folder))
        crowd.settle()
        return await measured(crowd, "bot", "run", "--config", str(crowd.folder / "config.toml"))


async def echo(synapse: Synapse, manner: str) -> float:
    """Measure a bare echo bot."""
    crowd = Crowd(synapse, Path())
    bot = crowd.bot
    return await measured(crowd, "tests.benchmarks.nio_echo", synapse.url, bot.user, bot.password, manner)


async def compared(synapse: Synapse) -> None:
    """Print the medians of alternate rounds, and the medians of the ratios of rounds beside each other."""
    own, bare = list[float](), {manner: list[float]() for manner in MANNERS}
    for _round in range(ROUNDS):
        for manner in MANNERS:
            bare[manner].append(await echo(synapse, manner))
        own.append(await ours(synapse))
    print(f"ardoise, {TEXT} committed and answered    {_said(own)}")
    for manner, found in bare.items():
        ratio = statistics.median(one / other for one, other in zip(own, found, strict=True))
        print(f"matrix-nio echo, stores nothing: {manner:8} {_said(found)}   ratio {ratio:.2f} (wanted: at least 0.9)")


def _said(found: list[float]) -> str:
    return f"{statistics.median(found):7.1f} echoes/s   {[round(rate, 1) for rate in found]}"


def main() -> None:
    """Measure, on a homeserver of our own."""
    if not PYTHON.exists():
        missing = "Matrix is NOT measured: Synapse is not there (make .venv-synapse)"
        sys.exit(print(missing) if os.environ.get(WITHOUT) else missing)
    with tempfile.TemporaryDirectory(prefix="ardoise-synapse") as folder:
        synapse = Synapse(Path(folder))
        synapse.start()
        try:
            asyncio.run(compared(synapse))
        finally:
            synapse.stop()


if __name__ == "__main__":
    main()
