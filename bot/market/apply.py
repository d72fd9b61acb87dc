"""What facts do to the tables of the market: called by the desk in the transaction that records them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert

from bot.ledger.journal import Recorded
from bot.market import arranging, facts, offer_facts, ordering, photos, planning, stocking
from bot.market.tables import BASKET


@dataclass(frozen=True)
class BasketKept:
    """A draft: what a member is choosing. ``lines``: product, ordered in thousandths, price shown in cents (B12)."""

    group: int
    distribution: int
    member: int
    lines: tuple[tuple[int, int, int], ...]
    at: datetime


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on products, distributions and orders. A fact about something else changes nothing here.

    Raises the refusals of :mod:`bot.market.errors` where what was agreed to no longer holds.
    """
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def keep(connection: Connection, draft: BasketKept) -> None:
    """Keep a basket, or forget it when it is empty."""
    key = {"group_id": draft.group, "distribution": draft.distribution, "member": draft.member}
    here = (BASKET.c.group_id == draft.group) & (BASKET.c.distribution == draft.distribution)
    connection.execute(delete(BASKET).where(here, BASKET.c.member == draft.member))
    if draft.lines:
        connection.execute(insert(BASKET), {**key, "lines": json.dumps(draft.lines), "changed_at": draft.at})


_EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    offer_facts.ProductChanged: stocking.product_changed,
    offer_facts.PhotoChanged: photos.photo_changed,
    offer_facts.DistributionPlanned: arranging.distribution_planned,
    offer_facts.DistributionMoved: arranging.distribution_moved,
    offer_facts.WindowMoved: arranging.window_moved,
    offer_facts.OfferChosen: arranging.offer_chosen,
    offer_facts.PriceSet: arranging.price_set,
    offer_facts.OrdersOpened: arranging.orders_opened,
    offer_facts.ClosingRecalled: arranging.closing_recalled,
    offer_facts.OrdersClosed: arranging.orders_closed,
    offer_facts.ValidationRecalled: arranging.validation_recalled,
    offer_facts.DistributionCancelled: arranging.distribution_cancelled,
    offer_facts.DistributionValidated: arranging.distribution_validated,
    offer_facts.FloatCounted: arranging.float_counted,
    facts.OrderPlaced: ordering.order_placed,
    facts.ProductsAdded: ordering.products_added,
    facts.OrderAdjusted: ordering.order_adjusted,
    facts.OrderCancelled: ordering.order_cancelled,
    facts.OrderCredited: ordering.order_credited,
    facts.RemovalAsked: ordering.removal_asked,
    facts.RemovalDecided: ordering.removal_decided,
    facts.PaymentPlanned: planning.payment_planned,
    facts.PlanEnded: planning.plan_ended,
    facts.VisitEnded: ordering.visit_ended,
}
