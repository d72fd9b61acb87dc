"""The catalogue walked at random by two coordinators and a member: whatever is typed, tapped or sent, nothing breaks (B48)."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from bot.groups.people import Right
from bot.ledger.audit import audit
from bot.market.catalogue import key_of
from bot.market.market import Market
from bot.market.sheet_writing import as_csv
from tests.market_stall import set_up
from tests.transcripts import Scene
from tests.walker import Party, Repertoire, set_right

WORDS = [
    *(
        "",
        " 2",
        " p1",
        " p2",
        " p3 prix",
        " p4 vente",
        " p1 bio oui",
        " p2 actif non",
        " p1 photo",
        " p²",
        " nouveau",
        " cherche",
    ),
    *(" importer", " fichier csv", " producteurs", " ferme", " p2 stock", " p3 nom", " p4 producteur", " p1 categorie"),
]
TYPED = [
    *(
        "2,10",
        "0",
        "-1",
        "12",
        "1,5",
        "12 kg",
        "non compté",
        "Carottes",
        "œufs x6",
        "Ferme du Pré",
        "Miel",
        "pot",
        "au kilo",
    ),
    *(
        "0,9",
        "oui",
        "non",
        "annuler",
        "retour",
        "x" * 90,
        "²",
        "<b>x</b>",
        "99999999",
        "1,000",
        "2,10 €/kg",
        "=1+1",
        "\u202e",
        "passer",
    ),
]
FILES = [
    b"produit;prix\nPain;3,20\nMiel;6,50\n",
    b"produit;prix;stock\nCarottes;2,50;12\n",
    b"produit;prix\nSel;-1\n",
    b"nom;montant\nL\xc3\xa9a;3\n",
    b"Pain;3\n",
    b"\xff\xd8\xff photo",
    b"",
]


def walk(scene: Scene, chance: Random, steps: int) -> None:
    """Walk, and look at what is left."""
    set_up(scene)
    set_right(scene, Right.TREASURY, chance.choice(["fr", "en"]))
    party = Party(scene, chance, says=Repertoire(WORDS, TYPED, TYPED, FILES))
    for step in itertools.count():
        if step == steps:
            break
        who = chance.choice(["camille", "camille", "lea", "sofiane"])
        party.step(who, chance.choice(["catalogue", "catalogue", "fichier"]) if chance.random() < 0.3 else "")
    with scene.store.read() as connection:
        goods = Market(connection, 1, scene.now).catalogue.values()
        assert audit(connection) == []
    assert all(product.price > 0 and (product.stock is None or product.stock >= 0) for product in goods)
    assert len({key_of(product.name, product.producer) for product in goods}) == len(goods) > 3
    assert len(as_csv(goods).splitlines()) == len(goods) + 1


@pytest.mark.parametrize("number", range(3))
def test_whatever_is_said_of_the_catalogue_nothing_breaks(scene: Scene, number: int) -> None:
    walk(scene, Random(number), 150)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(20))
def test_long_walks_over_the_catalogue_break_nothing(scene: Scene, number: int) -> None:
    walk(scene, Random(f"long{number}"), 1_000)
