"""A Telegram of a few methods, for the process as a whole: updates wait until they are acknowledged by the next fetch.

async with SmallTelegram() as telegram:
    telegram.says(7, "/solde")        person 7 writes to the bot
    telegram.sent                     every message shown, in order, as (chat, text)
    telegram.refused, telegram.down   the token is unknown; nobody answers
    telegram.cut = "before", "after"  what is asked goes unheard, or is done and its answer lost; "" again: it goes on
    telegram.before = some function   called with each method's name before it is answered
    await telegram.until(condition)   wait until something sent makes a condition true
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x"
ME = {"id": 123456789, "is_bot": True, "first_name": "Ardoise", "username": "ArdoiseBot"}


class SmallTelegram:
    """See the module's docstring for how to drive it."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []
        self.refused = False
        self.down = False
        self.cut = ""
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda _method: None
        self.webhook: dict[str, Any] = {}
        self._waiting: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._updates, self._messages = itertools.count(1000), itertools.count(1)
        self._closing = False

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_trouble: object) -> None:
        self._closing = True
        self._tell_those_who_wait()
        await self._runner.cleanup()

    def says(self, person: int, text: str) -> None:
        """Have a person write to the bot, in private."""
        someone = {"id": person, "is_bot": False, "first_name": f"P{person}", "language_code": "fr"}
        chat = {"id": person, "type": "private", "first_name": f"P{person}"}
        message = {"message_id": next(self._messages), "date": 1, "chat": chat, "from": someone, "text": text}
        self._waiting.append({"update_id": next(self._updates), "message": message})
        self._tell_those_who_wait()

    @property
    def unserved(self) -> int:
        """How many updates are not acknowledged yet."""
        return len(self._waiting)

    async def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until a condition is true; it is looked at whenever something happens here."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self._changed.wait()

    def goes_on(self) -> None:
        """Be heard again."""
        self.cut = ""
        self._tell_those_who_wait()

    def _tell_those_who_wait(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append(method)
        self.before(method)
        self._tell_those_who_wait()
        if self.cut == "before":
            await self.until(lambda: not self.cut)
            return web.Response(status=502)
        if self.down:
            return web.Response(status=502, text="Bad Gateway")
        if self.refused or request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        given = dict(await request.post()) if request.method == "POST" else dict(request.query)
        answer = await self._methods(method, given)
        self._tell_those_who_wait()
        if self.cut == "after":
            await self.until(lambda: not self.cut)
        return web.json_response({"ok": True, "result": answer})

    async def _methods(self, method: str, given: dict[str, Any]) -> Any:
        if method == "getMe":
            return ME
        if method == "getUpdates":
            return await self._fetch(int(given.get("offset", 0)), float(given.get("timeout", 0)))
        if method in {"sendMessage", "editMessageText"}:
            return self._show(int(given["chat_id"]), str(given["text"]), int(given.get("message_id", 0)))
        if method == "setWebhook":
            self.webhook = given
        return True

    async def _fetch(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        self._waiting = [update for update in self._waiting if update["update_id"] >= offset]
        self._tell_those_who_wait()
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: bool(self._waiting) or self._closing, seconds)
        return self._waiting[:100]

    def _show(self, chat: int, text: str, edits: int) -> dict[str, Any]:
        self.sent.append((chat, text))
        number = edits or next(self._messages)
        return {"message_id": number, "date": 1, "chat": {"id": chat, "type": "private"}, "from": ME, "text": text}

    def next_update(self) -> bytes:
        """Take the oldest update away, to be posted to a webhook."""
        return json.dumps(self._waiting.pop(0)).encode()
