"""The line on which open pages are told what happens: every message that appears or changes, and the clock."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import structlog
from aiohttp import WSCloseCode, web

from bot.chats.phones import Demo, Shown
from bot.chats.web import sight
from bot.ledger.errors import UnavailableError

BEAT_SECONDS = 15.0
HEARTBEAT_SECONDS = 30.0
MOST_WAITING = 1_000
MOST_PAGES = 50

log = structlog.get_logger()


class Live:
    """All open pages. A page that does not follow is let go: it comes back by itself and is told everything anew."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._pages: dict[web.WebSocketResponse, asyncio.Queue[dict[str, Any] | None]] = {}
        self._told = sight.clock(demo.now())
        demo.phones.watchers.append(self._shown)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Tell a page everything, then what happens, until it goes."""
        if len(self._pages) >= MOST_PAGES:
            return web.Response(status=503, text="Trop de pages ouvertes à la fois.")
        page = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=1_024)
        await page.prepare(request)
        waiting = self._pages[page] = asyncio.Queue(MOST_WAITING)
        waiting.put_nowait(sight.everything(self._demo))
        telling = asyncio.create_task(_tell(page, waiting))
        try:
            async for _said in page:
                pass  # a page has nothing to say on this line
        finally:
            telling.cancel()
            self._pages.pop(page, None)
        return page

    async def beat(self) -> None:
        """Let what has become due happen, and the clock be seen to move, for as long as this runs."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._demo.catch_up()
            except UnavailableError as trouble:
                log.warning("the demo's file is not available", reason=str(trouble))
            self.tell_clock()

    def tell_clock(self) -> None:
        """Tell all pages what time it is, if that has changed."""
        now = sight.clock(self._demo.now())
        if now != self._told:
            self._told = now
            self._tell_all({"kind": "clock", "clock": now})

    async def close(self) -> None:
        """Say goodbye to all pages."""
        self._demo.phones.watchers.remove(self._shown)
        for page in list(self._pages):
            await page.close(code=WSCloseCode.GOING_AWAY)

    def _shown(self, shown: Shown) -> None:
        self._tell_all({"kind": "message", "message": sight.message(shown, self._demo)})

    def _tell_all(self, news: dict[str, Any]) -> None:
        for page, waiting in list(self._pages.items()):
            try:
                waiting.put_nowait(news)
            except asyncio.QueueFull:
                self._let_go(page, waiting)

    def _let_go(self, page: web.WebSocketResponse, waiting: asyncio.Queue[dict[str, Any] | None]) -> None:
        del self._pages[page]
        while not waiting.empty():
            waiting.get_nowait()
        waiting.put_nowait(None)


async def _tell(page: web.WebSocketResponse, waiting: asyncio.Queue[dict[str, Any] | None]) -> None:
    with contextlib.suppress(ConnectionError):  # the page has gone: its reader notices too
        while (news := await waiting.get()) is not None:
            await page.send_json(news)
        await page.close(code=WSCloseCode.TRY_AGAIN_LATER)
