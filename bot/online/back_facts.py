"""What can happen to money that goes back on a card by other hands than ours: the provider's own site, the payer's bank (B25)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ledger.facts import Fact, register
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting, add_rule, more_than_nothing, whole
from bot.online.facts import NOTHING


@register
@dataclass(frozen=True)
class OnlineTakenBack(Fact):
    """Money of a payment went back and nobody here had asked for it: at the provider's own site, or by the payer's bank.

    ``refund`` is the provider's name of the refund or the dispute, which ``reason`` says; ``external`` the payment. Amounts
    in cents: ``amount`` > 0 leaves the member's account, ``fee`` is what the provider keeps for it, the group's expense.
    ``charged`` False: the account is closed, and the group bears it (B44).
    """

    member: int
    amount: Cents
    provider: str
    external: str
    refund: str
    reason: str
    fee: Cents = NOTHING
    charged: bool = True


@register
@dataclass(frozen=True)
class OnlineRestored(Fact):
    """Money that had gone back is there again: a refund that failed, a dispute that was won.

    ``reference`` is that of what went back; ``fee``: what the provider keeps for it more than it did, in cents, less than
    zero for what it gives back of it. ``charged``: see :class:`OnlineTakenBack`.
    """

    member: int
    amount: Cents
    reference: str
    provider: str
    external: str
    refund: str
    fee: Cents = NOTHING
    charged: bool = True


@register
@dataclass(frozen=True)
class OnlineRefundSeen(Fact):
    """The provider shows a refund that somebody had noted by hand, or that it named otherwise: it counts once. It posts nothing."""

    member: int
    amount: Cents
    reference: str
    provider: str
    external: str
    refund: str


@register
@dataclass(frozen=True)
class OnlineDisputeFeeKnown(Fact):
    """The provider keeps more for a dispute than it had said: a second fee where it is answered, told of under the same name.

    ``fee`` is all that it keeps, ``before`` what the books had of it, in cents: they hold from now on what is between (B2).
    """

    member: int
    provider: str
    external: str
    refund: str
    fee: Cents
    before: Cents


def _taken_back(fact: OnlineTakenBack) -> tuple[Posting, ...]:
    if type(fact.fee) is not int or fact.fee < 0:
        raise ValueError("a fee is whole cents, and no less than nothing")
    fee = (Posting(GroupAccount.ONLINE, GroupAccount.FEES, fact.fee),) if fact.fee else ()
    return (_moved(fact, Cents(-more_than_nothing(fact.amount))), *fee)


def _restored(fact: OnlineRestored) -> tuple[Posting, ...]:
    fee = (Posting(GroupAccount.ONLINE, GroupAccount.FEES, whole(fact.fee)),) if fact.fee else ()
    return (_moved(fact, more_than_nothing(fact.amount)), *fee)


def _moved(fact: OnlineTakenBack | OnlineRestored, cents: Cents) -> Posting:
    """Add cents to the member's account, or to what the group has let go of."""
    if fact.charged:
        return Posting(fact.member, GroupAccount.ONLINE, cents)
    return Posting(GroupAccount.ONLINE, GroupAccount.WRITE_OFF, Cents(-cents))


add_rule("OnlineTakenBack", 1, _taken_back)
add_rule("OnlineRestored", 1, _restored)


def _fee_known(fact: OnlineDisputeFeeKnown) -> tuple[Posting, ...]:
    if type(fact.before) is not int or fact.before < 0:
        raise ValueError("a fee is whole cents, and no less than nothing")
    return (Posting(GroupAccount.ONLINE, GroupAccount.FEES, more_than_nothing(Cents(fact.fee - fact.before))),)


add_rule("OnlineDisputeFeeKnown", 1, _fee_known)
