"""What may be reversed: a fact once, not a reversal, not while something rests on it (B3)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import FactReversed
from bot.ledger.money import Cents
from bot.ledger.postings import Posting
from bot.ledger.tables import CHEQUE, ENTRY, FACT

REVERSIBLE = {
    *("PaymentValidated", "PaymentReceived", "PaymentRefunded", "PaymentRefused", "OpeningBalanceEntered"),
    *("ChequesDeposited", "ChequeBounced", "CashCounted", "CashBanked", "BalanceWrittenOff", "CreditGiven"),
}


class NothingToReverseError(Refusal):
    """There is no such fact, or it is not one that a reversal undoes."""

    sentence = N_("Le n° {number} ne peut pas être annulé ainsi. Rien n'a changé.")


class ReversalStandsError(Refusal):
    """A reversal is not reversed; the fact is entered again (B3)."""

    sentence = N_(
        "Le n° {number} est déjà une correction : elle ne s'annule pas. Enregistrez de nouveau ce qui manque."
    )


class AlreadyReversedError(Refusal):
    """It was reversed before (B3)."""

    sentence = N_("Le n° {number} a déjà été annulé, le {at:moment}. Rien n'a changé.")


class RestingError(Refusal):
    """A refund rests on the money that this fact brought (B3)."""

    sentence = N_(
        "Un remboursement de {amount:money}, le {at:day} (n° {refund}), a rendu cet argent : "
        "annulez d'abord ce remboursement."
    )


class DepositedError(Refusal):
    """The cheque that this fact brought is on a deposit slip (B3, B22)."""

    sentence = N_("Ce chèque est sur la remise n° {slip} du {at:day} : annulez d'abord cette remise.")


class BouncedError(Refusal):
    """A cheque that this fact brought, or deposited, has bounced (B3, B22)."""

    sentence = N_(
        "Le chèque de {amount:money} (n° {payment}) est noté impayé, le {at:day} (n° {bounced}) : "
        "annulez d'abord cet impayé."
    )


_ORIGINAL = select(FACT.c.kind, FACT.c.body).where(
    FACT.c.group_id == bindparam("group"), FACT.c.number == bindparam("number")
)
_REVERSAL = select(FACT.c.number, FACT.c.at).where(
    FACT.c.group_id == bindparam("group"), FACT.c.reverses == bindparam("number")
)
_POSTED = select(ENTRY).where(ENTRY.c.group_id == bindparam("group"), ENTRY.c.fact == bindparam("number"))
_RESTS = (
    select(CHEQUE.c.payment, CHEQUE.c.amount, CHEQUE.c.slip, CHEQUE.c.bounced, CHEQUE.c.received)
    .where(
        CHEQUE.c.group_id == bindparam("group"),
        (CHEQUE.c.received == bindparam("number")) | (CHEQUE.c.slip == bindparam("number")),
        CHEQUE.c.slip.is_not(None) | CHEQUE.c.bounced.is_not(None),
    )
    .order_by(CHEQUE.c.bounced.is_(None), CHEQUE.c.received)
)
_WHEN = select(FACT.c.at).where(FACT.c.group_id == bindparam("group"), FACT.c.number == bindparam("number"))
_REVERSALS = FACT.alias("reversal")
_STANDING = (
    select(ENTRY.c.seq, ENTRY.c.amount, FACT.c.kind, FACT.c.number, FACT.c.at)
    .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
    .outerjoin(_REVERSALS, (_REVERSALS.c.group_id == FACT.c.group_id) & (_REVERSALS.c.reverses == FACT.c.number))
    .where(
        ENTRY.c.group_id == bindparam("group"),
        ENTRY.c.account == bindparam("member"),
        FACT.c.reverses.is_(None),
        _REVERSALS.c.number.is_(None),
    )
    .order_by(ENTRY.c.seq)
)


class _GivenBack(NamedTuple):
    """A refund that stands: cents given back, and what stood on the account before it."""

    number: int
    at: datetime
    seq: int
    amount: int
    before: int


def refuse_reversal(connection: Connection, group: int, reversal: FactReversed) -> None:
    """Raise the Refusal that says why a fact cannot be reversed; return if it can.

    Raises ValueError for a reversal that names another member than the fact it reverses: a bug.
    """
    number = reversal.reversed
    original = connection.execute(_ORIGINAL, {"group": group, "number": number}).first()
    if original is not None and original.kind == "FactReversed":
        raise ReversalStandsError(number=number)
    if original is None or original.kind not in REVERSIBLE:
        raise NothingToReverseError(number=number)
    if json.loads(original.body).get("member", 0) != reversal.member:
        raise ValueError("a reversal names the member of what it reverses")
    earlier = connection.execute(_REVERSAL, {"group": group, "number": number}).first()
    if earlier is not None:
        raise AlreadyReversedError(number=number, at=earlier.at)
    _refuse_while_refunded(connection, group, number)
    _refuse_while_deposited(connection, group, number)


def _refuse_while_deposited(connection: Connection, group: int, number: int) -> None:
    """A slip rests on the money of its cheques, a bounced cheque on where it was (B22)."""
    found = connection.execute(_RESTS, {"group": group, "number": number}).first()
    if found is None or (found.received != number and found.bounced is None):
        return
    at = connection.execute(_WHEN, {"group": group, "number": found.bounced or found.slip}).scalar_one()
    if found.bounced is not None:
        raise BouncedError(amount=found.amount, payment=found.payment, bounced=found.bounced, at=at)
    raise DepositedError(slip=found.slip, at=at)


def posted_by(connection: Connection, group: int, number: int) -> list[Posting]:
    """Give what a fact posted."""
    rows = connection.execute(_POSTED, {"group": group, "number": number})
    return [Posting(row.account, row.contra, Cents(row.amount)) for row in rows]


def _refuse_while_refunded(connection: Connection, group: int, number: int) -> None:
    """A refund rests on what it could not have given back without it: what stood before, less this, was too small."""
    for credit in connection.execute(_POSTED, {"group": group, "number": number}).all():
        for refund in _refunds(connection, group, credit.account) if credit.amount > 0 else ():
            if refund.seq > credit.seq and refund.before - credit.amount < refund.amount:
                raise RestingError(amount=refund.amount, at=refund.at, refund=refund.number)


def _refunds(connection: Connection, group: int, member: int) -> list[_GivenBack]:
    """List the refunds that stand. What was reversed meanwhile no longer counts as having stood before them."""
    found, before = [], 0
    for row in connection.execute(_STANDING, {"group": group, "member": member}):
        if row.kind == "PaymentRefunded":
            found.append(_GivenBack(row.number, row.at, row.seq, -row.amount, before))
        before += row.amount
    return found
