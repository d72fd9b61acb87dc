"""What is done beside everything else, and is let be where it fails: nobody waits for it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import structlog

from bot.chat import RetryLaterError, UndeliverableError
from bot.ledger.errors import UnavailableError

P = ParamSpec("P")
log = structlog.get_logger()


class Beside:
    """Keeps what is being done; ``settled`` waits until all of it is, or is given up."""

    def __init__(self) -> None:
        self._doing: set[asyncio.Task[None]] = set()

    def do(self, doing: Callable[P, Awaitable[None]], *given: P.args, **named: P.kwargs) -> asyncio.Task[None]:
        """Do something beside the rest."""
        task = asyncio.create_task(_let_be(doing, *given, **named))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)
        return task

    async def settled(self) -> None:
        """Wait until nothing is being done any more."""
        while self._doing:
            await asyncio.gather(*self._doing, return_exceptions=True)


async def _let_be(doing: Callable[P, Awaitable[None]], *given: P.args, **named: P.kwargs) -> None:
    try:
        await doing(*given, **named)
    except (RetryLaterError, UndeliverableError, UnavailableError) as trouble:
        log.info("a courtesy was not possible", reason=type(trouble).__name__)
    except Exception:  # an edge: nobody waits for it
        log.exception("bug", reference=secrets.token_hex(2).upper())
