"""A member's history: each entry with the fact that posted it, newest first (B3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import ENTRY, FACT


@dataclass(frozen=True)
class Operation:
    """A line of a member's history: an entry and the fact that posted it. Amounts in cents."""

    fact: int
    seq: int
    kind: str
    at: datetime
    amount: Cents
    balance_after: Cents
    author: int | None
    reverses: int | None
    reversed_by: int | None
    method: Method | None


_REVERSAL = FACT.alias("reversal")


_HISTORY: Select[Any] = (
    select(
        *(ENTRY.c.fact, ENTRY.c.seq, ENTRY.c.amount, ENTRY.c.balance_after, ENTRY.c.contra),
        *(FACT.c.kind, FACT.c.body, FACT.c.at, FACT.c.author, FACT.c.reverses),
        _REVERSAL.c.number.label("reversed_by"),
    )
    .join(FACT, (FACT.c.group_id == ENTRY.c.group_id) & (FACT.c.number == ENTRY.c.fact))
    .outerjoin(_REVERSAL, (_REVERSAL.c.group_id == FACT.c.group_id) & (_REVERSAL.c.reverses == FACT.c.number))
    .where(
        ENTRY.c.group_id == bindparam("group"),
        ENTRY.c.account == bindparam("member"),
        ENTRY.c.seq < bindparam("before"),
    )
    .order_by(ENTRY.c.seq.desc())
    .limit(bindparam("limit"))
)


_NET = _HISTORY.where(_REVERSAL.c.number.is_(None), FACT.c.reverses.is_(None))


_SEQ = select(func.min(ENTRY.c.seq)).where(
    ENTRY.c.group_id == bindparam("group"), ENTRY.c.account == bindparam("member"), ENTRY.c.fact == bindparam("fact")
)


BEFORE_ALL = 2**62


BY_PLACE = {
    GroupAccount.CASH: Method.CASH,
    GroupAccount.CHEQUES: Method.CHEQUE,
    GroupAccount.BANK: Method.TRANSFER,
    GroupAccount.TERMINAL: Method.TERMINAL,
    GroupAccount.ONLINE: Method.ONLINE,
}


def operations(
    connection: Connection, group: int, member: int, *, limit: int, before: int | None, net: bool
) -> list[Operation]:
    """List a member's operations, newest first, those of facts before ``before``; ``net``: what was taken back is left out."""
    where = {"group": group, "member": member, "limit": limit, "before": _seq(connection, group, member, before)}
    return [_operation(row) for row in connection.execute(_NET if net else _HISTORY, where)]


def _seq(connection: Connection, group: int, member: int, before: int | None) -> int:
    if before is None:
        return BEFORE_ALL
    found = connection.execute(_SEQ, {"group": group, "member": member, "fact": before}).scalar()
    return BEFORE_ALL if found is None else int(found)


def _operation(row: Any) -> Operation:
    method = BY_PLACE.get(GroupAccount(row.contra))
    if row.kind == "PaymentRefunded":  # a cheque of the group's own leaves its bank, as a transfer does
        method = Method(json.loads(row.body)["method"])
    return Operation(
        row.fact, row.seq, row.kind, row.at, Cents(row.amount), Cents(row.balance_after), row.author, row.reverses,
        row.reversed_by, method,
    )  # fmt: skip
