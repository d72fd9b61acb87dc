"""The token is in every address that is called: whatever fails, no log and no exception ever shows it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import FileRef, Message, Place
from bot.chats.telegram import Telegram
from bot.chats.telegram.request import AiohttpRequest
from tests.emulator import TOKEN, BadGateway, BotApi, Drop, RefusedError, broken, conflict, flood
from tests.emulator.faults import Fault
from tests.emulator.house import House, opened

SECRET = TOKEN.partition(":")[2]
FAULTS = (flood(1), broken(), BadGateway(), Drop.BEFORE, Drop.AFTER, conflict("other"), RefusedError(404, "Not Found"))


async def test_no_log_shows_the_token_whatever_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every logger at DEBUG, the library's and aiohttp's too."""
    caplog.set_level(logging.DEBUG)
    async with opened(tmp_path) as house:
        for method in ("sendMessage", "editMessageText", "answerCallbackQuery", "getFile", "file"):
            house.api.fail(method, *(f for f in FAULTS if not isinstance(f, RefusedError) or f.code != 404))
        house.api.fail("getUpdates", flood(1), Drop.BEFORE)
        await house.says(house.lea, "/payer 12 chèque")
        await _hours_pass(house)
        house.lea.taps("Déclarer").old = True
        await house.settle()
        await _hours_pass(house)
        house.camille.sends("a.csv", b"x")
        await house.settle()
        refused = [call for call in house.api.calls if call.code != 200]
    said = caplog.text + "".join(capsys.readouterr()) + repr([vars(record) for record in caplog.records])
    assert len(refused) > 10
    assert "cannot be reached" in said
    assert SECRET not in said
    assert "12,00" not in said


async def _hours_pass(house: House) -> None:
    for _time in range(8):
        house.now += timedelta(minutes=6)
        await house.delivery.settle()


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_no_exception_shows_the_token(fault: Fault) -> None:
    """Nor does anything it was raised from."""
    async with BotApi() as api:
        telegram = await Telegram.connect(TOKEN, api.url, paced=False)
        api.fail("*", *[fault] * 4)
        attempts: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: Telegram.connect(TOKEN, api.url),
            lambda: telegram.edit(Place("telegram", "1"), "1", Message("bonjour")),
            lambda: telegram.send(Place("telegram", "1"), Message("bonjour"), None),
            lambda: telegram.fetch(FileRef("F1", "a"), 10),
        )
        for doing in attempts:
            with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it must be silent
                await doing()
            assert SECRET not in "".join(traceback.format_exception(caught.value))
        await telegram.close()


async def test_neither_does_a_server_that_is_away_or_silent() -> None:
    with pytest.raises(ConnectionError) as caught:
        await Telegram.connect(TOKEN, "http://127.0.0.1:9")
    assert SECRET not in "".join(traceback.format_exception(caught.value))

    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    request = AiohttpRequest(read_seconds=0.05)
    await request.initialize()
    with pytest.raises(Exception, match="Timed out") as late:
        await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")
    assert SECRET not in "".join(traceback.format_exception(late.value))
    await request.shutdown()
    await gone.wait()
    server.close()
    await server.wait_closed()
