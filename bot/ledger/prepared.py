"""Statements compiled once per database: of those a turn is made of, SQLAlchemy's own way costs more than their work."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter, itemgetter, methodcaller
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.expression import ClauseElement

T = TypeVar("T")


@dataclass(frozen=True)
class _Compiled:
    sql: str
    bound: Callable[[Mapping[str, object]], Any]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A statement with named parameters, run by the driver itself, in a transaction that has begun.

    Every method takes values for all its parameters, and raises what SQLAlchemy would.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, object]) -> list[Any]:
        """Give all rows, their columns by name, their values as the columns' types make them."""
        ready = self._ready(connection.dialect)
        return list(map(ready.row, _executed(connection, ready, values, _ALL)))

    def row(self, connection: Connection, values: Mapping[str, object]) -> Any:
        """Give the first row; None if there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def do(self, connection: Connection, values: Mapping[str, object]) -> int:
        """Run one that gives no rows; tell how many it changed."""
        return _executed(connection, self._ready(connection.dialect), values, _COUNT)

    def _ready(self, dialect: Dialect) -> _Compiled:
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statement, dialect)
        return self._compiled[dialect.name]


_ALL: Callable[[DBAPICursor], Sequence[Any]] = methodcaller("fetchall")
_COUNT: Callable[[DBAPICursor], int] = attrgetter("rowcount")


def _executed(
    connection: Connection, ready: _Compiled, values: Mapping[str, object], take: Callable[[DBAPICursor], T]
) -> T:
    """Execute by the driver itself; its errors are raised as SQLAlchemy's own, so that a fault is told from a bug."""
    assert connection.in_transaction()
    raw, dialect = connection.connection, connection.dialect
    cursor = raw.cursor()
    try:
        cursor.execute(ready.sql, ready.bound(values))
        return take(cursor)
    except dialect.loaded_dbapi.Error as trouble:
        lost = dialect.is_disconnect(trouble, raw.dbapi_connection, cursor)
        if lost:
            connection.invalidate(trouble)
        raise DBAPIError.instance(
            ready.sql, None, trouble, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost,
            dialect=dialect,
        ) from trouble  # fmt: skip
    finally:
        cursor.close()


class _WritingConstants(SQLCompiler):
    """Writes what a statement always holds into its words; the caller's values stay apart.

    SQLite plans a statement again at each run in which a parameter that the plan hangs on is set (where an index is of some
    rows only, as that of payments that wait): it cost more than all the rest of such a statement.
    """

    def visit_bindparam(self, bindparam: BindParameter[Any], **how: Any) -> str:  # type: ignore[override]
        """Write a parameter, or the value that it always has."""
        how["literal_binds"] = how.get("literal_binds") or not bindparam.required
        return super().visit_bindparam(bindparam, **how)  # type: ignore[no-any-return, no-untyped-call]


def _compile(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    compiler = type("_Compiler", (_WritingConstants, dialect.statement_compiler), {})
    compiled = compiler(dialect, statement)
    names = compiled.positiontup
    columns = compiled._result_columns  # noqa: SLF001 - what SQLAlchemy itself reads rows by
    types = [column.type.dialect_impl(dialect) for column in columns]
    row = namedtuple("Row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]  # names are data
    return _Compiled(
        str(compiled),
        _by_name(compiled, dialect) if names is None else _in_order(compiled, names, dialect),
        _named(row, [kind.result_processor(dialect, None) for kind in types]),
    )


def _in_order(compiled: SQLCompiler, names: Sequence[str], dialect: Dialect) -> Callable[[Mapping[str, object]], Any]:
    parameters = [(name, _process(compiled, name, dialect)) for name in names]
    if len(names) > 1 and not any(process for _name, process in parameters):
        return itemgetter(*names)
    return lambda values: [process(values[name]) if process else values[name] for name, process in parameters]


def _by_name(compiled: SQLCompiler, dialect: Dialect) -> Callable[[Mapping[str, object]], Any]:
    parameters = [(name, _process(compiled, name, dialect)) for name in compiled.binds]
    return lambda values: {name: process(values[name]) if process else values[name] for name, process in parameters}


def _process(compiled: SQLCompiler, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)


def _named(
    row: type[tuple[Any, ...]], processes: Sequence[Callable[[Any], Any] | None]
) -> Callable[[Sequence[Any]], Any]:
    made = partial(tuple.__new__, row)
    if not any(processes):
        return made
    return lambda found: made(
        [process(value) if process else value for value, process in zip(found, processes, strict=True)]
    )
