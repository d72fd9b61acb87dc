"""The units products are sold in, and quantities and prices written in them as the language does (B13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.folding import folded
from bot.ledger.money import Cents
from bot.market.products import ONE, Product, Sold
from bot.words import _, _n, amount, language


@dataclass(frozen=True)
class Measure:
    """A unit that is weighed or poured: of what, and how many grams or millilitres it is."""

    of: str
    size: int


MEASURES = {
    "kg": Measure("mass", 1000),
    "g": Measure("mass", 1),
    "L": Measure("volume", 1000),
    "cL": Measure("volume", 10),
    "mL": Measure("volume", 1),
}

_COUNTED: dict[str, Callable[[int, str], str]] = {
    "piece": lambda n, figure: _n("{figure} pièce", "{figure} pièces", n, figure=figure),
    "bunch": lambda n, figure: _n("{figure} botte", "{figure} bottes", n, figure=figure),
    "bag": lambda n, figure: _n("{figure} sachet", "{figure} sachets", n, figure=figure),
    "tray": lambda n, figure: _n("{figure} barquette", "{figure} barquettes", n, figure=figure),
    "crate": lambda n, figure: _n("{figure} cagette", "{figure} cagettes", n, figure=figure),
    "jar": lambda n, figure: _n("{figure} pot", "{figure} pots", n, figure=figure),
    "bottle": lambda n, figure: _n("{figure} bouteille", "{figure} bouteilles", n, figure=figure),
    "pack": lambda n, figure: _n("{figure} lot", "{figure} lots", n, figure=figure),
    "dozen": lambda n, figure: _n("{figure} douzaine", "{figure} douzaines", n, figure=figure),
}

_EACH: dict[str, Callable[[], str]] = {
    "piece": lambda: _("la pièce"),
    "bunch": lambda: _("la botte"),
    "bag": lambda: _("le sachet"),
    "tray": lambda: _("la barquette"),
    "crate": lambda: _("la cagette"),
    "jar": lambda: _("le pot"),
    "bottle": lambda: _("la bouteille"),
    "pack": lambda: _("le lot"),
    "dozen": lambda: _("la douzaine"),
}

UNITS = (*_COUNTED, *MEASURES)
"""Every unit a product can have."""

_WORDS = {
    "piece": "piece pieces pce pces pcs pc unite unites u unit units each",
    "bunch": "botte bottes bouquet bouquets bunch bunches",
    "bag": "sachet sachets sac sacs bag bags",
    "tray": "barquette barquettes tray trays punnet punnets",
    "crate": "cagette cagettes caisse caisses crate crates carton cartons",
    "jar": "pot pots bocal bocaux jar jars",
    "bottle": "bouteille bouteilles bottle bottles",
    "pack": "lot lots paquet paquets pack packs boite boites",
    "dozen": "douzaine douzaines dozen dozens",
    "kg": "kg kgs kilo kilos kilogramme kilogrammes",
    "g": "g gr grs gramme grammes gram grams",
    "L": "l litre litres liter liters",
    "cL": "cl centilitre centilitres",
    "mL": "ml millilitre millilitres",
}
_UNIT_OF = {word: unit for unit, words in _WORDS.items() for word in words.split()}


def unit_of(word: str) -> str | None:
    """Find the unit that a word names, in the singular or the plural, in French or English.

    >>> [unit_of(word) for word in ("Kilos", "pièce", "bottes", "ml", "coudée")]
    ['kg', 'piece', 'bunch', 'mL', None]
    """
    return _UNIT_OF.get(folded(word).rstrip("."))


def unit_name(unit: str) -> str:
    """Name a unit by itself, as a file or a button does: « kg », « pièce »."""
    return _one_of(unit).split(maxsplit=1)[-1] if unit in _COUNTED else unit


def _one_of(unit: str) -> str:
    return _COUNTED[unit](1, "1")


def converted(thousandths: int, unit: str, into: str) -> int | None:
    """Convert a quantity into another unit of the same kind; None where that is not a whole number of thousandths.

    >>> converted(350_000, "g", "kg"), converted(1500, "L", "cL"), converted(500, "g", "kg")
    (350, 150000, None)
    """
    exact, rest = divmod(thousandths * MEASURES[unit].size, MEASURES[into].size)
    return None if rest else exact


def figure(thousandths: int, unit: str = "piece") -> str:
    r"""Write a number of units: kilos and litres to the thousandth, as scales do, unless they are whole.

    >>> figure(350, "kg"), figure(2000, "kg"), figure(1_250_500, "g"), figure(-1500)
    ('0,350', '2', '1\u202f250,5', '−1,5')
    """
    whole, rest = divmod(abs(thousandths), ONE)
    decimals = f"{rest:03}" if unit in {"kg", "L"} else f"{rest:03}".rstrip("0")
    english = language() == "en"
    written = ("−" if thousandths < 0 else "") + (f"{whole:,}" if english else f"{whole:,}".replace(",", "\u202f"))
    return written + (("." if english else ",") + decimals if rest else "")


def quantity_words(thousandths: int, unit: str) -> str:
    r"""Write a quantity with its unit, in thousandths of that unit.

    >>> [quantity_words(350, "kg"), quantity_words(2000, "piece"), quantity_words(1000, "bunch")]
    ['0,350\xa0kg', '2 pièces', '1 botte']
    """
    written = figure(thousandths, unit)
    counted = _COUNTED.get(unit)
    return counted(abs(thousandths) // ONE, written) if counted else f"{written}\u00a0{unit}"


def short_quantity(thousandths: int, unit: str) -> str:
    r"""Write a quantity where there is little room: a number of pieces is a number.

    >>> short_quantity(3000, "piece"), short_quantity(1500, "kg")
    ('3', '1,500\xa0kg')
    """
    return figure(thousandths) if unit == "piece" else quantity_words(thousandths, unit)


def ordered_unit(product: Product) -> str:
    """Tell the unit in which people order a product: pieces, where it is weighed later."""
    return "piece" if product.sold is Sold.WEIGHED else product.unit


def ordered_words(product: Product, ordered: int) -> str:
    """Write what is ordered of a product, in thousandths.

    >>> ordered_words(Product(1, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900), 2 * ONE)
    '2 pièces'
    """
    return quantity_words(ordered, ordered_unit(product))


def price_words(product: Product) -> str:
    r"""Write a product's price; pieces weighed later have an estimate first.

    >>> price_words(Product(1, "Carottes", Cents(210), "kg", Sold.WEIGHT))
    '2,10\xa0€/kg'
    >>> price_words(Product(2, "Salade", Cents(300)))
    '3,00\xa0€ la pièce'
    >>> price_words(Product(3, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900))
    'env. 12,60\xa0€ la pièce (14,00\xa0€/kg)'
    """
    each = unit_price_words(product.price, product.unit)
    if product.sold is not Sold.WEIGHED:
        return each
    return _("env. {piece:money} la pièce ({each})", piece=product.cost(ONE), each=each)


def unit_price_words(price: Cents, unit: str) -> str:
    r"""Write a price in cents per unit.

    >>> unit_price_words(Cents(250), "bunch")
    '2,50\xa0€ la botte'
    """
    name = _EACH.get(unit)
    return f"{amount(price)} {name()}" if name else f"{amount(price)}/{unit}"
