"""The burst of :mod:`tests.test_matrix_killing`, long: 250 messages and more (B46, B47)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.matrix_burst import settled, survives
from tests.synapse import Synapse


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
async def test_killed_again_and_again_in_a_burst_of_250_messages(synapse: Synapse, tmp_path: Path, seed: int) -> None:
    async with settled(synapse, tmp_path, people=2, messages=125) as burst:
        await survives(burst, kills=8, restarts=3, chance=random.Random(seed))
