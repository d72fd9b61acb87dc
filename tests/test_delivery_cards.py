"""Cards are kept true where they are shown, and follow a chat that moves: B20, B47."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlmodel import col
from structlog.testing import capture_logs

from bot import outbox
from bot.cards import PENDING
from bot.chat import Message, Place, RetryLaterError, UndeliverableError
from bot.delivery.work import MOST_AT_ONCE
from bot.groups.tables import Member, Room
from bot.ledger.store import Store
from bot.outbox import CardPlace, Letter
from tests.fake_chat import PLATFORM
from tests.post_office import SALON, PostOffice, declare, show_card

RETIRED = "À valider : voir plus bas."


@pytest.fixture
async def office(store: Store) -> PostOffice:
    return PostOffice(store)


@pytest.fixture
async def group(office: PostOffice) -> int:
    return office.people()


async def test_a_card_is_edited_in_place_and_many_changes_are_one_edit(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    assert office.chat.texts("salon") == ["Rien à valider."]
    for key in ("a", "b", "c"):
        office.write(lambda c, key=key: declare(c, group, key))  # type: ignore[misc]
    await office.deliver()
    [shown] = office.chat.screens["salon"]
    assert (shown.edits, shown.message.text.partition("\n")[0]) == (1, "À valider · 1 sur 3")
    await office.deliver(hours=1)
    assert office.chat.tries("salon") == 2


async def test_a_card_brought_back_is_sent_anew_and_the_old_one_points_to_it(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.now += timedelta(minutes=6)
    office.write(lambda c: outbox.bring_card_back(c, group=group, name=PENDING, now=office.now))
    office.post("salon", "bonjour")
    await office.deliver()
    assert office.chat.texts("salon") == [RETIRED, "bonjour", "Rien à valider."]
    [place] = office.read(CardPlace)
    assert (place.message, place.resend, place.sent_at) == ("3", False, office.now)


async def test_a_card_comes_back_to_the_bottom_at_most_every_five_minutes(office: PostOffice, group: int) -> None:
    """B20: meanwhile it is edited where it is."""
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    for minutes, key in ((1, "a"), (3, "b"), (0.99, "c"), (0.01, "d"), (4, "e"), (1, "f")):
        office.now += timedelta(minutes=minutes)
        office.post("salon", key)
        office.write(lambda c, key=key: declare(c, group, key))  # type: ignore[misc]
        office.write(lambda c: outbox.bring_card_back(c, group=group, name=PENDING, now=office.now))
        await office.deliver()
    shown = [text.partition("\n")[0] for text in office.chat.texts("salon")]
    assert shown == [RETIRED, "a", "b", "c", "d", RETIRED, "e", "f", "À valider · 1 sur 6"]


async def test_a_card_is_sent_though_its_old_one_cannot_be_retired(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.chat.refuse("edit", "salon", RetryLaterError("flood"))
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    assert office.chat.texts("salon") == ["Rien à valider."] * 2
    assert await office.delivery.next_due() is None


async def test_a_card_that_was_deleted_is_sent_again(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.chat.lose("salon", "1")
    office.write(lambda c: declare(c, group, "a"))
    await office.deliver()
    assert [text.partition("\n")[0] for text in office.chat.texts("salon")] == ["À valider · 1 sur 1"]
    assert office.chat.tried[-2:] == [("edit", "salon"), ("send", "salon")]


async def test_what_changes_while_a_card_is_sent_is_shown_next(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    office.chat.hold("salon")
    settling = asyncio.create_task(office.deliver())
    await office.chat.until(lambda: bool(office.chat.tried))
    await asyncio.wrap_future(office.store.write(lambda c: declare(c, group, "a")))
    await asyncio.wrap_future(office.store.write(lambda c: show_card(c, group)))
    office.chat.release("salon")
    await settling
    heads = [text.partition("\n")[0] for text in office.chat.texts("salon")]
    assert heads == [RETIRED, "À valider · 1 sur 1"]


async def test_a_card_waits_behind_the_messages_of_its_chat(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    office.post("salon", *(str(number) for number in range(MOST_AT_ONCE + 1)))
    await office.deliver()
    assert office.chat.texts("salon")[-2:] == [str(MOST_AT_ONCE), "Rien à valider."]


async def test_a_card_that_cannot_be_drawn_is_tried_again_when_it_next_changes(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    office.write(lambda c: c.execute(update(CardPlace).values(language="xx")))
    office.chat.refuse("send", "salon", ZeroDivisionError())
    with capture_logs():
        await office.deliver()
        await office.deliver(hours=1)
    assert office.chat.texts("salon") == []
    office.write(lambda c: declare(c, group, "a"))
    await office.deliver()
    assert len(office.chat.texts("salon")) == 1


async def test_a_chat_that_moved_is_followed_with_its_room_and_card(office: PostOffice, group: int) -> None:
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.chat.refuse("send", "salon", UndeliverableError("moved", moved_to="grand salon"))
    office.post_all([Letter(SALON, Message("un")), Letter(SALON, Message("deux"))])
    await office.deliver()
    assert office.chat.texts("grand salon") == ["un", "deux", "Rien à valider."]
    assert [row.chat for row in office.read(Room)] == ["grand salon"]
    assert [row.chat for row in office.read(CardPlace)] == ["grand salon"]


async def test_a_card_left_in_a_chat_that_moved_joins_the_one_that_is_there(office: PostOffice, group: int) -> None:
    new = {
        "platform": PLATFORM,
        "chat": "grand salon",
        "topic": "",
        "group_id": group,
        "active": True,
        "language": "fr",
    }
    office.write(lambda c: c.execute(insert(Room), new))
    office.write(lambda c: show_card(c, group))
    office.write(lambda c: show_card(c, group, Place(PLATFORM, "grand salon", private=False)))
    office.chat.refuse("send", "salon", *[UndeliverableError("moved", moved_to="grand salon")] * 9)
    await office.deliver()
    assert office.chat.tries("salon") == 1
    assert [row.chat for row in office.read(CardPlace)] == ["grand salon"]
    assert office.chat.texts("grand salon") == ["Rien à valider."]


@pytest.mark.parametrize("resend", [True, False])
async def test_a_card_where_nobody_may_read_it_any_more_is_taken_away(
    office: PostOffice, group: int, *, resend: bool
) -> None:
    """B40: the right is looked up when the card is drawn."""
    private = Place(PLATFORM, "camille")
    office.write(lambda c: show_card(c, group, private))
    await office.deliver()
    office.write(lambda c: c.execute(update(Member).where(col(Member.name) == "Camille").values(right="member")))
    office.write(lambda c: declare(c, group, "a"))
    if resend:
        office.write(lambda c: show_card(c, group, private))
    await office.deliver()
    assert office.chat.texts("camille") == ["Cette liste ne vous est plus montrée : vos droits ont changé."]
    assert office.rows(CardPlace) == 0


async def test_a_card_asked_for_where_nobody_may_read_it_is_never_shown(office: PostOffice, group: int) -> None:
    """B40"""
    office.write(lambda c: show_card(c, group, Place(PLATFORM, "lea")))
    office.write(lambda c: show_card(c, group, Place(PLATFORM, "a room of nobody's", private=False)))
    await office.deliver()
    assert not office.chat.tried
    assert office.rows(CardPlace) == 0


async def test_each_showing_of_a_card_has_a_token_of_its_own_until_it_is_noted(office: PostOffice, group: int) -> None:
    """B47: the same card brought back is a message of its own; the same send tried again is not."""
    office.write(lambda c: show_card(c, group))
    office.chat.refuse("send", "salon", RetryLaterError("no answer"))
    await office.deliver()
    await office.deliver(hours=1)
    office.now += timedelta(minutes=6)
    office.write(lambda c: outbox.bring_card_back(c, group=group, name=PENDING, now=office.now))
    await office.deliver()
    refused, sent, back, _retired = office.chat.tokens
    assert refused == sent != back


async def test_a_card_that_changes_after_a_crash_in_its_sending_is_still_one_message(
    office: PostOffice, group: int
) -> None:
    """B47: the send of before is tried again under its own token; what has changed since is an edit of it."""
    office.chat.once = True
    office.write(lambda c: show_card(c, group))
    office.chat.lose_answer("salon")
    await office.deliver()
    office.restart()
    office.write(lambda c: declare(c, group, "a"))
    await office.deliver(hours=1)
    [shown] = office.chat.screens["salon"]
    assert (shown.edits, shown.message.text.partition("\n")[0]) == (1, "À valider · 1 sur 1")


async def test_a_card_brought_back_that_changes_after_a_crash_comes_back_once(office: PostOffice, group: int) -> None:
    """B20, B47: wished back to the bottom, sent, not noted; then something else is declared."""
    office.chat.once = True
    office.write(lambda c: show_card(c, group))
    await office.deliver()
    office.now += timedelta(minutes=6)
    office.write(lambda c: outbox.bring_card_back(c, group=group, name=PENDING, now=office.now))
    office.chat.lose_answer("salon")
    await office.deliver()
    office.restart()
    office.write(lambda c: declare(c, group, "a"))
    await office.deliver(hours=1)
    shown = [text.partition("\n")[0] for text in office.chat.texts("salon")]
    assert shown == [RETIRED, "À valider · 1 sur 1"]
