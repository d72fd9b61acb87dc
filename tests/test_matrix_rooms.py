"""Rooms on Matrix: entered, left, followed; what is private stays between two (B39, B40, B42, B43)."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.chat import RetryLaterError
from bot.chats.matrix.remembered import talks_in
from bot.groups.registry import invite
from bot.groups.tables import LinkedAddress, Room
from bot.ledger.store import Store
from tests.matrix_hall import BOT
from tests.matrix_scene import SALON, MatrixScene, scene_on, user_of

EVE, LEA, CAMILLE = user_of("eve"), user_of("lea"), user_of("camille")


@pytest.fixture
def scene(sqlite_store: Store) -> Generator[MatrixScene]:
    with scene_on(sqlite_store, goes_on=True) as made:
        yield made


def states(scene: MatrixScene, who: str) -> list[str]:
    """List the states of somebody's addresses."""
    theirs = select(col(LinkedAddress.state)).where(col(LinkedAddress.user) == user_of(who))
    with scene.store.read() as connection:
        return list(connection.execute(theirs).scalars())


def invitation(scene: MatrixScene, name: str) -> str:
    """Make an invitation on the host's command line; give its code."""
    code = "abcd-efgh-jkmn"
    scene.store.write(lambda c: invite(c, 1, name, code, scene.now, coordinator=False)).result()
    return code


def test_a_stranger_is_told_once_how_to_come_in(scene: MatrixScene) -> None:
    """One polite line, and the bot goes; after that their invitations are refused."""
    first = scene.hall.room(EVE, direct=True)
    scene.run()
    scene.run()
    assert [said.split(" !")[0] for said in scene.hall.notices(first)] == ["Bonjour"]
    assert BOT not in scene.hall.rooms[first].members
    second = scene.hall.room(EVE, direct=True)
    scene.run()
    scene.run()
    assert scene.hall.screen(second) == []
    assert BOT not in scene.hall.rooms[second].members


def test_who_is_expected_comes_in_by_their_code(scene: MatrixScene) -> None:
    """B42: while an invitation is out, a stranger who wants to talk in private is heard; the code makes them a member."""
    code = invitation(scene, "Dina")
    room = scene.hall.room(user_of("dina"), direct=True)
    scene.run()
    scene.run()
    assert "écrivez !start suivi du code" in scene.hall.last(room).body
    scene.hall.says(user_of("dina"), room, f"start {code}")
    scene.run()
    assert "Bienvenue" in scene.hall.last(room).body
    assert states(scene, "dina") == ["linked"]


def test_who_speaks_at_once_is_not_greeted_as_well(scene: MatrixScene) -> None:
    """Element makes the room when the first message is written: the code is in it already."""
    code = invitation(scene, "Dina")
    room = scene.hall.room(user_of("dina"), direct=True)
    scene.run()
    scene.hall.says(user_of("dina"), room, f"!start {code}")
    scene.run()
    assert len(scene.hall.screen(room)) == 2
    assert "Bienvenue" in scene.hall.last(room).body


def test_a_member_may_bring_the_bot_into_a_room_and_a_stranger_may_not(scene: MatrixScene) -> None:
    ours, theirs = scene.hall.room(LEA, name="Voisins"), scene.hall.room(EVE, name="Spam")
    for _round in range(2):
        scene.run()
    assert scene.hall.rooms[ours].members[BOT] is False
    assert BOT not in scene.hall.rooms[theirs].members


def test_entering_is_tried_again_when_the_homeserver_is_busy(scene: MatrixScene) -> None:
    scene.hall.refuse("join", RetryLaterError("busy", after_seconds=0.01))
    room = scene.hall.room(LEA, direct=True)
    scene.run()
    scene.run()
    assert "Bonjour Léa" in scene.hall.last(room).body


