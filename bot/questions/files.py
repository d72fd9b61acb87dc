"""Asking for a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.conversation import Answer, MisunderstoodError
from bot.words import _

T = TypeVar("T")


@dataclass(frozen=True)
class SentFile(Generic[T]):
    """Ask for a file. ``read`` turns the number of a received file into a value, or raises MisunderstoodError."""

    name: str
    text: str
    read: Callable[[int], T]
    options: tuple[Answer, ...] = ()
    typed_ahead: bool = False

    def understand(self, _text: str, /) -> str:
        """Explain that a file is wanted."""
        raise MisunderstoodError(_("Envoyez un fichier, comme une pièce jointe."))

    def understand_file(self, number: int) -> str:
        """Take a file that has arrived, if it can be read."""
        self.read(number)
        return str(number)

    def value(self, token: str) -> T:
        """Give what is read in the file."""
        if not re.fullmatch("[0-9]{1,18}", token):
            raise MisunderstoodError(_("Envoyez un fichier, comme une pièce jointe."))
        return self.read(int(token))
