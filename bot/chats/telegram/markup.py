"""How a message looks on Telegram: HTML that no name or text can break, keyboards, lengths in UTF-16 units."""

from __future__ import annotations

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat import Message, Option
from bot.chats import texts
from bot.chats.texts import Measure
from bot.desk.taps import BACK, CANCEL

MOST_UNITS = 4096
CAPTION_UNITS = 1024
DATA_BYTES = 64
LABEL_UNITS = 60
COPY_UNITS = 256
UNITS = Measure("utf-16-le", unit_bytes=2)


def units(text: str) -> int:
    """Count a text as Telegram does.

    >>> units("é😀")
    3
    """
    return UNITS.size(text)


def as_html(text: str) -> str:
    """Escape a text and make its bold marks tags."""
    return texts.as_html(text, "<b>", "</b>")


def pieces(text: str, most: int = MOST_UNITS) -> list[str]:
    """Cut a long text into messages."""
    return UNITS.pieces(text, most)


def shortened(text: str, most: int = MOST_UNITS) -> str:
    """Cut a text that must fit into one message."""
    return UNITS.shortened(text, most)


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
