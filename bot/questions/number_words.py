"""Numbers written out in French, as some people type an amount: « vingt-cinq euros »; whole euros, up to a hundred."""

from __future__ import annotations

import re

from bot.folding import folded

_UNITS = ["zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"]
_UNITS += ["treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"]
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
_TEENS_AFTER = {60, 80}
"""« soixante-dix », « quatre-vingt-dix »."""


def _written() -> dict[str, int]:
    """Write every number from two on; one alone is an article."""
    known = {word: n for n, word in enumerate(_UNITS) if n > 1} | {"cent": 100, "quatre-vingts": 80}
    for tens, word in _TENS.items():
        known[word] = tens
        known |= {f"{word}-{_UNITS[n]}": tens + n for n in range(1, 20 if tens in _TEENS_AFTER else 10)}
        known |= {f"{word} et {_UNITS[n]}": tens + n for n in (1, 11)[: 2 if tens == 60 else 1]}
    return {word.replace("-", " "): n for word, n in known.items()}


_NUMBERS = _written()
_WORDS = {word for name in _NUMBERS for word in name.split()} | {
    "cents",
    "mille",
    "euro",
    "euros",
    "centime",
    "centimes",
}


def written_euros(text: str) -> int | None:
    """Read a number written out, in whole euros; None where it is none.

    >>> [written_euros(text) for text in ("vingt euros", "Quatre-vingt-dix-sept", "vingt et un", "cent vingt", "un", "20")]
    [20, 97, 21, None, None, None]
    """
    return _NUMBERS.get(re.sub(" euros?$", "", _plain(text)))


def looks_written(text: str) -> bool:
    """Tell whether words are all of numbers: « deux cents » must not be taken for « deux ».

    >>> looks_written("deux cents"), looks_written("vingt euros cinquante"), looks_written("vingt chèque")
    (True, True, False)
    """
    words = _plain(text).split()
    return bool(words) and words[0] in _WORDS and set(words) <= _WORDS


def _plain(text: str) -> str:
    return " ".join(folded(text).replace("-", " ").split())
