"""What a coordinator sends unasked: a catalogue, opening balances, a photo, told apart by what it is; asked when in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from bot.banking.statement import is_statement
from bot.conversation import Answer, Script, ask
from bot.groups.names import name_key
from bot.handlers import bank, opening
from bot.handlers.catalogue_file import imported, sent_file
from bot.handlers.catalogue_photos import photo_of
from bot.handlers.opening_file import HEADINGS
from bot.handlers.visit import Visit
from bot.market import photos
from bot.market.sheet_cells import Row, rows
from bot.market.sheet_limits import UnreadableSheetError
from bot.market.sheet_lines import headings
from bot.questions import choose
from bot.words import _

CATALOGUE, OPENING = "catalogue", "reprise"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How XLSX and XLS begin: no opening balances come so."""


def brought(visit: Visit) -> Script:
    """Read a file for what it is."""
    invite = _("Envoyez le fichier : un catalogue (CSV ou XLSX), ou des reprises de solde (nom;montant).")
    sent = yield from ask(sent_file(visit, invite))
    content = sent.content
    if is_statement(content):
        return (yield from bank.reconciled(visit, sent))
    if photos.kind_of(content):
        return (yield from photo_of(visit, content))
    members = visit.group.members()
    kind = kind_of(content, [*(person.name for person in members), *(f"m{person.number}" for person in members)])
    if not kind:
        things = {Answer(CATALOGUE, _("Un catalogue")): CATALOGUE, Answer(OPENING, _("Des soldes")): OPENING}
        kind = yield from choose("quoi", _("Qu'y a-t-il dans ce fichier ?"), things)
    return (yield from (imported if kind == CATALOGUE else opening.from_file)(visit, content))


def kind_of(content: bytes, members: Sequence[str]) -> str:
    """Tell a catalogue from opening balances by the headings, or by the members named; empty when in doubt.

    >>> kind_of("produit;prix".encode(), []), kind_of("nom;montant".encode(), []), kind_of("Léa;-8,20".encode(), ["Léa"])
    ('catalogue', 'reprise', 'reprise')
    >>> kind_of("Pain;3,20".encode(), ["Léa"])
    ''
    """
    found = _rows(content)
    if not found:
        return CATALOGUE if content.startswith(WORKBOOKS) else OPENING
    columns = {column for column in headings(found[0])[0] if column}
    first = name_key(found[0].cells[0])
    if "price" in columns or len(columns) > 1 or (columns == {"product"} and first not in HEADINGS):
        return CATALOGUE
    known = {name_key(name) for name in members}
    if first in HEADINGS or any(name_key(row.cells[0]) in known for row in found):
        return OPENING
    return ""


def _rows(content: bytes) -> list[Row]:
    """Read its lines, or at least the first one where another cannot be read."""
    for part in (content, content.partition(b"\n")[0]):
        try:
            return rows(part)
        except UnreadableSheetError:
            continue
    return []
