"""What can happen to orders, and to what is planned to pay them: facts, kept in the group's journal (B6, B10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bot.ledger import money
from bot.ledger.facts import Fact, Method, private, register
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting, add_rule


class Line(NamedTuple):
    """What is ordered of a product, at the price fixed when it was confirmed.

    ``ordered`` is what the member asked for, ``quantity`` what is charged (pieces weighed later count at their estimate):
    both in thousandths. ``price`` is in cents per unit.
    """

    product: int
    ordered: int
    quantity: int
    price: int

    @property
    def cost(self) -> Cents:
        """What the line costs, in cents: rounded once (B7)."""
        return money.line(self.quantity, Cents(self.price))


class Change(NamedTuple):
    """A line of an order as it was and as it becomes: quantities charged in thousandths, prices in cents per unit."""

    line: int
    product: int
    was_quantity: int
    was_price: int
    quantity: int
    price: int

    @property
    def difference(self) -> Cents:
        """What the member owes more, in cents; less than zero when they owe less."""
        before = money.line(self.was_quantity, Cents(self.was_price))
        return Cents(money.line(self.quantity, Cents(self.price)) - before)


def total(lines: Iterable[Line]) -> Cents:
    """Sum up what lines cost, in cents."""
    return Cents(sum(line.cost for line in lines))


class _WithLines(Fact):
    """A fact about lines: JSON gives lists back, which become lines again."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(Line(*line) for line in getattr(self, "lines")))  # noqa: B009 - declared below


@register
@dataclass(frozen=True)
class OrderPlaced(_WithLines):
    """A basket is confirmed: the account is debited, the prices are fixed, the stock is reserved (B8, B11).

    ``by_hand``: entered by whoever runs the distribution, for a member, after orders have closed too. ``floor``, in cents:
    what the balance must not fall below, in a kitty group (B18).
    """

    member: int
    distribution: int
    lines: tuple[Line, ...]
    by_hand: bool = False
    floor: int | None = None


@register
@dataclass(frozen=True)
class ProductsAdded(_WithLines):
    """A complement: products added to a confirmed order, at today's price (B9). ``by_hand`` and ``floor`` as for OrderPlaced."""

    member: int
    distribution: int
    lines: tuple[Line, ...]
    by_hand: bool = False
    floor: int | None = None


@register
@dataclass(frozen=True)
class OrderAdjusted(Fact):
    """Lines of an order are not what was confirmed: weighed, missing, another price (B10, B13).

    ``restocked``: what is taken off goes back to stock, as when a member changed their mind before the distribution.
    """

    member: int
    distribution: int
    changes: tuple[Change, ...]
    restocked: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", tuple(Change(*change) for change in self.changes))


@register
@dataclass(frozen=True)
class OrderCancelled(Fact):
    """The distribution does not take place: the whole debit, ``amount`` in cents, is taken back (B35)."""

    member: int
    distribution: int
    amount: Cents


@register
@dataclass(frozen=True)
class OrderCredited(Fact):
    """« Avoir sur commande » after the validation: missing or spoiled, told the next day. ``amount`` in cents (B10)."""

    member: int
    distribution: int
    amount: Cents
    reason: str = private()


@register
@dataclass(frozen=True)
class RemovalAsked(Fact):
    """A member asks the coordinators to take something off a confirmed order (B9)."""

    member: int
    distribution: int
    line: int
    note: str = private()


@register
@dataclass(frozen=True)
class RemovalDecided(Fact):
    """A coordinator granted what a member asked, or did not (B9). ``asked`` is the number of the request."""

    member: int
    asked: int
    granted: bool
    reason: str = private()


@register
@dataclass(frozen=True)
class PaymentPlanned(Fact):
    """What the member chose at checkout: an intention, in cents > 0. It credits nothing and covers nothing (B17)."""

    member: int
    distribution: int
    amount: Cents
    method: Method


@register
@dataclass(frozen=True)
class PlanEnded(Fact):
    """A planned payment is handled: ``how`` is received, declared, replaced or lapsed. ``plan`` is its number (B17, B33)."""

    member: int
    plan: int
    how: str


@register
@dataclass(frozen=True)
class VisitEnded(Fact):
    """A member's visit at the pickup is over: they are told once of all that changed (B10)."""

    member: int
    distribution: int


def _ordered(fact: OrderPlaced | ProductsAdded) -> tuple[Posting, ...]:
    return _sold(fact.member, Cents(-total(fact.lines)))


def _adjusted(fact: OrderAdjusted) -> tuple[Posting, ...]:
    return _sold(fact.member, Cents(-sum(change.difference for change in fact.changes)))


def _given_back(fact: OrderCancelled | OrderCredited) -> tuple[Posting, ...]:
    return _sold(fact.member, fact.amount)


def _sold(member: int, amount: Cents) -> tuple[Posting, ...]:
    """Move a sale's worth: less than zero is a debit. A change that costs nothing posts nothing."""
    return (Posting(member, GroupAccount.SALES, amount),) if amount else ()


add_rule("OrderPlaced", 1, _ordered)
add_rule("ProductsAdded", 1, _ordered)
add_rule("OrderAdjusted", 1, _adjusted)
add_rule("OrderCancelled", 1, _given_back)
add_rule("OrderCredited", 1, _given_back)
