"""What the distributions' facts do to their tables (B31, B33, B35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.ledger.journal import Recorded
from bot.market.errors import (
    AlreadyStartedError,
    AlreadyToldError,
    FrozenError,
    NoOrderError,
    NotStartedError,
    SamePlaceError,
    UndecidedError,
)
from bot.market.offer_facts import (
    ClosingRecalled,
    DistributionCancelled,
    DistributionMoved,
    DistributionPlanned,
    DistributionValidated,
    FloatCounted,
    OfferChosen,
    OrdersClosed,
    OrdersOpened,
    PriceSet,
    ValidationRecalled,
    WindowMoved,
)
from bot.market.planning import planned_payments
from bot.market.tables import DISTRIBUTION, LINE, OFFER, ORDER, ORDER_FACT


def distribution_planned(connection: Connection, recorded: Recorded, fact: DistributionPlanned) -> None:
    """Write a new distribution down. Raises SamePlaceError, and UndecidedError where somebody else took its number meanwhile."""
    if connection.execute(select(DISTRIBUTION.c.number).where(_this(recorded, fact.distribution))).first():
        raise UndecidedError
    _refuse_same_place(connection, recorded, fact)
    told = {"opened": False, "closing_told": False, "closed": False, "recalled": 0}
    state = {"state": "planned", "everything": True, "float_cents": 0, **told}
    row = {"group_id": recorded.group, "number": fact.distribution, "validated_at": None, **state, **_moments(fact)}
    connection.execute(insert(DISTRIBUTION), row)


def distribution_moved(connection: Connection, recorded: Recorded, fact: DistributionMoved) -> None:
    """Give a distribution other moments or another place. Orders and accounts stay as they are (B35).

    Raises AlreadyStartedError, SamePlaceError.
    """
    _refuse_same_place(connection, recorded, fact)
    told = _told_of(_not_started(connection, recorded, fact.distribution), fact, recorded.at)
    _change(connection, recorded, fact.distribution, **_moments(fact), **told)


def window_moved(connection: Connection, recorded: Recorded, fact: WindowMoved) -> None:
    """Open and close orders at other moments. Raises AlreadyStartedError."""
    told = _told_of(_not_started(connection, recorded, fact.distribution), fact, recorded.at)
    _change(connection, recorded, fact.distribution, **_window(fact), **told)


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
    """Give a product another price in one distribution (B10); lines that are there already are adjusted by facts before it.

    Before the pickup its notice tells the members concerned; during it, the end of their visit does.
    """
    here = (OFFER.c.group_id == recorded.group) & (OFFER.c.distribution == fact.distribution)
    this_one = here & (OFFER.c.product == fact.product)
    if not connection.execute(update(OFFER).where(this_one).values(price=fact.price)).rowcount:
        row = {"group_id": recorded.group, "distribution": fact.distribution, "product": fact.product}
        everything = select(DISTRIBUTION.c.everything).where(_this(recorded, fact.distribution))
        listed = bool(connection.execute(everything).scalar())
        connection.execute(insert(OFFER), {**row, "listed": listed, "price": fact.price})
    _adjusted_are_told(connection, recorded, fact)


def _adjusted_are_told(connection: Connection, recorded: Recorded, fact: PriceSet) -> None:
    """Note that the orders whose lines follow a price are told of it, where their pickup has not begun."""
    begun = select(DISTRIBUTION.c.starts_at).where(_this(recorded, fact.distribution))
    starts_at = connection.execute(begun).scalar()
    if starts_at is None or starts_at <= recorded.at:
        return
    orders = (ORDER.c.group_id == recorded.group) & (ORDER.c.distribution == fact.distribution)
    lines = (LINE.c.group_id == ORDER.c.group_id) & (LINE.c.distribution == ORDER.c.distribution)
    has_it = select(LINE.c.line).where(lines, LINE.c.member == ORDER.c.member, LINE.c.product == fact.product)
    made_by = (ORDER_FACT.c.group_id == ORDER.c.group_id) & (ORDER_FACT.c.distribution == ORDER.c.distribution)
    untold = made_by & (ORDER_FACT.c.member == ORDER.c.member) & (ORDER_FACT.c.fact > ORDER.c.told_fact)
    changed = has_it.exists() & select(ORDER_FACT.c.fact).where(untold).exists()
    connection.execute(update(ORDER).where(orders, changed).values(told_fact=recorded.number))


def orders_opened(connection: Connection, recorded: Recorded, fact: OrdersOpened) -> None:
    """Note that the opening is told, by whoever comes first. Raises AlreadyToldError."""
    due = DISTRIBUTION.c.opened.is_(False) & (DISTRIBUTION.c.opens_at <= recorded.at)
    _tell(connection, recorded, fact.distribution, due, opened=True, closing_told=fact.late)


def closing_recalled(connection: Connection, recorded: Recorded, fact: ClosingRecalled) -> None:
    """Note that the closing was announced, by whoever comes first. Raises AlreadyToldError."""
    due = DISTRIBUTION.c.closing_told.is_(False) & (DISTRIBUTION.c.closes_at > recorded.at)
    _tell(connection, recorded, fact.distribution, due, closing_told=True)


def orders_closed(connection: Connection, recorded: Recorded, fact: OrdersClosed) -> None:
    """Note that the closing is told, by whoever comes first: of the opening nothing is told any more. Raises AlreadyToldError."""
    due = DISTRIBUTION.c.closed.is_(False) & (DISTRIBUTION.c.closes_at <= recorded.at)
    _tell(connection, recorded, fact.distribution, due, opened=True, closing_told=True, closed=True)


def validation_recalled(connection: Connection, recorded: Recorded, fact: ValidationRecalled) -> None:
    """Note how often coordinators were asked to validate. Raises AlreadyToldError."""
    due = (DISTRIBUTION.c.recalled < fact.step) & (DISTRIBUTION.c.ends_at <= recorded.at)
    _tell(connection, recorded, fact.distribution, due, recalled=fact.step)


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


def _tell(
    connection: Connection, recorded: Recorded, distribution: int, due: ColumnElement[bool], **told: object
) -> None:
    """Note that something is told: once, even if two processes come to it at the same moment."""
    live = _this(recorded, distribution) & (DISTRIBUTION.c.state == "planned")
    if not connection.execute(update(DISTRIBUTION).where(live, due).values(**told)).rowcount:
        raise AlreadyToldError


def _not_started(connection: Connection, recorded: Recorded, distribution: int) -> Any:
    row = connection.execute(select(DISTRIBUTION).where(_this(recorded, distribution))).first()
    if row is None:
        raise NoOrderError
    if row.state == "planned" and row.starts_at <= recorded.at:
        raise AlreadyStartedError
    return row


def _told_of(before: Any, fact: DistributionMoved | WindowMoved, now: datetime) -> dict[str, object]:
    """Give what stays told when a window moves: what is over stays so, what comes again is told again (B31)."""
    window = _window(fact)
    same_closing = window["closes_at"] == before.closes_at
    return {
        "opened": before.opened and window["opens_at"] <= now,
        "closing_told": before.closing_told and same_closing,
        "closed": before.closed and window["closes_at"] <= now,
        "recalled": 0,
    }


def _window(fact: DistributionPlanned | DistributionMoved | WindowMoved) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(getattr(fact, name)) for name in ("opens_at", "closes_at")}


def _moments(fact: DistributionPlanned | DistributionMoved) -> dict[str, Any]:
    span = {name: datetime.fromisoformat(getattr(fact, name)) for name in ("starts_at", "ends_at")}
    return {"place": fact.place, **span, **_window(fact)}


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
