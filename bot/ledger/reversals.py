"""What may be reversed: a fact once, not a reversal, not while something rests on it (B3)."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from bot.ledger.errors import N_, Refusal
from bot.ledger.money import Cents
from bot.ledger.postings import Posting
from bot.ledger.tables import ENTRY, FACT

REVERSIBLE = {"PaymentValidated", "PaymentReceived", "PaymentRefunded", "PaymentRefused", "OpeningBalanceEntered"}


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


_ORIGINAL = select(FACT.c.kind).where(FACT.c.group_id == bindparam("group"), FACT.c.number == bindparam("number"))
_REVERSAL = select(FACT.c.number, FACT.c.at).where(
    FACT.c.group_id == bindparam("group"), FACT.c.reverses == bindparam("number")
)
_POSTED = select(ENTRY).where(ENTRY.c.group_id == bindparam("group"), ENTRY.c.fact == bindparam("number"))
_REVERSALS = FACT.alias("reversal")
_REFUNDS = (
    select(ENTRY.c.amount, ENTRY.c.balance_after, FACT.c.number, FACT.c.at)
    .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
    .outerjoin(_REVERSALS, (_REVERSALS.c.group_id == FACT.c.group_id) & (_REVERSALS.c.reverses == FACT.c.number))
    .where(
        ENTRY.c.group_id == bindparam("group"),
        ENTRY.c.account == bindparam("member"),
        ENTRY.c.seq > bindparam("since"),
        FACT.c.kind == "PaymentRefunded",
        _REVERSALS.c.number.is_(None),
    )
    .order_by(ENTRY.c.seq)
)


def refuse_reversal(connection: Connection, group: int, number: int) -> None:
    """Raise the Refusal that says why the fact of a number cannot be reversed; return if it can."""
    kind = connection.execute(_ORIGINAL, {"group": group, "number": number}).scalar()
    if kind == "FactReversed":
        raise ReversalStandsError(number=number)
    if kind not in REVERSIBLE:
        raise NothingToReverseError(number=number)
    earlier = connection.execute(_REVERSAL, {"group": group, "number": number}).first()
    if earlier is not None:
        raise AlreadyReversedError(number=number, at=earlier.at)
    _refuse_while_refunded(connection, group, number)


def posted_by(connection: Connection, group: int, number: int) -> list[Posting]:
    """Give what a fact posted."""
    rows = connection.execute(_POSTED, {"group": group, "number": number})
    return [Posting(row.account, row.contra, Cents(row.amount)) for row in rows]


def _refuse_while_refunded(connection: Connection, group: int, number: int) -> None:
    """A refund rests on what it could not have given back without it: the balance before, less this, was too small."""
    for credit in connection.execute(_POSTED, {"group": group, "number": number}).all():
        where = {"group": group, "member": credit.account, "since": credit.seq}
        for refund in connection.execute(_REFUNDS, where) if credit.amount > 0 else ():
            before = refund.balance_after - refund.amount
            if before - credit.amount < -refund.amount:
                raise RestingError(amount=-refund.amount, at=refund.at, refund=refund.number)
