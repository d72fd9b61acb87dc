"""The baselines on Matrix: matrix-nio's own loop; it says back what it hears, and stores nothing.

``example``: as the library's examples do it, each answer is awaited before the next event is looked at.
``ordered``: rooms are answered beside each other, each room in order, as Ardoise answers them.
``at-once``: everything at once, in whatever order it gets there: a homeserver takes it most cheaply so.

``python -m tests.benchmarks.nio_echo URL USER PASSWORD MANNER`` (see :mod:`tests.benchmarks.bench_matrix`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import Any

from nio import AsyncClient, MatrixRoom, RoomMessageText

FILTER = {"room": {"timeline": {"limit": 100}}, "presence": {"types": []}}
MANNERS = ("example", "ordered", "at-once")


async def main() -> None:
    """Answer until told to stop."""
    logging.disable(logging.CRITICAL)
    url, user, password, manner = sys.argv[1:5]
    client = AsyncClient(url, user)
    answering: set[asyncio.Task[Any]] = set()
    in_order: dict[str, asyncio.Lock] = {}

    async def heard(room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender == user:
            return
        if manner == "example":
            await answer(room.room_id, event.body)
            return
        task = asyncio.create_task(answer(room.room_id, event.body))
        answering.add(task)
        task.add_done_callback(answering.discard)

    async def answer(room: str, body: str) -> None:
        turn = in_order.setdefault(room, asyncio.Lock()) if manner == "ordered" else contextlib.nullcontext()
        async with turn:
            await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": body})

    await client.login(password)
    client.add_event_callback(heard, RoomMessageText)
    await client.sync_forever(timeout=30_000, sync_filter=FILTER)


if __name__ == "__main__":
    asyncio.run(main())
