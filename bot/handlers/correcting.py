"""Mistakes mended by their mirror, and the journal that shows everything (B3, B6, B45)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from bot.chat import Option
from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.groups.people import Person
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.ledger.facts import FactReversed
from bot.ledger.history import Operation
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.reversals import REVERSIBLE
from bot.notices.online import provider_name
from bot.online.facts import OnlineUnattributed
from bot.questions import Choice, confirm, whole_number
from bot.wording import rows, say_option, turn_option
from bot.wording.facts import fact_words, kind_of, operation_line
from bot.wording.reasons import reason_words
from bot.words import _

PAGE = 15
MOST_LOOKED_AT, MOST_OFFERED = 40, 8


def reverse(visit: Visit) -> Script:
    """Undo an operation by its mirror: by its number, or by choosing a member and one of the latest (B3, B45)."""
    words = visit.words
    number = whole_number(words[0]) if words else None
    if number is not None:
        recorded = visit.books.fact(number)
        if recorded is None:
            return _("Il n'y a pas d'opération n° {number}.", number=number)
    else:
        person = yield from which_member(
            visit, _("Sur le compte de qui y a-t-il une opération à annuler ?"), gone=Gone.ANYBODY
        )
        recorded = yield from _which(visit, person)
        if recorded is None:
            return _("Il n'y a rien à annuler sur ce compte. (Une commande se change à l'accueil, par « Ajuster ».)")
    if kind_of(recorded.fact) in REVERSIBLE and visit.books.reversal_of(recorded.number) is None:
        what = fact_words(recorded.fact, visit.group, visit.books)
        question = _("Annuler « {what} », n° {number} du {at:short} ?",
                     what=what, number=recorded.number, at=recorded.at)  # fmt: skip
        again = visit.online.attributed(recorded.number)
        if again is not None:
            question = "\n".join([question, _("L'argent, lui, reste chez {provider} : il sera de nouveau à attribuer.",
                                              provider=provider_name(again[0].provider))])  # fmt: skip
        if not (yield from confirm(question)):
            return _("Rien n'a changé.")
    reversal = FactReversed(getattr(recorded.fact, "member", 0), recorded.number)
    return Record((*_unattributed(visit, recorded), reversal))


def _unattributed(visit: Visit, recorded: Recorded) -> Iterator[OnlineUnattributed]:
    """Make unknown again whose money is, where a coordinator had said it wrongly (B45)."""
    found = visit.online.attributed(recorded.number)
    if found is not None:
        paid, stray = found
        yield OnlineUnattributed(
            paid.member, paid.cents, paid.provider, paid.external, paid.payment, stray, paid.fee or Cents(0)
        )


class _Operation(Choice[Recorded]):
    """Choose among the latest operations; typed ahead, a number of the journal would be mistaken for a rank."""

    typed_ahead = False


def _which(visit: Visit, person: Person) -> Generator[Question[Any], Any, Recorded | None]:
    found: list[Operation] = visit.books.history(person.number, limit=MOST_LOOKED_AT, net=True)
    things: dict[Answer, Recorded] = {}
    for operation in found:
        recorded = visit.books.fact(operation.fact)
        known = recorded is None or recorded in things.values()  # a cheque and its fee are one fact
        if recorded is not None and not known and kind_of(recorded.fact) in REVERSIBLE:
            things[Answer(f"f{operation.fact}", operation_line(operation))] = recorded
    if not things:
        return None
    offered = dict(list(things.items())[:MOST_OFFERED])
    question = _("{name} : quelle opération annuler ?", name=person.name)
    return (yield from ask(_Operation("operation", question, offered)))


def journal(visit: Visit) -> Script:
    """Show everything that was done, by whom, newest first (B6)."""
    yield from ()
    before = whole_number(visit.words[0]) if visit.words else None
    found = visit.books.journal(before=before, limit=PAGE + 1)
    if not found:
        return _("Le journal est vide.")
    lines = [_line(visit, recorded) for recorded in found[:PAGE]]
    older: list[Option] = []
    if len(found) > PAGE:
        older = [turn_option(_("Plus ancien"), f"journal {found[PAGE - 1].number}")]
    return Say("\n".join([_("Journal"), *lines]), rows([*older, say_option(_("Corriger"), "corriger")]))


def _line(visit: Visit, recorded: Recorded) -> str:
    what = fact_words(recorded.fact, visit.group, visit.books)
    who = visit.names.get(recorded.author or 0, "Ardoise")
    note = visit.group.note(recorded.number)
    reason = _(" « {note} »", note=reason_words(note)) if note else ""
    return _("n° {number} · {at:short} {at:time} · {who} : {what}{reason}",
             number=recorded.number, at=recorded.at, who=who, what=what, reason=reason)  # fmt: skip
