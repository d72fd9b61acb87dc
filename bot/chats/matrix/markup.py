"""How a message looks on Matrix: HTML that no name or text can break, a plain body as good, lengths in bytes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from bot import handlers
from bot.chat import STRONG_OFF, STRONG_ON, Message, Option, plain
from bot.chats.matrix.marks import marks, of

MOST_BYTES = 6_000
"""A text is sent as a body and as HTML, escaped in both, and encrypted: an event may have 65,536 bytes in all."""

BETWEEN = "\u2003\u2003"
"""Between the buttons of a row: wide spaces, which HTML keeps and no label has."""

_MARKS = re.compile(f"([{STRONG_ON}{STRONG_OFF}])")
_TAGS = {STRONG_ON: "<strong>", STRONG_OFF: "</strong>"}
_COMMAND = re.compile(r"(?<![\w/.:!])/([^\W\d_]+)\b(?!/)")


def spoken_here(text: str) -> str:
    """Write commands as one types them on Matrix, where clients keep « / » for themselves.

    >>> spoken_here("Écrivez /solde, ou /payer 12. Voir https://exemple.org/aide, oui/non, /etc/hosts")
    'Écrivez !solde, ou !payer 12. Voir https://exemple.org/aide, oui/non, /etc/hosts'
    """
    return _COMMAND.sub(lambda found: f"!{found[1]}" if handlers.find(found[1]) else found[0], text)


def as_html(text: str) -> str:
    r"""Escape a text, make its bold marks tags, balanced whatever the marks are, and its line ends breaks.

    >>> as_html("\x0e<b>Léa\x0f & Co\x0f\n\x0eà \x0evous")
    '<strong>&lt;b&gt;Léa</strong> &amp; Co<br><strong>à vous</strong>'
    """
    made, bold = [], False
    for part in _MARKS.split(html.escape(text, quote=False)):
        if part in _TAGS:
            if bold is not (part == STRONG_ON):
                bold = not bold
                made.append(_TAGS[part])
        else:
            made.append(part)
    return ("".join(made) + ("</strong>" if bold else "")).replace("\n", "<br>")


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
    r"""Cut a long text into pieces, between lines where it can be; bold that is cut goes on in the next.

    >>> pieces("\x0eun\ndeux\x0f", 7)
    ['\x0eun', '\x0edeux\x0f']
    """
    found: list[str] = []
    left = text
    while len(left.encode()) > most:
        cut = _cut(left, most)
        piece = left[:cut].rstrip()
        left = (STRONG_ON if _still_bold(piece) else "") + left[cut:].lstrip("\n")
        if plain(piece).strip():
            found.append(piece)
    return [*found, left] if plain(left).strip() or not found else found


def shortened(text: str, most: int = MOST_BYTES) -> str:
    """Cut a text that must fit into one message."""
    return text if len(text.encode()) <= most else text[: _cut(text, most - 3)].rstrip() + "…"


def _cut(text: str, most: int) -> int:
    end = len(text.encode()[:most].decode(errors="ignore"))
    line = text.rfind("\n", end // 2, end)
    return line if line > 0 else max(end, 1)


def _still_bold(text: str) -> bool:
    return text.rfind(STRONG_ON) > text.rfind(STRONG_OFF)


def _rows(message: Message, version: int) -> Iterable[list[tuple[str, Option]]]:
    signs = {id(option): sign for sign, option in marks(of(message), version)}
    for row in message.options:
        shown = [(signs[id(option)], option) for option in row if option.data]
        if shown:
            yield shown
