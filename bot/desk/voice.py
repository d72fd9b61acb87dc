"""How a turn answers: a new message, the tapped message edited, or a few words beside the button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import outbox
from bot.chat import Message, plain
from bot.desk.occasion import Occasion
from bot.desk.taps import ANSWER, CARD, IN_PLACE, read, stamped
from bot.outbox import Letter

MOST_BESIDE = 190
"""Characters that platforms show beside a tapped button."""

MOST_EDITED_UNITS = 4_000
"""A longer message is not edited in place, where it would be cut: what one agrees to is shown whole."""


class Voice:
    """The voice of one turn. ``toast`` is what is to be said beside the tapped button."""

    def __init__(self, occasion: Occasion) -> None:
        self.toast = ""
        self._occasion = occasion
        kind = read(occasion.incoming.tapped).kind
        self.quiet = kind == CARD
        self._edits = occasion.incoming.message if kind in {ANSWER, IN_PLACE} else ""

    def say(self, message: Message, *, new: bool = False) -> None:
        """Answer as fits what was tapped; ``new`` asks for a message in any case, as a question does."""
        if self.quiet and not new:
            self.hint(message.text)
            return
        edits = "" if message.attachment or _units(message.text) > MOST_EDITED_UNITS else self._edits
        post(self._occasion, [Letter(self._occasion.place, message, edits)])

    def hint(self, words: str) -> None:
        """Say a few words beside the tapped button."""
        bare = plain(words)
        self.toast = bare if len(bare) <= MOST_BESIDE else bare[: MOST_BESIDE - 1] + "…"


def post(occasion: Occasion, letters: Sequence[Letter]) -> None:
    """Post messages to people of the group; their buttons say for which group they are."""
    group = occasion.speaker.group
    outbox.post(occasion.connection, [replace(letter, message=stamped(letter.message, group)) for letter in letters])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
