"""/catalogue: what the group buys; kept in the chat with few taps, or by file (B6)."""

from __future__ import annotations

from collections.abc import Callable

from bot.conversation import Outcome, Say, Script, ask
from bot.folding import folded
from bot.handlers.catalogue_changing import CHANGES, new_product
from bot.handlers.catalogue_file import by_file, files
from bot.handlers.catalogue_finding import matching, product_named
from bot.handlers.catalogue_photos import change_photo
from bot.handlers.catalogue_screens import buttons, listing, producers, product_line, product_screen
from bot.handlers.visit import Visit
from bot.market.search import TooMuchAtOnceError
from bot.questions import Text, whole_number
from bot.wording import rows, turn_option
from bot.words import _, told

MOST_FOUND = 20


def catalogue(visit: Visit) -> Script:
    """Show the list, a page of it, « p45 », or do what a word says: « nouveau », « importer »; else search for the words."""
    words = visit.words
    product = product_named(visit, words[0]) if words else None
    if product is not None:
        change = _CHANGES.get(words[1]) if len(words) > 1 else None
        return (yield from change(visit, product, words[2:])) if change else product_screen(product)
    if not words or whole_number(words[0]) is not None:
        return listing(visit, _page(words, 0))
    screen = _SCREENS.get(folded(words[0]))
    if screen is not None:
        return (yield from screen(visit))
    return _found(visit, " ".join(words))


def _page(words: tuple[str, ...], place: int) -> int:
    return (whole_number(words[place]) if len(words) > place else 1) or 1


def _producers(visit: Visit) -> Script:
    yield from ()
    return producers(visit, _page(visit.words, 1))


def _search(visit: Visit) -> Script:
    typed = yield from ask(Text("quoi", _("Quel produit cherchez-vous ?"), limit=80))
    return _found(visit, typed)


def _found(visit: Visit, typed: str) -> Outcome:
    """Show the products that words name; only one: its screen."""
    try:
        found = matching(visit, typed)
    except TooMuchAtOnceError as refusal:
        return told(refusal)
    if len(found) == 1:
        return product_screen(found[0])
    ways = rows([turn_option(_("Chercher"), "catalogue cherche"), turn_option(_("Catalogue"), "catalogue")])
    if not found:
        return Say(_("« {typed} » : je ne trouve pas ce produit.", typed=typed[:40]), ways)
    lines = [product_line(product) for product in found[:MOST_FOUND]]
    more = [_("… et d'autres : précisez.")] if len(found) > MOST_FOUND else []
    return Say("\n".join([*lines, *more]), (*buttons(found[:MOST_FOUND]), *ways))


_CHANGES = {**CHANGES, "photo": change_photo}
_SCREENS: dict[str, Callable[[Visit], Script]] = {
    **dict.fromkeys(("nouveau", "new"), new_product),
    **dict.fromkeys(("fichier", "file"), files),
    **dict.fromkeys(("importer", "import"), by_file),
    **dict.fromkeys(("producteurs", "producers"), _producers),
    **dict.fromkeys(("cherche", "search"), _search),
}
