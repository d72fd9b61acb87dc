"""Orders as anybody would keep them with a pencil, on top of the books: lines, stock, plans, how far each distribution is (B8 to B11)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.ledger.facts import Fact
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
from bot.market.offer_facts import DistributionCancelled, DistributionPlanned, DistributionValidated, ProductChanged
from tests.ledger_model import Group, Move

SALES = -6
WEIGHED = 4
ABOUT_ORDERS = (OrderPlaced, ProductsAdded, OrderAdjusted, OrderCancelled, OrderCredited)

Where = tuple[int, int]
"""(distribution, member)."""


@dataclass
class OrderLine:
    """A line, in pencil; thousandths and cents."""

    product: int
    ordered: int
    quantity: int
    price: int

    @property
    def cost(self) -> int:
        """What it costs, in cents."""
        return cents(self.quantity, self.price)

    @property
    def kept_back(self) -> int:
        """What of the stock it holds."""
        if self.quantity == 0:
            return 0
        return self.ordered if self.product == WEIGHED else min(self.ordered, self.quantity)


@dataclass
class Order:
    """An order, in pencil."""

    lines: list[OrderLine] = field(default_factory=list)
    state: str = "confirmed"
    credited: int = 0

    @property
    def cost(self) -> int:
        """What all lines cost, in cents."""
        return sum(line.cost for line in self.lines)


@dataclass
class Plan:
    """A planned payment, in pencil."""

    member: int
    distribution: int
    amount: int
    state: str = "planned"


def cents(quantity: int, price: int) -> int:
    """Round half up, once."""
    return (2 * quantity * price + 1000) // 2000


@dataclass
class Shop(Group):
    """The books and the market of one group, in pencil. ``begun`` lists the distributions whose pickup has begun."""

    prices: dict[int, int] = field(default_factory=dict)
    stock: dict[int, int | None] = field(default_factory=dict)
    distributions: dict[int, str] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    orders: dict[Where, Order] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)

    def refusal(self, fact: Fact) -> str | None:
        """Name the refusal that a fact meets; None where it is recorded."""
        why = super().refusal(fact)
        if why is not None or not type(fact).__module__.startswith("bot.market"):
            return why
        if isinstance(fact, ABOUT_ORDERS) and self._moves(fact) and fact.member not in self.accounts:
            return "UnknownAccountError"
        if isinstance(fact, ABOUT_ORDERS) and self._moves(fact) and fact.member in self.ended:
            return "AccountClosedError"
        return self._market_refusal(fact)

    def live(self, distribution: int) -> dict[int, Order]:
        """Give the orders of a distribution that stand, by member."""
        return {m: o for (d, m), o in self.orders.items() if d == distribution and o.state == "confirmed"}

    def waiting(self, distribution: int) -> list[int]:
        """List the numbers of what is planned and not handled for a distribution."""
        return [n for n, plan in self.plans.items() if plan.distribution == distribution and plan.state == "planned"]

    def _market_refusal(self, fact: Fact) -> str | None:
        match fact:
            case OrderPlaced() | ProductsAdded():
                return self._order_refusal(fact)
            case OrderAdjusted():
                return self._frozen(fact.distribution) or self._adjustment_refusal(fact)
            case OrderCancelled():
                return self._frozen(fact.distribution) or self._cancellation_refusal(fact)
            case OrderCredited():
                return self._credit_refusal(fact)
            case PlanEnded():
                plan = self.plans.get(fact.plan)
                waits = plan is not None and plan.state == "planned" and plan.member == fact.member
                return None if waits else "PlanHandledError"
            case DistributionValidated() | DistributionCancelled():
                return self._ending_refusal(fact)
        return None

    def _frozen(self, distribution: int) -> str | None:
        state = self.distributions.get(distribution)
        if state is None:
            return "NoOrderError"
        return None if state == "planned" else "FrozenError"

    def _order_refusal(self, fact: OrderPlaced | ProductsAdded) -> str | None:
        there = self.orders.get((fact.distribution, fact.member))
        if why := self._frozen(fact.distribution):
            return why
        if not fact.by_hand and fact.distribution in self.begun:
            return "OrdersNotOpenError"
        if isinstance(fact, OrderPlaced) and there is not None:
            return "OrderExistsError"
        if isinstance(fact, ProductsAdded) and (there is None or there.state != "confirmed"):
            return "NoOrderError"
        if any(line.price != self.prices[line.product] for line in fact.lines):
            return "PriceChangedError"
        if self._more_than_is_left(fact.lines):
            return "StockGoneError"
        cost = sum(line.cost for line in fact.lines)
        too_low = fact.floor is not None and self.accounts[fact.member] - cost < fact.floor
        if not too_low:
            return None
        return "KittyFloorError" if fact.floor else "KittyTooLowError"

    def _more_than_is_left(self, lines: tuple[Line, ...]) -> bool:
        left = dict(self.stock)
        for line in lines:
            there = left[line.product]
            if there is not None:
                left[line.product] = there - line.ordered
        return any(there is not None and there < 0 for there in left.values())

    def _adjustment_refusal(self, fact: OrderAdjusted) -> str | None:
        order = self.orders.get((fact.distribution, fact.member))
        if order is None or order.state != "confirmed":
            return "NoOrderError"
        return None if all(_still(order, change) for change in fact.changes) else "OrderChangedError"

    def _cancellation_refusal(self, fact: OrderCancelled) -> str | None:
        order = self.orders.get((fact.distribution, fact.member))
        if (order.cost if order else 0) != fact.amount:
            return "OrderChangedError"
        return None if order is not None and order.state == "confirmed" else "NoOrderError"

    def _credit_refusal(self, fact: OrderCredited) -> str | None:
        if fact.distribution not in self.distributions:
            return "NoOrderError"
        if self.distributions[fact.distribution] != "validated":
            return "NotFrozenError"
        order = self.orders.get((fact.distribution, fact.member), Order())
        return "CreditTooLargeError" if order.credited + fact.amount > order.cost else None

    def _ending_refusal(self, fact: DistributionValidated | DistributionCancelled) -> str | None:
        known, ending = fact.distribution in self.distributions, isinstance(fact, DistributionValidated)
        if ending and known and fact.distribution not in self.begun:
            return "NotStartedError"
        if (not ending and self.live(fact.distribution)) or self.waiting(fact.distribution):
            return "UndecidedError"
        return self._frozen(fact.distribution)

    def _moves(self, fact: Fact) -> list[Move]:
        match fact:
            case OrderPlaced() | ProductsAdded():
                amount = -sum(cents(line.quantity, line.price) for line in fact.lines)
            case OrderAdjusted():
                was = sum(cents(change.was_quantity, change.was_price) for change in fact.changes)
                amount = was - sum(cents(change.quantity, change.price) for change in fact.changes)
            case OrderCancelled() | OrderCredited():
                amount = fact.amount
            case _:
                return super()._moves(fact)
        return [(fact.member, SALES, amount)] if amount else []

    def _move_payment(self, number: int, fact: Fact) -> None:
        super()._move_payment(number, fact)
        match fact:
            case ProductChanged():
                self.prices[fact.product], self.stock[fact.product] = fact.price, fact.stock
            case DistributionPlanned():
                self.distributions[fact.distribution] = "planned"
            case DistributionValidated():
                self.distributions[fact.distribution] = "validated"
            case DistributionCancelled():
                self.distributions[fact.distribution] = "cancelled"
            case PaymentPlanned():
                self.plans[number] = Plan(fact.member, fact.distribution, fact.amount)
            case PlanEnded():
                self.plans[fact.plan].state = fact.how
            case _:
                self._change_order(fact)

    def _change_order(self, fact: Fact) -> None:
        match fact:
            case OrderPlaced() | ProductsAdded():
                order = self.orders.setdefault((fact.distribution, fact.member), Order())
                for line in fact.lines:
                    order.lines.append(OrderLine(line.product, line.ordered, line.quantity, line.price))
                    self._stock_moves(line.product, -line.ordered)
            case OrderAdjusted():
                for change in fact.changes:
                    self._adjust(self.orders[fact.distribution, fact.member], change, back=fact.restocked)
            case OrderCancelled():
                order = self.orders[fact.distribution, fact.member]
                order.state = "cancelled"
                for kept in order.lines:
                    self._stock_moves(kept.product, kept.kept_back)
            case OrderCredited():
                self.orders[fact.distribution, fact.member].credited += fact.amount
            case _:
                pass

    def _adjust(self, order: Order, change: Change, *, back: bool) -> None:
        line = order.lines[change.line - 1]
        before = line.kept_back
        line.quantity, line.price = change.quantity, change.price
        returned = max(0, before - line.kept_back)
        if back:
            line.ordered -= returned
            self._stock_moves(line.product, returned)

    def _stock_moves(self, product: int, by: int) -> None:
        left = self.stock[product]
        if left is not None:
            self.stock[product] = left + by


def _still(order: Order, change: Change) -> bool:
    if not 1 <= change.line <= len(order.lines):
        return False
    line = order.lines[change.line - 1]
    found = (line.product, line.quantity, line.price)
    return found == (change.product, change.was_quantity, change.was_price)
