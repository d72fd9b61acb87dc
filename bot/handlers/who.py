"""Asking which member is meant: by name, typed as people type, close matches offered, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.conversation import Answer, MisunderstoodError, Question, ask
from bot.groups.people import Group, Person
from bot.handlers.visit import Visit
from bot.words import _

MOST_OFFERED = 8


class Gone(Enum):
    """Which of those who have left may be meant: nobody, those whose account is open still, all of them (B44)."""

    NOBODY = "nobody"
    OPEN = "open"
    ANYBODY = "anybody"

    def takes(self, person: Person) -> bool:
        """Tell whether a member may be meant."""
        return person.active or self is Gone.ANYBODY or (self is Gone.OPEN and not person.closed)


@dataclass(frozen=True)
class WhichMember:
    """Ask for a member of the group. ``likely`` are offered as buttons; ``gone`` says whether those who left are meant too."""

    name: str
    text: str
    group: Group
    likely: tuple[Person, ...] = ()
    typed_ahead: bool = True
    gone: Gone = Gone.NOBODY

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the likely members; others are typed."""
        return offered(self.likely[:MOST_OFFERED])

    def understand(self, text: str) -> str:
        """Find the member whose name was typed; several: offer them; none: say so."""
        number = re.fullmatch(r"m([0-9]{1,9})", text.strip())
        if number:
            self.value(text.strip())
            return text.strip()
        known = self.group.search(text, departed=self.gone is not Gone.NOBODY)
        found = [person for person in known if self.gone.takes(person)]
        exact = [person for person in found if person.name.casefold() == text.strip().casefold()]
        if len(found) == 1 or len(exact) == 1:
            return f"m{(exact or found)[0].number}"
        if not found:
            near = offered(self.group.near(text)[:MOST_OFFERED])
            raise MisunderstoodError(_("Je ne trouve personne du nom de « {typed} ».", typed=text[:40]), options=near)
        raise MisunderstoodError(
            _("Plusieurs personnes répondent à « {typed} ». Laquelle ?", typed=text[:40]),
            options=offered(found[:MOST_OFFERED]), instead=True,
        )  # fmt: skip

    def value(self, token: str) -> Person:
        """Give the member of a token."""
        person = self.group.member(int(token[1:])) if re.fullmatch(r"m[0-9]{1,9}", token) else None
        if person is None or not self.gone.takes(person):
            raise MisunderstoodError(_("Cette personne n'est plus dans le groupe."))
        return person


def offered(people: Sequence[Person]) -> list[Answer]:
    """Make the answers of a list of members."""
    return [Answer(f"m{person.number}", _named(person)) for person in people]


def _named(person: Person) -> str:
    return person.name if person.active else _("{name} (a quitté)", name=person.name)


def which_member(
    visit: Visit,
    text: str,
    likely: Callable[[], Sequence[Person]] = tuple,
    *,
    gone: Gone = Gone.NOBODY,
    likely_only: bool = False,
) -> Generator[Question[Person], Person, Person]:
    """Ask which member; small groups see everybody, larger ones, or where ``likely_only``, the likely members.

    ``gone``: those who left too. Whoever is not shown can be named all the same.
    """
    left = owed_or_owing(visit, gone)
    everyone = [*visit.group.members(), *left]
    few = len(everyone) <= MOST_OFFERED
    shown = (likely_only and [*likely(), *left][:MOST_OFFERED]) or (everyone if few else likely())
    return (yield from ask(WhichMember("adherent", text, visit.group, tuple(shown), gone=gone)))


def owed_or_owing(visit: Visit, gone: Gone = Gone.OPEN) -> list[Person]:
    """List those who left and whose account is not at its end, where they may be meant."""
    return [person for person in visit.group.departed() if not person.closed] if gone is not Gone.NOBODY else []


def in_debt(visit: Visit) -> list[Person]:
    """List the members who owe something, the largest debt first."""
    standings = sorted(visit.books.standings(), key=lambda standing: standing.balance)
    people = {person.number: person for person in visit.group.members()}
    return [people[s.member] for s in standings if s.balance < 0 and s.member in people]


def with_credit(visit: Visit) -> list[Person]:
    """List the members the group owes something, the largest avoir first."""
    standings = sorted(visit.books.standings(), key=lambda standing: -standing.balance)
    people = {person.number: person for person in visit.group.members()}
    return [people[s.member] for s in standings if s.balance > 0 and s.member in people]
