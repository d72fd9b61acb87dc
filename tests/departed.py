"""What tests of those who leave share."""

from __future__ import annotations

from sqlalchemy import select

from bot.ledger.tables import ACCOUNT
from tests.transcripts import Scene


def leaves(scene: Scene, who: str, *choices: str, farewell: str = "Quitter") -> None:
    """Somebody leaves, saying what becomes of an avoir, and of their name; ``farewell``: the last button in their language."""
    scene.says(who, "/quitter")
    for label in (*choices, *(() if {"Effacer", "Keep them"} & {*choices} else ("Les garder",)), farewell):
        scene.taps(who, label)
    scene.unheard()


def is_closed(scene: Scene, member: int) -> bool:
    """Tell whether a member's account is closed."""
    with scene.store.read() as connection:
        this_one = (ACCOUNT.c.group_id == 1) & (ACCOUNT.c.number == member)
        return bool(connection.execute(select(ACCOUNT.c.closed).where(this_one)).scalar_one())
