"""The demo's group, in which everybody, and the coordinators' room, is spoken to in English."""

from __future__ import annotations

from sqlalchemy import update

from bot.groups.tables import LinkedAddress, Room
from bot.ledger.store import Store
from tests.transcripts import Scene


def english_scene(store: Store) -> Scene:
    """Begin with the demo's group, in English."""
    scene = Scene(store)
    scene.change(update(LinkedAddress).values(language="en"))
    scene.change(update(Room).values(language="en"))
    return scene
