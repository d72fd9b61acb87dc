"""Telegram calling us: what is not Telegram is refused, what cannot be kept now comes again, once it is kept it is served once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.chat import Incoming, Receipt
from bot.chats.telegram import TokenRefusedError
from bot.chats.telegram.webhook import HEADER
from bot.ledger.errors import UnavailableError
from bot.ledger.tables import PaymentRow
from tests.emulator import RefusedError, broken
from tests.emulator.house import House, opened


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Served:
    """A house that Telegram calls. ``post`` calls as somebody else would; ``secret`` is the right one."""

    def __init__(self, house: House, port: int) -> None:
        self.house = house
        self.port = port
        self.url = f"http://127.0.0.1:{port}/telegram"

    @property
    def secret(self) -> str:
        return str(self.house.api.updates.webhook["secret_token"])

    async def post(self, body: bytes, **headers: str) -> int:
        async with aiohttp.ClientSession() as session, session.post(self.url, data=body, headers=headers) as answer:
            return answer.status


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[Served]:
    async with opened(folder, listening=False) as house:
        found, stop = Served(house, free_port()), asyncio.Event()
        where: dict[str, Any] = {"url": found.url, "host": "127.0.0.1", "port": found.port}
        serving = asyncio.create_task(house.telegram.serve(house.receive, stop, **where))
        await house.api.until(lambda: bool(house.api.updates.webhook))
        try:
            yield found
        finally:
            stop.set()
            await serving


async def test_updates_posted_by_telegram_are_served(tmp_path: Path) -> None:
    async with served(tmp_path) as bot:
        await bot.house.says(bot.house.lea, "/payer 12 chèque")
        query = await bot.house.taps(bot.house.lea, "Déclarer")
        assert query.answered
        assert bot.house.rows(PaymentRow) == 1
        assert bot.house.api.caller.answers == [200, 200]


async def test_who_does_not_know_the_secret_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as bot:
        lea = bot.house.lea.user
        body = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "/solde"}}'
        assert await bot.post(body) == 403
        assert await bot.post(body, **{HEADER: "wrong"}) == 403
        assert await bot.post(body, **{HEADER: "\u00e9"}) == 403
        assert bot.house.heard == []
        assert lea.id not in {call.number("chat_id") for call in bot.house.api.called("sendMessage")}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"{}", b'{"update_id": "x"}', b"\xff", b"[" * 100_000])
async def test_what_is_no_update_is_refused(tmp_path: Path, body: bytes) -> None:
    async with served(tmp_path) as bot:
        assert await bot.post(body, **{HEADER: bot.secret}) == 400


async def test_too_large_a_call_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as bot:
        assert await bot.post(b" " * 1_000_001, **{HEADER: bot.secret}) == 413


async def test_an_update_nobody_can_read_is_taken_once(tmp_path: Path) -> None:
    """Refused, it would be posted again for a day, and those behind it would wait."""
    async with served(tmp_path) as bot:
        assert await bot.post(b'{"update_id": 7, "message": {"nothing": 1}}', **{HEADER: bot.secret}) == 200


async def test_the_database_away_telegram_calls_again_and_it_is_served_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B46: 503, then 200."""
    async with served(tmp_path) as bot:
        receive = bot.house.desk.receive

        def away(_incoming: Incoming) -> Future[Receipt]:
            monkeypatch.setattr(bot.house.desk, "receive", receive)
            answer: Future[Receipt] = Future()
            answer.set_exception(UnavailableError("disk full"))
            return answer

        monkeypatch.setattr(bot.house.desk, "receive", away)
        await bot.house.says(bot.house.lea, "/solde")
        assert bot.house.api.caller.answers == [503, 200]
        assert len(bot.house.lea.texts) == 1


async def test_the_same_update_posted_twice_has_its_effect_once(tmp_path: Path) -> None:
    async with served(tmp_path) as bot:
        await bot.house.says(bot.house.lea, "/payer 12 chèque")
        bot.house.lea.says("oui")
        bot.house.api.updates.put(bot.house.api.updates.waiting[0])
        await bot.house.settle()
        assert bot.house.rows(PaymentRow) == 1
        assert len(bot.house.lea.texts) == 2


async def test_the_address_is_told_until_telegram_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chats.backoff.FIRST_WAIT_SECONDS", 0.01)
    async with opened(tmp_path, listening=False) as house:
        house.api.fail("setWebhook", broken(), RefusedError(400, "Bad Request: bad webhook: no"))
        stop = asyncio.Event()
        where: dict[str, Any] = {"url": "http://127.0.0.1/x", "host": "127.0.0.1", "port": free_port()}
        serving = asyncio.create_task(house.telegram.serve(house.receive, stop, **where))
        await house.api.until(lambda: bool(house.api.updates.webhook))
        stop.set()
        await serving
        assert len(house.api.called("setWebhook")) == 3


async def test_a_token_refused_ends_it(tmp_path: Path) -> None:
    async with opened(tmp_path, listening=False) as house:
        house.api.fail("setWebhook", RefusedError(401, "Unauthorized"))
        with pytest.raises(TokenRefusedError):
            await house.telegram.serve(
                house.receive, asyncio.Event(), url="http://127.0.0.1/x", host="127.0.0.1", port=free_port()
            )
