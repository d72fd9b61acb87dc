"""What the database itself refuses: changed history, a broken chain, an impossible state (B3). SQLite and PostgreSQL.

Installed again after every migration: SQLite's table rebuilds drop them silently.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_MOVES = (
    "NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number OR NEW.member <> OLD.member"
    " OR NEW.method <> OLD.method OR NEW.amount <> OLD.amount OR NEW.declared_at <> OLD.declared_at"
    " OR NOT ("
    "  (OLD.state = 'declared' AND NEW.state IN ('validated', 'refused', 'withdrawn') AND NEW.round = OLD.round)"
    "  OR (OLD.state IN ('validated', 'refused') AND NEW.state = 'declared' AND NEW.round = OLD.round + 1)"
    "  OR (OLD.state = 'validated' AND OLD.decided = OLD.number AND NEW.state = 'reversed' AND NEW.round = OLD.round"
    "      AND NEW.received = OLD.received))"
)
_BROKEN = (
    "NOT EXISTS (SELECT 1 FROM account WHERE group_id = NEW.group_id AND number = NEW.account"
    " AND entries = NEW.seq AND balance = NEW.balance_after)"
    " OR NEW.balance_after - NEW.amount <> COALESCE((SELECT CASE WHEN NEW.account > 0 THEN balance_after"
    " ELSE NEW.balance_after - NEW.amount END FROM entry"
    " WHERE group_id = NEW.group_id AND account = NEW.account AND seq = NEW.seq - 1),"
    " CASE WHEN NEW.account > 0 AND NEW.seq = 1 THEN 0 ELSE NEW.balance_after - NEW.amount END)"
    " OR (NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM entry"
    " WHERE group_id = NEW.group_id AND account = NEW.account AND seq = NEW.seq - 1))"
)


def _frozen(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _whole(table: str, *columns: str, verbs: tuple[str, ...] = ("INSERT",)) -> list[str]:
    wrong = " OR ".join(f"(NEW.{column} IS NOT NULL AND typeof(NEW.{column}) <> 'integer')" for column in columns)
    return [
        f"CREATE TRIGGER {table}_whole_{verb.lower()} BEFORE {verb} ON {table} WHEN {wrong}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: amounts are whole cents'); END"
        for verb in verbs
    ]


SQLITE = [
    *_frozen("fact"),
    *_frozen("entry"),
    *_whole("entry", "amount", "balance_after", "seq"),
    *_whole("account", "balance", "entries", verbs=("INSERT", "UPDATE")),
    *_whole("payment", "amount", "received", verbs=("INSERT", "UPDATE")),
    f"CREATE TRIGGER entry_chain AFTER INSERT ON entry WHEN {_BROKEN}"
    " BEGIN SELECT RAISE(ABORT, 'entry does not continue its account'); END",
    f"CREATE TRIGGER payment_moves BEFORE UPDATE ON payment WHEN {_MOVES}"
    " BEGIN SELECT RAISE(ABORT, 'payment: impossible change'); END",
    "CREATE TRIGGER payment_delete BEFORE DELETE ON payment BEGIN SELECT RAISE(ABORT, 'payment is never deleted'); END",
    "CREATE TRIGGER account_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'account is never deleted'); END",
    "CREATE TRIGGER account_number BEFORE UPDATE ON account"
    " WHEN NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number"
    " BEGIN SELECT RAISE(ABORT, 'account keeps its number'); END",
    "CREATE TRIGGER book_delete BEFORE DELETE ON book BEGIN SELECT RAISE(ABORT, 'book is never deleted'); END",
]


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _frozen_pg(table: str, *verbs: str) -> list[str]:
    refuse = f"RAISE EXCEPTION '{table} is never changed';"
    return [
        _function(f"{table}_frozen", refuse),
        f"CREATE TRIGGER {table}_frozen BEFORE {' OR '.join(verbs)} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_frozen()",
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_frozen()",
    ]


def _checked_pg(name: str, table: str, when: str, wrong: str, refusal: str) -> list[str]:
    body = f"IF {wrong} THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NEW;"
    return [
        _function(name, body),
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


POSTGRESQL = [
    *_frozen_pg("fact", "UPDATE", "DELETE"),
    *_frozen_pg("entry", "UPDATE", "DELETE"),
    *_frozen_pg("payment", "DELETE"),
    *_frozen_pg("account", "DELETE"),
    *_frozen_pg("book", "DELETE"),
    *_checked_pg("entry_chain", "entry", "AFTER INSERT", _BROKEN, "entry does not continue its account"),
    *_checked_pg("payment_moves", "payment", "BEFORE UPDATE", _MOVES, "payment: impossible change"),
    *_checked_pg(
        "account_number", "account", "BEFORE UPDATE",
        "NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number", "account keeps its number",
    ),
]  # fmt: skip


def install(connection: Connection) -> None:
    """Install the triggers, none of which may be there yet."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def remove(connection: Connection) -> None:
    """Remove every trigger of the database: a migration cannot rebuild a table while another's trigger names it."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in found:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    query = "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
    for name, table in connection.execute(text(query)).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')
