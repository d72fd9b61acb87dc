"""Machines set to walk, and bugs planted for them to catch: a machine that catches none proves nothing.

planted = Planted()

@planted
def a_refund_credits(patch: Patch) -> None: ...

@pytest.mark.parametrize("name", planted.names)
def test_the_machine_catches_it(lasting_engine, monkeypatch, name):
    planted.is_caught(name, monkeypatch, machine_on(lasting_engine), walks=60)
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import DBAPIError

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

STEPS = 100
LOOKED_AT_EVERY = 5
COMMON = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def wander(machine: type[Any], *, examples: int, steps: int) -> None:
    """Have hypothesis walk a machine, looking for what nobody has thought of. Raises what the machine finds."""
    run_state_machine_as_test(machine, settings=settings(COMMON, max_examples=examples, stateful_step_count=steps))


def hunt(machine: type[Any], walks: int) -> None:
    """Walk a machine so many times, and look at everything after every few steps. Raises what the machine finds.

    Always the same walks, whatever else is loaded, and none of them short: hypothesis begins with walks of a few steps, which
    catch nothing, and tries numbers that stand in the modules it finds.
    """
    for walk in range(walks):
        seeds, walking = Random(walk), machine()
        try:
            walking.open()
            for step in range(1, STEPS + 1):
                walking.something_happens(seeds.getrandbits(64))
                for invariant in walking.invariants if step % LOOKED_AT_EVERY == 0 else ():
                    invariant.function(walking)
        finally:
            walking.teardown()


class Planted:
    """Bugs to plant one by one; each is a function that patches the program, named as what it does wrong."""

    def __init__(self) -> None:
        self._plants: dict[str, Plant] = {}

    def __call__(self, plant: Plant) -> Plant:
        self._plants[plant.__name__] = plant
        return plant

    @property
    def names(self) -> list[str]:
        """The names of the bugs."""
        return list(self._plants)

    def is_caught(self, name: str, patch: Patch, machine: type[Any], *, walks: int) -> None:
        """Plant a bug; walking must catch it.

        By the machine's own comparison or audit (AssertionError), or because the database refuses what the bug does (DBAPIError).
        """
        self._plants[name](patch)
        with pytest.raises((AssertionError, DBAPIError, pytest.fail.Exception)):
            hunt(machine, walks)


def nothing(*_: object, **__: object) -> None:
    """What a forgetful programmer wrote."""
