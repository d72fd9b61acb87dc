"""When distributions are: moments that make sense, repeated at the same time of day across daylight saving (B31)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from bot.ledger.errors import N_, Refusal
from bot.words import DAYS, _, day, language, short_day, time

MOST_DATES = 100


class EndBeforeStartError(Refusal):
    """A distribution ends before it starts."""

    sentence = N_("La distribution finirait avant de commencer : début {starts:moment}, fin {ends:moment}.")


class ClosingAfterStartError(Refusal):
    """Orders would still be open while they are picked up."""

    sentence = N_(
        "Les commandes fermeraient après le début de la distribution : {closes:moment}, début {starts:moment}."
    )


class OpeningAfterClosingError(Refusal):
    """Orders would close before they open."""

    sentence = N_("Les commandes fermeraient avant d'ouvrir : ouverture {opens:moment}, fermeture {closes:moment}.")


class TooManyDatesError(Refusal):
    """More dates at once than anybody plans."""

    sentence = N_("{n} dates d'un coup, c'est trop : {most} au plus.")


class Repeat(StrEnum):
    """How a distribution comes back. ``NTH`` is the same weekday of the month by its rank, ``LAST`` the last of the month."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    NTH = "nth"
    LAST = "last"


@dataclass(frozen=True)
class Moments:
    """When orders open and close, when a distribution starts and ends: four moments in UTC, in this order."""

    opens: datetime
    closes: datetime
    starts: datetime
    ends: datetime

    def checked(self) -> Moments:
        """Give the moments if they follow one another. Raises the refusals of this module."""
        if self.ends <= self.starts:
            raise EndBeforeStartError(starts=self.starts, ends=self.ends)
        if self.closes > self.starts:
            raise ClosingAfterStartError(closes=self.closes, starts=self.starts)
        if self.opens >= self.closes:
            raise OpeningAfterClosingError(opens=self.opens, closes=self.closes)
        return self


def utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC moment of a time on the wall: the first, where it comes twice.

    Where the clocks skip it, it is the moment at which they were put forward, so that what comes later stays later.

    >>> paris = ZoneInfo("Europe/Paris")
    >>> utc(datetime(2026, 3, 29, 2, 30), paris).isoformat(), utc(datetime(2026, 10, 25, 2, 30), paris).isoformat()
    ('2026-03-29T01:00:00+00:00', '2026-10-25T00:30:00+00:00')
    """
    placed = local.replace(tzinfo=zone, fold=0)
    found = placed.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None, fold=0):
        return found
    return _end_of_gap(placed)


def skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the clocks skip a time on the wall, that day.

    >>> skipped(datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Paris"))
    True
    """
    placed = local.replace(tzinfo=zone, fold=0)
    return placed.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None, fold=0)


def repeated(first: Moments, repeat: Repeat, count: int, zone: str) -> list[Moments]:
    """Give the first ``count`` occurrences, the first one included, each at the same times of day as the first.

    ``repeat`` is one of those :func:`possible` for the first day.

    Raises TooManyDatesError, and the refusals of :meth:`Moments.checked` for a date on which the clocks upset the order.

    >>> first = Moments(*(datetime(2026, 3, 25, hour, tzinfo=UTC) for hour in (8, 12, 17, 18)))
    >>> [one.starts.isoformat() for one in repeated(first, Repeat.WEEKLY, 2, "Europe/Paris")]
    ['2026-03-25T17:00:00+00:00', '2026-04-01T16:00:00+00:00']
    """
    if count > MOST_DATES:
        raise TooManyDatesError(n=count, most=MOST_DATES)
    place = ZoneInfo(zone)
    begins = first.starts.astimezone(place).date()
    assert repeat in possible(begins), (repeat, begins)
    shifts = (on - begins for on in islice(_days(begins, repeat), count))
    return [_shifted(first, shift, place).checked() if shift else first.checked() for shift in shifts]


def possible(first: date) -> list[Repeat]:
    """Tell how a distribution on this day can come back. A fifth Thursday is the last: not every month has one.

    >>> [repeat.value for repeat in possible(date(2026, 11, 26))], [repeat.value for repeat in possible(date(2026, 12, 31))]
    (['weekly', 'fortnightly', 'nth', 'last'], ['weekly', 'fortnightly', 'last'])
    """
    ranks = [Repeat.NTH] if _rank(first) < 5 else []
    return [Repeat.WEEKLY, Repeat.FORTNIGHTLY, *ranks, *([Repeat.LAST] if _is_last(first) else [])]


