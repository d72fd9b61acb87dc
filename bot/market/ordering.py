"""What orders do to the tables: lines, stock, numbers. Called in the transaction that posts them (B8–B11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from bot.ledger.journal import Recorded
from bot.ledger.tables import ACCOUNT
from bot.market.errors import (
    AlreadyAnsweredError,
    CreditTooLargeError,
    FrozenError,
    KittyFloorError,
    KittyTooLowError,
    NoOrderError,
    NotFrozenError,
    NotOfferedError,
    OrderChangedError,
    OrderExistsError,
    OrdersNotOpenError,
    PriceChangedError,
)
from bot.market.facts import (
    Line,
    OrderAdjusted,
    OrderCancelled,
    OrderCredited,
    OrderPlaced,
    ProductsAdded,
    RemovalAsked,
    RemovalDecided,
    VisitEnded,
)
from bot.market.reserving import held, put_back, reserve, restock
from bot.market.tables import BASKET, DISTRIBUTION, LINE, OFFER, ORDER, ORDER_FACT, PRODUCT, REQUEST


def order_placed(connection: Connection, recorded: Recorded, fact: OrderPlaced) -> None:
    """Make the order, its lines, its number in the distribution. Raises the refusals of :mod:`bot.market.errors`."""
    distribution = _open_distribution(connection, recorded, fact)
    here = (ORDER.c.group_id == recorded.group) & (ORDER.c.distribution == fact.distribution)
    if connection.execute(select(ORDER.c.member).where(here, ORDER.c.member == fact.member)).first():
        raise OrderExistsError
    number = connection.execute(select(func.coalesce(func.max(ORDER.c.number), 0) + 1).where(here)).scalar_one()
    row = {
        "number": number,
        "state": "confirmed",
        "placed_at": recorded.at,
        "visited_at": None,
        "told_fact": recorded.number,
        "told_before": 0,
    }
    connection.execute(insert(ORDER), {**_key(recorded, fact), **row})
    _add_lines(connection, recorded, fact, distribution)


def products_added(connection: Connection, recorded: Recorded, fact: ProductsAdded) -> None:
    """Add lines to an order; those it has are left as they are (B9)."""
    distribution = _open_distribution(connection, recorded, fact)
    _live_order(connection, recorded, fact)
    _add_lines(connection, recorded, fact, distribution)
    _told(connection, recorded, fact)


def order_adjusted(connection: Connection, recorded: Recorded, fact: OrderAdjusted) -> None:
    """Change lines, each only if it is still as it was said to be (B10)."""
    _not_frozen(connection, recorded, fact.distribution)
    _live_order(connection, recorded, fact)
    for change in fact.changes:
        still = (
            (LINE.c.line == change.line) & (LINE.c.quantity == change.was_quantity) & (LINE.c.price == change.was_price)
        )
        where = _order(LINE, recorded, fact) & still & (LINE.c.product == change.product)
        values = {"quantity": change.quantity, "price": change.price}
        if not connection.execute(update(LINE).where(where).values(**values)).rowcount:
            raise OrderChangedError
        if fact.restocked:
            put_back(connection, _order(LINE, recorded, fact), recorded.group, change)
    _made_by(connection, recorded, fact)


def order_cancelled(connection: Connection, recorded: Recorded, fact: OrderCancelled) -> None:
    """Cancel an order whose distribution does not take place; what was reserved goes back to stock (B35)."""
    _not_frozen(connection, recorded, fact.distribution)
    lines = connection.execute(select(LINE).where(_order(LINE, recorded, fact))).all()
    if sum(Line(r.product, r.ordered, r.quantity, r.price).cost for r in lines) != fact.amount:
        raise OrderChangedError
    live = _order(ORDER, recorded, fact) & (ORDER.c.state == "confirmed")
    if not connection.execute(update(ORDER).where(live).values(state="cancelled")).rowcount:
        raise NoOrderError
    for row in lines:
        restock(connection, recorded.group, row.product, held(row, row.quantity))
    _made_by(connection, recorded, fact)


def order_credited(connection: Connection, recorded: Recorded, fact: OrderCredited) -> None:
    """Note a credit on a frozen order: never more than it cost (B10)."""
    if _distribution(connection, recorded.group, fact.distribution).state != "validated":
        raise NotFrozenError
    lines = connection.execute(select(LINE).where(_order(LINE, recorded, fact))).all()
    cost = sum(Line(r.product, r.ordered, r.quantity, r.price).cost for r in lines)
    credited = _credited(connection, recorded, fact)
    if credited + fact.amount > cost:
        raise CreditTooLargeError(cost=cost, credited=credited)
    values = {**_key(recorded, fact), "fact": recorded.number, "amount": fact.amount, "credit": True}
    connection.execute(insert(ORDER_FACT), values)


def removal_asked(connection: Connection, recorded: Recorded, fact: RemovalAsked) -> None:
    """Keep a member's request until a coordinator answers it (B9)."""
    _not_frozen(connection, recorded, fact.distribution)
    _live_order(connection, recorded, fact)
    row = {"number": recorded.number, "line": fact.line, "note": fact.note, "state": "open", "decided_by": None}
    connection.execute(insert(REQUEST), {**_key(recorded, fact), **row, "asked_at": recorded.at})


def removal_decided(connection: Connection, recorded: Recorded, fact: RemovalDecided) -> None:
    """Answer a request, once (B9)."""
    this_one = (REQUEST.c.group_id == recorded.group) & (REQUEST.c.number == fact.asked) & (REQUEST.c.state == "open")
    values = {"state": "granted" if fact.granted else "refused", "decided_by": recorded.author}
    if not connection.execute(update(REQUEST).where(this_one).values(**values)).rowcount:
        raise AlreadyAnsweredError
    asked = connection.execute(
        select(REQUEST).where(REQUEST.c.group_id == recorded.group, REQUEST.c.number == fact.asked)
    ).one()
    _told(connection, recorded, asked)


