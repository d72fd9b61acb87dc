"""What happens by itself happens once a night, whatever the clock, the downtime or the number of processes."""

from __future__ import annotations

import asyncio
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlmodel import col

from bot import announcing, reminding
from bot.chat import Address, Incoming, Place
from bot.demo_group import seed
from bot.desk import Desk, seen
from bot.desk.threads import OpenThread
from bot.errands import StoredFile
from bot.ledger.closing import closed_books
from bot.ledger.store import Store
from bot.nights import CLAIM, Backups, prune
from bot.outbox import Waiting, unpacked
from bot.schedule import Schedule
from tests.databases import audited

PARIS = ZoneInfo("Europe/Paris")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
HELSINKI = ZoneInfo("Europe/Helsinki")  # half past three itself is skipped in spring and comes twice in autumn


class Clock:
    """A clock moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 24, 18, tzinfo=UTC))


def scheduled(store: Store, clock: Clock, zone: ZoneInfo = PARIS, backups: Backups | None = None) -> Schedule:
    return Schedule(store, clock, zone=zone, backups=backups)


def claims(store: Store) -> Counter[tuple[str, date]]:
    with store.read() as connection:
        return Counter((row.name, row.day) for row in connection.execute(select(CLAIM)))


class Counted(Schedule):
    """A schedule that notes when it does something, and does nothing."""

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo = PARIS) -> None:
        super().__init__(store, clock, zone=zone, backups=None)
        self.did: list[tuple[date, datetime]] = []
        self._nights.works = {"audit": lambda night: self.did.append((night, clock.at))}


@pytest.mark.parametrize("zone", [PARIS, LORD_HOWE, HELSINKI], ids=str)
@pytest.mark.parametrize("begins", [datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)], ids=str)
def test_once_a_night_over_a_change_of_clocks(sqlite_store: Store, zone: ZoneInfo, begins: datetime) -> None:
    """B31's days are those of the wall: no night is left out, none comes twice."""
    clock = Clock(begins)
    schedule = Counted(sqlite_store, clock, zone)
    schedule.tick()
    schedule.did.clear()
    while clock.at < begins + timedelta(days=12):
        clock.at += timedelta(minutes=10)
        schedule.tick()
    nights = [night for night, _at in schedule.did]
    assert nights == [nights[0] + timedelta(days=n) for n in range(12)]
    for night, at in schedule.did:
        local = at.astimezone(zone)
        assert local.date() == night
        assert (3, 30) <= (local.hour, local.minute) < (4, 10)


def test_after_a_week_of_downtime_the_work_is_done_once_late(sqlite_store: Store, clock: Clock) -> None:
    schedule = Counted(sqlite_store, clock)
    schedule.tick()
    clock.at += timedelta(days=7, hours=3)
    for _tick in range(3):
        schedule.tick()
    assert [night.isoformat() for night, _at in schedule.did] == ["2026-11-24", "2026-12-01"]


def test_a_restart_does_not_do_it_again(sqlite_store: Store, clock: Clock) -> None:
    for _start in range(3):
        schedule = Counted(sqlite_store, clock)
        schedule.tick()
        clock.at += timedelta(hours=3)
    assert [night for night, _at in schedule.did] == []
    assert len(claims(sqlite_store)) == 1


async def test_two_processes_share_the_work(store: Store, database_url: str, clock: Clock) -> None:
    """On one database, each night's work is one process's."""
    with audited(database_url) if "postgresql" in database_url else _same(store) as other:
        schedules = [Counted(store, clock), Counted(other, clock)]
        for _night in range(10):
            await asyncio.gather(*(asyncio.to_thread(schedule.tick) for schedule in schedules))
            clock.at += timedelta(days=1)
    did = sorted(night for schedule in schedules for night, _at in schedule.did)
    assert did == [date(2026, 11, 24) + timedelta(days=n) for n in range(10)]


class _same:  # noqa: N801 - used as a context
    """The same store, under another name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_ended: object) -> None:
        return None


def test_work_that_failed_or_was_cut_short_is_tried_again_in_an_hour(
    sqlite_store: Store, clock: Clock, tmp_path: Path
) -> None:
    """B48: a passing fault is retried; meanwhile the rest of the night's work is done."""
    blocked = tmp_path / "backups"
    blocked.write_text("not a folder")
    schedule = scheduled(sqlite_store, clock, backups=Backups(blocked, 3))
    schedule.tick()
    with sqlite_store.read() as connection:
        undone = connection.execute(select(CLAIM.c.name).where(CLAIM.c.done.is_(False))).scalars().all()
    assert undone == ["backup"]
    assert ("pruning", date(2026, 11, 24)) in claims(sqlite_store)
    blocked.unlink()
    clock.at += timedelta(minutes=59)
    schedule.tick()
    assert not blocked.exists()
    clock.at += timedelta(minutes=2)
    schedule.tick()
    assert [path.name for path in blocked.iterdir()] == ["ardoise-2026-11-24.zip"]


def test_each_night_leaves_a_whole_archive_and_the_oldest_go(sqlite_store: Store, clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "ardoise-by-hand.zip").write_text("kept: it is the host's own")
    sqlite_store.write(lambda connection: seed(connection, clock.at)).result()
    schedule = scheduled(sqlite_store, clock, backups=Backups(folder, 3))
    for _night in range(5):
        schedule.tick()
        clock.at += timedelta(days=1)
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"ardoise-2026-11-{day}.zip" for day in (26, 27, 28)),
        "ardoise-by-hand.zip",
    ]
    newest = folder / "ardoise-2026-11-28.zip"
    assert newest.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(newest) as archive:
        archive.extractall(tmp_path / "copy")
    copy = sqlite3.connect(tmp_path / "copy" / "ardoise.db")
    assert copy.execute("SELECT COUNT(*) FROM member").fetchone() == (5,)
    copy.close()


