"""Events whose key has not come yet: kept until it does, for some days; asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEPT_MS = 7 * 24 * 3600 * 1000
GRACE_MS = 8_000
"""How long a key may come after its message, without anybody being told that it is missing."""

MOST = 1_000


@dataclass(frozen=True)
class Late:
    """An event as the homeserver gave it, still enciphered, and when it was first seen."""

    event: str
    room: str
    raw: Mapping[str, Any]
    seen_ms: int
    told: bool = False
