"""Planned payments: what members mean to pay for an order, until it is received, declared, replaced or lapses (B17, B28, B33)."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from bot.ledger.journal import Recorded
from bot.market.errors import PlanHandledError
from bot.market.facts import PaymentPlanned, PlanEnded
from bot.market.tables import PLAN


def payment_planned(connection: Connection, recorded: Recorded, fact: PaymentPlanned) -> None:
    """Keep what a member means to pay (B17)."""
    row = {
        "group_id": recorded.group, "distribution": fact.distribution, "member": fact.member, "number": recorded.number,
        "amount": fact.amount, "method": fact.method.value, "state": "planned", "planned_at": recorded.at,
    }  # fmt: skip
    connection.execute(insert(PLAN), row)


def plan_ended(connection: Connection, recorded: Recorded, fact: PlanEnded) -> None:
    """End a planned payment, once: whoever comes second is told (B28). Raises PlanHandledError."""
    this_one = (PLAN.c.group_id == recorded.group) & (PLAN.c.number == fact.plan) & (PLAN.c.member == fact.member)
    if not connection.execute(update(PLAN).where(this_one, PLAN.c.state == "planned").values(state=fact.how)).rowcount:
        raise PlanHandledError


def planned_payments(connection: Connection, group: int, distribution: int) -> int:
    """Count the payments that are still planned for a distribution (B33)."""
    where = (PLAN.c.group_id == group) & (PLAN.c.distribution == distribution) & (PLAN.c.state == "planned")
    return int(connection.execute(select(func.count()).where(where)).scalar_one())
