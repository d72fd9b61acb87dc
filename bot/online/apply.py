"""What facts do to links, online payments and refunds: called by the desk in the transaction that records them, under its lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, insert, select, true, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, FactReversed, Method, PaymentReceived, PaymentValidated
from bot.ledger.journal import Recorded
from bot.ledger.postings import GroupAccount
from bot.ledger.settling import AccountClosed, BalanceWrittenOff, CreditGiven
from bot.ledger.tables import ACCOUNT, PAYMENT
from bot.online.attributing import refuse_reversal, unattribute
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
from bot.online.giving_back import ask_refund, note_given_back, note_refused, refuse_on_its_way
from bot.online.links import ask, end_paid_otherwise
from bot.online.returning import know_fee, restore, see, take_back
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_STRAY
from bot.online.watching import FIRST


class OnlineCountedError(Refusal):
    """The provider's payment is in the books already: nothing counts twice (B25, B28)."""

    sentence = N_("Ce paiement en ligne est déjà compté. Rien n'a changé.")


class OnlineShortError(Refusal):
    """Providers do not hold as much."""

    sentence = N_("D'après les comptes, les prestataires ne gardent que {held:money} pour le groupe. Rien n'a changé.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on online payments. Raises the refusals above, and those of links, refunds and what came back."""
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def _stray(connection: Connection, recorded: Recorded, fact: OnlineStray) -> None:
    row = {"group_id": recorded.group, "provider": fact.provider, "external": fact.external, "cents": fact.cents}
    connection.execute(insert(ONLINE_STRAY), {**row, "fact": recorded.number, "at": recorded.at})


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


def _paid_out(connection: Connection, recorded: Recorded, fact: OnlinePaidOut) -> None:
    """Refuse more than there was: the money has left the account already."""
    here = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == int(GroupAccount.ONLINE))
    held = -int(connection.execute(select(ACCOUNT.c.balance).where(here)).scalar_one())
    if held < 0:
        raise OnlineShortError(held=max(0, held + fact.amount))


_EFFECTS: dict[type[Fact], Callable[[Connection, Recorded, Any], None]] = {
    OnlineAsked: ask,
    OnlineConfirmed: _confirm,
    OnlineFeeKnown: _know_fee,
    OnlineRefundAsked: ask_refund,
    OnlineGivenBack: note_given_back,
    OnlineRefundRefused: note_refused,
    OnlineTakenBack: take_back,
    OnlineRestored: restore,
    OnlineRefundSeen: see,
    OnlineDisputeFeeKnown: know_fee,
    OnlineStray: _stray,
    OnlinePaidOut: _paid_out,
    PaymentReceived: end_paid_otherwise,
    PaymentValidated: end_paid_otherwise,
    FactReversed: refuse_reversal,
    OnlineUnattributed: unattribute,
    CreditGiven: refuse_on_its_way,
    BalanceWrittenOff: refuse_on_its_way,
    AccountClosed: refuse_on_its_way,
}
