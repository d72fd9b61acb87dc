"""Members who cannot be written to: blocked, left, or never there (B39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, exists, func, select
from sqlmodel import col

from bot.groups.tables import LinkedAddress, Member
from bot.ledger.tables import ACCOUNT


@dataclass(frozen=True)
class Unreachable:
    """A member without a chat. ``since``: when their last one was lost, or when they joined the list; ``balance`` in cents."""

    member: int
    name: str
    lost: bool
    since: datetime
    balance: int


def listed(connection: Connection, group: int) -> list[Unreachable]:
    """List a group's active members without a linked address, those who owe most first."""
    mine = (col(LinkedAddress.group_id) == col(Member.group_id)) & (col(LinkedAddress.member) == col(Member.number))
    linked = exists().where(mine, col(LinkedAddress.state) == "linked")
    silent = mine & (col(LinkedAddress.state) == "unreachable")
    lost_at = select(func.max(col(LinkedAddress.lost_at))).where(silent).scalar_subquery()
    lost = exists().where(silent)
    account = (ACCOUNT.c.group_id == col(Member.group_id)) & (ACCOUNT.c.number == col(Member.number))
    query = (
        select(
            *(col(Member.number), col(Member.name), col(Member.created_at), ACCOUNT.c.balance),
            *(lost.label("lost"), lost_at.label("lost_at")),
        )
        .join(ACCOUNT, account)
        .where(col(Member.group_id) == group, col(Member.active), ~linked)
        .order_by(ACCOUNT.c.balance, col(Member.folded))
    )
    return [
        Unreachable(r.number, r.name, bool(r.lost), r.lost_at or r.created_at, r.balance)
        for r in connection.execute(query)
    ]


def addresses(connection: Connection, group: int) -> dict[int, int]:
    """Give the one address at which each active member of a group is told things, 0 where there is none.

    It is the one that was chosen, else the one that wrote last, else the first, as :func:`bot.groups.people.where_told` has it.
    """
    mine = (col(LinkedAddress.group_id) == col(Member.group_id)) & (col(LinkedAddress.member) == col(Member.number))
    chosen = case((col(LinkedAddress.number) == col(Member.told_at), 1), else_=0)
    latest = case((col(LinkedAddress.latest), 1), else_=0)
    query = (
        select(col(Member.number), func.coalesce(col(LinkedAddress.number), 0).label("address"))
        .outerjoin(LinkedAddress, mine & (col(LinkedAddress.state) == "linked"))
        .where(col(Member.group_id) == group, col(Member.active))
        .order_by(chosen, latest, col(LinkedAddress.number).desc())
    )
    return {row.number: row.address for row in connection.execute(query)}
