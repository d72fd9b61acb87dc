"""The baseline on Matrix: matrix-nio's own loop; it says back what it hears, and stores nothing.

Rooms are answered beside each other, and each room in order, as Ardoise answers them: a homeserver takes messages of one
room more cheaply when they come all at once, in any order, and the library's own example waits for each before the next.

``python -m tests.benchmarks.nio_echo URL USER PASSWORD`` (see :mod:`tests.benchmarks.bench_matrix`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from nio import AsyncClient, MatrixRoom, RoomMessageText

FILTER = {"room": {"timeline": {"limit": 100}}, "presence": {"types": []}}


async def main() -> None:
    """Answer until told to stop."""
    logging.disable(logging.CRITICAL)
    url, user, password = sys.argv[1:4]
    client = AsyncClient(url, user)
    answering: set[asyncio.Task[Any]] = set()
    in_order: dict[str, asyncio.Lock] = {}

    async def heard(room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender != user:
            task = asyncio.create_task(answer(room.room_id, event.body))
            answering.add(task)
            task.add_done_callback(answering.discard)

    async def answer(room: str, body: str) -> None:
        async with in_order.setdefault(room, asyncio.Lock()):
            await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": body})

    await client.login(password)
    client.add_event_callback(heard, RoomMessageText)
    await client.sync_forever(timeout=30_000, sync_filter=FILTER)


if __name__ == "__main__":
    asyncio.run(main())
