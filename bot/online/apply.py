"""What facts do to links, online payments and refunds: called by the desk in the transaction that records them, under its lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, true, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, FactReversed, Method, PaymentReceived, PaymentValidated
from bot.ledger.journal import BooksClosedError, Recorded
from bot.ledger.postings import GroupAccount
from bot.ledger.prepared import Prepared
from bot.ledger.settling import AccountClosed, AccountClosedError, BalanceWrittenOff, CreditGiven
from bot.ledger.tables import ACCOUNT, BOOK, PAYMENT
from bot.online.asking import CREATE, EXPIRE, REFUND, errand
from bot.online.attributing import OnlineStandsError, refuse_reversal, unattribute
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import (
    OnlineAsked,
    OnlineConfirmed,
    OnlineFeeKnown,
    OnlineGivenBack,
    OnlinePaidOut,
    OnlineRefundAsked,
    OnlineRefundRefused,
    OnlineStray,
    OnlineUnattributed,
)
from bot.online.reading import ALIVE, NOT_COUNTED, under_way
from bot.online.returning import know_fee, restore, see, take_back
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND, ONLINE_STRAY
from bot.online.watching import FIRST


class OnlineCountedError(Refusal):
    """The provider's payment is in the books already: nothing counts twice (B25, B28)."""

    sentence = N_("Ce paiement en ligne est déjà compté. Rien n'a changé.")


class NoMoreToReturnError(Refusal):
    """More would go back than was paid, those refunds counted that are under way."""

    sentence = N_("Il ne reste que {left:money} à rendre de ce paiement par carte. Rien n'a changé.")


class RefundOverError(Refusal):
    """The refund is made or refused already."""

    sentence = N_("Ce remboursement est déjà réglé. Rien n'a changé.")


class OnItsWayBackError(Refusal):
    """Money is on its way to a card: the account is not emptied nor closed under it (B25, B44)."""

    sentence = N_("{amount:money} sont en route vers la carte : attendons que ce soit fait. Rien n'a changé.")


