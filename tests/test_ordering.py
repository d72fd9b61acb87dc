"""Members order: the shop, the basket, the confirmation, what is added and what is asked about (B8–B15, B17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.groups.tables import BuyingGroup
from bot.ledger.money import Cents
from tests.market_stall import BREAD, CATALOGUE, record, set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market."""
    set_up(scene)


def test_an_order_is_chosen_confirmed_and_debited(play: Play) -> None:
    """
    B8, B15, B17, Léa owes 24.50; the order's 6.00 is proposed to be paid together with it.

    lea: commander
    bot: Commande du jeudi 26 novembre à 18 h, Salle des fêtes – à faire avant mercredi 25 novembre à 20 h. …
    lea: [Œufs x6]
    bot: Œufs x6 – 3,00 € la pièce, il en reste 5 pièces … [+ | Rayons]
    lea: [+]
    bot: Œufs x6 … Dans votre panier : 1 pièce, 3,00 €. …
    lea: [+]
    bot: Œufs x6 … 6,00 €. … Panier : 1 produit, 6,00 €. / Après cette commande, vous devrez 30,50 € au groupe. / À payer : 30,50 €. …
    lea: [Confirmer]
    bot: À payer : 30,50 € (commande 6,00 €, et 24,50 € d'avant). Par quel moyen ? [Chèque | Liquide | Virement | …]
    lea: chèque
    bot: Confirmer cette commande ? / 2 pièces Œufs x6 : 6,00 € / Total : 6,00 €. / À payer à la distribution : 30,50 € par chèque. / … [Confirmer | Non | Retour]
    lea: [Confirmer]
    bot: ✅ Commande n° 1 confirmée pour le jeudi 26 novembre à 18 h, Salle des fêtes : …
    lea: solde
    bot: …
    """
    play()


def test_what_is_owed_for_a_distribution_to_come_is_said_apart(play: Play) -> None:
    """
    B4, B17, an avoir is used first; Bruno has 7.00 and orders 9.00.

    bruno: 3 oeufs
    bot: Ajouté : 3 pièces Œufs x6 (18 en tout). /  / Panier : 1 produit, 9,00 €. / Après cette commande, vous devrez 2,00 € au groupe. / À payer : 2,00 €. […]
    bruno: [Confirmer]
    bot: À payer : 2,00 € (commande 9,00 €, votre avoir déduit). Par quel moyen ? […]
    bruno: virement
    bot: Confirmer cette commande ? / 3 pièces Œufs x6 : 9,00 € / Total : 9,00 €. / À payer : 2,00 € par virement. / … [Confirmer | Non | Retour]
    bruno: [Confirmer]
    bot: ✅ Commande n° 1 confirmée … Vous devez 2,00 € au groupe. / Pour la distribution du jeudi 26 novembre : 2,00 €. / À payer : 2,00 € par virement. [Ma commande | Ajouter | C'est fait]
    bruno: [C'est fait]
    bot: Déclarer 2,00 € par virement ? [Déclarer | Non]
    bruno: oui
    bot: ⏳ C'est noté : 2,00 € par virement. …
    bot→salon: … Bruno · 2,00 € par virement …
    bruno: [C'est fait]
    bot: Ce paiement n'est plus prévu. Pour en déclarer un autre : /payer.
    """
    play()


