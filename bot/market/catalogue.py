"""A product as a fact has it: what is new, what has changed and from what, and both in words (B6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.ledger.money import Cents
from bot.market.offer_facts import PhotoChanged, ProductChanged
from bot.market.products import Product, Sold
from bot.market.sheet import differences, stock_words
from bot.market.sheet_lines import identity
from bot.market.units import price_words
from bot.words import _

_FIELDS = (
    *("name", "producer", "category", "price", "unit", "sold", "piece_quantity", "stock", "organic", "active"),
)  # fmt: skip


def added(product: Product) -> ProductChanged:
    """Make the fact of a new product."""
    return _fact(product)


def changed(before: Product, after: Product) -> ProductChanged | None:
    """Make the fact of a product's change; None where nothing changes.

    >>> changed(Product(1, "Pain", Cents(210)), Product(1, "Pain", Cents(230))).was
    (('price', 210),)
    """
    now = _values(after)
    was = tuple((name, value) for name, value in _values(before).items() if value != now[name])
    return replace(_fact(after), was=was) if was else None


def as_it_becomes(fact: ProductChanged) -> Product:
    """Give the product that a fact makes."""
    return _product(fact.product, {name: getattr(fact, name) for name in _FIELDS})


def as_it_was(fact: ProductChanged) -> Product | None:
    """Give the product that a fact found; None where it is new."""
    if not fact.was:
        return None
    return _product(fact.product, {name: getattr(fact, name) for name in _FIELDS} | dict(fact.was))


def words(fact: ProductChanged) -> str:
    r"""Say what a fact does to a product.

    >>> fact = changed(Product(1, "Pain", Cents(210)), Product(1, "Pain bis", Cents(230)))
    >>> words(added(Product(1, "Pain", Cents(210)))), words(fact)
    ('nouveau : Pain, 2,10\xa0€ la pièce, stock non compté', 'Pain bis : nom Pain → Pain bis, prix 2,10\xa0€ → 2,30\xa0€')
    """
    before, after = as_it_was(fact), as_it_becomes(fact)
    if before is None:
        return _("nouveau : {product}", product=described(after))
    return _("{name} : {changes}", name=after.name, changes=changes(before, after))


def photo_words(fact: PhotoChanged) -> str:
    """Say what became of a product's photo."""
    if fact.kept_bytes:
        return _("{name} : nouvelle photo", name=fact.name)
    return _("{name} : photo retirée", name=fact.name)


def changes(before: Product, after: Product) -> str:
    """Say everything that distinguishes a product from what it was, its name too."""
    renamed = [_("nom {before} → {after}", before=before.name, after=after.name)] if before.name != after.name else []
    return ", ".join([*renamed, *differences(before, after)])


def described(product: Product) -> str:
    r"""Describe a whole product in a line.

    >>> described(Product(1, "Pain", Cents(210), producer="Fournil", organic=True, stock=3000))
    'Pain, 2,10\xa0€ la pièce, Fournil, bio, stock 3'
    """
    stock = _("stock {stock}", stock=stock_words(product))
    organic = _("bio") if product.organic else ""
    off = "" if product.active else _("retiré du catalogue")
    parts = (product.name, price_words(product), product.producer, product.category, organic, stock, off)
    return ", ".join(part for part in parts if part)


def key_of(name: str, producer: str) -> str:
    """Give the text that only one product of a group may have: its name and producer, folded.

    >>> key_of("Pâtes ", "Dupont") == key_of("pates", "DUPONT")
    True
    """
    return "\n".join(identity(name, producer))


def same_product(wanted: Product, catalogue: dict[int, Product]) -> Product | None:
    """Find another product of the same name and producer, however they are written."""
    key = key_of(wanted.name, wanted.producer)
    others = (product for number, product in catalogue.items() if number != wanted.number)
    return next((product for product in others if key_of(product.name, product.producer) == key), None)


def _fact(product: Product) -> ProductChanged:
    return ProductChanged(product.number, **_values(product))


def _values(product: Product) -> dict[str, Any]:
    """Give the fields of a product as JSON and the database have them."""
    return {name: getattr(product, name) for name in _FIELDS} | {"sold": product.sold.value}


def _product(number: int, values: dict[str, Any]) -> Product:
    values["price"], values["sold"] = Cents(values["price"]), Sold(values["sold"])
    return Product(number, **values)
