"""Members on Telegram: joining by a link, paying by buttons, being told; what is edited, what is said beside a button."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.groups.tables import LinkedAddress
from bot.ledger.tables import PaymentRow
from tests.emulator import NoSuchButtonError
from tests.emulator.house import opened


async def test_an_invitation_is_opened_by_its_link(tmp_path: Path) -> None:
    """B42: Dina opens the link once; the same link then opens nothing for anybody else."""
    async with opened(tmp_path) as house:
        dina, eve = house.town.person("Dina", language="en"), house.town.person("Eve")
        code = house.invitation("Dina")
        dina.joins(code)
        await house.settle()
        assert "Welcome" in dina.last.text
        assert dina.last.labels
        eve.joins(code)
        await house.settle()
        assert "n'est plus valable" in eve.last.text


async def test_a_stranger_is_told_how_to_come_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.says(eve := house.town.person("Eve"), "bonjour")
        assert "invitation" in eve.last.text


async def test_a_cheque_is_declared_by_buttons_in_one_message(tmp_path: Path) -> None:
    """B20: each tap is answered, and edits the question into the next one; the end offers to withdraw."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer")
        await house.taps(house.lea, "24,50\xa0€")
        await house.taps(house.lea, "Chèque")
        await house.taps(house.lea, "Déclarer")
        assert len(house.lea.texts) == 1
        assert "24,50" in house.lea.last.text
        assert "Retirer" in house.lea.last.labels
        assert house.rows(PaymentRow) == 1


async def test_a_second_tap_on_a_button_changes_nothing_and_is_answered(tmp_path: Path) -> None:
    """B46: two taps on « Déclarer » arrive; one payment is declared."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer 12 chèque")
        first, second = house.lea.taps("Déclarer"), house.lea.taps("Déclarer")
        await house.settle()
        assert house.rows(PaymentRow) == 1
        assert first.answered
        assert second.toast


async def test_a_tap_on_a_message_too_old_to_be_read_is_served(tmp_path: Path) -> None:
    """Of an old message Telegram gives the id only; the answer edits it all the same, or comes below it."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/solde")
        old = house.lea.last
        data = str((old.markup or {})["inline_keyboard"][0][0]["callback_data"])
        del house.lea.chat.messages[old.id]
        query = house.lea.forges(data, old, inaccessible=True)
        await house.settle()
        assert query.answered
        assert house.lea.texts


async def test_an_answer_that_comes_too_late_for_its_tap_is_given_in_the_chat(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer 12 chèque")
        query = house.lea.taps("Déclarer")
        query.old = True
        await house.settle()
        assert not query.answered
        assert house.rows(PaymentRow) == 1
        assert "12,00" in house.lea.last.text


async def test_forged_data_is_answered_and_does_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/solde")
        query = house.lea.forges("drop table", house.lea.last)
        await house.settle()
        assert query.toast == "Je ne connais pas ce bouton."
        with pytest.raises(NoSuchButtonError):
            house.lea.taps("Drop table")


async def test_who_blocks_the_bot_is_unreachable_until_they_come_back(tmp_path: Path) -> None:
    """B39: seen at once when they block it; reachable again as soon as they write."""
    async with opened(tmp_path) as house:

        def states() -> dict[str, str]:
            return {row.chat: row.state for row in house.read(LinkedAddress)}

        me = str(house.lea.chat.id)
        house.lea.blocks()
        await house.settle()
        assert states()[me] == "unreachable"
        await house.says(house.lea, "/solde")
        assert states()[me] == "linked"
        assert house.lea.texts


async def test_a_block_that_was_not_announced_is_found_out_by_sending(tmp_path: Path) -> None:
    """B39, B47: the message that is refused is set aside, the others go on."""
    async with opened(tmp_path) as house:
        house.bruno.chat.bot = "kicked"
        house.bruno.api.updates.allow(["message"])
        await house.says(house.camille, "/encaisser Bruno 5 chèque")
        await house.taps(house.camille, "Oui")
        await house.says(house.lea, "/solde")
        states = {row.chat: row.state for row in house.read(LinkedAddress)}
        assert states[str(house.bruno.chat.id)] == "unreachable"
        assert house.lea.texts


async def test_what_is_no_text_gets_a_sentence_in_private(tmp_path: Path) -> None:
    """B48: a sticker is answered; a pinned message is not, since nobody said anything."""
    async with opened(tmp_path) as house:
        sticker = {
            "file_id": "S", "file_unique_id": "s", "type": "regular", "width": 9, "height": 9, "is_animated": False,
            "is_video": False,
        }  # fmt: skip
        house.lea.sends_odd(sticker=sticker)
        await house.settle()
        assert house.lea.texts == ["Je ne sais lire que du texte et des fichiers."]
        house.lea.sends_odd(pinned_message=house.lea.last.json(deep=False))
        house.lea.sends_odd(location={"latitude": 48.9, "longitude": 2.4})
        await house.settle()
        assert len(house.lea.texts) == 2


async def test_what_concerns_nobody_is_acknowledged(tmp_path: Path) -> None:
    """Edited messages, channels, other bots, unknown kinds, updates nobody can read: none holds up the next one."""
    async with opened(tmp_path) as house:
        api = house.api
        said = house.lea.says("/solde")
        await house.settle()
        for kind in ("edited_message", "channel_post", "edited_channel_post"):
            api.updates.add(kind, said.json(), forced=True)
        bot_says = said.json() | {"from": {"id": 9, "is_bot": True, "first_name": "Robot"}}
        api.updates.add("message", bot_says)
        api.updates.add("a_kind_of_tomorrow", {"anything": [1]}, forced=True)
        api.updates.add("message", {"message_id": "not a message"})
        api.updates.add("callback_query", {"id": "q", "from": house.lea.user.json(), "data": "x", "chat_instance": "1"})
        house.bruno.says("/solde")
        await house.settle()
        assert len(house.bruno.texts) == 1
        assert len(house.lea.texts) == 1
        assert not api.updates.waiting