def test_more_is_added_at_todays_price_and_nothing_is_taken_off(play: Play) -> None:
    """
    B9, the complement debits the difference only; a removal is asked of a coordinator, who grants it.

    awa: 1 pain de campagne
    bot: Ajouté : 1 pièce Pain de campagne. …
    awa: [Confirmer]
    bot: À payer : 4,50 €. Par quel moyen ? …
    awa: liquide
    bot: Confirmer cette commande ? …
    awa: [Confirmer]
    bot: ✅ Commande n° 1 confirmée … Vous devez 4,50 € au groupe. … [Ma commande | Ajouter]
    awa: 0,35 kg carottes
    bot: Ajouté : 0,350 kg Carottes. …
    awa: [Confirmer]
    bot: À payer : 5,24 € (commande 0,74 €, et 4,50 € d'avant). …
    awa: liquide
    bot: Confirmer cette commande ? / 0,350 kg Carottes : 0,74 € / Total : 0,74 €. …
    awa: [Confirmer]
    bot: ✅ Ajouté à votre commande n° 1 : 0,74 €. Elle fait maintenant 5,24 €. …
    awa: commandes
    bot: Commande n° 1 · jeudi 26 novembre à 18 h, Salle des fêtes / 1 pièce Pain de campagne : 4,50 € / 0,350 kg Carottes : 0,74 € / Total : 5,24 €. / À payer à la distribution : 5,24 € en liquide. [Ajouter | Demander un retrait]
    awa: [Demander un retrait]
    bot: Que voudriez-vous retirer ? …
    awa: pain
    bot: Retirer 1 pièce Pain de campagne : un mot pour les coordinateurs ? …
    awa: je serai absente
    bot: Une commande confirmée ne se modifie plus, on peut seulement y ajouter. Voulez-vous demander aux coordinateurs de retirer 1 pièce Pain de campagne ? [Demander | Laisser | …]
    awa: [Demander]
    bot: C'est demandé. …
    bot→salon: Retraits demandés · 1 sur 1 / Awa · 1 pièce Pain de campagne, 4,50 € / demandé aujourd'hui / « je serai absente » [Enlever | Laisser]
    awa@salon: [Enlever]
    (hint) /retrait est réservé aux coordinateurs du groupe.
    camille@salon: [Enlever]
    (hint) ✅ Awa · 0 pièce Pain de campagne : 0,00 €…
    bot→salon: Aucun retrait n'est demandé.
    bot→awa: ✅ Camille a retiré ceci de votre commande : Pain de campagne. Vous devez 0,74 € au groupe. …
    """
    play()


def test_nothing_more_is_asked_of_an_order_of_which_nothing_is_left(play: Play) -> None:
    """
    B9.

    awa: 1 pain de campagne
    bot: Ajouté : 1 pièce Pain de campagne. …
    awa: confirmer
    bot: À payer : 4,50 €. …
    awa: liquide
    bot: Confirmer cette commande ? …
    awa: oui
    bot: ✅ Commande n° 1 confirmée …
    awa: annuler ma commande
    bot: Retirer 1 pièce Pain de campagne : un mot pour les coordinateurs ? …
    awa: passer
    bot: Une commande confirmée ne se modifie plus, … [Demander | …]
    awa: [Demander]
    bot: C'est demandé. …
    bot→salon: Retraits demandés · 1 sur 1 / … [Enlever | Laisser]
    camille@salon: [Enlever]
    (hint) ✅ Awa · 0 pièce Pain de campagne : 0,00 €…
    bot→salon: Aucun retrait n'est demandé.
    bot→awa: ✅ Camille a retiré ceci de votre commande : Pain de campagne. …
    awa: annuler ma commande
    bot: Vous n'avez pas de commande à modifier. [Mes commandes]
    """
    play()


def test_less_is_left_than_what_was_chosen(scene: Scene) -> None:
    """B11: five eggs chosen, three left at the confirmation: told, agreed to, debited and to be paid for three."""
    scene.says("bruno", "commander 5 oeufs")
    scene.says("awa", "2 oeufs")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "chèque")
    scene.taps("awa", "Confirmer")
    scene.says("bruno", "/confirmer")
    assert "⚠️ Œufs x6 : il ne reste que 3 pièces." in scene.said("bruno")
    scene.taps("bruno", "Continuer")
    assert scene.said("bruno").startswith("À payer : 2,00 € (commande 9,00 €, votre avoir déduit)")
    scene.says("bruno", "liquide")
    scene.taps("bruno", "Confirmer")
    assert "Total : 9,00 €." in scene.said("bruno")
    scene.says("lea", "1 oeuf")
    assert scene.said("lea").startswith("Œufs x6 : il n'y en a plus.")


