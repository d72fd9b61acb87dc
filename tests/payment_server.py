"""What the emulators of payment providers share: one address on this machine, a clock of their own, and faults on demand.

    api.fail("POST /v1/refunds", Status(500), Status(429, {"Retry-After": "7"}), Drop.BEFORE, Drop.AFTER, Silence())

A fault is met by the next call whose method and path begin so, one fault a call. ``api.calls`` lists every call.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiohttp import ClientSession, web

from tests.emulator.faults import Drop

SOMEDAY = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Status:
    """An answer that has nothing to do with what was asked: 500, 502 with a page, 429."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "<html><body>nginx</body></html>"


@dataclass(frozen=True)
class Silence:
    """No answer at all, until the caller has had enough."""


Fault = Status | Silence | Drop


@dataclass(frozen=True)
class Asked:
    """A call as it came: its method, path, headers (lower case) and body."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class WrongError(Exception):
    """What was asked is refused, with a status and a body of JSON."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = SOMEDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, **apart: float) -> None:
        """Let time pass."""
        self.now += timedelta(**apart)


class PaymentServer(ABC):
    """A server that answers JSON; emulators say what."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.calls: list[Asked] = []
        self.url = ""
        self._faults: deque[tuple[str, Fault]] = deque()
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_trouble: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def fail(self, start: str, *faults: Fault) -> None:
        """Have the next calls that begin so (« POST /v1/refunds ») meet faults, one each."""
        self._faults += [(start, fault) for fault in faults]

    def called(self, start: str) -> list[Asked]:
        """List the calls that begin so."""
        return [call for call in self.calls if f"{call.method} {call.path}".startswith(start)]

    @abstractmethod
    def answer(self, call: Asked) -> Any:
        """Do what is asked, and give the body of the answer. Raises WrongError."""

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = Asked(
            request.method, request.path, dict(request.query),
            {name.lower(): value for name, value in request.headers.items()}, await request.read(),
        )  # fmt: skip
        self.calls.append(call)
        fault = self._met(call)
        if isinstance(fault, Status):
            return web.Response(status=fault.status, headers=fault.headers, text=fault.body, content_type="text/html")
        if isinstance(fault, Silence):
            await self._closing.wait()
        if fault in {Drop.BEFORE, Silence()}:
            return _lost(request)
        try:
            response = web.json_response(self.answer(call))
        except WrongError as wrong:
            response = web.json_response(wrong.body, status=wrong.status)
        return _lost(request) if fault is Drop.AFTER else response

    def _met(self, call: Asked) -> Fault | None:
        asked = f"{call.method} {call.path}"
        found = next((planned for planned in self._faults if asked.startswith(planned[0])), None)
        if found is None:
            return None
        self._faults.remove(found)
        return found[1]


def _lost(request: web.Request) -> web.Response:
    """Cut the connection: whatever is answered goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post something as a stranger or a provider would; give the status, 0 if the connection was cut."""
    async with ClientSession() as session:
        with contextlib.suppress(ConnectionError):
            async with session.post(url, data=body, headers=dict(headers)) as answer:
                return answer.status
    return 0
