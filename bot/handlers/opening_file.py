"""A file of opening balances: ``nom;montant`` or ``référence;montant``, as spreadsheets write it (B30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.groups.names import name_key
from bot.groups.people import Person
from bot.handlers.visit import Visit
from bot.ledger import money
from bot.ledger.money import Cents
from bot.market.sheet_cells import Row, rows
from bot.market.sheet_limits import UnreadableSheetError
from bot.questions import MAX_AMOUNT, whole_number
from bot.words import _, told

MOST_LINES = 1_000
HEADINGS = {"nom", "name", "reference", "adherent", "membre", "member"}


@dataclass(frozen=True)
class Line:
    """A line that can be posted. ``number`` is its place in the file, from 1; the amount in cents, signed."""

    number: int
    person: Person
    amount: Cents


def read_lines(visit: Visit, content: bytes) -> tuple[list[Line], list[str]]:
    """Read a file; give back its lines, and a sentence for each line that is wrong."""
    try:
        found = rows(content)
    except UnreadableSheetError as refusal:
        return [], [told(refusal)]
    if name_key(found[0].cells[0]) in HEADINGS:
        found = found[1:]
    if not found:
        return [], [_("Le fichier ne contient aucune ligne.")]
    if len(found) > MOST_LINES:
        return [], [_("{n} lignes, c'est trop : {most} au plus.", n=len(found), most=MOST_LINES)]
    return _all_lines(visit, found)


def _all_lines(visit: Visit, given: Sequence[Row]) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    troubles: list[str] = []
    seen: dict[int, int] = {}
    people = {name_key(person.name): [] for person in visit.group.members()}  # type: dict[str, list[Person]]
    for person in visit.group.members():
        people[name_key(person.name)].append(person)
    for row in given:
        number, found = row.number, _line(people, row)
        if isinstance(found, str):
            troubles.append(_("Ligne {number} : {trouble}", number=number, trouble=found))
        elif found.person.number in seen:
            first = seen[found.person.number]
            troubles.append(
                _(
                    "Ligne {number} : {name} est déjà à la ligne {first}.",
                    number=number,
                    name=found.person.name,
                    first=first,
                )
            )
        else:
            seen[found.person.number] = number
            lines.append(found)
    return lines, troubles


def _line(people: dict[str, list[Person]], row: Row) -> Line | str:
    filled = list(row.cells)
    while filled and not filled[-1]:
        filled.pop()
    if len(filled) != 2:
        return _("il faut un nom et un montant, séparés par un point-virgule.")
    person = _person(people, filled[0])
    if isinstance(person, str):
        return person
    try:
        cents = money.parse(filled[1])
    except money.NotAnAmountError as refusal:
        return told(refusal)
    if cents == 0:
        return _("le montant est zéro : retirez cette ligne.")
    if abs(cents) > MAX_AMOUNT:
        return _("{amount:money} : c'est trop.", amount=cents)
    return Line(row.number, person, cents)


def _person(people: dict[str, list[Person]], typed: str) -> Person | str:
    reference = whole_number(typed.lower().removeprefix("m"))
    if reference is not None:
        found = [p for same in people.values() for p in same if p.number == reference]
    else:
        found = people.get(name_key(typed), [])
    if len(found) == 1:
        return found[0]
    if found:
        return _("« {typed} » désigne plusieurs adhérents : mettez leur référence (m12).", typed=typed[:40])
    return _("je ne connais pas « {typed} ».", typed=typed[:40])
