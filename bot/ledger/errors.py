"""Refusals and their sentences.

    Refusal                     the member or coordinator is told why, nothing is recorded
    ├── KeyConflictError        … (see each class)
    BooksClosedError            the books of a group do not add up: only receiving money goes on

A refusal builds its sentence from facts: ``sentence`` is a French template, the gettext message id, and ``facts`` fill it. ``{x:money}`` is
an amount in cents, ``{x:day}`` a date; :mod:`bot.words` translates and fills.
"""

from __future__ import annotations


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "mark only"
    """Mark a sentence for translation where it cannot be translated yet."""
    return sentence


class Refusal(Exception):  # noqa: N818 - a refusal is not an error; its subclasses are named as sad facts
    """Something asked for cannot be done; ``sentence`` says why and what to do instead (B48)."""

    sentence: str = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(type(self).__name__, facts)
        self.facts = facts
