"""The real program with a planned fault: it kills itself once the homeserver has taken a card, before that is noted.

``python -m tests.matrix_fault CONFIG`` (see :mod:`tests.test_matrix_killing`).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from bot.__main__ import status
from bot.chats.matrix.wire.wire import Wire

_send = Wire.send


async def send_and_die(
    self: Wire, room: str, content: Mapping[str, Any], token: str, kind: str = "m.room.message"
) -> str:
    """Send; where it was a card, nobody ever hears that it was."""
    sent = await _send(self, room, content, token, kind)
    if token.startswith("card "):
        os.kill(os.getpid(), signal.SIGKILL)
    return sent


if __name__ == "__main__":
    Wire.send = send_and_die  # type: ignore[method-assign]  # the planned fault
    sys.exit(status(["run", "--config", sys.argv[1]]))
