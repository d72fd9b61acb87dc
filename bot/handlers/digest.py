"""The digest, asked for: how far from zero the group is, and what waits (B41)."""

from __future__ import annotations

from bot.cards import REFUNDS, REQUESTS
from bot.conversation import Say, Script, ShowCard
from bot.handlers.visit import Visit
from bot.notices.digest import written
from bot.notices.digest_pages import accounts_page, pending_page
from bot.questions import whole_number
from bot.reminders.bilan import digest_of

CARDS = {"retraits": REQUESTS, "remboursements": REFUNDS}
PAGES = {"comptes": accounts_page, "attente": pending_page}


def digest(visit: Visit) -> Script:
    """Show it as it is now, beside the last that was sent.

    ``comptes [n]``, ``attente [n]``: its pages; ``retraits``, ``remboursements``: the cards of what members ask for.
    """
    yield from ()
    word = visit.words[0] if visit.words else ""
    if word in CARDS:
        return ShowCard(CARDS[word])
    found = digest_of(visit.books, visit.market, visit.dues, visit.dues.rules.owed)
    if word in PAGES:
        page = whole_number(visit.words[1]) if len(visit.words) > 1 else None
        said = PAGES[word](found, visit.group, visit.now, page or 1)
    else:
        said = written(found, visit.group, visit.now)
    return Say(said.text, said.options, said.attachment)
