"""Asking to pick one of several things, and for consent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.questions.picking import bare, nearly, picked
from bot.words import _

T = TypeVar("T")

FEW = 4


class Choice(Generic[T]):
    """Ask to pick one of several things. ``also`` gives other words for a token (« espèces » for « liquide »)."""

    typed_ahead = True

    def __init__(
        self, name: str, text: str, things: Mapping[Answer, T], also: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.name = name
        self.text = text
        self.options: Sequence[Answer] = tuple(things)
        self._things = {option.token: thing for option, thing in things.items()}
        self._also = also or {}

    def understand(self, text: str) -> str:
        """Take a label, a rank or a synonym, with a small word before it, or the first words of one label only."""
        token = picked(text, self.options) or self._other_word(folded(text)) or self._roughly(text)
        if token is None or token not in self._things:
            raise MisunderstoodError(self._what_to_say())
        return token

    def _what_to_say(self) -> str:
        """List the answers where they are few: a long list stands below, as buttons."""
        if len(self.options) > FEW:
            return _("Choisissez une des réponses proposées.")
        offered = ", ".join(option.label for option in self.options)
        return _("Choisissez une des réponses proposées : {offered}.", offered=offered)

    def _roughly(self, text: str) -> str | None:
        return self._other_word(bare(text)) or nearly(text, self.options)

    def _other_word(self, typed: str) -> str | None:
        return next((token for token, words in self._also.items() if typed in map(folded, words)), None)

    def value(self, token: str) -> T:
        """Give the thing of a token."""
        try:
            return self._things[token]
        except KeyError as error:
            raise MisunderstoodError(_("Ce choix n'est plus possible.")) from error


_YES = ("oui", "o", "ok", "d'accord", "oui merci", "oui oui", "yes", "y", "yes please")
_NO = ("non", "n", "no", "non merci", "no thanks")


class Consent(Choice[bool]):
    """Ask to agree to exactly what is written: the question is named by its own text."""

    typed_ahead = False

    def __init__(self, text: str, yes: str | None = None) -> None:
        name = "consent-" + hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
        things = {Answer("yes", yes or _("Oui")): True, Answer("no", _("Non")): False}
        super().__init__(
            name, text, things, {"yes": _YES, "no": _NO},
        )  # fmt: skip
