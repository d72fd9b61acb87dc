"""Calls to the homeserver's client-server API: JSON in, JSON out, its refusals as exceptions. Never a token in a word of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.chat import RetryLaterError, UndeliverableError

CLIENT = "/_matrix/client/v3"
TIMEOUT_SECONDS = 60.0
MOST_CONNECTIONS = 20
SIGNED_OUT = {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"}


class SessionRefusedError(Exception):
    """The homeserver does not know our session, or refuses our password: there is no use in going on."""


class RefusedError(Exception):
    """The homeserver refuses a call: its status, its own word for why, and how long it asks to wait, if it does."""

    def __init__(self, status: int, code: str, said: str = "", after_seconds: float | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.said = said
        self.after_seconds = after_seconds

    @property
    def signed_out(self) -> bool:
        """Tell whether it is our session that is refused."""
        return self.status == 401 and self.code in SIGNED_OUT


class OutOfReachError(Exception):
    """The homeserver cannot be reached, or what stands before it is out of order."""


class Calls:
    """Calls one homeserver, with ``token`` once there is a session."""

    def __init__(self, homeserver: str) -> None:
        self.homeserver = homeserver.rstrip("/")
        self.token = ""
        connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
        self._http = aiohttp.ClientSession(connector=connector)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def ask(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        given: Mapping[str, str] | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> dict[str, Any]:
        """Call ``/_matrix/client/v3/…``, each part of the path quoted. Raises RefusedError and OutOfReachError."""
        found = await self._ask(method, path, body, given, timeout_seconds)
        if not isinstance(found, dict):
            raise OutOfReachError("not what was asked for")
        return found

    async def state(self, room: str) -> list[Mapping[str, Any]]:
        """Ask for the state events of a room. Raises RefusedError and OutOfReachError."""
        found = await self._ask("GET", ("rooms", room, "state"), None, None, TIMEOUT_SECONDS)
        return found if isinstance(found, list) else []

    async def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None,
        given: Mapping[str, str] | None,
        timeout_seconds: float,
    ) -> Any:
        url = f"{self.homeserver}{CLIENT}/{'/'.join(quote(part, safe='') for part in path)}"
        try:
            async with self._http.request(
                method, url, json=body, params=given, headers=self._headers(),
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            ) as answer:  # fmt: skip
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError) as trouble:
            raise OutOfReachError(type(trouble).__name__) from None

    async def page(self, path: str) -> dict[str, Any]:
        """Ask for what a homeserver tells anybody. Raises RefusedError and OutOfReachError."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with self._http.get(f"{self.homeserver}{path}", timeout=timeout) as answer:
                found = await _read(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError) as trouble:  # it may be no address at all
            raise OutOfReachError(type(trouble).__name__) from None
        return found if isinstance(found, dict) else {}

    async def put_media(self, content: bytes, name: str, mime: str) -> str:
        """Upload a file; give its mxc address. Raises RefusedError and OutOfReachError."""
        try:
            async with self._http.post(
                f"{self.homeserver}/_matrix/media/v3/upload", data=content, params={"filename": name},
                headers={**self._headers(), "Content-Type": mime},
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            ) as answer:  # fmt: skip
                return str((await _read(answer))["content_uri"])
        except (aiohttp.ClientError, TimeoutError) as trouble:
            raise OutOfReachError(type(trouble).__name__) from None

    async def get_media(self, server: str, number: str, limit_bytes: int) -> bytes | None:
        """Download a file, None if it is larger than the limit. Raises RefusedError and OutOfReachError."""
        url = f"{self.homeserver}/_matrix/client/v1/media/download/{quote(server, safe='')}/{quote(number, safe='')}"
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            async with self._http.get(url, headers=self._headers(), timeout=timeout) as answer:
                if answer.status != 200:
                    await _read(answer)
                return await _at_most(answer.content, limit_bytes)
        except (aiohttp.ClientError, TimeoutError) as trouble:
            raise OutOfReachError(type(trouble).__name__) from None

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


async def _at_most(stream: aiohttp.StreamReader, limit_bytes: int) -> bytes | None:
    found = bytearray()
    async for piece in stream.iter_any():
        found += piece
        if len(found) > limit_bytes:
            return None
    return bytes(found)


async def _read(answer: aiohttp.ClientResponse) -> Any:
    """Read an answer; a gateway's page is no word of the homeserver's."""
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        found = None
    if answer.status < 300 and found is not None:
        return found
    if not isinstance(found, dict):
        raise OutOfReachError(f"status {answer.status} without JSON")
    code = str(found.get("errcode", ""))
    if answer.status >= 500 or not code:
        if answer.status == 401 and "flows" in found:  # it asks for a password, which is a refusal too
            raise RefusedError(401, "UIA", said=str(found.get("session", "")))
        raise OutOfReachError(f"status {answer.status}")
    raise RefusedError(answer.status, code, str(found.get("error", "")), _patience(answer, found))


def _patience(answer: aiohttp.ClientResponse, found: Mapping[str, Any]) -> float | None:
    """Read how long to wait: in the body of old, in a header of late."""
    if answer.status != 429:
        return None
    said = found.get("retry_after_ms")
    if isinstance(said, int | float):
        return max(0.0, said / 1000)
    header = answer.headers.get("Retry-After", "")
    return float(header) if header.isdigit() else 5.0


@contextlib.contextmanager
def in_our_words() -> Generator[None]:
    """Raise RetryLaterError or UndeliverableError: later, never, or nobody is there any more.

    A session refused is for later: nothing that waits may be set aside because a host has to mend it.
    """
    try:
        yield
    except OutOfReachError as trouble:
        raise RetryLaterError(str(trouble)) from None
    except RefusedError as trouble:
        if trouble.status == 429:
            raise RetryLaterError("too many requests", after_seconds=trouble.after_seconds) from None
        if trouble.status == 401:
            raise RetryLaterError("the session is refused") from None
        gone = trouble.code in {"M_FORBIDDEN", "M_NOT_FOUND", "M_UNKNOWN"} and trouble.status in {403, 404}
        raise UndeliverableError(f"{trouble.status} {trouble.code}", unreachable=gone) from None
