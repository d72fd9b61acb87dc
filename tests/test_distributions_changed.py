"""Distributions moved and cancelled, their products and prices: accounts stay right, whatever comes meanwhile (B10, B35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.announcing import announce
from bot.ledger.books import Books
from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentReceived
from bot.ledger.money import Cents
from bot.market.facts import Line, OrderCancelled, OrderPlaced, PaymentPlanned, PlanEnded
from bot.market.market import Distribution, Market, Order
from bot.market.offer_facts import DistributionCancelled, DistributionPlanned
from bot.market.tables import ProductRow
from tests.market_stall import BREAD, CARROTS, CATALOGUE, EGGS, record, set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market in which Léa, Bruno and Camille have ordered; what waits for them is not looked at."""
    set_up(scene)
    record(scene, OrderPlaced(LEA, 1, (Line(BREAD, 2000, 2000, 450), Line(CARROTS, 350, 350, 210))))
    record(scene, OrderPlaced(BRUNO, 1, (Line(EGGS, 3000, 3000, 300),)))
    record(scene, PaymentPlanned(BRUNO, 1, Cents(200), Method.CHEQUE))


def the_distribution(scene: Scene, number: int = 1) -> Distribution:
    """Read a distribution."""
    with scene.store.read() as connection:
        found = Market(connection, 1, scene.now).distribution(number)
    assert found is not None
    return found


def the_order(scene: Scene, member: int) -> Order:
    """Read a member's order."""
    with scene.store.read() as connection:
        found = Market(connection, 1, scene.now).order(member, 1)
    assert found is not None
    return found


def balance(scene: Scene, member: int) -> int:
    """Read a member's balance, in cents."""
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).balance(member)


def test_cancelled_everything_is_taken_back_and_each_is_told(play: Play) -> None:
    """
    B35, Léa owed 24.50 and Bruno had 7.00 before they ordered: that is where they stand again.

    camille: distribution d1 annuler
    bot: Annuler la distribution du jeudi 26 novembre de 18 h à 20 h, Salle des fêtes ? / Ne seront plus comptées : 2 commandes, 18,74 €. Ce qui est déjà payé devient un avoir, chacun est averti. / 1 paiement prévu n'aura pas lieu. [Annuler la distribution | Non]
    camille: [Annuler la distribution]
    bot: ✅ La distribution du jeudi 26 novembre de 18 h à 20 h, Salle des fêtes est annulée. 2 adhérents en sont avertis. [Soldes | Distributions]
    bot→lea: ⚠️ La distribution du jeudi 26 novembre à 18 h, Salle des fêtes, n'aura pas lieu. Votre commande n° 1 (9,74 €) est annulée. / Vous devez 24,50 € au groupe. [Payer | Historique]
    bot→bruno: ⚠️ La distribution du jeudi 26 novembre à 18 h, Salle des fêtes, n'aura pas lieu. Votre commande n° 2 (9,00 €) est annulée. / Vous avez un avoir de 7,00 €. [Historique]
    bot→salon: Camille a annulé la distribution du jeudi 26 novembre de 18 h à 20 h, Salle des fêtes.
    camille: distribution d1 annuler
    bot: Cette distribution est déjà terminée.
    lea: commander
    bot: Aucune commande n'est ouverte en ce moment. …
    """
    scene = play()
    assert (balance(scene, LEA), balance(scene, BRUNO)) == (-2450, 700)
    assert the_distribution(scene).state == "cancelled"
    with scene.store.read() as connection:
        there = Market(connection, 1, scene.now)
        assert there.plans() == []
        assert there.catalogue[EGGS].stock == 5000


def test_what_was_paid_becomes_an_avoir_and_the_author_reads_of_their_own_order(scene: Scene) -> None:
    """B35: Awa paid her order at once; Camille, who cancels, had ordered too."""
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(scene, OrderPlaced(CAMILLE, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(scene, PaymentReceived(AWA, Cents(450), Method.CASH))
    scene.says("camille", "distribution d1 annuler")
    scene.taps("camille", "Annuler la distribution")
    assert "Votre commande n° 4 (4,50 €) ne compte plus. Vous êtes à l'équilibre." in scene.said("camille")
    assert balance(scene, AWA) == 450
    assert balance(scene, CAMILLE) == 0


def test_an_order_that_comes_before_the_consent_is_shown_first(scene: Scene) -> None:
    """B35, B48: consent is bound to the number of orders and their sum."""
    scene.says("camille", "distribution d1 annuler")
    yes = scene.button("camille", "Annuler la distribution")
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))
    scene.tap_again("camille", yes)
    assert "3 commandes, 23,24 €" in scene.said("camille")
    assert the_distribution(scene).state == "planned"


