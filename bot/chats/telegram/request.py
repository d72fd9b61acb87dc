"""HTTP for python-telegram-bot over aiohttp: several times what its own httpx carries, on one connection pool.

The library writes whole addresses, token included, and people's words to its logs at DEBUG: they are kept shut here,
whatever the program's own level is.
"""

from __future__ import annotations

import json
import logging
import os
import re
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

logging.getLogger("telegram").setLevel(logging.WARNING)
os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library's own way to say: durations as timedelta, without a warning

_UNSAFE = re.compile(r'["\\\x00-\x1f\x7f]')
"""What could end the header in which a file's name stands."""

POOL = 64
CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0


class AiohttpRequest(BaseRequest):
    """The library's documented seam for HTTP. Errors never carry the address: the token is in it."""

    def __init__(self, read_seconds: float = READ_SECONDS) -> None:
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Give the usual timeout, in seconds, for an answer."""
        return self._read_seconds

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; the library's own way writes a 502's whole page, with a trace, to the log."""
        try:
            found = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise TelegramError("the answer is not the Bot API's")
        return found

    async def initialize(self) -> None:
        """Open the pool of connections."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=POOL))

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - aiohttp has one timeout for both
        connect_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - one for all requests
        pool_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - waiting for the pool is bounded by senders
    ) -> tuple[int, bytes]:
        """Send a request; give the status and the body. Raises TimedOut and NetworkError."""
        assert self._session is not None, "initialize() first"
        read = float(read_timeout) if isinstance(read_timeout, int | float) else self._read_seconds
        timeout = aiohttp.ClientTimeout(total=None, sock_read=read, sock_connect=CONNECT_SECONDS)
        data = _form(request_data)
        bare = ("Content-Type",) if data is None else ()  # no body has no type; aiohttp would make one up
        try:
            async with self._session.request(method, url, data=data, timeout=timeout, skip_auto_headers=bare) as answer:
                return answer.status, await answer.read()
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError, EOFError) as trouble:
            raise NetworkError(f"connection failed: {type(trouble).__name__}") from None


def _form(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(quote_fields=False)  # quoted, « relevé 1.csv » would be called « relev%C3%A9%201.csv »
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=_UNSAFE.sub("_", filename), content_type=mime)
    return form
