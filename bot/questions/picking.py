"""What people type, compared with what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.conversation import Answer
from bot.folding import folded


def picked(text: str, options: Iterable[Answer]) -> str | None:
    """Find the option that was typed: its label, or its rank."""
    wanted = folded(text)
    for rank, option in enumerate(options, start=1):
        if wanted in {folded(option.label), str(rank)}:
            return option.token
    return None


def whole_number(word: str) -> int | None:
    """Read the number of a payment or a page, typed or brought back by a button; None if it is none, or far too large.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 30)
    (12, None, None)
    """
    return int(word) if re.fullmatch("[0-9]{1,15}", word) else None
