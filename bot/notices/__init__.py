"""Who is told what about a fact, and until when it is worth saying. Pure: facts and books in, notices out.

The author's own notice is the answer of the turn; the others wait in the outbox. Money is told in private and in the
coordinators' room only (B40).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.notices import (
    announcements,
    catalogue,
    cheques,
    contacts,
    departures,
    digest,
    distributions,
    money,
    online,
    online_back,
    orders,
    people,
    proposals,
    refunds,
    reminder_times,
    reminders,
    settings,
)
from bot.notices.telling import Notice, Telling, Written

_AREAS = (
    *(money, cheques, orders, catalogue, distributions, announcements, people, proposals, settings, reminders, digest),
    *(refunds, reminder_times, contacts, departures, online, online_back),
)
_NOTICES = {fact: told for area in _AREAS for fact, told in area.NOTICES.items()}


def notices(told: Telling) -> Sequence[Notice]:
    """List who is told about a fact; nobody for a fact that concerns only the books."""
    found = _NOTICES.get(type(told.fact))
    return found(told) if found else ()


__all__ = ["Notice", "Telling", "Written", "notices"]
