"""What is written on a cheque, noted after it was declared or received: kept apart, so that it can be erased (B22, B44)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from bot.groups.tables import ChequeNote
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, Method, private, register
from bot.ledger.journal import Recorded
from bot.ledger.tables import PAYMENT

STANDING = ("declared", "validated")


@register
@dataclass(frozen=True)
class ChequeDescribed(Fact):
    """Somebody says which bank a cheque is of and what its number is; it posts nothing (B22)."""

    member: int
    payment: int
    written: str = private()


class NoSuchChequeError(Refusal):
    """The payment is no cheque of that member, or stands no longer."""

    sentence = N_("Je ne trouve pas ce chèque, ou il n'attend plus rien. Rien n'a changé.")


def cheque_described(connection: Connection, recorded: Recorded, fact: ChequeDescribed) -> None:
    """Keep what is written on a cheque, in the place of what was said before. Raises NoSuchChequeError."""
    query = select(PAYMENT.c.number).where(
        *(PAYMENT.c.group_id == recorded.group, PAYMENT.c.number == fact.payment, PAYMENT.c.member == fact.member),
        *(PAYMENT.c.method == Method.CHEQUE, PAYMENT.c.state.in_(STANDING)),
    )
    if connection.execute(query).first() is None:
        raise NoSuchChequeError
    here = (col(ChequeNote.group_id) == recorded.group) & (col(ChequeNote.payment) == fact.payment)
    connection.execute(delete(ChequeNote).where(here))
    if fact.written:
        row = {"group_id": recorded.group, "payment": fact.payment, "text": fact.written}
        connection.execute(insert(ChequeNote), row)
