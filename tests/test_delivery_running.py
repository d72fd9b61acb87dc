"""Delivery wakes, rests, stops, and stands a crash or a database in trouble: B47, B48."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bot import outbox
from bot.chat import Message, Place, RetryLaterError
from bot.delivery import STOP_SECONDS
from bot.delivery.work import MOST_AT_ONCE, Found, Lane, look
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.outbox import Letter, Waiting
from tests.fake_chat import PLATFORM
from tests.post_office import BEGINNING, PostOffice, show_card


@pytest.fixture
async def office(store: Store) -> PostOffice:
    return PostOffice(store)


@pytest.fixture
async def group(office: PostOffice) -> int:
    return office.people()


async def test_a_message_posted_while_delivery_rests_wakes_it(office: PostOffice) -> None:
    stop, rests = asyncio.Event(), asyncio.Event()

    async def rest(_seconds: float) -> None:
        rests.set()
        await asyncio.Event().wait()

    object.__setattr__(office.delivery, "_sleep", rest)
    running = asyncio.create_task(office.delivery.run(stop))
    await rests.wait()
    office.post("lea", "un")
    await asyncio.to_thread(office.delivery.wake)
    await office.chat.until(lambda: office.chat.texts("lea") == ["un"])
    stop.set()
    await running
    assert office.rows(Waiting) == 0


async def test_retries_come_by_themselves(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", *[RetryLaterError("busy")] * 4)
    office.post("lea", "un")
    stop = asyncio.Event()
    running = asyncio.create_task(office.delivery.run(stop))
    await office.chat.until(lambda: office.chat.texts("lea") == ["un"])
    stop.set()
    await running
    assert office.now >= BEGINNING + timedelta(seconds=30)
    assert office.chat.tries("lea") == 5


async def test_stopping_finishes_the_message_in_hand_and_leaves_the_rest(office: PostOffice) -> None:
    office.post("lea", "un", "deux")
    office.chat.hold("lea")
    stop = asyncio.Event()
    asked, patient = office.nap, asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds == STOP_SECONDS:
            office.chat.release("lea")
            await patient.wait()
        await asked(seconds)

    object.__setattr__(office.delivery, "_sleep", sleep)
    running = asyncio.create_task(office.delivery.run(stop))
    await office.chat.until(lambda: bool(office.chat.tried))
    stop.set()
    await running
    assert office.chat.texts("lea") == ["un"]
    assert [outbox.unpacked(row.body).text for row in office.read(Waiting)] == ["deux"]


async def test_stopping_does_not_wait_for_a_platform_that_hangs(office: PostOffice) -> None:
    office.post("lea", "un")
    office.chat.hold("lea")
    stop = asyncio.Event()
    running = asyncio.create_task(office.delivery.run(stop))
    await office.chat.until(lambda: bool(office.chat.tried))
    stop.set()
    await running
    assert STOP_SECONDS in office.slept
    assert office.rows(Waiting) == 1


async def test_a_look_leaves_out_what_is_being_served(office: PostOffice) -> None:
    office.post("lea", "un")
    office.post("bruno", "un")
    with office.store.read() as connection:
        found = look(connection, BEGINNING, platforms=[PLATFORM], busy=[(PLATFORM, "lea")])
    assert [work.lane for work in found.work] == [(PLATFORM, "bruno")]


async def test_a_crash_after_a_send_repeats_the_message_and_loses_none(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.deliver()
    office.post("lea", "un", "deux")
    office.lose_writing(monkeypatch)
    killed = asyncio.create_task(office.deliver())
    await office.chat.until(lambda: len(office.chat.texts("lea")) == 2)
    killed.cancel()
    monkeypatch.undo()
    office.restart()
    await office.deliver()
    assert office.chat.texts("lea") == ["un", "deux", "un", "deux"]
    assert office.rows(Waiting) == 0


async def test_a_full_disk_repeats_no_message_and_no_card(
    office: PostOffice, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.deliver()
    office.write(lambda c: show_card(c, group))
    office.post("lea", "un")
    office.break_writing(monkeypatch, times=20)
    with capture_logs():
        await office.deliver()
    assert (office.chat.texts("lea"), office.chat.texts("salon")) == (["un"], ["Rien à valider."])
    assert office.rows(Waiting) == 0


async def test_a_database_that_cannot_be_read_for_a_while_is_waited_for(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, stop = office.store.read, asyncio.Event()
    troubles = iter([UnavailableError("locked")] * 3)

    def sometimes() -> AbstractContextManager[Connection]:
        for trouble in troubles:
            raise trouble
        return read()

    office.post("lea", "un")
    monkeypatch.setattr(office.store, "read", sometimes)
    with capture_logs() as logs:
        running = asyncio.create_task(office.delivery.run(stop))
        await office.chat.until(lambda: office.chat.texts("lea") == ["un"])
        stop.set()
        await running
    assert len(logs) == 3


async def test_what_is_deleted_is_forgotten(office: PostOffice) -> None:
    office.post("lea", "un")
    await office.deliver()
    assert not office.delivery._notes.known(1)


async def test_what_is_deleted_during_a_look_is_not_sent_again(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.deliver()
    office.post("lea", "un")
    read, loop = office.delivery._read, asyncio.get_running_loop()
    let_go = office.hold_writing(monkeypatch)

    def look(busy: frozenset[Lane]) -> Found:
        found = read(busy)
        if office.chat.tried and not busy:
            let_go()
            asyncio.run_coroutine_threadsafe(office.delivery._notes.settled(), loop).result()
        return found

    object.__setattr__(office.delivery, "_read", look)
    office.chat.hold("lea")
    settling = asyncio.create_task(office.deliver())
    await office.chat.until(lambda: bool(office.chat.tried))
    office.chat.release("lea")
    await settling
    assert office.chat.texts("lea") == ["un"]


async def test_settling_looks_again_when_a_chat_was_served_meanwhile(office: PostOffice) -> None:
    read, loop = office.delivery._read, asyncio.get_running_loop()

    async def served() -> None:
        office.chat.release("lea")
        while office.delivery._serving:
            await asyncio.wait(office.delivery._serving.values())
            await asyncio.sleep(0)

    def look_slowly(busy: frozenset[Lane]) -> Found:
        found = read(busy)
        if busy:
            office.post("lea", "deux")
            asyncio.run_coroutine_threadsafe(served(), loop).result()
        return found

    object.__setattr__(office.delivery, "_read", look_slowly)
    office.chat.hold("lea")
    office.post("lea", "un")
    office.post("bruno", "un")
    await office.deliver()
    assert office.chat.texts("lea") == ["un", "deux"]


async def test_a_look_full_of_what_was_sent_already_is_followed_by_another(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.deliver()
    office.post_all([Letter(Place(PLATFORM, f"chat {n}"), Message("un")) for n in range(MOST_AT_ONCE + 10)])
    stop, idle, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    read, let_go = office.delivery._read, office.hold_writing(monkeypatch)

    def look(busy: frozenset[Lane]) -> Found:
        if not busy and office.chat.tried:
            loop.call_soon_threadsafe(idle.set)
        return read(busy)

    object.__setattr__(office.delivery, "_read", look)
    object.__setattr__(office.delivery, "_sleep", lambda _seconds: asyncio.Event().wait())
    running = asyncio.create_task(office.delivery.run(stop))
    await idle.wait()
    let_go()
    await office.chat.until(lambda: len(office.chat.tried) == MOST_AT_ONCE + 10)
    stop.set()
    await running
    assert office.rows(Waiting) == 0
