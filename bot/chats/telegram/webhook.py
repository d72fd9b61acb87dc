"""Webhook mode: 200 only once the update is on disk; the secret token is compared in constant time."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.chats.backoff import Backoff
from bot.chats.telegram.intake import Intake
from bot.chats.telegram.poller import TokenRefusedError
from bot.chats.telegram.updates import WANTED
from bot.ledger.errors import UnavailableError
from bot.stopping import unless

log = structlog.get_logger()

BODY_BYTES = 1_000_000
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """Serves the address that Telegram calls."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        *,
        url: str,
        secret: str,
        host: str,
        port: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._url = url
        self._secret = secret
        self._host, self._port = host, port
        self._sleep = sleep

    async def run(self, stop: asyncio.Event) -> None:
        """Tell Telegram the address, then serve until ``stop`` is set. Raises TokenRefusedError, and OSError for the port."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            await unless(stop, self._tell())
            await stop.wait()
        finally:
            await runner.cleanup()
            await self._intake.settled()

    def app(self) -> web.Application:
        """Make the web application."""
        made = web.Application(client_max_size=BODY_BYTES)
        made.router.add_post(urlsplit(self._url).path or "/", self._post)
        return made

    async def _tell(self) -> None:
        """Tell Telegram the address, however long it cannot be reached."""
        backoff = Backoff()
        while True:
            try:
                await self._bot.set_webhook(self._url, secret_token=self._secret, allowed_updates=WANTED)
            except InvalidToken:
                raise TokenRefusedError from None
            except BadRequest as trouble:
                log.warning("Telegram does not take the webhook's address", reason=str(trouble))
                await self._sleep(backoff.failed())
            except TelegramError as trouble:
                log.warning("Telegram cannot be reached", reason=type(trouble).__name__)
                await self._sleep(backoff.failed())
            else:
                return

    async def _post(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        try:
            await self._intake.take(update)
        except UnavailableError:
            log.warning("the database is not available; Telegram will call again")
            return web.Response(status=503)
        return web.Response()
