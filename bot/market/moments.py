"""Days and times as people type them: « jeudi 18h30 », « 26/11 18:30 », « demain 19 h », « jeudi 18h30-19h30 » (B48)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.folding import folded
from bot.ledger.errors import N_, Refusal
from bot.market.calendar import skipped, utc
from bot.words import DAYS, MONTHS, day, language

MOST_AHEAD_DAYS = 731
_LONGEST = 60


class NotAMomentError(Refusal):
    """What was typed is no moment (B48)."""

    sentence = N_(
        "« {typed} » : je ne comprends pas ce moment. Écrivez par exemple « jeudi 18h30 » ou « 26/11 18:30 »."
    )


class NoTimeError(NotAMomentError):
    """A day without its time."""

    sentence = N_("« {typed} » : il manque l'heure. Écrivez par exemple « {typed} 18h30 ».")


class PastMomentError(NotAMomentError):
    """It is over."""

    sentence = N_("{at:moment}, c'est déjà passé. Écrivez un moment à venir.")


class FarMomentError(NotAMomentError):
    """A slip in the year."""

    sentence = N_("« {typed} », c'est trop loin : deux ans au plus.")


class WrongWeekdayError(NotAMomentError):
    """The weekday and the date do not agree: neither is guessed."""

    sentence = N_("Le jour et la date ne vont pas ensemble : c'est un {day}. Écrivez l'un ou l'autre.")


class SkippedTimeError(NotAMomentError):
    """The clocks are put forward over it."""

    sentence = N_("Cette heure n'existe pas ce jour-là : on avance les montres. Choisissez-en une autre.")


_HOUR = (
    r"(?:(?P<hour>[0-9]{1,2}) ?(?:(?:h|heures?|hours?) ?(?P<late>[0-9]{2})?|:(?P<minute>[0-9]{2}))(?: ?mn?)?"
    r"|(?P<noon>midi|noon))"
)
_MOMENT = re.compile(rf"(?:(?P<day>.*?)[ ,]+)?(?:(?:a|at|de|from|vers) )?{_HOUR}")
_WRITTEN = re.compile(
    r"(?P<day>[0-9]{1,2})(?:er)?[ /.-](?P<month>[a-z]+|[0-9]{1,2})\.?(?:[ /.-](?P<year>[0-9]{4}|[0-9]{2}))?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LATER = re.compile(r"(?:dans|in) (?P<n>[0-9]{1,3}|une?|a|one) (?P<unit>jours?|days?|semaines?|weeks?)")
_NAMED = {
    **dict.fromkeys(("aujourd'hui", "today"), 0), **dict.fromkeys(("demain", "tomorrow"), 1),
    **dict.fromkeys(("apres-demain", "apres demain", "after tomorrow"), 2),
}  # fmt: skip
_WEEKDAYS = {folded(name): weekday for names in DAYS.values() for weekday, name in enumerate(names)}


def read_moment(typed: str, now: datetime, zone: str, on: date | None = None) -> datetime:
    """Read a moment to come, in the group's time zone; give it in UTC. ``on`` is the day meant where only a time is typed.

    Of days without a year or a week the next one to come is meant; « jeudi » said on a Thursday is a week later.
    Raises NotAMomentError and its kinds.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    >>> [read_moment(text, now, "Europe/Paris").isoformat() for text in ("jeudi 18h30", "26/11 à 18:30", "demain 19 h")]
    ['2026-11-26T17:30:00+00:00', '2026-11-26T17:30:00+00:00', '2026-11-25T18:00:00+00:00']
    """
    text = _plain(typed)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise _no_moment(typed, text, now, zone)
    return _to_come(_day(found["day"], typed, now, zone, on), _time(found, typed), typed, now, ZoneInfo(zone))


def read_day(typed: str, today: date) -> date | None:
    """Read a day, today or later where no year is typed; None where it is none. Raises WrongWeekdayError.

    >>> today = date(2026, 11, 24)
    >>> [str(read_day(text, today)) for text in ("vendredi", "1er déc.", "12/1", "jeudi 26/11", "dans 2 semaines", "hier")]
    ['2026-11-27', '2026-12-01', '2027-01-12', '2026-11-26', '2026-12-08', 'None']
    """
    text = re.sub(r"^(?:le|ce|on|this|next) |(?: prochaine?)$", "", _plain(typed))
    if text in _NAMED:
        return today + timedelta(days=_NAMED[text])
    later = _LATER.fullmatch(text)
    if later:
        n = int(later["n"]) if later["n"].isdigit() else 1
        return today + timedelta(days=n * (1 if later["unit"][0] in "jd" else 7))
    name, _space, rest = text.partition(" ")
    if name in _WEEKDAYS and rest:
        return _agreeing(_WEEKDAYS[name], _dated(rest.removeprefix("le "), today))
    if text in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS[text] - today.weekday()) % 7 or 7)
    return _dated(text, today)


def _plain(typed: str) -> str:
    return folded(typed[: _LONGEST + 1]).strip(" .")


def _no_moment(typed: str, text: str, now: datetime, zone: str) -> NotAMomentError:
    """Tell a day without its time from what is no moment at all."""
    if len(typed) <= _LONGEST and read_day(text, now.astimezone(ZoneInfo(zone)).date()):
        return NoTimeError(typed=_shown(typed))
    return NotAMomentError(typed=_shown(typed))


def _day(words: str | None, typed: str, now: datetime, zone: str, on: date | None) -> date:
    found = read_day(words, now.astimezone(ZoneInfo(zone)).date()) if words else on
    if found is None or len(typed) > _LONGEST:
        raise NotAMomentError(typed=_shown(typed))
    return found


def _time(found: re.Match[str], typed: str) -> time:
    if found["noon"]:
        return time(12)
    hour, minute = int(found["hour"]), int(found["late"] or found["minute"] or 0)
    if hour > 23 or minute > 59:
        raise NotAMomentError(typed=_shown(typed))
    return time(hour, minute)


def _to_come(on: date, at: time, typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    local = datetime.combine(on, at)
    if (on - now.astimezone(zone).date()).days > MOST_AHEAD_DAYS:
        raise FarMomentError(typed=_shown(typed))
    if skipped(local, zone):
        raise SkippedTimeError(typed=_shown(typed))
    found = utc(local, zone)
    if found <= now:
        raise PastMomentError(typed=_shown(typed), at=found)
    return found


def _dated(text: str, today: date) -> date | None:
    """Read a date; of one without a year, the next to come, be it the 29th of February."""
    if _ISO.fullmatch(text):
        return _date(*map(int, text.split("-")))
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    month, that_day = _month(written["month"]), int(written["day"])
    if written["year"]:
        return _date(int(written["year"]) + (2000 if len(written["year"]) == 2 else 0), month, that_day)
    found = (_date(today.year + later, month, that_day) for later in range(3))
    return next((on for on in found if on and on >= today), None)


def _date(year: int, month: int, that_day: int) -> date | None:
    try:
        return date(year, month, that_day)
    except ValueError:
        return None


def _month(word: str) -> int:
    """Read a month, or its beginning where only one begins so: « jui » may be June or July."""
    if word.isdigit():
        return int(word)
    names = [(folded(name), rank) for names in MONTHS.values() for rank, name in enumerate(names, start=1)]
    ranks = {rank for name, rank in names if len(word) >= 3 and name.startswith(word)}
    return ranks.pop() if len(ranks) == 1 else 0


def _agreeing(weekday: int, on: date | None) -> date | None:
    if on is not None and on.weekday() != weekday:
        raise WrongWeekdayError(typed=day(on), day=DAYS[language()][on.weekday()])
    return on


def _shown(typed: str) -> str:
    return "".join(c for c in " ".join(typed[: 2 * _LONGEST].split()) if c.isprintable())[:40]
