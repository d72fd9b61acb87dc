"""What a provider says went back of a payment, taken in: ours again, noted by hand before, or news to the books (B25)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from bot.desk.card_money import CardMoney
from bot.groups.people import Group
from bot.ledger.facts import Fact, Method, PaymentRefunded
from bot.ledger.money import Cents
from bot.online.answers import WentBack
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import OnlineGivenBack
from bot.online.reading import CardRefund, OnlinePayment, payment, refunds
from bot.online.shown import was_charged
from bot.online.watching import look
from bot.providers import Cause, Withdrawal

TRIED_AGAIN_AFTER = timedelta(hours=1)


def take_in(money: CardMoney, told: WentBack) -> None:
    """Record what the books do not know yet. Where they refuse, the provider is asked again later."""
    for withdrawal in sorted(told.withdrawals, key=lambda one: one.ended):  # what has another name now is the same
        paid = payment(money.connection, told.provider, told.payment)
        if paid is None:
            return
        facts = _renamed(money.connection, paid, withdrawal, told) or _facts(money.connection, paid, withdrawal)
        if facts and not money.record(paid.group, facts, withdrawal.name):
            look(money.connection, told.provider, told.payment, not_before=money.now + TRIED_AGAIN_AFTER)
            return


def returned(found: CardRefund, name: str) -> list[Fact]:
    """Post a refund that we asked for and the provider has made."""
    back = OnlineGivenBack(
        found.member, found.cents, found.reference, found.provider, found.external, name, found.asked_by
    )
    return [PaymentRefunded(found.member, found.cents, Method.ONLINE), back]


def _renamed(connection: Connection, paid: OnlinePayment, told: Withdrawal, answer: WentBack) -> list[Fact]:
    """Tell that a refund has another name than it had: the old one ends as the new one begins, and nothing has moved.

    A provider that tells of it by a payment's state at first, then by an operation of its own (HelloAsso).
    """
    there = refunds(connection, paid.provider, paid.external)
    if told.ended or told.cause is not Cause.REFUND or any(found.refund == told.name for found in there):
        return []
    ended = {(one.name, one.cents) for one in answer.withdrawals if one.ended}
    before = [found for found in there if found.state == "done" and (found.refund, found.cents) in ended]
    if not before or _ours(there, paid, told) is not None:
        return []
    return [_seen(before[0], told.name)]


def _seen(found: CardRefund, name: str) -> OnlineRefundSeen:
    return OnlineRefundSeen(found.member, found.cents, found.reference, found.provider, found.external, name)


def _facts(connection: Connection, paid: OnlinePayment, told: Withdrawal) -> list[Fact]:
    """Make the facts of something that went back: none where it is counted already."""
    there = refunds(connection, paid.provider, paid.external)
    known = next((found for found in there if found.refund == told.name), None)
    charged = _is_open(connection, paid)
    if told.ended:
        if known is None or known.state != "done":
            return []
        names = (known.reference, f"{known.provider}:{known.refund}")
        charged = charged and was_charged(connection, known.group, *names)
        return [_restored(known, told, charged=charged)]
    if known is not None and known.state == "done":
        return _more_kept(known, told)
    ours = None if known else _ours(there, paid, told)
    if ours is None:
        fee = Cents(max(0, told.fee_cents - (known.fee if known else 0)))
        return [
            OnlineTakenBack(
                paid.member, Cents(told.cents), paid.provider, paid.external, told.name, told.cause.value, fee, charged
            )
        ]
    if ours.by_hand:
        return [_seen(ours, told.name)]
    return returned(ours, told.name)


def _more_kept(known: CardRefund, told: Withdrawal) -> list[Fact]:
    """Tell that the provider keeps more for it than it had said; less is not believed of what may not say it."""
    fee, before = Cents(told.fee_cents), known.fee
    if fee <= before:
        return []
    return [OnlineDisputeFeeKnown(known.member, known.provider, known.external, told.name, fee, before)]


def _ours(there: list[CardRefund], paid: OnlinePayment, told: Withdrawal) -> CardRefund | None:
    """Find the refund that this is, asked for here and not answered yet, or noted by hand.

    It carries our key; or nothing else can be meant: the whole payment goes back but once, and what was noted by hand
    was made at the provider's own site. What a bank takes is no refund of ours, were it as much.
    """
    open_ = [found for found in there if found.state == "asked" or found.by_hand]
    if told.key or told.cause is not Cause.REFUND:
        return next((found for found in open_ if found.reference == told.key), None)
    whole = told.cents == paid.cents
    return next((found for found in open_ if found.cents == told.cents and (found.by_hand or whole)), None)


def _is_open(connection: Connection, paid: OnlinePayment) -> bool:
    person = Group(connection, paid.group).member(paid.member)
    return person is not None and not person.closed


def _restored(known: CardRefund, told: Withdrawal, *, charged: bool) -> OnlineRestored:
    return OnlineRestored(
        known.member, known.cents, known.reference, known.provider, known.external, told.name,
        Cents(told.fee_cents - known.fee), charged,
    )  # fmt: skip
