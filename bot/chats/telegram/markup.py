"""How a message looks on Telegram: HTML that no name or text can break, keyboards, lengths in UTF-16 units."""

from __future__ import annotations

import html

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat import STRONG_OFF, STRONG_ON, Message, Option

MOST_UNITS = 4096
CAPTION_UNITS = 1024
DATA_BYTES = 64
LABEL_UNITS = 60


def units(text: str) -> int:
    """Count a text as Telegram does.

    >>> units("é😀")
    3
    """
    return len(text.encode("utf-16-le")) // 2


def as_html(text: str) -> str:
    """Escape a text and make its bold marks tags; a mark left open is closed.

    >>> as_html("\\x0e<b>Léa\\x0f & Co")
    '<b>&lt;b&gt;Léa</b> &amp; Co'
    """
    escaped = html.escape(text, quote=False).replace(STRONG_ON, "<b>").replace(STRONG_OFF, "</b>")
    return escaped + "</b>" * max(0, escaped.count("<b>") - escaped.count("</b>"))


def pieces(text: str, most: int = MOST_UNITS) -> list[str]:
    """Cut a long text into pieces, between lines where it can be."""
    found: list[str] = []
    left = text
    while units(left) > most:
        cut = _cut(left, most)
        found.append(left[:cut].rstrip())
        left = left[cut:].lstrip("\n")
    return [*found, left]


def _cut(text: str, most: int) -> int:
    end, counted = 0, 0
    for end, letter in enumerate(text):  # noqa: B007 - the position is what is looked for
        counted += 2 if ord(letter) > 0xFFFF else 1
        if counted > most:
            break
    line = text.rfind("\n", end // 2, end)
    return line if line > 0 else end


def shortened(text: str, most: int = MOST_UNITS) -> str:
    """Cut a text that must fit into one message."""
    return text if units(text) <= most else text[: _cut(text, most - 1)].rstrip() + "…"


def keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """Make the buttons of a message."""
    rows = [[_button(option) for option in row] for row in message.options if row]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(option: Option) -> InlineKeyboardButton:
    label = shortened(option.label, LABEL_UNITS) or "…"
    if option.copies:
        return InlineKeyboardButton(label, copy_text=CopyTextButton(option.copies))
    assert 0 < len(option.data.encode()) <= DATA_BYTES, f"button data of {len(option.data.encode())} bytes"
    return InlineKeyboardButton(label, callback_data=option.data)
