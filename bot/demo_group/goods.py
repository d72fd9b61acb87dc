"""What five invented producers sell to the group of the demo: by the piece, by weight, by pieces that are weighed later."""

from __future__ import annotations

from typing import NamedTuple

from bot.ledger.money import Cents
from bot.market.offer_facts import ProductChanged
from bot.market.products import ONE


class Good(NamedTuple):
    """A product as a price list has it: cents per unit, how many are left, grams of a piece that is weighed later."""

    name: str
    cents: int
    unit: str = "piece"
    left: int | None = None
    organic: bool = False
    piece_grams: int = 0


PRODUCERS = (
    "Ferme des Trois Ormes",
    "Verger de la Butte",
    "Chèvrerie du Val",
    "Fournil de la Rue Basse",
    "Élevage Quenouille",
)
ORCHARD, GOATS, BAKERY, BREEDER = 1, 2, 3, 4
"""The ranks of the others; the first sells what is not said to be another's."""

GOODS: dict[tuple[str, int], tuple[Good, ...]] = {
    ("Légumes", 0): (
        Good("Carottes", 210, "kg", organic=True),
        Good("Pommes de terre Charlotte", 180, "kg", organic=True),
        Good("Poireaux", 290, "kg", organic=True),
        Good("Oignons jaunes", 220, "kg", organic=True),
        Good("Betteraves rouges", 240, "kg", organic=True),
        Good("Épinards", 480, "kg", 12, organic=True),
        Good("Mâche", 160, "bag", 20, organic=True),
        Good("Salade batavia", 130, "piece", 30, organic=True),
        Good("Chou vert", 250, "piece", organic=True),
        Good("Botte de radis noirs", 200, "bunch", 15, organic=True),
        Good("Persil plat", 110, "bunch", organic=True),
        Good("Potimarron", 290, "kg", organic=True, piece_grams=1200),
    ),
    ("Fruits", ORCHARD): (
        Good("Pommes Reinette", 280, "kg"),
        Good("Pommes Boskoop", 260, "kg"),
        Good("Poires Conférence", 320, "kg"),
        Good("Noix", 690, "kg", 8),
        Good("Coings", 240, "kg", 10),
    ),
    ("Épicerie", ORCHARD): (
        Good("Jus de pomme", 355, "bottle"),
        Good("Cidre brut", 420, "bottle", 24),
        Good("Vinaigre de cidre", 390, "bottle"),
        Good("Confiture de coings", 480, "jar", 9),
        Good("Miel de tilleul", 780, "jar", 5),
    ),
    ("Épicerie", 0): (
        Good("Lentilles vertes 500 g", 420, "bag", organic=True),
        Good("Pois chiches 500 g", 390, "bag", organic=True),
        Good("Farine de blé T80 1 kg", 240, "bag", organic=True),
    ),
    ("Crèmerie", GOATS): (
        Good("Chèvre frais", 340, "piece", organic=True),
        Good("Bûche cendrée", 620, "piece", 10, organic=True),
        Good("Tomme de chèvre", 2400, "kg", organic=True),
        Good("Yaourts de chèvre x4", 340, "pack", 16, organic=True),
        Good("Lait de chèvre", 190, "L", organic=True),
    ),
    ("Pains", BAKERY): (
        Good("Pain de campagne", 460, "piece", organic=True),
        Good("Pain aux graines", 520, "piece", organic=True),
        Good("Petit épeautre", 680, "piece", 6, organic=True),
        Good("Brioche", 590, "piece", 4, organic=True),
    ),
    ("Œufs et viande", BREEDER): (
        Good("Œufs x6", 320, "pack", 24),
        Good("Poulet fermier", 1150, "kg", 7, piece_grams=1600),
        Good("Lapin", 1380, "kg", 2, piece_grams=1300),
        Good("Saucisses x4", 740, "pack", 10),
        Good("Terrine de campagne", 560, "jar", 3),
    ),
}  # fmt: skip
"""Shelf and the producer's rank, and what stands there."""

_BY_WEIGHT = {"kg", "L"}


def catalogue() -> list[ProductChanged]:
    """Give all products, numbered in the order of the price list."""
    listed = [(shelf, maker, good) for (shelf, maker), goods in GOODS.items() for good in goods]
    return [_product(number, *found) for number, found in enumerate(listed, start=1)]


def _product(number: int, shelf: str, maker: int, good: Good) -> ProductChanged:
    loose = "weight" if good.unit in _BY_WEIGHT else "piece"
    sold = "weighed" if good.piece_grams else loose
    return ProductChanged(
        number, Cents(good.cents), good.unit, sold, stock=None if good.left is None else good.left * ONE,
        piece_quantity=good.piece_grams or ONE, organic=good.organic, active=True, name=good.name,
        producer=PRODUCERS[maker], category=shelf,
    )  # fmt: skip
