"""Element's own library and crypto, which gives keys to signed devices only: with it people and the bot read each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.groups.people import Right
from tests.matrix_element import Element, element
from tests.matrix_friend import Ear, listening
from tests.matrix_house import opened
from tests.synapse import Registered, Synapse

pytestmark = pytest.mark.soak


async def meet(lea: Element, bot: str, ear: Ear) -> str:
    room = await lea.makes_room(bot)
    await ear.until(lambda: any(found.room == room for batch in ear.batches for found in batch.invitations))
    return room


async def test_a_signed_bot_and_element_read_each_other(synapse: Synapse, tmp_path: Path) -> None:
    bot, ear = synapse.register(), Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire, element(synapse, synapse.register()) as lea:
        assert wire.signed
        room = await meet(lea, bot.user, ear)
        await wire.join(room)
        await lea.until(lambda told: told.get("type") == "m.room.member" and told["content"]["membership"] == "join")
        await lea.asks(say="!solde", room=room)
        await ear.until(lambda: ear.texts(room) == ["!solde"])
        assert [event.encrypted for event in ear.events if event.kind == "m.room.message"] == [True]
        sent = await wire.send(room, {"msgtype": "m.text", "body": "à l'équilibre"}, "first")
        heard = await lea.reads("équilibre", bot.user)
        assert (heard["event"], heard["encrypted"], heard["unreadable"]) == (sent, True, False)


async def test_a_bot_that_is_not_signed_is_deaf_and_says_that_it_cannot_read(
    synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why it signs itself: this is what would happen else."""

    async def leave_it(*_given: object, **_named: object) -> bool:
        return False

    monkeypatch.setattr("bot.chats.matrix.wire.wire.Identity.sign_device", leave_it)
    bot, ear = synapse.register(), Ear()
    async with listening(synapse, bot, tmp_path / "bot", ear) as wire, element(synapse, synapse.register()) as lea:
        room = await meet(lea, bot.user, ear)
        await wire.join(room)
        await lea.until(lambda told: told.get("sender") == bot.user)
        await lea.asks(say="!solde", room=room)
        await ear.until(lambda: any(not event.readable for event in ear.events))
        assert ear.texts(room) == []


async def test_a_member_with_element_declares_a_payment_by_words_and_reactions(
    synapse: Synapse, tmp_path: Path
) -> None:
    async with opened(synapse, tmp_path) as house:
        person: Registered = synapse.register()
        house.adds("Léa", -2450, Right.MEMBER, "matrix", person.user)
        async with element(synapse, person) as lea:
            room = await lea.makes_room(house.bot.user)
            await lea.until(lambda told: told.get("sender") == house.bot.user)
            await lea.asks(say="!payer 24,50 chèque", room=room)
            asked = await lea.reads("par chèque ?", house.bot.user)
            await lea.asks(react="1\ufe0f\u20e3", to=asked["event"], room=room)
            await lea.reads("C'est noté", house.bot.user)
        assert house.audited() == []
