"""What people type and what is written are compared without case, accents, ligatures and spare spaces."""

from __future__ import annotations

import unicodedata

_SPELLED = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "−": "-"})


def folded(text: str) -> str:
    r"""Fold case, accents, ligatures and spaces away.

    >>> folded("  Œufs\u00a0d’Élodie "), folded("  Chèque\u00a0CADEAU ")
    ("oeufs d'elodie", 'cheque cadeau')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.translate(_SPELLED).split())
