"""Buttons that are forged, other people's, or of another group; rooms; strangers: B1, B21, B43, B48."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from bot.chat import Address, Place
from bot.groups import apply as people_apply
from bot.groups.apply import GroupChosen
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.groups.tables import LinkedAddress, Member, Room
from bot.groups.voices import room_at
from bot.ledger import journal
from bot.ledger.facts import Fact, Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from tests.transcripts import Scene

Play = Callable[[], Scene]

COORDINATORS_BUTTONS = ["k:valider recu {n}.0", "k:valider autre {n}.0", "k:valider refuser {n}.0", "e:soldes 1"]


def facts(scene: Scene) -> int:
    with scene.store.read() as connection:
        return connection.execute(select(func.count()).select_from(FACT)).scalar_one()


def declared(scene: Scene) -> int:
    """Have Léa declare a cheque; give its number."""
    scene.says("lea", "/payer 20 chèque")
    scene.taps("lea", "Déclarer")
    scene.unheard()
    return facts(scene)


@pytest.mark.parametrize("button", COORDINATORS_BUTTONS)
@pytest.mark.parametrize("place", ["", "salon"])
def test_a_coordinators_button_does_nothing_for_a_member(scene: Scene, button: str, place: str) -> None:
    """B43: rights are checked on every tap, in private and in the room."""
    number = declared(scene)
    for who in ("lea", "bruno"):
        scene.taps_data(who, button.format(n=number), place)
        told = scene.told(place or who)
        assert "est réservé aux coordinateurs du groupe" in (scene.toast or told[-1])
    assert facts(scene) == number


@pytest.mark.parametrize("button", COORDINATORS_BUTTONS)
def test_a_button_of_the_room_does_nothing_for_a_stranger(scene: Scene, button: str) -> None:
    """B43: being in a room gives no right."""
    number = declared(scene)
    scene.taps_data("eve", button.format(n=number), "salon")
    assert (scene.toast, scene.unheard(), facts(scene)) == ("", [], number)
    scene.taps_data("eve", button.format(n=number))
    assert scene.said("eve").startswith("Bonjour ! Je suis Ardoise")
    assert facts(scene) == number


def test_a_double_tap_validates_once_and_says_who_did_it(scene: Scene) -> None:
    """B21: a second tap, by anyone, ever, changes nothing."""
    number = declared(scene)
    for who in ("camille", "camille", "sofiane"):
        scene.taps_data(who, f"k:valider recu {number}.0", "salon")
    assert scene.toast == "C'est déjà validé par Camille, mardi 24 novembre à 18\u00a0h. Rien n'a changé."
    assert facts(scene) == number + 1
    assert len(scene.told("lea")) == 1


def test_another_persons_answer_button_is_not_taken_for_ones_own(scene: Scene) -> None:
    """In a room everybody sees the buttons of a question put to one."""
    scene.says("camille", "/encaisser Léa 20 chèque", "salon")
    consent = scene.button("camille", "Oui", "salon")
    scene.tap_again("sofiane", consent, "salon")
    assert scene.toast == "Ce bouton a déjà servi, ou n'est pas pour vous."
    scene.says("sofiane", "/rembourser Bruno 1 liquide", "salon")
    scene.tap_again("sofiane", consent, "salon")
    assert scene.toast == "C'est déjà noté : répondez à la dernière question."
    before = facts(scene)
    scene.tap_again("camille", consent, "salon")
    assert facts(scene) == before + 1


RANDOM = Random(7)
FORGED = [
    *("", ":", "a", "a:", "a:1", "a:1.", "a:1.0:yes", "a:1.00000000:!cancel", "a:-1.x:yes", "a:9999999999.x:y"),
    *("z:solde", "c", "c:", "c: ", "k:", "e:", "c999999999:solde", "c9999999999:solde", "c-1:solde", "k1:valider"),
    *("k:valider recu", "k:valider recu x.y", "k:valider recu 99.99", "k:valider recu ².0", "k:valider page ²"),
    *("c:\x00", "c:solde\x00", "\x0e\x0f", "c:/solde", "C:solde", "c1:c1:solde", "c:inviter \u202eeve"),
    *("c:corriger ²", "c:retirer ²", "c:journal ²", "c:membres ²", "c:accord oui ²", "c:lier oui ²", "c:soldes ²"),
    *(f"c:{word} {'9' * 30}" for word in ("corriger", "retirer", "journal", "membres", "accord oui", "lier oui")),
    *(f"k:valider {word} {'9' * 30}" for word in ("page", "recu")),
    *(bytes(RANDOM.randrange(256) for _ in range(RANDOM.randrange(64))).decode("latin-1") for _ in range(40)),
]


@pytest.mark.parametrize("who", ["lea", "camille", "eve"])
def test_forged_data_is_answered_and_changes_nothing(scene: Scene, who: str) -> None:
    """B48"""
    scene.says(who, "/payer")
    before, scene.heard = facts(scene), len(scene.shown)
    for data in FORGED:
        for place in ("", "salon"):
            scene.taps_data(who, data, place)
            assert not [said for said in scene.told(place or who) if "réf." in said], data
    assert facts(scene) == before


@pytest.mark.parametrize("button", ["k:valider recu {n}.{r}", "k:valider refuser {n}.{r}"])
@pytest.mark.parametrize("round_", ["1", "9" * 15])
def test_a_round_that_never_was_decides_nothing(store: Store, button: str, round_: str) -> None:
    """B21, B48: one that PostgreSQL would call out of range too."""
    scene = Scene(store)
    number = declared(scene)
    scene.taps_data("camille", button.format(n=number, r=round_), "salon")
    assert scene.toast.startswith("Ce bouton est ancien")
    assert (facts(scene), scene.unheard()) == (number, [])


@pytest.mark.parametrize(
    "typed", ["bonjour", "/solde", "/payer 20 chèque", "/start", "/start xyz", "!lier abc", "12", ""]
)
def test_a_stranger_is_told_how_to_come_in_and_nothing_else(scene: Scene, typed: str) -> None:
    """B42"""
    before = facts(scene)
    scene.says("eve", typed)
    said = scene.said("eve")
    assert said.startswith(("Bonjour ! Je suis Ardoise", "Cette invitation n'est plus valable"))
    assert "Paniers" not in said
    assert facts(scene) == before


def test_a_room_that_is_somebodys_gives_its_code_to_nobody(scene: Scene) -> None:
    """B43: whoever is in it could otherwise make it another group's."""
    for words in ("/lier", "/link", "/start", "/start x"):
        scene.says("eve", words, "salon")
    assert not scene.unheard()
    scene.says("camille", "/lier", "salon")
    assert scene.told("salon") == ["Ce salon est déjà celui des coordinateurs de « Les Paniers du Canal »."]


