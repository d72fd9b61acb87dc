"""Payments by card as anybody would keep them with a pencil: what providers have taken, and what went back (B25).

Written apart from :mod:`bot.online`, of which it shares only the facts: what both say must be the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.ledger.facts import Fact
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import (
    OnlineConfirmed,
    OnlineFeeKnown,
    OnlineGivenBack,
    OnlinePaidOut,
    OnlineRefundAsked,
    OnlineRefundRefused,
    OnlineStray,
    OnlineUnattributed,
)

BANK, ONLINE, FEES, WRITE_OFF = -3, -5, -8, -9


@dataclass
class Taken:
    """Money that a provider has taken for a member of a group, in pencil. ``left``: what can still go back."""

    group: int
    member: int
    cents: int
    fee: int | None
    left: int
    payment: int = 0


@dataclass
class Back:
    """Money that is to go back, in pencil."""

    external: str
    member: int
    cents: int
    state: str = "asked"
    name: str = ""
    fee: int = 0


@dataclass
class OnlineBooks:
    """What one group knows; ``taken`` is shared: a provider's name of a payment is used once, whoever's it is."""

    group: int = 0
    taken: dict[str, Taken] = field(default_factory=dict)
    back: dict[str, Back] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)
    detached: int = 0

    def refusal(self, fact: Fact, *, closed: bool) -> str | None:
        """Name the refusal that a fact meets."""
        match fact:
            case OnlineConfirmed(external=external):
                return "OnlineCountedError" if external in self.taken else None
            case OnlineFeeKnown(_provider, external, _fee):
                found = self.taken.get(external)
                waits = found is not None and found.group == self.group and found.fee is None
                return None if waits else "OnlineCountedError"
            case OnlineRefundAsked(member, amount, external=external):
                if closed:
                    return "BooksClosedError"
                return "NoMoreToReturnError" if amount > self._left(member, external) else None
            case OnlineUnattributed():
                return self._stands(fact)
            case OnlineGivenBack() | OnlineRefundRefused():
                waits = fact.reference in self.back and self.back[fact.reference].state == "asked"
                return None if waits else "RefundOverError"
        return self._back_refusal(fact)

    def _back_refusal(self, fact: Fact) -> str | None:
        """Name the refusal of what a provider tells of money that went back."""
        match fact:
            case OnlineTakenBack(refund=name):
                known = self._named(name)
                return "GoneBackError" if known is not None and known.state == "done" else None
            case OnlineRestored(refund=name):
                known = self._named(name)
                return None if known is not None and known.state == "done" else "GoneBackError"
            case OnlineDisputeFeeKnown(refund=name, before=before):
                known = self._named(name)
                stands = known is not None and (known.state, known.fee) == ("done", before)
                return None if stands else "GoneBackError"
            case OnlineRefundSeen(reference=reference, refund=name):
                noted = self.back.get(reference)
                otherwise = noted is not None and noted.state == "done" and noted.name != name
                return None if otherwise else "GoneBackError"
        return None

    def moves(self, fact: Fact) -> list[tuple[int, int, int]]:
        """Say what a fact moves: a fee leaves the online account, and so does what is sent on to the bank or taken back."""
        if isinstance(fact, OnlineUnattributed):
            return [(ONLINE, FEES, -fact.fee)] if fact.fee else []
        if isinstance(fact, OnlineDisputeFeeKnown):
            return [(ONLINE, FEES, fact.fee - fact.before)]
        if isinstance(fact, OnlinePaidOut):
            return [(ONLINE, BANK, fact.amount)]
        if not isinstance(fact, OnlineConfirmed | OnlineFeeKnown | OnlineTakenBack | OnlineRestored):
            return []
        fee = [(ONLINE, FEES, int(fact.fee))] if fact.fee else []
        if isinstance(fact, OnlineConfirmed | OnlineFeeKnown):
            return fee
        cents = fact.amount if isinstance(fact, OnlineRestored) else -fact.amount
        return [(fact.member, ONLINE, cents) if fact.charged else (ONLINE, WRITE_OFF, -cents), *fee]

    def record(self, fact: Fact, number: int) -> None:
        """Record a fact that nothing refuses."""
        match fact:
            case OnlineConfirmed(member, amount, _provider, external, fee):
                self.taken[external] = Taken(self.group, member, amount, fee, amount, number - 1)
            case OnlineStray(external=external):
                self.strays.add(external)
            case OnlineUnattributed(external=external):
                del self.taken[external]
            case OnlineFeeKnown(_provider, external, fee):
                self.taken[external].fee = fee
            case OnlineRefundAsked(member, amount, reference, _provider, external):
                self.back[reference] = Back(external, member, amount)
                self.taken[external].left -= amount
            case _:
                self._move_back(fact)

    def _move_back(self, fact: Fact) -> None:
        match fact:
            case OnlineGivenBack(reference=reference, refund=name):
                self.back[reference].state, self.back[reference].name = "done", name
            case OnlineRefundSeen(reference=reference, refund=name):
                self.back[reference].name = name
            case OnlineTakenBack():
                self._take_back(fact)
            case OnlineDisputeFeeKnown(refund=name, fee=fee):
                known = self._named(name)
                assert known is not None
                known.fee = fee
            case OnlineRestored(refund=name, fee=fee):
                known = self._named(name)
                assert known is not None
                known.state, known.fee = "restored", known.fee + fee
                self.taken[known.external].left += known.cents
            case OnlineRefundRefused(reference=reference):
                self.back[reference].state = "refused"
                self.taken[self.back[reference].external].left += self.back[reference].cents

    def on_its_way(self, member: int) -> int:
        """Give what is to go back on a member's cards and has not gone yet."""
        return sum(back.cents for back in self.back.values() if back.member == member and back.state == "asked")

    def held(self, sent_on: int) -> int:
        """Give what the provider holds for the group, so much being sent on to its bank."""
        mine = [taken for taken in self.taken.values() if taken.group == self.group]
        gone = sum(back.fee + (back.cents if back.state == "done" else 0) for back in self.back.values())
        return sum(taken.cents - (taken.fee or 0) for taken in mine) - gone - sent_on

    def _stands(self, fact: OnlineUnattributed) -> str | None:
        if any(back.external == fact.external for back in self.back.values()):
            return "GivenBackError"
        found = self.taken.get(fact.external)
        theirs = found is not None and (found.group, found.payment) == (self.group, fact.payment)
        return None if theirs and fact.external in self.strays else "OnlineStandsError"

    def _named(self, name: str) -> Back | None:
        return next((back for back in self.back.values() if back.name == name), None)

    def _take_back(self, fact: OnlineTakenBack) -> None:
        known = self._named(fact.refund)
        if known is None:
            known = self.back[f"stripe:{fact.refund}"] = Back(fact.external, fact.member, fact.amount)
        known.state, known.name, known.cents, known.fee = "done", fact.refund, fact.amount, known.fee + fact.fee
        self.taken[fact.external].left -= fact.amount

    def _left(self, member: int, external: str) -> int:
        found = self.taken.get(external)
        return found.left if found and (found.group, found.member) == (self.group, member) else 0
