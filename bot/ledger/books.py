"""The books, to read: balances, what is pending, histories, the journal. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select

from bot.ledger.drawer import Cheques
from bot.ledger.facts import Method
from bot.ledger.history import BEFORE_ALL, BY_PLACE, Operation, operations
from bot.ledger.journal import Recorded, recorded_row
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.prepared import Prepared
from bot.ledger.tables import ACCOUNT, ENTRY, FACT, PAYMENT


@dataclass(frozen=True)
class Standing:
    """How a member stands, in cents: what is posted, what is declared and waits (B4)."""

    member: int
    balance: Cents
    pending: Cents

    @property
    def projected(self) -> Cents:
        """The balance once everything declared is received."""
        return Cents(self.balance + self.pending)

    @property
    def due(self) -> Cents:
        """What is owed now."""
        return Cents(max(0, -self.balance))


@dataclass(frozen=True)
class Payment:
    """A payment and where it stands (B20, B21). Amounts in cents."""

    number: int
    member: int
    method: Method
    amount: Cents
    state: str
    round: int
    received: Cents | None
    decided: int | None
    declared_at: datetime
    decided_at: datetime | None


_MEMBER = (ACCOUNT.c.group_id == bindparam("group")) & (ACCOUNT.c.number == bindparam("member"))
_BALANCE = Prepared(select(ACCOUNT.c.balance).where(_MEMBER))
_WAITING = (PAYMENT.c.group_id == ACCOUNT.c.group_id) & (PAYMENT.c.member == ACCOUNT.c.number)
_PENDING_SUM = (
    select(func.coalesce(func.sum(PAYMENT.c.amount), 0))
    .where(_WAITING, PAYMENT.c.state == "declared")
    .scalar_subquery()
)
_STANDING = Prepared(select(ACCOUNT.c.number, ACCOUNT.c.balance, _PENDING_SUM.label("pending")).where(_MEMBER))
_SUMS = (
    select(PAYMENT.c.member, func.sum(PAYMENT.c.amount).label("pending"))
    .where(PAYMENT.c.group_id == bindparam("group"), PAYMENT.c.state == "declared")
    .group_by(PAYMENT.c.member)
)
_BALANCES = select(ACCOUNT.c.number, ACCOUNT.c.balance).where(
    ACCOUNT.c.group_id == bindparam("group"), ACCOUNT.c.number > 0
)
_PAYMENTS = select(PAYMENT).where(PAYMENT.c.group_id == bindparam("group"))
_PAYMENT = Prepared(_PAYMENTS.where(PAYMENT.c.number == bindparam("number")))
_DECLARED = _PAYMENTS.where(PAYMENT.c.state == "declared").order_by(PAYMENT.c.number)
_PENDING = Prepared(_DECLARED)
_PENDING_OF = Prepared(_DECLARED.where(PAYMENT.c.member == bindparam("member")))
_RECENT = Prepared(_PAYMENTS.where(PAYMENT.c.member == bindparam("member"), PAYMENT.c.decided_at >= bindparam("since")))
_BY_CARD = Prepared(
    select(PAYMENT.c.number).where(
        *(PAYMENT.c.group_id == bindparam("group"), PAYMENT.c.member == bindparam("member")),
        *(PAYMENT.c.method == Method.ONLINE.value, PAYMENT.c.state == "validated"),
        *(PAYMENT.c.received == bindparam("amount"), PAYMENT.c.decided_at >= bindparam("since")),
    )
)
_CREDIT = (
    (ENTRY.c.group_id == PAYMENT.c.group_id)
    & (ENTRY.c.fact == PAYMENT.c.decided)
    & (ENTRY.c.account == PAYMENT.c.member)
)
_RECEIVED = (
    _PAYMENTS.add_columns(ENTRY.c.contra)
    .join(ENTRY, _CREDIT)
    .where(
        PAYMENT.c.state == "validated",
        PAYMENT.c.decided_at >= bindparam("since"),
        PAYMENT.c.decided_at <= bindparam("until"),
    )
    .order_by(PAYMENT.c.decided_at)
)
_TAKEN = (
    select(func.sum(case((ENTRY.c.account == bindparam("mine"), -ENTRY.c.amount), else_=ENTRY.c.amount)))
    .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
    .where(
        ENTRY.c.group_id == bindparam("group"),
        (ENTRY.c.contra == bindparam("mine")) | (ENTRY.c.account == bindparam("mine")),
        FACT.c.at >= bindparam("since"),
        FACT.c.at <= bindparam("until"),
    )
)
_FACTS = select(FACT).where(FACT.c.group_id == bindparam("group"))
_FACT = Prepared(_FACTS.where(FACT.c.number == bindparam("number")))
_REVERSAL_OF = Prepared(_FACTS.where(FACT.c.reverses == bindparam("number")))
_JOURNAL = _FACTS.where(FACT.c.number < bindparam("before")).order_by(FACT.c.number.desc()).limit(bindparam("limit"))


class Books:
    """The books of one group at one moment, read through one connection."""

    def __init__(self, connection: Connection, group: int, now: datetime) -> None:
        self._connection = connection
        self.group = group
        self.now = now

    @property
    def cheques(self) -> Cheques:
        """The group's cheques: in hand, on slips, bounced (B22)."""
        return Cheques(self._connection, self.group)

    def balance(self, member: int) -> Cents:
        """Give a member's balance: the sum of what is posted (B4). Zero for an account that is not there."""
        row = _BALANCE.row(self._connection, {"group": self.group, "member": member})
        return Cents(row[0]) if row else Cents(0)

    def held(self, account: GroupAccount) -> Cents:
        """Give what one of the group's own accounts holds: more than zero for money in the cash box."""
        return Cents(-self.balance(account))

    def standing(self, member: int) -> Standing:
        """Give a member's balance and what waits, in one read."""
        row = _STANDING.row(self._connection, {"group": self.group, "member": member})
        return (
            Standing(member, Cents(row.balance), Cents(int(row.pending)))
            if row
            else Standing(member, Cents(0), Cents(0))
        )

    def standings(self) -> list[Standing]:
        """Give how all members stand (B36), in two reads."""
        of = {"group": self.group}
        pending = {row.member: row.pending for row in self._connection.execute(_SUMS, of)}
        return [
            Standing(row.number, Cents(row.balance), Cents(int(pending.get(row.number, 0))))
            for row in self._connection.execute(_BALANCES, of)
        ]

    def history(self, member: int, *, before: int | None = None, limit: int, net: bool) -> list[Operation]:
        """List a member's operations, newest first, those of facts before ``before``.

        ``net`` leaves out what was reversed and its reversal: what members see (B3).
        """
        return operations(self._connection, self.group, member, limit=limit, before=before, net=net)

    def opening_balances(self, member: int) -> list[Operation]:
        """List a member's opening balances that stand, newest first (B29)."""
        found = self.history(member, limit=10_000, net=True)
        return [operation for operation in found if operation.kind == "OpeningBalanceEntered"]

    def payment(self, number: int) -> Payment | None:
        """Find a payment by its number."""
        row = _PAYMENT.row(self._connection, {"group": self.group, "number": number})
        return _payment(row) if row else None

    def pending(self, member: int | None = None) -> list[Payment]:
        """List the declared payments that wait, of a member or of everybody, oldest first (B20)."""
        where = {"group": self.group} if member is None else {"group": self.group, "member": member}
        return _payments((_PENDING if member is None else _PENDING_OF).rows(self._connection, where))

    def recent_payments(self, member: int, since: datetime) -> list[Payment]:
        """List a member's payments decided since a moment (B28)."""
        where = {"group": self.group, "member": member, "since": since}
        return _payments(_RECENT.rows(self._connection, where))

    def came_by_card(self, member: int, amount: Cents, since: datetime) -> bool:
        """Tell whether an amount in cents was received of a member by card since a moment, and not taken back (B28)."""
        where = {"group": self.group, "member": member, "amount": amount, "since": since}
        return bool(_BY_CARD.rows(self._connection, where))

    def received_between(self, since: datetime, until: datetime) -> list[Payment]:
        """List the payments received in a span of time and not taken back, of everybody, each by its method in the end (B34)."""
        where = {"group": self.group, "since": since, "until": until}
        rows = self._connection.execute(_RECEIVED, where)
        return [replace(_payment(row), method=BY_PLACE[GroupAccount(row.contra)]) for row in rows]

    def taken(self, account: GroupAccount, since: datetime, until: datetime) -> Cents:
        """Give what one of the group's accounts took in during a span of time, refunds and corrections taken off (B34)."""
        where = {"group": self.group, "mine": int(account), "since": since, "until": until}
        return Cents(int(self._connection.execute(_TAKEN, where).scalar() or 0))

    def received_like(self, member: int, amount: Cents, since: datetime) -> Payment | None:
        """Find a payment of a member received since a moment, of the same amount in cents: perhaps the same one (B28)."""
        found = [p for p in self.recent_payments(member, since) if p.state == "validated" and p.received == amount]
        return found[-1] if found else None

    def fact(self, number: int) -> Recorded | None:
        """Find a fact of the journal by its number."""
        row = _FACT.row(self._connection, {"group": self.group, "number": number})
        return recorded_row(row) if row else None

    def reversal_of(self, number: int) -> Recorded | None:
        """Find the fact that reversed another."""
        row = _REVERSAL_OF.row(self._connection, {"group": self.group, "number": number})
        return recorded_row(row) if row else None

    def journal(self, *, before: int | None = None, limit: int) -> list[Recorded]:
        """List facts, newest first: the audit trail (B6)."""
        where = {"group": self.group, "before": before or BEFORE_ALL, "limit": limit}
        return [recorded_row(row) for row in self._connection.execute(_JOURNAL, where)]


def _payments(rows: Iterable[Any]) -> list[Payment]:
    return [_payment(row) for row in rows]


def _payment(row: Any) -> Payment:
    received = None if row.received is None else Cents(row.received)
    return Payment(
        row.number, row.member, Method(row.method), Cents(row.amount), row.state, row.round, received, row.decided,
        row.declared_at, row.decided_at,
    )  # fmt: skip
