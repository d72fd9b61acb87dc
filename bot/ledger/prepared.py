"""Statements compiled once per database: of those a turn is made of, SQLAlchemy's own way costs more than their work."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

T = TypeVar("T")


@dataclass(frozen=True)
class _Parameter:
    """A value a statement takes: one of the caller's, or one it always has (made ready for the driver once)."""

    name: str
    fixed: bool
    value: object
    process: Callable[[Any], Any] | None

    def of(self, values: Mapping[str, object]) -> object:
        if self.fixed:
            return self.value
        value = values[self.name]
        return self.process(value) if self.process else value


@dataclass(frozen=True)
class _Compiled:
    sql: str
    positional: bool
    parameters: list[_Parameter]
    named: Callable[[Sequence[Any]], Any]
    processes: list[tuple[int, Callable[[Any], Any]]]

    def bound(self, values: Mapping[str, object]) -> Any:
        if self.positional:
            return tuple([p.of(values) for p in self.parameters])
        return {p.name: p.of(values) for p in self.parameters}

    def row(self, found: Sequence[Any]) -> Any:
        if self.processes:
            found = list(found)
            for place, process in self.processes:
                found[place] = process(found[place])
        return self.named(found)


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
        found = _executed(connection, ready.sql, ready.bound(values), _all)
        return [ready.row(row) for row in found]

    def row(self, connection: Connection, values: Mapping[str, object]) -> Any:
        """Give the first row; None if there is none."""
        return next(iter(self.rows(connection, values)), None)

    def do(self, connection: Connection, values: Mapping[str, object]) -> int:
        """Run one that gives no rows; tell how many it changed."""
        ready = self._ready(connection.dialect)
        return _executed(connection, ready.sql, ready.bound(values), _count)

    def _ready(self, dialect: Dialect) -> _Compiled:
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statement, dialect)
        return self._compiled[dialect.name]


def _all(cursor: DBAPICursor) -> Sequence[Any]:
    return cursor.fetchall()


def _count(cursor: DBAPICursor) -> int:
    return int(cursor.rowcount)


def _executed(connection: Connection, sql: str, values: Any, take: Callable[[DBAPICursor], T]) -> T:
    """Execute by the driver itself; its errors are raised as SQLAlchemy's own, so that a fault is told from a bug."""
    assert connection.in_transaction()
    raw, dialect = connection.connection, connection.dialect
    cursor = raw.cursor()
    try:
        cursor.execute(sql, values)
        return take(cursor)
    except dialect.loaded_dbapi.Error as trouble:
        lost = dialect.is_disconnect(trouble, raw.dbapi_connection, cursor)
        if lost:
            connection.invalidate(trouble)
        raise DBAPIError.instance(
            sql, None, trouble, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost,
            dialect=dialect,
        ) from trouble  # fmt: skip
    finally:
        cursor.close()


def _compile(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only statements with parameters are prepared")
    order = compiled.positiontup
    columns = compiled._result_columns  # noqa: SLF001 - what SQLAlchemy itself reads rows by
    row = namedtuple("Row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]  # names are data
    processes = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Compiled(
        str(compiled), order is not None, [_parameter(compiled, name) for name in order or compiled.binds], row._make,
        [(place, process) for place, process in enumerate(processes) if process is not None],
    )  # fmt: skip


def _parameter(compiled: SQLCompiler, name: str) -> _Parameter:
    bind = compiled.binds[name]
    process = bind.type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
    fixed = not bind.required
    return _Parameter(name, fixed, process(bind.value) if fixed and process else bind.value, process)
