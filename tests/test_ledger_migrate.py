"""Upgrades at start: alone, after a copy, whole or not at all; data and triggers are there afterwards."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, PrimaryKeyConstraint, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import bot
from bot.ledger import migrate, triggers
from bot.ledger.closing import close_books
from bot.ledger.errors import DatabaseUnusableError
from bot.ledger.facts import OpeningBalanceEntered, PaymentReceived, PaymentValidated
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.bookkeeping import CASH, Bookkeeper, everything
from tests.databases import audited

HEADER = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = {below!r}


def upgrade():
"""
REBUILD = """
    for table in ("entry", "fact", "payment", "account"):
        with op.batch_alter_table(table, recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as batch:
            batch.add_column(sa.Column("added", sa.String(), nullable=True))
"""
LOSE_A_CENT = """
    op.execute("UPDATE account SET balance = balance + 1 WHERE group_id = 1 AND number = 1")
"""
FAIL_HALFWAY = """
    op.create_table("half", sa.Column("id", sa.Integer()))
    op.execute("UPDATE account SET balance = balance + 1")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""
BREAK_A_LINK = """
    op.execute("DELETE FROM account WHERE group_id = 2 AND number = 2")
    op.execute("INSERT INTO payment SELECT 2, 1, 2, 'cash', 5, 'declared', 0, NULL, NULL, at, NULL FROM fact WHERE number = 1 AND group_id = 2")
"""


def plan(monkeypatch: pytest.MonkeyPatch, folder: Path, upgrade: str) -> None:
    """Add a later revision to the program, as a new version of it would."""
    scripts = folder / "migrations"
    shutil.copytree(migrate.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    script = HEADER.format(below=migrate.head()) + upgrade
    (scripts / "versions" / "9000_later.py").write_text(script)
    monkeypatch.setattr(migrate, "MIGRATIONS", scripts)


def keep_some_books(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Record a little of everything; give all of it."""
    with audited(url) as store:
        keeper = Bookkeeper(store)
        keeper.record(PaymentValidated(1, keeper.declare(500), Cents(400), CASH))
        keeper.record(OpeningBalanceEntered(2, Cents(-800)))
        keeper.declare(300, group=2)
        return keeper.rows()


def state(url: str) -> tuple[object, set[str], set[str], dict[str, list[tuple[object, ...]]]]:
    """Read a database as it is: its revision, its triggers, its tables, its books."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = (
            migrate.revision(connection),
            _triggers(connection),
            set(inspect(connection).get_table_names()),
            everything(connection),
        )
    engine.dispose()
    return found


def _triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.exec_driver_sql(query).scalars())


def test_an_upgrade_keeps_data_triggers_and_constraints(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's table rebuilds drop triggers silently, and constraints without a name: all are there afterwards."""
    rows = keep_some_books(database_url)
    before = state(database_url)
    plan(monkeypatch, tmp_path, REBUILD)
    with audited(database_url) as store:
        keeper = BookkeeperOf(store)
        assert keeper.rows() == rows
        refused = (
            "UPDATE entry SET amount = 1",
            "DELETE FROM fact",
            "UPDATE payment SET amount = 7",
            "DELETE FROM account",
        )
        for statement in refused:
            with pytest.raises(DBAPIError):
                keeper.run(statement)
        with pytest.raises(DBAPIError, match=r"ck_|CHECK"):
            keeper.run("UPDATE account SET entries = -1")
        keeper.record(PaymentReceived(1, Cents(100), CASH), key="after")
        assert keeper.balance() == 500
    after = state(database_url)
    assert after[0] == "9000"
    assert after[1] == before[1]


