"""What people type and send, made safe before anything reads it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from bot.chat import Incoming

MOST_TYPED = 5_000
MOST_NAME = 80
MOST_DATA = 64


def tidy(text: str, most: int = MOST_TYPED) -> str:
    r"""Drop control and direction characters, which could forge bold marks or turn a sentence around; one line remains.

    >>> tidy("a\x0eb\u202ec\nd\n")
    'abc d'
    """
    kept = (" " if c in "\n\t" else c for c in text[:most] if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()


def tidied(incoming: Incoming) -> Incoming:
    """Make an update safe to read."""
    return replace(
        incoming,
        text=tidy(incoming.text),
        name=tidy(incoming.name, MOST_NAME),
        tapped=tidy(incoming.tapped, MOST_DATA),
    )
