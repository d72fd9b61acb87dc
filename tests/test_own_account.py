"""Nobody decides alone about their own account, by whichever door; volunteers act at the pickup only (B10, B26, B43)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, select

from bot.groups import apply as people_apply
from bot.groups.facts import RightGiven
from bot.groups.tables import Room
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.tables import FACT
from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
LEA, AWA, CAMILLE, SOFIANE = 1, 3, 4, 5


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market; Awa helps at its pickup."""
    set_up(scene)

    def given(connection: Connection) -> None:
        right = RightGiven(AWA, "pickup")
        recorded = journal.record(connection, group=1, fact=right, author=None, at=scene.now, key="awa helps")
        people_apply.apply(connection, recorded)

    scene.store.write(given).result()


def balance(scene: Scene, member: int) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).balance(member)


def last(scene: Scene, kind: str) -> int:
    """Give the number of the last fact of a kind."""
    with scene.store.read() as connection:
        numbers: list[int] = sorted(connection.execute(select(FACT.c.number).where(FACT.c.kind == kind)).scalars())
    return numbers[-1]


def order(scene: Scene, who: str, typed: str) -> None:
    """Order something, to be paid by cheque."""
    scene.says(who, typed)
    scene.taps(who, "Confirmer")
    scene.says(who, "chèque")
    scene.taps(who, "Confirmer")
    scene.unheard()


@pytest.mark.parametrize(("who", "member"), [("camille", CAMILLE), ("awa", AWA)])
def test_ones_own_order_is_not_marked_missing_by_oneself(scene: Scene, who: str, member: int) -> None:
    """B43: an order that nobody receives is not paid; whoever says so is another."""
    order(scene, who, "2 oeufs")
    scene.later(days=2, hours=0.5)
    scene.says(who, "/manquant d1")
    assert scene.said(who) == "C'est votre propre commande : demandez à un autre coordinateur de l'ajuster."
    order_of_lea = balance(scene, member)
    scene.says("sofiane", "/manquant d1")
    scene.says("sofiane", "1")
    scene.taps("sofiane", "Oui")
    assert (order_of_lea, balance(scene, member)) == (-600, 0)


def test_what_is_missing_for_all_leaves_ones_own_order_to_another(scene: Scene) -> None:
    """B10, B43"""
    for who in ("lea", "camille"):
        order(scene, who, "1 oeuf")
    scene.later(days=2, hours=0.5)
    scene.says("camille", "/manquant d1")
    scene.says("camille", "1")
    asked = scene.said("camille")
    assert "pas livré à 1 personne, 3,00 € en moins" in asked
    assert "Votre propre commande reste comme elle est" in asked
    scene.taps("camille", "Oui")
    assert (balance(scene, LEA), balance(scene, CAMILLE)) == (-2450, -300)


def test_a_coordinator_does_not_grant_their_own_request(scene: Scene) -> None:
    """B9, B43"""
    order(scene, "camille", "2 oeufs")
    scene.says("camille", "/demander d1")
    scene.taps("camille", "Passer")
    scene.taps("camille", "Demander")
    request = last(scene, "RemovalAsked")
    scene.says("camille", f"/retrait oui {request}")
    assert scene.said("camille") == "C'est votre propre commande : demandez à un autre coordinateur de l'ajuster."
    assert balance(scene, CAMILLE) == -600
    scene.says("sofiane", f"/retrait oui {request}")
    assert balance(scene, CAMILLE) == 0


@pytest.mark.parametrize(("price", "after"), [("0,01", -600), ("3,50", -700)])
def test_another_price_lowers_nobodys_own_order(scene: Scene, price: str, after: int) -> None:
    """B10, B43: one owes more by one's own doing, never less."""
    for who in ("lea", "camille"):
        order(scene, who, "2 oeufs" if who == "camille" else "1 oeuf")
    scene.says("camille", "/prix d1")
    scene.says("camille", "oeufs")
    scene.says("camille", price)
    assert ("Votre propre commande reste comme elle est" in scene.said("camille")) == (after == -600)
    scene.taps("camille", "Oui")
    assert balance(scene, CAMILLE) == after
    assert balance(scene, LEA) == {"0,01": -2451, "3,50": -2800}[price]


