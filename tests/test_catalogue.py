"""The catalogue kept in the chat: listed, changed with few taps, added in few questions; all of it in the journal (B6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.ledger.audit import audit
from bot.ledger.money import Cents
from bot.market.catalogue import added
from bot.market.market import Market
from bot.market.products import MOST_PRODUCTS, Product
from tests.market_stall import BREAD, CARROTS, CATALOGUE, EGGS, record, set_up
from tests.transcripts import BEGINNING, Scene

Play = Callable[[], Scene]

FORGED = [
    "catalogue p²",
    "catalogue p0",
    "catalogue p999",
    "catalogue p-1",
    "catalogue p" + "9" * 40,
    "catalogue ²",
    "catalogue 0",
    "catalogue 999",
    "catalogue " + "9" * 40,
    "catalogue producteurs ²",
    "catalogue producteurs 999",
    "catalogue p1 bio",
    "catalogue p1 bio maybe",
    "catalogue p1 actif 1",
    "catalogue p1 prix 0",
    "catalogue p1 rien",
    "catalogue fichier exe",
    "catalogue <b>x</b>",
    "catalogue x, y, z",
]


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market whose orders are open."""
    set_up(scene)
    scene.unheard()


def product(scene: Scene, number: int) -> Product:
    """Read a product as it is."""
    with scene.store.read() as connection:
        return Market(connection, 1, scene.now).catalogue[number]


def many(scene: Scene, n: int, producer: str = "Ferme {rank}") -> None:
    """Put more products into the catalogue, of many producers."""
    for number in range(len(CATALOGUE) + 1, n + 1):
        whose = producer.format(rank=number % 30)
        record(scene, added(Product(number, f"Produit {number:04}", Cents(100 + number), producer=whose)))


def test_a_product_is_changed_with_few_taps_in_one_message(play: Play) -> None:
    """
    camille: /catalogue
    bot: 4 produits /  / Ferme du Pré / Carottes – 2,10 €/kg, bio / Œufs x6 – 3,00 € la pièce, stock 5 / Poulet fermier – env. 12,60 € la pièce (14,00 €/kg) /  / Fournil d'Élise / Pain de campagne – 4,50 € la pièce, bio [Carottes | Œufs x6 | Poulet fermier | Pain de campagne | Nouveau | Fichier]
    camille: [Carottes]
    bot: Carottes / 2,10 €/kg · au poids / Stock : non compté / Ferme du Pré · Légumes · bio [Prix | Stock | Nom | Unité et vente | Producteur | Catégorie | Photo | Bio ✅ | Retirer du catalogue | Catalogue]
    camille: [Prix]
    bot: Carottes : quel nouveau prix par kg ? Maintenant 2,10 €/kg. [Annuler]
    camille: 2,30 €/kg
    bot: ✅ prix 2,10 € → 2,30 € /  / Carottes / 2,30 €/kg · au poids / …
    camille: [Bio ✅]
    bot: ✅ bio oui → non /  / Carottes / … / Ferme du Pré · Légumes [… | Bio ❌ | …]
    camille: [Stock]
    bot: Carottes : combien en reste-t-il ? Maintenant non compté. [Non compté | Annuler]
    camille: 12,5 kg
    bot: ✅ stock non compté → 12,500 kg /  / Carottes …
    camille: [Stock]
    bot: Carottes : combien en reste-t-il ? Maintenant 12,500 kg. …
    camille: [Non compté]
    bot: ✅ stock 12,500 kg → non compté /  / …
    camille: [Retirer du catalogue]
    bot: ✅ Retiré du catalogue. /  / Carottes / … / ⚠️ Hors catalogue : il n'est plus proposé. [… | Remettre | Catalogue]
    camille: [Catalogue]
    bot: … Carottes – 2,30 €/kg · retiré / …
    camille: [Carottes]
    bot: Carottes / …
    camille: [Remettre]
    bot: ✅ De nouveau au catalogue. /  / Carottes / …
    camille: [Catégorie]
    bot: Carottes : quelle catégorie ? Choisissez, ou écrivez-en une autre. [Crèmerie | Légumes | Pain | Viande | Aucun | Annuler]
    camille: fruits et légumes
    bot: ✅ catégorie Légumes → fruits et légumes /  / …
    camille: [Producteur]
    bot: Carottes : quel producteur ? Choisissez, ou écrivez un autre nom. [Ferme du Pré | Fournil d'Élise | Aucun | Annuler]
    camille: fournil d'elise
    bot: ✅ producteur Ferme du Pré → Fournil d'Élise /  / …
    camille: [Nom]
    bot: Carottes : quel nouveau nom ? [Annuler]
    camille: Carottes des sables
    bot: ✅ nom Carottes → Carottes des sables /  / …
    camille: [Catalogue]
    bot: 4 produits /  / Ferme du Pré / Œufs x6 …
    camille: /journal
    bot: Journal / n° … · Camille : Produit · Carottes des sables : nom Carottes → Carottes des sables / n° … : Produit · Carottes : producteur Ferme du Pré → Fournil d'Élise / … prix 2,10 € → 2,30 € …
    """
    scene = play()
    assert [shown.edited for shown in scene.shown if "Carottes" in shown.message.text][:3] == [False, True, True]
    with scene.store.read() as connection:
        assert audit(connection) == []


