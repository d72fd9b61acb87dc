"""Members choose when they are reminded, or not for a while: within what the group allows (B37)."""

from __future__ import annotations

from datetime import timedelta

from bot.chat import Option
from bot.conversation import Answer, Record, Script
from bot.handlers.visit import Visit
from bot.notices.reminder_times import HOURS, hours_words
from bot.questions import choose
from bot.reminders.deciding import Reminded
from bot.reminders.described import weekday
from bot.reminders.facts import RemindersPaused, ReminderTimesChosen
from bot.wording import say_option
from bot.words import _, _n

ANY = -1


def times(visit: Visit) -> Script:
    """Ask for a day and for hours; both may be any."""
    days = {Answer("any", _("N'importe quel jour")): ANY}
    days |= {Answer(str(number), weekday(number).capitalize()): number for number in range(7)}
    day = yield from choose("jour", _("Quel jour puis-je vous écrire pour vous rappeler quelque chose ?"), days)
    hours = {Answer("any", _("N'importe quand")): (ANY, ANY)}
    hours |= {Answer(f"{starts}-{ends}", hours_words(starts, ends)): (starts, ends) for starts, ends in HOURS}
    starts, ends = yield from choose("heures", _("À quel moment de la journée ?"), hours)
    return Record.one(ReminderTimesChosen(visit.person.number, day, starts, ends))


def pause(visit: Visit) -> Script:
    """Ask for how long, at most as long as the group allows."""
    most = visit.dues.rules.most_pause_days
    lasting = [days for days in (7, 14, 30, 60) if days <= most]
    if not lasting:
        return _("Dans ce groupe, on ne met pas les rappels en pause. « Plus tard » en remet un à un autre jour.")
    things = {Answer(str(days), _n("{n} jour", "{n} jours", days)): days for days in lasting}
    days = yield from choose("pause", _("Pendant combien de temps ne rien vous rappeler ?"), things)
    until = visit.now.astimezone(visit.dues.zone).date() + timedelta(days=days)
    return Record.one(RemindersPaused(visit.person.number, until.isoformat()))


def resume(visit: Visit) -> Record:
    """End a pause."""
    return Record.one(RemindersPaused(visit.person.number))


def options(visit: Visit, reminded: Reminded) -> list[Option]:
    """Offer what a member can choose of their reminders."""
    moment = say_option(_("Mon moment"), "rappels moment")
    if reminded.paused(visit.now):
        return [moment, say_option(_("Fin de la pause"), "rappels reprendre")]
    return [moment, *([say_option(_("Pause"), "rappels pause")] if visit.dues.rules.most_pause_days else [])]
