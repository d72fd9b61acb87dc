"""Asking for a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.words import _

MAX_TEXT = 300


@dataclass(frozen=True)
class Text:
    """Ask for a few words; ``skippable`` lets the person pass, with an empty text."""

    name: str
    text: str
    suggestions: tuple[str, ...] = ()
    skippable: bool = False
    typed_ahead: bool = True
    limit: int = MAX_TEXT

    SKIP = "-"

    @property
    def options(self) -> Sequence[Answer]:
        """Offer what people mostly say, and to pass."""
        offered = [Answer(words, words) for words in self.suggestions]
        return [*offered, Answer(self.SKIP, _("Passer"))] if self.skippable else offered

    def understand(self, text: str) -> str:
        """Take the words as they are, if they are not too many."""
        words = " ".join(text.split())
        if self.skippable and folded(words) in {self.SKIP, folded(_("Passer"))}:
            return self.SKIP
        return self._allowed(words)

    def value(self, token: str) -> str:
        """Give the words back."""
        if self.skippable and token == self.SKIP:
            return ""
        return self._allowed(token)

    def _allowed(self, words: str) -> str:
        if not words.strip() or not words.isprintable():
            raise MisunderstoodError(_("Écrivez quelques mots."))
        if len(words) > self.limit:
            raise MisunderstoodError(_("C'est trop long : {limit} signes au plus.", limit=self.limit))
        return words
