"""What is said to whoever hosts the bot when something cannot be done: one line that says why, and what to do."""

from __future__ import annotations


class HostError(Exception):
    """Something that whoever hosts the bot can put right; its message is that line, and holds no secret."""
