"""The contents of the events we send: texts, edits with their fallback, reactions, files. Dicts out, nothing sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.chat import Document, Message, Option
from bot.chats.matrix.markup import MOST_BYTES, body, formatted, shortened, spoken_here

Content = dict[str, Any]

HTML = "org.matrix.custom.html"
EDIT_BYTES = 30_000
MOST_LABEL = 80
NAME_LETTERS = 200


def here(message: Message) -> Message:
    """Write a message as it is read on Matrix: its commands, labels that fit in a line."""
    rows = tuple(tuple(replace(option, label=_label(option)) for option in row) for row in message.options)
    return replace(message, text=spoken_here(message.text), options=rows)


def text(message: Message, version: int = 0, *, notice: bool = False) -> Content:
    """Make the content of a message; a notice is one that other bots leave alone, and phones do not ring for."""
    return {
        "msgtype": "m.notice" if notice else "m.text",
        "body": body(message, version),
        "format": HTML,
        "formatted_body": formatted(message, version),
        "m.mentions": {},
    }


def edit(message: Message, event: str, version: int = 0) -> Content:
    """Make the content that replaces an event; clients that know no edits show it as a message of its own.

    The words are in it twice: a text of which an event cannot hold that much is cut.
    """
    most = MOST_BYTES
    new = text(replace(message, text=shortened(message.text, most)), version)
    while len(json.dumps(new)) > EDIT_BYTES and most > 1:
        most //= 2
        new = text(replace(message, text=shortened(message.text, most)), version)
    return {
        "msgtype": new["msgtype"],
        "body": f"* {new['body']}",
        "m.mentions": {},
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def reply(words: str, event: str) -> Content:
    """Make a short notice that answers an event: what other platforms say beside a button."""
    said = text(Message(shortened(spoken_here(words))), notice=True)
    return {**said, "m.relates_to": {"m.in_reply_to": {"event_id": event}}}


def file(document: Document, uploaded: Mapping[str, Any]) -> Content:
    """Make the content of a file that was uploaded: pictures are shown, other files offered.

    ``uploaded`` is where it is: ``{"url": …}``, or ``{"file": {…}}`` with its key where the room is encrypted.
    """
    kind = "m.image" if document.mime.startswith("image/") else "m.file"
    name = document.name[:NAME_LETTERS]
    info = {"mimetype": document.mime, "size": len(document.content)}
    return {"msgtype": kind, "body": name, "filename": name, "info": info, "m.mentions": {}, **uploaded}


def _label(option: Option) -> str:
    label = re.sub(r"[ \n\t]+", " ", spoken_here(option.label)).strip()
    return (label if len(label) <= MOST_LABEL else label[: MOST_LABEL - 1] + "…") or "…"
