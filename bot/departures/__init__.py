"""Members who leave: what must be settled first, accounts that close at zero, what of a person is erased (B44)."""

from bot.departures import audit, facts

__all__ = ["audit", "facts"]
