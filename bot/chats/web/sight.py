"""What the page is told of the demo, as JSON: its people, its clock, the messages on its phones."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot import words
from bot.chat import Document, plain
from bot.chats.phones import Demo, Shown
from bot.desk.taps import CARD, read
from bot.words import speaking

PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""Shown in the chat. Anything else is only offered to be saved: an SVG or a page could hold a script."""


def everything(demo: Demo) -> dict[str, Any]:
    """Tell all there is, to a page that has just been opened."""
    return {
        "kind": "everything",
        "group": demo.group,
        "people": demo.people,
        "coordinators": demo.coordinators,
        "room": demo.room.chat,
        "clock": clock(demo.now()),
        "messages": [message(shown, demo) for chat in demo.phones.chats.values() for shown in chat],
    }


def clock(now: datetime) -> dict[str, str]:
    """Tell the demo's moment, in words."""
    with speaking("fr"):
        return {"day": words.day(now), "time": words.time(now)}


def message(shown: Shown, demo: Demo) -> dict[str, Any]:
    """Tell a message. Only the bot's own may hold bold marks and buttons."""
    assert shown.at is not None
    found = shown.message
    with speaking("fr"):
        written = {"day": words.day(shown.at), "time": words.time(shown.at)}
    return {
        "id": shown.id,
        "chat": shown.chat,
        "by": shown.said_by,
        "name": demo.people.get(shown.said_by, ""),
        "text": plain(found.text) if shown.said_by else found.text,
        "rows": [
            [{"label": o.label, "data": o.data or o.opens, "copies": o.copies} for o in row] for row in found.options
        ],
        "file": _file(shown.id, shown.document) if shown.document else None,
        "card": any(read(option.data).kind == CARD for row in found.options for option in row),
        "asks": found.asks,
        "edits": shown.edits,
        **written,
    }


def _file(number: str, document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "bytes": len(document.content),
        "picture": document.mime in PICTURES,
        "address": f"files/{number}/{quote(document.name, safe='')}",
    }