def test_a_new_product_takes_few_questions_and_consent_in_words(play: Play) -> None:
    """
    camille: /catalogue
    bot: …
    camille: [Nouveau]
    bot: Quel produit ajouter ? Écrivez son nom. [Annuler]
    camille: Pintade
    bot: Pintade : vendu comment ? [Au kilo | À la pièce | Pièce pesée ensuite | Botte | Sachet | Barquette | Cagette | Pot | Bouteille | Lot | Douzaine | Au litre | Retour | Annuler]
    camille: [Pièce pesée ensuite]
    bot: Pintade : combien pèse une pièce, à peu près ? Par exemple 0,9 (kg). [Retour | Annuler]
    camille: 1200 g
    bot: Pintade : quel prix par kg ? Par exemple 2,10. [Retour | Annuler]
    camille: 12
    bot: Pintade : quel producteur ? Choisissez, ou écrivez un autre nom. [Ferme du Pré | Fournil d'Élise | Aucun | Retour | Annuler]
    camille: [Ferme du Pré]
    bot: Pintade : quelle catégorie ? Choisissez, ou écrivez-en une autre. [Crèmerie | Légumes | Pain | Viande | Aucun | Retour | Annuler]
    camille: viande
    bot: Pintade : combien y en a-t-il ? [Non compté | Retour | Annuler]
    camille: 5
    bot: Ajouter au catalogue : Pintade, env. 14,40 € la pièce (12,00 €/kg), Ferme du Pré, Viande, stock 5 ? [Ajouter | Non | Retour]
    camille: [Ajouter]
    bot: ✅ C'est au catalogue. /  / Pintade / env. 14,40 € la pièce (12,00 €/kg) · à la pièce, pesé ensuite (environ 1,200 kg) / Stock : 5 / Ferme du Pré · Viande […]
    camille: /journal
    bot: Journal / n° … : Produit · nouveau : Pintade, env. 14,40 € la pièce (12,00 €/kg), Ferme du Pré, Viande, stock 5 / …
    lea: une pintade
    bot: Ajouté : 1 pièce Pintade. …
    """
    play()


def test_nothing_is_added_without_consent(play: Play) -> None:
    """
    camille: /catalogue nouveau
    bot: …
    camille: Miel
    bot: …
    camille: pot
    bot: Miel : quel prix par pot ? …
    camille: 6,50
    bot: …
    camille: [Aucun]
    bot: …
    camille: [Aucun]
    bot: …
    camille: [Non compté]
    bot: Ajouter au catalogue : Miel, 6,50 € le pot, stock non compté ? [Ajouter | Non | Retour]
    camille: [Non]
    bot: Rien n'a changé.
    """
    with play().store.read() as connection:
        assert len(Market(connection, 1, BEGINNING).catalogue) == len(CATALOGUE)


