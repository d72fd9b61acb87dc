"""What is typed at a pickup without a command: the name of who is there, « suivant » (B32)."""

from __future__ import annotations

from bot.cards import PICKUP
from bot.cards.pickup import at_place
from bot.conversation import Outcome, Say, ShowCard
from bot.folding import folded
from bot.groups.names import name_key
from bot.groups.people import Person, Right
from bot.handlers.pickup import AT_WORK, Place, end_visit
from bot.handlers.visit import Visit
from bot.handlers.who import MOST_OFFERED
from bot.market.market import Phase
from bot.wording import rows, say_option
from bot.words import _

_NEXT = {"suivant", "suivante", "next"}
_FEWEST_LETTERS = 3
"""Of a name's beginning: with fewer it could be anything."""


def typed(visit: Visit, text: str) -> Outcome | None:
    """Turn the pickup card to who is named, or to the next member; None where no pickup is on, or nobody is meant."""
    here = _where(visit) if visit.may(Right.PICKUP) else None
    if here is None:
        return None
    if here.member is not None and folded(text) in _NEXT:
        return end_visit(visit, here)
    found = [person for person in visit.group.search(text) if _meant(text, person)]
    if len(found) == 1:
        return ShowCard(PICKUP, here.page(found[0].number))
    return _which(here, text, found) if found else None


def _where(visit: Visit) -> Place | None:
    """Tell which pickup somebody is at: that of the card in this chat, else the one that is on now."""
    at = visit.card(PICKUP)
    number, member = at_place(at) if at is not None else (0, 0)
    shown = visit.market.distribution(number)
    if shown is not None and shown.phase(visit.now) in AT_WORK:
        return Place(shown, member)
    on = visit.market.in_phase(Phase.ON)
    return Place(on[0]) if len(on) == 1 else None


def _meant(text: str, person: Person) -> bool:
    """Tell whether words are a name, a word of it, or its beginning."""
    wanted, name = name_key(text), name_key(person.name)
    begins = len(wanted) >= _FEWEST_LETTERS and any(word.startswith(wanted) for word in [name, *name.split()])
    return wanted in {name, *name.split()} or begins


def _which(here: Place, text: str, found: list[Person]) -> Say:
    said = _("Plusieurs personnes répondent à « {typed} ». Laquelle ?", typed=text[:40])
    named = f"accueil d{here.distribution.number}"
    return Say(said, rows([say_option(p.name, f"{named} m{p.number}") for p in found[:MOST_OFFERED]]))
