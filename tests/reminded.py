"""What tests of reminders share: facts told as the schedule tells them, rounds held at a moment."""

from __future__ import annotations

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.market.calendar import utc
from bot.reminders import apply as reminders_apply
from bot.reminding import remind
from tests.transcripts import Scene

PARIS = ZoneInfo("Europe/Paris")
_keys = itertools.count(1)


def tell(scene: Scene, fact: Fact) -> None:
    """Record a fact of reminders; nobody is told."""

    def job(connection: Connection) -> None:
        key = f"reminded:{next(_keys)}"
        recorded = journal.record(connection, group=1, fact=fact, author=4, at=scene.now, key=key)
        reminders_apply.apply(connection, recorded)

    scene.store.write(job).result()


def wall(day: str, clock: str = "18:00") -> datetime:
    """Give a moment by the clock on the wall in Paris."""
    return utc(datetime.fromisoformat(f"{day}T{clock}"), PARIS)


def tick(scene: Scene, now: datetime | None = None) -> None:
    """Let the schedule look for what is due, and deliver it."""
    scene.now = now or scene.now
    remind(scene.store, scene.now)
    scene.delivery.deliver(scene.receive)
