"""The pickup's transcripts, played again over Matrix: a card turned and tapped, member by member."""

from __future__ import annotations

from tests import test_pickup
from tests.matrix_scene import played_again, scene
from tests.test_pickup import market

__all__ = ["market", "scene"]

NOT_HERE = {"test_what_is_still_planned_is_decided_before_validating"}
"""It types « 3 » for an amount where three answers are numbered: on Matrix that is the third answer."""

globals().update({name: test for name, test in played_again(test_pickup).items() if name not in NOT_HERE})