def test_moved_the_window_follows_and_those_who_ordered_are_told(play: Play) -> None:
    """
    B35, orders are open already and stay so; their closing follows, at the same time of day.

    camille: distribution d1
    bot: …
    camille: [Déplacer]
    bot: jeudi 26 novembre de 18 h à 20 h, Salle des fêtes / Commandes ouvertes jusqu'au mercredi 25 novembre à 20 h. / Que change-t-on ? [Jour et heure | Heure de fin | Lieu | Fermeture | Continuer | Annuler]
    camille: [Jour et heure]
    bot: Quel jour, …
    camille: samedi 28/11 10h
    bot: samedi 28 novembre de 10 h à 12 h, Salle des fêtes / Commandes ouvertes jusqu'au vendredi 27 novembre à 12 h. / Que change-t-on ? …
    camille: [Lieu]
    bot: Où aura-t-elle lieu ? …
    camille: Gymnase
    bot: samedi 28 novembre de 10 h à 12 h, Gymnase / Commandes ouvertes jusqu'au vendredi 27 novembre à 12 h. / …
    camille: [Continuer]
    bot: Avant : jeudi 26 novembre de 18 h à 20 h, Salle des fêtes / Commandes ouvertes jusqu'au mercredi 25 novembre à 20 h. / Maintenant : samedi 28 novembre de 10 h à 12 h, Gymnase / Commandes ouvertes jusqu'au vendredi 27 novembre à 12 h. / 2 adhérents qui ont commandé seront avertis ; leurs comptes ne changent pas. / C'est bien cela ? [Déplacer | Non | Retour]
    camille: [Déplacer]
    bot: ✅ Distribution déplacée : samedi 28 novembre de 10 h à 12 h, Gymnase. Commandes jusqu'au vendredi 27 novembre à 12 h. 2 adhérents sont avertis. [Voir]
    bot→lea: ⚠️ La distribution est déplacée : samedi 28 novembre de 10 h à 12 h, Gymnase. Votre commande n° 1 (9,74 €) reste comme elle est. [Ma commande]
    bot→bruno: ⚠️ La distribution est déplacée : samedi 28 novembre de 10 h à 12 h, Gymnase. Votre commande n° 2 (9,00 €) reste comme elle est. [Ma commande]
    bot→salon: Camille a déplacé la distribution : samedi 28 novembre de 10 h à 12 h, Gymnase. [Voir]
    """
    scene = play()
    assert (balance(scene, LEA), balance(scene, BRUNO)) == (-2450 - 974, 700 - 900)


def test_orders_that_closed_stay_closed_when_the_day_moves(scene: Scene) -> None:
    """B35: what is past of the window stays as it was; only who says so opens it again."""
    scene.later(days=1, hours=3)
    before = the_distribution(scene)
    for words in ("distribution d1 deplacer", "Jour et heure", "4/12 18h", "Continuer", "oui"):
        scene.says("camille", words)
    after = the_distribution(scene)
    assert after.starts_at == datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert (after.opens_at, after.closes_at) == (before.opens_at, before.closes_at)


def test_the_window_alone_is_moved_without_disturbing_anybody(scene: Scene) -> None:
    scene.told("lea")
    for words in ("distribution d1 deplacer", "Fermeture", "jeudi 26/11 à midi", "Continuer"):
        scene.says("camille", words)
    scene.taps("camille", "Déplacer")
    heard = scene.unheard()
    assert {shown.place.chat for shown in heard} == {"camille"}
    assert the_distribution(scene).closes_at == datetime(2026, 11, 26, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (("Fermeture", "jeudi 26/11 19h"), "Les commandes fermeraient après le début de la distribution"),
        (("Heure de fin", "17h"), "La distribution finirait avant de commencer"),
        (("Jour et heure", "hier 18h"), "je ne comprends pas ce moment"),
        (("Jour et heure", "24/11 10h"), "c'est déjà passé"),
        (("Jour et heure", "3/12 19h"), "Il y a déjà une distribution à cet endroit à ce moment-là"),
    ],
)
def test_what_does_not_fit_together_is_refused(scene: Scene, steps: tuple[str, ...], sentence: str) -> None:
    """B31, B48."""
    taken = ("2026-12-03T18:30+00:00", "2026-12-03T19:30+00:00", "2026-12-01T09:00+00:00", "2026-12-02T19:00+00:00")
    record(scene, DistributionPlanned(2, *taken, "Salle des fêtes"))
    scene.says("camille", "distribution d1 deplacer")
    for words in steps:
        scene.says("camille", words)
    assert sentence in scene.said("camille")
    assert the_distribution(scene).starts_at == datetime(2026, 11, 26, 17, tzinfo=UTC)


