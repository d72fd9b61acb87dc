"""What people type and send, made safe before anything reads it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from bot.chat import Incoming

MOST_TYPED = 5_000
MOST_NAME = 80
MOST_DATA = 64
MOST_FILE_NAME = 200


def tidy(text: str, most: int = MOST_TYPED, *, lines: bool = False) -> str:
    r"""Drop control and direction characters, which could forge bold marks or turn a sentence around.

    One line remains, unless ``lines`` are to be kept: a list of products is often typed one to a line.

    >>> tidy("a\x0eb\u202ec\nd\n"), tidy("2 pains\n1 poulet\n", lines=True)
    ('abc d', '2 pains\n1 poulet')
    """
    if text.isprintable() and len(text) <= most:
        return text.strip()
    space = "\t" if lines else "\n\t"
    kept = (" " if c in space else c for c in text[:most] if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()


def tidied(incoming: Incoming) -> Incoming:
    """Make an update safe to read, and to keep."""
    file = incoming.file
    return replace(
        incoming,
        text=tidy(incoming.text, lines=True),
        name=tidy(incoming.name, MOST_NAME),
        tapped=tidy(incoming.tapped, MOST_DATA),
        file=file and replace(file, name=tidy(file.name, MOST_FILE_NAME)),
    )
