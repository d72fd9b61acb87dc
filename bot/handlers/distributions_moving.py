"""A distribution is moved, or its orders open and close at other moments; accounts stay as they are (B31, B35)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from bot.conversation import Answer, Question, Record, Rows, Say, Script, ask
from bot.handlers.distributions_asking import Where, on_the_wall, places_used, shifted
from bot.handlers.distributions_planning import (
    refuse_same_place,
    when_it_ends,
    when_it_starts,
    when_orders_close,
    when_orders_open,
    window_words,
)
from bot.handlers.visit import Visit
from bot.ledger.errors import Refusal
from bot.ledger.facts import Fact
from bot.market.calendar import Moments, span_words
from bot.market.market import Distribution, Phase
from bot.market.offer_facts import DistributionMoved, WindowMoved
from bot.questions import choose, confirm
from bot.wording import rows, say_option
from bot.words import _, _n, told

MOVABLE = {Phase.TO_COME, Phase.OPEN, Phase.CLOSED}
DONE = "fini"


@dataclass(frozen=True)
class Draft:
    """A distribution as it would become."""

    place: str
    moments: Moments


def move(visit: Visit, distribution: Distribution) -> Script:
    """Move a distribution: « distribution d12 deplacer ». What is past of its window stays as it was."""
    phase = distribution.phase(visit.now)
    if phase not in MOVABLE:
        ended = phase in {Phase.VALIDATED, Phase.CANCELLED}
        return (
            _("Cette distribution est déjà terminée.")
            if ended
            else _("La distribution a commencé : elle ne se déplace plus.")
        )
    before = Draft(distribution.place, _moments(distribution))
    after = yield from _changed(visit, distribution, before)
    if after == before:
        return Say(_("Rien n'a changé."), _see(distribution))
    if not (yield from confirm(_consent(visit, distribution, before, after), _("Déplacer"))):
        return Say(_("Rien n'a changé."), _see(distribution))
    return Record.one(_fact(distribution, before, after))


def _moments(distribution: Distribution) -> Moments:
    return Moments(distribution.opens_at, distribution.closes_at, distribution.starts_at, distribution.ends_at)


def _see(distribution: Distribution) -> Rows:
    return rows([say_option(_("Voir"), f"distribution d{distribution.number}")])


def _changed(visit: Visit, distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    """Ask for one change after another until all is said; what does not fit together cannot be kept."""
    for rank in count():
        trouble = _trouble(visit, distribution, draft)
        what = yield from choose(f"quoi{rank}", _summary(visit, draft, trouble), _things(visit, draft, trouble))
        if what == DONE:
            return draft
        draft = yield from _CHANGES[what](visit, distribution, draft)
    raise AssertionError("answers are limited")


def _trouble(visit: Visit, distribution: Distribution, draft: Draft) -> str:
    try:
        draft.moments.checked()
        refuse_same_place(visit, draft.place, draft.moments.starts, draft.moments.ends, distribution.number)
    except Refusal as refusal:
        return told(refusal)
    return ""


def _things(visit: Visit, draft: Draft, trouble: str) -> dict[Answer, str]:
    things = {
        Answer("jour", _("Jour et heure")): "jour",
        Answer("fin", _("Heure de fin")): "fin",
        Answer("lieu", _("Lieu")): "lieu",
    }
    if draft.moments.opens > visit.now:
        things[Answer("ouverture", _("Ouverture"))] = "ouverture"
    things[Answer("fermeture", _("Fermeture"))] = "fermeture"
    return things if trouble else {**things, Answer(DONE, _("Continuer")): DONE}


def _summary(visit: Visit, draft: Draft, trouble: str) -> str:
    lines = [_said(visit, draft), _("Que change-t-on ?")]
    return "\n".join([f"⚠️ {trouble}", *lines] if trouble else lines)


def _said(visit: Visit, draft: Draft) -> str:
    span = span_words(draft.moments.starts, draft.moments.ends)
    window = window_words(visit, draft.moments.opens, draft.moments.closes)
    if draft.moments.closes <= visit.now:
        window = _("Commandes closes.")
    elif draft.moments.opens <= visit.now:
        window = _("Commandes ouvertes jusqu'au {closes:moment}.", closes=draft.moments.closes)
    return _("{span:*}, {place:*}\n{window}", span=span, place=draft.place, window=window)


def _other_day(visit: Visit, distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    """Move the whole to another start: the end and what is to come of the window follow, at the same times of day."""
    starts = yield from ask(when_it_starts(visit, distribution))
    zone, now, old = visit.group.settings.zone, visit.now, draft.moments
    shift = on_the_wall(starts, zone) - on_the_wall(old.starts, zone)

    def later(at: datetime) -> datetime:
        return at if at <= now else shifted(at, shift, zone)

    ends = shifted(old.ends, shift, zone)
    return replace(draft, moments=Moments(later(old.opens), later(old.closes), starts, ends))


def _other_end(visit: Visit, distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    ends = yield from ask(when_it_ends(visit, draft.place, draft.moments.starts, distribution, distribution.number))
    return replace(draft, moments=replace(draft.moments, ends=ends))


def _other_place(visit: Visit, _distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    place = yield from ask(Where("lieu", _("Où aura-t-elle lieu ?"), places_used(visit.market.distributions)))
    return replace(draft, place=place)


def _other_opening(visit: Visit, distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    opens = yield from ask(when_orders_open(visit, draft.moments.starts, distribution))
    return replace(draft, moments=replace(draft.moments, opens=opens))


def _other_closing(visit: Visit, distribution: Distribution, draft: Draft) -> Generator[Question[Any], Any, Draft]:
    moments = draft.moments
    closes = yield from ask(when_orders_close(visit, moments.opens, moments.starts, distribution))
    return replace(draft, moments=replace(moments, closes=closes))


_CHANGES = {
    "jour": _other_day,
    "fin": _other_end,
    "lieu": _other_place,
    "ouverture": _other_opening,
    "fermeture": _other_closing,
}


def _consent(visit: Visit, distribution: Distribution, before: Draft, after: Draft) -> str:
    orders = [order for order in visit.market.orders(distribution.number) if order.state == "confirmed"]
    lines = [_("Avant : {said}", said=_said(visit, before)), _("Maintenant : {said}", said=_said(visit, after))]
    if orders and _pickup_moves(before, after):
        lines.append(
            _n("{n} adhérent qui a commandé sera averti ; son compte ne change pas.",
               "{n} adhérents qui ont commandé seront avertis ; leurs comptes ne changent pas.", len(orders))
        )  # fmt: skip
    return "\n".join([*lines, _("C'est bien cela ?")])


def _pickup_moves(before: Draft, after: Draft) -> bool:
    return (before.place, before.moments.starts, before.moments.ends) != (
        after.place,
        after.moments.starts,
        after.moments.ends,
    )


def _fact(distribution: Distribution, before: Draft, after: Draft) -> Fact:
    moments = after.moments
    window = (moments.opens.isoformat(), moments.closes.isoformat())
    if not _pickup_moves(before, after):
        return WindowMoved(distribution.number, *window)
    return DistributionMoved(
        distribution.number, moments.starts.isoformat(), moments.ends.isoformat(), *window, after.place
    )
