"""The coordinators' room on Telegram: linked from both sides, its card, privacy mode, topics, a group that moves."""

from __future__ import annotations

from pathlib import Path

from bot.groups.tables import Room
from bot.ledger.tables import PaymentRow
from bot.outbox import CardPlace, Waiting
from tests.emulator.house import House, opened


async def declared(house: House, cheque: str = "/payer 24,50 chèque") -> None:
    """Have Léa declare a payment."""
    await house.says(house.lea, cheque)
    await house.taps(house.lea, "Déclarer")


async def test_a_payment_declared_in_private_is_received_in_the_room(tmp_path: Path) -> None:
    """B20, B21, B43: the card comes to the room that was linked from both sides, is edited in place, Léa is told."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        card = room.last
        assert "Léa" in card.text
        assert card.labels[:3] == ["Reçu", "Autre montant", "Refuser"]
        query = await house.taps(house.camille, "Reçu", room)
        assert "✅" in query.toast
        assert room.last is card
        assert card.edits == 1
        assert "validé par Camille" in card.text
        assert "24,50" in house.lea.last.text
        assert "✅" in house.lea.last.text


async def test_a_second_tap_on_the_card_says_who_did_it(tmp_path: Path) -> None:
    """B21: Sofiane's tap, a moment later, on the card he still sees."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        old, late = house.camille.taps("Reçu", where=room), house.sofiane.taps("Reçu", where=room)
        await house.settle()
        assert "✅" in old.toast
        assert "Camille" in late.toast
        assert [row.state for row in house.read(PaymentRow)] == ["validated"]


async def test_a_member_in_the_room_cannot_use_the_card(tmp_path: Path) -> None:
    """B43: Léa is in the room; the right is checked at every tap."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        query = await house.taps(house.lea, "Reçu", room)
        assert "réservé aux coordinateurs" in query.toast
        assert [row.state for row in house.read(PaymentRow)] == ["declared"]


async def test_another_amount_is_typed_as_a_reply_where_plain_words_are_hidden(tmp_path: Path) -> None:
    """B21, privacy mode: the bot asks with a forced reply; words that reply to nothing never reach it."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        await house.taps(house.camille, "Autre montant", room)
        asked = room.last
        assert (asked.markup or {}).get("force_reply") is True
        heard = len(house.heard)
        await house.says(house.camille, "20", room)
        assert len(house.heard) == heard
        house.camille.replies(asked, "20")
        await house.settle()
        assert [row.state for row in house.read(PaymentRow)] == ["validated"]
        assert "20,00" in house.lea.last.text
        assert "4,50" in house.lea.last.text


async def test_an_answer_nobody_understands_is_asked_for_by_a_reply_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        await house.taps(house.camille, "Autre montant", room)
        house.camille.replies(room.last, "beaucoup")
        await house.settle()
        assert (room.last.markup or {}).get("force_reply") is True
        house.camille.replies(room.last, "annuler")
        await house.settle()
        assert "annulé" in room.last.text
        assert [row.state for row in house.read(PaymentRow)] == ["declared"]


async def test_consent_has_its_buttons_in_a_room(tmp_path: Path) -> None:
    """A question that offers answers is tapped, in a room too."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await house.says(house.camille, "/encaisser Léa 5 liquide", room)
        assert "Oui" in room.last.labels
        await house.taps(house.camille, "Oui", room)
        assert "5,00" in house.lea.last.text


async def test_a_question_typed_after_a_tap_comes_as_a_new_message(tmp_path: Path) -> None:
    """An edited message cannot ask for a reply: « Autre montant » under suggestions is asked anew."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await house.says(house.camille, "/encaisser Léa", room)
        before = room.last
        await house.taps(house.camille, "Autre montant", room)
        assert room.last is not before
        assert (room.last.markup or {}).get("force_reply") is True
        house.camille.replies(room.last, "7")
        await house.settle()
        assert "Liquide" in room.last.labels


