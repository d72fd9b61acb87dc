"""Texts as platforms take them: bold that is always balanced, long ones cut, whatever a platform counts in."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from bot.chat import STRONG_OFF, STRONG_ON, plain

_MARKS = re.compile(f"([{STRONG_ON}{STRONG_OFF}])")


def as_html(text: str, on: str, off: str) -> str:
    r"""Escape a text and make its bold marks tags, which are balanced whatever the marks are.

    >>> as_html("\x0e<b>Léa\x0f & Co\x0f \x0eà \x0evous", "<b>", "</b>")
    '<b>&lt;b&gt;Léa</b> &amp; Co <b>à vous</b>'
    """
    made, bold = [], False
    for part in _MARKS.split(html.escape(text, quote=False)):
        if part not in {STRONG_ON, STRONG_OFF}:
            made.append(part)
        elif bold is not (part == STRONG_ON):
            bold = not bold
            made.append(on if bold else off)
    return "".join(made) + (off if bold else "")


@dataclass(frozen=True)
class Measure:
    """What a platform counts texts in: units of so many bytes of an encoding."""

    encoding: str
    unit_bytes: int = 1

    def size(self, text: str) -> int:
        """Count a text in units."""
        return len(text.encode(self.encoding)) // self.unit_bytes

    def pieces(self, text: str, most: int) -> list[str]:
        r"""Cut a long text into pieces, between lines where it can be; bold that is cut goes on in the next.

        >>> Measure("utf-8").pieces("\x0eun\ndeux\x0f", 7)
        ['\x0eun', '\x0edeux\x0f']
        """
        found: list[str] = []
        left = text
        while self.size(left) > most:
            cut = self._cut(left, most)
            piece = left[:cut].rstrip()
            left = (STRONG_ON if _still_bold(piece) else "") + left[cut:].lstrip("\n")
            if plain(piece).strip():
                found.append(piece)
        return [*found, left] if plain(left).strip() or not found else found

    def shortened(self, text: str, most: int) -> str:
        """Cut a text that must fit into one message.

        >>> Measure("utf-16-le", 2).shortened("é😀😀", 4), Measure("utf-8").shortened("une été", 6)
        ('é😀…', 'une…')
        """
        return text if self.size(text) <= most else text[: self._cut(text, most - self.size("…"))].rstrip() + "…"

    def _cut(self, text: str, most: int) -> int:
        """Find where to cut a text that is too long: at a line's end in the second half of what fits, else where that ends."""
        fits = text.encode(self.encoding)[: most * self.unit_bytes]
        end = len(fits.decode(self.encoding, errors="ignore"))
        line = text.rfind("\n", end // 2, end)
        return line if line > 0 else max(end, 1)


def _still_bold(text: str) -> bool:
    return text.rfind(STRONG_ON) > text.rfind(STRONG_OFF)
