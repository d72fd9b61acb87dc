"""Telegram's HTML, parsed as strictly as the Bot API does: text and entities, or a refusal that says where.

As there, an unknown ``&name;`` is left as it is, and lengths are counted in UTF-16 units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.refusals import bad

TYPES = {
    "a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough",
    "strike": "strikethrough", "del": "strikethrough", "u": "underline", "ins": "underline", "span": "spoiler",
    "tg-spoiler": "spoiler", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot);|#(\d{1,7});|#x([0-9a-fA-F]{1,6});)")
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)([^<>]*)>")
Entity = dict[str, Any]


def units(text: str) -> int:
    """Count a text in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class _Parsing:
    source: str
    shown: str = ""
    entities: list[Entity] = field(default_factory=list)
    open: list[tuple[str, int]] = field(default_factory=list)

    def at(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode())}"

    def begin(self, tag: str, position: int) -> None:
        if tag not in TYPES:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" {self.at(position)}')
        self.open.append((tag, units(self.shown)))

    def end(self, tag: str, position: int) -> None:
        if not self.open:
            raise bad(f"can't parse entities: Unexpected end tag {self.at(position)}")
        began, offset = self.open.pop()
        if tag not in {began, ""}:
            where = f'{self.at(position)}, expected "</{began}>", found "</{tag}>"'
            raise bad(f"can't parse entities: Unmatched end tag {where}")
        length = units(self.shown) - offset
        if length:
            self.entities.append({"type": TYPES[began], "offset": offset, "length": length})


def parsed(source: str, mode: str) -> tuple[str, list[Entity]]:
    """Parse a text as its ``parse_mode`` asks; only HTML is known here. Raises RefusedError."""
    if mode.lower() not in {"", "html"}:
        raise bad("unsupported parse_mode")
    return _trimmed(source, []) if not mode else _html(source)


def _html(source: str) -> tuple[str, list[Entity]]:
    state, position = _Parsing(source), 0
    while position < len(source):
        position = _step(state, source, position)
    if state.open:
        tag = state.open[-1][0]
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\"")
    return _trimmed(state.shown, state.entities)


def _step(state: _Parsing, source: str, position: int) -> int:
    if source[position] == "<":
        return _tag(state, source, position)
    reference = _REFERENCE.match(source, position) if source[position] == "&" else None
    state.shown += _referred(reference) if reference else source[position]
    return reference.end() if reference else position + 1


def _tag(state: _Parsing, source: str, position: int) -> int:
    found = _TAG.match(source, position)
    if found is None:
        raise bad(f"can't parse entities: Unclosed start tag {state.at(position)}")
    closing, tag, _attributes = found.groups()
    (state.end if closing else state.begin)(tag.lower(), position)
    return found.end()


def _referred(found: re.Match[str]) -> str:
    if found[1]:
        return NAMED[found[1]]
    return chr(int(found[2]) if found[2] else int(found[3], 16))


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut white space off both ends, as the server does."""
    ahead = units(text) - units(text.lstrip())
    moved = [{**entity, "offset": max(0, entity["offset"] - ahead)} for entity in entities]
    return text.strip(), moved
