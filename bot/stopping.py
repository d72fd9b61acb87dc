"""Work that goes on until the bot is told to stop: together, each part to its own end, none waited for in vain."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Part: TypeAlias = Coroutine[Any, Any, None]

STOP_SECONDS = 20.0
"""How long turns in hand may take to end."""


async def listened(listens: Part, stop: asyncio.Event, silent: asyncio.Event) -> None:
    """Receive until told to stop; turns in hand may end, for a while."""
    listening = asyncio.create_task(listens)
    try:
        await unless(stop, asyncio.shield(listening))
        await asyncio.wait({listening}, timeout=STOP_SECONDS)
    finally:
        silent.set()
        listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening


async def together(stop: asyncio.Event, *parts: Part) -> None:
    """Run all parts to their end; where one ends, for whatever reason, the others are told to stop."""

    async def watched(part: Coroutine[Any, Any, None]) -> None:
        try:
            await part
        finally:
            stop.set()

    ended = await asyncio.gather(*map(watched, parts), return_exceptions=True)
    for trouble in ended:
        if isinstance(trouble, BaseException):
            raise trouble


async def unless(stop: asyncio.Event, doing: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T | None:
    """Wait for something, but not once told to stop: then None."""
    task, stopping = asyncio.ensure_future(doing), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for left in (task, stopping):
            left.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
