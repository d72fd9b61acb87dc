"""What is answered to members who choose when they are reminded, in words that other screens share (B37)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.conversation import Rows
from bot.ledger.facts import Fact
from bot.notices.telling import Notice, Telling, Written
from bot.reminders.described import weekday
from bot.reminders.facts import RemindersPaused, ReminderTimesChosen
from bot.reminders.times import Times
from bot.wording import rows, say_option
from bot.words import _

HOURS = ((8, 12), (12, 14), (14, 18), (18, 22))
"""The parts of a day that are offered."""


def hours_words(starts: int, ends: int) -> str:
    """Name a part of the day: « le matin (8 h – 12 h) »."""
    named = {(8, 12): _("Le matin"), (12, 14): _("À midi"), (14, 18): _("L'après-midi"), (18, 22): _("Le soir")}
    return _("{named} ({starts} h – {ends} h)", named=named.get((starts, ends), ""), starts=starts, ends=ends).strip()


def times_words(times: Times | None) -> str:
    """Say when somebody is written to: « le samedi, entre 8 h et 12 h »."""
    if times is None:
        return _("au jour et à l'heure du groupe")
    hours = _("entre {starts} h et {ends} h", starts=times.starts, ends=times.ends)
    return hours if times.weekday is None else _("le {day}, {hours}", day=weekday(times.weekday), hours=hours)


def _times_chosen(told: Telling) -> list[Notice]:
    times = told.dues.reminded(told.fact.member).times

    def to_author() -> Written:
        if times is None:
            return Written(_("Entendu : vos rappels viennent au jour et à l'heure du groupe."), _more())
        return Written(
            _("Entendu : pour vous rappeler quelque chose, je n'écris que {when}.", when=times_words(times)), _more()
        )

    return [Notice("author", to_author)]


def _paused(told: Telling) -> list[Notice]:
    until = told.dues.reminded(told.fact.member).paused_until

    def to_author() -> Written:
        if until is None:
            return Written(_("Entendu : la pause est finie."), _more())
        return Written(_("Entendu : aucun rappel avant {day:day}.", day=until), _more())

    return [Notice("author", to_author)]


def _more() -> Rows:
    return rows([say_option(_("Rappels"), "rappels")])


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    ReminderTimesChosen: _times_chosen,
    RemindersPaused: _paused,
}
