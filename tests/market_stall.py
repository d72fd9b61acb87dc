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
from bot.market.offer_facts import DistributionPlanned, ProductChanged
from tests.transcripts import Scene

CARROTS, EGGS, BREAD, CHICKEN = 1, 2, 3, 4
THURSDAY = 1
CATALOGUE = (
    ProductChanged(
        CARROTS, Cents(210), "kg", "weight", stock=None, piece_quantity=1000, organic=True, active=True,
        name="Carottes", producer="Ferme du Pré", category="Légumes",
    ),
    ProductChanged(
        EGGS, Cents(300), "piece", "piece", stock=5000, piece_quantity=1000, organic=False, active=True,
        name="Œufs x6", producer="Ferme du Pré", category="Crèmerie",
    ),
    ProductChanged(
        BREAD, Cents(450), "piece", "piece", stock=None, piece_quantity=1000, organic=True, active=True,
        name="Pain de campagne", producer="Fournil d'Élise", category="Pain",
    ),
    ProductChanged(
        CHICKEN, Cents(1400), "kg", "weighed", stock=None, piece_quantity=900, organic=False, active=True,
        name="Poulet fermier", producer="Ferme du Pré", category="Viande",
    ),
)  # fmt: skip
_keys = itertools.count(1)


def set_up(scene: Scene) -> None:
    """Put the catalogue and the distribution into the scene's group."""
    for product in CATALOGUE:
        record(scene, product)
    record(scene, thursday())


def thursday() -> DistributionPlanned:
    """Plan the distribution whose orders are open."""
    return DistributionPlanned(
        THURSDAY,
        starts_at=datetime(2026, 11, 26, 17, tzinfo=UTC).isoformat(),
        ends_at=datetime(2026, 11, 26, 19, tzinfo=UTC).isoformat(),
        opens_at=datetime(2026, 11, 20, 8, tzinfo=UTC).isoformat(),
        closes_at=datetime(2026, 11, 25, 19, tzinfo=UTC).isoformat(),
        place="Salle des fêtes",
    )


def record(scene: Scene, fact: Fact) -> None:
    """Record a fact that nobody in particular did, at the scene's present moment."""

    def job(connection: Connection) -> None:
        key = f"test:{next(_keys)}"
        recorded = journal.record(connection, group=1, fact=fact, author=None, at=scene.now, key=key)
        market_apply.apply(connection, recorded)

    scene.store.write(job).result()
