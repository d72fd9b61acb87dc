"""What tests of those who leave share."""

from __future__ import annotations

from tests.transcripts import Scene


def leaves(scene: Scene, who: str, *choices: str) -> None:
    """Somebody leaves, saying what becomes of an avoir, and of their name."""
    scene.says(who, "/quitter")
    for label in (*choices, *(() if "Effacer" in choices else ("Les garder",)), "Quitter"):
        scene.taps(who, label)
    scene.unheard()
