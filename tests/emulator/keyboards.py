"""What may stand under a message: inline buttons within Telegram's limits, or a forced reply."""

from __future__ import annotations

import json
from typing import Any

from tests.emulator.refusals import bad

Markup = dict[str, Any]

DATA_BYTES = 64
MOST_BUTTONS = 100
COPY_UNITS = 256


def checked(written: str) -> Markup | None:
    """Read a ``reply_markup`` and refuse what Telegram refuses."""
    if not written:
        return None
    try:
        markup = json.loads(written)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    for button in buttons:
        _check(button)
    return markup or None


def _check(button: dict[str, Any]) -> None:
    if not str(button.get("text", "")).strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if not button.keys() & {"callback_data", "copy_text", "url"}:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 0 < len(str(button["callback_data"]).encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 0 < len(button["copy_text"].get("text", "")) <= COPY_UNITS:
        raise bad("BUTTON_COPY_TEXT_INVALID")


def inline(markup: Markup | None) -> Markup | None:
    """Give the part of a markup that is shown with the message itself."""
    return markup if markup and "inline_keyboard" in markup else None
