"""Which products a distribution offers: all that are active, or those that are ticked, shelf by shelf (B31)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.handlers.distributions_browsing import Browsing, View, shelves, shown, turned, ways
from bot.handlers.visit import Visit
from bot.market.market import Distribution, Phase
from bot.market.offer_facts import OfferChosen
from bot.market.products import Product
from bot.wording import rows, say_option
from bot.words import _

DONE, ALL, NONE = "fini", "tout", "rien"


@dataclass(frozen=True)
class Ticked:
    """The products of the catalogue, those that are ticked, and where one is in the list."""

    products: tuple[Product, ...]
    chosen: frozenset[int]
    view: View = View()  # noqa: RUF009 - it is frozen

    @property
    def here(self) -> list[Product]:
        """The products that « tout » and « rien » are about: those of the shelf, or all."""
        if self.view.shelf is None:
            return list(self.products)
        every = list(shelves(self.products, by_producer=self.view.by_producer).values())
        return every[min(self.view.shelf, len(every) - 1)]


def choose_products(visit: Visit, distribution: Distribution) -> Script:
    """Tick the products offered: « distribution d12 produits »; nothing is kept before « Enregistrer »."""
    if distribution.phase(visit.now) in {Phase.VALIDATED, Phase.CANCELLED}:
        return _("Cette distribution est déjà terminée.")
    products = tuple(product for product in visit.market.catalogue.values() if product.active)
    if not products:
        return Say(_("Le catalogue est vide."), rows([say_option(_("Catalogue"), "catalogue")]))
    offered = frozenset(product.number for product in visit.market.offered(distribution))
    ticked = yield from _tick(distribution, Ticked(products, offered))
    everything = ticked.chosen == {product.number for product in products}
    return Record.one(OfferChosen(distribution.number, () if everything else tuple(sorted(ticked.chosen))))


def _tick(distribution: Distribution, ticked: Ticked) -> Generator[Question[Any], Any, Ticked]:
    """Let products be ticked, in one message edited in place, until that is all."""
    for rank in count():
        step = yield from ask(Browsing(f"offre{rank}", _text(distribution, ticked), _things(ticked), ticked.products))
        if step == DONE:
            return ticked
        ticked = _after(ticked, step)
    raise AssertionError("answers are limited")


def _after(ticked: Ticked, step: str) -> Ticked:
    here = frozenset(product.number for product in ticked.here)
    if step == ALL:
        return replace(ticked, chosen=ticked.chosen | here)
    if step == NONE:
        return replace(ticked, chosen=ticked.chosen - here)
    if step[1:].isdigit() and step.startswith("t"):
        return replace(ticked, chosen=ticked.chosen ^ {int(step[1:])})
    return replace(ticked, view=turned(ticked.view, step))


def _text(distribution: Distribution, ticked: Ticked) -> str:
    head = _("Produits proposés le {at:day} : {n} sur {most}.", at=distribution.starts_at, n=len(ticked.chosen),
             most=len(ticked.products))  # fmt: skip
    shelf = _shelf_name(ticked)
    lines = [head, shelf] if shelf else [head]
    if not ticked.chosen:
        lines.append(_("⚠️ Il en faut au moins un."))
    return "\n".join([*lines, _("Un toucher coche ou décoche ; on peut aussi écrire un nom.")])


def _shelf_name(ticked: Ticked) -> str:
    if ticked.view.shelf is None:
        return ""
    names = list(shelves(ticked.products, by_producer=ticked.view.by_producer))
    name, pages = names[min(ticked.view.shelf, len(names) - 1)], shown(ticked.products, ticked.view)[1]
    if pages == 1:
        return name
    return _("{shelf} · page {page} sur {pages}", shelf=name, page=min(ticked.view.page, pages - 1) + 1, pages=pages)


def _things(ticked: Ticked) -> dict[Answer, str]:
    here, _pages = shown(ticked.products, ticked.view)
    things = {
        Answer(f"t{product.number}", _mark(product.name, on=product.number in ticked.chosen)): f"t{product.number}"
        for product in here
    }
    if not here:
        every = shelves(ticked.products, by_producer=ticked.view.by_producer)
        things = {Answer(f"s{n}", _shelf(ticked, *one)): f"s{n}" for n, one in enumerate(every.items())}
    things |= {Answer(ALL, _("Tout")): ALL, Answer(NONE, _("Rien")): NONE, **ways(ticked.products, ticked.view)}
    return {**things, Answer(DONE, _("Enregistrer")): DONE} if ticked.chosen else things


def _mark(name: str, *, on: bool) -> str:
    return f"✅ {name}" if on else f"❌ {name}"


def _shelf(ticked: Ticked, name: str, products: Sequence[Product]) -> str:
    n = sum(product.number in ticked.chosen for product in products)
    return _mark(_("{name} ({n} sur {most})", name=name, n=n, most=len(products)), on=n > 0)
