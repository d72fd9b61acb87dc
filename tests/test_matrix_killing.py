"""The real process and the homeserver, killed in the middle of a burst on Matrix: nothing lost, nothing twice (B46, B47)."""

from __future__ import annotations

import random
from pathlib import Path

from tests.matrix_burst import settled, survives
from tests.synapse import Synapse


async def test_killed_in_a_burst_each_message_has_one_answer_in_order(synapse: Synapse, tmp_path: Path) -> None:
    async with settled(synapse, tmp_path, people=2, messages=25) as burst:
        await survives(burst, kills=3, restarts=1, chance=random.Random())
