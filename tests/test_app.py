"""The bot as a whole: it starts, goes on trying, stops; what it says of itself, and what it weighs."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import structlog
from structlog.testing import LogCapture

from bot.app import App, StartError
from bot.config import Config
from bot.ledger.store import Store
from bot.sources import load
from tests.emulator import TOKEN, BotApi
from tests.neighbourhood import COORDINATOR, Neighbourhood, out_of_order, program, shown

MOST_RESIDENT_MB = 120
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def told(api: BotApi) -> list[tuple[int, str]]:
    """List what the neighbours were told."""
    return [(chat, text) for chat, text in shown(api) if chat != COORDINATOR]


@dataclass
class Running:
    """A bot at work in this process; ``ended`` is done once it has stopped."""

    api: BotApi
    stop: asyncio.Event
    ended: asyncio.Task[None]
    store: Store

    async def until_asked(self, method: str, times: int = 1) -> None:
        await self.api.until(lambda: len(self.api.called(method)) >= times)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chats.backoff.FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture
def people(tmp_path: Path) -> Neighbourhood:
    return Neighbourhood(tmp_path, people=2, payments=1)


@asynccontextmanager
async def running(people: Neighbourhood, api: BotApi, more: str = "") -> AsyncGenerator[Running]:
    """Run the bot of a people until the end of the block; it must stop well if it has not ended before."""
    people.settle(api, more)
    config: Config = load(people.folder / "config.toml")
    store, stop = Store.open(config.database.url), asyncio.Event()
    ended = asyncio.create_task(App(config, store).serve(stop))
    try:
        yield Running(api, stop, ended, store)
        stop.set()
        if not ended.done():
            await ended
    finally:
        stop.set()
        await asyncio.wait({ended})
        store.close()


async def test_a_message_is_answered_and_links_know_the_bot(people: Neighbourhood) -> None:
    """B42: the bot's own name, learnt at the start, is what invitations point to."""
    async with BotApi() as api, running(people, api) as bot:
        people.living[1].says("/solde")
        await api.until(lambda: bool(told(api)))
        assert told(api)[0][0] == 1
        assert "à l'équilibre" in told(api)[0][1]
        with bot.store.read() as connection:
            assert connection.exec_driver_sql("SELECT platform, name FROM handle").all() == [("telegram", "ArdoiseBot")]


async def test_telegram_out_of_reach_is_tried_until_it_answers_and_said_once(people: Neighbourhood) -> None:
    heard = LogCapture()
    structlog.configure(processors=[heard])
    try:
        async with BotApi() as api:
            out_of_order(api)
            async with running(people, api) as bot:
                await bot.until_asked("getMe", 4)
                api.before = lambda _call: None
                await bot.until_asked("getUpdates")
    finally:
        structlog.reset_defaults()
    said = [entry["event"] for entry in heard.entries]
    assert said.count("Telegram cannot be reached; trying on") == 1
    assert "connected to Telegram" in said
    assert TOKEN not in str(heard.entries)


async def test_a_bot_waiting_for_telegram_stops_at_once_when_told_to(people: Neighbourhood) -> None:
    async with BotApi() as api:
        out_of_order(api)
        async with running(people, api) as bot:
            await bot.until_asked("getMe", 2)


async def test_a_wrong_token_ends_it_with_a_clear_word(people: Neighbourhood) -> None:
    async with BotApi() as api:
        api.world.token = "1:another"
        async with running(people, api) as bot:
            with pytest.raises(StartError, match=r"ne connaît pas ce jeton : vérifiez \[telegram\] token"):
                await bot.ended


async def test_a_token_withdrawn_ends_it_too(people: Neighbourhood) -> None:
    async with BotApi() as api, running(people, api) as bot:
        await bot.until_asked("getUpdates")
        api.world.token = "1:another"
        people.living[1].says("/solde")  # ends the fetch that waits
        with pytest.raises(StartError, match="ne connaît plus ce jeton"):
            await bot.ended


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_by_webhook_telegram_calls_and_is_answered_once_it_is_on_disk(people: Neighbourhood) -> None:
    """Nobody without the secret is heard."""
    port = free_port()
    more = f'webhook_url = "http://127.0.0.1:{port}/here"\nwebhook_port = {port}\n'
    async with BotApi() as api, running(people, api, more) as bot:
        await bot.until_asked("setWebhook")
        people.living[1].says("/payer 12,34 chèque")
        await api.until(lambda: bool(told(api)) and not api.updates.waiting)
        assert "12,34" in told(api)[0][1]
        guessed = {SECRET_HEADER: "guessed"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{port}/here", headers=guessed, data=b"{}") as answer,
        ):
            assert answer.status == 403
    assert not api.called("getUpdates")


async def test_a_port_that_is_taken_is_named(people: Neighbourhood) -> None:
    async with BotApi() as api:
        port = int(api.url.rpartition(":")[2])
        more = f'webhook_url = "https://example.org/here"\nwebhook_port = {port}\n'
        async with running(people, api, more) as bot:
            with pytest.raises(StartError, match=rf"127\.0\.0\.1:{port} .*address already in use"):
                await bot.ended


async def test_the_process_says_nothing_of_people_nor_secrets(people: Neighbourhood) -> None:
    """B44, and no token: what it logs while people talk to it."""
    async with BotApi() as api:
        people.settle(api)
        async with program(people.folder) as process:
            for _word in people.talk():
                pass
            people.living[1].says("Mon secret est la confiture")
            await api.until(lambda: people.served(api))
            process.send_signal(signal.SIGINT)
            out, said = await process.communicate()
    assert process.returncode == 0
    assert out == b""
    words = said.decode()
    assert '"event": "connected to Telegram"' in words
    for hidden in (TOKEN, TOKEN[10:], "Voisin", "confiture", "payer", "code-1"):
        assert hidden not in words


async def test_a_wrong_token_is_one_clear_line_and_status_1(people: Neighbourhood) -> None:
    async with BotApi() as api:
        api.world.token = "1:another"
        people.settle(api)
        async with program(people.folder) as process:
            out, said = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    *logged, last = said.decode().splitlines()
    assert last == "Telegram ne connaît pas ce jeton : vérifiez [telegram] token."
    assert all(line.startswith("{") for line in logged)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
async def test_the_idle_bot_is_small(people: Neighbourhood) -> None:
    """Under 120 MB: what is heavy is imported where it is used."""
    async with BotApi() as api:
        people.settle(api)
        async with program(people.folder) as process:
            people.living[1].says("/solde")
            await api.until(lambda: bool(told(api)) and not api.updates.waiting)
            status = await asyncio.to_thread(Path(f"/proc/{process.pid}/status").read_text)
    resident_kb = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    assert resident_kb / 1024 < MOST_RESIDENT_MB
