"""The loop of :mod:`tests.test_killing`, long (B46, B47)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.emulator import BotApi
from tests.neighbourhood import Neighbourhood
from tests.test_killing import ends_well, killed_at_random


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
async def test_killed_at_random_for_minutes_it_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    people = Neighbourhood(tmp_path, people=40, payments=10)
    async with BotApi() as api:
        people.settle(api)
        await killed_at_random(people, api, kills=40, chance=random.Random(seed))
        await ends_well(people, api)
