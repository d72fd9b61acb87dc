"""Avoirs that members ask to be given back: one request each at a time, decided once (B37)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Method, PaymentRefunded
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.settling import BalanceWrittenOff, CreditGiven
from bot.ledger.tables import ACCOUNT
from bot.reminders.facts import RefundAsked, RefundDecided, RefundWithdrawn
from bot.reminders.tables import REFUND


@dataclass(frozen=True)
class RefundRequest:
    """What a member asked to be given back, in cents, how, and where to."""

    number: int
    member: int
    amount: Cents
    method: Method
    note: str
    state: str
    decided_by: int | None
    asked_at: datetime


class AskedAlreadyError(Refusal):
    """The member has asked already, and nobody has answered yet."""

    sentence = N_("C'est déjà demandé aux coordinateurs, ils vont vous répondre. Rien n'a changé.")


class RefundDecidedError(Refusal):
    """Somebody has answered the request already, or the member took it back."""

    sentence = N_("Cette demande est déjà réglée. Rien n'a changé.")


def requests(connection: Connection, group: int) -> list[RefundRequest]:
    """List the requests of a group that wait for an answer, the oldest first."""
    return _read(connection, (REFUND.c.group_id == group) & (REFUND.c.state == "open"))


def request(connection: Connection, group: int, number: int) -> RefundRequest | None:
    """Find a request."""
    return next(iter(_read(connection, (REFUND.c.group_id == group) & (REFUND.c.number == number))), None)


def _read(connection: Connection, where: ColumnElement[bool]) -> list[RefundRequest]:
    return [
        RefundRequest(r.number, r.member, Cents(r.amount), Method(r.method), r.note, r.state, r.decided_by, r.asked_at)
        for r in connection.execute(select(REFUND).where(where).order_by(REFUND.c.number))
    ]


def _asked(connection: Connection, recorded: Recorded, fact: RefundAsked) -> None:
    open_ = (REFUND.c.group_id == recorded.group) & (REFUND.c.member == fact.member) & (REFUND.c.state == "open")
    if connection.execute(select(REFUND.c.number).where(open_)).first() is not None:
        raise AskedAlreadyError
    row = {"number": recorded.number, "member": fact.member, "amount": fact.amount, "method": fact.method.value}
    more = {"note": fact.note, "state": "open", "asked_at": recorded.at}
    connection.execute(insert(REFUND), {"group_id": recorded.group, **row, **more})


def _withdrawn(connection: Connection, recorded: Recorded, fact: RefundWithdrawn) -> None:
    _close(connection, recorded, fact, "withdrawn")


def _decided(connection: Connection, recorded: Recorded, fact: RefundDecided) -> None:
    _close(connection, recorded, fact, "granted" if fact.granted else "refused")


def _close(connection: Connection, recorded: Recorded, fact: RefundWithdrawn | RefundDecided, state: str) -> None:
    this_one = (REFUND.c.group_id == recorded.group) & (REFUND.c.number == fact.asked) & (REFUND.c.state == "open")
    values = {"state": state, "decided_by": recorded.author, "note": ""}
    if not connection.execute(update(REFUND).where(this_one, REFUND.c.member == fact.member).values(**values)).rowcount:
        raise RefundDecidedError


def _given_back(connection: Connection, recorded: Recorded, fact: PaymentRefunded) -> None:
    """Close the member's request where a coordinator gave as much back without looking at it, or nothing is left to give."""
    left = _balance(connection, recorded.group, fact.member)
    theirs = (REFUND.c.group_id == recorded.group) & (REFUND.c.member == fact.member) & (REFUND.c.state == "open")
    settled = theirs if left <= 0 else theirs & (REFUND.c.amount <= fact.amount)
    connection.execute(update(REFUND).where(settled).values(state="granted", decided_by=recorded.author, note=""))


def drop_requests(connection: Connection, recorded: Recorded, member: int) -> None:
    """End the member's request where nothing is left to give back: the avoir was given to the group, or let go of."""
    if _balance(connection, recorded.group, member) <= 0:
        theirs = (REFUND.c.group_id == recorded.group) & (REFUND.c.member == member) & (REFUND.c.state == "open")
        ended = update(REFUND).where(theirs).values(state="withdrawn", decided_by=recorded.author, note="")
        connection.execute(ended)


def _balance(connection: Connection, group: int, member: int) -> int:
    mine = (ACCOUNT.c.group_id == group) & (ACCOUNT.c.number == member)
    return int(connection.execute(select(ACCOUNT.c.balance).where(mine)).scalar_one())


def _let_go(connection: Connection, recorded: Recorded, fact: CreditGiven | BalanceWrittenOff) -> None:
    drop_requests(connection, recorded, fact.member)


EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    RefundAsked: _asked,
    RefundWithdrawn: _withdrawn,
    RefundDecided: _decided,
    PaymentRefunded: _given_back,
    CreditGiven: _let_go,
    BalanceWrittenOff: _let_go,
}