def test_the_price_changes_between_the_question_and_the_answer(scene: Scene) -> None:
    """B12: consent is bound to what was shown; the new price is shown before anything is debited."""
    scene.says("awa", "1 pain de campagne")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "liquide")
    record(scene, replace(CATALOGUE[BREAD - 1], price=Cents(480), was=(("price", 450),)))
    scene.taps("awa", "Confirmer")
    assert "Pain de campagne : le prix a changé, 4,80 € la pièce" in scene.said("awa")
    scene.taps("awa", "Continuer")
    scene.says("awa", "liquide")
    assert "Total : 4,80 €." in scene.said("awa")
    scene.taps("awa", "Confirmer")
    assert "Total : 4,80 €." in scene.said("awa")


def test_the_window_closes_and_the_basket_is_kept(scene: Scene) -> None:
    """B12: nothing is debited after the closing; the basket survives days and other commands."""
    scene.says("awa", "1 pain de campagne")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "liquide")
    scene.later(days=1, hours=3)
    scene.taps("awa", "Confirmer")
    assert "ne sont plus ouvertes" in scene.said("awa")
    scene.says("awa", "solde")
    assert "à l'équilibre" in scene.said("awa")


def test_an_avoir_is_said_to_suffice_only_where_there_is_one(scene: Scene) -> None:
    """B15, B18: what covers an order may be declared and not received yet, or the kitty may go below zero."""
    scene.says("awa", "/payer 20 chèque")
    scene.says("awa", "oui")
    scene.says("awa", "2 oeufs")
    said = scene.said("awa")
    assert "vous devrez 6,00 € au groupe. / Rien de plus à payer : ce que vous avez déclaré suffit." in said
    scene.change(update(BuyingGroup).values(methods="kitty", kitty_may_go_negative=True))
    scene.says("awa", "/commander")
    said = scene.said("awa")
    assert "Rien à payer maintenant : la commande est prise sur votre cagnotte." in said


def test_a_kitty_must_cover_the_order(scene: Scene) -> None:
    """B18: balance 7.00, order 9.00: refused, 2.00 missing; pending payments do not help; 6.00 is accepted."""
    scene.change(update(BuyingGroup).values(methods="kitty"))
    scene.says("bruno", "/payer 5 liquide")
    scene.taps("bruno", "Déclarer")
    scene.says("bruno", "3 oeufs")
    scene.taps("bruno", "Confirmer")
    said = scene.said("bruno")
    assert "Il manque 2,00 € sur votre cagnotte pour cette commande (solde 7,00 €, commande 9,00 €)" in said
    scene.taps("bruno", "Revoir le panier")
    scene.taps("bruno", "Œufs x6 · 3 pièces")
    scene.taps("bruno", "−")
    scene.taps("bruno", "Confirmer")
    assert "Par quel moyen" not in scene.said("bruno")
    scene.taps("bruno", "Confirmer")
    scene.says("bruno", "solde")
    assert "un avoir de 1,00 €" in scene.said("bruno")


def test_what_is_weighed_later_is_said_to_be_an_estimate(play: Play) -> None:
    """
    B13, in the basket, where it is agreed to, once it is confirmed and until the pickup.

    awa: 1 poulet
    bot: Ajouté : 1 pièce Poulet fermier. …
    awa: panier
    bot: …1 pièce Poulet fermier : 12,60 € environ, à peser à la distribution…
    awa: [Confirmer]
    bot: À payer : 12,60 €. …
    awa: liquide
    bot: Confirmer cette commande ? / 1 pièce Poulet fermier : 12,60 € environ, à peser à la distribution / Total : 12,60 €. …
    awa: [Confirmer]
    bot: ✅ Commande n° 1 confirmée … / 0,900 kg Poulet fermier : 12,60 € environ, à peser à la distribution / Total : 12,60 €. …
    awa: commandes
    bot: … / 0,900 kg Poulet fermier : 12,60 € environ, à peser à la distribution / Total : 12,60 €. …
    """
    scene = play()
    scene.later(days=2, hours=0.5)
    scene.says("awa", "commandes")
    assert "/ 0,900 kg Poulet fermier : 12,60 € / Total" in scene.said("awa")
