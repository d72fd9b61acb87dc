"""Those who have left: when, what is left on their account, what a coordinator can still do (B44)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from bot.conversation import Answer, Question, Say
from bot.departures.facts import MemberReturned
from bot.groups.names import name_key
from bot.groups.people import Person
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact
from bot.ledger.settling import AccountReopened
from bot.questions import choose, confirm
from bot.wording import balance_of, rows, say_option, sentence
from bot.words import _, _n

MOST_SHOWN = 60
MOST_OFFERED = 9


def departed(visit: Visit) -> Say:
    """List them, those whose account is open first."""
    found = sorted(visit.group.departed(), key=lambda person: (person.closed, person.name.casefold()))
    if not found:
        return Say(_("Personne n'a quitté le groupe."), rows([say_option(_("Membres"), "membres")]))
    head = _n("{n} personne a quitté le groupe :", "{n} personnes ont quitté le groupe :", len(found))
    lines = [_line(visit, person) for person in found[:MOST_SHOWN]]
    rest = len(found) - MOST_SHOWN
    lines += [_n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 else []
    options = [say_option(person.name[:20], f"membres m{person.number}") for person in found[:MOST_OFFERED]]
    return Say("\n".join([head, *lines]), rows(options))


def _line(visit: Visit, person: Person) -> str:
    if person.closed:
        return _("m{number} · {name}, le {at:short}, compte fermé", number=person.number, name=person.name,
                 at=visit.group.left_at(person.number))  # fmt: skip
    balance = visit.books.balance(person.number)
    return _("m{number} · {name}, le {at:short} · solde {balance:money}", number=person.number, name=person.name,
             at=visit.group.left_at(person.number), balance=balance)  # fmt: skip


def departed_one(visit: Visit, person: Person) -> Say:
    """Show one of them, and what can be done."""
    which = f"m{person.number}"
    lines = [
        _("m{number} · {name}, a quitté le groupe le {at:day}", number=person.number, name=person.name,
          at=visit.group.left_at(person.number)),
        _("Compte à zéro, fermé.") if person.closed else sentence(balance_of(person.name, visit.books.balance(person.number))),
    ]  # fmt: skip
    options = [say_option(_("Historique"), f"historique {which}"), say_option(_("Données"), f"mesdonnees {which}")]
    options += [say_option(_("Rouvrir"), f"rouvrir {which}")] if person.closed else []
    if not visit.group.erased(person.number):
        options += [say_option(_("Effacer"), f"effacer {which}"), say_option(_("Est de retour"), f"inviter {which}")]
    return Say("\n".join(lines), rows(options))


@dataclass(frozen=True)
class Back:
    """Somebody who left is back: the member's number, and what brings them back."""

    member: int
    facts: tuple[Fact, ...]


def comes_back(visit: Visit, named: Person) -> Generator[Question[Any], Any, Back | str | None]:
    """Ask whether somebody who left is back: nothing re-opens an account silently (B44). None: somebody new is meant."""
    if named.number and visit.group.erased(named.number):
        return _("Les données de m{number} sont effacées : invitez cette personne par son nom.", number=named.number)
    alike = [one for one in visit.group.departed() if name_key(one.name) == name_key(named.name)]
    for person in [named] if named.number else alike:
        question = _("{name} a quitté le groupe le {at:day}. Est-ce la même personne, qui revient ?", name=person.name,
                     at=visit.group.left_at(person.number))  # fmt: skip
        things = {Answer("same", _("C'est elle")): True, Answer("other", _("Quelqu'un d'autre")): False}
        if not (yield from choose(f"retour-{person.number}", question, things)):
            continue
        question = _("{name:*} revient : son compte est rouvert, avec son histoire. L'inviter ?", name=person.name)
        if not (yield from confirm(question)):
            return _("Rien n'a changé.")
        opened: list[Fact] = [AccountReopened(person.number)] if person.closed else []
        return Back(person.number, (*opened, MemberReturned(person.number)))
    return None
