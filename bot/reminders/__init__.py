"""What is due of whom and since when, who is reminded of it, and what coordinators chose about it (B36–B41)."""

from bot.reminders import audit, facts

__all__ = ["audit", "facts"]
