"""Files that are missing, read-only, somebody else's or too new; backups: whole, private, over nothing."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect

from bot.ledger.errors import (
    DatabaseUnusableError,
    NewerDatabaseError,
    NoDatabaseError,
)
from bot.ledger.store import Store
from tests.bookkeeping import Bookkeeper, receive
from tests.databases import audited, new_postgresql, without_privileges


@pytest.fixture
def keeper(sqlite_store: Store) -> Bookkeeper:
    return Bookkeeper(sqlite_store)


def test_a_missing_database_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoDatabaseError, match="ardoise group add"):
        Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError):
        Store.open(f"sqlite:///{tmp_path / 'nowhere' / 'ardoise.db'}", create=True)


def test_an_empty_database_is_made_only_on_purpose(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).touch()
    with pytest.raises(NoDatabaseError):
        Store.open(empty_url)
    Store.open(empty_url, create=True).close()
    Store.open(empty_url).close()


def test_a_new_database_is_for_its_owner_only(tmp_path: Path) -> None:
    with audited(f"sqlite:///{tmp_path / 'ardoise.db'}") as store:
        Bookkeeper(store)
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert "ardoise.db-wal" in modes


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ardoise.db"
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(DatabaseUnusableError, match="not a database"):
        Store.open(f"sqlite:///{path}", create=True)
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_another_programs_database_is_refused_and_left_alone(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        with closing(sqlite3.connect(empty_url.removeprefix("sqlite:///"))) as theirs:
            theirs.execute("CREATE TABLE recipe (name TEXT)")
    else:
        _run(empty_url, "CREATE TABLE recipe (name TEXT)")
    with pytest.raises(DatabaseUnusableError, match="autre programme"):
        Store.open(empty_url, create=True)
    assert _tables(empty_url) == {"recipe"}


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with audited(database_url) as store:
        Bookkeeper(store)
        store.write(_newer).result()
    with pytest.raises(NewerDatabaseError, match="9999"):
        Store.open(database_url, create=True)
    assert _scalar(database_url, "SELECT version_num FROM alembic_version") == "9999"


def _newer(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter and write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_a_read_only_file_is_said_b48(open_folder: Path) -> None:
    path = open_folder / "ardoise.db"
    with audited(f"sqlite:///{path}") as store:
        Bookkeeper(store)
    path.chmod(0o444)
    (open_folder / "ardoise.db.lock").unlink()
    with without_privileges(), pytest.raises(DatabaseUnusableError, match="readonly"):
        Store.open(f"sqlite:///{path}")


def test_a_read_only_folder_is_said_b48(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with without_privileges(), pytest.raises(DatabaseUnusableError):
        Store.open(f"sqlite:///{open_folder / 'ardoise.db'}", create=True)


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match="PostgreSQL"):
        Store.open(f"postgresql+psycopg:///ardoise?host={tmp_path}")


def test_a_backup_is_whole_private_and_taken_in_use(keeper: Bookkeeper, tmp_path: Path) -> None:
    for n in range(20):
        keeper.store.write(receive(f"k{n}")).result()
    before = keeper.rows()
    promises = [keeper.store.write(receive(f"meanwhile{n}")) for n in range(100)]
    target = tmp_path / "copy.db"
    keeper.store.backup(target)
    assert [promise.exception() for promise in promises] == [None] * 100
    assert target.stat().st_mode & 0o777 == 0o600
    with audited(f"sqlite:///{target}") as copy, copy.read() as connection:
        count = connection.exec_driver_sql("SELECT COUNT(*) FROM entry").scalar_one()
    assert len(before["entry"]) <= count <= 120


def test_a_backup_never_writes_over_anything(keeper: Bookkeeper, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(DatabaseUnusableError, match="exists"):
        keeper.store.backup(target)
    assert target.read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(keeper: Bookkeeper, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError):
        keeper.store.backup(tmp_path / "nowhere" / "copy.db")
    (tmp_path / "ardoise.db").rename(tmp_path / "away.db")
    (tmp_path / "ardoise.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseUnusableError, match="not a database"):
        keeper.store.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    (tmp_path / "away.db").rename(tmp_path / "ardoise.db")


def test_postgresql_is_saved_by_its_own_tool(postgresql_template: str, tmp_path: Path) -> None:
    with (
        audited(new_postgresql(postgresql_template, template="ready")) as store,
        pytest.raises(DatabaseUnusableError, match="pg_dump"),
    ):
        store.backup(tmp_path / "copy.db")


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _scalar(url: str, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: object = connection.exec_driver_sql(query).scalar_one()
    engine.dispose()
    return found


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names
