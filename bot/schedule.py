"""What happens by itself: every half minute the database is asked what is due; what is due is claimed there, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import announcing, reminding
from bot.desk import silence
from bot.groups.proposals import DELAY
from bot.ledger.errors import StoreError
from bot.ledger.store import Store
from bot.nights import Backups, Nights, each_in_turn, nights_worked
from bot.online.asking import ask_due
from bot.online.watching import look_due

log = structlog.get_logger()

TICK_SECONDS = 30
FIRST_TICK_SECONDS = 5
HEARD_AFTER = timedelta(minutes=10)
"""How long after a start what people have said meanwhile has been heard."""
NIGHTS_OF_SILENCE = DELAY.days


def _ask_providers(store: Store, now: datetime) -> bool:
    """Ask what became of links that are being paid, and what went back of payments (B25)."""
    return any([ask_due(store, now), look_due(store, now)])


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
        self._wake = wake
        self._began = clock()
        self._nights = Nights(store, clock, zone=zone, backups=backups, wake=wake)

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
        """Do what is due now and nobody has done: at night, of distributions, reminders, payments by card, proposals."""
        each_in_turn(
            self._nights.work,
            partial(self._look, announcing.announce, "announcements failed; they are tried again"),
            partial(self._look, reminding.remind, "reminders failed; they are tried again"),
            partial(self._look, _ask_providers, "providers are not asked; they will be"),
            partial(self._look, self._agree_in_silence, "proposals are not looked at; they will be"),
        )

    def _look(self, do_what_is_due: Callable[[Store, datetime], bool], failed: str) -> None:
        """Do what is due of one thing; where the database fails, the others are still looked at."""
        try:
            if do_what_is_due(self._store, self._clock()):
                self._wake()
        except StoreError as trouble:
            log.error(failed, reason=str(trouble))  # noqa: TRY400 - the reason is the machine's, its trace tells nothing

    def _agree_in_silence(self, store: Store, now: datetime) -> bool:
        """Carry out what was proposed, and nobody has objected to in time: nobody can object to who does not listen (B43)."""
        return self._listened(now) and silence.agree(store, now)

    def _listened(self, now: datetime) -> bool:
        """Tell whether we have been up: for a while, and for as many nights as silence takes."""
        if now < self._began + HEARD_AFTER:
            return False
        with self._store.read() as connection:
            return nights_worked(connection, now - DELAY) >= NIGHTS_OF_SILENCE
