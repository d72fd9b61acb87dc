"""A product changed in the chat, one thing at a time, or a new one: each is a fact that says from what to what (B6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

from bot.conversation import Outcome, Question, Record, Script, ask
from bot.folding import folded
from bot.handlers.catalogue_asking import Naming, Price, Stock
from bot.handlers.catalogue_screens import product_screen
from bot.handlers.catalogue_selling import Estimate, How, Sale
from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.market.catalogue import added, changed, changes, described, same_product
from bot.market.errors import SameProductError, TooManyProductsError
from bot.market.products import MOST_PRODUCTS, Product, Sold
from bot.market.sheet import stock_words
from bot.market.units import unit_name, unit_price_words
from bot.questions import confirm
from bot.words import _, told

FAR = 5
"""A price so many times another one is asked about: a point may have slipped."""

Asking = Generator[Question[Any], Any, Outcome]


def new_product(visit: Visit) -> Script:
    """Add a product: few questions, then consent to it in words."""
    if len(visit.market.catalogue) >= MOST_PRODUCTS:
        return told(TooManyProductsError(most=MOST_PRODUCTS))
    name = yield from ask(Naming("nom", _("Quel produit ajouter ? Écrivez son nom.")))
    draft = yield from _sold(Product(0, name, Cents(1)))
    draft = replace(draft, price=(yield from ask(Price("prix", _which_price(draft), draft.unit))))
    draft = replace(draft, producer=(yield from ask(_whose(visit, draft))))
    draft = replace(draft, category=(yield from ask(_which_category(visit, draft))))
    stock = yield from ask(Stock("stock", _("{name} : combien y en a-t-il ?", name=name), draft))
    draft = replace(draft, number=visit.market.next_product(), stock=stock)
    if not (yield from confirm(_("Ajouter au catalogue : {product} ?", product=described(draft)), _("Ajouter"))):
        return _("Rien n'a changé.")
    return Record((added(draft),), said=product_screen(draft, _("✅ C'est au catalogue.")))


def _which_price(product: Product) -> str:
    return _("{name} : quel prix par {unit} ? Par exemple 2,10.", name=product.name, unit=unit_name(product.unit))


def _sold(product: Product) -> Generator[Question[Any], Any, Product]:
    """Ask how a product is sold, and what a piece weighs where it is weighed later."""
    how: How = yield from ask(Sale("vente", _("{name} : vendu comment ?", name=product.name)))
    found = replace(product, sold=how.sold, unit=how.unit, piece_quantity=Product(0, "", Cents(1)).piece_quantity)
    if how.sold is not Sold.WEIGHED:
        return found
    text = _(
        "{name} : combien pèse une pièce, à peu près ? Par exemple 0,9 ({unit}).", name=product.name, unit=how.unit
    )
    return replace(found, piece_quantity=(yield from ask(Estimate("poids", text, found))))


def _whose(visit: Visit, product: Product) -> Naming:
    text = _("{name} : quel producteur ? Choisissez, ou écrivez un autre nom.", name=product.name)
    known = _most_often(found.producer for found in visit.market.catalogue.values())

    def wrong(producer: str) -> None:
        _refuse_same(visit, replace(product, producer=producer))

    return Naming("producteur", text, known, skippable=True, wrong=wrong)


def _which_category(visit: Visit, product: Product) -> Naming:
    text = _("{name} : quelle catégorie ? Choisissez, ou écrivez-en une autre.", name=product.name)
    known = _most_often(found.category for found in visit.market.catalogue.values())
    return Naming("categorie", text, known, skippable=True)


def _most_often(names: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(name for name in names if name)
    return tuple(sorted(counts, key=lambda name: (-counts[name], folded(name))))


def _refuse_same(visit: Visit, product: Product) -> None:
    if same_product(product, visit.market.catalogue):
        raise SameProductError(product=product.name)


def _record(before: Product, after: Product) -> Outcome:
    """Record a change, and show the product as it becomes."""
    fact = changed(before, after)
    if fact is None:
        return product_screen(before, _("Rien n'a changé."))
    return Record((fact,), said=product_screen(after, _done(before, after)))


def _done(before: Product, after: Product) -> str:
    """Say what was just done."""
    if before.active != after.active:
        return _("✅ De nouveau au catalogue.") if after.active else _("✅ Retiré du catalogue.")
    return "✅ " + changes(before, after)


def change_price(_visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Give a product another price; one that is far from the old one is asked about."""
    text = _("{name} : quel nouveau prix par {unit} ? Maintenant {price}.", name=product.name,
             unit=unit_name(product.unit), price=unit_price_words(product.price, product.unit))  # fmt: skip
    price = yield from ask(Price("prix", text, product.unit))
    if is_far(product.price, price):
        question = _("⚠️ {name} : {before:money} → {after:money}. C'est bien cela ?",
                     name=product.name, before=product.price, after=price)  # fmt: skip
        if not (yield from confirm(question)):
            return product_screen(product, _("Rien n'a changé."))
    return _record(product, replace(product, price=price))


