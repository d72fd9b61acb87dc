"""How long to wait before another try at a platform that cannot be reached."""

from __future__ import annotations

import random

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0


class Backoff:
    """How long to wait after each failure in a row: twice as long each time, up to a limit, with some chance in it."""

    def __init__(self) -> None:
        self._failures = 0

    def failed(self) -> float:
        """Give the seconds to wait now."""
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return float(wait * random.uniform(0.75, 1.25))  # noqa: S311 - not a secret

    def succeeded(self) -> bool:
        """Begin again with short waits; say whether there had been failures."""
        failed, self._failures = self._failures > 0, 0
        return failed