def test_a_room_is_made_for_whoever_has_none(scene: MatrixScene) -> None:
    """Their rooms are lost, or all people's are: they are invited to a new one, which is remembered."""
    del scene.hall.rooms[scene.room("bruno")]
    scene.says("camille", "/encaisser Bruno 5 liquide")
    scene.says("camille", "oui")
    made = next(room for room in scene.hall.rooms.values() if room.members.get(user_of("bruno")))
    assert "5,00" in made.said[-1].body
    scene.says("camille", "/encaisser Bruno 6 liquide")
    scene.says("camille", "oui")
    assert "6,00" in made.said[-1].body


def test_nothing_private_is_said_where_somebody_else_reads(scene: MatrixScene) -> None:
    """B40: Léa invites a friend into the room; what is told of money afterwards comes in a room of its own."""
    room = scene.room("lea")
    scene.hall.enters(EVE, room)
    scene.says("camille", "/encaisser Léa 5 liquide")
    scene.says("camille", "oui")
    scene.hall.says(LEA, room, "!solde")
    scene.run()
    said = [said.body.split(" :")[0] for said in scene.hall.screen(room) if said.sender == BOT]
    assert said == ["Nous ne sommes plus seuls ici"]
    made = next(r for r in scene.hall.rooms.values() if set(r.members) == {LEA, BOT} and r.id != room)
    assert "5,00" in made.said[0].body


def test_who_leaves_is_unreachable_until_they_come_back(scene: MatrixScene) -> None:
    """B39: nobody is invited again who has left; who speaks to the bot in another room is there again."""
    scene.says("lea", "/solde")
    old = scene.room("lea")
    scene.hall.leaves(LEA, old)
    scene.run()
    assert states(scene, "lea") == ["unreachable"]
    assert BOT not in scene.hall.rooms[old].members
    rooms = len(scene.hall.rooms)
    scene.says("camille", "/encaisser Léa 5 liquide")
    scene.says("camille", "oui")
    assert len(scene.hall.rooms) == rooms
    new = scene.hall.room(LEA, direct=True)
    scene.run()
    scene.run()
    assert states(scene, "lea") == ["linked"]
    assert "Bonjour Léa" in scene.hall.last(new).body


def test_an_invitation_that_is_refused_is_a_refusal_to_be_written_to(scene: MatrixScene) -> None:
    del scene.hall.rooms[scene.room("bruno")]
    scene.says("camille", "/encaisser Bruno 5 liquide")
    scene.says("camille", "oui")
    made = next(room for room in scene.hall.rooms.values() if room.members.get(user_of("bruno")))
    scene.hall.leaves(user_of("bruno"), made.id)
    scene.run()
    assert states(scene, "bruno") == ["unreachable"]


def test_shown_the_door_of_the_coordinators_room_they_are_told_in_private(scene: MatrixScene) -> None:
    scene.hall.removes_bot(CAMILLE, SALON)
    scene.run()
    scene.unheard()
    scene.says("lea", "/payer 10 chèque")
    scene.says("lea", "oui")
    assert {shown.place.chat for shown in scene.unheard()} == {"lea", "camille", "sofiane"}


def test_an_upgraded_room_is_followed_with_its_card(scene: MatrixScene) -> None:
    """The new room is entered when it is open to us; what is to be decided is shown there, and tapped there."""
    scene.says("lea", "/payer 10 chèque")
    scene.says("lea", "oui")
    new = scene.hall.upgrades(CAMILLE, SALON)
    for _round in range(3):
        scene.run()
    scene.now += timedelta(seconds=30)
    scene.run()
    assert linked(scene) == {new}
    card = scene.hall.last(new)
    assert "À valider" in card.body
    scene.hall.reacts(CAMILLE, new, card.id, "1️⃣")
    scene.run()
    assert "validé par Camille" in card.body


def test_an_upgraded_room_of_two_goes_on_where_they_are_alone(scene: MatrixScene) -> None:
    scene.says("lea", "/solde")
    new = scene.hall.upgrades(LEA, scene.room("lea"))
    for _round in range(3):
        scene.run()
    scene.says("camille", "/encaisser Léa 5 liquide")
    scene.says("camille", "oui")
    assert "5,00" in scene.hall.last(new).body


