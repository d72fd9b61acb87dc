"""What the catalogue's and the distributions' facts do to their tables (B31, B33, B35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.ledger.journal import Recorded
from bot.market.errors import FrozenError, NoOrderError, NotStartedError, SamePlaceError, UndecidedError
from bot.market.facts import (
    DistributionCancelled,
    DistributionMoved,
    DistributionPlanned,
    DistributionValidated,
    FloatCounted,
    OfferChosen,
    OrdersClosed,
    OrdersOpened,
    PriceSet,
    ProductChanged,
)
from bot.market.ordering import planned_payments
from bot.market.tables import DISTRIBUTION, OFFER, ORDER, PRODUCT


def product_changed(connection: Connection, recorded: Recorded, fact: ProductChanged) -> None:
    """Write a product as it is from now on; orders keep the lines they have."""
    values = {
        "name": fact.name, "producer": fact.producer, "category": fact.category, "unit": fact.unit, "sold": fact.sold,
        "price": fact.price, "stock": fact.stock, "piece_quantity": fact.piece_quantity, "organic": fact.organic,
        "active": fact.active,
    }  # fmt: skip
    this_one = (PRODUCT.c.group_id == recorded.group) & (PRODUCT.c.number == fact.product)
    if not connection.execute(update(PRODUCT).where(this_one).values(**values)).rowcount:
        connection.execute(insert(PRODUCT), {"group_id": recorded.group, "number": fact.product, **values})


def distribution_planned(connection: Connection, recorded: Recorded, fact: DistributionPlanned) -> None:
    """Write a new distribution down. Raises SamePlaceError."""
    _refuse_same_place(connection, recorded, fact)
    state = {"state": "planned", "opened": False, "closed": False, "everything": True, "float_cents": 0}
    row = {"group_id": recorded.group, "number": fact.distribution, "validated_at": None, **state, **_moments(fact)}
    connection.execute(insert(DISTRIBUTION), row)


def distribution_moved(connection: Connection, recorded: Recorded, fact: DistributionMoved) -> None:
    """Give a distribution other moments or another place. Orders and accounts stay as they are (B35).

    What was told of its window is told again when the new window comes.
    """
    _refuse_same_place(connection, recorded, fact)
    moments = _moments(fact)
    told = {"opened": moments["opens_at"] <= recorded.at, "closed": moments["closes_at"] <= recorded.at}
    _change(connection, recorded, fact.distribution, **moments, **told)


def offer_chosen(connection: Connection, recorded: Recorded, fact: OfferChosen) -> None:
    """Offer these products only, or everything that is active; prices set for the distribution stay."""
    _change(connection, recorded, fact.distribution, everything=not fact.products)
    here = (OFFER.c.group_id == recorded.group) & (OFFER.c.distribution == fact.distribution)
    connection.execute(delete(OFFER).where(here, OFFER.c.price.is_(None)))
    connection.execute(
        update(OFFER).where(here).values(listed=OFFER.c.product.in_(fact.products) if fact.products else True)
    )
    priced = set(connection.execute(select(OFFER.c.product).where(here)).scalars())
    rows = [
        {
            "group_id": recorded.group,
            "distribution": fact.distribution,
            "product": product,
            "listed": True,
            "price": None,
        }
        for product in fact.products
        if product not in priced
    ]
    if rows:
        connection.execute(insert(OFFER), rows)


def price_set(connection: Connection, recorded: Recorded, fact: PriceSet) -> None:
    """Give a product another price in one distribution (B10); lines that are there already are adjusted by their own fact."""
    here = (OFFER.c.group_id == recorded.group) & (OFFER.c.distribution == fact.distribution)
    this_one = here & (OFFER.c.product == fact.product)
    if not connection.execute(update(OFFER).where(this_one).values(price=fact.price)).rowcount:
        row = {"group_id": recorded.group, "distribution": fact.distribution, "product": fact.product}
        everything = select(DISTRIBUTION.c.everything).where(_this(recorded, fact.distribution))
        listed = bool(connection.execute(everything).scalar())
        connection.execute(insert(OFFER), {**row, "listed": listed, "price": fact.price})


def orders_opened(connection: Connection, recorded: Recorded, fact: OrdersOpened) -> None:
    """Note that the opening was told."""
    _change(connection, recorded, fact.distribution, opened=True)


def orders_closed(connection: Connection, recorded: Recorded, fact: OrdersClosed) -> None:
    """Note that the closing was told."""
    _change(connection, recorded, fact.distribution, closed=True)


def distribution_cancelled(connection: Connection, recorded: Recorded, fact: DistributionCancelled) -> None:
    """End a distribution that does not take place: its orders must have been cancelled in the same turn (B35)."""
    live = (
        (ORDER.c.group_id == recorded.group)
        & (ORDER.c.distribution == fact.distribution)
        & (ORDER.c.state == "confirmed")
    )
    if connection.execute(select(ORDER.c.member).where(live)).first() is not None:
        raise UndecidedError
    _refuse_planned_payments(connection, recorded, fact.distribution)
    _change(connection, recorded, fact.distribution, state="cancelled")


def distribution_validated(connection: Connection, recorded: Recorded, fact: DistributionValidated) -> None:
    """Freeze a distribution: not before it starts, not while a payment planned for it is undecided (B33)."""
    row = connection.execute(select(DISTRIBUTION).where(_this(recorded, fact.distribution))).first()
    if row is not None and recorded.at < row.starts_at:
        raise NotStartedError(starts_at=row.starts_at)
    _refuse_planned_payments(connection, recorded, fact.distribution)
    _change(connection, recorded, fact.distribution, state="validated", validated_at=recorded.at)


def float_counted(connection: Connection, recorded: Recorded, fact: FloatCounted) -> None:
    """Note what the cash box held before the distribution (B34)."""
    _change(connection, recorded, fact.distribution, float_cents=fact.amount)


def _refuse_planned_payments(connection: Connection, recorded: Recorded, distribution: int) -> None:
    if planned_payments(connection, recorded.group, distribution):
        raise UndecidedError


def _this(recorded: Recorded, distribution: int) -> ColumnElement[bool]:
    return (DISTRIBUTION.c.group_id == recorded.group) & (DISTRIBUTION.c.number == distribution)


def _change(connection: Connection, recorded: Recorded, distribution: int, **values: object) -> None:
    """Change a distribution that is neither validated nor cancelled."""
    live = _this(recorded, distribution) & (DISTRIBUTION.c.state == "planned")
    if not connection.execute(update(DISTRIBUTION).where(live).values(**values)).rowcount:
        known = connection.execute(select(DISTRIBUTION.c.number).where(_this(recorded, distribution))).first()
        raise FrozenError if known else NoOrderError


def _moments(fact: DistributionPlanned | DistributionMoved) -> dict[str, Any]:
    names = ("starts_at", "ends_at", "opens_at", "closes_at")
    return {"place": fact.place, **{name: datetime.fromisoformat(getattr(fact, name)) for name in names}}


def _refuse_same_place(
    connection: Connection, recorded: Recorded, fact: DistributionPlanned | DistributionMoved
) -> None:
    moments = _moments(fact)
    overlaps = (DISTRIBUTION.c.starts_at < moments["ends_at"]) & (DISTRIBUTION.c.ends_at > moments["starts_at"])
    others = (DISTRIBUTION.c.group_id == recorded.group) & (DISTRIBUTION.c.number != fact.distribution)
    there = others & (DISTRIBUTION.c.place == fact.place) & (DISTRIBUTION.c.state != "cancelled") & overlaps
    found = connection.execute(select(DISTRIBUTION.c.starts_at).where(there)).first()
    if found is not None:
        raise SamePlaceError(starts_at=found.starts_at)
