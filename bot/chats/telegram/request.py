"""HTTP for python-telegram-bot over aiohttp: several times what its own httpx carries, on one connection pool."""

from __future__ import annotations

import os

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library's own way to say: durations as timedelta, without a warning

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
        try:
            async with self._session.request(method, url, data=_form(request_data), timeout=timeout) as answer:
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
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
