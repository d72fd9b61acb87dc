"""What orders take off the stock of a product, and what goes back to it (B10, B11). Quantities are in thousandths."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from bot.market.errors import StockGoneError
from bot.market.facts import Change
from bot.market.tables import LINE, PRODUCT


def reserve(connection: Connection, group: int, product: Any, ordered: int) -> None:
    """Take what is ordered off the stock, where it is counted, if so much is left (B11). Raises StockGoneError."""
    if product.stock is None:
        return
    enough = (PRODUCT.c.group_id == group) & (PRODUCT.c.number == product.number) & (PRODUCT.c.stock >= ordered)
    if not connection.execute(update(PRODUCT).where(enough).values(stock=PRODUCT.c.stock - ordered)).rowcount:
        raise StockGoneError(product=product.name)


def put_back(connection: Connection, order: ColumnElement[bool], group: int, change: Change) -> None:
    """Give back what a line no longer holds of the stock; it is no longer ordered either, so that it never goes back twice."""
    this_one = order & (LINE.c.line == change.line)
    row = connection.execute(select(LINE).where(this_one)).one()
    back = held(row, change.was_quantity) - held(row, change.quantity)
    if back > 0:
        restock(connection, group, change.product, back)
        connection.execute(update(LINE).where(this_one).values(ordered=LINE.c.ordered - back))


def held(line: Any, charged: int) -> int:
    """Give what a line holds of the stock when so much of it is charged: never more than was reserved.

    Pieces to be weighed are held whole, whatever they weigh.
    """
    if not charged:
        return 0
    return int(line.ordered if line.sold == "weighed" else min(line.ordered, charged))


def restock(connection: Connection, group: int, product: int, quantity: int) -> None:
    """Put something back on the stock, where it is counted."""
    counted = (PRODUCT.c.group_id == group) & (PRODUCT.c.number == product) & PRODUCT.c.stock.is_not(None)
    if quantity > 0:
        connection.execute(update(PRODUCT).where(counted).values(stock=PRODUCT.c.stock + quantity))
