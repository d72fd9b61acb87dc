"""Where a household can be written to, and where it is: once, where it wrote last, unless it chose otherwise (B39, B42)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat import Address, Place

WHERE_WRITTEN_LAST, EVERYWHERE = 0, -1
"""What a household may choose instead of one of its addresses, numbered from 1."""


@dataclass(frozen=True)
class Reach:
    """An address of a member, and the private chat in which to write to it; ``latest`` where the household wrote last.

    ``linked_at``, in UTC, tells two addresses on the same platform apart.
    """

    member: int
    number: int
    address: Address
    place: Place
    state: str
    language: str
    linked_at: datetime
    latest: bool = False


def where_told(linked: Sequence[Reach], choice: int) -> list[Reach]:
    """Choose among the addresses of a household that can be written to; one chosen and lost since is as none chosen."""
    if choice == EVERYWHERE:
        return list(linked)
    best = max(linked, key=lambda reach: (reach.number == choice, reach.latest, -reach.number), default=None)
    return [] if best is None else [best]
