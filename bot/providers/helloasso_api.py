"""HelloAsso's API as we use it: a token fetched when it is needed, kept until it ends, and what went wrong in our own terms."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.providers import ProviderBusyError, ProviderRefusedError, Refusal

URL = "https://api.helloasso.com"
TIMEOUT_SECONDS = 10.0
SPARE = timedelta(minutes=1)
"""How long before its end a token is no longer used: our clocks may differ, and a question takes its time."""
BUSY_REFUND = "112"
"""HelloAsso's number for a refund that is being made already."""


class Api:
    """One association's access."""

    def __init__(
        self, client_id: str, client_secret: str, clock: Callable[[], datetime], *, url: str, timeout_seconds: float
    ) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_seconds)
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._clock = clock
        self._token = ""
        self._ends = datetime.min.replace(tzinfo=clock().tzinfo)
        self._fetching = asyncio.Lock()

    async def ask(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None
    ) -> dict[str, Any]:
        """Ask for something. Raises ProviderBusyError and ProviderRefusedError."""
        token = await self._current()
        answer = await self._sent(method, path, query, body, token)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # taken back before its end
            token = await self._current(instead_of=token)
            answer = await self._sent(method, path, query, body, token)
        return _read(answer)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _current(self, *, instead_of: str = "") -> str:
        """Give a token that is good for a while yet; many who ask at once fetch one."""
        async with self._fetching:
            if self._token == instead_of or self._clock() >= self._ends:
                asked = {"grant_type": "client_credentials", **self._credentials}
                found = _read(await self._received(self._http.build_request("POST", "/oauth2/token", data=asked)))
                with readable():
                    token, lasts = str(found["access_token"]), timedelta(seconds=int(found["expires_in"]))
                self._token, self._ends = token, self._clock() + lasts - SPARE
            return self._token

    async def _sent(
        self, method: str, path: str, query: dict[str, str] | None, body: Any, token: str
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return await self._received(self._http.build_request(method, path, params=query, json=body, headers=headers))

    async def _received(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request)
        except httpx.RequestError as trouble:
            raise ProviderBusyError(type(trouble).__name__) from None


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Take an answer that is not what HelloAsso says it is for one that will be better later: nothing is guessed."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as trouble:
        raise ProviderBusyError(f"an answer nobody can read: {type(trouble).__name__}") from None


def _read(answer: httpx.Response) -> dict[str, Any]:
    """Give what was answered, or say what is wrong: never by HelloAsso's own sentences, which may quote what was asked."""
    status, number = answer.status_code, _number(answer)
    said = f"{answer.request.method} {answer.request.url.path}: {status} {number}".rstrip()
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR or number == BUSY_REFUND:
        raise ProviderBusyError(said, _wait_seconds(answer))
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise ProviderRefusedError(said, Refusal.CREDENTIALS)
    if not answer.is_success:
        raise ProviderRefusedError(said)
    return _parsed(answer)


def _parsed(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderBusyError("an answer nobody can read: no object")
    return found


def _number(answer: httpx.Response) -> str:
    """Find HelloAsso's number of an error: « Code : 112 - … »."""
    if answer.is_success:
        return ""
    found = re.search(r"Code : ([0-9]{1,4})\b", answer.text)
    return found[1] if found else ""


def _wait_seconds(answer: httpx.Response) -> float | None:
    found = answer.headers.get("retry-after", "")
    return float(found) if found.isdecimal() else None
