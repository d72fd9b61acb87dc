"""What facts do to the lines of statements: called by the desk in the transaction that records them, under its lock."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, insert, select

from bot.banking.facts import BankLineMatched
from bot.banking.tables import BANK_LINE
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import FactReversed
from bot.ledger.journal import Recorded
from bot.ledger.tables import PAYMENT


class LineCountedError(Refusal):
    """The line, or the payment it would be, has been matched already: nothing counts twice (B28)."""

    sentence = N_("Une ligne de ce relevé vient d'être enregistrée. Rien n'a changé : renvoyez le fichier.")


class PaymentGoneError(Refusal):
    """The payment that the line would be does not stand any more."""

    sentence = N_("Un paiement de ce relevé vient de changer. Rien n'a été enregistré : renvoyez le fichier.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on the lines of statements. Raises LineCountedError, PaymentGoneError."""
    match recorded.fact:
        case BankLineMatched() as fact:
            _match(connection, recorded, fact)
        case FactReversed() as fact:
            where = (BANK_LINE.c.group_id == recorded.group) & (BANK_LINE.c.decided == fact.reversed)
            connection.execute(delete(BANK_LINE).where(where))


def _match(connection: Connection, recorded: Recorded, fact: BankLineMatched) -> None:
    payment = fact.payment or recorded.number - 1
    here = BANK_LINE.c.group_id == recorded.group
    known = select(BANK_LINE.c.fact).where(here, (BANK_LINE.c.key == fact.key) | (BANK_LINE.c.payment == payment))
    if connection.execute(known).first() is not None:
        raise LineCountedError
    decided = _decided(connection, recorded.group, payment, fact)
    row = {"key": fact.key, "day": date.fromisoformat(fact.day), "member": fact.member, "amount": fact.amount}
    which = {"group_id": recorded.group, "payment": payment, "decided": decided, "fact": recorded.number}
    connection.execute(insert(BANK_LINE), {**row, **which})


def _decided(connection: Connection, group: int, payment: int, fact: BankLineMatched) -> int:
    """Find the fact that credited the payment: it must stand, for this member and this amount."""
    query = select(PAYMENT.c.decided).where(
        PAYMENT.c.group_id == group, PAYMENT.c.number == payment, PAYMENT.c.state == "validated",
        PAYMENT.c.member == fact.member, PAYMENT.c.received == fact.amount,
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None:
        raise PaymentGoneError
    return int(row.decided)
