"""What agreeing to a line of a statement records: each payment once, whichever way it came in (B28)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.banking.facts import BankLineMatched
from bot.banking.line import BankLine
from bot.banking.matching import Expected, Proposal, best_of
from bot.handlers.bank_reading import Compared
from bot.ledger.facts import Fact, Method, PaymentReceived, PaymentValidated
from bot.market.facts import PlanEnded


@dataclass(frozen=True)
class Agreed:
    """A line that a coordinator agreed to: whose it is, and which payment; none where nothing was declared."""

    line: BankLine
    key: str
    member: int
    payment: Expected | None


def facts_of(agreed: Agreed) -> tuple[Fact, ...]:
    """Validate what was declared, end what was planned, credit what nobody had said; what is credited already is linked."""
    line, member, payment = agreed.line, agreed.member, agreed.payment
    known = payment.number if payment is not None and payment.state != "planned" else 0
    matched = BankLineMatched(agreed.key, line.day.isoformat(), member, line.amount, known)
    received = PaymentReceived(member, line.amount, Method.TRANSFER)
    if payment is None:
        return received, matched
    if payment.state == "received":
        return (matched,)
    if payment.state == "planned":
        return PlanEnded(member, payment.number, "received"), received, matched
    return PaymentValidated(member, payment.number, line.amount, Method.TRANSFER, payment.round), matched


def for_member(found: Compared, proposal: Proposal, member: int, taken: Collection[int]) -> Agreed:
    """Give a line to a member a coordinator named: the payment it is, if one like it is expected and not taken yet."""
    proposed = {p.payment.number for p in found.proposals if p.payment is not None and p is not proposal}
    free = [
        p for p in found.known.expected if p.member == member and p.number not in proposed and p.number not in taken
    ]
    return Agreed(proposal.line, proposal.key, member, best_of(free, proposal.line))
