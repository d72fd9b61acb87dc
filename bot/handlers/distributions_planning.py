"""A distribution is planned in a few taps, and repeated all at once: every date is shown before anything is kept (B31)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.conversation import Answer, Record, Rows, Say, Script, ask
from bot.handlers.distributions_asking import Times, When, Where, on_the_wall, places_used, shifted
from bot.handlers.visit import Visit
from bot.ledger.errors import Refusal
from bot.ledger.facts import Fact
from bot.market.calendar import (
    MOST_DATES,
    ClosingAfterStartError,
    EndBeforeStartError,
    Moments,
    OpeningAfterClosingError,
    Repeat,
    possible,
    preview,
    repeat_words,
    repeated,
    span_words,
    utc,
)
from bot.market.errors import SamePlaceError
from bot.market.market import Distribution
from bot.market.offer_facts import DistributionPlanned, OfferChosen
from bot.questions import choose, confirm
from bot.wording import rows, say_option
from bot.words import _, _n, told

LASTS = (timedelta(hours=1), timedelta(hours=1, minutes=30), timedelta(hours=2), timedelta(hours=3))
CLOSES_AT = time(20)
"""When orders close where nothing else is said: on the eve, at eight in the evening."""

MOST_TIMES = 26


def plan(visit: Visit) -> Script:
    """Plan a distribution: place, start, end, when orders open and close."""
    last = _last(visit)
    place = yield from ask(Where("lieu", _("Où aura lieu la distribution ?"), places_used(visit.market.distributions)))
    starts = yield from ask(when_it_starts(visit, last, place))
    ends = yield from ask(when_it_ends(visit, place, starts, last))
    opens = yield from ask(when_orders_open(visit, starts, last))
    closes = yield from ask(when_orders_close(visit, opens, starts, last))
    moments = Moments(opens, closes, starts, ends)
    if not (yield from confirm(_consent(visit, moments, place), _("Prévoir"))):
        return _("Rien n'est prévu.")
    return Record.one(planned(visit.market.next_distribution(), moments, place))


def planned(number: int, moments: Moments, place: str) -> DistributionPlanned:
    """Make the fact of a distribution planned."""
    span = (moments.starts.isoformat(), moments.ends.isoformat())
    return DistributionPlanned(number, *span, moments.opens.isoformat(), moments.closes.isoformat(), place)


def refuse_same_place(visit: Visit, place: str, starts: datetime, ends: datetime, but: int = 0) -> None:
    """Raise SamePlaceError where another distribution is at that place at that time; the books check it again."""
    for other in visit.market.distributions:
        there = other.place == place and other.state != "cancelled" and other.number != but
        if there and other.starts_at < ends and other.ends_at > starts:
            raise SamePlaceError(starts_at=other.starts_at)


def when_it_starts(visit: Visit, last: Distribution | None, place: str = "") -> When:
    """Ask for the day and the start: the last one's weekday and time are offered."""

    def wrong(starts: datetime) -> None:
        refuse_same_place(visit, place, starts, starts + timedelta(minutes=1))

    text = _("Quel jour, à quelle heure commence-t-elle ? Par exemple « jeudi 3 décembre 18h ».")
    return When("debut", text, visit.now, _zone(visit), _same_weekday(visit, last), wrong=wrong)


def when_it_ends(visit: Visit, place: str, starts: datetime, last: Distribution | None, but: int = 0) -> When:
    """Ask for the end, of the same day unless another is written."""

    def wrong(ends: datetime) -> None:
        if ends <= starts:
            raise EndBeforeStartError(starts=starts, ends=ends)
        refuse_same_place(visit, place, starts, ends, but)

    lasts = ((last.ends_at - last.starts_at,) if last else ()) + LASTS
    suggestions = tuple(starts + duration for duration in dict.fromkeys(lasts))
    text = _("Début : {at:moment}. À quelle heure finit-elle ?", at=starts)
    on = on_the_wall(starts, _zone(visit)).date()
    return When("fin", text, visit.now, _zone(visit), suggestions, on, wrong=wrong)


def when_orders_open(visit: Visit, starts: datetime, last: Distribution | None) -> When:
    """Ask when orders open: now, or later; as long before as for the last one is offered."""

    def wrong(opens: datetime) -> None:
        if opens >= starts:
            raise OpeningAfterClosingError(opens=opens, closes=starts)

    likely = _as_long_before(visit, starts, last.opens_at, last) if last else ()
    text = _("Quand ouvrent les commandes ?")
    return When("ouverture", text, visit.now, _zone(visit), likely, at_once=True, wrong=wrong)


def when_orders_close(visit: Visit, opens: datetime, starts: datetime, last: Distribution | None) -> When:
    """Ask when orders close: after they open, not after the start; the evening before is offered."""

    def wrong(closes: datetime) -> None:
        if closes > starts:
            raise ClosingAfterStartError(closes=closes, starts=starts)
        if closes <= opens:
            raise OpeningAfterClosingError(opens=opens, closes=closes)

    likely = _as_long_before(visit, starts, last.closes_at, last) if last else ()
    text = _("Quand ferment les commandes ? Au plus tard au début : {at:moment}.", at=starts)
    return When("fermeture", text, visit.now, _zone(visit), (*likely, *_evenings(visit, starts)), wrong=wrong)


