"""Reading what is due: of one member, of a group, of all groups, in a few statements; the cost grows with the debtors.

A debtor's entries are read from where the balance was last zero or more; what was debited before that and had taken place
by then is paid. Where something was reversed since, all entries are read, and what is reversed counts as never posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, bindparam, func, literal_column, select

from bot.groups.chosen import settings
from bot.ledger.facts import FactReversed
from bot.ledger.money import Cents
from bot.ledger.prepared import Prepared
from bot.ledger.tables import ACCOUNT, ENTRY, FACT, PAYMENT
from bot.market.tables import DISTRIBUTION, ORDER_FACT
from bot.reminders.dues import DECLARATION_COVERS, Debit, Due, due_of
from bot.reminders.rules import rules_of

Key = tuple[int, int]
"""A member: the group and the number."""

_ZERO: ColumnElement[int] = literal_column("0")
"""Written into the statement, so that the index of those who owe serves."""

_OWING = (ACCOUNT.c.number > _ZERO) & (ACCOUNT.c.balance < _ZERO)
_BEFORE = ENTRY.alias("before")
_CUT = (
    select(_BEFORE.c.seq)
    .where(
        _BEFORE.c.group_id == ACCOUNT.c.group_id, _BEFORE.c.account == ACCOUNT.c.number, _BEFORE.c.balance_after >= 0
    )
    .order_by(_BEFORE.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_REVERSAL = FACT.alias("reversal")


@dataclass
class _Account:
    """What is read of somebody who owes."""

    owed: int
    orders: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    moments: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    others: list[Debit] = field(default_factory=list)
    covered: int = 0
    waiting: int = 0
    partial: bool = False

    def add_order(self, row: Any, amount: int) -> None:
        self.orders[row.distribution] += amount
        self.moments[row.distribution] = (row.starts_at, row.ends_at)

    def debits(self) -> list[Debit]:
        orders = [
            Debit(Cents(amount), *self.moments[number], "order", number)
            for number, amount in self.orders.items()
            if amount > 0
        ]
        return [*orders, *self.others]


def dues(connection: Connection, now: datetime, *, group: int | None = None) -> dict[Key, Due]:
    """Give what everybody owes who owes something now, of a group or of all of them."""
    found = (
        _dues(connection, now, _EVERYBODY, {}) if group is None else _dues(connection, now, _GROUP, {"group": group})
    )
    return {key: due for key, due in found.items() if due.parts}


def due(connection: Connection, now: datetime, group: int, member: int) -> Due:
    """Give what a member owes now: nothing, perhaps."""
    found = _dues(connection, now, _MEMBER, {"group": group, "member": member})
    return found.get((group, member), Due(member))


def _dues(connection: Connection, now: datetime, debtors: _Debtors, which: Mapping[str, int]) -> dict[Key, Due]:
    accounts = _accounts(connection, debtors, which)
    if accounts:
        _declared(accounts, debtors.declared.rows(connection, which), now)
    groups = {group for group, _member in accounts}
    terms = {group: rules_of(connection, group).terms(settings(connection, group)) for group in groups}
    return {
        key: due_of(
            key[1], Cents(account.owed), account.debits(), now, terms[key[0]], covered=Cents(account.covered),
            waiting=Cents(account.waiting),
        )
        for key, account in accounts.items()
    }  # fmt: skip


def _accounts(connection: Connection, debtors: _Debtors, which: Mapping[str, int]) -> dict[Key, _Account]:
    accounts = _read(debtors.after.rows(connection, which))
    if accounts:
        for row in debtors.before.rows(connection, which):
            accounts[row.group_id, row.number].add_order(row, -row.amount)
    for group, member in [key for key, account in accounts.items() if account.partial]:
        accounts |= _read(_WHOLE.rows(connection, {"group": group, "member": member}))
    return accounts


def _debtors(where: Sequence[ColumnElement[bool]], cut: ColumnElement[int]) -> CTE:
    return select(ACCOUNT.c.group_id, ACCOUNT.c.number, ACCOUNT.c.balance, cut.label("cut")).where(*where).cte("debtor")


def _read(rows: Iterable[Any]) -> dict[Key, _Account]:
    """Take in the entries of each debtor after its cut: of orders by distribution, of other debits one by one."""
    accounts: dict[Key, _Account] = {}
    for row in rows:
        account = accounts.setdefault((row.group_id, row.number), _Account(-row.balance))
        reversing = row.kind == FactReversed.__name__
        account.partial |= reversing and row.cut > 0
        if reversing or row.reversed_by is not None:
            continue
        if row.distribution is not None:
            account.add_order(row, -row.amount)
        elif row.amount < 0:
            account.others.append(Debit(Cents(-row.amount), row.at, row.at, row.kind))
    return accounts


def _posted_after(debtors: CTE) -> Select[Any]:
    d = debtors.c
    return (
        select(
            *(d.group_id, d.number, d.balance, d.cut, ENTRY.c.amount, FACT.c.kind, FACT.c.at),
            *(_REVERSAL.c.number.label("reversed_by"), ORDER_FACT.c.distribution),
            *(DISTRIBUTION.c.starts_at, DISTRIBUTION.c.ends_at),
        )
        .select_from(debtors)
        .join(ENTRY, (ENTRY.c.group_id == d.group_id) & (ENTRY.c.account == d.number) & (ENTRY.c.seq > d.cut))
        .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
        .outerjoin(_REVERSAL, (_REVERSAL.c.group_id == FACT.c.group_id) & (_REVERSAL.c.reverses == FACT.c.number))
        .outerjoin(ORDER_FACT, (ORDER_FACT.c.group_id == FACT.c.group_id) & (ORDER_FACT.c.fact == FACT.c.number))
        .outerjoin(DISTRIBUTION, _OF_ORDER)
    )


_OF_ORDER = (DISTRIBUTION.c.group_id == ORDER_FACT.c.group_id) & (DISTRIBUTION.c.number == ORDER_FACT.c.distribution)


def _ordered_before(debtors: CTE) -> Select[Any]:
    """Sum up, before the cut, the orders of distributions that began after it: paid for early, owed late."""
    d, at_cut, cut_fact = debtors.c, ENTRY.alias("at_cut"), FACT.alias("cut_fact")
    mine = (ORDER_FACT.c.group_id == d.group_id) & (ORDER_FACT.c.distribution == DISTRIBUTION.c.number)
    which = (d.group_id, d.number, ORDER_FACT.c.distribution, DISTRIBUTION.c.starts_at, DISTRIBUTION.c.ends_at)
    return (
        select(*which, func.sum(ENTRY.c.amount).label("amount"))
        .select_from(debtors)
        .join(at_cut, (at_cut.c.group_id == d.group_id) & (at_cut.c.account == d.number) & (at_cut.c.seq == d.cut))
        .join(cut_fact, (cut_fact.c.group_id == at_cut.c.group_id) & (cut_fact.c.number == at_cut.c.fact))
        .join(DISTRIBUTION, (DISTRIBUTION.c.group_id == d.group_id) & (DISTRIBUTION.c.starts_at > cut_fact.c.at))
        .join(ORDER_FACT, mine & (ORDER_FACT.c.member == d.number))
        .join(ENTRY, (ENTRY.c.group_id == d.group_id) & (ENTRY.c.fact == ORDER_FACT.c.fact) & (ENTRY.c.seq <= d.cut))
        .where(ENTRY.c.account == d.number)
        .group_by(*which)
    )


def _declared(accounts: dict[Key, _Account], rows: Iterable[Any], now: datetime) -> None:
    """Note what those who owe have declared, and what of it covers them still."""
    for row in rows:
        account = accounts[row.group_id, row.member]
        account.waiting += row.amount
        account.covered += row.amount if now - row.declared_at < DECLARATION_COVERS else 0


def _waiting(where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    of = (PAYMENT.c.group_id == ACCOUNT.c.group_id) & (PAYMENT.c.member == ACCOUNT.c.number)
    columns = (PAYMENT.c.group_id, PAYMENT.c.member, PAYMENT.c.amount, PAYMENT.c.declared_at)
    return select(*columns).join(ACCOUNT, of).where(PAYMENT.c.state == literal_column("'declared'"), *where)


class _Debtors:
    """The statements that read some of those who owe."""

    def __init__(self, *which: ColumnElement[bool]) -> None:
        where = (_OWING, *which)
        recent = _debtors(where, func.coalesce(_CUT, _ZERO))
        self.after = Prepared(_posted_after(recent))
        self.before = Prepared(_ordered_before(recent))
        self.declared = Prepared(_waiting(where))


_IN_GROUP = ACCOUNT.c.group_id == bindparam("group")
_OF_MEMBER = ACCOUNT.c.number == bindparam("member")
_EVERYBODY, _GROUP, _MEMBER = _Debtors(), _Debtors(_IN_GROUP), _Debtors(_IN_GROUP, _OF_MEMBER)
_WHOLE = Prepared(_posted_after(_debtors((_OWING, _IN_GROUP, _OF_MEMBER), _ZERO)))
