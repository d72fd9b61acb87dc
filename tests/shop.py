"""Conversations of tests, longer than those people have today: lines of an order, one after another."""

from __future__ import annotations

import itertools

from bot.conversation import Answer, Script
from bot.questions import choose

THINGS = {Answer("cheque", "Chèque"): "chèque", Answer("cash", "Liquide"): "liquide"}
QUANTITIES = {**{Answer(str(n), str(n)): n for n in range(1, 9)}, Answer("done", "C'est tout"): 0}


def shopping() -> Script:
    """Ask for quantities, line after line, until that is all."""
    total = 0
    for rank in itertools.count():
        quantity = yield from choose(f"ligne{rank}", "Combien ?", QUANTITIES)
        if quantity == 0:
            return f"{rank} lignes, {total}"
        total += quantity
    raise AssertionError("endless")
