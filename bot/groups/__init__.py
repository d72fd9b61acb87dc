"""Who is in a group, from where they talk, what they may do (B42, B43); the settings a group starts with."""

from bot.groups import audit

__all__ = ["audit"]