@pytest.mark.parametrize("typed", ["/ajuster d1 m1", "/manquant d1"])
def test_a_volunteer_does_not_touch_orders_before_the_pickup(scene: Scene, typed: str) -> None:
    """B10: a volunteer adjusts during it, a coordinator at any time until the validation."""
    order(scene, "lea", "2 oeufs")
    scene.says("awa", typed)
    assert "l'accueil commence après, le jeudi 26 novembre" in scene.said("awa")
    scene.says("camille", typed)
    assert scene.said("camille") in {"Quelle ligne ajuster ?", "Qu'est-ce qui n'est pas arrivé ?"}


def test_a_volunteer_receives_no_money_before_the_pickup(scene: Scene) -> None:
    """B24, B26: the card of a member can be read once orders are closed; its buttons wait for the distribution."""
    scene.says("lea", "/payer 24,50 virement")
    scene.taps("lea", "Déclarer")
    scene.later(days=1, hours=3)
    scene.says("awa", "/accueil d1 m1")
    scene.taps("awa", "⏳ Reçu 24,50 €")
    assert scene.toast.startswith("L'accueil note les paiements pendant une distribution")
    assert balance(scene, LEA) == -2450
    scene.later(days=1)
    scene.taps("awa", "⏳ Reçu 24,50 €")
    assert balance(scene, LEA) == 0


def test_a_planned_payment_made_by_another_method_is_planned_no_more(scene: Scene) -> None:
    """B28: planned by cheque, sent by transfer; at the pickup there is nothing left to receive a second time."""
    order(scene, "awa", "1 pain de campagne")
    scene.says("awa", "/payer 4,50 virement")
    scene.taps("awa", "Déclarer")
    scene.taps("camille", "Reçu", "salon")
    scene.later(days=2, hours=0.5)
    scene.unheard()
    scene.says("camille", "/accueil d1 m3")
    assert "Prévu" not in scene.said("camille")
    assert balance(scene, AWA) == 0


def test_a_coordinator_cut_off_is_told_and_so_is_everybody_without_a_room(scene: Scene) -> None:
    """B42, B43: whoever holds a coordinator's device agrees to things; it does not change hands in silence."""
    scene.change(delete(Room))
    scene.says("camille", "/droits Bruno")
    scene.says("camille", "coordinateur")
    scene.taps("camille", "Oui")
    scene.taps("sofiane", "D'accord")
    assert any("a changé les droits : Bruno, coordinateur" in said for said in scene.told("camille"))
    scene.says("bruno", "/perdu Sofiane")
    scene.taps("bruno", "Oui")
    scene.unheard()
    scene.taps("camille", "D'accord")
    told = {shown.place.chat: shown.message.text for shown in scene.unheard()}
    assert told["sofiane"].startswith("Cet appareil ne parle plus pour Sofiane dans « Les Paniers du Canal »")
    assert "Camille a retiré un appareil de Sofiane" in told["bruno"]
    scene.says("camille", "/inviter m5")
    code = re.search(r"code-\d+", scene.said("camille"))
    assert code
    scene.says("other", f"/start {code[0]}")
    assert any("Sofiane (coordination) a un nouvel appareil" in said for said in scene.told("bruno"))


def test_a_device_that_changes_hands_takes_no_conversation_along(scene: Scene) -> None:
    """B42: what Léa was asked is not answered on Bruno's account."""
    scene.says("lea", "/payer 20 chèque")
    scene.says("camille", "/perdu Léa")
    scene.taps("camille", "Oui")
    scene.says("camille", "/inviter Bruno")
    code = re.search(r"code-\d+", scene.said("camille"))
    assert code
    scene.says("lea", f"/start {code[0]}")
    scene.taps("bruno", "C'est moi")
    scene.says("lea", "oui")
    assert scene.said("lea").startswith("Je ne vous ai rien demandé")


def test_the_same_proposed_twice_is_agreed_to_once(scene: Scene) -> None:
    """B28, B43: the second proposal is refused while the first waits; an old one is not agreed to."""
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    assert "C'est déjà demandé" in scene.said("camille")
    scene.later(days=15)
    scene.taps("sofiane", "D'accord", "salon")
    assert "trop ancienne" in scene.told("salon")[-1]
