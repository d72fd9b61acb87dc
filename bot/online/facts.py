"""What can happen to a payment by card on the Internet. Ids, amounts and the provider's names only (B25, B44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.ledger.facts import Fact, private, register
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting, add_rule
from bot.ledger.reversals import REVERSIBLE

NOTHING = Cents(0)


@register
@dataclass(frozen=True)
class OnlineAsked(Fact):
    """A member wants to pay by card; it credits nothing. ``reference`` is ours, and the key by which it is created once.

    ``owed``: what they owed when the amount was proposed, 0 for an amount of their own choice; ``distribution``: the order
    that is being paid, 0 for none. ``platform`` and ``chat`` are where the link is to be shown. Amounts in cents, > 0.
    """

    member: int
    amount: Cents
    reference: str
    provider: str
    owed: Cents = NOTHING
    distribution: int = 0
    platform: str = private()
    chat: str = private()


@register
@dataclass(frozen=True)
class OnlineConfirmed(Fact):
    """The provider says that the payment received by the fact just before is there (B25). It posts the fee, if it is known.

    ``payment`` is that payment's number, 0 for the one received by the fact just before; ``external`` the provider's name
    of it; ``reference`` the checkout that was paid, "" for money that nobody asked for. ``fee`` in cents, None: not known.
    """

    posts_when_closed: ClassVar[bool] = True

    member: int
    amount: Cents
    provider: str
    external: str
    fee: Cents | None = None
    reference: str = ""
    payment: int = 0


@register
@dataclass(frozen=True)
class OnlineFeeKnown(Fact):
    """The provider says later what it keeps of a payment. ``fee`` in cents, 0 or more."""

    posts_when_closed: ClassVar[bool] = True

    provider: str
    external: str
    fee: Cents


@register
@dataclass(frozen=True)
class OnlineRefundAsked(Fact):
    """A coordinator wants money to go back on the card that paid; nothing is posted before the provider agrees.

    ``reference`` is ours, and the key by which it is given back once; ``external`` the payment. ``by_hand``: somebody has
    done it on the provider's own site. Amount in cents, > 0.
    """

    acts_on_account: ClassVar[bool] = True

    member: int
    amount: Cents
    reference: str
    provider: str
    external: str
    by_hand: bool = False


@register
@dataclass(frozen=True)
class OnlineGivenBack(Fact):
    """The refund made by the fact just before went back on the card (B25). ``refund`` is the provider's name of it.

    ``reference`` is that of :class:`OnlineRefundAsked`; ``asked_by`` who asked for it. It posts nothing: the refund has.
    """

    member: int
    amount: Cents
    reference: str
    provider: str
    external: str
    refund: str
    asked_by: int


@register
@dataclass(frozen=True)
class OnlineRefundRefused(Fact):
    """The provider does not give back what was asked for; ``why`` is one of its kinds of refusal."""

    member: int
    amount: Cents
    reference: str
    why: str


@register
@dataclass(frozen=True)
class OnlineStray(Fact):
    """Money reached the provider for nobody we know: a coordinator says whose it is. ``cents`` 0 where it is not known.

    ``member``: whose it is, where they have left and their account is closed; 0: nobody knows.
    """

    provider: str
    external: str
    cents: Cents
    member: int = 0


@register
@dataclass(frozen=True)
class OnlineUnattributed(Fact):
    """Unknown money had been attributed to the wrong member: nobody knows again whose it is (B45).

    ``payment`` is what the fact just after reverses; ``stray`` the number of the :class:`OnlineStray` that told of the money;
    ``fee`` what had been posted for the provider, in cents: it is taken back, and counted anew with the next member.
    """

    acts_on_account: ClassVar[bool] = True

    member: int
    amount: Cents
    provider: str
    external: str
    payment: int
    stray: int
    fee: Cents = NOTHING


@register
@dataclass(frozen=True)
class OnlinePaidOut(Fact):
    """Providers have sent money on to the group's bank (B2). Amount in cents, > 0."""

    amount: Cents


def _fee(fact: OnlineConfirmed | OnlineFeeKnown) -> tuple[Posting, ...]:
    """A fee leaves the online account, and is the group's own expense."""
    if fact.fee is not None and (type(fact.fee) is not int or fact.fee < 0):
        raise ValueError("a fee is whole cents, and no less than nothing")
    return (Posting(GroupAccount.ONLINE, GroupAccount.FEES, fact.fee),) if fact.fee else ()


add_rule("OnlineConfirmed", 1, _fee)
add_rule("OnlineFeeKnown", 1, _fee)


def _unattributed(fact: OnlineUnattributed) -> tuple[Posting, ...]:
    if type(fact.fee) is not int or fact.fee < 0:
        raise ValueError("a fee is whole cents, and no less than nothing")
    return (Posting(GroupAccount.ONLINE, GroupAccount.FEES, Cents(-fact.fee)),) if fact.fee else ()


add_rule("OnlineUnattributed", 1, _unattributed)


def _paid_out(fact: OnlinePaidOut) -> tuple[Posting, ...]:
    if type(fact.amount) is not int or fact.amount <= 0:
        raise ValueError("money is sent on in whole cents, and more than none")
    return (Posting(GroupAccount.ONLINE, GroupAccount.BANK, fact.amount),)


add_rule("OnlinePaidOut", 1, _paid_out)
REVERSIBLE.add("OnlinePaidOut")
