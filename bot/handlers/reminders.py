"""Members put reminders off, or ask; coordinators look at them, send them, decide the first list (B37, B38)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.conversation import Answer, MisunderstoodError, Record, Say, Script, ask
from bot.groups.people import Person, Right
from bot.handlers import reminder_rules, reminder_times
from bot.handlers.reminder_preview import preview, to_come
from bot.handlers.visit import Visit
from bot.handlers.who import in_debt, which_member
from bot.notices.reminder import listed, made_of
from bot.notices.reminder_times import times_words
from bot.questions import Day, Text, confirm, whole_number
from bot.reminders.deciding import MOST_PUT_OFF, STEPS, current, gently, next_step
from bot.reminders.dues import Due
from bot.reminders.facts import QuestionAsked, ReminderListDecided, ReminderPutOff, RemindersChosen, ReminderSent
from bot.wording import rows, say_option
from bot.words import _, _n, day

FURTHEST = timedelta(days=21)
"""How far a reminder can be put off."""


def reminders(visit: Visit) -> Script:
    """Show what one is reminded of, or for coordinators who would be reminded; the words after it act.

    ``oui``, ``non``: be reminded or not; ``moment``, ``pause``, ``reprendre``: when. Coordinators: ``groupe``,
    ``envoyer N``, ``non N``, ``apercu [n [tone]]``, ``reglages …``.
    """
    yield from ()
    words = visit.words
    number = whole_number(words[1]) if len(words) > 1 else None
    if visit.may(Right.TREASURY) and words:
        if words[0] in {"envoyer", "non"} and number is not None:
            return Record.one(ReminderListDecided(number, words[0] == "envoyer"))
        if words[0] in {"apercu", "preview"}:
            return preview(visit, number or 1, whole_number(words[2]) if len(words) > 2 else None)
        if words[0] in {"reglages", "settings"}:
            return (yield from reminder_rules.choose_rule(visit, words[1:]))
    if words and words[0] in _CHOICES and visit.place.private:
        return (yield from _CHOICES[words[0]](visit))
    if words and words[0] in {"oui", "non", "yes", "no"}:
        return Record.one(RemindersChosen(visit.person.number, words[0] in {"oui", "yes"}))
    if not visit.place.private or (visit.may(Right.TREASURY) and words[:1] in {("groupe",), ("group",)}):
        return to_come(visit)
    return _own(visit)


def _resume(visit: Visit) -> Script:
    yield from ()
    return reminder_times.resume(visit)


_CHOICES: dict[str, Callable[[Visit], Script]] = {
    **dict.fromkeys(("moment", "when"), reminder_times.times),
    "pause": reminder_times.pause,
    **dict.fromkeys(("reprendre", "resume"), _resume),
}


def _own(visit: Visit) -> Say:
    """Tell a member what they will be reminded of, and what they can do about it."""
    due, reminded = visit.dues.of(visit.person.number), visit.dues.reminded(visit.person.number)
    options = []
    if due.parts:
        lines = [_("À régler : {amount:money*}", amount=due.amount), *made_of(due)]
        options = [say_option(_("Payer"), "payer"), say_option(_("Plus tard"), "tard")]
        options.append(say_option(_("Une question"), "question"))
    else:
        lines = [_("Vous n'avez rien à régler pour l'instant.")]
    if reminded.later_at is not None and due.parts:
        lines.append(_("Je vous en reparle {day:day}.", day=reminded.later_at))
    if not reminded.wanted:
        lines.append(_("Vous avez choisi de ne pas recevoir de rappels."))
    if reminded.times is not None:
        lines.append(_("Je ne vous écris que {when}.", when=times_words(reminded.times)))
    if reminded.paused(visit.now) and reminded.paused_until is not None:
        lines.append(_("Vous avez demandé une pause : aucun rappel avant {day:day}.", day=reminded.paused_until))
    quiet = (_("Ne plus me rappeler"), "rappels non") if reminded.wanted else (_("Me rappeler"), "rappels oui")
    mine = [*options, *(reminder_times.options(visit, reminded) if reminded.wanted else []), say_option(*quiet)]
    theirs = [say_option(_("Ceux du groupe"), "rappels groupe")] if visit.may(Right.TREASURY) else []
    return Say("\n".join(lines), rows([*mine, *theirs]))


def _remindable(visit: Visit) -> list[Person]:
    """List those who have something to settle now, the largest debt first: what is owed for later is not reminded."""
    return [person for person in in_debt(visit) if visit.dues.of(person.number).uncovered]


def remind(visit: Visit) -> Script:
    """Remind one member, or all who owe (« rappeler tous »), at once (B36)."""
    if not visit.dues.awake:
        return _("Il est tard : je n'écris à personne entre 22 h et 8 h. Demandez-le-moi demain.")
    if visit.words[:1] in {("tous",), ("all",)}:
        return (yield from _remind_all(visit))
    person = yield from which_member(
        visit, _("À qui rappeler ce qui reste à régler ?"), lambda: _remindable(visit), likely_only=True
    )
    due = visit.dues.of(person.number)
    if not due.uncovered:
        return _("{name} n'a rien à régler pour l'instant. Rien n'a été envoyé.", name=person.name)
    if not visit.dues.addresses.get(person.number):
        invite = say_option(_("Inviter"), f"inviter m{person.number}")
        return Say(_("Je ne peux pas écrire à {name} ici.", name=person.name), rows([invite]))
    reminded = visit.dues.reminded(person.number)
    if reminded.paused(visit.now) and reminded.paused_until is not None:
        return _("{name} a demandé une pause jusqu'au {until:date}. Rien n'a été envoyé.", name=person.name,
                 until=reminded.paused_until)  # fmt: skip
    if not reminded.suits(visit.now, visit.dues.zone):
        return _("{name} préfère que je lui écrive {when}. Rien n'a été envoyé.", name=person.name,
                 when=times_words(reminded.times))  # fmt: skip
    return Record.one(_by_hand(visit, due))


def _remind_all(visit: Visit) -> Script:
    """Show who would be written to, and ask: consent is bound to the list."""
    able = [due for due in visit.dues.everybody() if due.uncovered and visit.dues.addresses.get(due.member)]
    today = visit.now.astimezone(visit.dues.zone).date()
    found = [due for due in able if not _reminded_on(visit, due, today) and _may_be_now(visit, due)]
    if not found:
        return _("Il n'y a personne à rappeler aujourd'hui.")
    head = _n("Envoyer un rappel à {n} personne ?", "Envoyer un rappel à {n} personnes ?", len(found))
    shown = [_line(visit, due) for due in found]
    text = "\n".join([head, *shown[:40], *([_("… et {n} autres", n=len(shown) - 40)] if len(shown) > 40 else [])])
    if not (yield from confirm(text, _("Envoyer"))):
        return _("Rien n'a été envoyé.")
    said = _n("✅ {n} rappel envoyé.", "✅ {n} rappels envoyés.", len(found))
    return Record(tuple(_by_hand(visit, due) for due in found), said=Say(said))


def _may_be_now(visit: Visit, due: Due) -> bool:
    """Tell whether a member may be written to now, by what they chose."""
    reminded = visit.dues.reminded(due.member)
    return not reminded.paused(visit.now) and reminded.suits(visit.now, visit.dues.zone)


def _line(visit: Visit, due: Due) -> str:
    return listed([due], visit.group, visit.now)[0]


def _reminded_on(visit: Visit, due: Due, today: date) -> bool:
    at = visit.dues.reminded(due.member).at
    return at is not None and at.astimezone(visit.dues.zone).date() == today


def _by_hand(visit: Visit, due: Due) -> ReminderSent:
    step = next_step(current(visit.dues.reminded(due.member), due))
    return ReminderSent(
        due.member, step if step <= STEPS else gently(step), due.uncovered, visit.dues.addresses[due.member]
    )


def later(visit: Visit) -> Script:
    """Be reminded on another day, within three weeks, a few times at most (B38)."""
    due = visit.dues.of(visit.person.number)
    if not due.parts:
        return _("Vous n'avez plus rien à régler : je ne vous rappellerai rien.")
    if current(visit.dues.reminded(visit.person.number), due).put_off >= MOST_PUT_OFF:
        said = _("C'est déjà remis {most} fois. Si payer est difficile, dites-le : les coordinateurs chercheront avec vous.",
                 most=MOST_PUT_OFF)  # fmt: skip
        return Say(said, rows([say_option(_("Une question"), "question"), say_option(_("Payer"), "payer")]))
    today = visit.now.astimezone(visit.dues.zone).date()
    chosen = yield from ask(LaterDay("jour", _("Quel jour voulez-vous que je vous en reparle ?"), today))
    return Record.one(ReminderPutOff(visit.person.number, chosen.isoformat()))


@dataclass(frozen=True)
class LaterDay(Day):
    """Ask for a day from tomorrow on, within three weeks."""

    @property
    def options(self) -> Sequence[Answer]:
        """Offer days that suit most people: in three days, in a week, in two, at the beginning of the month."""
        days = [self.today + timedelta(days=n) for n in (3, 7, 14)]
        first = (self.today.replace(day=1) + timedelta(days=32)).replace(day=1)
        days += [first] if first - self.today <= FURTHEST else []
        return [Answer(one.isoformat(), day(one)) for one in sorted(set(days))]

    def _allowed(self, found: date | None) -> date:
        if found is None or not self.today < found <= self.today + FURTHEST:
            last = self.today + FURTHEST
            raise MisunderstoodError(
                _("Écrivez un jour entre demain et le {last:day}, par exemple « vendredi ».", last=last)
            )
        return found


def question(visit: Visit) -> Script:
    """Pass a question on to the coordinators, in the member's own words (B38)."""
    text = yield from ask(Text("question", _("Écrivez votre question : je la transmets aux coordinateurs.")))
    return Record.one(QuestionAsked(visit.person.number, text))
