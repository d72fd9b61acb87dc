"""Telegram's limits: about 30 messages a second in all, one a second in a private chat, 20 a minute in a group."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

OVERALL_PER_SECOND = 28
PRIVATE_BURST, PRIVATE_SECONDS = 3, 3.0
GROUP_BURST, GROUP_SECONDS = 18, 60.0
MOST_CHATS = 10_000


@dataclass
class _Window:
    """At most ``most`` sends in any ``seconds``."""

    most: int
    seconds: float
    sent: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.sent and self.sent[0] <= now - self.seconds:
            self.sent.popleft()
        return 0.0 if len(self.sent) < self.most else self.sent[0] + self.seconds - now


class Pace:
    """Tells how long to wait before the next send or edit in a chat. Times in seconds of any steady clock."""

    def __init__(self) -> None:
        self._overall = _Window(OVERALL_PER_SECOND, 1.0)
        self._chats: dict[str, _Window] = {}
        self._most = MOST_CHATS

    def wait(self, chat: str, now: float, *, private: bool) -> float:
        """Give the seconds to wait; at 0, the send counts as made.

        >>> pace = Pace()
        >>> [pace.wait("1", 0.0, private=True) for _ in range(4)]
        [0.0, 0.0, 0.0, 3.0]
        """
        window = self._chats.get(chat)
        if window is None:
            burst, seconds = (PRIVATE_BURST, PRIVATE_SECONDS) if private else (GROUP_BURST, GROUP_SECONDS)
            window = self._chats[chat] = _Window(burst, seconds)
        wait = max(self._overall.wait(now), window.wait(now))
        if wait == 0.0:
            self._overall.sent.append(now)
            window.sent.append(now)
            self._forget(now)
        return wait

    def _forget(self, now: float) -> None:
        """Forget chats that were quiet for long, now and then: never at every send."""
        if len(self._chats) > self._most:
            recent = {chat: w for chat, w in self._chats.items() if w.sent and w.sent[-1] > now - w.seconds}
            self._chats, self._most = recent, max(MOST_CHATS, 2 * len(recent))
