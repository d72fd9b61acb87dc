"""The whole handshake on a real homeserver, in enciphered rooms: declared, shown, received otherwise, told; and across two chats."""

from __future__ import annotations

import re
from pathlib import Path

from bot.groups.people import Right
from tests.emulator import BotApi, Town
from tests.matrix_house import MatrixHouse, Neighbour, opened
from tests.synapse import Synapse


async def coordinators_room(house: MatrixHouse, camille: Neighbour) -> str:
    """Have the coordinators' room linked from both sides."""
    room = await camille.friend.makes_room(house.bot.user, encrypted=True, name="Coordination")
    await camille.friend.until(lambda: house.bot.user in camille.friend.client.rooms[room].users)
    await camille.reads("celui des coordinateurs, écrivez-y !lier", room)
    await camille.says("!lier", room)
    shown = await camille.reads("Code de ce salon", room)
    code = re.search(r"!lier (\S+)", shown.body)
    assert code
    await camille.says(f"!lier {code[1]}")
    await camille.taps(await camille.reads("deviendra celui"), "Oui")
    await camille.reads("Ce salon est maintenant celui des coordinateurs", room)
    return room


async def test_declared_received_otherwise_and_told(synapse: Synapse, tmp_path: Path) -> None:
    """B20, B21: Léa declares 24,50 €, Camille has received 20 €, Léa is told; every room is enciphered."""
    async with opened(synapse, tmp_path) as house:
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        lea = await house.moves_in("Léa", -2450)
        room = await coordinators_room(house, camille)
        await lea.says("payer")
        question = await lea.reads("Combien avez-vous payé")
        await lea.taps(question, "24,50 €")
        await lea.says("chèque")
        await lea.taps(await lea.reads("Déclarer 24,50"), "Déclarer")
        await lea.reads("C'est noté")
        assert await lea.reads("question close")
        card = await camille.reads(r"À valider · 1 sur 1", room)
        await camille.taps(card, "Autre montant", room)
        asked = await camille.reads("Combien", room)
        await camille.says("20", room, **{"m.relates_to": {"m.in_reply_to": {"event_id": asked.id}}})
        told = await lea.reads("Camille a reçu votre chèque de 20,00|Camille a reçu 20,00")
        assert "4,50" in told.body
        done = await camille.reads("validé par Camille", room)
        assert (done.id, done.edits > 0) == (card.id, True)
        assert house.audited() == []
        texts = [event for _room, event in [*lea.friend.events, *camille.friend.events] if hasattr(event, "body")]
        assert all(event.decrypted for event in texts)


async def test_a_member_on_matrix_and_the_coordinators_on_telegram(synapse: Synapse, tmp_path: Path) -> None:
    """One process, both chats: declared on the one, received on the other, told on the first."""
    async with BotApi() as api:
        town = Town(api)
        camille, sofiane = town.person("Camille"), town.person("Sofiane")
        async with opened(synapse, tmp_path, api) as house:
            for name, person in (("Camille", camille), ("Sofiane", sofiane)):
                person.chat.bot = "member"
                house.adds(name, 0, Right.TREASURY, "telegram", str(person.user.id))
            lea = await house.moves_in("Léa", -2450)
            await lea.says("!payer 24,50 chèque")
            await lea.taps(await lea.reads("Déclarer 24,50"), "Déclarer")
            await lea.reads("C'est noté")
            await api.until(lambda: all("À valider" in "".join(person.texts) for person in (camille, sofiane)))
            camille.taps("Reçu")
            await lea.reads("Camille a reçu 24,50")
            await api.until(lambda: "validé par Camille" in sofiane.last.text)
            assert house.audited() == []


async def test_one_person_on_both_and_a_room_on_each(synapse: Synapse, tmp_path: Path) -> None:
    """B21, B42: Léa's Telegram is confirmed from Matrix; she is told where she wrote last; both rooms' cards stay in step."""
    async with BotApi() as api:
        town = Town(api)
        sofiane, lea_too = town.person("Sofiane"), town.person("Léa")
        async with opened(synapse, tmp_path, api) as house:
            sofiane.chat.bot = "member"
            house.adds("Sofiane", 0, Right.TREASURY, "telegram", str(sofiane.user.id))
            camille = await house.moves_in("Camille", right=Right.TREASURY)
            lea = await house.moves_in("Léa", -2450)
            room, group = await coordinators_room(house, camille), town.group("Coordination", sofiane)
            group.add_bot(sofiane)
            sofiane.says("/lier", group)
            await api.until(lambda: "Code de ce salon" in "".join(group.texts))
            sofiane.says(group.last.text[group.last.text.rindex("/lier ") :])
            await api.until(lambda: bool(sofiane.texts) and "deviendra celui" in sofiane.last.text)
            sofiane.taps("Oui")
            await api.until(lambda: "celui des coordinateurs" in group.last.text)

            await lea.says("!lier")
            invitation = await lea.reads("Sur votre autre téléphone")
            code = re.search(r"start=(\S+)", invitation.body)
            assert code
            assert f"https://matrix.to/#/{house.bot.user}" in invitation.body
            lea_too.joins(code[1])
            await lea.taps(await lea.reads("Un nouvel appareil demande"), "C'est moi")
            await lea.reads("vos deux appareils parlent pour vous")
            await api.until(lambda: "Bienvenue" in "".join(lea_too.texts))

            lea_too.says("/payer 10 chèque")
            await api.until(lambda: "Déclarer 10,00" in lea_too.last.text)
            lea_too.taps("Déclarer")
            card = await camille.reads("À valider · 1 sur 1", room)
            await api.until(lambda: "À valider · 1 sur 1" in group.last.text)
            await camille.taps(card, "Reçu", room)
            await api.until(lambda: "validé par Camille" in group.last.text)
            assert (await camille.reads("validé par Camille", room)).id == card.id, camille.screen(room)
            await api.until(lambda: "Camille a reçu 10,00" in lea_too.last.text)
            await lea.says("!solde")
            answer = await lea.reads("14,50")
            assert not any("a reçu" in seen.body for seen in lea.screen()), answer.body
            assert house.audited() == []
