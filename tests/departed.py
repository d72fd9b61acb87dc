"""What tests of those who leave share."""

from __future__ import annotations

from tests.transcripts import Scene


def leaves(scene: Scene, who: str, *choices: str, farewell: str = "Quitter") -> None:
    """Somebody leaves, saying what becomes of an avoir, and of their name; ``farewell``: the last button in their language."""
    scene.says(who, "/quitter")
    for label in (*choices, *(() if {"Effacer", "Keep them"} & {*choices} else ("Les garder",)), farewell):
        scene.taps(who, label)
    scene.unheard()
