"""The desk's transcripts, played again over Matrix: the same words, numbers and reactions for buttons."""

from __future__ import annotations

from tests import (
    test_bank,
    test_cashbox,
    test_cheques,
    test_desk_conversations,
    test_paying,
    test_settings,
    test_settings_kitty,
    test_settings_money_sent,
    test_till,
)
from tests.matrix_scene import played_again, scene

__all__ = ["scene"]

MODULES = (
    test_bank, test_cashbox, test_cheques, test_desk_conversations, test_paying, test_settings, test_settings_kitty,
    test_settings_money_sent, test_till,
)  # fmt: skip
NOT_HERE = {
    "test_methods_are_toggled_in_place_and_back",  # it counts messages replaced: a number typed is answered below it
    "test_bad_answers_say_what_is_wrong_and_the_question_stays",  # it sends nothing at all, as no client can
}

for _module in MODULES:
    globals().update({name: test for name, test in played_again(_module).items() if name not in NOT_HERE})