def test_sold_otherwise_a_product_has_its_price_and_stock_asked_anew(scene: Scene, play: Play) -> None:
    """
    Eggs are counted; sold by the dozen they have another price, and other eggs are left.

    camille: /catalogue p2
    bot: Œufs x6 / 3,00 € la pièce · à la pièce / Stock : 5 / …
    camille: [Unité et vente]
    bot: Œufs x6 : vendu comment ? …
    camille: à la douzaine
    bot: Œufs x6 : quel prix par douzaine ? Par exemple 2,10. …
    camille: 5,80
    bot: Œufs x6 : combien en reste-t-il ? …
    camille: 2
    bot: Œufs x6 : prix 3,00 € → 5,80 €, unité pièce → douzaine, stock 5 → 2 douzaines. D'accord ? Les commandes confirmées restent comme elles sont. [Oui | Non | Retour]
    camille: [Oui]
    bot: ✅ prix 3,00 € → 5,80 €, unité pièce → douzaine, stock 5 → 2 douzaines /  / …
    """
    play()
    assert product(scene, EGGS).stock == 2000


def test_a_product_sold_otherwise_is_agreed_to_anew_in_baskets(scene: Scene, play: Play) -> None:
    """
    B12, a kilo and a half is no bunch and a half.

    lea: 1,5 kg carottes
    bot: Ajouté : 1,500 kg Carottes. …
    camille: /catalogue p1 vente
    bot: …
    camille: botte
    bot: …
    camille: 2,10
    bot: Carottes : unité kg → botte, vendu au poids → à la pièce. D'accord ? …
    camille: oui
    bot: …
    lea: /commander d1 panier
    bot: Votre panier / 1 botte Carottes : 2,10 € / ⚠️ Carottes : le prix a changé, 2,10 € la botte. /  / …
    """
    play()


def test_an_order_keeps_its_lines_whatever_becomes_of_the_product(scene: Scene) -> None:
    """B8: the price is fixed when it is confirmed."""
    scene.says("awa", "1 pain de campagne")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "liquide")
    scene.taps("awa", "Confirmer")
    scene.says("camille", f"/catalogue p{BREAD}")
    scene.taps("camille", "Retirer du catalogue")
    scene.taps("camille", "Prix")
    scene.says("camille", "5")
    scene.says("awa", "/commandes d1")
    assert "1 pièce Pain de campagne : 4,50 €" in scene.said("awa")
    with scene.store.read() as connection:
        assert audit(connection) == []


def test_what_is_said_refuses_what_cannot_be(play: Play) -> None:
    """
    B48, each refusal says what is wrong, and the question comes again.

    camille: /catalogue p1 prix
    bot: Carottes : quel nouveau prix …
    camille: 0
    bot: Le prix 0,00 € n'est pas possible : il faut au moins 0,01. / Carottes : quel nouveau prix …
    camille: -2
    bot: Le prix −2,00 € n'est pas possible : il faut au moins 0,01. / …
    camille: 99999
    bot: Le prix 99 999,00 € est trop grand : 10 000,00 € au plus. / …
    camille: 2,10 la botte
    bot: « 2,10 la botte » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10. / …
    camille: 210
    bot: ⚠️ Carottes : 2,10 € → 210,00 €. C'est bien cela ? [Oui | Non | Retour]
    camille: [Non]
    bot: Rien n'a changé. /  / Carottes / 2,10 €/kg · au poids …
    camille: /catalogue p2 stock
    bot: …
    camille: -3
    bot: Écrivez combien il en reste (pièce), par exemple 12 ; 0 s'il n'y en a plus. / …
    camille: 1,5
    bot: « Œufs x6 » se commande à la pièce : son stock est un nombre entier. / …
    camille: 1,000
    bot: Écrivez combien il en reste (pièce), …
    camille: 3 kg
    bot: Écrivez combien il en reste (pièce), …
    camille: 9999999
    bot: Écrivez combien il en reste (pièce), …
    camille: beaucoup
    bot: « beaucoup » n'est pas une quantité que je comprends. … / …
    camille: 0
    bot: ✅ stock 5 → 0 /  / …
    camille: /catalogue p2 nom
    bot: …
    camille: ---
    bot: Il manque le nom du produit. / …
    camille: carottes
    bot: « carottes » est déjà au catalogue, chez le même producteur. Rien n'a été enregistré. / …
    camille: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    bot: « aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… » est trop long : 80 signes au plus. / …
    camille: ŒUFS X6
    bot: ✅ nom Œufs x6 → ŒUFS X6 /  / …
    camille: /catalogue p3 producteur
    bot: …
    camille: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    bot: « aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… » est trop long : 80 signes au plus. / …
    camille: annuler
    bot: C'est annulé. Rien n'a été enregistré.
    camille: /catalogue p4 vente
    bot: …
    camille: au mètre
    bot: Choisissez, ou écrivez une unité : pièce, botte, sachet, barquette, cagette, pot, bouteille, lot, douzaine, kg, g, L, cL, mL. / …
    camille: [Pièce pesée ensuite]
    bot: …
    camille: 0
    bot: Zéro n'est pas une quantité. … / …
    camille: 150 kg
    bot: Une pièce de « Poulet fermier » pèserait 150 kg : vérifiez l'unité, ou « au poids ». / …
    camille: annuler
    bot: C'est annulé. Rien n'a été enregistré.
    """
    play()