def repeat_words(repeat: Repeat, first: date) -> str:
    """Say how a distribution comes back: « le deuxième mardi du mois ».

    >>> repeat_words(Repeat.NTH, date(2026, 11, 10)), repeat_words(Repeat.FORTNIGHTLY, date(2026, 11, 10))
    ('le deuxième mardi du mois', 'un mardi sur deux')
    """
    name = DAYS[language()][first.weekday()]
    if repeat is Repeat.WEEKLY:
        return _("tous les {day}s", day=name)
    if repeat is Repeat.FORTNIGHTLY:
        return _("un {day} sur deux", day=name)
    if repeat is Repeat.LAST:
        return _("le dernier {day} du mois", day=name)
    ranks = (
        _("le premier {day} du mois", day=name),
        _("le deuxième {day} du mois", day=name),
        _("le troisième {day} du mois", day=name),
        _("le quatrième {day} du mois", day=name),
    )
    return ranks[_rank(first) - 1]


def span_words(starts: datetime, ends: datetime, *, year: bool = False) -> str:
    r"""Say from when to when, in the zone being spoken; two days where it ends on another.

    >>> span_words(datetime(2026, 11, 26, 17, tzinfo=UTC), datetime(2026, 11, 26, 18, 30, tzinfo=UTC))
    'jeudi 26 novembre de 18\xa0h à 19\xa0h\xa030'
    """
    if short_day(starts) != short_day(ends):
        return _("{starts:moment} – {ends:moment}", starts=starts, ends=ends)
    dated = f"{day(starts)} {_year(starts)}" if year else day(starts)
    return _("{day} de {start} à {end}", day=dated, start=time(starts), end=time(ends))


def preview(occurrences: Sequence[Moments]) -> list[str]:
    """Say each date in a line, with when its orders close; the year too where it is another than the first's."""
    lines = []
    for one in occurrences:
        span = span_words(one.starts, one.ends, year=_year(one.starts) != _year(occurrences[0].starts))
        lines.append(_("{span} (commandes jusqu'au {closes:moment})", span=span, closes=one.closes))
    return lines


def _year(at: datetime) -> str:
    return short_day(at)[-4:]


def _end_of_gap(placed: datetime) -> datetime:
    """Give the moment at which the clocks were put forward over a time on the wall."""
    after = placed.replace(fold=0).astimezone(UTC)
    before = placed.replace(fold=1).astimezone(UTC)
    zone = placed.tzinfo
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (
            (middle, after)
            if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
            else (before, middle)
        )
    return after.replace(microsecond=0)


def _shifted(first: Moments, shift: timedelta, zone: ZoneInfo) -> Moments:
    opens, closes, starts, ends = (
        utc(at.astimezone(zone).replace(tzinfo=None) + shift, zone)
        for at in (first.opens, first.closes, first.starts, first.ends)
    )
    return Moments(opens, closes, starts, ends)


def _days(first: date, repeat: Repeat) -> Iterator[date]:
    """Give the days on which a distribution comes back, without end."""
    if repeat in {Repeat.WEEKLY, Repeat.FORTNIGHTLY}:
        step = timedelta(weeks=1 if repeat is Repeat.WEEKLY else 2)
        on = first
        while True:
            yield on
            on += step
    month = first.year * 12 + first.month - 1
    while True:
        yield _of_month(month, first.weekday(), 5 if repeat is Repeat.LAST else _rank(first))
        month += 1


def _of_month(month: int, weekday: int, rank: int) -> date:
    """Give the weekday of a month by its rank, the last where it has not so many."""
    start = date(month // 12, month % 12 + 1, 1)
    found = start + timedelta(days=(weekday - start.weekday()) % 7, weeks=rank - 1)
    return found if found.month == start.month else found - timedelta(weeks=1)


def _rank(on: date) -> int:
    return (on.day - 1) // 7 + 1


def _is_last(on: date) -> bool:
    return (on + timedelta(weeks=1)).month != on.month