class BookkeeperOf(Bookkeeper):
    """Keeps books that are there already."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._counter = iter(range(1000, 2000))  # type: ignore[assignment]  # numbers, whoever gives them


def test_a_copy_of_what_was_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ardoise.db"
    keep_some_books(f"sqlite:///{path}")
    before = state(f"sqlite:///{path}")
    plan(monkeypatch, tmp_path, REBUILD)
    (tmp_path / "ardoise.db.before-9000").write_text("of an upgrade that failed")
    for name in ("a", "b", "c"):
        (tmp_path / f"ardoise.db.before-{name}").write_text("of earlier upgrades")
    Store.open(f"sqlite:///{path}").close()
    copy = tmp_path / "ardoise.db.before-9000"
    assert state(f"sqlite:///{copy}") == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.glob("*.before-*"))) == migrate.KEPT_COPIES
    Store.open(f"sqlite:///{path}").close()
    assert state(f"sqlite:///{copy}") == before, "an opening that upgrades nothing copies nothing"


@pytest.mark.parametrize("upgrade", [LOSE_A_CENT, FAIL_HALFWAY, BREAK_A_LINK], ids=["audit", "error", "links"])
def test_an_upgrade_that_goes_wrong_changes_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, upgrade: str
) -> None:
    keep_some_books(database_url)
    before = state(database_url)
    plan(monkeypatch, tmp_path, upgrade)
    with pytest.raises(DatabaseUnusableError):
        Store.open(database_url)
    assert state(database_url) == before
    monkeypatch.undo()
    with audited(database_url) as store:
        BookkeeperOf(store).record(PaymentReceived(1, Cents(100), CASH), key="after")


def test_books_known_to_be_wrong_stop_no_upgrade(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books that the audit has closed already are somebody's care: they keep nobody from the next version."""
    keep_some_books(database_url)
    store = Store.open(database_url)
    keeper = BookkeeperOf(store)
    keeper.run("UPDATE account SET balance = balance + 1 WHERE group_id = 1 AND number = 1")
    store.write(lambda connection: close_books(connection, [1])).result()
    store.close()
    plan(monkeypatch, tmp_path, REBUILD)
    Store.open(database_url).close()
    assert state(database_url)[0] == "9000"


OPEN = "import sys; from bot.ledger.store import Store; Store.open(sys.argv[1], create=True).close()"


def test_three_processes_that_start_at_once_migrate_once(postgresql_empty: str) -> None:
    """One makes the tables, the others wait for it and find them made."""
    programs = [
        subprocess.Popen([sys.executable, "-c", OPEN, postgresql_empty], stderr=subprocess.PIPE) for _ in range(3)
    ]
    said = [program.communicate(timeout=60)[1] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], said
    revision, found, _, rows = state(postgresql_empty)
    assert revision == migrate.head()
    assert found
    assert not any(rows.values())


def _import_everything() -> None:
    """Let every module declare its tables."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name != "bot.__main__" and ".migrations" not in module.name:
            importlib.import_module(module.name)


def test_the_tables_made_are_the_tables_meant(database_url: str) -> None:
    """Alembic finds nothing to change between what migrations make and what the program declares."""
    _import_everything()
    Store.open(database_url, create=True).close()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        _constraints_agree(connection)
    engine.dispose()


def _constraints_agree(connection: Connection) -> None:
    """Alembic does not compare CHECKs; and one without a name would be lost by the next rebuild."""
    found = inspect(connection)
    for name, table in SQLModel.metadata.tables.items():
        made = {str(check["name"]) for check in found.get_check_constraints(name)}
        meant = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert made == meant, name
        unnamed = [c for c in table.constraints if not isinstance(c, PrimaryKeyConstraint) and c.name is None]
        assert unnamed == [], name


def test_triggers_are_removed_and_installed_again_whole(database_url: str) -> None:
    Store.open(database_url, create=True).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        there = _triggers(connection)
        triggers.remove(connection)
        assert _triggers(connection) == set()
        triggers.install(connection)
        assert _triggers(connection) == there
        assert len(there) > 10
    engine.dispose()


def test_the_file_of_each_migration_begins_with_its_revision() -> None:
    """Whether there is something to upgrade is seen from the names alone, without Alembic and its ten megabytes."""
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == migrate.known()
    assert scripts.get_current_head() == migrate.head()
    assert scripts.get_heads() == [migrate.head()]
