"""Webhook mode: 200 only once the update is on disk; the secret token is compared in constant time."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Bot, Update

from bot.chat import Incoming, Receipt
from bot.chats.telegram.poller import serve_one
from bot.chats.telegram.updates import WANTED
from bot.ledger.errors import UnavailableError

log = structlog.get_logger()

BODY_BYTES = 1_000_000
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """Serves the address that Telegram calls."""

    def __init__(
        self,
        bot: Bot,
        receive: Callable[[Incoming], Awaitable[Receipt]],
        *,
        url: str,
        secret: str,
        host: str,
        port: int,
    ) -> None:
        self._bot = bot
        self._receive = receive
        self._url = url
        self._secret = secret
        self._host, self._port = host, port
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Tell Telegram the address, then serve until ``stop`` is set."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            await self._bot.set_webhook(self._url, secret_token=self._secret, allowed_updates=WANTED)
            await stop.wait()
        finally:
            await runner.cleanup()
            await asyncio.gather(*self._answering, return_exceptions=True)

    def app(self) -> web.Application:
        """Make the web application."""
        made = web.Application(client_max_size=BODY_BYTES)
        made.router.add_post(urlsplit(self._url).path or "/", self._post)
        return made

    async def _post(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = Update.de_json(json.loads(await request.read()), self._bot)
        except (ValueError, TypeError, KeyError, AttributeError):
            return web.Response(status=400)
        try:
            await serve_one(self._bot, update, self._receive, self._answering)
        except UnavailableError:
            log.warning("the database is not available; Telegram will call again")
            return web.Response(status=503)
        return web.Response()
