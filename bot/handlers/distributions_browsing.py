"""Products found in a long list: shelf after shelf, page after page, or by typing; one message, edited in place."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from bot.conversation import Answer, MisunderstoodError, Question, ask
from bot.market.products import Product
from bot.market.search import Index, TooMuchAtOnceError
from bot.questions import Choice
from bot.words import _, told

A_PAGE = 8
FEW = 10
"""So many products are shown at once, without shelves."""


@dataclass(frozen=True)
class View:
    """Where somebody is in a list: a shelf, by its rank, or all of them; a page; ``by_producer``, or by category."""

    shelf: int | None = None
    page: int = 0
    by_producer: bool = False


def shelves(products: Sequence[Product], *, by_producer: bool) -> dict[str, list[Product]]:
    """Sort products by category, or by producer where they have none or it is asked for."""
    by_category = not by_producer and any(product.category for product in products)
    found: dict[str, list[Product]] = {}
    for product in sorted(products, key=lambda p: (p.category if by_category else p.producer, p.name)):
        found.setdefault((product.category if by_category else product.producer) or _("Divers"), []).append(product)
    return found


def shown(products: Sequence[Product], view: View) -> tuple[list[Product], int]:
    """Give the products of the page that is looked at, and how many pages its shelf has; none where shelves are shown."""
    every = list(shelves(products, by_producer=view.by_producer).values())
    if view.shelf is None:
        return ([product for shelf in every for product in shelf] if len(products) <= FEW else []), 1
    found = every[min(view.shelf, len(every) - 1)]
    pages = -(-len(found) // A_PAGE)
    page = min(view.page, pages - 1)
    return found[page * A_PAGE : (page + 1) * A_PAGE], pages


def turned(view: View, step: str) -> View:
    """Go where a token leads: a shelf « s3 », a page « > », the way back « ^ », the other order « tri »."""
    if step in {"<", ">"}:
        return replace(view, page=max(0, view.page + (1 if step == ">" else -1)))
    if step == "tri":
        return View(by_producer=not view.by_producer)
    return replace(view, shelf=int(step[1:]), page=0) if step.startswith("s") else replace(view, shelf=None, page=0)


def ways(products: Sequence[Product], view: View) -> dict[Answer, str]:
    """Offer to turn pages, and the way back to the shelves; among the shelves, the other order."""
    if view.shelf is None:
        both = len(products) > FEW and any(p.category for p in products) and any(p.producer for p in products)
        label = _("Par catégorie") if view.by_producer else _("Par producteur")
        return {Answer("tri", label): "tri"} if both else {}
    pages = shown(products, view)[1]
    turns = [("<", "‹")] if min(view.page, pages - 1) > 0 else []
    turns += [(">", "›")] if view.page < pages - 1 else []
    return {Answer(token, label): token for token, label in (*turns, ("^", _("Rayons")))}


class Browsing(Choice[str]):
    """Ask to go somewhere in a list of products, or to pick one: it may also be typed, whichever page is shown."""

    def __init__(self, name: str, text: str, things: Mapping[Answer, str], products: Sequence[Product]) -> None:
        super().__init__(name, text, things)
        self._products = products
        self._things |= {f"t{product.number}": f"t{product.number}" for product in products}

    def understand(self, text: str) -> str:
        """Take a label, or the name of a product; close matches are offered, never guessed."""
        try:
            return super().understand(text)
        except MisunderstoodError:
            return self._by_name(text)

    def _by_name(self, text: str) -> str:
        try:
            found = Index(self._products).find_all(text)
        except TooMuchAtOnceError as refusal:
            raise MisunderstoodError(told(refusal)) from refusal
        if len(found) == 1 and found[0].certain:
            return f"t{found[0].matches[0].product.number}"
        near = [Answer(f"t{match.product.number}", match.product.name) for one in found for match in one.matches]
        if near:
            raise MisunderstoodError(_("Est-ce l'un de ceux-ci ?"), options=near[:A_PAGE], instead=True)
        raise MisunderstoodError(_("« {typed} » : je ne trouve pas ce produit.", typed=text[:40]))


def pick(products: Sequence[Product], text: str) -> Generator[Question[Any], Any, Product]:
    """Ask for one product of a list, long or short."""
    by_number, view = {f"t{product.number}": product for product in products}, View()
    for rank in count():
        step = yield from ask(Browsing(f"produit{rank}", text, _to_pick(products, view), products))
        if step in by_number:
            return by_number[step]
        view = turned(view, step)
    raise AssertionError("answers are limited")


def _to_pick(products: Sequence[Product], view: View) -> dict[Answer, str]:
    here, _pages = shown(products, view)
    things = {Answer(f"t{product.number}", product.name): f"t{product.number}" for product in here}
    if not here:
        every = shelves(products, by_producer=view.by_producer)
        things = {Answer(f"s{n}", f"{name} ({len(found)})"): f"s{n}" for n, (name, found) in enumerate(every.items())}
    return things | ways(products, view)
