"""What each fact does to the accounts: pure, a fact in, entries that sum to zero out (B2).

Convention: a member's account is credit-positive (more than zero: the group owes the member); the other side of every
posting is one of the group's own accounts. When a rule changes, the old version's function stays beside the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    Fact,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentValidated,
)
from bot.ledger.money import LARGEST, Cents


class GroupAccount(IntEnum):
    """The group's own accounts. Negative numbers: a member's account has a positive one."""

    CASH = -1
    CHEQUES = -2
    BANK = -3
    TERMINAL = -4
    ONLINE = -5
    SALES = -6
    OPENING = -7
    FEES = -8
    WRITE_OFF = -9


LANDS_IN = {
    Method.CASH: GroupAccount.CASH,
    Method.CHEQUE: GroupAccount.CHEQUES,
    Method.TRANSFER: GroupAccount.BANK,
    Method.TERMINAL: GroupAccount.TERMINAL,
    Method.ONLINE: GroupAccount.ONLINE,
}
"""Where money of a method is, once received. A kitty is no money received: it has no place here (B18)."""


@dataclass(frozen=True)
class Posting:
    """One transfer: ``amount`` cents are added to ``account`` and taken from ``contra``."""

    account: int
    contra: int
    amount: Cents


def postings(fact: Fact) -> tuple[Posting, ...]:
    """Give the postings of a fact, by the rule of its version; none for a fact that moves no money.

    Raises ValueError for a fact that no conversation should have made (an amount that is zero, negative, absurd or not
    whole, money by a kitty), and for a version of which the rule is not known.
    """
    versions = _RULES.get(type(fact).__name__)
    if versions is None:
        return ()
    if fact.version not in versions:
        raise ValueError(f"no rule for version {fact.version} of {type(fact).__name__}")
    return versions[fact.version](fact)


def add_rule(kind: str, version: int, rule: Callable[[Any], tuple[Posting, ...]]) -> None:
    """Add the rule of a kind of fact that an area defines; each version has one."""
    versions = _RULES.setdefault(kind, {})
    assert version not in versions, f"two rules for version {version} of {kind}"
    versions[version] = rule


def ruled() -> dict[str, tuple[int, ...]]:
    """List the kinds of facts that have rules here, and the versions known of each."""
    return {kind: tuple(versions) for kind, versions in _RULES.items()}


def mirror(posted: Iterable[Posting]) -> tuple[Posting, ...]:
    """Give the postings that take others back (B3)."""
    return tuple(Posting(p.account, p.contra, Cents(-p.amount)) for p in posted)


def place_of(method: Method) -> GroupAccount:
    """Give the account where money of a method lands. Raises ValueError for one that brings no money: the kitty."""
    if method not in LANDS_IN:
        raise ValueError(f"no money is received by {method}")
    return LANDS_IN[method]


def _declared(fact: PaymentDeclared) -> tuple[Posting, ...]:
    place_of(fact.method)  # what could never be received is not declared
    more_than_nothing(fact.amount)
    return ()


def _received(fact: PaymentValidated | PaymentReceived) -> tuple[Posting, ...]:
    return (Posting(fact.member, place_of(fact.method), more_than_nothing(fact.amount)),)


def _refunded(fact: PaymentRefunded) -> tuple[Posting, ...]:
    return (Posting(fact.member, place_of(fact.method), Cents(-more_than_nothing(fact.amount))),)


def _refunded_by_the_bank(fact: PaymentRefunded) -> tuple[Posting, ...]:
    """A cheque that the group writes leaves its bank, not the cheques in hand."""
    place = GroupAccount.BANK if fact.method is Method.CHEQUE else place_of(fact.method)
    return (Posting(fact.member, place, Cents(-more_than_nothing(fact.amount))),)


def _deposited(fact: ChequesDeposited) -> tuple[Posting, ...]:
    if len({payment for payment, _amount in fact.cheques}) != len(fact.cheques):
        raise ValueError("a cheque is on a slip once")
    total = sum(more_than_nothing(amount) for _payment, amount in fact.cheques)
    return (Posting(GroupAccount.CHEQUES, GroupAccount.BANK, more_than_nothing(Cents(total))),)


def _bounced(fact: ChequeBounced) -> tuple[Posting, ...]:
    place = GroupAccount.BANK if fact.slip else GroupAccount.CHEQUES
    money = Posting(fact.member, place, Cents(-more_than_nothing(fact.amount)))
    if not fact.fee:
        return (money,)
    return (money, Posting(fact.member, GroupAccount.FEES, Cents(-more_than_nothing(fact.fee))))


def _counted(fact: CashCounted) -> tuple[Posting, ...]:
    if type(fact.counted) is not int or type(fact.expected) is not int or fact.counted < 0:
        raise ValueError("a cash box holds whole cents, and no less than nothing")
    if not fact.amount:
        return ()
    return (Posting(GroupAccount.CASH, GroupAccount.WRITE_OFF, Cents(-whole(fact.amount))),)


def _banked(fact: CashBanked) -> tuple[Posting, ...]:
    return (Posting(GroupAccount.CASH, GroupAccount.BANK, more_than_nothing(fact.amount)),)


def _opening(fact: OpeningBalanceEntered) -> tuple[Posting, ...]:
    return (Posting(fact.member, GroupAccount.OPENING, whole(fact.amount)),)


def more_than_nothing(amount: Cents) -> Cents:
    """Give an amount in cents that is above zero. Raises ValueError for another."""
    if whole(amount) < 0:
        raise ValueError("money changes hands in amounts above zero")
    return amount


def whole(amount: Cents) -> Cents:
    """Give an amount in cents that is whole, not zero, and not absurd. Raises ValueError for another."""
    if type(amount) is not int or amount == 0:
        raise ValueError("amounts are whole cents, and not zero")
    if abs(amount) > LARGEST:
        raise ValueError("an amount is too large for the books")
    return amount


_RULES: dict[str, dict[int, Callable[[Any], tuple[Posting, ...]]]] = {
    "PaymentDeclared": {1: _declared},
    "PaymentValidated": {1: _received},
    "PaymentReceived": {1: _received},
    "PaymentRefunded": {1: _refunded, 2: _refunded_by_the_bank},
    "OpeningBalanceEntered": {1: _opening},
    "ChequesDeposited": {1: _deposited},
    "ChequeBounced": {1: _bounced},
    "CashCounted": {1: _counted},
    "CashBanked": {1: _banked},
}
