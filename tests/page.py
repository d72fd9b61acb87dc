"""The demo's page without a browser: asks as the page does, from the page's own address, and hears what it hears.

visitor.post("say", who="lea", place="private", text="/solde")   gives the answer's status and JSON
async with visitor.listening() as line:                          the live line, from its first message on
    await line.until(lambda message: "24,50" in message["text"])
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientResponse, ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.chat import plain
from bot.chats.phones import Demo
from bot.chats.web.live import Live
from bot.chats.web.server import page_app
from bot.demo import opened

TOKEN = "right-token"
BEGINNING = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)

Answer = tuple[int, dict[str, Any]]
Shown = dict[str, Any]


def words(text: str) -> str:
    """Give a text without bold marks and unbreakable spaces."""
    return plain(text).replace("\u00a0", " ").replace("\u202f", " ")


@dataclass
class Line:
    """The live line of one open page."""

    socket: ClientWebSocketResponse
    everything: dict[str, Any] = field(default_factory=dict)

    async def news(self) -> dict[str, Any]:
        """Wait for the next thing that happens."""
        heard: dict[str, Any] = await self.socket.receive_json(timeout=10)
        return heard

    async def until(self, wanted: Callable[[Shown], bool]) -> Shown:
        """Wait for a message."""
        while True:
            heard = await self.news()
            if heard["kind"] == "message" and wanted(heard["message"]):
                return dict(heard["message"])


@dataclass
class Visitor:
    """Somebody who has the page open."""

    client: TestClient[web.Request, web.Application]
    demo: Demo
    live: Live

    @property
    def origin(self) -> dict[str, str]:
        """Give what a browser says of where a request comes from."""
        return {"Origin": f"http://127.0.0.1:{self.client.port}"}

    async def get(self, path: str) -> ClientResponse:
        """Ask for something to look at."""
        return await self.client.get(f"/{TOKEN}/{path}")

    async def post(
        self, path: str, body: bytes | None = None, kind: str = "application/json", **order: object
    ) -> Answer:
        """Ask for something to be done."""
        headers = {**self.origin, "Content-Type": kind}
        data = io.BytesIO(json.dumps(order).encode() if body is None else body)
        async with self.client.post(f"/{TOKEN}/{path}", data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def say(self, who: str, text: str, place: str = "private") -> Answer:
        """Have somebody write."""
        return await self.post("say", who=who, place=place, text=text)

    async def tap(self, who: str, label: str, place: str = "private") -> Answer:
        """Have somebody tap the newest button of that label."""
        shown, data = self.button(self.demo.place(who, in_room=place == "room").chat, label)
        return await self.post("tap", who=who, place=place, message=shown, data=data)

    def button(self, chat: str, label: str) -> tuple[str, str]:
        """Find a button: its message's id and what it says when tapped."""
        for shown in reversed(self.demo.phones.chats[chat]):
            for option in (option for row in shown.message.options for option in row):
                if words(option.label) == label:
                    return shown.id, option.data
        raise AssertionError(f"no button {label!r} in {chat}")

    def texts(self, chat: str) -> list[str]:
        """List what a chat shows."""
        return [words(shown.message.text) for shown in self.demo.phones.chats[chat]]

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[Line]:
        """Open the live line, and hear everything there is."""
        async with self.client.ws_connect(f"/{TOKEN}/live", headers=self.origin) as socket:
            line = Line(socket)
            line.everything = await line.news()
            yield line


@asynccontextmanager
async def visited(date: datetime = BEGINNING) -> AsyncGenerator[Visitor]:
    """Open the demo's page."""
    async with opened(None, date) as demo:
        await demo.greet()
        live = Live(demo)
        async with TestClient(TestServer(page_app(demo, live, TOKEN))) as client:
            yield Visitor(client, demo, live)
            await live.close()
