"""The demo's group as it begins: whatever the date, one distribution open, one past and not validated, the balances promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from sqlalchemy import Connection

from bot.demo_group import furnish
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.store import Store
from bot.market.market import Market, Phase
from bot.market.products import Sold
from tests.terminal import terminal

BEGINNING = datetime(2026, 11, 24, 17, tzinfo=UTC)
SHIFT = timedelta(days=2, hours=7)
"""Ten of these go through every day of the week and most hours, over both changes of clocks."""


class Undo(Exception):  # noqa: N818 - no error: the way out of a transaction
    """Takes a group back."""


def dates() -> Iterator[datetime]:
    """Give moments of all sorts, summer and winter."""
    for first in (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC), BEGINNING):
        yield from (first + rank * SHIFT for rank in range(10))


def must_be_as_promised(connection: Connection, now: datetime) -> None:
    """SURFACES: Léa owes 24,50 €, Bruno has an avoir of 7,00 €, Awa is at zero; one open, one past and not validated."""
    group = furnish(connection, now)
    books, market = Books(connection, group, now), Market(connection, group, now)
    balances = {standing.member: standing.balance for standing in books.standings()}
    assert [balances[member] for member in (1, 2, 3, 4, 5)] == [-2450, 700, 0, 0, 0], now
    assert [found.phase(now) for found in market.distributions] == [Phase.OVER, Phase.OPEN], now
    past, coming = market.distributions
    assert coming.closes_at - now >= timedelta(hours=24), now
    assert past.recalled == 3, "nobody is reminded as the demo begins"
    assert all(recorded.at <= now for recorded in books.journal(limit=1000)), now
    ages = [recorded.at for recorded in books.journal(limit=1000)]
    assert ages == sorted(ages, reverse=True), "told in order"
    assert audit(connection) == []


def test_the_demo_begins_as_promised_on_any_day(sqlite_store: Store) -> None:
    def job(connection: Connection, now: datetime) -> None:
        must_be_as_promised(connection, now)
        raise Undo

    for now in dates():
        with pytest.raises(Undo):
            sqlite_store.write(lambda connection, now=now: job(connection, now)).result()  # type: ignore[misc]


def test_the_catalogue_has_something_of_everything(sqlite_store: Store) -> None:
    group = sqlite_store.write(lambda connection: furnish(connection, BEGINNING)).result()
    with sqlite_store.read() as connection:
        products = Market(connection, group, BEGINNING).catalogue.values()
    assert len(products) >= 38
    assert len({product.producer for product in products}) == 5
    assert {product.sold for product in products} == set(Sold)
    assert {"kg", "L", "piece", "bunch", "jar", "bottle"} <= {product.unit for product in products}
    assert any(product.organic for product in products)
    assert sum(1 for product in products if product.stock is not None and product.stock <= 5000) >= 3


def test_making_the_group_is_quick(sqlite_store: Store) -> None:
    """Less than 0.3 s of computing, with some air for slow machines."""
    began = process_time()
    sqlite_store.write(lambda connection: furnish(connection, BEGINNING)).result()
    assert process_time() - began < 1.0


def test_lea_owes_for_her_order_of_the_past_distribution() -> None:
    """SURFACES, B20: « votre panier du 12 novembre », and the first screen of /payer."""
    with terminal() as demo:
        assert demo.play("lea", "/payer") == (
            "→ lea: Combien avez-vous payé ?\n  [1] 24,50 €  [2] Autre montant  [3] Annuler"
        )
        demo.say("/annuler")
        ordered = demo.say("/commandes")
        assert ordered.startswith("→ lea: Commande n° 1 · jeudi 12 novembre à 18 h, Maison du quai")
        assert "Total : 24,50 €." in ordered
        assert "Commande du jeudi 26 novembre à 18 h, Maison du quai" in demo.say("commander")
        assert "0 sur 5 sont passés" in demo.play("camille", "/accueil")