def test_a_new_room_keeps_quiet_until_it_is_asked_for_its_code(scene: Scene) -> None:
    """B43"""
    for words in ("bonjour", "/solde", "solde"):
        scene.says("lea", words, "ailleurs")
    assert not scene.unheard()
    scene.says("lea", "/lier", "ailleurs")
    assert scene.told("ailleurs")[0].startswith("Code de ce salon : code-0001")
    scene.says("lea", "/lier code-0001")
    assert scene.said("lea").startswith("Ce code n'est pas, ou plus, celui d'un salon.")
    scene.says("camille", "/lier code-0001")
    scene.taps("camille", "Oui")
    assert scene.said("camille") == "✅ Le salon est lié au groupe."
    scene.says("camille", "/soldes", "ailleurs")
    assert scene.told("ailleurs")[0].startswith("Les Paniers du Canal")


class TwoGroups:
    """Léa is also a coordinator of « Les Voisins », and its group is the one chosen last."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.number = scene.store.write(self._found).result()

    def _found(self, connection: Connection) -> int:
        now = self.scene.now
        group = add_group(connection, "Les Voisins", Beginnings(), now)
        person = add_member(connection, group, "Léa B.", now, right=Right.TREASURY)
        other = add_member(connection, group, "Otto", now)
        both: list[Fact] = [
            InvitationMade(person.number, "voisins"),
            AddressLinked(person.number, "demo", 1, user="lea", chat="lea", code="voisins"),
            PaymentDeclared(other.number, Cents(999), Method.CASH),
        ]
        for rank, fact in enumerate(both):
            recorded = journal.record(connection, group=group, fact=fact, author=None, at=now, key=f"v{rank}")
            people_apply.apply(connection, recorded)
        people_apply.keep(connection, GroupChosen(Address("demo", "lea"), group))
        return group


def test_a_rooms_codes_are_spent_by_linking_it(scene: Scene) -> None:
    """B43: the same one again, and another that the room had shown: it would give it, and what is told there, to another group."""
    TwoGroups(scene)
    for _twice in range(2):
        scene.says("lea", "/lier", "ailleurs")
    scene.says("camille", "/lier code-0001")
    scene.taps("camille", "Oui")
    assert scene.said("camille") == "✅ Le salon est lié au groupe."
    for who, code in (("camille", "code-0001"), ("sofiane", "code-0001"), ("lea", "code-0002")):
        scene.says(who, f"/lier {code}")
        assert scene.said(who) == (
            "Ce code n'est pas, ou plus, celui d'un salon. Dans le salon, écrivez /lier pour en avoir un."
        )
    with scene.store.read() as connection:
        assert room_at(connection, Place("demo", "ailleurs", private=False)) == (1, "", "fr")


def test_two_who_link_the_same_room_link_it_once(scene: Scene) -> None:
    """B43: both have been asked; the second one reads that the code is spent."""
    scene.says("lea", "/lier", "ailleurs")
    for who in ("camille", "sofiane"):
        scene.says(who, "/lier code-0001")
    scene.taps("camille", "Oui")
    scene.taps("sofiane", "Oui")
    assert scene.said("sofiane").startswith("Ce code n'est pas, ou plus, celui d'un salon.")


def test_in_private_the_group_chosen_last_is_meant(scene: Scene) -> None:
    TwoGroups(scene)
    scene.says("lea", "solde")
    assert scene.said("lea").startswith("Dans « Les Voisins »")
    scene.change(update(LinkedAddress).where(col(LinkedAddress.user) == "lea").values(current=False))
    scene.change(
        update(LinkedAddress)
        .where(col(LinkedAddress.user) == "lea", col(LinkedAddress.group_id) == 1)
        .values(current=True)
    )
    scene.says("lea", "solde")
    assert scene.said("lea").startswith("Dans « Les Paniers du Canal », vous devez")


def test_a_button_acts_in_the_group_it_was_shown_for(scene: Scene) -> None:
    """B1: numbers of payments and operations are the same in every group."""
    number = declared(scene)
    scene.says("lea", "/historique")
    take_back = scene.button("lea", "Retirer")
    two = TwoGroups(scene)
    scene.heard = len(scene.shown)
    scene.tap_again("lea", take_back)
    assert scene.said("lea") == "Retirer votre paiement déclaré de 20,00 € par chèque ?"
    scene.says("lea", "oui")
    assert scene.said("lea").startswith("↩️ Votre paiement déclaré de 20,00 € est retiré.")
    with scene.store.read() as connection:
        last = connection.execute(select(FACT.c.group_id, FACT.c.kind).where(FACT.c.number == number + 1)).one()
    assert tuple(last) == (1, "PaymentWithdrawn")
    scene.says("lea", "/valider")
    card = scene.told("lea")[-1]
    assert "Otto · 9,99 €" in card
    shown, received = scene.button("lea", "Reçu")
    assert received.data.startswith(f"k{two.number}:")
    scene.taps_data("camille", received.data, "salon")
    assert scene.toast == "Ce bouton n'est pas pour vous."
    scene.taps_data("lea", received.data, message=shown.id)
    assert scene.toast.startswith("✅ Otto : 9,99\u00a0€ en liquide, reçu.")


def test_an_open_conversation_stays_in_the_group_it_began_in(scene: Scene) -> None:
    scene.says("lea", "/payer 20")
    TwoGroups(scene)
    scene.heard = len(scene.shown)
    scene.says("lea", "chèque")
    assert scene.said("lea") == "Déclarer 20,00 € par chèque ?"
    scene.says("lea", "oui")
    assert "Solde : −24,50 €" in scene.said("lea")
    scene.says("lea", "solde")
    assert scene.said("lea").startswith("Dans « Les Voisins »")


def test_in_a_room_its_group_is_meant_whichever_was_chosen_last(scene: Scene) -> None:
    TwoGroups(scene)
    scene.says("lea", "/solde", "salon")
    assert scene.told("salon")[-1].startswith("Dans « Les Paniers du Canal », vous devez 24,50 €")


def test_a_conversation_does_not_follow_its_room_into_another_group(scene: Scene) -> None:
    """B1: numbers of members are the same in every group: m2 is Otto in one, Bruno in the other."""
    two = TwoGroups(scene)
    scene.change(update(Member).where(col(Member.name) == "Léa").values(right="treasury"))
    scene.change(update(Room).values(group_id=two.number))
    scene.says("lea", "/reprise Otto -5", "salon")
    agreed = scene.button("lea", "Oui", "salon")
    before = facts(scene)
    scene.change(update(Room).values(group_id=1))
    scene.tap_again("lea", agreed, "salon")
    assert scene.toast == "Ce bouton a déjà servi, ou n'est pas pour vous."
    scene.says("lea", "oui", "salon")
    assert facts(scene) == before


def test_a_topic_of_the_room_is_where_its_answers_go(scene: Scene) -> None:
    scene.change(update(Room).values(topic="7"))
    scene.says("camille", "/soldes", "salon")
    assert [shown.place.topic for shown in scene.unheard()] == ["7"]


def test_a_room_that_moved_keeps_its_group(scene: Scene) -> None:
    moved = scene.incoming("camille", "salon", moved_to="grand salon")
    scene.receive(moved)
    scene.says("camille", "/soldes", "grand salon")
    assert scene.told("grand salon")[0].startswith("Les Paniers du Canal")


def test_a_conversation_goes_on_in_the_room_that_moved(scene: Scene) -> None:
    """The question asked before is answered after."""
    scene.says("camille", "/encaisser Léa", "salon")
    scene.receive(scene.incoming("camille", "salon", moved_to="grand salon"))
    scene.says("camille", "12,50", "grand salon")
    assert scene.told("grand salon")[-1] == "Par quel moyen ?"


def test_what_was_begun_in_the_new_room_is_not_written_over(scene: Scene) -> None:
    """The platform's word of the move may come late."""
    scene.says("camille", "/encaisser Léa", "salon")
    scene.change(update(Room).values(chat="grand salon"))
    scene.says("camille", "/reprise Léa", "grand salon")
    scene.receive(scene.incoming("camille", "salon", moved_to="grand salon"))
    scene.says("camille", "-8,20", "grand salon")
    assert "Ajouter −8,20" in scene.told("grand salon")[-1]


