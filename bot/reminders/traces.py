"""Who last saw a member, and when they last wrote: for those who cannot be written to any more (B39)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlmodel import col

from bot.groups.tables import LinkedAddress
from bot.ledger.tables import FACT, PAYMENT
from bot.market.tables import DISTRIBUTION, ORDER


@dataclass(frozen=True)
class Trace:
    """What is known of a member's last signs of life; None where nothing is.

    ``came_at``: the last distribution for which they had an order, ``seen_by``: who handed it to them, if that was noted;
    ``paid_at``: their last payment, ``paid_to``: who received it. ``waiting``: platforms of devices to be confirmed.
    """

    wrote_at: datetime | None = None
    came_at: datetime | None = None
    seen_by: int | None = None
    paid_at: datetime | None = None
    paid_to: int | None = None
    waiting: tuple[str, ...] = ()


def traces(connection: Connection, group: int, members: Iterable[int], now: datetime) -> dict[int, Trace]:
    """Read what is known of some members of a group."""
    wanted, nothing = sorted(set(members)), (None, None)
    wrote, came = _wrote(connection, group, wanted), _came(connection, group, wanted, now)
    paid, waiting = _paid(connection, group, wanted), _waiting(connection, group, wanted)
    found = {}
    for member in wanted:
        (came_at, seen_by), (paid_at, paid_to) = came.get(member, nothing), paid.get(member, nothing)
        waits = tuple(waiting.get(member, ()))
        found[member] = Trace(wrote.get(member), came_at, seen_by, paid_at, paid_to, waits)
    return found


def _wrote(connection: Connection, group: int, members: list[int]) -> dict[int, datetime]:
    """Read when each last recorded something by themselves."""
    mine = (FACT.c.group_id == group) & FACT.c.author.in_(members)
    query = select(FACT.c.author, func.max(FACT.c.at)).where(mine).group_by(FACT.c.author)
    return {row[0]: row[1] for row in connection.execute(query)}


def _came(
    connection: Connection, group: int, members: list[int], now: datetime
) -> dict[int, tuple[datetime, int | None]]:
    """Read the last distribution that has begun of each who had an order, and who ended their visit there."""
    planned = (DISTRIBUTION.c.group_id == ORDER.c.group_id) & (DISTRIBUTION.c.number == ORDER.c.distribution)
    ended = (
        (FACT.c.group_id == ORDER.c.group_id) & (FACT.c.number == ORDER.c.told_fact) & ORDER.c.visited_at.is_not(None)
    )
    query = (
        select(ORDER.c.member, DISTRIBUTION.c.starts_at, FACT.c.author)
        .join(DISTRIBUTION, planned)
        .outerjoin(FACT, ended)
        .where(ORDER.c.group_id == group, ORDER.c.member.in_(members), ORDER.c.state == "confirmed")
        .where(DISTRIBUTION.c.starts_at <= now, DISTRIBUTION.c.state != "cancelled")
        .order_by(DISTRIBUTION.c.starts_at)
    )
    return {member: (at, author) for member, at, author in connection.execute(query)}


def _paid(connection: Connection, group: int, members: list[int]) -> dict[int, tuple[datetime, int | None]]:
    """Read the last payment received of each, and by whom."""
    decided = (FACT.c.group_id == PAYMENT.c.group_id) & (FACT.c.number == PAYMENT.c.decided)
    query = (
        select(PAYMENT.c.member, FACT.c.at, FACT.c.author)
        .join(FACT, decided)
        .where(PAYMENT.c.group_id == group, PAYMENT.c.member.in_(members), PAYMENT.c.state == "validated")
        .order_by(PAYMENT.c.decided)
    )
    return {member: (at, author) for member, at, author in connection.execute(query)}


def _waiting(connection: Connection, group: int, members: list[int]) -> dict[int, list[str]]:
    """Read the devices that somebody has asked to link, and that nobody has confirmed."""
    mine = (col(LinkedAddress.group_id) == group) & col(LinkedAddress.member).in_(members)
    query = select(col(LinkedAddress.member), col(LinkedAddress.platform)).where(
        mine, col(LinkedAddress.state) == "waiting"
    )
    found: dict[int, list[str]] = {}
    for member, platform in connection.execute(query):
        found.setdefault(member, []).append(platform)
    return found
