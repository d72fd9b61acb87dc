"""Payments by card that a provider takes for the group: links asked for, money that came, money given back (B25)."""

from bot.online import audit, facts

__all__ = ["audit", "facts"]
