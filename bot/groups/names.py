"""Names and codes as people type them: folded, whole names before parts, near ones offered and never taken."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol, TypeVar

from bot.folding import folded


class Named(Protocol):
    """Whoever has a name."""

    @property
    def name(self) -> str:
        """Their name."""
        ...


N = TypeVar("N", bound=Named)


def name_key(name: str) -> str:
    """Fold a name for searching: « Jean-Paul » is « jean paul » too.

    >>> name_key("  Élodie  Œuvrard-N’Guyen ")
    "elodie oeuvrard n'guyen"
    """
    return " ".join(folded(name).replace("-", " ").split())


def digest(code: str) -> str:
    """Digest a code people type: case and spaces do not count."""
    return hashlib.sha256(name_key(code).encode()).hexdigest()


def matching(typed: str, everyone: Sequence[N]) -> list[N]:
    """Find people by what is typed, the best first: the whole name, then a word of it, a beginning, a part."""
    wanted = name_key(typed)
    if not wanted:
        return []
    tests = (
        lambda key: key == wanted,
        lambda key: wanted in key.split(),
        lambda key: any(word.startswith(wanted) for word in [key, *key.split()]),
        lambda key: wanted in key,
    )
    for test in tests:
        found = [person for person in everyone if test(name_key(person.name))]
        if found:
            return found
    return []


def near(typed: str, everyone: Sequence[N]) -> list[N]:
    """Find people whose name is nearly what was typed: to be offered, never taken for what was meant."""
    words = {word: person for person in everyone for word in [name_key(person.name), *name_key(person.name).split()]}
    close = get_close_matches(name_key(typed), words, n=5, cutoff=0.75)
    return list(dict.fromkeys(words[word] for word in close))
