"""What tests of reminders share: facts told as the schedule tells them, rounds held at a moment, what is heard then."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, update

from bot.groups import apply as people_apply
from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.market.calendar import utc
from bot.reminders import apply as reminders_apply
from bot.reminders.tables import RULES
from bot.reminding import remind
from tests.transcripts import Scene, written

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
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


TUESDAY = wall("2026-12-01")
"""The evening of the first round."""


def tick(scene: Scene, now: datetime | None = None) -> None:
    """Let the schedule look for what is due, and deliver it."""
    scene.now = now or scene.now
    remind(scene.store, scene.now)
    scene.delivery.deliver(scene.receive)


def tell_begin(scene: Scene) -> None:
    """Give the group its rules, its first list approved."""
    tick(scene, wall("2026-11-25"))
    scene.change(update(RULES).values(approved=True, approved_fact=1_000))


def heard(scene: Scene, chat: str = "lea") -> list[str]:
    """Give what was shown in a chat since this was asked last, digests left out."""
    shown = [written(one) for one in scene.unheard() if one.place.chat == ("coordination" if chat == "salon" else chat)]
    return [text for text in shown if not text.startswith("Les Paniers du Canal :")]


def days_until_heard(scene: Scene, who: str = "lea", most: int = 60) -> tuple[int, str]:
    """Let days pass until somebody hears something; give how many, and what."""
    for days in range(1, most):
        tick(scene, scene.now + DAY)
        said = heard(scene, who)
        if said:
            return days, said[0]
    return most, ""


def lose(scene: Scene, chat: str) -> None:
    """Have a platform say that somebody cannot be written to any more."""
    place = scene.incoming(chat).place
    scene.store.write(lambda c: people_apply.mark_reached(c, place, reached=False, at=scene.now)).result()
