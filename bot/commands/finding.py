"""What a look at an installation finds: one line, right or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CLOCK_MAY_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    """What was looked at, and whether it is right."""

    right: bool
    what: str
    text: str

    def __str__(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.what} : {self.text}"
