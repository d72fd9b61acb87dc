"""The real process on a real homeserver, both killed while people write: each message has one answer, in order (B46, B47).

What they write is a word that nobody knows, each another one: the answer quotes it, so that it tells which it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from nio import MessageDirection, RoomMessagesResponse

from bot.groups.people import Right
from bot.ledger.store import Store
from tests.databases import new_sqlite
from tests.matrix_house import MatrixHouse, Neighbour
from tests.neighbourhood import program
from tests.synapse import PASSWORD, Synapse

ANSWERED = re.compile(r"« (zz\d+) »")
END_SECONDS = 120.0


class Burst:
    """``people`` who write ``messages`` each, one after the other, without waiting for answers."""

    def __init__(self, house: MatrixHouse, people: list[Neighbour], messages: int) -> None:
        self.house = house
        self.people = people
        self.words = [f"zz{number}" for number in range(messages)]
        self.synapse = house.synapse

    async def talk(self) -> None:
        """Have everybody write all they have to say; their clients insist while the homeserver is away."""
        await asyncio.gather(*(self._talk(person) for person in self.people))

    async def ends(self) -> None:
        """Let the process answer what is left, and stop it as a system does."""
        async with program(self.house.folder) as process:
            assert process.stderr is not None
            before = await process.stderr.readuntil(b"connected to Matrix")
            for person in self.people:
                await person.friend.until(lambda person=person: self._last_heard(person), END_SECONDS)  # type: ignore[misc]
            process.send_signal(signal.SIGTERM)
            _out, said = await process.communicate()
            assert process.returncode == 0, said
            for hidden in ('"bug"', "syt_", "zz1", *(person.user for person in self.people)):  # B44
                assert hidden not in (before + said).decode()

    async def must_be_right(self) -> None:
        """Each word was answered once, in the order in which it was said."""
        for person in self.people:
            assert await self._answers(person) == self.words, person.user

    async def _talk(self, person: Neighbour) -> None:
        for word in self.words:
            await person.says(f"!{word}", token=f"{person.user} {word}")

    def _last_heard(self, person: Neighbour) -> bool:
        return any(f"« {self.words[-1]} »" in text for text in person.friend.heard(person.room, person.bot))

    async def _answers(self, person: Neighbour) -> list[str]:
        """Read a room from its end to its beginning; give the words answered, from the first."""
        client, found = person.friend.client, list[str]()
        place = ""
        while True:
            page = await client.room_messages(person.room, place, direction=MessageDirection.back, limit=100)
            assert isinstance(page, RoomMessagesResponse), page
            for event in page.chunk:
                if event.sender == person.bot and event.source.get("type") == "m.room.message":
                    found += ANSWERED.findall(event.source["content"].get("body", ""))
            if not page.chunk or not page.end:
                return found[::-1]
            place = page.end


@asynccontextmanager
async def settled(synapse: Synapse, folder: Path, people: int, messages: int) -> AsyncGenerator[Burst]:
    """Settle people, each in an enciphered room with the bot, and the configuration of the process."""
    store = Store.open(new_sqlite(folder / "ardoise.db"))
    house = MatrixHouse(synapse, store, folder, None)
    living = [await house.visitor() for _person in range(people)]
    for number, person in enumerate(living):
        house.adds(f"Voisin {number}", 0, Right.MEMBER, "matrix", person.user)
    store.close()
    bot = f'homeserver = "{synapse.url}"\nuser_id = "{house.bot.user}"\npassword = "{PASSWORD}"\n'
    (folder / "config.toml").write_text(f"[matrix]\n{bot}")
    try:
        async with program(folder) as process:
            for person in living:
                await house.meets(person)
            process.send_signal(signal.SIGTERM)
            await process.communicate()
        yield Burst(house, living, messages)
    finally:
        await house.close()


async def survives(burst: Burst, *, kills: int, restarts: int, chance: random.Random) -> None:
    """Kill the process again and again while everybody writes, and the homeserver too, at moments nobody has chosen."""
    talking = asyncio.create_task(burst.talk())
    falls = [*[signal.SIGKILL] * restarts, *[None] * (kills - restarts)]
    chance.shuffle(falls)
    for fall in falls:
        async with program(burst.house.folder) as process:
            await some_time(chance)
            assert process.returncode is None, await process.communicate()
            if fall is not None:
                await asyncio.to_thread(burst.synapse.stop, fall)
                await asyncio.to_thread(burst.synapse.start)
                await some_time(chance)
            process.kill()
            await process.wait()
    await talking
    await burst.ends()
    await burst.must_be_right()


async def some_time(chance: random.Random) -> None:
    """Let things go on for a while: a kill is to come at any moment of a start, a burst, an end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0.8, 3.0)):
            await asyncio.Event().wait()
