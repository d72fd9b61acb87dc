"""Cards that show one of several things that wait, and are turned with ‹ and › (B20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from bot.conversation import Rows
from bot.wording import act_option


class Numbered(Protocol):
    """Something that waits, by its number."""

    @property
    def number(self) -> int:
        """Its number."""
        ...


T = TypeVar("T", bound=Numbered)


def shown(waiting: Sequence[T], at: int, word: str) -> tuple[int, T, Rows]:
    """Give the place (from one) of the thing that a card was turned to, the thing, and the buttons that turn the card.

    One that has been decided gives way to the next, the last to the first. ``word`` is the command that turns: « valider page 12 ».
    """
    rank = next((rank for rank, one in enumerate(waiting) if one.number >= at), 0)
    if len(waiting) == 1:
        return 1, waiting[0], ()
    before, after = waiting[rank - 1], waiting[(rank + 1) % len(waiting)]
    turns = (act_option("‹", f"{word} page {before.number}"), act_option("›", f"{word} page {after.number}"))
    return rank + 1, waiting[rank], (turns,)
