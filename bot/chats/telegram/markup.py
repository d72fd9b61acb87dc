"""How a message looks on Telegram: HTML that no name or text can break, keyboards, lengths in UTF-16 units."""

from __future__ import annotations

import html
import re

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat import STRONG_OFF, STRONG_ON, Message, Option, plain
from bot.desk.taps import BACK, CANCEL

MOST_UNITS = 4096
CAPTION_UNITS = 1024
DATA_BYTES = 64
LABEL_UNITS = 60
COPY_UNITS = 256
_MARKS = re.compile(f"([{STRONG_ON}{STRONG_OFF}])")
_TAGS = {STRONG_ON: "<b>", STRONG_OFF: "</b>"}


def units(text: str) -> int:
    """Count a text as Telegram does.

    >>> units("é😀")
    3
    """
    return len(text.encode("utf-16-le")) // 2


def as_html(text: str) -> str:
    r"""Escape a text and make its bold marks tags, which are balanced whatever the marks are.

    >>> as_html("\x0e<b>Léa\x0f & Co\x0f \x0eà \x0evous")
    '<b>&lt;b&gt;Léa</b> &amp; Co <b>à vous</b>'
    """
    made, bold = [], False
    for part in _MARKS.split(html.escape(text, quote=False)):
        if part in _TAGS:
            if bold is not (part == STRONG_ON):
                bold = not bold
                made.append(_TAGS[part])
        else:
            made.append(part)
    return "".join(made) + ("</b>" if bold else "")


def pieces(text: str, most: int = MOST_UNITS) -> list[str]:
    r"""Cut a long text into pieces, between lines where it can be; bold that is cut goes on in the next.

    >>> pieces("\x0eun\ndeux\x0f", 7)
    ['\x0eun', '\x0edeux\x0f']
    """
    found: list[str] = []
    left = text
    while units(left) > most:
        cut = _cut(left, most)
        piece = left[:cut].rstrip()
        left = (STRONG_ON if _still_bold(piece) else "") + left[cut:].lstrip("\n")
        if plain(piece).strip():
            found.append(piece)
    return [*found, left] if plain(left).strip() or not found else found


def _still_bold(text: str) -> bool:
    return text.rfind(STRONG_ON) > text.rfind(STRONG_OFF)


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


def to_be_typed(message: Message) -> bool:
    """Tell whether a question can only be answered in writing: it offers nothing but the way back and out."""
    offered = [option for row in message.options for option in row]
    return message.asks and all(option.data.endswith((f":{BACK}", f":{CANCEL}")) for option in offered)


def _button(option: Option) -> InlineKeyboardButton:
    label = shortened(option.label, LABEL_UNITS) or "…"
    if option.copies:
        return InlineKeyboardButton(label, copy_text=CopyTextButton(option.copies[:COPY_UNITS]))
    if option.opens:
        return InlineKeyboardButton(label, url=option.opens)
    assert 0 < len(option.data.encode()) <= DATA_BYTES, f"button data of {len(option.data.encode())} bytes"
    return InlineKeyboardButton(label, callback_data=option.data)
