"""The picture of the digest: what was owed to the group and what it held, week after week, as steps (B41).

Drawn twice as large and reduced, on a ground of its own, so that it is as easy to read on a dark screen as on a light one.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.chat import Attachment, Document
from bot.reminders.history import Point, history
from bot.words import _, amount, date_words

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

PNG = "image/png"
FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
WIDTH, HEIGHT, SCALE = 800, 400, 2
LEFT, RIGHT, TOP, BOTTOM = 112, 150, 40, 44
GROUND, INK, LINES = "#f7f5ef", "#33302a", "#d9d4c7"
OWED, HAVING = "#b3381f", "#1f5f8b"


@dataclass(frozen=True)
class Frame:
    """Where things are on the picture, in points before the reduction: times across, amounts upwards."""

    begins: datetime
    ends: datetime
    highest: int

    def x(self, at: datetime) -> float:
        """Give the place of a moment."""
        share = (at - self.begins) / max(self.ends - self.begins, datetime.resolution)
        return SCALE * (LEFT + share * (WIDTH - LEFT - RIGHT))

    def y(self, cents: int) -> float:
        """Give the height of an amount."""
        return SCALE * (HEIGHT - BOTTOM - cents / max(1, self.highest) * (HEIGHT - TOP - BOTTOM))


def digest(connection: Connection, attachment: Attachment) -> Document:
    """Make the picture of a group's last months, as they were when the digest was written."""
    at = datetime.fromtimestamp(int(attachment.arguments["at"]), UTC)
    points = history(connection, int(attachment.arguments["group"]), at)
    return Document(attachment.name, drawn(points), PNG)


def drawn(points: Sequence[Point]) -> bytes:
    """Draw the steps, in the language being spoken; give a PNG picture."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - only who draws pays for it

    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), GROUND)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 17 * SCALE)
    highest = nice_above(max([*(p.owed for p in points), *(p.having for p in points), 1]))
    frame = Frame(points[0].at, points[-1].at, highest)
    _axes(draw, font, frame)
    _months(draw, font, frame, points)
    owed, having = [(p.at, int(p.owed)) for p in points], [(p.at, int(p.having)) for p in points]
    _steps(draw, frame, having, HAVING, 3)
    _steps(draw, frame, owed, OWED, 5)
    _named(draw, font, frame, owed[-1][1], having[-1][1])
    kept = io.BytesIO()
    image.reduce(SCALE).save(kept, "PNG", compress_level=3)
    return kept.getvalue()


def nice_above(cents: int) -> int:
    """Give a round amount that is not less.

    >>> [nice_above(cents) // 100 for cents in (1, 2450, 31_000, 100_000)]
    [1, 25, 400, 1000]
    """
    size = 100
    while True:
        for step in (1, 2, 2.5, 4, 5):
            if size * step >= cents:
                return int(size * step)
        size *= 10


def _axes(draw: ImageDraw, font: FreeTypeFont, frame: Frame) -> None:
    """Draw the ground line and two more, each with its amount."""
    for cents in (0, frame.highest // 2, frame.highest):
        y = frame.y(cents)
        draw.line([(frame.x(frame.begins), y), (frame.x(frame.ends), y)], LINES if cents else INK, 2)
        draw.text((SCALE * (LEFT - 12), y), amount(cents), INK, font, anchor="rm")


def _months(draw: ImageDraw, font: FreeTypeFont, frame: Frame, points: Sequence[Point]) -> None:
    """Name the months below, where each begins, as far apart as they can be read."""
    last = -1000.0
    for before, point in itertools.pairwise(points):
        x = frame.x(point.at)
        if before.at.month != point.at.month and x - last > 76 * SCALE:
            draw.line([(x, frame.y(0)), (x, frame.y(0) + 5 * SCALE)], INK, 2)
            draw.text((x, SCALE * (HEIGHT - 12)), date_words(point.at).rpartition(" ")[2], INK, font, anchor="ms")
            last = x


def _steps(draw: ImageDraw, frame: Frame, values: Sequence[tuple[datetime, int]], colour: str, width: int) -> None:
    """Draw one line of steps: each value holds until the next."""
    corners = [(frame.x(values[0][0]), frame.y(values[0][1]))]
    for (_at, before), (at, value) in itertools.pairwise(values):
        corners += [(frame.x(at), frame.y(before)), (frame.x(at), frame.y(value))]
    draw.line(corners, colour, width * SCALE, joint="curve")


def _named(draw: ImageDraw, font: FreeTypeFont, frame: Frame, owed: int, having: int) -> None:
    """Name each line at its end, with what it is now below: the two never over one another."""
    lower, upper = sorted([(owed, _("dû au groupe"), OWED), (having, _("avoirs"), HAVING)])
    floor = min(frame.y(lower[0]), SCALE * (HEIGHT - BOTTOM - 8))
    ceiling = min(frame.y(upper[0]), floor - 50 * SCALE)
    for (cents, name, colour), y in ((lower, floor), (upper, ceiling)):
        x = SCALE * (WIDTH - RIGHT + 10)
        draw.text((x, y - 10 * SCALE), name, colour, font, anchor="ls")
        draw.text((x, y + 12 * SCALE), amount(cents), colour, font, anchor="ls")