def test_a_distribution_that_began_meanwhile_is_not_moved(scene: Scene) -> None:
    """B35: neither by the conversation nor by the books."""
    for words in ("distribution d1 deplacer", "Lieu", "Gymnase", "Continuer"):
        scene.says("camille", words)
    yes = scene.button("camille", "Déplacer")
    scene.later(days=2, hours=1)
    scene.tap_again("camille", yes)
    assert scene.said("camille") == "La distribution a commencé : elle ne se déplace plus."
    assert the_distribution(scene).place == "Salle des fêtes"


def test_the_announcements_follow_a_window_that_moved(scene: Scene) -> None:
    """B31, B35: the closing is announced again, on the new eve; the opening, which was told, is not."""
    announce(scene.store, scene.now)
    scene.later(hours=2)
    announce(scene.store, scene.now)
    assert the_distribution(scene).closing_told
    for words in ("distribution d1 deplacer", "Jour et heure", "3/12 18h", "Continuer", "oui"):
        scene.says("camille", words)
    moved = the_distribution(scene)
    assert (moved.opened, moved.closing_told, moved.closed) == (True, False, False)
    scene.delivery.deliver(scene.receive)
    scene.unheard()
    scene.later(days=6, hours=23)
    announce(scene.store, scene.now)
    scene.delivery.deliver(scene.receive)
    assert "ferment demain à 20 h" in scene.said("awa")


def test_products_are_ticked_in_one_message(play: Play) -> None:
    """
    B31, all by default; a name may be typed; nothing is kept before « Enregistrer ».

    camille: distribution d1 produits
    bot: Produits proposés le jeudi 26 novembre : 4 sur 4. / Un toucher coche ou décoche ; … [✅ Œufs x6 | ✅ Carottes | ✅ Pain de campagne | ✅ Poulet fermier | Tout | Rien | Enregistrer | Annuler]
    camille: [✅ Œufs x6]
    bot: Produits proposés le jeudi 26 novembre : 3 sur 4. / … [❌ Œufs x6 | …]
    camille: poulet
    bot: Produits proposés le jeudi 26 novembre : 2 sur 4. / …
    camille: vélo
    bot: « vélo » : je ne trouve pas ce produit. / …
    camille: [Enregistrer]
    bot: ✅ 2 produits proposés le jeudi 26 novembre. [Voir]
    camille: [Voir]
    bot: … 2 produits choisis sont proposés. …
    awa: 1 poulet
    bot: Je n'ai pas compris. …
    camille: distribution d1 produits
    bot: Produits proposés le jeudi 26 novembre : 2 sur 4. …
    camille: [Rien]
    bot: Produits proposés le jeudi 26 novembre : 0 sur 4. / ⚠️ Il en faut au moins un. / … [❌ Œufs x6 | ❌ Carottes | ❌ Pain de campagne | ❌ Poulet fermier | Tout | Rien | Retour | Annuler]
    camille: [Tout]
    bot: …
    camille: [Enregistrer]
    bot: ✅ 4 produits proposés le jeudi 26 novembre. [Voir]
    """
    scene = play()
    assert the_distribution(scene).everything


def test_three_hundred_products_are_ticked_by_shelf_and_page(scene: Scene) -> None:
    """B31: by category or by producer, a shelf at once or one by one, the same message edited."""
    for n in range(10, 310):
        names = (f"Produit {n:03}", f"Ferme {n % 7}", f"Rayon {n % 20:02}")
        name, producer, category = names
        record(scene, replace(CATALOGUE[2], product=n, name=name, producer=producer, category=category))
    scene.says("camille", "distribution d1 produits")
    scene.taps("camille", "Rien")
    scene.taps("camille", "❌ Rayon 03 (0 sur 15)")
    assert "Rayon 03 · page 1 sur 2" in scene.shown[-1].message.text
    scene.taps("camille", "Tout")
    scene.taps("camille", "›")
    assert scene.shown[-1].edited
    scene.taps("camille", "✅ Produit 183")
    scene.taps("camille", "Rayons")
    scene.button("camille", "✅ Rayon 03 (14 sur 15)")
    scene.taps("camille", "Par producteur")
    scene.taps("camille", "❌ Ferme du Pré (0 sur 3)")
    scene.taps("camille", "❌ Carottes")
    scene.taps("camille", "Enregistrer")
    assert scene.said("camille") == "✅ 15 produits proposés le jeudi 26 novembre."
    assert all(
        len(option.data.encode()) <= 64 for shown in scene.shown for row in shown.message.options for option in row
    )


