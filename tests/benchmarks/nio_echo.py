"""The baseline on Matrix: matrix-nio's own loop; it says back what it hears, each answer beside the others, and stores nothing.

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

    async def heard(room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender != user:
            content = {"msgtype": "m.text", "body": event.body}
            task = asyncio.create_task(client.room_send(room.room_id, "m.room.message", content))
            answering.add(task)
            task.add_done_callback(answering.discard)

    await client.login(password)
    client.add_event_callback(heard, RoomMessageText)
    await client.sync_forever(timeout=30_000, sync_filter=FILTER)


if __name__ == "__main__":
    asyncio.run(main())
