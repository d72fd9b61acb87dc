"""Cheques from hand to hand: received, put on a deposit slip, bounced; the cash box counted (B2, B22, B34).

Where a cheque is moves only by conditional updates under the lock that posts: two slips never hold the same one.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.ledger.drawer import IN_HAND, Cheques
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    Fact,
    Method,
    PaymentReceived,
    PaymentValidated,
)
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.prepared import Prepared
from bot.ledger.tables import ACCOUNT, CHEQUE, FACT, PAYMENT


class ChequeElsewhereError(Refusal):
    """A cheque is no longer where somebody saw it: it was deposited, has bounced, or was taken back meanwhile (B22)."""

    sentence = N_("Le chèque de {amount:money} (n° {payment}) n'est plus là où vous l'avez vu. Rien n'a changé.")


class OnSlipError(Refusal):
    """The cheque is on another deposit slip already (B22)."""

    sentence = N_(
        "Le chèque de {amount:money} (n° {payment}) est déjà sur la remise n° {slip} du {at:day}. Rien n'a changé."
    )


class BouncedAlreadyError(Refusal):
    """A cheque bounces once (B22)."""

    sentence = N_("Le chèque de {amount:money} (n° {payment}) est déjà noté impayé, le {at:day}. Rien n'a changé.")


class CashMovedError(Refusal):
    """Cash came or went while the box was counted."""

    sentence = N_("De l'argent est entré ou sorti de la caisse entre-temps : comptez-la de nouveau. Rien n'a changé.")


class CashShortError(Refusal):
    """More cash would go to the bank than the books know of."""

    sentence = N_("D'après les comptes, la caisse ne contient que {held:money}. Comptez-la d'abord : /caisse.")


_GROUP = CHEQUE.c.group_id == bindparam("group")
_ARRIVE = Prepared(insert(CHEQUE))
_DEPOSIT = Prepared(
    update(CHEQUE)
    .where(_GROUP, CHEQUE.c.payment == bindparam("which"), CHEQUE.c.amount == bindparam("worth"), IN_HAND)
    .values(slip=bindparam("by_fact"))
)
_BOUNCE = Prepared(
    update(CHEQUE)
    .where(
        _GROUP,
        *(CHEQUE.c.payment == bindparam("which"), CHEQUE.c.amount == bindparam("worth")),
        *(CHEQUE.c.bounced.is_(None), CHEQUE.c.returned.is_(None)),
        func.coalesce(CHEQUE.c.slip, 0) == bindparam("was_on"),
    )
    .values(bounced=bindparam("by_fact"))
)
_MARK = Prepared(
    update(PAYMENT)
    .where(
        PAYMENT.c.group_id == bindparam("group"),
        *(PAYMENT.c.number == bindparam("which"), PAYMENT.c.member == bindparam("whose")),
        PAYMENT.c.state == bindparam("was"),
    )
    .values(state=bindparam("becomes"))
)
_GIVE_BACK = (
    update(CHEQUE).where(_GROUP, CHEQUE.c.received == bindparam("undone")).values(returned=bindparam("by_fact"))
)
_OFF_SLIP = update(CHEQUE).where(_GROUP, CHEQUE.c.slip == bindparam("undone")).values(slip=None)
_UNBOUNCE = update(CHEQUE).where(_GROUP, CHEQUE.c.bounced == bindparam("undone")).values(bounced=None)
_UNMARK = (
    update(PAYMENT)
    .where(
        *(PAYMENT.c.group_id == bindparam("group"), PAYMENT.c.state == "bounced"),
        PAYMENT.c.number.in_(select(CHEQUE.c.payment).where(_GROUP, CHEQUE.c.bounced == bindparam("undone"))),
    )
    .values(state="validated")
)
_HELD = select(ACCOUNT.c.balance).where(
    ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number == int(GroupAccount.CASH)
)
_AT = select(FACT.c.at).where(FACT.c.group_id == bindparam("group"), FACT.c.number == bindparam("number"))


def follow(connection: Connection, *, group: int, number: int, fact: Fact) -> None:
    """Do to the cheques what a fact does to them. Raises the refusals above where they are not as the fact says."""
    match fact:
        case PaymentReceived(method=Method.CHEQUE):
            _arrive(connection, group, number, number, fact.amount)
        case PaymentValidated(method=Method.CHEQUE):
            _arrive(connection, group, number, fact.payment, fact.amount)
        case ChequesDeposited():
            _deposit(connection, group, number, fact)
        case ChequeBounced():
            _bounce(connection, group, number, fact)
        case CashCounted() | CashBanked():
            _refuse_cash(_held(connection, group), fact)
        case _:
            pass


def undo(connection: Connection, *, group: int, number: int, undone: int) -> None:
    """Put cheques back where they were before a fact that is reversed (B3)."""
    of = {"group": group, "undone": undone}
    connection.execute(_GIVE_BACK, {**of, "by_fact": number})
    connection.execute(_OFF_SLIP, of)
    connection.execute(_UNMARK, of)
    connection.execute(_UNBOUNCE, of)


def _arrive(connection: Connection, group: int, number: int, payment: int, amount: Cents) -> None:
    cheque = {"group_id": group, "received": number, "payment": payment, "amount": amount}
    _ARRIVE.do(connection, {**cheque, "slip": None, "bounced": None, "returned": None})


def _deposit(connection: Connection, group: int, number: int, fact: ChequesDeposited) -> None:
    for payment, amount in fact.cheques:
        moved = {"group": group, "which": payment, "worth": amount, "by_fact": number}
        if not _DEPOSIT.do(connection, moved):
            raise _why_not(connection, group, payment, amount)


def _bounce(connection: Connection, group: int, number: int, fact: ChequeBounced) -> None:
    moved = {"group": group, "which": fact.payment, "worth": fact.amount, "was_on": fact.slip, "by_fact": number}
    marked = {"group": group, "which": fact.payment, "whose": fact.member, "was": "validated", "becomes": "bounced"}
    if not _MARK.do(connection, marked) or not _BOUNCE.do(connection, moved):
        raise _why_not(connection, group, fact.payment, fact.amount)


def _refuse_cash(held: int, fact: CashCounted | CashBanked) -> None:
    """Refuse what the box, as it is once the fact is posted, cannot be after it."""
    if isinstance(fact, CashCounted) and held != fact.counted:
        raise CashMovedError
    if isinstance(fact, CashBanked) and held < 0:
        raise CashShortError(held=Cents(held + fact.amount))


def _held(connection: Connection, group: int) -> int:
    """Give what the cash box holds once the fact is posted, in cents."""
    return -int(connection.execute(_HELD, {"group": group}).scalar_one())


def _why_not(connection: Connection, group: int, payment: int, amount: Cents) -> Refusal:
    """Say where a cheque is instead."""
    found = Cheques(connection, group).of_payment(payment)
    facts = {"payment": payment, "amount": found.amount if found else amount}
    for where, error in (("bounced", BouncedAlreadyError), ("slip", OnSlipError)):
        fact = getattr(found, where, 0)
        if fact:
            at = connection.execute(_AT, {"group": group, "number": fact}).scalar_one()
            return error(**facts, at=at, slip=fact)
    return ChequeElsewhereError(**facts)
