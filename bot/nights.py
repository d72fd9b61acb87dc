"""The night's work, each night once: the books audited, a backup made, what is of no more use forgotten.

After any downtime what was missed is done once, late; two processes on one database never do the same night's work both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from bot import archive, outbox
from bot.archive import ArchiveError
from bot.delivery.errands import prune_files
from bot.desk import halves, seen
from bot.desk.threads import OpenThread
from bot.groups.people import Group
from bot.ledger.audit import Discrepancy, audit
from bot.ledger.closing import close_books
from bot.ledger.errors import StoreError
from bot.ledger.store import Store
from bot.ledger.tables import table
from bot.notices import Written
from bot.notices.letters import letter
from bot.online.asking import forget_places
from bot.outbox import Letter
from bot.words import _, _n

log = structlog.get_logger()

NIGHT = time(3, 30)
TRIED_AGAIN_AFTER = timedelta(hours=1)
CLAIMS_KEPT = timedelta(days=60)
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

    >>> from datetime import UTC
    >>> paris = ZoneInfo("Europe/Paris")
    >>> [night_of(datetime(2026, 3, 29, 1, minute, tzinfo=UTC), paris).day for minute in (29, 30)]
    [28, 29]
    """
    local = now.astimezone(zone)
    return local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)


def each_in_turn(*parts: Callable[[], None]) -> None:
    """Do every part of some work; a bug in one is raised once all the others had their turn (B48)."""
    with ExitStack() as turns:
        for part in reversed(parts):
            turns.callback(part)


@dataclass(frozen=True)
class Backups:
    """Where the night's archives go, how many are kept, and the folder of the Matrix session, if there is one."""

    folder: Path
    keep: int
    keys: Path | None = None


class Nights:
    """Does the night's work. ``backups``: None where the database has a tool of its own for that (PostgreSQL)."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        zone: ZoneInfo,
        backups: Backups | None,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._backups = backups
        self._wake = wake
        self.works: Mapping[str, Callable[[date], None]] = {
            "audit": self._audit,
            "backup": self._back_up,
            "pruning": self._prune,
        }

    def work(self) -> None:
        """Do what is due and nobody has done. What fails is tried again in an hour, the rest is done meanwhile (B48)."""
        each_in_turn(*(partial(self._work, name) for name in self.works))

    def _work(self, name: str) -> None:
        now = self._clock()
        night = night_of(now, self._zone)
        try:
            if self._store.write(lambda connection: claim(connection, name, night, now)).result():
                self.works[name](night)
                self._store.write(lambda connection: _done(connection, name, night)).result()
                log.info("night work done", work=name, night=str(night))
        except (StoreError, ArchiveError) as trouble:
            log.error("night work failed; it is tried again in an hour", work=name, reason=str(trouble))  # noqa: TRY400

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


def nights_worked(connection: Connection, since: datetime) -> int:
    """Count the nights of which somebody has begun the work since a moment: in these the bot was up."""
    return int(connection.execute(select(func.count()).where(CLAIM.c.name == "audit", CLAIM.c.at > since)).scalar_one())


def _done(connection: Connection, name: str, night: date) -> None:
    connection.execute(update(CLAIM).where(CLAIM.c.name == name, CLAIM.c.day == night).values(done=True))


def _told(group: Group, points: int) -> list[Letter]:
    def written() -> Written:
        told = _n(
            "⚠️ Ma vérification de la nuit trouve {n} point qui ne va pas dans les comptes de « {group} ».",
            "⚠️ Ma vérification de la nuit trouve {n} points qui ne vont pas dans les comptes de « {group} ».",
            points, group=group.settings.name,
        )  # fmt: skip
        then = _(
            "Par prudence, je n'enregistre plus que les paiements reçus, jusqu'à ce que la personne qui m'héberge "
            "ait regardé (« ardoise audit »). Rien n'est perdu."
        )
        return Written(f"{told} {then}")

    return [letter(group, place, language, written) for place, language in group.coordinators_places()]
