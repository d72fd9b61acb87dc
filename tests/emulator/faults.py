"""What goes wrong on demand: refusals, broken answers, connections lost before or after the effect; and the flood limits."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tests.emulator.refusals import RefusedError, flood


class Drop(Enum):
    """When the connection is lost: nothing was done, or all was done and nobody hears of it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class BadGateway:
    """A 502 with a page of HTML, as the servers in front of the Bot API give it."""


Fault = RefusedError | Drop | BadGateway


class Faults:
    """What the next calls will meet. « * » stands for any method."""

    def __init__(self) -> None:
        self._next: dict[str, deque[Fault]] = defaultdict(deque)

    def plan(self, method: str, *faults: Fault) -> None:
        """Have the next calls of a method fail, one fault each."""
        self._next[method.lower()] += faults

    def meet(self, method: str) -> Fault | None:
        """Give the fault of this call, if it is to have one."""
        for name in (method.lower(), "*"):
            if self._next[name]:
                return self._next[name].popleft()
        return None


@dataclass
class Limits:
    """Telegram's flood limits: about 30 a second in all, one a second in a chat (in the long run), 20 a minute in a group.

    A chat's short burst is let pass. Off until ``on``; ``clock`` is given by tests.
    """

    on: bool = False
    clock: Callable[[], float] = time.monotonic
    _made: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, chat: int) -> None:
        """Let a message pass or raise a 429."""
        if not self.on:
            return
        now = self.clock()
        rules = [("all", 30, 1.0), (str(chat), 20, 60.0) if chat < 0 else (str(chat), 5, 5.0)]
        for name, most, seconds in rules:
            self._check(name, most, seconds, now)
        for name, _most, _seconds in rules:
            self._made[name].append(now)

    def _check(self, name: str, most: int, seconds: float, now: float) -> None:
        made = self._made[name]
        while made and made[0] <= now - seconds:
            made.popleft()
        if len(made) >= most:
            raise flood(int(made[0] + seconds - now) + 1)
