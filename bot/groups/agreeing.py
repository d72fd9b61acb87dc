"""What proposals are: kept open, decided once by another coordinator. Called in the transaction that records it (B43)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlmodel import col

from bot.groups import proposals
from bot.groups.facts import (
    ProposalDecided,
    Proposed,
)
from bot.groups.people import Group
from bot.groups.tables import Proposal
from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded

PROPOSAL_LASTS = timedelta(days=14)


class AlreadyProposedError(Refusal):
    """The very same was proposed a while ago, and waits for another coordinator (B28, B43)."""

    sentence = N_("C'est déjà demandé : un autre coordinateur doit encore répondre. Rien n'a été ajouté.")


class ProposalClosedError(Refusal):
    """Somebody else has decided meanwhile (B43)."""

    sentence = N_("C'est déjà décidé. Rien n'a changé.")


def _proposed(connection: Connection, recorded: Recorded, fact: Proposed) -> None:
    """Keep what is proposed; the same, proposed twice and agreed to twice, would be done twice."""
    same = (
        (col(Proposal.group_id) == recorded.group)
        & (col(Proposal.facts) == fact.facts)
        & (col(Proposal.state) == "open")
    )
    if connection.execute(
        select(col(Proposal.number)).where(same, col(Proposal.made_at) > recorded.at - PROPOSAL_LASTS)
    ).first():
        raise AlreadyProposedError
    row = {"group_id": recorded.group, "number": recorded.number, "facts": fact.facts, "state": "open"}
    when = {"made_at": recorded.at, "due_at": fact.due_at}
    connection.execute(insert(Proposal), {**row, **when, "author": recorded.author})


def _proposal_decided(connection: Connection, recorded: Recorded, fact: ProposalDecided) -> None:
    """Close a proposal, once. Refused by who it is about, where there is a third coordinator, it waits for that one's agreement."""
    this_one = (col(Proposal.group_id) == recorded.group) & (col(Proposal.number) == fact.proposal)
    still_open = this_one & (col(Proposal.state) == "open")
    changed: dict[str, object] = {"state": "accepted" if fact.accepted else "refused"}
    if _own_objection(connection, recorded, fact):
        still_open, changed = still_open & col(Proposal.due_at).is_not(None), {"due_at": None}
    if fact.accepted and recorded.author == fact.member:
        raise proposals.OwnProposalError
    if not connection.execute(update(Proposal).where(still_open).values(**changed)).rowcount:
        raise ProposalClosedError


def _own_objection(connection: Connection, recorded: Recorded, fact: ProposalDecided) -> bool:
    """Tell whether somebody objects to what is about themselves, and another than them and its author can still agree."""
    group = Group(connection, recorded.group)
    row, author = group.proposal(fact.proposal), recorded.author
    if fact.accepted or author is None or row is None or author == row.author:
        return False
    about = proposals.concerned(proposals.read(row.facts))
    return author in about and proposals.third(group, author, row.author)


def stop_clocks(connection: Connection, group: int, author: int) -> None:
    """Leave what a member has proposed to another's tap alone: whoever had a lost phone may have proposed it (B43)."""
    theirs = (col(Proposal.group_id) == group) & (col(Proposal.author) == author) & (col(Proposal.state) == "open")
    connection.execute(update(Proposal).where(theirs).values(due_at=None))


EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    Proposed: _proposed,
    ProposalDecided: _proposal_decided,
}
