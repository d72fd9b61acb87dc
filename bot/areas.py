"""What facts mean beyond the books: every area's own tables follow, in the transaction that records. One list, for all who record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.banking import apply as banking
from bot.departures import apply as departures
from bot.groups import apply as groups
from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.ledger.journal import Recorded
from bot.market import apply as market
from bot.online import apply as online
from bot.reminders import apply as reminders

FOLLOWING = (groups.apply, market.apply, banking.apply, online.apply, reminders.apply, departures.apply)
"""In this order: who left is forgotten last."""


def record(connection: Connection, *, group: int, fact: Fact, author: int | None, at: datetime, key: str) -> Recorded:
    """Record a fact and have every area follow it; the same key again changes nothing (B46).

    Raises what :func:`bot.ledger.journal.record` raises, and the areas' own refusals: the caller rolls back to before.
    """
    recorded = journal.record(connection, group=group, fact=fact, author=author, at=at, key=key)
    if recorded.new:
        for follow in FOLLOWING:
            follow(connection, recorded)
    return recorded
