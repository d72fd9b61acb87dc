"""Statements that post, compiled once per database: SQLAlchemy's own way costs more than the posting itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement


@dataclass(frozen=True)
class _Parameter:
    name: str
    fixed: bool
    value: object
    process: Callable[[Any], Any] | None

    def of(self, values: Mapping[str, object]) -> object:
        value = self.value if self.fixed else values[self.name]
        return self.process(value) if self.process else value


@dataclass(frozen=True)
class _Compiled:
    sql: str
    positional: bool
    parameters: list[_Parameter]


class Prepared:
    """A statement with named parameters, run as plain SQL. Results come as the driver gives them: return numbers only."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> CursorResult[Any]:
        """Run it with values for all its parameters. Raises what SQLAlchemy raises."""
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _compile(self._statement, connection.dialect)
        ready = self._compiled[name]
        if ready.positional:
            return connection.exec_driver_sql(ready.sql, tuple([p.of(values) for p in ready.parameters]))
        return connection.exec_driver_sql(ready.sql, {p.name: p.of(values) for p in ready.parameters})


def _compile(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only statements with parameters are prepared")
    order = compiled.positiontup
    return _Compiled(str(compiled), order is not None, [_parameter(compiled, name) for name in order or compiled.binds])


def _parameter(compiled: SQLCompiler, name: str) -> _Parameter:
    bind = compiled.binds[name]
    process = bind.type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
    return _Parameter(name, fixed=not bind.required, value=bind.value, process=process)