class OnlineShortError(Refusal):
    """Providers do not hold as much."""

    sentence = N_("D'après les comptes, les prestataires ne gardent que {held:money} pour le groupe. Rien n'a changé.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on online payments. Raises the refusals above."""
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def _paid_otherwise(connection: Connection, recorded: Recorded, fact: PaymentReceived | PaymentValidated) -> None:
    """End the links of an amount that has just been received in another way (B28)."""
    if fact.method is not Method.ONLINE:
        end_links(connection, recorded.group, fact.member, cents=fact.amount)


def _stray(connection: Connection, recorded: Recorded, fact: OnlineStray) -> None:
    row = {"group_id": recorded.group, "provider": fact.provider, "external": fact.external, "cents": fact.cents}
    connection.execute(insert(ONLINE_STRAY), {**row, "fact": recorded.number, "at": recorded.at})


def _ask(connection: Connection, recorded: Recorded, fact: OnlineAsked) -> None:
    """Have a link made; of a member only the newest can be paid."""
    end_links(connection, recorded.group, fact.member)
    row = {
        "reference": fact.reference, "group_id": recorded.group, "member": fact.member, "cents": fact.amount,
        "owed": fact.owed, "distribution": fact.distribution, "provider": fact.provider, "external": "",
        "state": "asked", "platform": fact.platform, "chat": fact.chat, "fact": recorded.number,
        "created_at": recorded.at, "expires_at": None, "ask_at": None,
    }  # fmt: skip
    connection.execute(insert(CHECKOUT), row)
    errand(connection, CREATE, fact.reference)


def end_links(connection: Connection, group: int, member: int, *, cents: int | None = None) -> None:
    """End a member's links: all, or those of an amount that was paid otherwise (B28). One that is paid all the same counts."""
    whose = {"group": group, "member": member}
    ended = _END.rows(connection, whose) if cents is None else _END_PAID.rows(connection, {**whose, "of_cents": cents})
    for row in ended:
        if row.external:
            errand(connection, EXPIRE, row.reference)


_THEIRS = (
    (CHECKOUT.c.group_id == bindparam("group"))
    & (CHECKOUT.c.member == bindparam("member"))
    & or_(*(CHECKOUT.c.state == alive for alive in ALIVE))
)
_ENDED = update(CHECKOUT).values(state="superseded").returning(CHECKOUT.c.reference, CHECKOUT.c.external)
_END = Prepared(_ENDED.where(_THEIRS))
_END_PAID = Prepared(_ENDED.where(_THEIRS, CHECKOUT.c.cents == bindparam("of_cents")))
"""Prepared: whatever is received by hand looks for links first, of which there are hardly any."""


def made(connection: Connection, reference: str, *, external: str, expires_at: datetime, ask_at: datetime) -> bool:
    """Note that a checkout is there to be paid; say whether it still is the one that is wanted."""
    here = update(CHECKOUT).where(CHECKOUT.c.reference == reference)
    known = {"external": external, "expires_at": expires_at, "ask_at": ask_at}
    if connection.execute(here.where(CHECKOUT.c.state == "asked").values(**known, state="open")).rowcount:
        return True
    connection.execute(here.where(CHECKOUT.c.external == "").values(**known))
    errand(connection, EXPIRE, reference)
    return False


def end(connection: Connection, reference: str, state: str) -> bool:
    """Note that a link can no longer be paid; say whether it could until now."""
    here = update(CHECKOUT).where(CHECKOUT.c.reference == reference, CHECKOUT.c.state.in_(ALIVE))
    return bool(connection.execute(here.values(state=state)).rowcount)


def _confirm(connection: Connection, recorded: Recorded, fact: OnlineConfirmed) -> None:
    payment = fact.payment or recorded.number - 1
    _require_payment(connection, recorded.group, payment, fact)
    known = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    if connection.execute(select(ONLINE_PAYMENT.c.fact).where(known)).first() is not None:
        raise OnlineCountedError
    row = {
        "provider": fact.provider, "external": fact.external, "group_id": recorded.group, "member": fact.member,
        "cents": fact.amount, "fee": fact.fee, "reference": fact.reference, "payment": payment,
        "fact": recorded.number, "at": recorded.at, "ask_at": recorded.at + FIRST,
    }  # fmt: skip
    connection.execute(insert(ONLINE_PAYMENT), row)
    here = update(CHECKOUT).where(CHECKOUT.c.reference == fact.reference)
    connection.execute(here.values(state="paid"))
    over = CHECKOUT.c.external == "" if fact.fee is None else true()  # else the fee is still asked for
    connection.execute(here.where(over).values(ask_at=None))


def _require_payment(connection: Connection, group: int, payment: int, fact: OnlineConfirmed) -> None:
    """Require that the payment stands, of this member and amount, by card: anything else is a bug."""
    query = select(PAYMENT.c.number).where(
        PAYMENT.c.group_id == group, PAYMENT.c.number == payment, PAYMENT.c.state == "validated",
        PAYMENT.c.member == fact.member, PAYMENT.c.received == fact.amount, PAYMENT.c.method == Method.ONLINE.value,
    )  # fmt: skip
    there = connection.execute(query).first()
    assert there is not None, "an online payment is a payment by card that was just received"


def _know_fee(connection: Connection, recorded: Recorded, fact: OnlineFeeKnown) -> None:
    here = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    ours = here & (ONLINE_PAYMENT.c.group_id == recorded.group)
    known = update(ONLINE_PAYMENT).where(ours, ONLINE_PAYMENT.c.fee.is_(None))
    paid = connection.execute(known.values(fee=fact.fee).returning(ONLINE_PAYMENT.c.reference)).first()
    if paid is None:
        raise OnlineCountedError
    connection.execute(update(CHECKOUT).where(CHECKOUT.c.reference == paid.reference).values(ask_at=None))


def _ask_refund(connection: Connection, recorded: Recorded, fact: OnlineRefundAsked) -> None:
    """Have money given back, no more than is left of it; not where it could not be posted: in closed books, on a closed account."""
    closed = select(BOOK.c.closed).where(BOOK.c.group_id == recorded.group)
    if connection.execute(closed).scalar_one():
        raise BooksClosedError
    account = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == fact.member)
    if connection.execute(select(ACCOUNT.c.closed).where(account)).scalar_one():
        raise AccountClosedError(member=fact.member)
    left = _left(connection, recorded.group, fact)
    if fact.amount > left:
        raise NoMoreToReturnError(left=max(0, left))
    row = {
        "reference": fact.reference, "group_id": recorded.group, "member": fact.member, "cents": fact.amount,
        "provider": fact.provider, "external": fact.external, "state": "asked", "refund": "",
        "asked_by": recorded.author or 0, "fee": 0, "fact": recorded.number, "at": recorded.at,
    }  # fmt: skip
    connection.execute(insert(ONLINE_REFUND), row)
    if not fact.by_hand:
        errand(connection, REFUND, fact.reference)