async def test_a_room_that_is_not_linked_hears_nothing_but_a_code(tmp_path: Path) -> None:
    """B43: the code shown there is used by a coordinator only, in private."""
    async with opened(tmp_path) as house:
        room = house.town.group("Voisins", house.lea, house.camille)
        room.add_bot(house.lea)
        await house.says(house.lea, "/solde", room)
        assert room.texts == []
        await house.says(house.lea, "/lier", room)
        code = room.last.text.split("/lier ")[1]
        await house.says(house.lea, f"/lier {code}")
        assert "n'est pas" in house.lea.last.text
        assert house.rows(Room) == 0


async def test_commands_for_others_and_words_without_an_author_are_left_alone(tmp_path: Path) -> None:
    """« /solde@OtherBot » is meant for another bot; an anonymous administrator has no account to speak for."""
    async with opened(tmp_path) as house:
        room = await house.room()
        house.api.world.privacy = False
        before = len(room.texts)
        for text in ("/soldes@OtherBot", "bonjour"):
            await house.says(house.camille, text, room)
        room.anonymous_says("/soldes")
        await house.settle()
        assert len(room.texts) == before
        await house.says(house.camille, "/soldes@ardoisebot", room)
        assert len(room.texts) == before + 1


async def test_answers_and_cards_go_to_the_topic_in_which_the_room_was_linked(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        room = await house.room("supergroup", forum=True, topic="Caisse")
        caisse, other = next(iter(room.chat.topics)), room.topic("Potins")
        await declared(house)
        assert room.last.topic == caisse
        house.camille.says("/soldes", room, topic=other)
        await house.settle()
        assert room.last.topic == caisse
        await house.taps(house.camille, "Autre montant", room)
        assert room.last.topic == caisse


async def test_without_its_topic_a_room_is_written_to_all_the_same(tmp_path: Path) -> None:
    """A topic is deleted with two taps: what coordinators are to be told must not go with it."""
    async with opened(tmp_path) as house:
        room = await house.room("supergroup", forum=True, topic="Caisse")
        room.chat.topics.clear()
        await declared(house)
        assert "À valider" in room.last.text
        assert room.last.topic == 0


async def test_a_group_that_becomes_a_supergroup_is_followed(tmp_path: Path) -> None:
    """Its new id is told by a service message; the card is shown there, and kept true."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await declared(house)
        new = room.upgrade(house.camille)
        await house.settle()
        assert [(row.chat, row.active) for row in house.read(Room)] == [(str(new.chat.id), True)]
        await house.taps(house.camille, "Reçu", new)
        assert "validé par Camille" in new.last.text
        await house.says(house.sofiane, "/soldes", new)
        assert "Bruno" in new.last.text


async def test_a_move_nobody_told_of_is_found_out_by_sending(tmp_path: Path) -> None:
    """The 400 that says where the group is now: what waited, and the card, follow."""
    async with opened(tmp_path) as house:
        room = await house.room()
        new = room.upgrade(house.camille, tell=False)
        await declared(house)
        await house.delivery.settle()
        assert "À valider" in new.last.text
        assert [row.chat for row in house.read(CardPlace)] == [str(new.chat.id)]
        assert house.rows(Waiting) == 0


async def test_thrown_out_of_their_room_coordinators_are_told_in_private(tmp_path: Path) -> None:
    """B47: a room where the bot is no more is not theirs any longer; linked again, it is."""
    async with opened(tmp_path) as house:
        room = await house.room()
        room.remove_bot(house.camille)
        await house.settle()
        await declared(house)
        assert "À valider" in house.camille.last.text
        assert "À valider" in house.sofiane.last.text


async def test_a_bot_thrown_out_unseen_finds_out_by_sending(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        room = await house.room()
        room.chat.bot = "kicked"
        await declared(house)
        await declared(house, "/payer 2 chèque")
        assert "À valider" in house.camille.last.text
