"""What people type wrong, and what has changed behind their back: a clear sentence each time, and nothing in the books (B12, B48)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.ledger.books import Books
from bot.market.market import Market
from bot.market.offer_facts import DistributionCancelled, OfferChosen, ProductChanged
from tests.market_stall import BREAD, CARROTS, CATALOGUE, CHICKEN, EGGS, THURSDAY, record, set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
AWA = 3


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market."""
    set_up(scene)


def basket(scene: Scene) -> list[tuple[int, int]]:
    """Give what Awa has in her basket: products and thousandths."""
    with scene.store.read() as connection:
        return [(line.product, line.ordered) for line in Market(connection, 1, scene.now).basket(AWA, THURSDAY)]


def untouched(scene: Scene) -> bool:
    """Tell whether Awa has ordered nothing and owes nothing, and whether all the eggs are there."""
    with scene.store.read() as connection:
        market, books = Market(connection, 1, scene.now), Books(connection, 1, scene.now)
        return (market.orders(THURSDAY), books.balance(AWA), market.catalogue[EGGS].stock) == ([], 0, 5000)


def changed(product: int, **values: object) -> ProductChanged:
    """Make the fact of a product of the stall that changes."""
    before = CATALOGUE[product - 1]
    was = tuple((name, getattr(before, name)) for name in values)
    return replace(before, **values, was=was)  # type: ignore[arg-type]


WRONG = {
    "0 oeufs": "Zéro n'est pas une quantité. Écrivez combien, ou retirez le produit.",
    "-1 oeuf": "Écrivez la quantité sans signe moins : combien il y en a en tout.",
    "1,5 oeufs": "« Œufs x6 » ne se partage pas : écrivez un nombre entier, par exemple 1 pièce.",
    "1/2 pain de campagne": "« Pain de campagne » ne se partage pas : écrivez un nombre entier, par exemple 1 pièce.",
    "9999 pain de campagne": "9 999 pièces, c'est trop pour une ligne : 500 pièces au plus.",
    "0 kg carottes": "Zéro n'est pas une quantité. Écrivez combien, ou retirez le produit.",
    "-2 kg carottes": "Écrivez la quantité sans signe moins : combien il y en a en tout.",
    "9999 kg carottes": "9 999 kg, c'est trop pour une ligne : 500 kg au plus.",
    "2 L carottes": "« Carottes » ne se compte pas ainsi. Écrivez par exemple 1,500 kg.",
    "1,2 kg poulet fermier": "« Poulet fermier » se commande à la pièce (environ 0,900 kg) et se pèse à la distribution.",
}


@pytest.mark.parametrize(("typed", "sentence"), WRONG.items())
def test_a_quantity_that_cannot_be_gets_a_sentence_and_nothing_is_chosen(
    scene: Scene, typed: str, sentence: str
) -> None:
    scene.says("awa", f"/commander {typed}")
    assert sentence in scene.said("awa")
    assert basket(scene) == []
    assert untouched(scene)


def test_half_a_kilo_written_as_a_fraction_is_a_weight(scene: Scene) -> None:
    """« 1/2 kg » is what people write; half a piece is not."""
    scene.says("awa", "1/2 kg carottes")
    assert scene.said("awa").startswith("Ajouté : 0,500 kg Carottes.")
    assert basket(scene) == [(CARROTS, 500)]


def test_no_more_than_is_left_is_put_into_the_basket(scene: Scene) -> None:
    """B11."""
    scene.says("awa", "4 oeufs")
    scene.says("awa", "3 oeufs")
    assert scene.said("awa").startswith("Ajouté : 1 pièce Œufs x6. Il n'en reste pas plus.")
    assert basket(scene) == [(EGGS, 5000)]


@pytest.mark.parametrize("data", ["e:commander d1 =2 -1000", "e:commander d1 =2 1500", "e:commander d1 =2 99999999999999999999",
                                  "e:commander d1 =2 0x10", "e:commander d1 +999", "e:commander d1 p-1", "e:commander d1 r99",
                                  "e:commander d99 +2", "e:commander d1 =2", "e:commander d-1", "e:commander d1 r0 9999"])  # fmt: skip
