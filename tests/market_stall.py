"""A small market for tests: products of two producers, one distribution whose orders are open.

    set_up(scene)                     the catalogue below, a distribution on Thursday 26 November 2026 at 18:00 in Paris
    record(scene, fact)               one more fact, as the group's own

Prices: carrots 2.10 €/kg (by weight), eggs 3.00 € (5 left), bread 4.50 €, chicken 14.00 €/kg (pieces of 0.9 kg, weighed).
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.ledger.money import Cents
from bot.market import apply as market_apply
from bot.market.facts import DistributionPlanned, ProductChanged
from tests.transcripts import Scene

CARROTS, EGGS, BREAD, CHICKEN = 1, 2, 3, 4
THURSDAY = 1
CATALOGUE = (
    ProductChanged(CARROTS, Cents(210), "kg", "weight", None, 1000, True, True, "Carottes", "Ferme du Pré", "Légumes"),
    ProductChanged(EGGS, Cents(300), "piece", "piece", 5000, 1000, False, True, "Œufs x6", "Ferme du Pré", "Crèmerie"),
    ProductChanged(BREAD, Cents(450), "piece", "piece", None, 1000, True, True, "Pain de campagne", "Fournil d'Élise", "Pain"),
    ProductChanged(CHICKEN, Cents(1400), "kg", "weighed", None, 900, False, True, "Poulet fermier", "Ferme du Pré", "Viande"),
)
_keys = itertools.count(1)


def set_up(scene: Scene) -> None:
    """Put the catalogue and the distribution into the scene's group."""
    for product in CATALOGUE:
        record(scene, product)
    moments = (datetime(2026, 11, 26, 17, tzinfo=UTC), datetime(2026, 11, 26, 19, tzinfo=UTC))
    window = (datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 25, 19, tzinfo=UTC))
    record(scene, DistributionPlanned(THURSDAY, *(m.isoformat() for m in (*moments, *window)), "Salle des fêtes"))


def record(scene: Scene, fact: Fact) -> None:
    """Record a fact that nobody in particular did, at the scene's present moment."""

    def job(connection: Connection) -> None:
        key = f"test:{next(_keys)}"
        recorded = journal.record(connection, group=1, fact=fact, author=None, at=scene.now, key=key)
        market_apply.apply(connection, recorded)

    scene.store.write(job).result()
