"""How a message looks on Matrix: HTML that no name or text can break, a plain body as good, lengths in bytes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from bot import handlers
from bot.chat import Message, Option, plain
from bot.chats import texts
from bot.chats.matrix.marks import marks, of
from bot.chats.texts import Measure

MOST_BYTES = 6_000
"""A text is sent as a body and as HTML, escaped in both, and encrypted: an event may have 65,536 bytes in all."""

BETWEEN = "\u2003\u2003"
"""Between the buttons of a row: wide spaces, which HTML keeps and no label has."""

BYTES = Measure("utf-8")
_COMMAND = re.compile(r"(?<![\w/.:!])/([^\W\d_]+)\b(?!/)")


def spoken_here(text: str) -> str:
    """Write commands as one types them on Matrix, where clients keep « / » for themselves.

    >>> spoken_here("Écrivez /solde, ou /payer 12. Voir https://exemple.org/aide, oui/non, /etc/hosts")
    'Écrivez !solde, ou !payer 12. Voir https://exemple.org/aide, oui/non, /etc/hosts'
    """
    return _COMMAND.sub(lambda found: f"!{found[1]}" if handlers.find(found[1]) else found[0], text)


def as_html(text: str) -> str:
    r"""Escape a text, make its bold marks tags, and its line ends breaks.

    >>> as_html("\x0e<b>Léa\x0f & Co\n\x0eà vous")
    '<strong>&lt;b&gt;Léa</strong> &amp; Co<br><strong>à vous</strong>'
    """
    return texts.as_html(text, "<strong>", "</strong>").replace("\n", "<br>")


def body(message: Message, version: int) -> str:
    """Write a message for those who read plain text: a row of answers to a line, what is to be copied on its own.

    >>> print(body(Message("Combien ?", ((Option("24,50 €", "a:1.x:1"), Option("Autre", "a:1.x:2")),)), 0))
    Combien ?
    <BLANKLINE>
    1️⃣ 24,50 €  2️⃣ Autre
    """
    lines = [BETWEEN.join(f"{sign} {option.label}" for sign, option in row) for row in _rows(message, version)]
    beside = [f"{option.label} :\n{option.copies or option.opens}" for option in of(message) if not option.data]
    return "\n\n".join(part for part in (plain(message.text), *beside, "\n".join(lines)) if part)


def formatted(message: Message, version: int) -> str:
    """Write a message for those who see HTML: the same words, in the strict subset that every client shows."""
    lines = [
        BETWEEN.join(f"{html.escape(sign)} <strong>{html.escape(option.label)}</strong>" for sign, option in row)
        for row in _rows(message, version)
    ]
    beside = [_beside(option) for option in of(message) if not option.data]
    return "<br><br>".join(part for part in (as_html(message.text), *beside, "<br>".join(lines)) if part)


def _beside(option: Option) -> str:
    """Write what is no answer: an address to open, a text to copy on a line of its own."""
    label = html.escape(option.label)
    if option.opens:
        return f'<a href="{html.escape(option.opens)}">{label}</a>'
    return f"{label} :<br><code>{html.escape(option.copies)}</code>"


def pieces(text: str, most: int = MOST_BYTES) -> list[str]:
    """Cut a long text into messages."""
    return BYTES.pieces(text, most)


def shortened(text: str, most: int = MOST_BYTES) -> str:
    """Cut a text that must fit into one message."""
    return BYTES.shortened(text, most)


def _rows(message: Message, version: int) -> Iterable[list[tuple[str, Option]]]:
    signs = {id(option): sign for sign, option in marks(of(message), version)}
    for row in message.options:
        shown = [(signs[id(option)], option) for option in row if option.data]
        if shown:
            yield shown
