"""The real process, killed at any moment: no update is lost, none has its effect twice (B46, B47)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.small_telegram import SmallTelegram
from tests.town import Town, program


async def killed_at_random(town: Town, telegram: SmallTelegram, *, kills: int, chance: random.Random) -> None:
    """Kill the program again and again while everybody talks: each call to Telegram lets the next neighbour speak."""
    talking = town.talk(telegram)
    for _kill in range(kills):
        async with program(town.folder) as process:
            await some_moment(telegram, talking, chance)
            assert process.returncode is None, await process.communicate()
            process.kill()
            await process.wait()
            telegram.goes_on()
    for _word in talking:
        pass


async def some_moment(telegram: SmallTelegram, talking: Iterator[None], chance: random.Random) -> None:
    """Wait for a moment nobody has chosen: some time, or some calls to Telegram, the last unheard or not answered.

    Half of the time the last call is the worst one: what is on disk is about to be acknowledged.
    """
    reached, left, worst = asyncio.Event(), chance.randrange(1, 60), chance.random() < 0.5

    def called(method: str) -> None:
        nonlocal left
        left -= 1
        next(talking, None)
        if left <= 0 and (method == "getUpdates" or not worst) and not reached.is_set():
            telegram.cut = "before" if worst else chance.choice(["before", "after"])
            reached.set()

    telegram.before = called
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0.5, 2.5)):
            await reached.wait()
    telegram.before = lambda _method: None


async def ends_well(town: Town, telegram: SmallTelegram) -> None:
    """Let the program finish what is left, then stop it as a system does."""
    async with program(town.folder) as process:
        telegram.asked.clear()
        await telegram.until(
            lambda: "getUpdates" in telegram.asked and town.answered(telegram) and not telegram.unserved, seconds=120
        )
        process.send_signal(signal.SIGTERM)
        _out, said = await process.communicate()
        assert process.returncode == 0, said
        assert b'"bug"' not in said, said
    town.must_be_right(telegram)


async def test_killed_at_random_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path, people=15, payments=3)
    async with SmallTelegram() as telegram:
        town.settle(telegram.url)
        await killed_at_random(town, telegram, kills=5, chance=random.Random())
        await ends_well(town, telegram)


async def test_told_to_stop_in_a_burst_it_ends_what_it_has_begun(tmp_path: Path) -> None:
    """SIGTERM: exit status 0, each time, and nothing is lost."""
    town = Town(tmp_path, people=20, payments=1)
    async with SmallTelegram() as telegram:
        town.settle(telegram.url)
        talking = town.talk(telegram)
        for _stop in range(2):
            async with program(town.folder) as process:
                for _word in islice(talking, 15):
                    pass
                told = len(telegram.sent) + 5
                await telegram.until(lambda enough=told: len(telegram.sent) >= enough)  # type: ignore[misc]
                process.send_signal(signal.SIGTERM)
                _out, said = await process.communicate()
                assert process.returncode == 0, said
        for _word in talking:
            pass
        await ends_well(town, telegram)
