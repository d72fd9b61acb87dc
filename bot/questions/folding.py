"""What people type, folded to be compared with what is shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.conversation import Answer


def folded(text: str) -> str:
    r"""Fold case, accents and spaces away, to compare what people type with what is shown.

    >>> folded("  Chèque\u00a0CADEAU ")
    'cheque cadeau'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("œ", "oe").replace("’", "'").split())


def picked(text: str, options: Iterable[Answer]) -> str | None:
    """Find the option that was typed: its label, or its rank."""
    wanted = folded(text)
    for rank, option in enumerate(options, start=1):
        if wanted in {folded(option.label), str(rank)}:
            return option.token
    return None