def test_a_forged_button_chooses_nothing_impossible(scene: Scene, data: str) -> None:
    """B48: what a button carries is read with the care that typed words get."""
    scene.taps_data("awa", data)
    assert scene.told("awa") != [] or scene.toast
    assert all(ordered % 1000 == 0 and 0 < ordered <= 5000 for _product, ordered in basket(scene))
    assert untouched(scene)


def to_the_consent(scene: Scene, typed: str = "1 pain de campagne") -> None:
    """Bring Awa before the last question."""
    for said in (typed, "confirmer", "liquide"):
        scene.says("awa", said)
    assert scene.said("awa").startswith("Confirmer cette commande ?")


def test_a_product_removed_before_the_consent_is_named_and_nothing_is_ordered(scene: Scene) -> None:
    """B12: the basket without it must be agreed to anew."""
    to_the_consent(scene, "1 pain de campagne, 1 kg carottes")
    record(scene, changed(BREAD, active=False))
    scene.taps("awa", "Confirmer")
    said = scene.said("awa")
    assert "⚠️ Pain de campagne n'est plus proposé." in said
    assert "Total : 2,10 €" in said
    assert untouched(scene)
    scene.taps("awa", "Continuer")
    scene.says("awa", "liquide")
    scene.taps("awa", "Confirmer")
    assert "Commande n° 1 confirmée" in scene.said("awa")
    scene.says("awa", "solde")
    assert "2,10 €" in scene.said("awa")


def test_the_only_product_removed_leaves_an_empty_basket(scene: Scene) -> None:
    """B12."""
    to_the_consent(scene)
    record(scene, OfferChosen(THURSDAY, (EGGS, CHICKEN)))
    scene.taps("awa", "Confirmer")
    assert "Pain de campagne n'est plus proposé." in scene.said("awa")
    assert untouched(scene)


def test_a_product_that_has_sold_out_meanwhile_is_left_out(scene: Scene) -> None:
    """B11: none left of one, and the other is ordered."""
    to_the_consent(scene, "2 oeufs, 1 pain de campagne")
    scene.says("bruno", "5 oeufs")
    scene.says("bruno", "confirmer")
    scene.says("bruno", "liquide")
    scene.taps("bruno", "Confirmer")
    scene.taps("awa", "Confirmer")
    said = scene.said("awa")
    assert "⚠️ Œufs x6 : il n'y en a plus." in said
    assert "Total : 4,50 €" in said


def test_the_basket_of_a_cancelled_distribution_is_not_ordered(scene: Scene) -> None:
    """B12, B35."""
    to_the_consent(scene)
    record(scene, DistributionCancelled(THURSDAY))
    scene.taps("awa", "Confirmer")
    assert "Les commandes ne sont plus ouvertes." in scene.said("awa")
    scene.says("awa", "commander")
    assert scene.said("awa") == "Aucune commande n'est ouverte en ce moment."
    scene.says("awa", "/confirmer d1")
    assert scene.said("awa") == "Les commandes ne sont plus ouvertes."
    assert untouched(scene)


WRONG_WEIGHTS = {
    "-1": "sans signe moins",
    "abc": "Écrivez",
    "9999": "Écrivez-la avec son unité",
    "9999 kg": "c'est trop pour une ligne",
    "0 kg": "Zéro n'est pas une quantité",
}


def test_a_weight_at_the_pickup_that_cannot_be_gets_a_sentence_and_changes_nothing(scene: Scene) -> None:
    """B13, B48."""
    for said in ("1 poulet fermier", "confirmer", "liquide"):
        scene.says("awa", said)
    scene.taps("awa", "Confirmer")
    scene.later(days=2, hours=0.5)
    scene.says("camille", "/ajuster d1 m3")
    scene.says("camille", "1")
    scene.taps("camille", "Peser")
    for typed, sentence in WRONG_WEIGHTS.items():
        scene.says("camille", typed)
        said = scene.said("camille")
        assert sentence in said, typed
        assert "combien à la pesée ?" in said, typed
    scene.says("camille", "1,15")
    scene.says("awa", "/commandes")
    assert "1,150 kg Poulet fermier : 16,10 €" in scene.said("awa")


