"""Somebody with Element's own library and crypto, through node: a second client that gives keys to signed devices only.

``make tests/element/node_modules/.made`` brings it; where that or node is missing, the tests that need it fail and say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.synapse import Registered, Synapse

FOLDER = Path(__file__).parent / "element"
PATIENCE_SECONDS = 30.0


class Element:
    """``says``, ``reacts``; ``told`` is every line it has printed."""

    def __init__(self, process: asyncio.subprocess.Process, user: str) -> None:
        self._process = process
        self.user = user
        self.told: list[dict[str, Any]] = []

    async def asks(self, **asked: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read on until a line is what is wanted, also one read before; give it."""
        assert self._process.stdout is not None
        found = next(filter(wanted, self.told), None)
        while found is None:
            try:
                line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_SECONDS)
            except TimeoutError:
                raise AssertionError(f"not among {self.told}") from None
            assert line, "node has ended"
            self.told.append(json.loads(line))
            assert "trouble" not in self.told[-1], self.told[-1]
            found = self.told[-1] if wanted(self.told[-1]) else None
        return found

    async def makes_room(self, *invited: str) -> str:
        await self.asks(create=invited)
        return str((await self.until(lambda told: "created" in told))["created"])

    async def reads(self, words: str, sender: str) -> dict[str, Any]:
        """Wait until somebody's message in which these words are is read."""
        return await self.until(
            lambda told: told.get("sender") == sender and words in str(told.get("content", {}).get("body", ""))
        )

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


@contextlib.asynccontextmanager
async def element(synapse: Synapse, person: Registered) -> AsyncGenerator[Element]:
    """Start it."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").exists():
        pytest.fail("Element's crypto needs node and make tests/element/node_modules/.made", pytrace=False)
    process = await asyncio.create_subprocess_exec(
        node, "client.mjs", synapse.url, person.user, person.device, person.token, cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=1 << 20,
    )  # fmt: skip
    found = Element(process, person.user)
    try:
        await found.until(lambda told: "ready" in told)
        yield found
    finally:
        await found.close()