def linked(scene: MatrixScene) -> set[str]:
    """List the coordinators' rooms."""
    with scene.store.read() as connection:
        return set(connection.execute(select(col(Room.chat)).where(col(Room.active))).scalars())


def test_a_room_is_linked_from_both_sides_even_before_the_others_come(scene: MatrixScene) -> None:
    """B43: Camille alone in a room with a name asks for its code there, and writes it in private."""
    room = scene.hall.room(CAMILLE, name="Compta")
    scene.run()
    scene.run()
    scene.hall.says(CAMILLE, room, "!lier")
    scene.run()
    code = re.search(r"!lier (\S+)", scene.hall.last(room).body)
    assert code
    scene.says("camille", f"/lier {code[1]}")
    scene.taps("camille", "Oui")
    assert "celui des coordinateurs" in scene.hall.last(room).body
    assert linked(scene) == {SALON, room}
    scene.hall.says(CAMILLE, room, "!solde")
    scene.run()
    assert scene.hall.last(room).body.startswith("Dans «")


def test_what_is_private_leaves_a_room_that_becomes_the_coordinators(scene: MatrixScene) -> None:
    """B40: Camille talked there, alone; from now on others will read it."""
    room = scene.hall.room(CAMILLE, name="Compta")
    scene.run()
    scene.run()
    scene.hall.says(CAMILLE, room, "!solde")
    scene.run()
    scene.hall.says(CAMILLE, room, "!solde")
    other = scene.hall.room(CAMILLE, name="Caisse")
    for said in ("!solde", "!aide"):
        scene.hall.says(CAMILLE, other, said)
    scene.run()
    scene.run()
    scene.hall.says(CAMILLE, room, "!lier")
    scene.run()
    code = re.search(r"!lier (\S+)", scene.hall.last(room).body)
    assert code
    scene.hall.says(CAMILLE, other, f"!lier {code[1]}")
    scene.run()
    scene.hall.says(CAMILLE, other, "1")
    scene.run()
    scene.store.write(lambda connection: talks_in(connection, CAMILLE, room)).result()
    before = len(scene.hall.screen(room))
    scene.says("sofiane", "/encaisser Camille 5 liquide")
    scene.says("sofiane", "oui")
    assert len(scene.hall.screen(room)) == before


def test_a_room_that_is_not_linked_hears_nothing(scene: MatrixScene) -> None:
    """B40, B43: balances are not told where the group is not known."""
    room = scene.hall.room(LEA, user_of("bruno"), name="Voisins", joined=True)
    for said in ("!solde", "bonjour", "1"):
        scene.hall.says(LEA, room, said)
    scene.run()
    assert [said.sender for said in scene.hall.screen(room)] == [LEA] * 3


def test_answers_go_to_the_room_in_which_one_wrote_last(scene: MatrixScene) -> None:
    """Somebody with two rooms for the two of us is answered where they are."""
    other = scene.hall.room(LEA, joined=True)
    scene.hall.says(LEA, other, "!solde")
    scene.run()
    assert "24,50" in scene.hall.last(other).body
    scene.says("lea", "/solde")
    assert "24,50" in scene.hall.last(scene.room("lea")).body


@pytest.mark.parametrize("empty", [False, True], ids=["with buttons", "with none left"])
def test_a_card_taken_away_by_somebody_is_shown_again(scene: MatrixScene, *, empty: bool) -> None:
    if empty:
        scene.says("camille", "/valider", "salon")
    else:
        scene.says("lea", "/payer 10 chèque")
        scene.says("lea", "oui")
    card = scene.hall.last(SALON)
    assert bool(card.signs()) is not empty
    scene.hall.deletes(CAMILLE, SALON, card.id)
    scene.run()
    scene.says("bruno", "/payer 5 chèque")
    scene.says("bruno", "oui")
    again = scene.hall.last(SALON)
    assert again.id != card.id
    assert "À valider" in again.body