def _left(connection: Connection, group: int, fact: OnlineRefundAsked) -> int:
    """Give what is left of a payment, in cents; 0 for one that is not this member's."""
    whose = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    theirs = whose & (ONLINE_PAYMENT.c.group_id == group) & (ONLINE_PAYMENT.c.member == fact.member)
    paid = connection.execute(select(ONLINE_PAYMENT.c.cents).where(theirs)).scalar() or 0
    back = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.external == fact.external)
    query = select(func.coalesce(func.sum(ONLINE_REFUND.c.cents), 0)).where(
        back, ONLINE_REFUND.c.state.not_in(NOT_COUNTED)
    )
    return int(paid) - int(connection.execute(query).scalar_one())


def _given_back(connection: Connection, recorded: Recorded, fact: OnlineGivenBack) -> None:
    _end_refund(connection, recorded.group, fact.reference, "done", fact.refund)


def _refund_refused(connection: Connection, recorded: Recorded, fact: OnlineRefundRefused) -> None:
    _end_refund(connection, recorded.group, fact.reference, "refused", "")


def _end_refund(connection: Connection, group: int, reference: str, state: str, refund: str) -> None:
    ours = (ONLINE_REFUND.c.group_id == group) & (ONLINE_REFUND.c.reference == reference)
    here = update(ONLINE_REFUND).where(ours, ONLINE_REFUND.c.state == "asked")
    if not connection.execute(here.values(state=state, refund=refund)).rowcount:
        raise RefundOverError


def _refuse_on_its_way(
    connection: Connection, recorded: Recorded, fact: CreditGiven | BalanceWrittenOff | AccountClosed
) -> None:
    """Keep an avoir where it is until the provider has given back what it was asked for: it would go twice."""
    if isinstance(fact, BalanceWrittenOff) and fact.amount > 0:
        return
    amount = under_way(connection, recorded.group, fact.member)
    here = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == fact.member)
    if connection.execute(select(ACCOUNT.c.balance).where(here)).scalar_one() < amount:
        raise OnItsWayBackError(amount=amount)


def _paid_out(connection: Connection, recorded: Recorded, fact: OnlinePaidOut) -> None:
    """Refuse more than there was: the money has left the account already."""
    here = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == int(GroupAccount.ONLINE))
    held = -int(connection.execute(select(ACCOUNT.c.balance).where(here)).scalar_one())
    if held < 0:
        raise OnlineShortError(held=max(0, held + fact.amount))


__all__ = ["OnlineStandsError"]

_EFFECTS: dict[type[Fact], Callable[[Connection, Recorded, Any], None]] = {
    OnlineAsked: _ask,
    OnlineConfirmed: _confirm,
    OnlineFeeKnown: _know_fee,
    OnlineRefundAsked: _ask_refund,
    OnlineGivenBack: _given_back,
    OnlineRefundRefused: _refund_refused,
    OnlineTakenBack: take_back,
    OnlineRestored: restore,
    OnlineRefundSeen: see,
    OnlineDisputeFeeKnown: know_fee,
    OnlineStray: _stray,
    OnlinePaidOut: _paid_out,
    PaymentReceived: _paid_otherwise,
    PaymentValidated: _paid_otherwise,
    FactReversed: refuse_reversal,
    OnlineUnattributed: unattribute,
    CreditGiven: _refuse_on_its_way,
    BalanceWrittenOff: _refuse_on_its_way,
    AccountClosed: _refuse_on_its_way,
}
