"""Messages leave the outbox in order, as they are worth it then; nothing is lost on the way: B47."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from random import Random

import pytest
from structlog.testing import capture_logs

from bot import outbox
from bot.chat import Attachment, Message, Place, RetryLaterError, UndeliverableError
from bot.delivery.work import MOST_AT_ONCE
from bot.ledger.store import Store
from bot.outbox import Letter, Waiting
from tests.fake_chat import PLATFORM
from tests.post_office import PostOffice


@pytest.fixture
async def office(store: Store) -> PostOffice:
    return PostOffice(store)


@pytest.fixture
async def group(office: PostOffice) -> int:
    return office.people()


async def test_messages_of_a_chat_arrive_in_order_and_leave_the_outbox(office: PostOffice) -> None:
    office.post("lea", "un", "deux", "trois")
    await office.deliver()
    assert office.chat.texts("lea") == ["un", "deux", "trois"]
    assert office.rows(Waiting) == 0


async def test_several_chats_are_served_at_once_but_one_message_at_a_time_each(office: PostOffice) -> None:
    for name in ("lea", "bruno", "awa"):
        office.post(name, "un", "deux")
    await office.deliver()
    assert office.chat.most_at_once == 3
    assert all(office.chat.texts(name) == ["un", "deux"] for name in ("lea", "bruno", "awa"))


async def test_a_chat_that_hangs_keeps_no_other_waiting(office: PostOffice) -> None:
    office.chat.hold("lea")
    office.post("lea", "un")
    office.post("bruno", "un")
    settling = asyncio.create_task(office.deliver())
    await office.chat.until(lambda: office.chat.texts("bruno") == ["un"])
    office.chat.release("lea")
    await settling
    assert office.chat.texts("lea") == ["un"]


async def test_more_messages_than_one_look_takes_up_arrive_all_in_order(office: PostOffice) -> None:
    texts = [str(number) for number in range(2 * MOST_AT_ONCE + 10)]
    office.post("lea", *texts)
    await office.deliver()
    assert office.chat.texts("lea") == texts
    assert office.rows(Waiting) == 0


async def test_a_long_queue_that_waits_does_not_hide_the_other_chats(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", RetryLaterError("busy", after_seconds=60))
    office.post("lea", *(str(number) for number in range(MOST_AT_ONCE + 1)))
    await office.deliver()
    office.post("bruno", "bonjour")
    await office.deliver()
    assert office.chat.texts("bruno") == ["bonjour"]
    assert office.chat.tries("lea") == 1


async def test_a_long_queue_that_is_being_served_does_not_hide_the_other_chats(office: PostOffice) -> None:
    office.chat.hold("lea")
    office.post("lea", *(str(number) for number in range(2 * MOST_AT_ONCE)))
    stop = asyncio.Event()
    running = asyncio.create_task(office.delivery.run(stop))
    await office.chat.until(lambda: bool(office.chat.tried))
    office.post("bruno", "bonjour")
    await office.chat.until(lambda: office.chat.texts("bruno") == ["bonjour"])
    stop.set()
    await running


async def test_messages_of_a_platform_that_is_not_there_wait_and_hide_nothing(office: PostOffice) -> None:
    elsewhere = [Letter(Place("elsewhere", "lea"), Message(str(number))) for number in range(MOST_AT_ONCE)]
    office.post_all(elsewhere)
    office.post("lea", "bonjour")
    await office.deliver()
    assert office.chat.texts("lea") == ["bonjour"]
    assert office.rows(Waiting) == MOST_AT_ONCE


async def test_what_was_sent_is_deleted_together(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.deliver()
    for number in range(200):
        office.post(f"chat {number}", "bonjour")
    jobs = office.count_writing(monkeypatch)
    await office.deliver()
    assert office.rows(Waiting) == 0
    assert next(jobs) < 50


async def test_an_edit_changes_the_message_in_place_or_is_sent_when_that_is_gone(office: PostOffice) -> None:
    office.post("lea", "question")
    await office.deliver()
    office.post("lea", "réponse", edits="1")
    await office.deliver()
    assert office.chat.texts("lea") == ["réponse"]
    office.chat.lose("lea", "1")
    office.post("lea", "suite", edits="1")
    await office.deliver()
    assert office.chat.texts("lea") == ["suite"]


async def test_a_file_is_made_when_it_is_delivered(office: PostOffice, group: int) -> None:
    recipe = Attachment("balances_csv", "soldes.csv", {"group": group, "language": "fr"})
    office.post("camille", "question")
    await office.deliver()
    office.post_all([Letter(Place(PLATFORM, "camille"), Message("Voici", attachment=recipe), edits="1")])
    await office.deliver()
    document = office.chat.screens["camille"][-1].document
    assert document is not None
    assert (document.name, document.content.decode().count("Léa")) == ("soldes.csv", 1)


async def test_a_file_that_cannot_be_made_sets_its_message_aside(office: PostOffice) -> None:
    broken = Message("Voici", attachment=Attachment("no such maker", "x", {"group": 1, "language": "fr"}))
    office.post_all([Letter(Place(PLATFORM, "lea"), broken), Letter(Place(PLATFORM, "lea"), Message("deux"))])
    with capture_logs() as logs:
        await office.deliver()
    assert office.chat.texts("lea") == ["deux"]
    assert [line["event"] for line in logs] == ["bug", "set aside"]


def _troubles(chance: Random) -> Iterator[Exception]:
    while True:
        kind = chance.random()
        if kind < 0.4:
            yield RetryLaterError("busy")
        elif kind < 0.7:
            yield RetryLaterError("flood", after_seconds=chance.randint(1, 90))
        else:
            yield UndeliverableError("no")


async def _whatever_is_refused(office: PostOffice, chance: Random, rounds: int) -> None:
    """Post, refuse, cut off, restart at random; then order holds in every chat and nothing is lost."""
    troubles, said = _troubles(chance), 0
    for _round in range(rounds):
        for name in chance.sample("abcdef", 3):
            office.post(name, str(said := said + 1))
            office.chat.refuse("send", name, *(next(troubles) for _ in range(chance.choice([0, 0, 1, 2]))))
        office.chat.down = RetryLaterError("no network") if chance.random() < 0.1 else None
        if chance.random() < 0.2:
            office.restart()
        with capture_logs():
            await office.deliver(seconds=chance.randint(0, 20))
    office.chat.down = None
    with capture_logs():
        while (due := await office.delivery.next_due()) is not None:
            office.now = due
            await office.deliver()
    shown = {name: [int(text) for text in office.chat.texts(name)] for name in "abcdef"}
    aside = office.read(Waiting)
    assert all(numbers == sorted(numbers) for numbers in shown.values())
    assert {row.state for row in aside} <= {"aside"}
    everything = [*itertools.chain(*shown.values()), *(int(outbox.unpacked(row.body).text) for row in aside)]
    assert sorted(everything) == list(range(1, said + 1))


@pytest.mark.parametrize("number", range(3))
async def test_whatever_is_refused_order_holds_and_nothing_is_lost(office: PostOffice, number: int) -> None:
    await _whatever_is_refused(office, Random(number), rounds=25)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
async def test_whatever_is_refused_for_long_order_holds_and_nothing_is_lost(office: PostOffice, number: int) -> None:
    await _whatever_is_refused(office, Random(1_000 + number), rounds=400)


async def test_a_message_tried_again_carries_the_token_it_had(office: PostOffice) -> None:
    """B47: a platform that knows tokens shows it once, though a crash came between the send and the note of it."""
    office.post("lea", "un", "deux")
    office.chat.refuse("send", "lea", RetryLaterError("no answer"))
    await office.deliver()
    office.restart()
    await office.deliver(hours=1)
    first, again, second = office.chat.tokens
    assert first == again != second
    assert "" not in office.chat.tokens