def test_what_is_wanted_no_more_or_only_asked_about_is_never_added(play: Play) -> None:
    """
    awa: 2 pains de campagne
    bot: Ajouté : 2 pièces Pain de campagne. …
    awa: sans pain de campagne
    bot: Pain de campagne – 4,50 € la pièce, bio … Dans votre panier : 2 pièces, 9,00 €. … [− | + | Rayons | Panier | Confirmer]
    awa: je ne veux plus de pain de campagne et de carottes
    bot: Lequel de ces produits ? … Panier : 1 produit, 9,00 €. … [Pain de campagne | Carottes | Rayons | Panier | Confirmer]
    awa: enlever les carottes
    bot: Carottes – 2,10 €/kg, bio … Panier : 1 produit, 9,00 €. …
    awa: carottes ?
    bot: Carottes – 2,10 €/kg, bio … Panier : 1 produit, 9,00 €. …
    awa: mon panier
    bot: Votre panier / 2 pièces Pain de campagne : 9,00 € / … [Pain de campagne · 2 pièces | Vider | Rayons | Confirmer]
    awa: vider
    bot: … Votre panier est vide. …
    """
    play()


@pytest.mark.parametrize(
    "typed",
    ["1 pain de campagne, sans carottes", "1 pain de campagne et sans carottes", "on ne veut plus de carottes",
     "il manquait 1 kg de carottes", "j'ai reçu 2 kg de carottes", "pas 1 kg carottes",
     "1 pain de campagne, je ne veux plus de carottes", "merci pour les carottes", "Merci beaucoup pour les carottes !"],
)  # fmt: skip
def test_what_only_a_part_of_a_message_does_not_want_is_not_added(scene: Scene, typed: str) -> None:
    scene.says("awa", typed)
    assert CARROTS not in dict(basket(scene))
    assert "Ajouté : 1 kg Carottes" not in scene.said("awa")


def test_a_number_of_what_is_in_packs_says_how_many_that_makes(play: Play) -> None:
    """
    awa: trois oeufs
    bot: Ajouté : 3 pièces Œufs x6 (18 en tout). …
    awa: 12 oeufs
    bot: « 12 oeufs » : est-ce l'un de ceux-ci ? … [2 pièces Œufs x6 | Rayons | Panier | Confirmer]
    awa: [2 pièces Œufs x6]
    bot: … Dans votre panier : 5 pièces, 15,00 €. …
    """
    play()


def test_what_is_not_sold_or_cannot_be_ordered_now_is_answered_as_an_order(play: Play, scene: Scene) -> None:
    """
    awa: 500 g de tomates
    bot: « 500 g de tomates » : je ne trouve pas ce produit. … [Rayons]
    """
    play()
    record(scene, DistributionCancelled(THURSDAY))
    scene.says("awa", "2 kg de carottes")
    assert scene.said("awa") == "Aucune commande n'est ouverte en ce moment."


def test_to_order_leaves_the_question_that_was_open(play: Play) -> None:
    """
    awa: /payer
    bot: Combien avez-vous payé ? …
    awa: commander
    bot: Commande du jeudi 26 novembre à 18 h, Salle des fêtes – …
    awa: 2 pains de campagne
    bot: Ajouté : 2 pièces Pain de campagne. …
    """
    play()


def test_to_take_back_is_understood_of_an_order_and_of_a_payment(play: Play) -> None:
    """
    awa: annuler ma commande
    bot: Vous n'avez pas de commande à modifier. [Mes commandes]
    awa: 1 pain de campagne
    bot: Ajouté : 1 pièce Pain de campagne. …
    awa: confirmer
    bot: À payer : 4,50 €. Par quel moyen ? …
    awa: liquide
    bot: Confirmer cette commande ? …
    awa: oui
    bot: ✅ Commande n° 1 confirmée pour le jeudi 26 novembre à 18 h, Salle des fêtes : …
    awa: annuler ma commande
    bot: Retirer 1 pièce Pain de campagne : un mot pour les coordinateurs ? [Passer | Annuler]
    awa: /annuler
    bot: C'est annulé. …
    awa: annuler mon paiement
    bot: Aucun de vos paiements n'attend.
    awa: c'est où ?
    bot: Commande n° 1 · jeudi 26 novembre à 18 h, Salle des fêtes / …
    """
    play()
