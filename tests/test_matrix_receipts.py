"""Read receipts in a burst: the first at once, then the newest for all."""

from __future__ import annotations

import asyncio

from bot.chats.matrix.wire.receipts import Receipts


async def test_in_a_burst_the_newest_receipt_stands_for_those_before_it() -> None:
    sent: list[tuple[str, str]] = []
    arrived = asyncio.Event()
    naps: list[asyncio.Event] = []

    async def send(room: str, event: str) -> None:
        sent.append((room, event))
        arrived.set()

    async def nap(_seconds: float) -> None:
        naps.append(asyncio.Event())
        await naps[-1].wait()

    receipts = Receipts(send, nap)
    for event in ("1", "2", "3"):
        await receipts.read("room", event)
        await asyncio.sleep(0)
    await receipts.read("other", "9")
    assert sent == [("room", "1"), ("other", "9")]
    arrived.clear()
    naps[0].set()
    await arrived.wait()
    assert sent[2:] == [("room", "3")]
    await receipts.read("room", "4")
    await receipts.close()
    assert sent[3:] == []
