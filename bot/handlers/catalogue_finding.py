"""Finding a product of the catalogue by what a coordinator types; close matches are offered, none is guessed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.handlers.catalogue_asking import refused
from bot.handlers.catalogue_screens import by_producer
from bot.handlers.visit import Visit
from bot.market.products import Product
from bot.market.search import Index, TooMuchAtOnceError
from bot.questions import whole_number
from bot.words import _

MOST_OFFERED = 10


def matching(visit: Visit, typed: str) -> list[Product]:
    """Find the products that have all the words somewhere; where there are none, those that are close.

    Raises TooMuchAtOnceError.
    """
    wanted = folded(typed).split()
    products = by_producer(visit)
    have = [p for p in products if all(word in folded(f"{p.name} {p.producer} {p.category}") for word in wanted)]
    if have or not wanted:
        return have
    return [match.product for line in Index(products).find_all(typed) for match in line.matches]


def product_named(visit: Visit, word: str) -> Product | None:
    """Find the product a word like « p45 » names."""
    number = whole_number(word[1:]) if word[:1] == "p" else None
    return visit.market.catalogue.get(number) if number is not None else None


@dataclass(frozen=True)
class WhichProduct:
    """Ask for a product of the catalogue by its name."""

    name: str
    text: str
    visit: Visit
    options: tuple[Answer, ...] = ()
    typed_ahead: bool = False

    def understand(self, text: str) -> str:
        """Find the product that was typed; several: offer them; none: say so."""
        try:
            found = matching(self.visit, text)
        except TooMuchAtOnceError as refusal:
            raise refused(refusal) from refusal
        if len(found) == 1:
            return f"p{found[0].number}"
        if not found or not text:
            raise MisunderstoodError(_("« {typed} » : je ne trouve pas ce produit.", typed=text[:40]))
        offered = [Answer(f"p{product.number}", product.name) for product in found[:MOST_OFFERED]]
        raise MisunderstoodError(_("Lequel ?"), options=offered, instead=True)

    def value(self, token: str) -> Product:
        """Give the product of a token."""
        product = product_named(self.visit, token)
        if product is None:
            raise MisunderstoodError(_("Ce produit n'est plus au catalogue."))
        return product
