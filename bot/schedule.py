"""What happens by itself: every half minute the database is asked what is due; what is due is claimed there, once.

After any downtime what was missed is done once, late; two processes on one database never do the same night's work both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from bot import announcing, archive, outbox, reminding
from bot.archive import ArchiveError
from bot.chat import Message
from bot.delivery.errands import prune_files
from bot.desk import halves, seen, silence
from bot.desk.threads import OpenThread
from bot.groups.people import Group
from bot.groups.proposals import DELAY
from bot.ledger.audit import Discrepancy, audit
from bot.ledger.closing import close_books
from bot.ledger.errors import StoreError
from bot.ledger.store import Store
from bot.ledger.tables import table
from bot.online.asking import ask_due, forget_places
from bot.online.watching import look_due
from bot.outbox import Letter
from bot.words import _, _n, speaking

log = structlog.get_logger()

TICK_SECONDS = 30
FIRST_TICK_SECONDS = 5
NIGHT = time(3, 30)
TRIED_AGAIN_AFTER = timedelta(hours=1)
CLAIMS_KEPT = timedelta(days=60)
HEARD_AFTER = timedelta(minutes=10)
"""How long after a start what people have said meanwhile has been heard."""
NIGHTS_OF_SILENCE = DELAY.days
THREADS_KEPT = timedelta(days=30)


class Claim(SQLModel, table=True):
    """A night's work, taken by one process; ``done`` once it has ended well: until then it is tried again, hourly."""

    __tablename__ = "claim"

    name: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime
    done: bool = False


CLAIM = table(Claim)


def _claim(dialect: Any) -> Any:
    put = dialect.insert(CLAIM).values(done=literal(value=False))
    stale = CLAIM.c.done.is_(False) & (CLAIM.c.at <= bindparam("stale", type_=CLAIM.c.at.type))
    return put.on_conflict_do_update(
        index_elements=["name", "day"], set_={"at": put.excluded.at}, where=stale
    ).returning(CLAIM.c.name)


_CLAIM = {"sqlite": _claim(sqlite), "postgresql": _claim(postgresql)}


def claim(connection: Connection, name: str, day: date, now: datetime) -> bool:
    """Take a night's work; say whether it is ours: nobody has done it, or has been at it in the last hour."""
    values = {"name": name, "day": day, "at": now, "stale": now - TRIED_AGAIN_AFTER}
    return connection.execute(_CLAIM[connection.dialect.name], values).first() is not None


def night_of(now: datetime, zone: ZoneInfo) -> date:
    """Tell which night's work is due: today's from half past three, by the clock on the wall.

    >>> paris = ZoneInfo("Europe/Paris")
    >>> [night_of(datetime(2026, 3, 29, 1, minute, tzinfo=UTC), paris).day for minute in (29, 30)]
    [28, 29]
    """
    local = now.astimezone(zone)
    return local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)


@dataclass(frozen=True)
class Backups:
    """Where the night's archives go, how many are kept, and the folder of the Matrix session, if there is one."""

    folder: Path
    keep: int
    keys: Path | None = None


