"""The catalogue's screens: the list by producer, the producers, a product with all that can be changed of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.chat import Option, strong
from bot.conversation import Say
from bot.folding import folded
from bot.handlers.visit import Visit
from bot.market.products import Product
from bot.market.sheet import sold_words, stock_words
from bot.market.units import price_words
from bot.wording import rows, turn_option
from bot.words import _, _n

PRODUCTS_A_PAGE = 10
PRODUCERS_A_PAGE = 20


def by_producer(visit: Visit) -> list[Product]:
    """List all products by producer and name; those without a producer come last."""
    key = {number: (not p.producer, folded(p.producer), folded(p.name)) for number, p in visit.market.catalogue.items()}
    return sorted(visit.market.catalogue.values(), key=lambda product: key[product.number])


def listing(visit: Visit, page: int = 1) -> Say:
    """Show a page of the list."""
    products = by_producer(visit)
    if not products:
        said = _("Le catalogue est vide. Ajoutez un produit, ou envoyez-moi un fichier (CSV ou XLSX).")
        return Say(said, rows([_to(_("Nouveau"), "nouveau"), _to(_("Fichier"), "fichier")]))
    pages = [products[start : start + PRODUCTS_A_PAGE] for start in range(0, len(products), PRODUCTS_A_PAGE)]
    number = max(1, min(page, len(pages)))
    head = _n("{n} produit", "{n} produits", len(products))
    if len(pages) > 1:
        head += " · " + _("page {page} sur {pages}", page=number, pages=len(pages))
    turns = [_to("‹", number - 1)] if number > 1 else []
    turns += [_to("›", number + 1)] if number < len(pages) else []
    find = [_to(_("Chercher"), "cherche"), _to(_("Producteurs"), "producteurs")] if len(pages) > 1 else []
    ways = rows([*find, _to(_("Nouveau"), "nouveau"), _to(_("Fichier"), "fichier")], 2)
    return Say("\n".join([head, *_lines(pages[number - 1])]), (*buttons(pages[number - 1]), *rows(turns), *ways))


def _lines(products: Sequence[Product]) -> Iterable[str]:
    """Write products with the name of each producer above."""
    above = None
    for product in products:
        if product.producer != above:
            above = product.producer
            yield f"\n{strong(above or _('Sans producteur'))}"
        yield product_line(product)


def product_line(product: Product) -> str:
    r"""Write a product in a line.

    >>> from bot.ledger.money import Cents
    >>> product_line(Product(1, "Pain", Cents(450), stock=5000, organic=True, active=False))
    'Pain – 4,50\xa0€ la pièce, bio, stock 5 · retiré'
    """
    organic = ", " + _("bio") if product.organic else ""
    stock = ", " + _("stock {stock}", stock=stock_words(product)) if product.stock is not None else ""
    return f"{product.name} – {price_words(product)}{organic}{stock}" + ("" if product.active else " · " + _("retiré"))


def buttons(products: Iterable[Product]) -> tuple[tuple[Option, ...], ...]:
    """Make the buttons that open products."""
    return rows([_to(product.name, f"p{product.number}") for product in products], 2)


def producers(visit: Visit, page: int = 1) -> Say:
    """Show the producers; each opens the list where theirs begins."""
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for rank, product in enumerate(by_producer(visit)):
        first.setdefault(product.producer, 1 + rank // PRODUCTS_A_PAGE)
        counts[product.producer] = counts.get(product.producer, 0) + 1
    names = list(first)
    pages = [names[start : start + PRODUCERS_A_PAGE] for start in range(0, len(names), PRODUCERS_A_PAGE)] or [[]]
    number = max(1, min(page, len(pages)))
    shown = [_to(f"{name or _('Sans producteur')} ({counts[name]})", first[name]) for name in pages[number - 1]]
    turns = [_to("‹", f"producteurs {number - 1}")] if number > 1 else []
    turns += [_to("›", f"producteurs {number + 1}")] if number < len(pages) else []
    head = _n("{n} producteur", "{n} producteurs", len([name for name in names if name]))
    return Say(head, (*rows(shown, 2), *rows(turns), (_to(_("Catalogue"), ""),)))


def product_screen(product: Product, said: str = "") -> Say:
    """Show a product with all that can be changed of it; ``said`` is what was just done."""
    lines = [said, "", strong(product.name)] if said else [strong(product.name)]
    lines.append(f"{price_words(product)} · {sold_words(product)}")
    lines.append(_("Stock : {stock}", stock=stock_words(product)))
    whose = " · ".join(
        part for part in (product.producer, product.category, _("bio") if product.organic else "") if part
    )
    lines += [whose] if whose else []
    lines += [] if product.active else [_("⚠️ Hors catalogue : il n'est plus proposé.")]
    return Say("\n".join(lines), _ways(product))


def _ways(product: Product) -> tuple[tuple[Option, ...], ...]:
    def to(label: str, *words: str) -> Option:
        return _to(label, " ".join([f"p{product.number}", *words]))

    organic = to(_("Bio ✅"), "bio", "non") if product.organic else to(_("Bio ❌"), "bio", "oui")
    active = to(_("Retirer du catalogue"), "actif", "non") if product.active else to(_("Remettre"), "actif", "oui")
    return (
        (to(_("Prix"), "prix"), to(_("Stock"), "stock"), to(_("Nom"), "nom")),
        (to(_("Unité et vente"), "vente"), to(_("Producteur"), "producteur")),
        (to(_("Catégorie"), "categorie"), to(_("Photo"), "photo"), organic),
        (active, _to(_("Catalogue"), "")),
    )


def _to(label: str, words: object) -> Option:
    """Make a button that turns the message to another of the catalogue's screens."""
    return turn_option(label, f"catalogue {words}".strip())
