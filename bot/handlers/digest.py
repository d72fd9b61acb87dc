"""The digest, asked for: how far from zero the group is, and what waits (B41)."""

from __future__ import annotations

from bot.cards import REQUESTS
from bot.conversation import Say, Script, ShowCard
from bot.handlers.visit import Visit
from bot.notices.digest import written
from bot.reminders.bilan import digest_of


def digest(visit: Visit) -> Script:
    """Show it as it is now, beside the last that was sent; ``retraits`` shows the card of what members want taken off."""
    yield from ()
    if visit.words[:1] == ("retraits",):
        return ShowCard(REQUESTS)
    found = digest_of(visit.books, visit.market, visit.dues, visit.dues.rules.owed)
    said = written(found, visit.group, visit.now)
    return Say(said.text, said.options)
