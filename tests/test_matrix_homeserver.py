"""Manners on a real homeserver: rooms upgraded, left, crowded; strangers; files enciphered both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from sqlalchemy import select
from sqlmodel import col

from bot.groups.people import Right
from bot.groups.registry import invite
from bot.groups.tables import LinkedAddress, Room
from tests.matrix_house import MatrixHouse, Neighbour, opened
from tests.synapse import Synapse
from tests.test_matrix_handshake import coordinators_room


def states(house: MatrixHouse, user: str) -> list[str]:
    """List the states of somebody's addresses."""
    with house.store.read() as connection:
        return list(
            connection.execute(select(col(LinkedAddress.state)).where(col(LinkedAddress.user) == user)).scalars()
        )


async def test_the_coordinators_room_is_upgraded(synapse: Synapse, tmp_path: Path) -> None:
    """B43: the homeserver makes another room; the bot is invited there, and goes on as if nothing had happened."""
    async with opened(synapse, tmp_path) as house:
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        lea = await house.moves_in("Léa", -2450)
        room = await coordinators_room(house, camille)
        body = {"new_version": "11"}
        said = synapse.call("POST", f"/_matrix/client/v3/rooms/{room}/upgrade", body, camille.friend.token)
        new = str(said["replacement_room"])
        await camille.friend.until(lambda: new in camille.friend.client.rooms)
        await camille.friend.client.room_invite(new, house.bot.user)
        rooms = camille.friend.client.rooms
        await camille.friend.until(lambda: new in rooms and house.bot.user in rooms[new].users)
        await lea.says("!payer 12 chèque")
        await lea.taps(await lea.reads("Déclarer 12"), "Déclarer")
        card = await camille.reads("À valider · 1 sur 1", new)
        await camille.taps(card, "Reçu", new)
        await lea.reads("Camille a reçu 12,00")
        with house.store.read() as connection:
            linked = connection.execute(select(col(Room.chat)).where(col(Room.active))).scalars().all()
        assert linked == [new]


async def test_who_leaves_is_unreachable_and_who_comes_back_is_greeted(synapse: Synapse, tmp_path: Path) -> None:
    """B39."""
    async with opened(synapse, tmp_path) as house:
        lea = await house.moves_in("Léa", -2450)
        await lea.friend.client.room_leave(lea.room)
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        await camille.says("!injoignables")
        await camille.reads("Léa")
        assert states(house, lea.user) == ["unreachable"]
        await house.meets(lea)
        await lea.reads("Bonjour Léa")
        assert states(house, lea.user) == ["linked"]


async def test_strangers_are_told_once_and_the_invited_come_in(synapse: Synapse, tmp_path: Path) -> None:
    """B42: no invitation is out: one line. Then Camille invites Dina, who types what the invitation says."""
    async with opened(synapse, tmp_path) as house:
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        dina = await house.visitor()
        await house.meets(dina)
        await dina.reads("demandez une invitation à un coordinateur")
        assert (await dina.friend.client.get_displayname(house.bot.user)).displayname == "Ardoise"
        await dina.friend.until(lambda: house.bot.user not in dina.friend.client.rooms[dina.room].users)
        await camille.says("!inviter Dina")
        await camille.taps(await camille.reads("Ajouter Dina au groupe"), "Oui")
        invitation = await camille.reads(r"matrix.to/#/@\S+, puis lui écrire : start ")
        code = invitation.body.split("start ")[1].split("\n")[0]
        await house.meets(dina)
        await dina.reads("écrivez !start suivi du code")
        await dina.says(f"start {code}")
        await dina.reads("Bienvenue dans « Les Paniers du Canal », Dina")


async def test_the_first_words_are_heard_though_they_come_before_the_bot(synapse: Synapse, tmp_path: Path) -> None:
    """B42: as Element does, the room is made when the first message is written, enciphered for who is invited."""
    async with opened(synapse, tmp_path) as house:
        code = "abcd-efgh-jkmn"
        house.store.write(lambda c: invite(c, house.group, "Dina", code, datetime.now(UTC), coordinator=False)).result()
        dina = await house.visitor()
        dina.room = await dina.friend.makes_room(house.bot.user, encrypted=True, direct=True)
        await dina.says(f"start {code}")
        await dina.reads("Bienvenue dans « Les Paniers du Canal », Dina")
        assert len(dina.screen()) == 1


async def test_nothing_private_is_said_before_a_third(synapse: Synapse, tmp_path: Path) -> None:
    """B40: in a room of three the bot says nothing of money, and goes on in a room of two."""
    async with opened(synapse, tmp_path) as house:
        lea, eve = await house.moves_in("Léa", -2450), await house.visitor()
        await lea.friend.client.room_invite(lea.room, eve.user)
        await eve.friend.client.join(lea.room)
        await lea.friend.until(lambda: eve.user in lea.friend.client.rooms[lea.room].users)
        before = len(lea.screen())
        await lea.says("!solde")
        await lea.reads("Nous ne sommes plus seuls ici")
        await lea.friend.until(lambda: bool(lea.friend.client.invited_rooms))
        new = next(iter(lea.friend.client.invited_rooms))
        await lea.friend.client.join(new)
        await lea.reads("parlons ici de votre compte", new)
        await lea.says("!solde", new)
        await lea.reads("24,50", new)
        assert len(lea.screen()) == before + 1


async def test_files_go_both_ways_enciphered(synapse: Synapse, tmp_path: Path) -> None:
    """B30, B36: a file of opening balances comes in, the list of balances goes out."""
    async with opened(synapse, tmp_path) as house:
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        lea = await house.moves_in("Léa")
        await sent(camille, "soldes.csv", "nom;montant\nLéa;-8,00\n".encode())
        await camille.taps(await camille.reads("Léa"), "Importer")
        await camille.reads("C'est fait|✅")
        await lea.reads("8,00")
        await camille.says("!soldes")
        await camille.taps(await camille.reads("1 compte"), "Fichier")
        offered = await camille.reads(r"\.(csv|xlsx)$")
        assert offered.content["file"]["v"] == "v2"
        assert b"L" in await received(camille, offered.content)


async def sent(person: Neighbour, name: str, content: bytes) -> None:
    """Send a file, as a client does in an enciphered room."""
    cipher, keys = encrypt_attachment(content)
    found, _none = await person.friend.client.upload(
        lambda *_tries: cipher, content_type="application/octet-stream", filesize=len(cipher)
    )
    file = {**keys, "url": found.content_uri}
    told = {"msgtype": "m.file", "body": name, "file": file, "info": {"size": len(content), "mimetype": "text/csv"}}
    await person.friend.sends(person.room, "m.room.message", told)


async def received(person: Neighbour, content: dict[str, Any]) -> bytes:
    """Fetch a file, as a client does."""
    file = content["file"]
    got = await person.friend.client.download(mxc=file["url"])
    clear: bytes = decrypt_attachment(got.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
    return clear


async def test_a_message_without_its_key_is_said_and_served_when_the_key_comes(
    synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: kindly, once; the command has its effect all the same, later."""
    monkeypatch.setattr("bot.chats.matrix.wire.intake.GRACE_MS", 0)
    async with opened(synapse, tmp_path) as house:
        lea = await house.moves_in("Léa", -2450)
        hand_over = await lea.friend.says_without_key(lea.room, "!historique", "!langue en")
        await lea.reads("Je n'arrive pas à lire un message")
        hand_over()
        await lea.reads("I will speak English|In English|English")
        assert sum("Je n'arrive pas" in seen.body for seen in lea.screen()) == 1
