"""The real process, killed at any moment: no update is lost, none has its effect twice (B46, B47)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.emulator import BotApi, Drop
from tests.emulator.call import Call
from tests.neighbourhood import Neighbourhood, program, shown


async def killed_at_random(people: Neighbourhood, api: BotApi, *, kills: int, chance: random.Random) -> None:
    """Kill the program again and again while everybody talks: each call to Telegram lets the next neighbour speak."""
    talking = people.talk()
    for _kill in range(kills):
        async with program(people.folder) as process:
            await some_moment(api, talking, chance)
            assert process.returncode is None, await process.communicate()
            process.kill()
            await process.wait()
        api.before = lambda _call: None
    for _word in talking:
        pass


async def some_moment(api: BotApi, talking: Iterator[None], chance: random.Random) -> None:
    """Wait for a moment nobody has chosen: some time, or some calls to Telegram, the last unheard or not answered.

    Half of the time the last call is the worst one: what is on disk is about to be acknowledged.
    """
    reached, left, worst = asyncio.Event(), chance.randrange(1, 60), chance.random() < 0.5

    def called(call: Call) -> None:
        nonlocal left
        left -= 1
        next(talking, None)
        if reached.is_set():
            api.fail("*", Drop.BEFORE)
        elif left <= 0 and (call.method == "getUpdates" or not worst):
            api.fail("*", Drop.BEFORE if worst else chance.choice([Drop.BEFORE, Drop.AFTER]))
            reached.set()

    api.before = called
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0.5, 2.5)):
            await reached.wait()


async def ends_well(people: Neighbourhood, api: BotApi) -> None:
    """Let the program finish what is left, then stop it as a system does."""
    fetches = api.updates.fetches
    async with program(people.folder) as process:
        with contextlib.suppress(TimeoutError):  # what is missing is said below
            await api.until(lambda: api.updates.fetches > fetches and people.served(api), seconds=90)
        process.send_signal(signal.SIGTERM)
        _out, said = await process.communicate()
        assert process.returncode == 0, said
        assert b'"bug"' not in said, said
    people.must_be_right(api)


async def test_killed_at_random_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    people = Neighbourhood(tmp_path, people=15, payments=3)
    async with BotApi() as api:
        people.settle(api)
        await killed_at_random(people, api, kills=5, chance=random.Random())
        await ends_well(people, api)


async def test_told_to_stop_in_a_burst_it_ends_what_it_has_begun(tmp_path: Path) -> None:
    """SIGTERM: exit status 0, each time, and nothing is lost."""
    people = Neighbourhood(tmp_path, people=20, payments=1)
    async with BotApi() as api:
        people.settle(api)
        talking = people.talk()
        for _stop in range(2):
            async with program(people.folder) as process:
                for _word in islice(talking, 15):
                    pass
                told = len(shown(api)) + 5
                await api.until(lambda enough=told: len(shown(api)) >= enough)  # type: ignore[misc]
                process.send_signal(signal.SIGTERM)
                _out, said = await process.communicate()
                assert process.returncode == 0, said
        for _word in talking:
            pass
        await ends_well(people, api)
