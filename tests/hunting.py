"""Walks of a machine until it catches something: always the same ones, whatever else is loaded, and none of them short.

Hypothesis begins with walks of a few steps, which catch nothing, and tries numbers that stand in the modules it finds; it is
for the tests of the machines themselves, which look for what nobody has thought of.
"""

from __future__ import annotations

from random import Random
from typing import Any

STEPS = 100
LOOKED_AT_EVERY = 5


def hunt(machine: type[Any], walks: int) -> None:
    """Walk a machine so many times, and look at everything after every few steps. Raises what the machine finds."""
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
