"""The ledger's machine with a market: orders, complements, adjustments, credits, plans, distributions validated and cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import ClassVar, cast

from hypothesis.stateful import initialize, invariant
from sqlalchemy import Engine

from bot.ledger import money
from bot.ledger.facts import AccountOpened, Fact, Method, PaymentReceived
from bot.ledger.journal import Recorded, open_book
from bot.ledger.money import Cents
from bot.market import apply as market_apply
from bot.market.facts import (
    Change,
    Line,
    OrderAdjusted,
    OrderCancelled,
    OrderCredited,
    OrderPlaced,
    PaymentPlanned,
    PlanEnded,
    ProductsAdded,
)
from bot.market.market import Market
from bot.market.offer_facts import DistributionCancelled, DistributionPlanned, DistributionValidated
from tests.bookkeeping import NOW
from tests.ledger_machine import ACTIONS, GROUPS, LedgerMachine
from tests.ledger_model import Group
from tests.market_model import WEIGHED, Order, Shop
from tests.market_stall import CATALOGUE

LEFT = {2: 9000, WEIGHED: 6000}
"""What is left of the eggs and of the chickens: little, so that it runs out."""

OPEN = 2
"""Every second distribution is still to come, its orders open; the others have begun."""


class MarketMachine(LedgerMachine):
    """Facts of two groups and their markets, in one transaction that is taken back at the end."""

    actions: ClassVar[dict[str, float]] = {
        **{name: weight / 6 for name, weight in ACTIONS.items()},
        "order": 7, "adjust": 3, "plan": 2, "end_a_plan": 1.5, "end_a_distribution": 2.5, "credit": 4, "cancel_an_order": 1,
        "change_the_catalogue": 0.8, "plan_a_distribution": 1,
    }  # fmt: skip
    books: ClassVar[type[Group]] = Shop

    @initialize()
    def open(self) -> None:
        """Open the books and a small market in each group: two distributions, one begun, one to come."""
        for group in GROUPS:
            open_book(self.connection, group)
            for fact in (
                *(AccountOpened(member) for member in (1, 2)),
                *(replace(product, stock=LEFT.get(product.product)) for product in CATALOGUE),
            ):
                self.record(group, fact)
            for _ in range(2):
                self.plan_a_distribution(group, Random(0))

    def shop(self, group: int) -> Shop:
        """Give a group's market, in pencil."""
        return cast(Shop, self.pencil[group])

    def carry_out(self, done: Recorded) -> None:
        """Do what a fact does to the market's tables."""
        super().carry_out(done)
        market_apply.apply(self.connection, done)

    def plan_a_distribution(self, group: int, _dice: Random) -> None:
        """One more distribution: begun yesterday, or to come tomorrow."""
        number = len(self.shop(group).distributions) + 1
        starts = NOW + timedelta(days=1 if number % OPEN == 0 else -1)
        moments = (starts, starts + timedelta(hours=2), starts - timedelta(days=9), starts - timedelta(hours=3))
        texts = [moment.isoformat() for moment in moments]
        self.record(group, DistributionPlanned(number, texts[0], texts[1], texts[2], texts[3], f"Place {number}"))
        if number % OPEN:
            self.shop(group).begun.add(number)

    def order(self, group: int, dice: Random) -> None:
        """Somebody orders, or adds to an order; at times at an old price, too much, too late, or with too little in a kitty."""
        shop = self.shop(group)
        member, distribution = self.somebody(dice), self.some_distribution(group, dice)
        products = dice.choices(sorted(shop.prices), [3, 2, 1, 2], k=dice.randint(1, 3))
        lines = tuple(self.line(shop, product, dice) for product in products)
        there = (distribution, member) in shop.orders
        kind = ProductsAdded if there == dice.choice([True] * 9 + [False]) else OrderPlaced
        floor = dice.choice([None] * 6 + [0, -3000])
        self.record(group, kind(member, distribution, lines, by_hand=dice.random() < 0.8, floor=floor))

    def line(self, shop: Shop, product: int, dice: Random) -> Line:
        """Make a line: mostly a few, at the price there is."""
        price = shop.prices[product] + dice.choice([0] * 15 + [10])
        ordered = dice.randint(1, 3000) if product == 1 else 1000 * dice.choice([1, 1, 1, 2, 2, 3, 8])
        return Line(product, ordered, ordered * 900 // 1000 if product == WEIGHED else ordered, price)

    def adjust(self, group: int, dice: Random) -> None:
        """A line is weighed, missing, taken off, changed in price; at times by somebody who saw it as it was before."""
        found = self.some_order(group, dice)
        if found is None:
            return
        (distribution, member), order = found
        number = dice.randint(1, len(order.lines))
        line = order.lines[number - 1]
        quantity = dice.choice(
            [0, line.quantity // 2000 * 1000, line.quantity + 250 * dice.randint(0, 8), line.ordered]
        )
        price = line.price + dice.choice([0, 0, 0, 25, -5])
        stale = dice.choice([0] * 12 + [1])
        change = Change(number, line.product, line.quantity + stale, line.price, quantity, price)
        self.record(group, OrderAdjusted(member, distribution, (change,), restocked=dice.random() < 0.4))

    def plan(self, group: int, dice: Random) -> None:
        """Somebody says how they will pay."""
        method = dice.choice([Method.CASH, Method.CHEQUE])
        amount = Cents(dice.randint(1, 5000))
        self.record(group, PaymentPlanned(dice.choice([1, 2]), self.some_distribution(group, dice), amount, method))

    def end_a_plan(self, group: int, dice: Random) -> None:
        """What was planned is received, replaced, or lapses; at times a second time."""
        plans = self.shop(group).plans
        number = dice.choice(list(plans)[-5:] or [99])
        member = plans[number].member if number in plans else 1
        how = dice.choice(["received", "declared", "replaced", "lapsed"])
        fact = PlanEnded(dice.choice([member] * 8 + [member % 2 + 1]), number, how)
        accepted = self.shop(group).refusal(fact) is None
        self.record(group, fact)
        if accepted and how == "received":
            self.record(group, PaymentReceived(member, Cents(plans[number].amount), Method.CASH))

    def end_a_distribution(self, group: int, dice: Random) -> None:
        """A distribution is validated or cancelled: in a third of cases with nothing decided before."""
        shop, number, validated = self.shop(group), self.some_distribution(group, dice), dice.random() < 0.5
        if dice.random() < 0.7 and shop.distributions.get(number) == "planned":
            for plan in shop.waiting(number):
                self.record(group, PlanEnded(shop.plans[plan].member, plan, "lapsed"))
            for member, order in shop.live(number).items() if not validated else ():
                self.record(group, OrderCancelled(member, number, Cents(order.cost)))
        ending: Fact = DistributionValidated(number) if validated else DistributionCancelled(number)
        self.record(group, ending)
        if not any(state == "planned" for state in shop.distributions.values()):
            self.plan_a_distribution(group, dice)

    def credit(self, group: int, dice: Random) -> None:
        """Something was spoiled: part of an order is given back after the validation, or is asked for before it."""
        validated = [
            where for where in self.shop(group).orders if self.shop(group).distributions[where[0]] == "validated"
        ]
        where = dice.choice(validated[-3:] or [(self.some_distribution(group, dice), self.somebody(dice))])
        cost = self.shop(group).orders[where].cost if where in self.shop(group).orders else 1000
        amount = Cents(max(1, dice.choice([cost, cost // 2, cost // 2, cost // 3 + 1, cost - 1, 300])))
        self.record(group, OrderCredited(where[1], where[0], amount, reason="abîmé"))

    def cancel_an_order(self, group: int, dice: Random) -> None:
        """An order is cancelled alone; at times for another sum than it costs."""
        found = self.some_order(group, dice)
        if found is not None:
            (distribution, member), order = found
            amount = Cents(order.cost + dice.choice([0] * 4 + [1]))
            self.record(group, OrderCancelled(member, distribution, amount))

    def change_the_catalogue(self, group: int, dice: Random) -> None:
        """A price changes, or more has come in."""
        shop, before = self.shop(group), CATALOGUE[dice.randint(0, 3)]
        now = replace(before, price=Cents(shop.prices[before.product]), stock=shop.stock[before.product])
        if now.stock is None or dice.random() < 0.3:
            after = replace(now, price=Cents(now.price + dice.choice([10, -10])), was=(("price", now.price),))
        else:
            after = replace(now, stock=now.stock + 4000, was=(("stock", now.stock),))
        self.record(group, after)

    def somebody(self, dice: Random) -> int:
        """Pick a member: 3 may have come, 9 never does."""
        return dice.choice([1] * 5 + [2] * 4 + [3, 9])

    def some_distribution(self, group: int, dice: Random) -> int:
        """Pick a distribution: mostly the latest, at times one that is not there."""
        last = len(self.shop(group).distributions)
        return dice.choice([last, last - 1] * 6 + [dice.randint(1, last), last + 7])

    def some_order(self, group: int, dice: Random) -> tuple[tuple[int, int], Order] | None:
        """Pick an order: mostly one that can still change."""
        shop = self.shop(group)
        going = [
            where for where, o in shop.orders.items() if o.state + shop.distributions[where[0]] == "confirmedplanned"
        ]
        wheres = dice.choice([going] * 7 + [list(shop.orders)]) or list(shop.orders)
        return (where := dice.choice(wheres), shop.orders[where]) if wheres else None

    @invariant()
    def the_same_orders_are_in_both(self) -> None:
        """Lines, stock, plans and distributions are those of the pencil, and every order costs what was debited for it."""
        for group in self.pencil:
            shop, market = self.shop(group), Market(self.connection, group, NOW)
            assert {p.number: (p.price, p.stock) for p in market.catalogue.values()} == {
                number: (price, shop.stock[number]) for number, price in shop.prices.items()
            }
            assert {d.number: d.state for d in market.distributions} == shop.distributions
            assert [plan.number for plan in market.plans()] == [
                n for n, p in shop.plans.items() if p.state == "planned"
            ]
            found = {(d, order.member): order for d in shop.distributions for order in market.orders(d)}
            assert found.keys() == shop.orders.keys()
            for where, order in found.items():
                lines = [(line.product, line.ordered, line.quantity, line.price) for line in order.lines]
                pencil = shop.orders[where]
                assert lines == [(li.product, li.ordered, li.quantity, li.price) for li in pencil.lines]
                assert (order.state, sum(money.line(li.quantity, li.price) for li in order.lines)) == (
                    pencil.state,
                    pencil.cost,
                )


def market_machine_on(engine: Engine) -> type[MarketMachine]:
    """Make the machine for a database that has the tables and no books."""
    return type("MarketMachine", (MarketMachine,), {"engine": engine})