def test_who_blocks_the_bot_is_marked_until_they_speak_again(scene: Scene) -> None:
    """B39"""

    def state() -> str:
        with scene.store.read() as connection:
            where = col(LinkedAddress.user) == "lea"
            return str(connection.execute(select(col(LinkedAddress.state)).where(where)).scalar_one())

    scene.receive(scene.incoming("lea", gone=True))
    assert state() == "unreachable"
    scene.says("lea", "solde")
    assert state() == "linked"
    scene.receive(scene.incoming("lea", "salon ailleurs", gone=True))
    assert state() == "linked"


def test_a_card_is_taken_from_who_loses_the_right_to_read_it(play: Play) -> None:
    """
    B40, B43

    sofiane: /valider
    bot: Rien à valider.
    camille: /droits Sofiane adhérent
    bot: Sofiane : adhérent ? …
    camille: oui
    bot: …
    bot→sofiane: ⚠️ Camille propose, …
    bot→salon: …
    sofiane: [D'accord]
    bot: ✅ Sofiane : adhérent.
    bot→salon: …
    bot→sofiane: Cette liste ne vous est plus montrée : vos droits ont changé.
    lea: /payer 20 chèque
    bot: …
    lea: oui
    bot: …
    bot→salon: À valider · 1 sur 1 / Léa …
    """
    play()
