"""Updates committed and answered per second over the emulator, against a bare echo bot that stores nothing, in the same run.

Ours is the real program (poller, desk, SQLite with synchronous=FULL, delivery), its limiter off; 300 people ask for their
balance, five times each, after having asked once. Emulator and bots are processes of their own. ``python -m tests.benchmarks.bench_telegram``.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection

from bot.groups import apply as people_apply
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.ledger.store import Store
from tests.emulator import TOKEN

PEOPLE, TIMES, ROUNDS = 300, 5, 3


@contextlib.asynccontextmanager
async def process(*words: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a module of ours as a process; it does not outlive the block."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield made
    finally:
        if made.returncode is None:
            made.terminate()
        await made.communicate()


async def asked(url: str, verb: str, **given: Any) -> dict[str, Any]:
    """Ask the emulator's control for something."""
    long = aiohttp.ClientTimeout(total=180)
    async with (
        aiohttp.ClientSession(timeout=long) as session,
        session.post(f"{url}/control/{verb}", json=given) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        assert answer.status == 200, found
        return found


async def measured(*words: str) -> tuple[float, float]:
    """Give the updates per second of a bot, just after its start and then; it finds the emulator's address after its words."""
    async with process("tests.emulator") as emulator:
        assert emulator.stdout is not None
        url = (await emulator.stdout.readline()).decode().strip()
        async with process(*words, url) as bot:
            while not (await asked(url, "state"))["fetches"]:
                assert bot.returncode is None, "the bot has ended"
                await asyncio.sleep(0.05)
            first, usual = [await _served(url, times) for times in (1, TIMES)]
    return first, usual


async def _served(url: str, times: int) -> float:
    """Give the updates per second while everybody asks so many times."""
    updates = (await asked(url, "crowd", people=PEOPLE, times=times, text="/solde"))["waiting"]
    return float(updates / (await asked(url, "measure", answers=updates))["seconds"])


def settle(folder: Path, url: str) -> None:
    """Make a group of as many members as the crowd has people, and the configuration of a bot for it."""
    (folder / "config.toml").write_text(f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "{url}"\n')
    store = Store.open(f"sqlite:///{folder / 'ardoise.db'}", create=True)
    store.write(seed).result()
    store.close()


def seed(connection: Connection) -> None:
    """Link everybody."""
    now = datetime.now(UTC)
    group = add_group(connection, "La foule", Beginnings(), now)
    for user in map(str, range(1, PEOPLE + 1)):
        member = add_member(connection, group, f"Voisin {user}", now).number
        link = AddressLinked(member, "telegram", 1, user=user, chat=user, code=f"code-{user}")
        facts: list[Fact] = [InvitationMade(member, f"code-{user}"), link]
        for rank, fact in enumerate(facts):
            recorded = journal.record(connection, group=group, fact=fact, author=None, at=now, key=f"{user}/{rank}")
            people_apply.apply(connection, recorded)


def run_unpaced(url: str) -> None:
    """Run the real program in a new database, its limiter off."""
    from bot import app, logs
    from bot.chats.telegram import Telegram
    from bot.sources import load

    class Unpaced(Telegram):
        @classmethod
        async def connect(
            cls, token: str, base_url: str, *, paced: bool = False, tokens: Mapping[str, str] | None = None
        ) -> Telegram:
            return await super().connect(token, base_url, paced=paced, tokens=tokens)

    logs.set_up()
    vars(app)["Telegram"] = Unpaced  # the only switch that no setting offers
    with tempfile.TemporaryDirectory() as folder:
        settle(Path(folder), url)
        app.run(load(Path(folder) / "config.toml"))


async def compared() -> None:
    """Print the medians of alternate rounds, and their ratio."""
    ours, echoes = [], []
    for _round in range(ROUNDS):
        echoes.append(await measured("tests.benchmarks.echo_bot"))
        ours.append(await measured("tests.benchmarks.bench_telegram", "--ours"))
    for moment, when in enumerate(("the first 300 after a start", "then")):
        bare, middle = (statistics.median(rates[moment] for rates in found) for found in (echoes, ours))
        print(f"{when}: python-telegram-bot echo, stores nothing {bare:.0f} updates/s, {_all(echoes, moment)}")
        print(f"{when}: ardoise, /solde committed and answered   {middle:.0f} updates/s, {_all(ours, moment)}")
    print(f"ratio {middle / bare:.2f} (wanted: at least 1)")


def _all(found: list[tuple[float, float]], moment: int) -> list[int]:
    return [round(rates[moment]) for rates in found]


def main() -> None:
    """Measure; with ``--ours URL``, be the bot that is measured."""
    if sys.argv[1:2] == ["--ours"]:
        run_unpaced(sys.argv[2])
    else:
        asyncio.run(compared())


if __name__ == "__main__":
    main()
