"""The screens of a shop: its shelves, a shelf, a product, the basket (B12, B15)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import Outcome, Rows, Say
from bot.handlers.basket import basket_line, changes
from bot.handlers.catalogue_photos import photo_screen
from bot.handlers.shop import Shop, product_button, product_line, product_of, room_for, summary, ways
from bot.market.products import Product
from bot.market.units import ordered_words
from bot.questions import whole_number
from bot.wording import rows, say_option, turn_option
from bot.words import _

PRODUCTS_A_PAGE = 8
FEW_PRODUCTS = 10
"""So many are shown at once, without shelves."""


def home(shop: Shop) -> Say:
    """Show the shelves, or everything where there is little."""
    distribution = shop.distribution
    head = _("Commande du {at:moment}, {place}", at=distribution.starts_at, place=distribution.place)
    until = _("à faire avant {at:moment}", at=distribution.closes_at)
    lines = [f"{head} – {until}.", "", *summary(shop)]
    if len(shop.products) <= FEW_PRODUCTS:
        lines += ["", *(product_line(product) for product in shop.products)]
        buttons = with_plus(shop, shop.products, "h")
    else:
        lines += ["", _("Choisissez un rayon, ou écrivez ce que vous voulez : « 2 kg carottes, 6 œufs ».")]
        buttons = rows([turn_option(label, shop.to(f"r{n}")) for n, label in enumerate(_shelf_labels(shop))], 2)
    return Say("\n".join(lines), (*buttons, *ways(shop, at_home=True)))


def _shelf_labels(shop: Shop) -> list[str]:
    counts = {shelf: sum(1 for product in shop.products if shop.shelf_of(product) == shelf) for shelf in shop.shelves}
    return [f"{shelf} ({n})" for shelf, n in counts.items()]


def shelf_screen(shop: Shop, words: Sequence[str]) -> Say:
    """Show the products of a shelf: « r3 » and a page."""
    number = int(words[0][1:])
    if number >= len(shop.shelves):
        return home(shop)
    shelf = shop.shelves[number]
    products = [product for product in shop.products if shop.shelf_of(product) == shelf]
    pages = [products[start : start + PRODUCTS_A_PAGE] for start in range(0, len(products), PRODUCTS_A_PAGE)]
    page = min((whole_number(words[1]) if len(words) > 1 else 1) or 1, len(pages))
    head = (
        shelf if len(pages) == 1 else _("{shelf} · page {page} sur {pages}", shelf=shelf, page=page, pages=len(pages))
    )
    lines = [head, "", *(product_line(product) for product in pages[page - 1]), "", *summary(shop)]
    turns = [turn_option("‹", shop.to(words[0], page - 1))] if page > 1 else []
    turns += [turn_option("›", shop.to(words[0], page + 1))] if page < len(pages) else []
    buttons = with_plus(shop, pages[page - 1], words[0], page)
    return Say("\n".join(lines), (*buttons, *rows(turns), *ways(shop)))


def with_plus(shop: Shop, products: Sequence[Product], *screen: object) -> Rows:
    """Lay products out one to a row, each with a « + » that adds a step and stays on the screen it is on."""
    return tuple(
        (product_button(shop, product), *([turn_option("+", shop.to(f"+{product.number}", *screen))] if left else []))
        for product in products
        for left in [room_for(product, shop.basket.ordered(product.number))]
    )


def one_product(shop: Shop, words: Sequence[str]) -> Outcome:
    """Show a product with − and +."""
    product = product_of(shop, words[0])
    if product and "photo" in words[1:2] and shop.visit.market.has_photo(product.number):
        return photo_screen(shop.visit, product, shop.to(words[0]))
    return product_screen(shop, product) if product else home(shop)


def product_screen(shop: Shop, product: Product) -> Say:
    """Show one product: what it costs, what is left, what is chosen."""
    chosen = shop.basket.ordered(product.number)
    lines = [product_line(product)]
    if product.producer:
        lines.append(_("De {producer}.", producer=product.producer))
    if chosen:
        cost = product.cost(chosen)
        lines.append(
            _("Dans votre panier : {quantity}, {cost:money}.", quantity=ordered_words(product, chosen), cost=cost)
        )
    lines += ["", *summary(shop)]
    shelf = shop.shelves.index(shop.shelf_of(product))
    less = [turn_option("−", shop.to(f"-{product.number}"))] if chosen else []
    more = [turn_option("+", shop.to(f"+{product.number}"))] if room_for(product, chosen) else []
    back = turn_option(shop.shelf_of(product), shop.to(f"r{shelf}")) if len(shop.products) > FEW_PRODUCTS else None
    pictured = shop.visit.market.has_photo(product.number)
    seen = [say_option(_("Photo"), shop.to(f"p{product.number}", "photo"))] if pictured else []
    return Say("\n".join(lines), (*rows([*less, *more, *seen]), *rows([back] if back else []), *ways(shop)))


def basket_screen(shop: Shop, said: str = "") -> Say:
    """Show every line of the basket, and what can be done with it."""
    basket = shop.basket
    if not basket.kept and not basket.gone:
        return home(shop)
    lines = [
        *([said, ""] if said else []),
        _("Votre panier"),
        *(basket_line(kept.product, kept.ordered) for kept in basket.kept),
    ]
    lines += [*changes(basket), "", *summary(shop)]
    buttons = [product_button(shop, kept.product) for kept in basket.kept][:20]
    empty = turn_option(_("Vider"), shop.to("vider"))
    return Say("\n".join(lines), (*rows(buttons, 2), *rows([empty]), *ways(shop, at_basket=True)))
