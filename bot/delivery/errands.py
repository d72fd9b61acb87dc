"""Errands: a file a person sent is downloaded, kept, and handed to the desk as an update with its own key.

The key makes it happen once: after a crash the file may be downloaded again, but the desk has seen the update.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert
from sqlmodel import col

from bot.banking.statement import read_ahead
from bot.chat import Address, FileRef, Incoming, Place, UndeliverableError
from bot.delivery import asking_providers
from bot.delivery.showing import Means
from bot.errands import FILE_MOST_BYTES, Errand, StoredFile, end_errand
from bot.online.answers import PLATFORM as ONLINE

FILES_KEPT = timedelta(days=1)
NO_FILE = -1
"""Stands for a file that could not be had: too large, or gone. The desk says so."""


async def run_errand(means: Means, row: Errand) -> None:
    """Ask a provider something; or download a file and bring it to the desk, as an update of who sent it, where they did."""
    if row.platform == ONLINE:
        await asking_providers.run(means, row)
        return
    assert row.kind == "fetch", row.kind
    try:
        content = await means.chat.fetch(FileRef(*json.loads(row.body)["file"]), FILE_MOST_BYTES)
    except UndeliverableError:
        number = NO_FILE
    else:
        await asyncio.to_thread(read_ahead, content)  # outside the writer's time: it finds the statement read
        number = await means.notes.insist(_kept(row, content, means.clock()))
    await means.receive(file_arrived(row, number))
    await means.notes.insist(lambda connection: end_errand(connection, row.id))


async def give_up(means: Means, row: Errand) -> None:
    """End an errand that cannot be done, and have the desk say so."""
    if row.platform == ONLINE:
        await asking_providers.give_up(means, row)
        return
    await means.notes.insist(lambda connection: end_errand(connection, row.id))
    await means.receive(file_arrived(row, NO_FILE))


def file_arrived(row: Errand, number: int) -> Incoming:
    """Make the update that says that a file is here, or cannot be had."""
    body = json.loads(row.body)
    place = Place(body["platform"], body["chat"], body["topic"], private=body["private"])
    address = Address(body["platform"], body["user"])
    return Incoming(bot=body["bot"], key=f"file:{body['key']}", address=address, place=place, stored_file=number)


def prune_files(connection: Connection, now: datetime) -> None:
    """Forget files received more than a day ago."""
    connection.execute(delete(StoredFile).where(col(StoredFile.received_at) < now - FILES_KEPT))


def _kept(row: Errand, content: bytes, now: datetime) -> Callable[[Connection], int]:
    values = {"name": json.loads(row.body)["file"][1], "content": content, "received_at": now}

    def job(connection: Connection) -> int:
        number: int | None = connection.execute(insert(StoredFile).returning(col(StoredFile.id)), values).scalar_one()
        assert number is not None
        return number

    return job
