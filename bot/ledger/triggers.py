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
    "      AND NEW.received = OLD.received)"
    "  OR (((OLD.state = 'validated' AND NEW.state = 'bounced') OR (OLD.state = 'bounced' AND NEW.state = 'validated'))"
    "      AND NEW.round = OLD.round AND NEW.received = OLD.received AND NEW.decided = OLD.decided))"
)
_STRAYS = (
    "NEW.group_id <> OLD.group_id OR NEW.received <> OLD.received OR NEW.payment <> OLD.payment"
    " OR NEW.amount <> OLD.amount OR OLD.returned IS NOT NULL OR NOT ("
    "  (OLD.bounced IS NULL AND NEW.bounced IS NULL AND NEW.returned IS NULL"
    "   AND (OLD.slip IS NULL) <> (NEW.slip IS NULL))"
    "  OR (COALESCE(NEW.slip, 0) = COALESCE(OLD.slip, 0) AND NEW.returned IS NULL"
    "   AND (OLD.bounced IS NULL) <> (NEW.bounced IS NULL))"
    "  OR (OLD.slip IS NULL AND NEW.slip IS NULL AND OLD.bounced IS NULL AND NEW.bounced IS NULL"
    "   AND NEW.returned IS NOT NULL))"
)
_NOT_IN_HAND = "NEW.slip IS NOT NULL OR NEW.bounced IS NOT NULL OR NEW.returned IS NOT NULL"
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


_CLOSED_NOT_EVEN = "NEW.closed AND NEW.balance <> 0"
_RENUMBERED = "NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number"


def _refuse(name: str, event: str, message: str, *, when: str = "1") -> str:
    return f"CREATE TRIGGER {name} {event} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _frozen(table: str, *verbs: str) -> list[str]:
    return [
        _refuse(f"{table}_{verb.lower()}", f"BEFORE {verb} ON {table}", f"{table} is never changed") for verb in verbs
    ]


def _whole(table: str, *columns: str, verbs: tuple[str, ...] = ("INSERT",)) -> list[str]:
    wrong = " OR ".join(f"(NEW.{column} IS NOT NULL AND typeof(NEW.{column}) <> 'integer')" for column in columns)
    return [
        _refuse(
            f"{table}_whole_{verb.lower()}", f"BEFORE {verb} ON {table}", f"{table}: whole numbers only", when=wrong
        )
        for verb in verbs
    ]


def _there(table: str, *columns: str) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - all names are written above


def _once(table: str, *key: str) -> str:
    """Refuse INSERT OR REPLACE, which would delete the row that is there without asking the triggers that refuse it."""
    return _refuse(f"{table}_once", f"BEFORE INSERT ON {table}", f"{table} is there already", when=_there(table, *key))


_FACT_ONCE = (
    "CREATE TRIGGER fact_once BEFORE INSERT ON fact BEGIN SELECT CASE"
    f" WHEN {_there('fact', 'group_id', 'key')} THEN RAISE(IGNORE)"  # the same key again changes nothing (B6)
    f" WHEN {_there('fact', 'group_id', 'number')} OR {_there('fact', 'group_id', 'reverses')}"
    " THEN RAISE(ABORT, 'fact is there already') END; END"
)

SQLITE = [
    *_frozen("fact", "UPDATE", "DELETE"),
    *_frozen("entry", "UPDATE", "DELETE"),
    *_frozen("payment", "DELETE"),
    *_frozen("cheque", "DELETE"),
    *_frozen("account", "DELETE"),
    *_frozen("book", "DELETE"),
    _FACT_ONCE,
    _once("entry", "group_id", "account", "seq"),
    _once("payment", "group_id", "number"),
    _once("cheque", "group_id", "received"),
    _once("account", "group_id", "number"),
    _once("book", "group_id"),
    *_whole("entry", "amount", "balance_after", "seq"),
    *_whole("account", "balance", "entries", verbs=("INSERT", "UPDATE")),
    *_whole("payment", "amount", "received", verbs=("INSERT", "UPDATE")),
    _refuse("entry_chain", "AFTER INSERT ON entry", "entry does not continue its account", when=_BROKEN),
    _refuse("payment_moves", "BEFORE UPDATE ON payment", "payment: impossible change", when=_MOVES),
    *_whole("cheque", "amount"),
    _refuse("cheque_moves", "BEFORE UPDATE ON cheque", "cheque: impossible change", when=_STRAYS),
    _refuse("cheque_begins", "BEFORE INSERT ON cheque", "cheque: begins in hand", when=_NOT_IN_HAND),
    _refuse("account_number", "BEFORE UPDATE ON account", "account keeps its number", when=_RENUMBERED),
    _refuse("account_closed", "BEFORE UPDATE ON account", "account is closed", when=_CLOSED_NOT_EVEN),
]


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _frozen_pg(table: str, *verbs: str) -> list[str]:
    refuse = f"RAISE EXCEPTION '{table} is never changed';"
    run = f"EXECUTE FUNCTION {table}_frozen()"
    return [
        _function(f"{table}_frozen", refuse),
        f"CREATE TRIGGER {table}_frozen BEFORE {' OR '.join(verbs)} ON {table} FOR EACH ROW {run}",
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
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
    *_frozen_pg("cheque", "DELETE"),
    *_frozen_pg("account", "DELETE"),
    *_frozen_pg("book", "DELETE"),
    *_checked_pg("entry_chain", "entry", "AFTER INSERT", _BROKEN, "entry does not continue its account"),
    *_checked_pg("payment_moves", "payment", "BEFORE UPDATE", _MOVES, "payment: impossible change"),
    *_checked_pg("cheque_moves", "cheque", "BEFORE UPDATE", _STRAYS, "cheque: impossible change"),
    *_checked_pg("cheque_begins", "cheque", "BEFORE INSERT", _NOT_IN_HAND, "cheque: begins in hand"),
    *_checked_pg("account_number", "account", "BEFORE UPDATE", _RENUMBERED, "account keeps its number"),
    *_checked_pg("account_closed", "account", "BEFORE UPDATE", _CLOSED_NOT_EVEN, "account is closed"),
]


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
