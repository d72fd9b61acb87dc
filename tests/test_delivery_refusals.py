"""What is refused is tried again with patience, or set aside; its chat goes on: B47."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col
from structlog.testing import capture_logs

from bot.chat import RetryLaterError, UndeliverableError
from bot.delivery.round import LONGEST_WAIT, MOST_TRIES
from bot.groups.tables import LinkedAddress
from bot.ledger.store import Store
from bot.outbox import Waiting
from tests.fake_chat import PLATFORM
from tests.post_office import BEGINNING, PostOffice, show_card


@pytest.fixture
async def office(store: Store) -> PostOffice:
    return PostOffice(store)


@pytest.fixture
async def group(office: PostOffice) -> int:
    return office.people()


async def test_a_message_refused_for_now_holds_its_chat_and_no_other(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", RetryLaterError("busy"))
    office.post("lea", "un", "deux")
    office.post("bruno", "un")
    await office.deliver()
    assert (office.chat.texts("lea"), office.chat.texts("bruno")) == ([], ["un"])
    office.post("lea", "trois")
    await office.deliver(seconds=1.9)
    assert office.chat.tries("lea") == 1
    await office.deliver(seconds=0.1)
    assert office.chat.texts("lea") == ["un", "deux", "trois"]


async def test_each_wait_is_twice_as_long_up_to_five_minutes(office: PostOffice) -> None:
    office.chat.down = RetryLaterError("no network")
    office.post("lea", "un")
    waits = []
    for _try in range(11):
        await office.deliver()
        due = await office.delivery.next_due()
        assert due is not None
        waits.append((due - office.now).total_seconds())
        office.now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


async def test_a_wait_has_some_chance_in_it_but_is_never_longer_than_the_longest(office: PostOffice) -> None:
    office.chat.down = RetryLaterError("no network")
    office.post("lea", "un")
    office.write(lambda c: c.execute(update(Waiting).values(attempts=20)))
    object.__setattr__(office.delivery._means[PLATFORM], "chance", lambda: 0.0)
    await office.deliver()
    assert await office.delivery.next_due() == BEGINNING + 0.75 * LONGEST_WAIT


async def test_the_platforms_own_delay_is_obeyed_exactly(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", RetryLaterError("flood", after_seconds=37.5))
    office.post("lea", "un")
    await office.deliver()
    assert await office.delivery.next_due() == BEGINNING + timedelta(seconds=37.5)
    await office.deliver(seconds=37.4)
    assert office.chat.tries("lea") == 1
    await office.deliver(seconds=0.1)
    assert office.chat.texts("lea") == ["un"]


async def test_a_delay_that_a_card_was_asked_for_holds_the_messages_of_its_chat(office: PostOffice, group: int) -> None:
    office.chat.refuse("send", "salon", RetryLaterError("flood", after_seconds=10))
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.post("salon", "bonjour")
    await office.deliver(seconds=9)
    assert office.chat.tries("salon") == 1
    await office.deliver(seconds=1)
    assert office.chat.texts("salon") == ["bonjour", "Rien à valider."]


async def test_an_outage_costs_one_try_per_chat_and_wait(office: PostOffice) -> None:
    office.chat.down = RetryLaterError("no network")
    for number in range(50):
        office.post(f"chat {number}", "un", "deux")
    for _look in range(5):
        await office.deliver()
    assert len(office.chat.tried) == 50
    office.chat.down = None
    await office.deliver(seconds=2)
    assert all(office.chat.texts(f"chat {number}") == ["un", "deux"] for number in range(50))


async def test_patience_survives_a_restart(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", RetryLaterError("busy"), RetryLaterError("busy"))
    office.post("lea", "un")
    await office.deliver()
    office.restart()
    await office.deliver(seconds=1)
    assert office.chat.tries("lea") == 1
    await office.deliver(seconds=1)
    assert await office.delivery.next_due() == office.now + timedelta(seconds=4)


async def test_after_a_day_of_tries_a_message_is_set_aside(office: PostOffice) -> None:
    office.post("lea", "un", "deux")
    office.write(lambda c: c.execute(update(Waiting).where(col(Waiting.id) == 1).values(attempts=MOST_TRIES - 1)))
    office.chat.refuse("send", "lea", RetryLaterError("no network"))
    await office.deliver()
    await office.deliver()
    assert office.chat.texts("lea") == ["deux"]
    assert [row.state for row in office.read(Waiting)] == ["aside"]


async def test_short_delays_the_platform_asks_for_never_set_a_message_aside(office: PostOffice) -> None:
    office.chat.down = RetryLaterError("flood", after_seconds=1)
    office.post("lea", "un")
    for _try in range(5):
        await office.deliver(seconds=1)
    assert [row.attempts for row in office.read(Waiting)] == [0]


async def test_a_message_refused_for_ever_is_set_aside_and_its_chat_goes_on(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", UndeliverableError("can't parse: secret"))
    office.post("lea", "secret", "deux")
    with capture_logs() as logs:
        await office.deliver()
        await office.deliver(hours=1)
    assert office.chat.texts("lea") == ["deux"]
    assert [(row.state, row.reason) for row in office.read(Waiting)] == [("aside", "can't parse: secret")]
    assert "secret" not in str(logs)


async def test_somebody_who_cannot_be_reached_is_marked(office: PostOffice, group: int) -> None:
    office.chat.refuse("send", "lea", UndeliverableError("blocked", unreachable=True))
    office.post("lea", "un")
    await office.deliver()
    states = {row.user: row.state for row in office.read(LinkedAddress)}
    assert (states["lea"], states["bruno"]) == ("unreachable", "linked")


async def test_a_message_no_longer_worth_saying_is_dropped(office: PostOffice) -> None:
    office.post("lea", "ferme demain", useful_until=BEGINNING + timedelta(hours=1))
    office.post("lea", "bonjour")
    office.chat.refuse("send", "lea", RetryLaterError("down", after_seconds=7200))
    await office.deliver()
    await office.deliver(hours=2)
    assert office.chat.texts("lea") == ["bonjour"]
    assert office.rows(Waiting) == 0


async def test_two_ids_that_point_at_each_other_are_not_followed_for_ever(office: PostOffice) -> None:
    there, back = (UndeliverableError("moved", moved_to=chat) for chat in ("b", "a"))
    office.chat.refuse("send", "a", *[there] * MOST_TRIES)
    office.chat.refuse("send", "b", *[back] * MOST_TRIES)
    office.post("a", "un")
    office.write(lambda c: c.execute(update(Waiting).values(attempts=MOST_TRIES - 4)))
    await office.deliver()
    assert [row.state for row in office.read(Waiting)] == ["aside"]


async def test_a_chat_that_moved_to_itself_sets_the_message_aside(office: PostOffice) -> None:
    office.chat.refuse("send", "a", UndeliverableError("moved", moved_to="a"))
    office.post("a", "un", "deux")
    await office.deliver()
    assert office.chat.texts("a") == ["deux"]


async def test_a_bug_in_one_message_is_logged_and_the_chat_goes_on(office: PostOffice) -> None:
    office.chat.refuse("send", "lea", ZeroDivisionError())
    office.post("lea", "un", "deux")
    with capture_logs() as logs:
        await office.deliver()
    assert office.chat.texts("lea") == ["deux"]
    [aside] = office.read(Waiting)
    assert aside.reason == f"bug {next(line['reference'] for line in logs if line['event'] == 'bug')}"
