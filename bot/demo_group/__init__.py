"""The invented group of the demo: « Les Paniers du Canal », its people, what they sell, a distribution past and one to come."""

from __future__ import annotations

from bot.demo_group.people import NAME, PEOPLE, ROOM, greet_room, seed
from bot.demo_group.season import furnish

__all__ = ["NAME", "PEOPLE", "ROOM", "furnish", "greet_room", "seed"]
