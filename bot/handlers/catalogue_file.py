"""The catalogue by file: what it would change is shown before anything changes, all or nothing; and written as it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.chat import Attachment
from bot.conversation import Answer, MisunderstoodError, Outcome, Question, Record, Say, Script, ask
from bot.handlers.catalogue_changing import is_far
from bot.handlers.visit import Visit
from bot.market.catalogue import added, changed, described
from bot.market.offer_facts import ProductChanged
from bot.market.sheet import Change, Comparison, preview
from bot.questions import Consent, SentFile, choose
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n

MOST_SIGNS_A_PAGE = 2_500
KINDS = ("xlsx", "csv")


def files(visit: Visit) -> Script:
    """Offer the catalogue as a file, and to read one: « fichier », « fichier csv », « fichier xlsx »."""
    yield from ()
    kind = visit.words[1] if len(visit.words) > 1 else ""
    if kind in KINDS:
        arguments: dict[str, str | int] = {"group": visit.group.number, "language": visit.language}
        said = _("Le catalogue. Changez-le dans un tableur, puis renvoyez-le-moi.")
        return Say(said, (), Attachment(f"catalogue_{kind}", f"{_('catalogue')}.{kind}", arguments))
    said = _("Recevez le catalogue en fichier, changez-le dans un tableur et renvoyez-le-moi : je vous montrerai ce qui change. "
             "Colonnes : produit et prix ; au choix producteur, catégorie, unité, stock, au poids, bio, actif.")  # fmt: skip
    kinds = [say_option(kind.upper(), f"catalogue fichier {kind}") for kind in KINDS]
    ways = [turn_option(_("Importer"), "catalogue importer"), turn_option(_("Catalogue"), "catalogue")]
    return Say(said, (tuple(kinds), tuple(ways)))


def by_file(visit: Visit) -> Script:
    """Ask for a file, and read it."""
    sent = yield from ask(sent_file(visit, _("Envoyez le fichier du catalogue, CSV ou XLSX.")))
    return (yield from imported(visit, sent.content))


@dataclass(frozen=True)
class Sent:
    """A file that was sent, and the number by which it is found again."""

    number: int
    content: bytes


def sent_file(visit: Visit, text: str) -> SentFile[Sent]:
    """Make the question that a file answers."""
    return SentFile("fichier", text, lambda number: Sent(number, sent_bytes(visit, number)))


def sent_bytes(visit: Visit, number: int) -> bytes:
    """Give the bytes of a file that was sent. Raises MisunderstoodError."""
    found = visit.file(number)
    if found is None:
        raise MisunderstoodError(_("Je n'ai plus ce fichier : renvoyez-le."))
    return found[1]


def imported(visit: Visit, content: bytes) -> Script:
    """Show what a file would do to the catalogue, and do it once that is agreed to: everything, or nothing."""
    compared = preview(content, list(visit.market.catalogue.values()))
    if compared.troubles:
        return _troubles(compared)
    if compared.changes_nothing:
        return Say(_("Ce fichier dit la même chose que le catalogue. Rien n'a changé."), rows([_back()]))
    if not (yield from _agreed(compared)):
        return _("Rien n'a été enregistré.")
    return _recorded(visit, compared)


def _troubles(compared: Comparison) -> Say:
    head = _("Ce fichier ne peut pas être importé tel quel ; rien n'a été enregistré :")
    return Say("\n".join([head, *compared.troubles]), rows([say_option(_("Renvoyer"), "catalogue importer"), _back()]))


def _recorded(visit: Visit, compared: Comparison) -> Outcome:
    first = visit.market.next_product()
    new = [added(replace(product, number=first + rank)) for rank, product in enumerate(compared.new)]
    facts: list[ProductChanged] = [*new, *(f for c in compared.changed if (f := changed(c.before, c.after)))]
    said = _("✅ Le catalogue est à jour : {counts}.", counts=_counts(compared))
    return Record(tuple(facts), said=Say(said, rows([_back()])))


def _back() -> Any:
    return turn_option(_("Catalogue"), "catalogue")


def _counts(compared: Comparison) -> str:
    parts = [
        (_n("{n} nouveau", "{n} nouveaux", len(compared.new)), compared.new),
        (_n("{n} changé", "{n} changés", len(compared.changed)), compared.changed),
        (_n("{n} inchangé", "{n} inchangés", len(compared.unchanged)), compared.unchanged),
    ]
    return ", ".join(words for words, some in parts if some)


def _agreed(compared: Comparison) -> Generator[Question[Any], Any, bool]:
    """Show everything that would change, page after page; consent, possible from the first on, is to all of it."""
    lines = [*(f"➕ {described(product)}" for product in compared.new), *map(_line, compared.changed)]
    everything = hashlib.blake2s("\n".join(lines).encode(), digest_size=6).hexdigest()
    pages = list(_pages(lines))
    head = _head(compared)
    for number, page in enumerate(pages[:-1], start=1):
        mark = _("(page {page} sur {pages})", page=number, pages=len(pages))
        things = {Answer("all", _("Importer")): True, Answer("on", _("Suite")): None, Answer("no", _("Non")): False}
        answer = yield from choose(f"page{number}-{everything}", "\n".join([head, "", *page, mark]), things)
        if answer is not None:
            return answer
    return (yield from ask(_All("\n".join([head, "", *pages[-1], "", _("Importer ?")]), everything)))


class _All(Consent):
    """Ask to agree to everything that the pages have shown."""

    def __init__(self, text: str, everything: str) -> None:
        super().__init__(text, _("Importer"))
        self.name = f"consent-{everything}"


def _head(compared: Comparison) -> str:
    head = _("Ce fichier : {counts}.", counts=_counts(compared))
    if not compared.unnamed:
        return head
    left = _n(
        "{n} produit du catalogue n'y est pas : il reste comme il est.",
        "{n} produits du catalogue n'y sont pas : ils restent comme ils sont.",
        len(compared.unnamed),
    )
    return f"{head}\n{left}"


def _line(change: Change) -> str:
    far = "⚠️ " if is_far(change.before.price, change.after.price) else ""
    return far + _("{name} : {changes}", name=change.before.name, changes=", ".join(change.words))


def _pages(lines: Iterable[str]) -> Iterable[list[str]]:
    """Cut lines into pages that a message can hold."""
    page: list[str] = []
    for line in lines:
        if page and sum(map(len, page)) + len(line) > MOST_SIGNS_A_PAGE:
            yield page
            page = []
        page.append(line)
    yield page
