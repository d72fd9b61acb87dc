"""« de » and « que » before a vowel, as French writes them: « le chèque d'Awa », « l'avoir de Léa »."""

from __future__ import annotations

import re

from bot.folding import folded

ELIDED = re.compile(r"(?<!\w)(d|qu)e $", re.IGNORECASE)
"""A sentence so far, where its last word loses its vowel before another."""

_SOUNDS_LIKE_A_VOWEL = re.compile(r"[aeiou]|y(?![aeiou])|h(?=[eiouy])")
"""How a word begins, folded: « Yves » and « Hélène » too; not « Yasmine », nor « Hassan »."""


def elided(before: str, word: str) -> str:
    """Give what stands before a word, elided where French wants that.

    >>> elided("Le compte de ", "Awa") + "Awa", elided("Le compte de ", "Léa"), elided("que ", "Émile")
    ("Le compte d'Awa", 'Le compte de ', "qu'")
    >>> [elided("de ", name) for name in ("Yves", "Yann", "Hélène", "Hassan", "m12", "«\u00a0Élan\u00a0»", "")]
    ["d'", 'de ', "d'", 'de ', 'de ', 'de ', 'de ']
    """
    if not word or not _SOUNDS_LIKE_A_VOWEL.match(folded(word[:3])):
        return before
    return ELIDED.sub(r"\1'", before)
