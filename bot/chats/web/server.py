"""The page's server: on this machine only, at an address that holds a secret; what is done on the page goes to the desk."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.chat import Document, Option, Receipt
from bot.chats.phones import Demo
from bot.chats.web import sight
from bot.chats.web.guard import TOKEN_BYTES, guard, shut_in
from bot.chats.web.live import Live
from bot.complaints import HostError
from bot.ledger.errors import UnavailableError

HERE = "127.0.0.1"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
FILE_MOST_BYTES = 3_000_000
"""More than the bot takes, so that it is the bot who says that a file is too large."""
ORDER_MOST_BYTES = 40_000
TEXT_MOST = 8_000
NAME_MOST = 120
DATA_MOST = 64
STOP_SECONDS = 2.0

log = structlog.get_logger()


class PortTakenError(HostError):
    """Something else listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Le port {port} est déjà pris : choisissez-en un autre, ou laissez « --port » de côté.")


class WrongOrderError(Exception):
    """What the page asked for makes no sense; ``sentence`` says why, and nothing was done (B48)."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


async def serve(demo: Demo, port: int, announce: Callable[[str], None]) -> None:
    """Serve the page until cancelled; ``announce`` is given its address. Raises PortTakenError."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await demo.greet()
    live = Live(demo)
    runner = web.AppRunner(page_app(demo, live, token), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    beat = asyncio.create_task(live.beat())
    try:
        await _listen(runner, port)
        announce(f"http://{HERE}:{runner.addresses[0][1]}/{token}/")
        await beat
    finally:
        beat.cancel()
        await live.close()
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, HERE, port).start()
    except OSError as trouble:
        if trouble.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise PortTakenError(port) from trouble
        raise


def page_app(demo: Demo, live: Live, token: str) -> web.Application:
    """Make the application: a few files, a live line, five things one can do."""
    page = Page(demo, live)
    app = web.Application(middlewares=[guard(token), _answered], client_max_size=FILE_MOST_BYTES)
    app.on_response_prepare.append(shut_in)
    app.add_routes(
        [
            web.get("/{token}/", page.static),
            web.get("/{token}/live", live.serve),
            web.get("/{token}/{file}", page.static),
            web.get("/{token}/menu/{place}/{who}", page.menu),
            web.get("/{token}/files/{number}/{name}", page.file),
            web.post("/{token}/say", page.say),
            web.post("/{token}/tap", page.tap),
            web.post("/{token}/send/{place}/{who}/{name}", page.send),
            web.post("/{token}/day", page.day),
        ]
    )
    return app


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make a sentence for the page of whatever cannot be done."""
    try:
        return await handler(request)
    except WrongOrderError as wrong:
        return _sentence(wrong.sentence, wrong.status)
    except web.HTTPRequestEntityTooLarge:
        return _sentence("C'est trop gros : 2 Mo au plus.", 413)
    except web.HTTPNotFound:
        return _sentence("Il n'y a rien à cette adresse.", 404)
    except web.HTTPMethodNotAllowed:
        return _sentence("Cela ne se demande pas ainsi.", 405)
    except UnavailableError as trouble:
        log.warning("the demo's file is not available", reason=str(trouble))
        return _sentence("Je n'ai pas réussi, ce n'est pas de votre fait. Rien n'a été enregistré : réessayez.", 503)


def _sentence(words: str, status: int) -> web.Response:
    return web.json_response({"sentence": words}, status=status)


class Page:
    """What the page asks for."""

    def __init__(self, demo: Demo, live: Live) -> None:
        self._demo = demo
        self._live = live
        self._files = {path.name: path.read_bytes() for path in Path(__file__).parent.iterdir() if path.suffix in KINDS}

    async def static(self, request: web.Request) -> web.Response:
        """Give the page itself, its style or its script."""
        name = request.match_info.get("file", "page.html")
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=KINDS[Path(name).suffix], charset="utf-8")

    async def say(self, request: web.Request) -> web.Response:
        """Somebody writes."""
        order = await _order(request)
        who, in_room = self._speaker(order)
        text = _word(order, "text", TEXT_MOST)
        return _received(await self._demo.say(who, text, in_room=in_room))

    async def tap(self, request: web.Request) -> web.Response:
        """Somebody taps a button: one that is there, or was a moment ago."""
        order = await _order(request)
        who, in_room = self._speaker(order)
        option = Option("", _word(order, "data", DATA_MOST))
        chat = self._demo.place(who, in_room=in_room).chat
        shown = self._demo.phones.find(chat, _word(order, "message", NAME_MOST))
        if shown is None:
            raise WrongOrderError("Ce message n'est plus là.", 404)
        return _received(await self._demo.tap(who, shown, option, in_room=in_room))

    async def send(self, request: web.Request) -> web.Response:
        """Somebody sends a file."""
        found = request.match_info
        who, in_room = self._speaker({"who": found["who"], "place": found["place"]})
        document = Document(found["name"][:NAME_MOST], await request.read(), request.content_type)
        return _received(await self._demo.send_file(who, document, in_room=in_room))

    async def day(self, request: web.Request) -> web.Response:
        """A day goes by."""
        await _order(request)
        await self._demo.advance(self._demo.now() + timedelta(days=1))
        self._live.tell_clock()
        return web.json_response({"clock": sight.clock(self._demo.now())})

    async def menu(self, request: web.Request) -> web.Response:
        """List the commands somebody has, in private or in the room."""
        found = request.match_info
        who, in_room = self._speaker({"who": found["who"], "place": found["place"]})
        return web.json_response({"commands": await self._demo.behind.menu(who, in_room)})

    async def file(self, request: web.Request) -> web.Response:
        """Give a file of a message: a picture to be shown, anything else to be saved."""
        number = request.match_info["number"]
        shown = next((s for chat in self._demo.phones.chats.values() for s in chat if s.id == number), None)
        if shown is None or shown.document is None:
            raise web.HTTPNotFound
        picture = shown.document.mime in sight.PICTURES
        way = "inline" if picture else "attachment"
        headers = {hdrs.CONTENT_DISPOSITION: f"{way}; filename*=UTF-8''{quote(shown.document.name, safe='')}"}
        kind = shown.document.mime if picture else "application/octet-stream"
        return web.Response(body=io.BytesIO(shown.document.content), content_type=kind, headers=headers)

    def _speaker(self, order: dict[str, Any]) -> tuple[str, bool]:
        """Find who speaks, and whether in the room."""
        who, place = order.get("who"), order.get("place")
        if not isinstance(who, str) or who not in self._demo.people or place not in ("private", "room"):
            raise WrongOrderError("Je ne sais pas qui parle, ni où.")
        return who, place == "room"


async def _order(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if len(body) > ORDER_MOST_BYTES:
        raise WrongOrderError("C'est trop long.", 413)
    order = None
    with contextlib.suppress(ValueError, RecursionError):  # not JSON, not even text, or a trap: said below
        order = json.loads(body)
    if not isinstance(order, dict):
        raise WrongOrderError("Je n'ai pas compris cette demande.")
    return order


def _word(order: dict[str, Any], name: str, most: int) -> str:
    found = order.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= most:
        raise WrongOrderError(f"Entre 1 et {most} caractères, c'est ce que je sais lire ici.")
    return found


def _received(receipt: Receipt) -> web.Response:
    return web.json_response({"toast": receipt.toast})
