"""The photo of a product: sent by a coordinator, shown to members who ask for it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.chat import Attachment
from bot.conversation import Outcome, Question, Record, Say, Script, ask
from bot.handlers.catalogue_asking import refused
from bot.handlers.catalogue_file import sent_bytes
from bot.handlers.catalogue_finding import WhichProduct
from bot.handlers.catalogue_screens import product_screen
from bot.handlers.visit import Visit
from bot.ledger.errors import Refusal
from bot.market.offer_facts import PhotoChanged
from bot.market.photos import checked
from bot.market.products import Product
from bot.market.units import price_words
from bot.questions import SentFile
from bot.wording import rows, say_option
from bot.words import _

Asking = Generator[Question[Any], Any, Outcome]


def change_photo(visit: Visit, product: Product, words: tuple[str, ...]) -> Asking:
    """Ask for a photo; one that is there is shown first, and may be taken away: « p45 photo autre », « p45 photo non »."""
    if words[:1] == ("non",):
        return _taken_away(visit, product)
    if words[:1] != ("autre",) and visit.market.has_photo(product.number):
        to = f"catalogue p{product.number}"
        ways = [say_option(_("Remplacer"), f"{to} photo autre"), say_option(_("Retirer la photo"), f"{to} photo non")]
        return Say(product.name, (tuple(ways), (say_option(_("Produit"), to),)), picture(visit, product))
    content = yield from ask(_sent_photo(visit, _("Envoyez la photo : {name}.", name=product.name)))
    return _kept(product, content)


def _taken_away(visit: Visit, product: Product) -> Outcome:
    if not visit.market.has_photo(product.number):
        return product_screen(product)
    said = product_screen(product, _("✅ La photo est retirée."))
    return Record((PhotoChanged(product.number, product.name),), said=said)


def _kept(product: Product, content: bytes) -> Outcome:
    fact = PhotoChanged(product.number, product.name, len(content), content)
    return Record((fact,), said=product_screen(product, _("✅ La photo est notée : {name}.", name=product.name)))


def _sent_photo(visit: Visit, text: str) -> SentFile[bytes]:
    def content(number: int) -> bytes:
        try:
            return checked(sent_bytes(visit, number))
        except Refusal as refusal:
            raise refused(refusal) from refusal

    return SentFile("photo", text, content)


def photo_of(visit: Visit, content: bytes) -> Script:
    """Ask of which product a photo is that came unasked."""
    try:
        checked(content)
    except Refusal as refusal:
        return refused(refusal).sentence
    product = yield from ask(WhichProduct("produit", _("De quel produit est cette photo ?"), visit))
    return _kept(product, content)


def picture(visit: Visit, product: Product) -> Attachment:
    """Make the recipe of a product's photo."""
    arguments: dict[str, str | int] = {"group": visit.group.number, "language": visit.language}
    return Attachment("product_photo", f"p{product.number}.jpg", {**arguments, "product": product.number})


def photo_screen(visit: Visit, product: Product, back: str) -> Say:
    """Show a product's photo in a message of its own; ``back`` is the command of the product."""
    text = f"{product.name} – {price_words(product)}"
    return Say(text, rows([say_option(_("Choisir"), back)]), picture(visit, product))
