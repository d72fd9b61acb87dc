"""The address that providers of online payments call: what is signed is brought to the desk, once; nothing else is read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bot.chat import Incoming, Receipt
from bot.ledger.errors import UnavailableError
from bot.online.answers import Noticed, brought
from bot.providers import ForgedError
from bot.providers.accounts import Account, Accounts

log = structlog.get_logger()

BODY_BYTES = 300_000
PATH = "/paiement/{provider}"


class Callbacks:
    """Serves ``/paiement/PROVIDER`` and, for a group that has its own account, ``/paiement/PROVIDER/GROUP``."""

    def __init__(
        self, accounts: Accounts, receive: Callable[[Incoming], Awaitable[Receipt]], *, host: str, port: int
    ) -> None:
        self._accounts = accounts
        self._receive = receive
        self._host, self._port = host, port

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set. Raises OSError if the port is taken."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            await stop.wait()
        finally:
            await runner.cleanup()

    def app(self) -> web.Application:
        """Make the web application."""
        made = web.Application(client_max_size=BODY_BYTES)
        made.router.add_post(PATH, self._post)
        made.router.add_post(f"{PATH}/{{group}}", self._post)
        return made

    async def _post(self, request: web.Request) -> web.Response:
        """Answer 200 once it is on disk: a provider calls again until then."""
        account = self._account(request.match_info["provider"], request.match_info.get("group", ""))
        if account is None:
            return web.Response(status=404)
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            told = account.provider.notified(headers, body)
        except ForgedError:
            log.warning("a notification that is not a provider's", provider=account.provider.name)
            return web.Response(status=400)
        if told is None:
            return web.Response()
        provider = account.provider.name
        key = f"told:{provider}:{account.group}:{hashlib.sha256(body).hexdigest()}"
        try:
            await self._receive(brought(Noticed(provider, account.group, told), key))
        except UnavailableError:
            log.warning("the database is not available; the provider will call again", provider=provider)
            return web.Response(status=503)
        return web.Response()

    def _account(self, provider: str, group: str) -> Account | None:
        return next(
            (found for found in self._accounts.all if (found.provider.name, found.group) == (provider, group)), None
        )
