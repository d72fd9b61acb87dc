"""What banks know of us: references and codes to pay by, statements read, their lines kept so that each counts once (B23, B28)."""

from bot.banking import apply, audit, facts

__all__ = ["apply", "audit", "facts"]
