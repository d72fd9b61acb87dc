"""The states of a payment, moved only by conditional updates under the lock that posts (B20, B21, B27).

``declared`` becomes ``validated``, ``refused`` or ``withdrawn``, once; a reversed decision brings it back to
``declared`` in the next round; a payment received without declaration becomes ``reversed``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import (
    Fact,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.prepared import Prepared
from bot.ledger.tables import BIG, FACT, PAYMENT


class AlreadyDecidedError(Refusal):
    """The payment was decided before, or the button is of an earlier round (B21). ``by`` is who did it, ``at`` when."""

    sentence = N_("C'est déjà fait. Rien n'a changé.")

    def __init__(self, *, payment: int, state: str, by: int | None, at: datetime | None) -> None:
        super().__init__(payment=payment)
        self.payment, self.state, self.by, self.at = payment, state, by, at


_INSERT = Prepared(insert(PAYMENT))
_DECIDING = (
    update(PAYMENT)
    .where(
        PAYMENT.c.group_id == bindparam("group"),
        PAYMENT.c.number == bindparam("payment"),
        PAYMENT.c.member == bindparam("whose"),
        PAYMENT.c.state == "declared",
    )
    .values(
        state=bindparam("becomes"), received=bindparam("got"), decided=bindparam("by_fact"), decided_at=bindparam("at")
    )
)
_DECIDE = Prepared(_DECIDING)
_DECIDE_IN_ROUND = Prepared(_DECIDING.where(PAYMENT.c.round == bindparam("in_round", type_=BIG)))  # a button says which
_REOPEN = (
    update(PAYMENT)
    .where(
        PAYMENT.c.group_id == bindparam("group"),
        PAYMENT.c.decided == bindparam("decision"),
        PAYMENT.c.number != bindparam("decision"),
        PAYMENT.c.state.in_(("validated", "refused")),
    )
    .values(state="declared", round=PAYMENT.c.round + 1, received=None, decided=None, decided_at=None)
)
_TAKE_BACK = (
    update(PAYMENT)
    .where(
        PAYMENT.c.group_id == bindparam("group"),
        PAYMENT.c.number == bindparam("decision"),
        PAYMENT.c.state == "validated",
        PAYMENT.c.decided == PAYMENT.c.number,
    )
    .values(state="reversed", decided=bindparam("by_fact"), decided_at=bindparam("at"))
)
_STATE = (
    select(PAYMENT.c.state, PAYMENT.c.decided_at, FACT.c.author)
    .outerjoin(FACT, (FACT.c.group_id == PAYMENT.c.group_id) & (FACT.c.number == PAYMENT.c.decided))
    .where(PAYMENT.c.group_id == bindparam("group"), PAYMENT.c.number == bindparam("payment"))
)


def decide(connection: Connection, *, group: int, number: int, fact: Fact, at: datetime) -> None:
    """Move the state of the payment that a fact is about; a fact that is about none changes nothing.

    Raises AlreadyDecidedError when the payment no longer waits, or waits in another round.
    """
    match fact:
        case PaymentDeclared():
            _INSERT.do(connection, _fresh(group, number, fact, at))
        case PaymentReceived():
            received = {"state": "validated", "received": fact.amount, "decided": number, "decided_at": at}
            _INSERT.do(connection, {**_fresh(group, number, fact, at), **received})
        case PaymentValidated():
            _end(connection, group, number, fact, at, becomes="validated", got=fact.amount)
        case PaymentRefused():
            _end(connection, group, number, fact, at, becomes="refused", got=None)
        case PaymentWithdrawn():
            _end(connection, group, number, fact, at, becomes="withdrawn", got=None)
        case _:
            pass


def undo(connection: Connection, *, group: int, number: int, decided: int, at: datetime) -> None:
    """Bring a payment back to « declared » when its decision is reversed (B45); take back one received directly."""
    if not connection.execute(_REOPEN, {"group": group, "decision": decided}).rowcount:
        connection.execute(_TAKE_BACK, {"group": group, "decision": decided, "by_fact": number, "at": at})


def _fresh(group: int, number: int, fact: PaymentDeclared | PaymentReceived, at: datetime) -> dict[str, Any]:
    return {
        "group_id": group, "number": number, "member": fact.member, "method": fact.method.value, "amount": fact.amount,
        "state": "declared", "round": 0, "received": None, "decided": None, "declared_at": at, "decided_at": None,
    }  # fmt: skip


def _end(
    connection: Connection,
    group: int,
    number: int,
    fact: PaymentValidated | PaymentRefused | PaymentWithdrawn,
    at: datetime,
    *,
    becomes: str,
    got: int | None,
) -> None:
    values = {
        "group": group, "payment": fact.payment, "whose": fact.member, "becomes": becomes, "got": got,
        "by_fact": number, "at": at,
    }  # fmt: skip
    if isinstance(fact, PaymentWithdrawn):
        ended = _DECIDE.do(connection, values)
    else:
        ended = _DECIDE_IN_ROUND.do(connection, {**values, "in_round": fact.round})
    if not ended:
        found = connection.execute(_STATE, {"group": group, "payment": fact.payment}).first()
        state, at_, by = (found.state, found.decided_at, found.author) if found else ("unknown", None, None)
        raise AlreadyDecidedError(payment=fact.payment, state=state, by=by, at=at_)
