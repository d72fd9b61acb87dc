"""What people type, compared with what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.conversation import Answer
from bot.folding import folded


def picked(text: str, options: Iterable[Answer]) -> str | None:
    """Find the option that was typed: its label, or its rank."""
    wanted = folded(text)
    for rank, option in enumerate(options, start=1):
        if wanted in {folded(option.label), str(rank)}:
            return option.token
    return None


def bare(text: str) -> str:
    """Leave out the small words that come before an answer.

    >>> bare("un chèque"), bare("en espèces"), bare("par"), bare("C'est un virement.")
    ('cheque', 'especes', 'par', 'virement')
    """
    words = _words(text)
    while len(words) > 1 and _SMALL.fullmatch(words[0]):
        words = words[1:]
    return " ".join(words)


def nearly(text: str, options: Iterable[Answer]) -> str | None:
    """Find the one option whose label begins with the words typed: « oui » for « Oui, c'est lui ». None if several do.

    A figure is never taken so: it is a rank or an amount, and those are read exactly.
    """
    words = bare(text).split()
    found = [option for option in options if _words(option.label)[: len(words)] == words]
    return found[0].token if words and words[0][0].isalpha() and len(found) == 1 else None


_SMALL = re.compile("une?|l[ae]|les|en|pa|par|avec|c'est|d[eu]|an?|the|by|in|with|it's")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[.,':][^\W_]+)*", folded(text))


def whole_number(word: str) -> int | None:
    """Read the number of a payment or a page, typed or brought back by a button; None if it is none, or far too large.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 30)
    (12, None, None)
    """
    return int(word) if re.fullmatch("[0-9]{1,15}", word) else None
