"""Proposals that silence agrees to: who coordinates changes once everybody was told and nobody has objected in time (B43)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlmodel import col

from bot.chat import Address, Incoming, Place
from bot.desk.effects import Refused, by_nobody
from bot.groups import proposals
from bot.groups.facts import ProposalDecided
from bot.groups.people import Group
from bot.groups.tables import Proposal
from bot.ledger.facts import Fact
from bot.ledger.store import Store

log = structlog.get_logger()

PLATFORM = "silence"
"""Nobody talks from here: it names the updates that these decisions are."""


def agree(store: Store, now: datetime) -> bool:
    """Carry out what nobody has objected to in time, in every group; say whether there was anything."""
    with store.read() as connection:
        due = _due(connection, now)
    done = [store.write(lambda c, g=group, p=number: decide(c, g, p, now)).result() for group, number in due]  # type: ignore[misc]
    return any(done)


def decide(connection: Connection, number: int, proposal: int, now: datetime) -> bool:
    """Carry one proposal out, or close it where it can no longer be; say whether it still was to be decided."""
    group = Group(connection, number)
    if (number, proposal) not in _due(connection, now):
        return False
    row: Any = group.proposal(proposal)
    facts = proposals.read(row.facts) if _still_coordinates(group, row.author) else []
    if not facts or _refused(connection, group, [ProposalDecided(row.author, proposal, accepted=True), *facts], now):
        _refused(connection, group, [ProposalDecided(row.author, proposal, accepted=False)], now)
    return True


def _due(connection: Connection, now: datetime) -> list[tuple[int, int]]:
    """List the open proposals whose delay is over, by group and number, the earliest of each first."""
    open_ = (col(Proposal.state) == "open") & (col(Proposal.due_at) <= now)
    which = (col(Proposal.group_id), col(Proposal.number))
    return [(row.group_id, row.number) for row in connection.execute(select(*which).where(open_).order_by(*which))]


def _still_coordinates(group: Group, author: int) -> bool:
    """Tell whether who proposed something still could: rights count at the moment of acting."""
    return any(person.number == author for person in group.coordinators())


def _refused(connection: Connection, group: Group, facts: list[Fact], now: datetime) -> bool:
    decided = facts[0]
    assert isinstance(decided, ProposalDecided), decided
    key = f"{decided.proposal}.{'yes' if decided.accepted else 'no'}"
    incoming = Incoming(bot="", key=key, address=Address(PLATFORM, ""), place=Place(PLATFORM, ""))
    said = by_nobody(connection, group.number, incoming, facts, now)
    if isinstance(said, Refused):
        log.warning(
            "what nobody objected to is not done", group=group.number, proposal=decided.proposal, reason=said.sentence
        )
    return isinstance(said, Refused)
