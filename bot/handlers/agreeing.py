"""What takes two coordinators: the second one agrees, or refuses (B43)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from bot.conversation import Question, Record, Script
from bot.groups import proposals
from bot.groups.agreeing import PROPOSAL_LASTS
from bot.groups.facts import ProposalDecided
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact, PaymentRefunded
from bot.ledger.money import Cents
from bot.online.facts import OnlineRefundAsked
from bot.questions import confirm, whole_number
from bot.wording import balance_of, sentence
from bot.words import _


def agree(visit: Visit) -> Script:
    """Agree, or not, to what another coordinator does not decide alone (B43): ``oui N``, ``non N``; one's own is withdrawn."""
    words = visit.words
    number = whole_number(words[1]) if len(words) == 2 and words[0] in {"oui", "non"} else None
    found = visit.group.proposal(number) if number is not None else None
    if found is None:
        return _("Il n'y a pas de proposition à décider.")
    proposal: Any = found
    if proposal.state == "open" and visit.now - proposal.made_at > PROPOSAL_LASTS:
        return _("Cette proposition est trop ancienne : qu'on la refasse. Rien n'a été enregistré.")
    accepted = words[0] == "oui"
    if accepted and proposal.author == visit.person.number:
        return _(proposals.OwnProposalError.sentence)
    decided = ProposalDecided(proposal.author, proposal.number, accepted)
    facts = tuple(proposals.read(proposal.facts)) if accepted else ()
    if accepted and proposal.state == "open" and not (yield from _may_be_given_back(visit, facts)):
        return _("Rien n'a été enregistré.")
    return Record((decided, *facts))


def _may_be_given_back(visit: Visit, facts: Sequence[Fact]) -> Generator[Question[Any], Any, bool]:
    """Ask about money to be given back that is no longer there: another way may have been quicker (B28)."""
    for kind in (PaymentRefunded, OnlineRefundAsked):
        given = next((fact for fact in facts if isinstance(fact, kind)), None)
        if given is not None and (after := Cents(visit.left_to_give(given.member) - given.amount)) < 0:
            name = visit.group.name_of(given.member)
            question = _("⚠️ Rendre {amount:money*} à {name} ? Ensuite : {debt}",
                         amount=given.amount, name=name, debt=sentence(balance_of(name, after)))  # fmt: skip
            return (yield from confirm(question))
    return True