def test_the_same_name_at_the_same_producer_is_refused_with_a_new_product_too(play: Play) -> None:
    """
    camille: /catalogue nouveau
    bot: …
    camille: carottes
    bot: …
    camille: [Au kilo]
    bot: …
    camille: 3
    bot: …
    camille: ferme du pre
    bot: « carottes » est déjà au catalogue, chez le même producteur. Rien n'a été enregistré. / carottes : quel producteur ? …
    camille: Le Champ
    bot: carottes : quelle catégorie ? …
    """
    play()


def test_a_change_meanwhile_is_shown_before_anything_is_recorded(scene: Scene) -> None:
    """What is asked shows the product as it is; an answer to what it was is not taken."""
    scene.says("camille", "/catalogue p1 prix")
    record(scene, replace(CATALOGUE[CARROTS - 1], price=Cents(250), was=(("price", 210),)))
    scene.says("camille", "2,30")
    assert "Quelque chose a changé entre-temps." in scene.said("camille")
    assert product(scene, CARROTS).price == 250


def test_a_switch_tapped_twice_changes_nothing_more(scene: Scene) -> None:
    scene.says("camille", "/catalogue p1")
    button = scene.button("camille", "Bio ✅")
    scene.tap_again("camille", button)
    scene.tap_again("camille", button)
    assert "Rien n'a changé." in scene.said("camille")
    assert not product(scene, CARROTS).organic


def test_a_long_list_is_paged_and_searched(scene: Scene) -> None:
    many(scene, 300)
    scene.says("camille", "/catalogue")
    assert scene.said("camille").startswith("300 produits · page 1 sur 30")
    scene.taps("camille", "›")
    assert scene.said("camille").startswith("300 produits · page 2 sur 30")
    scene.taps("camille", "‹")
    scene.taps("camille", "Producteurs")
    assert scene.said("camille") == "32 producteurs"
    scene.taps("camille", "›")
    scene.taps("camille", "Ferme 9 (10)")
    assert "Ferme 9 / Produit 0009" in scene.said("camille")
    scene.taps("camille", "Chercher")
    scene.says("camille", "produit 0123")
    assert scene.said("camille").startswith("Produit 0123 / 2,23 € la pièce")
    scene.says("camille", "/catalogue carotes")
    assert scene.said("camille").startswith("Carottes / 2,10 €/kg")
    scene.says("camille", "/catalogue produit")
    assert scene.said("camille").endswith("… et d'autres : précisez.")


def test_a_full_catalogue_takes_no_more(scene: Scene) -> None:
    many(scene, MOST_PRODUCTS)
    scene.says("camille", "/catalogue nouveau")
    assert scene.said("camille").startswith("Le catalogue est plein : 2000 produits au plus.")


@pytest.mark.parametrize("data", FORGED)
def test_forged_words_are_answered_and_change_nothing(scene: Scene, data: str) -> None:
    """B48."""
    before = [product(scene, number) for number in (1, 2, 3, 4)]
    scene.taps_data("camille", f"e1:{data}")
    scene.says("camille", f"/{data}")
    answers = scene.told("camille")
    assert len(answers) == 2
    assert not any("de votre fait" in answer for answer in answers)
    assert before == [product(scene, number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("who", ["lea", "awa"])
def test_the_catalogue_is_kept_by_coordinators(scene: Scene, who: str) -> None:
    """B43."""
    for said in ("/catalogue", "/catalogue p1 bio non", "/products"):
        scene.says(who, said)
        assert scene.said(who) == "/catalogue est réservé aux coordinateurs du groupe."
    scene.taps_data(who, "e1:catalogue p1 bio non")
    assert product(scene, CARROTS).organic