def break_books(connection: Connection) -> None:
    """Do what only somebody with the file in hand can do."""
    connection.execute(text("UPDATE account SET balance = balance + 1 WHERE group_id = 1 AND number = 1"))


@pytest.fixture
def broken(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """The demo's group, with a balance that is not the sum of its entries."""
    opened = Store.open(f"sqlite:///{tmp_path / 'broken.db'}", create=True)
    opened.write(lambda connection: seed(connection, clock.at)).result()
    opened.write(break_books).result()
    yield opened
    opened.close()


def said(store: Store) -> list[tuple[str, str]]:
    with store.read() as connection:
        rows = connection.execute(select(Waiting).order_by(col(Waiting.id)))
        return [(row.chat, unpacked(row.body).text) for row in rows]


def test_a_serious_discrepancy_closes_the_books_and_the_room_is_told_once(broken: Store, clock: Clock) -> None:
    """The nightly audit stops postings of that group, and says so."""
    woken: list[bool] = []
    schedule = Schedule(broken, clock, zone=PARIS, backups=None, wake=lambda: woken.append(True))
    for _night in range(3):
        schedule.tick()
        clock.at += timedelta(days=1)
    with broken.read() as connection:
        assert closed_books(connection) == [1]
    [(chat, words)] = said(broken)
    assert chat == "coordination"
    assert "« Les Paniers du Canal »" in words
    assert "je n'enregistre plus que les paiements reçus" in words
    assert woken


def test_without_a_room_each_coordinator_is_told_in_private(broken: Store, clock: Clock) -> None:
    """B40: what goes on in the books is nobody else's business."""
    broken.write(lambda connection: connection.execute(text("DELETE FROM room"))).result()
    scheduled(broken, clock).tick()
    assert [chat for chat, _words in said(broken)] == ["camille", "sofiane"]


def test_an_alarm_about_a_replay_closes_nothing(sqlite_store: Store, clock: Clock) -> None:
    """A replay difference raises an alarm only."""
    sqlite_store.write(lambda connection: seed(connection, clock.at)).result()
    scheduled(sqlite_store, clock).tick()
    with sqlite_store.read() as connection:
        assert closed_books(connection) == []
    assert said(sqlite_store) == []


def update_of(number: int) -> Incoming:
    place = Place("demo", "lea")
    return Incoming(bot="1", key=str(number), address=Address("demo", "lea"), place=place, text="/payer")


def test_what_is_of_no_more_use_is_forgotten(store: Store, clock: Clock) -> None:
    """Updates after a fortnight, files after a day, conversations after a month; a conversation's number stays taken."""
    store.write(lambda connection: seed(connection, clock.at)).result()
    desk = Desk(store, clock)
    desk.receive(update_of(1)).result()
    file = {"name": "x.csv", "content": b"x", "received_at": clock.at}
    store.write(lambda connection: connection.execute(insert(StoredFile), file)).result()
    schedule = scheduled(store, clock)
    schedule.tick()
    assert counts(store) == (1, 1, 1)
    clock.at += timedelta(days=2)
    schedule.tick()
    assert counts(store) == (1, 0, 1)
    clock.at += timedelta(days=29)
    schedule.tick()
    assert counts(store) == (0, 0, 0)
    desk.receive(update_of(2)).result()
    with store.read() as connection:
        assert connection.execute(select(col(OpenThread.number))).scalar_one() == 2


def counts(store: Store) -> tuple[int, int, int]:
    with store.read() as connection:
        threads = select(OpenThread).where(col(OpenThread.word) != "")
        found = [len(connection.execute(query).all()) for query in (select(seen.Seen), select(StoredFile), threads)]
    return found[0], found[1], found[2]


def test_old_claims_are_forgotten_too(sqlite_store: Store, clock: Clock) -> None:
    old = {"name": "audit", "day": clock.at.date() - timedelta(days=90), "at": clock.at, "done": True}
    recent = {**old, "day": clock.at.date()}
    sqlite_store.write(lambda connection: connection.execute(insert(CLAIM), [old, recent])).result()
    sqlite_store.write(lambda connection: prune(connection, clock.at)).result()
    assert list(claims(sqlite_store)) == [("audit", clock.at.date())]


async def test_the_schedule_runs_until_told_to_stop_and_ends_what_it_is_doing(
    sqlite_store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule.FIRST_TICK_SECONDS", 0)
    begun, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    schedule = Counted(sqlite_store, clock)
    work = schedule._nights.works["audit"]

    def slow(night: date) -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(stop.wait(), loop).result()
        work(night)

    schedule._nights.works = {"audit": slow}
    running = asyncio.create_task(schedule.run(stop))
    await begun.wait()
    stop.set()
    await running
    assert len(schedule.did) == 1


def test_a_bug_in_one_part_keeps_no_other_from_its_work(
    sqlite_store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: it is raised all the same, for the log."""
    did: list[str] = []

    def buggy(_store: Store, _now: datetime) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(announcing, "announce", buggy)
    monkeypatch.setattr(reminding, "remind", lambda _store, _now: did.append("reminders"))
    monkeypatch.setattr("bot.schedule.ask_due", lambda _store, _now: did.append("providers"))
    with pytest.raises(ZeroDivisionError):
        scheduled(sqlite_store, clock).tick()
    assert did == ["reminders", "providers"]
