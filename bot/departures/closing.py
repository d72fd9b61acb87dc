"""Accounts of those who left, closed by themselves once they are at zero and nothing can move them any more (B44)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, exists, select
from sqlmodel import col

from bot.chat import Address
from bot.departures.facts import PersonalDataErased
from bot.groups.people import A, Group, Person
from bot.groups.tables import Member
from bot.ledger.facts import Fact
from bot.ledger.prepared import Prepared
from bot.ledger.settling import AccountClosed, AccountReopened
from bot.ledger.tables import ACCOUNT, FACT, PAYMENT
from bot.market.tables import DISTRIBUTION, ORDER
from bot.online.tables import ONLINE_REFUND

_OF_MEMBER = (ACCOUNT.c.group_id == col(Member.group_id)) & (ACCOUNT.c.number == col(Member.number))
_DECLARED = exists().where(
    PAYMENT.c.group_id == ACCOUNT.c.group_id, PAYMENT.c.member == ACCOUNT.c.number, PAYMENT.c.state == "declared"
)
_NOT_FROZEN = exists().where(
    *(ORDER.c.group_id == ACCOUNT.c.group_id, ORDER.c.member == ACCOUNT.c.number, ORDER.c.state == "confirmed"),
    *(DISTRIBUTION.c.group_id == ORDER.c.group_id, DISTRIBUTION.c.number == ORDER.c.distribution),
    DISTRIBUTION.c.state == "planned",
)
"""An order of a distribution that nobody has validated yet: it can still be adjusted (B10)."""

_GOING_BACK = exists().where(
    *(ONLINE_REFUND.c.group_id == ACCOUNT.c.group_id, ONLINE_REFUND.c.member == ACCOUNT.c.number),
    ONLINE_REFUND.c.state == "asked",
)
"""Money that a provider has been asked to give back: it is posted once that is done (B25)."""

_ENDINGS = (
    select(ACCOUNT.c.number, col(Member.erase))
    .join(Member, _OF_MEMBER)
    .where(
        col(Member.active).is_(False), ~ACCOUNT.c.closed, ACCOUNT.c.balance == 0, ~_DECLARED, ~_NOT_FROZEN, ~_GOING_BACK
    )
    .where(ACCOUNT.c.group_id == bindparam("group"))
    .order_by(ACCOUNT.c.number)
)
_ENDED = Prepared(_ENDINGS)
_ENDED_OF = Prepared(_ENDINGS.where(ACCOUNT.c.number == bindparam("member")))
"""Asked at every turn that records something: of the few members that a turn is about, one by one."""

_HERE = select(A).where(A.c.platform == bindparam("platform"), A.c.user == bindparam("user"))
_REVOKED = Prepared(_HERE.where(A.c.state == "revoked"))
_LATEST = Prepared(_HERE.order_by(A.c.linked_at.desc()).limit(1))
"""Asked at every word of a stranger: perhaps they have left."""


def closings(connection: Connection, group: int, facts: Sequence[Fact]) -> list[Fact]:
    """Give the facts that end the accounts which some facts have brought to their end.

    The validation of a distribution is about nobody in particular: all who left are looked at then. An account that was just
    opened again stays open until something is written on it.
    """
    about = _members(facts)
    opened = {fact.member for fact in facts if isinstance(fact, AccountReopened)}
    if about is None:
        found = _ENDED.rows(connection, {"group": group})
    else:
        found = [row for member in about for row in _ENDED_OF.rows(connection, {"group": group, "member": member})]
    ended = [row for row in found if row.number not in opened]
    return [fact for row in ended for fact in _ends(row.number, erase=row.erase)]


def departed_at(connection: Connection, address: Address) -> list[tuple[Group, Person]]:
    """List the members who have left and talked from an address until then; not from one that was cut off before."""
    found = []
    for row in _REVOKED.rows(connection, {"platform": address.platform, "user": address.user}):
        group = Group(connection, row.group_id)
        person = group.member(row.member)
        if (
            person is not None
            and not person.active
            and row.number in _closed_by_leaving(connection, row.group_id, row.member)
        ):
            found.append((group, person))
    return found


def language_at(connection: Connection, address: Address) -> str:
    """Give the language that was spoken last from an address, by somebody who has left too; nothing if nobody talked there."""
    row = _LATEST.row(connection, {"platform": address.platform, "user": address.user})
    return str(row.language) if row else ""


def _closed_by_leaving(connection: Connection, group: int, member: int) -> list[int]:
    left = (
        select(FACT.c.body).where(FACT.c.group_id == group, FACT.c.kind == "MemberLeft").order_by(FACT.c.number.desc())
    )
    bodies = (json.loads(row.body) for row in connection.execute(left))
    return next((body["addresses"] for body in bodies if body["member"] == member), [])


def _members(facts: Sequence[Fact]) -> Iterable[int] | None:
    """List the members that facts are about; None for those that may concern anybody."""
    members = [getattr(fact, "member", 0) for fact in facts]
    return None if 0 in members else sorted(set(members))


def _ends(member: int, *, erase: bool) -> list[Fact]:
    return [AccountClosed(member), *([PersonalDataErased(member)] if erase else [])]
