"""What can happen to a line of a bank statement."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ledger.facts import Fact, register
from bot.ledger.money import Cents


@register
@dataclass(frozen=True)
class BankLineMatched(Fact):
    """A line of a statement is a payment that stands in the books; it never counts again (B23, B28).

    ``key`` is the line's digest, ``day`` its date as 2026-11-24, ``payment`` the number of a payment of ``member``; 0 is
    the one received by the fact just before. Amount in cents, > 0. It posts nothing: the payment has.
    """

    key: str
    day: str
    member: int
    amount: Cents
    payment: int = 0