def window_words(visit: Visit, opens: datetime, closes: datetime) -> str:
    """Say when orders open and close."""
    if opens <= visit.now:
        return _("Commandes dès maintenant, jusqu'au {closes:moment}.", closes=closes)
    return _("Commandes du {opens:moment} au {closes:moment}.", opens=opens, closes=closes)


def _consent(visit: Visit, moments: Moments, place: str) -> str:
    span = span_words(moments.starts, moments.ends)
    head = _("Prévoir cette distribution ?\n{span:*}, {place:*}", span=span, place=place)
    return f"{head}\n{window_words(visit, moments.opens, moments.closes)}"


def _zone(visit: Visit) -> str:
    return visit.group.settings.zone


def _last(visit: Visit) -> Distribution | None:
    found = [distribution for distribution in visit.market.distributions if distribution.state != "cancelled"]
    return found[-1] if found else None


def _same_weekday(visit: Visit, last: Distribution | None) -> tuple[datetime, ...]:
    """Give the next two weeks on which the last one's weekday and time come again."""
    if last is None:
        return ()
    weeks = max(0, (visit.now - last.starts_at) // timedelta(weeks=1))
    return tuple(shifted(last.starts_at, timedelta(weeks=weeks + n), _zone(visit)) for n in (1, 2, 3))


def _as_long_before(visit: Visit, starts: datetime, at: datetime, last: Distribution) -> tuple[datetime, ...]:
    shift = on_the_wall(starts, _zone(visit)) - on_the_wall(last.starts_at, _zone(visit))
    return (shifted(at, shift, _zone(visit)),)


def _evenings(visit: Visit, starts: datetime) -> tuple[datetime, ...]:
    zone = ZoneInfo(_zone(visit))
    on = starts.astimezone(zone).date()
    return tuple(utc(datetime.combine(on - timedelta(days=days), CLOSES_AT), zone) for days in (1, 2))


def repeat(visit: Visit, distribution: Distribution) -> Script:
    """Repeat a distribution: « distribution d12 repeter ». All dates or none (B31)."""
    on = on_the_wall(distribution.starts_at, _zone(visit)).date()
    ways = {Answer(way.value, repeat_words(way, on)): way for way in possible(on)}
    way = yield from choose("rythme", _("Répéter la distribution du {at:moment} :", at=distribution.starts_at), ways)
    count = yield from ask(Times("fois", _("Combien de fois de plus ?"), MOST_TIMES))
    try:
        dates = _dates(visit, distribution, way, count)
    except Refusal as refusal:
        return Say(told(refusal), _back(distribution))
    if len(dates) < count:
        return Say(
            _("Cette distribution est trop ancienne pour être répétée. Prévoyez-en une nouvelle."), _back(distribution)
        )
    if not (yield from confirm(_preview(distribution, dates), _("Prévoir"))):
        return Say(_("Rien n'est prévu."), _back(distribution))
    return Record(tuple(_repetitions(visit, distribution, dates)), said=_all_planned(dates))


def _dates(visit: Visit, distribution: Distribution, way: Repeat, count: int) -> list[Moments]:
    """Give so many dates still to come after this one, fewer where it is too long ago. Raises the calendar's refusals, SamePlaceError."""
    first = Moments(distribution.opens_at, distribution.closes_at, distribution.starts_at, distribution.ends_at)
    n, dates = count + 1, list[Moments]()
    while len(dates) < count and n <= MOST_DATES:
        dates = [one for one in repeated(first, way, n, _zone(visit))[1:] if one.closes > visit.now]
        n += count - len(dates)
    for one in dates:
        refuse_same_place(visit, distribution.place, one.starts, one.ends)
    return dates


def _preview(distribution: Distribution, dates: Sequence[Moments]) -> str:
    head = _n("Prévoir {n} distribution de plus, {place:*} ?", "Prévoir {n} distributions de plus, {place:*} ?", len(dates),
              place=distribution.place)  # fmt: skip
    return "\n".join([head, *(f"– {line}" for line in preview(dates))])


def _repetitions(visit: Visit, distribution: Distribution, dates: Sequence[Moments]) -> Iterator[Fact]:
    """Plan each date; where a list of products was chosen, it is offered again."""
    listed = () if distribution.everything else tuple(p.number for p in visit.market.offered(distribution))
    for number, one in enumerate(dates, start=visit.market.next_distribution()):
        yield planned(number, one, distribution.place)
        if listed:
            yield OfferChosen(number, listed)


def _all_planned(dates: Sequence[Moments]) -> Say:
    said = _n("✅ {n} distribution prévue, le {first:day}.",
              "✅ {n} distributions prévues, du {first:day} au {last:day}.", len(dates),
              first=dates[0].starts, last=dates[-1].starts)  # fmt: skip
    return Say(said, rows([say_option(_("Distributions"), "distribution")]))


def _back(distribution: Distribution) -> Rows:
    return rows([say_option(_("Voir"), f"distribution d{distribution.number}")])
