"""How fast products are found in a thousand, against difflib comparing whole names and against a bare scan, in the same run.

``python -m tests.benchmarks.bench_search``.
"""

from __future__ import annotations

import difflib
import itertools
import statistics
import time
from collections.abc import Callable
from typing import TypeVar

from bot.ledger.money import Cents
from bot.market.products import Product, Sold
from bot.market.search import Index

T = TypeVar("T")

PRODUCTS = 1_000
ROUNDS = 20
LIMIT_MS = 5.0
THINGS = (
    "Carottes", "Tomates", "Courgettes", "Aubergines", "Poireaux", "Salade", "Épinards", "Radis", "Navets", "Pommes", "Poires",
    "Prunes", "Fraises", "Lentilles", "Farine", "Pain", "Œufs", "Lait", "Yaourt", "Fromage", "Beurre", "Crème", "Poulet", "Saucisse",
    "Jambon", "Miel", "Confiture", "Huile", "Jus", "Cidre", "Bière", "Savon", "Pâtes", "Riz", "Noix", "Courge", "Oignons", "Sel",
    "Thé", "Café",
)  # fmt: skip
KINDS = (
    "de Bretagne", "rouges", "vertes", "anciennes", "bio", "x12", "500 g", "1 kg", "en botte", "du jardin", "fermier", "de chèvre",
    "nouvelles", "à confire", "de conservation", "batavia", "butternut", "d'hiver", "de montagne", "au sel", "demi-sel", "75 cl",
    "1 L", "en vrac", "du pays",
)  # fmt: skip
SYLLABLES = ("ba", "cor", "di", "fe", "gal", "lo", "mi", "nou", "pra", "tou")
QUERIES = (
    "2 kg carotes", "oeufs x12", "salade batavia", "pomme de tere", "du fromage de chevre 500 g", "huile olive 75cl",
    "xyzzy", "c", "ferme du bio", "courgete ronde de nice", "oeufs x12, 3 salades, du pain et 1,5 kg de tomates anciennes",
)  # fmt: skip


def main() -> None:
    """Print what a message costs, in milliseconds, and how that compares."""
    products = made()
    first = _once(Index, products)
    again = min(_once(Index, products) for _ in range(ROUNDS))
    print(f"index of {len(products)} products: {first:.1f} ms, then {again:.1f} ms when prices or stocks change")
    index = Index(products)
    names = [product.name for product in products]
    ours = measured(index.find_all)
    scan = measured(lambda query: [name for name in names if query.casefold() in name.casefold()])
    compared = measured(lambda query: difflib.get_close_matches(query, names, n=6), rounds=1)
    for title, spent in (("search", ours), ("substring scan", scan), ("difflib, whole names", compared)):
        print(f"{title:<22} median {statistics.median(spent):8.3f} ms   worst {max(spent):8.3f} ms")
    middle = statistics.median(ours)
    print(
        f"search / scan {middle / statistics.median(scan):.1f}   search / difflib {middle / statistics.median(compared):.4f}"
    )
    print(f"under {LIMIT_MS:g} ms: {'yes' if max(ours) < LIMIT_MS else 'NO'}")


def made() -> list[Product]:
    """Make a thousand products with names as groups write them."""
    named = itertools.islice(itertools.product(THINGS, KINDS), PRODUCTS)
    return [
        Product(
            n, f"{thing} {kind}", Cents(100 + n), "kg", Sold.WEIGHT, producer=f"Ferme {n % 40}", category=THINGS[n % 12]
        )
        for n, (thing, kind) in enumerate(named, start=1)
    ]


def measured(find: Callable[[str], object], rounds: int = ROUNDS) -> list[float]:
    """Ask every query several times; give the best time of each in milliseconds, so that other work on the machine counts less."""
    return [min(_once(find, query) for _ in range(rounds)) for query in QUERIES]


def _once(does: Callable[[T], object], what: T) -> float:
    began = time.perf_counter()
    does(what)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