def test_a_price_for_this_distribution_adjusts_what_was_ordered_and_tells_its_members_once(play: Play) -> None:
    """
    B10, the catalogue stays as it was; Bruno, who ordered no bread, hears nothing.

    camille: distribution d1 prix
    bot: Le prix de quel produit, pour cette distribution seulement ? [Œufs x6 | Carottes | Pain de campagne | Poulet fermier | Annuler]
    camille: pain de campagne
    bot: Pain de campagne : 4,50 € la pièce aujourd'hui. Quel prix pour cette distribution ? [Retour | Annuler]
    camille: 4
    bot: Pain de campagne à 4,00 € la pièce pour cette distribution ? 1 commande change : −1,00 € en tout. [Oui | Non | Retour]
    camille: oui
    bot: ✅ Pain de campagne : 4,00 € la pièce pour cette distribution. 1 commande est ajustée. [Voir | Prix]
    bot→lea: Le prix change pour la distribution du jeudi 26 novembre : Pain de campagne, 4,00 € la pièce. Votre commande fait maintenant 8,74 €. / Vous devez 33,24 € au groupe. / Pour la distribution du jeudi 26 novembre : 8,74 €.
    camille: distribution d1 prix
    bot: …
    camille: pain de campagne
    bot: Pain de campagne : 4,00 € la pièce aujourd'hui. …
    camille: 4
    bot: C'est déjà son prix. [Voir | Prix]
    """
    scene = play()
    assert balance(scene, LEA) == -2450 - 874
    with scene.store.read() as connection:
        there = Market(connection, 1, scene.now)
        assert there.catalogue[BREAD].price == 450
        order = the_order(scene, LEA)
        assert not there.changed_since(order, order.told_fact)


def test_an_order_with_two_lines_of_a_product_at_two_prices_follows_whole(scene: Scene) -> None:
    """B9, B10: the complement was at another price; the member is told of both in one message."""
    bread = replace(CATALOGUE[2], price=Cents(500), was=(("price", 450),))
    record(scene, bread)
    scene.says("lea", "1 pain de campagne")
    for words in ("Confirmer", "chèque", "Confirmer"):
        scene.taps("lea", words) if words != "chèque" else scene.says("lea", words)
    scene.unheard()
    for words in ("distribution d1 prix", "pain de campagne", "5", "oui"):
        scene.says("camille", words)
    told = scene.told("lea")
    assert len(told) == 1
    assert the_order(scene, LEA).total == 1500 + 74


def test_during_the_pickup_the_end_of_the_visit_tells(scene: Scene) -> None:
    """B10: one message per visit, not one more for the price."""
    scene.later(days=2, hours=1)
    scene.unheard()
    for words in ("prix", "pain de campagne", "4", "oui"):
        scene.says("camille", words)
    assert {shown.place.chat for shown in scene.unheard()} == {"camille"}
    with scene.store.read() as connection:
        order = the_order(scene, LEA)
        assert Market(connection, 1, scene.now).changed_since(order, order.told_fact)


def test_a_planned_payment_handled_meanwhile_refuses_the_cancellation(scene: Scene) -> None:
    """B28, B35: the consent is asked again, with what is left."""
    scene.says("camille", "distribution d1 annuler")
    yes = scene.button("camille", "Annuler la distribution")
    with scene.store.read() as connection:
        [plan] = Market(connection, 1, scene.now).plans()
    record(scene, PlanEnded(BRUNO, plan.number, "received"))
    record(scene, PaymentReceived(BRUNO, Cents(200), Method.CHEQUE))
    scene.tap_again("camille", yes)
    assert "paiement prévu" not in scene.said("camille")
    scene.taps("camille", "Annuler la distribution")
    assert balance(scene, BRUNO) == 900


def test_an_opening_balance_meanwhile_changes_nothing_of_the_consent(scene: Scene) -> None:
    """B35: what the accounts do besides is none of the cancellation's business."""
    scene.says("camille", "distribution d1 annuler")
    record(scene, OpeningBalanceEntered(AWA, Cents(500)))
    scene.taps("camille", "Annuler la distribution")
    assert "est annulée" in scene.said("camille")


def test_nothing_of_a_cancelled_distribution_can_be_changed(scene: Scene) -> None:
    record(scene, OrderCancelled(LEA, 1, Cents(974)))
    record(scene, OrderCancelled(BRUNO, 1, Cents(900)))
    with scene.store.read() as connection:
        [plan] = Market(connection, 1, scene.now).plans()
    record(scene, PlanEnded(BRUNO, plan.number, "lapsed"))
    record(scene, DistributionCancelled(1))
    for action in ("deplacer", "prix", "produits", "annuler"):
        scene.says("camille", f"distribution d1 {action}")
        assert scene.said("camille") == "Cette distribution est déjà terminée."


def test_an_empty_catalogue_says_so(scene: Scene) -> None:
    scene.change(update(ProductRow).values(active=False))
    scene.says("camille", "distribution d1 produits")
    assert scene.said("camille") == "Le catalogue est vide."
    scene.says("camille", "distribution d1 prix")
    assert scene.said("camille") == "Aucun produit n'est proposé."
