"""What the catalogue's facts do to its table, and to the baskets that hold a product (B6, B11, B12)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from bot.ledger.journal import Recorded
from bot.market.catalogue import as_it_becomes, key_of
from bot.market.errors import ProductOvertakenError, SameProductError, TooManyProductsError
from bot.market.offer_facts import ProductChanged
from bot.market.products import MOST_PRODUCTS
from bot.market.tables import BASKET, DISTRIBUTION, OFFER, PRODUCT

NO_PRICE = 0
"""What no product costs: a basket's line that was shown at it must be agreed to anew."""


def product_changed(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    """Write a new product, or what changes of one, if that is still as it was: what orders reserve meanwhile stays reserved.

    Orders keep the lines they have. Raises SameProductError, ProductOvertakenError, TooManyProductsError.
    """
    if fact.product > MOST_PRODUCTS:
        raise TooManyProductsError(most=MOST_PRODUCTS)
    _refuse_same(connection, recorded, fact)
    if fact.was:
        _change(connection, recorded, fact)
    else:
        _add(connection, recorded, fact)


def _add(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    if connection.execute(select(PRODUCT.c.number).where(_this(recorded, fact))).first():
        raise ProductOvertakenError(product=fact.name)
    values = {
        "name": fact.name, "producer": fact.producer, "category": fact.category, "unit": fact.unit, "sold": fact.sold,
        "price": fact.price, "stock": fact.stock, "piece_quantity": fact.piece_quantity, "organic": fact.organic,
        "active": fact.active, "identity": key_of(fact.name, fact.producer),
    }  # fmt: skip
    connection.execute(insert(PRODUCT), {"group_id": recorded.group, "number": fact.product, **values})


def _change(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    still = [PRODUCT.c[name] == value if value is not None else PRODUCT.c[name].is_(None) for name, value in fact.was]
    values: dict[str, Any] = {name: getattr(fact, name) for name, _value in fact.was}
    if {"name", "producer"} & values.keys():
        values["identity"] = key_of(fact.name, fact.producer)
    if not connection.execute(update(PRODUCT).where(_this(recorded, fact), *still).values(**values)).rowcount:
        raise ProductOvertakenError(product=fact.name)
    if {"unit", "sold"} & values.keys():
        _count_anew(connection, recorded, fact)
    if "unit" in values:
        _forget_special_prices(connection, recorded, fact)


def _refuse_same(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    if fact.was and not {"name", "producer"} & dict(fact.was).keys():
        return
    same = (PRODUCT.c.group_id == recorded.group) & (PRODUCT.c.identity == key_of(fact.name, fact.producer))
    if connection.execute(select(PRODUCT.c.number).where(same, PRODUCT.c.number != fact.product)).first():
        raise SameProductError(product=fact.name)


def _count_anew(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    """Begin again, in baskets, with what is now counted otherwise: one step of it, shown at no price yet (B12)."""
    step = as_it_becomes(fact).step
    for row in connection.execute(select(BASKET).where(BASKET.c.group_id == recorded.group)).all():
        lines = json.loads(row.lines)
        anew = [[fact.product, step, NO_PRICE] if line[0] == fact.product else line for line in lines]
        if anew != lines:
            here = (BASKET.c.group_id == recorded.group) & (BASKET.c.distribution == row.distribution)
            this_one = here & (BASKET.c.member == row.member)
            connection.execute(update(BASKET).where(this_one).values(lines=json.dumps(anew)))


def _forget_special_prices(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    """Take back the prices set for distributions to come: they were for another unit (B10)."""
    planned = select(DISTRIBUTION.c.number).where(
        DISTRIBUTION.c.group_id == recorded.group, DISTRIBUTION.c.state == "planned"
    )
    here = (OFFER.c.group_id == recorded.group) & (OFFER.c.product == fact.product) & OFFER.c.distribution.in_(planned)
    connection.execute(update(OFFER).where(here).values(price=None))


def _this(recorded: Recorded, fact: ProductChanged) -> ColumnElement[bool]:
    return (PRODUCT.c.group_id == recorded.group) & (PRODUCT.c.number == fact.product)