def _told(connection: Connection, recorded: Recorded, of: Any) -> None:
    """Note that the member is told of everything so far, by the notice of this fact."""
    connection.execute(update(ORDER).where(_order(ORDER, recorded, of)).values(told_fact=recorded.number))


def visit_ended(connection: Connection, recorded: Recorded, fact: VisitEnded) -> None:
    """Note that the member has been told of everything so far (B10)."""
    values = {"told_before": ORDER.c.told_fact, "told_fact": recorded.number, "visited_at": recorded.at}
    connection.execute(update(ORDER).where(_order(ORDER, recorded, fact)).values(**values))


def _key(recorded: Recorded, fact: Any) -> dict[str, int]:
    return {"group_id": recorded.group, "distribution": fact.distribution, "member": fact.member}


def _order(rows: Table, recorded: Recorded, fact: Any) -> ColumnElement[bool]:
    here = (rows.c.group_id == recorded.group, rows.c.distribution == fact.distribution, rows.c.member == fact.member)
    return and_(*here)


def _distribution(connection: Connection, group: int, number: int) -> Any:
    where = (DISTRIBUTION.c.group_id == group) & (DISTRIBUTION.c.number == number)
    row = connection.execute(select(DISTRIBUTION).where(where)).first()
    if row is None:
        raise NoOrderError
    return row


def _not_frozen(connection: Connection, recorded: Recorded, number: int) -> None:
    if _distribution(connection, recorded.group, number).state != "planned":
        raise FrozenError


def _open_distribution(connection: Connection, recorded: Recorded, fact: OrderPlaced | ProductsAdded) -> Any:
    row = _distribution(connection, recorded.group, fact.distribution)
    if row.state != "planned":
        raise FrozenError
    if not fact.by_hand and not row.opens_at <= recorded.at < row.closes_at:
        raise OrdersNotOpenError
    return row


def _live_order(connection: Connection, recorded: Recorded, fact: Any) -> None:
    live = _order(ORDER, recorded, fact) & (ORDER.c.state == "confirmed")
    if connection.execute(select(ORDER.c.member).where(live)).first() is None:
        raise NoOrderError


def _add_lines(
    connection: Connection, recorded: Recorded, fact: OrderPlaced | ProductsAdded, distribution: Any
) -> None:
    """Reserve the stock, check the prices, write the lines, forget the basket."""
    products = _offered(connection, recorded.group, distribution, fact.lines)
    last = connection.execute(
        select(func.coalesce(func.max(LINE.c.line), 0)).where(_order(LINE, recorded, fact))
    ).scalar_one()
    rows = []
    for rank, line in enumerate(fact.lines, start=last + 1):
        product = products[line.product]
        reserve(connection, recorded.group, product, line.ordered)
        said = {"name": product.name, "unit": product.unit, "sold": product.sold}
        charged = {"ordered": line.ordered, "quantity": line.quantity, "price": line.price}
        rows.append({**_key(recorded, fact), "line": rank, "product": line.product, **said, **charged})
    connection.execute(insert(LINE), rows)
    connection.execute(delete(BASKET).where(_order(BASKET, recorded, fact)))
    _made_by(connection, recorded, fact)
    if fact.floor is not None:
        _refuse_below(connection, recorded, fact.member, fact.floor)


def _refuse_below(connection: Connection, recorded: Recorded, member: int, floor: int) -> None:
    """Refuse an order that takes a kitty below its floor; the debit is posted already, under the lock (B18)."""
    mine = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == member)
    balance = int(connection.execute(select(ACCOUNT.c.balance).where(mine)).scalar_one())
    if balance < floor:
        missing = floor - balance
        raise KittyFloorError(missing=missing, floor=floor) if floor else KittyTooLowError(missing=missing)


def _offered(connection: Connection, group: int, distribution: Any, lines: Sequence[Line]) -> dict[int, Any]:
    """Find the products of lines as this distribution offers them, each at the price that was agreed to (B12)."""
    of = (OFFER.c.group_id == PRODUCT.c.group_id) & (OFFER.c.product == PRODUCT.c.number)
    query = (
        select(PRODUCT, OFFER.c.listed, OFFER.c.price.label("special"))
        .outerjoin(OFFER, of & (OFFER.c.distribution == distribution.number))
        .where(PRODUCT.c.group_id == group, PRODUCT.c.number.in_([line.product for line in lines]))
    )
    found = {row.number: row for row in connection.execute(query)}
    for line in lines:
        row = found.get(line.product)
        if row is None or not row.active or not (row.listed if row.listed is not None else distribution.everything):
            raise NotOfferedError(product=row.name if row else f"n° {line.product}")
        price = row.price if row.special is None else row.special
        if price != line.price:
            raise PriceChangedError(product=row.name, price=price)
    return found


def _made_by(connection: Connection, recorded: Recorded, fact: Any) -> None:
    """Note that a fact is part of what an order costs."""
    values = {**_key(recorded, fact), "fact": recorded.number, "amount": 0, "credit": False}
    connection.execute(insert(ORDER_FACT), values)


def _credited(connection: Connection, recorded: Recorded, fact: OrderCredited) -> int:
    query = select(func.coalesce(func.sum(ORDER_FACT.c.amount), 0)).where(_order(ORDER_FACT, recorded, fact))
    return int(connection.execute(query.where(ORDER_FACT.c.credit)).scalar_one())
