"""A file a person sends is downloaded and comes back as an update of its own, once whatever happens: B46, B47, B48."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlmodel import col
from structlog.testing import capture_logs

from bot import errands
from bot.chat import Address, FileRef, Incoming, Place, RetryLaterError
from bot.delivery.errands import NO_FILE
from bot.delivery.round import MOST_TRIES
from bot.demo_group import seed
from bot.desk import Desk
from bot.errands import FILE_MOST_BYTES, Errand, StoredFile
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.outbox import Waiting
from tests.fake_chat import PLATFORM
from tests.post_office import BEGINNING, PostOffice

PLACE = Place(PLATFORM, "camille", topic="7")


@pytest.fixture
async def office(store: Store) -> PostOffice:
    return PostOffice(store)


def ask_for(office: PostOffice, name: str, content: bytes | None, place: Place = PLACE) -> None:
    """Have somebody send a file; None: it is gone before it is fetched."""
    if content is not None:
        office.chat.files[name] = content
    file = FileRef(name, f"{name}.csv", 3)
    office.write(lambda c: errands.request_file(c, file, place=place, bot="bot", user="camille", key=f"update {name}"))


def arrived(name: str, number: int) -> Incoming:
    return Incoming("bot", f"file:update {name}", Address(PLATFORM, "camille"), PLACE, stored_file=number)


async def test_a_file_comes_back_as_an_update_of_who_sent_it_where_they_sent_it(office: PostOffice) -> None:
    ask_for(office, "a", b"abc")
    await office.deliver()
    assert office.received == [arrived("a", 1)]
    with office.store.read() as connection:
        assert errands.stored_file(connection, 1) == ("a.csv", b"abc")
    assert office.rows(Errand) == 0


@pytest.mark.parametrize("content", [None, bytes(FILE_MOST_BYTES + 1)], ids=["gone", "too large"])
async def test_a_file_that_cannot_be_had_is_told_to_the_desk(office: PostOffice, content: bytes | None) -> None:
    ask_for(office, "a", content)
    await office.deliver()
    assert office.received == [arrived("a", NO_FILE)]
    assert (office.rows(Errand), office.rows(StoredFile)) == (0, 0)


async def test_a_file_refused_for_now_is_fetched_later_and_holds_no_other(office: PostOffice) -> None:
    office.chat.refuse("fetch", "a", RetryLaterError("busy"))
    ask_for(office, "a", b"abc")
    ask_for(office, "b", b"xyz")
    office.post("camille", "bonjour")
    await office.deliver()
    assert [incoming.key for incoming in office.received] == ["file:update b"]
    assert office.chat.texts("camille") == ["bonjour"]
    office.restart()
    await office.deliver(seconds=2)
    assert [incoming.key for incoming in office.received] == ["file:update b", "file:update a"]


async def test_after_a_day_of_tries_the_desk_is_told(office: PostOffice) -> None:
    ask_for(office, "a", b"abc")
    office.write(lambda c: c.execute(update(Errand).where(col(Errand.id) == 1).values(attempts=MOST_TRIES - 1)))
    office.chat.down = RetryLaterError("no network")
    with capture_logs():
        await office.deliver()
    assert office.received == [arrived("a", NO_FILE)]
    assert office.rows(Errand) == 0


async def test_a_bug_while_fetching_is_logged_and_told_to_the_desk_once(office: PostOffice) -> None:
    office.chat.refuse("fetch", "a", ZeroDivisionError())
    ask_for(office, "a", b"abc")
    with capture_logs() as logs:
        await office.deliver()
        await office.deliver(hours=1)
    assert [line["event"] for line in logs] == ["bug", "set aside"]
    assert office.received == [arrived("a", NO_FILE)]


async def test_a_desk_that_cannot_write_now_is_asked_again(office: PostOffice) -> None:
    office.receive_troubles = [UnavailableError("disk full")] * 3
    ask_for(office, "a", b"abc")
    with capture_logs():
        await office.deliver()
    assert [incoming.key for incoming in office.received] == ["file:update a"]
    assert office.rows(Errand) == 0


async def _killed_once_the_desk_knows(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    receive, known = office.receive, asyncio.Event()

    async def then_nothing_is_written(incoming: Incoming) -> object:
        receipt = await receive(incoming)
        office.lose_writing(monkeypatch)
        known.set()
        return receipt

    monkeypatch.setattr(office, "receive", then_nothing_is_written)
    office.restart()
    killed = asyncio.create_task(office.deliver())
    await known.wait()
    killed.cancel()
    monkeypatch.undo()
    office.restart()


async def test_a_crash_before_the_errand_ends_brings_the_same_update_again(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for(office, "a", b"abc")
    await _killed_once_the_desk_knows(office, monkeypatch)
    await office.deliver()
    assert [incoming.key for incoming in office.received] == ["file:update a"] * 2
    assert office.rows(Errand) == 0
    await office.deliver(hours=25)
    assert office.rows(StoredFile) == 0


async def test_the_desk_serves_an_arrived_file_once(office: PostOffice) -> None:
    office.write(lambda c: seed(c, office.now))
    desk: Callable[[], Desk] = lambda: Desk(office.store, lambda: office.now)  # noqa: E731 - a new desk each time
    person = Address("demo", "camille")
    file = Incoming("bot", "file:1", person, Place("demo", "camille"), stored_file=NO_FILE)
    for _time in range(2):
        await asyncio.wrap_future(desk().receive(file))
    assert office.rows(Waiting) == 1


async def test_old_files_are_forgotten_on_the_way(office: PostOffice) -> None:
    for hours in (23, 25):
        row = {"name": "a.csv", "content": b"x", "received_at": BEGINNING - timedelta(hours=hours)}
        office.write(lambda c, row=row: c.execute(insert(StoredFile), row))  # type: ignore[misc]
    await office.deliver()
    assert office.rows(StoredFile) == 1
    await office.deliver(hours=2)
    assert office.rows(StoredFile) == 0
