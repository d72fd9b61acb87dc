"""One member within the overview: what they owe and why, what happened lately, what a coordinator can do in one tap (B36)."""

from __future__ import annotations

from dataclasses import replace

from bot.chat import Option
from bot.conversation import Rows, Say
from bot.groups.people import Person
from bot.handlers.overview_reminding import why_not
from bot.handlers.overview_view import View
from bot.handlers.visit import Visit
from bot.ledger.books import Standing
from bot.notices.reminder import made_of
from bot.reminders.dues import Due
from bot.wording import balance_of, rows, say_option, sentence, since_words, three_figures, turn_option, upcoming_lines
from bot.wording.facts import operation_line
from bot.words import _

LATELY = 5
"""Operations shown: the rest is a tap away."""


def member_screen(visit: Visit, view: View) -> Say:
    """Show where a member stands; the way back leads to the list as it was."""
    person = visit.group.member(view.member)
    back = turn_option(_("‹ Soldes"), replace(view, member=0).command)
    if person is None:
        return Say(_("Il n'y a pas de m{number} dans ce groupe.", number=view.member), rows([back]))
    standing, due = visit.books.standing(person.number), visit.dues.of(person.number)
    lines = [sentence(balance_of(person.name, standing.balance)), *_departed(visit, person), *_owed(visit, due)]
    if not visit.group.settings.kitty_only:
        lines += upcoming_lines(visit.market, person.number, standing.balance)
    lines += [three_figures(standing)] if standing.pending else []
    lines += [*_reminders(visit, due), *_lately(visit, person)]
    return Say("\n".join(lines), (*_actions(person, standing, due, view), (back,)))


def _departed(visit: Visit, person: Person) -> list[str]:
    at = visit.group.left_at(person.number)
    if at is None:
        return []
    return [_("N'est plus dans le groupe depuis le {at:date}.", at=at)]


def _owed(visit: Visit, due: Due) -> list[str]:
    if not due.parts or due.since is None:
        return []
    head = _(
        "À régler maintenant : {amount:money}, {since}", amount=due.amount, since=since_words(due.since, visit.now)
    )
    return [head, *made_of(due, own=False)]


def _reminders(visit: Visit, due: Due) -> list[str]:
    """Say when they were reminded, and what keeps them from being reminded now."""
    if not due.parts:
        return []
    hindered = why_not(visit, due)
    return [_("Rappel : {why}", why=hindered)] if hindered else []


def _lately(visit: Visit, person: Person) -> list[str]:
    found = visit.books.history(person.number, limit=LATELY, net=True)
    return [_("\nDernières opérations"), *map(operation_line, found)] if found else []


def _actions(person: Person, standing: Standing, due: Due, view: View) -> Rows:
    who = f"m{person.number}"
    receive = say_option(_("Encaisser"), f"encaisser {who}")
    options: list[Option] = [receive] if standing.balance <= 0 and not person.closed else []
    if due.uncovered and person.active:
        options.append(say_option(_("Rappeler"), view.saying("rappeler")))
    if standing.balance > 0:
        options += [say_option(_("Rembourser"), f"rembourser {who}"), receive]
    if standing.pending:
        options.append(say_option(_("À valider"), f"valider {who}"))
    options.append(say_option(_("Historique"), f"historique {who}"))
    if standing.balance and not standing.pending:
        options.append(say_option(_("Laisser de côté"), f"ecart {who}"))
    if person.closed:
        options.append(say_option(_("Rouvrir"), f"rouvrir {who}"))
    return rows(options)
