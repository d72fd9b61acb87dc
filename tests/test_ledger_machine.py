"""Books kept in every order hypothesis thinks of are those kept in pencil, after every step, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.hunting import wander
from tests.ledger_machine import machine_on

SHORT = {"sqlite": 25, "postgresql": 8}
"""Examples of 40 steps each: a few seconds."""
LONG = {"sqlite": 600, "postgresql": 150}
"""Examples of 100 steps each: some minutes."""


def test_books_kept_in_any_order_are_those_kept_in_pencil(engine: Engine) -> None:
    """B1 to B3, B20, B21, B26, B27, B29, B45, B46."""
    wander(machine_on(engine), examples=SHORT[engine.dialect.name], steps=40)


@pytest.mark.soak
def test_books_kept_in_any_order_for_long_are_those_kept_in_pencil(engine: Engine) -> None:
    wander(machine_on(engine), examples=LONG[engine.dialect.name], steps=100)
