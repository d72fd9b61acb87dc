"""The cash box counted against the books, cash taken to the bank, another amount at the pickup: B2, B3, B21, B24, B34."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.groups.tables import Member
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.market.facts import PaymentPlanned
from tests.market_stall import THURSDAY, record, set_up
from tests.test_cheques import _latest, held
from tests.transcripts import Scene

Play = Callable[[], Scene]


def test_the_cash_box_is_counted_and_its_difference_recorded(play: Play) -> None:
    """
    B2, B34

    lea: /caisse
    bot: /caisse est réservé aux coordinateurs du groupe.
    camille: /encaisser Léa 24,50 liquide
    bot: …
    camille: oui
    bot: …
    bot→lea: …
    camille: /caisse
    bot: D'après les comptes, la caisse doit contenir 24,50 €. Combien y avez-vous compté ? [24,50 € | Autre montant | Annuler]
    camille: 24,50
    bot: ✅ La caisse est juste : 24,50 €. [Porter à la banque]
    camille: /cashbox 22
    bot: Il manque 2,50 € dans la caisse. Pour quelle raison ? [Fond de caisse | Erreur de monnaie | Raison inconnue | Retour | Annuler]
    camille: [Erreur de monnaie]
    bot: Il manque 2,50 € dans la caisse. Noter l'écart (Erreur de monnaie) ? Les comptes diront ensuite 22,00 €. [Noter l'écart | Non | Retour]
    camille: [Noter l'écart]
    bot: ✅ Écart de caisse noté : −2,50 € (Erreur de monnaie). La caisse doit maintenant contenir 22,00 €. [↩️ Corriger | Porter à la banque]
    bot→salon: Camille a compté la caisse. Écart de caisse noté : −2,50 € (Erreur de monnaie). La caisse doit maintenant contenir 22,00 €.
    camille: [Porter à la banque]
    bot: La caisse doit contenir 22,00 €. Combien avez-vous porté à la banque ? [22,00 € | Autre montant | Annuler]
    camille: 22,01
    bot: D'après les comptes, la caisse ne contient que 22,00 €. Comptez-la d'abord : /caisse. …
    camille: /versement 20
    bot: 20,00 € portés de la caisse à la banque ? La caisse contiendra 2,00 €. […]
    camille: oui
    bot: ✅ 20,00 € portés à la banque. La caisse doit contenir 2,00 €. [↩️ Corriger]
    sofiane: /journal
    bot: … Liquide porté à la banque · 20,00 € … Écart de caisse · −2,50 € « Erreur de monnaie » …
    camille: [↩️ Corriger]
    bot: Annuler « Liquide porté à la banque · 20,00 € », n° … ? […]
    camille: oui
    bot: ↩️ Annulé : Liquide porté à la banque, 20,00 €.
    bot→salon: ↩️ Camille a annulé : Liquide porté à la banque, 20,00 €.
    """
    scene = play()
    assert held(scene, GroupAccount.CASH) == 2200
    assert held(scene, GroupAccount.BANK) == 0
    assert held(scene, GroupAccount.WRITE_OFF) == 250


def test_an_empty_box_is_counted_and_there_is_nothing_for_the_bank(play: Play) -> None:
    """
    B34

    camille: /versement
    bot: D'après les comptes, la caisse est vide. [Compter la caisse]
    camille: [Compter la caisse]
    bot: D'après les comptes, la caisse doit contenir 0,00 €. Combien y avez-vous compté ? [Annuler]
    camille: -3
    bot: Écrivez le montant sans signe moins, par exemple 12,50. …
    camille: 1.234
    bot: … peut vouloir dire plusieurs montants. …
    camille: 1000000
    bot: … c'est trop. …
    camille: 0
    bot: ✅ La caisse est juste : 0,00 €.
    camille: /caisse 30
    bot: Il y a 30,00 € de trop dans la caisse. Pour quelle raison ? …
    camille: Fond de caisse
    bot: Il y a 30,00 € de trop dans la caisse. Noter l'écart (Fond de caisse) ? …
    camille: non
    bot: Rien n'est noté. [Recompter]
    """
    assert held(play(), GroupAccount.CASH) == 0


def test_cash_that_comes_while_the_box_is_counted_is_noticed(scene: Scene) -> None:
    """B2: what was agreed to is no longer what the books expect: it is asked again."""
    scene.says("camille", "/caisse 30")
    scene.says("camille", "Fond de caisse")
    consent = scene.button("camille", "Noter l'écart")
    scene.says("sofiane", "/encaisser Léa 5 liquide")
    scene.says("sofiane", "oui")
    before = _latest(scene)
    scene.heard = len(scene.shown)
    scene.tap_again("camille", consent)
    assert _latest(scene) == before
    scene.says("camille", "/caisse")
    assert "la caisse doit contenir 5,00 €" in scene.said("camille")


def test_what_is_taken_from_the_box_during_a_distribution_is_no_longer_in_it(scene: Scene) -> None:
    """B34: the takings count what went to the bank, and a difference that was noted."""
    set_up(scene)
    scene.now = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
    for line in ("/encaisser Léa 50 liquide", "oui", "/versement 40", "oui", "/caisse 9", "Raison inconnue", "oui"):
        scene.says("camille", line)
    scene.heard = len(scene.shown)
    scene.says("camille", "/encaissements")
    assert "La caisse doit contenir 9,00 €" in scene.said("camille")


@pytest.fixture
def pickup(scene: Scene) -> Scene:
    """Léa plans 20.00 by card at the distribution that is on; a volunteer is there."""
    set_up(scene)
    record(scene, PaymentPlanned(1, THURSDAY, Cents(2000), Method.TERMINAL))
    scene.now = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
    scene.says("camille", "/accueil d1 m1")
    return scene


def test_what_was_really_received_is_typed_at_the_pickup(pickup: Scene) -> None:
    """B24, B21: planned 20.00 by card, 24.50 received."""
    button = pickup.button("camille", "Autre montant")
    pickup.taps("camille", "Autre montant")
    assert pickup.said("camille") == "Léa a annoncé 20,00 € par carte sur place. Combien avez-vous reçu ?"
    pickup.says("camille", "24,50")
    assert "✅ Léa : 24,50 € par carte sur place, reçu." in " ".join(pickup.told("camille"))
    assert held(pickup, GroupAccount.TERMINAL) == 2450
    pickup.heard = len(pickup.shown)
    pickup.tap_again("camille", button)
    assert pickup.said("camille") == "Quelqu'un vient de s'occuper de ce paiement. Rien n'a changé."


def test_a_volunteer_types_what_was_received_by_card(pickup: Scene) -> None:
    """B24: with the right amount, by whoever is at the pickup; a member is refused."""
    data = pickup.button("camille", "Autre montant")[1].data
    pickup.taps_data("awa", data)
    pickup.says("awa", "21")
    assert held(pickup, GroupAccount.TERMINAL) == 0
    pickup.change(update(Member).where(col(Member.name) == "Awa").values(right="pickup"))
    pickup.says("awa", "/accueil d1 m1")
    pickup.taps("awa", "Autre montant")
    pickup.says("awa", "21")
    assert held(pickup, GroupAccount.TERMINAL) == 2100
    pickup.says("awa", "/caisse")
    assert pickup.said("awa") == "/caisse est réservé aux coordinateurs du groupe."


def test_a_declared_payment_is_received_at_the_pickup_for_another_amount(pickup: Scene) -> None:
    """B21, B24: declared 4.50 in cash, 4.00 received."""
    pickup.taps("camille", "Reçu 20,00 €")
    pickup.says("lea", "/payer 4,50 liquide")
    pickup.says("lea", "oui")
    pickup.says("camille", "/accueil d1 m1")
    pickup.taps("camille", "Autre montant")
    pickup.says("camille", "4")
    assert held(pickup, GroupAccount.CASH) == 400


@pytest.mark.parametrize(
    "words", ["", " d1", " d1 m1 prevu", " d1 m1 prevu ²", " d1 m3 prevu 1", " d9 m1 prevu 1", " d1 m1 declare 1.²"]
)
def test_forged_words_receive_nothing(pickup: Scene, words: str) -> None:
    before = _latest(pickup)
    pickup.taps_data("camille", f"c:autremontant{words}")
    pickup.says("camille", "12")
    assert _latest(pickup) == before
    pickup.taps_data("lea", f"c:autremontant{words}")
    assert _latest(pickup) == before
