"""Books kept in every order hypothesis thinks of are those kept in pencil, after every step, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from bot.ledger.engines import writing_engine
from bot.ledger.store import Store
from tests.ledger_machine import machine_on

COMMON = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
SHORT = {"sqlite": 25, "postgresql": 8}
"""Examples of 40 steps each: a few seconds."""
LONG = {"sqlite": 600, "postgresql": 150}
"""Examples of 100 steps each: some minutes."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    Store.open(database_url, create=True).close()
    made = writing_engine(database_url)
    yield made
    made.dispose()


def test_books_kept_in_any_order_are_those_kept_in_pencil(engine: Engine) -> None:
    """B1 to B3, B20, B21, B26, B27, B29, B45, B46."""
    short = settings(COMMON, max_examples=SHORT[engine.dialect.name], stateful_step_count=40)
    run_state_machine_as_test(machine_on(engine), settings=short)


@pytest.mark.soak
def test_books_kept_in_any_order_for_long_are_those_kept_in_pencil(engine: Engine) -> None:
    long = settings(COMMON, max_examples=LONG[engine.dialect.name], stateful_step_count=100)
    run_state_machine_as_test(machine_on(engine), settings=long)
