"""What benchmarks measure is what the program keeps: their own way of filling a database must go on making its books."""

from __future__ import annotations

from pathlib import Path

from bot.ledger.audit import audit
from bot.ledger.books import Books
from tests.benchmarks.bench_ledger import MEMBERS, NOW, declare_one_each, fill, opened


def test_a_database_filled_to_be_measured_has_right_books(tmp_path: Path) -> None:
    """B2 to B4."""
    path = tmp_path / "ardoise.db"
    store = opened(path)
    fill(path, 30_000)
    store.write(declare_one_each).result()
    with store.read() as connection:
        assert audit(connection) == []
        standings = Books(connection, 100, NOW).standings()
    store.close()
    assert len(standings) == MEMBERS
    assert any(standing.balance for standing in standings)
