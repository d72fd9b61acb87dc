"""Orders in every sequence hypothesis thinks of are those kept in pencil, after every step; planted bugs are caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from bot.ledger import postings
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting
from bot.market import apply, arranging, facts, ordering, planning, reserving
from bot.market.tables import LINE, ORDER, PLAN, PRODUCT
from tests.hunting import Patch, Planted, hunt, nothing, wander
from tests.market_machine import market_machine_on

SHORT = {"sqlite": 12, "postgresql": 4}
"""Examples of 40 steps each: a few seconds."""
LONG = {"sqlite": 300, "postgresql": 80}
"""Examples of 100 steps each: some minutes."""
WALKS = 60
"""At the most: what is planted is found within 6 or so."""


def test_orders_kept_in_any_sequence_are_those_kept_in_pencil(engine: Engine) -> None:
    """B8 to B11, B17, B18, B33, B35."""
    wander(market_machine_on(engine), examples=SHORT[engine.dialect.name], steps=40)


@pytest.mark.soak
def test_orders_kept_for_long_are_those_kept_in_pencil(engine: Engine) -> None:
    wander(market_machine_on(engine), examples=LONG[engine.dialect.name], steps=100)


planted = Planted()


def _rule(patch: Patch, kind: str, rule: Callable[[Any], tuple[Posting, ...]]) -> None:
    patch.setitem(postings._RULES[kind], 1, rule)


def _effect(patch: Patch, kind: type, effect: Callable[[Connection, Any, Any], None]) -> None:
    patch.setitem(apply._EFFECTS, kind, effect)


@planted
def a_debit_without_a_line(patch: Patch) -> None:
    _effect(patch, facts.ProductsAdded, ordering._made_by)


@planted
def lines_without_a_debit(patch: Patch) -> None:
    _rule(patch, "ProductsAdded", lambda _fact: ())


@planted
def an_order_credits(patch: Patch) -> None:
    _rule(patch, "OrderPlaced", lambda fact: (Posting(fact.member, GroupAccount.SALES, facts.total(fact.lines)),))


@planted
def a_line_is_rounded_with_the_others(patch: Patch) -> None:
    def whole(fact: Any) -> tuple[Posting, ...]:
        amount = Cents(-round(sum(line.quantity * line.price for line in fact.lines) / 1000))
        return (Posting(fact.member, GroupAccount.SALES, amount),)

    _rule(patch, "OrderPlaced", whole)


@planted
def an_adjustment_is_posted_twice(patch: Patch) -> None:
    once = facts._adjusted
    _rule(patch, "OrderAdjusted", lambda fact: (*once(fact), *once(fact)))


@planted
def an_adjustment_is_posted_the_wrong_way(patch: Patch) -> None:
    once = facts._adjusted
    _rule(patch, "OrderAdjusted", lambda fact: postings.mirror(once(fact)))


@planted
def an_adjustment_changes_no_line(patch: Patch) -> None:
    _effect(patch, facts.OrderAdjusted, ordering._made_by)


@planted
def a_stale_adjustment_is_taken(patch: Patch) -> None:
    def trusting(connection: Connection, recorded: Any, fact: Any) -> None:
        for change in fact.changes:
            this_one = ordering._order(LINE, recorded, fact) & (LINE.c.line == change.line)
            connection.execute(update(LINE).where(this_one).values(quantity=change.quantity, price=change.price))
        ordering._made_by(connection, recorded, fact)

    _effect(patch, facts.OrderAdjusted, trusting)


@planted
def nothing_goes_back_to_stock(patch: Patch) -> None:
    patch.setattr(ordering, "restock", nothing)


@planted
def what_is_taken_off_does_not_go_back(patch: Patch) -> None:
    patch.setattr(ordering, "put_back", nothing)


@planted
def it_goes_back_to_stock_as_ordered_whatever_is_left_of_the_line(patch: Patch) -> None:
    patch.setattr(ordering, "held", lambda line, _charged: line.ordered)


@planted
def it_goes_back_to_stock_twice(patch: Patch) -> None:
    once = reserving.restock
    patch.setattr(ordering, "restock", lambda *all_: (once(*all_), once(*all_)))


@planted
def stock_is_not_reserved(patch: Patch) -> None:
    patch.setattr(ordering, "reserve", nothing)


@planted
def a_cancelled_order_keeps_its_debit(patch: Patch) -> None:
    _rule(patch, "OrderCancelled", lambda _fact: ())


@planted
def a_cancelled_order_stands(patch: Patch) -> None:
    _effect(patch, facts.OrderCancelled, ordering._made_by)


@planted
def an_order_is_cancelled_for_any_sum(patch: Patch) -> None:
    def trusting(connection: Connection, recorded: Any, fact: Any) -> None:
        ordering._not_frozen(connection, recorded, fact.distribution)
        connection.execute(update(ORDER).where(ordering._order(ORDER, recorded, fact)).values(state="cancelled"))
        ordering._made_by(connection, recorded, fact)

    _effect(patch, facts.OrderCancelled, trusting)


@planted
def a_credit_debits(patch: Patch) -> None:
    _rule(patch, "OrderCredited", lambda fact: (Posting(fact.member, GroupAccount.SALES, Cents(-fact.amount)),))


@planted
def more_is_credited_than_an_order_cost(patch: Patch) -> None:
    patch.setattr(ordering, "_credited", lambda *_all: -(10**9))


@planted
def earlier_credits_are_forgotten(patch: Patch) -> None:
    patch.setattr(ordering, "_credited", lambda *_all: 0)


@planted
def a_credit_is_taken_for_a_part_of_the_debit(patch: Patch) -> None:
    _effect(patch, facts.OrderCredited, ordering._made_by)


@planted
def frozen_orders_are_adjusted(patch: Patch) -> None:
    patch.setattr(ordering, "_not_frozen", nothing)


@planted
def an_old_price_is_taken(patch: Patch) -> None:
    original = ordering._offered

    def trusting(connection: Connection, group: int, distribution: Any, lines: Any) -> Any:
        rows = connection.execute(PRODUCT.select().where(PRODUCT.c.group_id == group))
        catalogue = {row.number: row for row in rows}
        today = [line._replace(price=catalogue[line.product].price) for line in lines]
        return original(connection, group, distribution, today)

    patch.setattr(ordering, "_offered", trusting)


@planted
def a_kitty_goes_below_its_floor(patch: Patch) -> None:
    patch.setattr(ordering, "_refuse_below", nothing)


@planted
def a_plan_is_ended_twice(patch: Patch) -> None:
    def trusting(connection: Connection, recorded: Any, fact: Any) -> None:
        this_one = (PLAN.c.group_id == recorded.group) & (PLAN.c.number == fact.plan)
        connection.execute(update(PLAN).where(this_one).values(state=fact.how))

    _effect(patch, facts.PlanEnded, trusting)


@planted
def a_distribution_is_validated_while_payments_wait(patch: Patch) -> None:
    patch.setattr(arranging, "_refuse_planned_payments", nothing)


@planted
def another_distributions_plans_keep_it_from_being_validated(patch: Patch) -> None:
    once = planning.planned_payments
    patch.setattr(arranging, "planned_payments", lambda c, group, _d: sum(once(c, group, d) for d in range(1, 60)))


@pytest.mark.parametrize("name", planted.names)
def test_the_machine_catches_it(lasting_engine: Engine, monkeypatch: Patch, name: str) -> None:
    planted.is_caught(name, monkeypatch, market_machine_on(lasting_engine), walks=WALKS)


def test_the_same_walk_catches_nothing_where_nothing_is_planted(lasting_engine: Engine) -> None:
    hunt(market_machine_on(lasting_engine), 6)
