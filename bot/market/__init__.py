"""What is ordered, and when it is picked up: products, distributions, baskets, orders (B8–B15, B31–B35)."""

from bot.market import audit, facts

__all__ = ["audit", "facts"]