class Schedule:
    """Does what is due. ``backups``: None where the database has a tool of its own for that (PostgreSQL)."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        zone: ZoneInfo,
        backups: Backups | None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._backups = backups
        self._wake = wake
        self._began = clock()
        self._nightly: Mapping[str, Callable[[date], None]] = {
            "audit": self._audit,
            "backup": self._back_up,
            "pruning": self._prune,
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Look for what is due until ``stop`` is set; then end the work in hand."""
        scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
        first = datetime.now(UTC) + timedelta(seconds=FIRST_TICK_SECONDS)
        every = IntervalTrigger(seconds=TICK_SECONDS, timezone=UTC)
        scheduler.add_job(self.tick, every, next_run_time=first, coalesce=True, max_instances=1)
        scheduler.start()
        try:
            await stop.wait()
        finally:
            await asyncio.to_thread(scheduler.shutdown)

    def tick(self) -> None:
        """Do what is due now and nobody has done. A bug in one part of it is raised once all the others had their turn."""
        parts: list[tuple[str, Callable[[], bool]]] = [
            *((name, partial(self._work, name)) for name in self._nightly),
            ("announcements", lambda: announcing.announce(self._store, self._clock())),
            ("reminders", lambda: reminding.remind(self._store, self._clock())),
            ("providers", self._ask_providers),
            ("proposals", self._agree_in_silence),
        ]
        with ExitStack() as turns:
            for name, part in reversed(parts):
                turns.callback(self._part, name, part)

    def _part(self, name: str, part: Callable[[], bool]) -> None:
        """Do one part, which tells whether there is something to deliver; a passing fault is for another time."""
        try:
            if part():
                self._wake()
        except (StoreError, ArchiveError) as trouble:
            log.error("work failed; it is tried again", work=name, reason=str(trouble))  # noqa: TRY400

    def _agree_in_silence(self) -> bool:
        """Carry out what was proposed, and nobody has objected to in time: nobody can object to who does not listen (B43)."""
        now = self._clock()
        return self._listened(now) and silence.agree(self._store, now)

    def _listened(self, now: datetime) -> bool:
        """Tell whether we have been up: for a while, and for as many nights as silence takes."""
        if now < self._began + HEARD_AFTER:
            return False
        nights = (CLAIM.c.name == "audit") & (CLAIM.c.at > now - DELAY)
        with self._store.read() as connection:
            return connection.execute(select(func.count()).where(nights)).scalar_one() >= NIGHTS_OF_SILENCE

    def _ask_providers(self) -> bool:
        """Ask what became of links that are being paid, and what went back of payments (B25)."""
        now = self._clock()
        return any([ask_due(self._store, now), look_due(self._store, now)])

    def _work(self, name: str) -> bool:
        now = self._clock()
        night = night_of(now, self._zone)
        if not self._store.write(lambda connection: claim(connection, name, night, now)).result():
            return False
        self._nightly[name](night)
        self._store.write(lambda connection: _done(connection, name, night)).result()
        log.info("night work done", work=name, night=str(night))
        return False

    def _audit(self, _night: date) -> None:
        """Check the books: what is serious closes those of its group, and the coordinators are told."""
        with self._store.read() as connection:
            found = audit(connection)
        for wrong in found:
            log.error("the books do not add up", group=wrong.group, check=wrong.check, detail=wrong.detail)
        serious = [wrong for wrong in found if wrong.serious]
        if serious:
            self._store.write(lambda connection: close_and_tell(connection, serious)).result()
            self._wake()

    def _back_up(self, night: date) -> None:
        if self._backups is None:
            return
        target = self._backups.folder / f"ardoise-{night}.zip"
        if not target.exists():
            archive.make(self._store, target, self._backups.keys)
        archive.rotate(self._backups.folder, self._backups.keep)

    def _prune(self, _night: date) -> None:
        now = self._clock()
        self._store.write(lambda connection: prune(connection, now)).result()
        self._store.forget()


def close_and_tell(connection: Connection, serious: list[Discrepancy]) -> None:
    """Close the books concerned to all but receiving money, and say so where they were open until now."""
    for group in close_books(connection, {wrong.group for wrong in serious}):
        points = sum(wrong.group == group for wrong in serious)
        outbox.post(connection, _told(Group(connection, group), points))


def prune(connection: Connection, now: datetime) -> None:
    """Forget what is of no more use. A conversation nobody went on with for a month ends; its number is never used again."""
    seen.prune(connection, now)
    halves.prune(connection, now)
    prune_files(connection, now)
    forget_places(connection, now)
    forgotten = (col(OpenThread.at) < now - THREADS_KEPT) & (col(OpenThread.word) != "")
    connection.execute(update(OpenThread).where(forgotten).values(word="", words="[]", answers="[]", asked=""))
    connection.execute(delete(CLAIM).where(CLAIM.c.day < (now - CLAIMS_KEPT).date()))


def _done(connection: Connection, name: str, night: date) -> None:
    connection.execute(update(CLAIM).where(CLAIM.c.name == name, CLAIM.c.day == night).values(done=True))


def _told(group: Group, points: int) -> list[Letter]:
    letters = []
    for place, language in group.coordinators_places():
        with speaking(language, group.settings.zone):
            told = _n(
                "⚠️ Ma vérification de la nuit trouve {n} point qui ne va pas dans les comptes de « {group} ».",
                "⚠️ Ma vérification de la nuit trouve {n} points qui ne vont pas dans les comptes de « {group} ».",
                points, group=group.settings.name,
            )  # fmt: skip
            then = _(
                "Par prudence, je n'enregistre plus que les paiements reçus, jusqu'à ce que la personne qui m'héberge "
                "ait regardé (« ardoise audit »). Rien n'est perdu."
            )
        letters.append(Letter(place, Message(f"{told} {then}")))
    return letters