def is_far(before: Cents, after: Cents) -> bool:
    """Tell whether a price is so far from another that it may be a slip.

    >>> is_far(Cents(210), Cents(230)), is_far(Cents(210), Cents(21_000)), is_far(Cents(210), Cents(21))
    (False, True, True)
    """
    return max(before, after) >= FAR * min(before, after)


def change_stock(_visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Say what is left of a product, or that it is not counted."""
    text = _("{name} : combien en reste-t-il ? Maintenant {stock}.", name=product.name, stock=stock_words(product))
    return _record(product, replace(product, stock=(yield from ask(Stock("stock", text, product)))))


def change_name(visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Rename a product; orders keep the name they have."""

    def wrong(name: str) -> None:
        _refuse_same(visit, replace(product, name=name))

    text = _("{name} : quel nouveau nom ?", name=product.name)
    return _record(product, replace(product, name=(yield from ask(Naming("nom", text, wrong=wrong)))))


def change_producer(visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Give a product another producer."""
    return _record(product, replace(product, producer=(yield from ask(_whose(visit, product)))))


def change_category(visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Put a product into another category."""
    return _record(product, replace(product, category=(yield from ask(_which_category(visit, product)))))


def change_sale(_visit: Visit, product: Product, _words: tuple[str, ...]) -> Asking:
    """Sell a product otherwise: its price and its stock, which would mean something else, are asked anew."""
    after = yield from _sold(product)
    if after.unit != product.unit:
        after = replace(after, price=(yield from ask(Price("prix", _which_price(after), after.unit))))
    counted_otherwise = (after.unit, after.sold) != (product.unit, product.sold)
    if counted_otherwise and product.stock is not None:
        text = _("{name} : combien en reste-t-il ?", name=product.name)
        after = replace(after, stock=(yield from ask(Stock("stock", text, after))))
    if after == product:
        return _record(product, after)
    question = _("{name} : {changes}. D'accord ? Les commandes confirmées restent comme elles sont.",
                 name=product.name, changes=changes(product, after))  # fmt: skip
    if not (yield from confirm(question)):
        return product_screen(product, _("Rien n'a changé."))
    return _record(product, after)


def change_organic(_visit: Visit, product: Product, words: tuple[str, ...]) -> Asking:
    """Say that a product is organic, or is not: « p45 bio oui »."""
    yield from ()
    return _switched(product, replace(product, organic=words[:1] == ("oui",)), words)


def change_active(_visit: Visit, product: Product, words: tuple[str, ...]) -> Asking:
    """Take a product out of the catalogue, or put it back: « p45 actif non »."""
    yield from ()
    return _switched(product, replace(product, active=words[:1] == ("oui",)), words)


def _switched(before: Product, after: Product, words: tuple[str, ...]) -> Outcome:
    """Act on what a button says and nothing else: tapped twice, it changes nothing more."""
    if words[:1] not in {("oui",), ("non",)}:
        return product_screen(before)
    return _record(before, after)


CHANGES: dict[str, Callable[[Visit, Product, tuple[str, ...]], Asking]] = {
    "prix": change_price,
    "stock": change_stock,
    "nom": change_name,
    "producteur": change_producer,
    "categorie": change_category,
    "vente": change_sale,
    "bio": change_organic,
    "actif": change_active,
}
