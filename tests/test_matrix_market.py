"""The market's transcripts, played again over Matrix: orders, distributions, products."""

from __future__ import annotations

from tests import test_catalogue, test_distributions, test_ordering, test_ordering_examples
from tests.matrix_scene import played_again, scene
from tests.test_ordering import market

__all__ = ["market", "scene"]

NOT_HERE = {"test_a_product_is_changed_with_few_taps_in_one_message"}
"""It counts messages edited: a number that is typed is answered below."""

for _module in (test_catalogue, test_distributions, test_ordering, test_ordering_examples):
    globals().update({name: test for name, test in played_again(_module).items() if name not in NOT_HERE})
