"""Members who cannot be written to, since when, and another way to reach them (B39)."""

from __future__ import annotations

from bot.conversation import Say, Script
from bot.handlers.visit import Visit
from bot.questions import whole_number
from bot.reminders.unreachable import Unreachable
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n, ago

PAGE = 15
MOST_INVITED = 6


def unreachable(visit: Visit) -> Script:
    """List them, those who owe most first; one tap makes a new invitation to hand over."""
    yield from ()
    found = visit.dues.unreachable()
    if not found:
        return Say(_("Tout le monde est joignable."), rows([say_option(_("Membres"), "membres")]))
    pages = [found[start : start + PAGE] for start in range(0, len(found), PAGE)]
    asked = (whole_number(visit.words[0]) if visit.words else None) or 1
    page = max(1, min(asked, len(pages)))
    head = _n("{n} personne à qui je ne peux pas écrire :", "{n} personnes à qui je ne peux pas écrire :", len(found))
    then = _("Une invitation leur rend l'accès : par SMS, par courriel, ou sur un papier à la distribution.")
    turns = [turn_option("‹", f"injoignables {page - 1}")] if page > 1 else []
    turns += [turn_option("›", f"injoignables {page + 1}")] if page < len(pages) else []
    invite = [
        say_option(_("Inviter {name}", name=one.name[:20]), f"inviter m{one.member}")
        for one in pages[page - 1][:MOST_INVITED]
    ]
    lines = [head, *(_line(visit, one) for one in pages[page - 1]), then]
    return Say("\n".join(lines), (*rows(turns), *rows(invite, 2)))


def _line(visit: Visit, one: Unreachable) -> str:
    since = ago(one.since, visit.now)
    if one.lost:
        said = _("{name} : ne répond plus, {since}", name=one.name, since=since)
    else:
        said = _("{name} : jamais venu ici, inscrit {since}", name=one.name, since=since)
    owes = _(" · doit {amount:money}", amount=-one.balance) if one.balance < 0 else ""
    return said + owes
