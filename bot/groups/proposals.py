"""What takes two coordinators where there are two: who needs another's tap, for what, and what silence does (B43).

One rule, asked by the desk before it records and by conversations before they offer: own accounts, much let go of, where members
send money, and who coordinates. Whoever is left alone cannot do alone, for a while, what took two a moment ago.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from bot.groups.facts import AddressRevoked, ProposalDecided, RightGiven
from bot.groups.people import Group, Person, Right
from bot.groups.settings import NEEDS_ANOTHER, SettingChanged
from bot.groups.voices import SPEAKS
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import (
    Fact,
    FactReversed,
    OpeningBalanceEntered,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    decode,
)
from bot.ledger.money import Cents
from bot.ledger.settling import AccountReopened, BalanceWrittenOff, CreditGiven

ON_AN_ACCOUNT = (
    *(PaymentReceived, PaymentRefunded, PaymentValidated, PaymentRefused),
    *(OpeningBalanceEntered, FactReversed, RightGiven),
    *(BalanceWrittenOff, AccountReopened),
)

MOST_LET_GO_ALONE = Cents(2000)
"""What one coordinator lets go of alone, in cents: of more, another must agree, where there is one."""

DELAY = timedelta(days=3)
"""How long a change of who coordinates waits for somebody to object, and whoever is left alone to do alone what takes two."""


class LeftAloneError(Refusal):
    """There was another coordinator a moment ago: what takes two waits, so that nobody gains by removing the other (B43)."""

    sentence = N_(
        "Cela se décide à deux, et il n'y a plus d'autre coordinateur depuis le {since:moment}. Vous pourrez le décider "
        "à partir du {until:moment}. Rien n'a changé."
    )


class OwnProposalError(Refusal):
    """Nobody agrees to what they proposed themselves (B43)."""

    sentence = N_("C'est votre propre proposition : un autre coordinateur doit la décider.")


def needs_another(group: Group, person: Person, facts: Sequence[Fact], now: datetime) -> bool:
    """Tell whether facts are to be proposed to another coordinator. Raises LeftAloneError where they can be neither done nor proposed.

    What one coordinator proposed and another agrees to has been looked at by two, whoever's accounts are in it.
    """
    if any(isinstance(fact, ProposalDecided) for fact in facts) or not _for_two(group, person, facts):
        return False
    if others(group, person):
        return True
    left_alone = alone(group, person, now)
    if left_alone is not None:
        raise left_alone
    return False


def held(group: Group, person: Person, now: datetime) -> bool:
    """Tell whether a person does not act alone on what takes two: there is another coordinator, or was a moment ago."""
    return bool(others(group, person)) or alone(group, person, now) is not None


def others(group: Group, person: Person) -> list[Person]:
    """List the coordinators who can agree to what a person does."""
    return [other for other in group.coordinators() if other.number != person.number]


def alone(group: Group, person: Person, now: datetime) -> LeftAloneError | None:
    """Say since when a person is the only coordinator, and until when they still do not decide alone; None: they do."""
    if others(group, person):
        return None
    since = group.last_ceased_to_coordinate(but=person.number)
    if since is None or since + DELAY <= now:
        return None
    return LeftAloneError(since=since, until=since + DELAY)


def due_at(group: Group, person: Person, facts: Sequence[Fact], now: datetime) -> datetime | None:
    """Tell when silence agrees to a proposal; None where it never does. Only to who coordinates: no money ever moves by it."""
    changing = bool(facts) and all(_changes_who_coordinates(group, person, fact) for fact in facts)
    return now + DELAY if changing else None


def concerned(facts: Sequence[Fact]) -> set[int]:
    """List the members whose voice as coordinators would be taken away."""
    takes = [
        fact for fact in facts if fact.unseats or (isinstance(fact, RightGiven) and fact.right != Right.TREASURY.value)
    ]
    return {getattr(fact, "member", 0) for fact in takes}


def third(group: Group, *but: int) -> bool:
    """Tell whether there is a coordinator besides some."""
    return any(person.number not in but for person in group.coordinators())


def _for_two(group: Group, person: Person, facts: Sequence[Fact]) -> bool:
    """Tell whether facts are not for one coordinator alone, whether or not there is another."""
    own = any(_on_an_account(fact, person) for fact in facts)
    if own or large_write_off(facts) or about_money_sent(facts):
        return True
    return any(_changes_who_coordinates(group, person, fact) for fact in facts)


def _on_an_account(fact: Fact, person: Person) -> bool:
    """Tell whether a fact acts on somebody's account; areas mark their own facts that do. A member gives an avoir alone."""
    gives = isinstance(fact, CreditGiven) and person.right is Right.TREASURY
    acts = isinstance(fact, ON_AN_ACCOUNT) or fact.acts_on_account or gives
    return acts and getattr(fact, "member", None) == person.number


def _changes_who_coordinates(group: Group, person: Person, fact: Fact) -> bool:
    """Tell whether a fact makes a coordinator, or takes one's voice away. One leaves, or cuts off a device, of one's own alone."""
    if isinstance(fact, RightGiven):
        return fact.right == Right.TREASURY.value or _coordinates(group, fact.member)
    member = getattr(fact, "member", 0)
    if not fact.unseats or member == person.number or not _coordinates(group, member):
        return False
    return not isinstance(fact, AddressRevoked) or _speaks(group, fact)


def _coordinates(group: Group, member: int) -> bool:
    return any(person.number == member for person in group.coordinators())


def _speaks(group: Group, fact: AddressRevoked) -> bool:
    """Tell whether an address speaks for its member already: one that waits to be confirmed may be refused by anybody."""
    return any(reach.number == fact.number and reach.state in SPEAKS for reach in group.reaches(fact.member))


def about_money_sent(facts: Sequence[Fact]) -> bool:
    """Tell whether facts change where members send their money: a new IBAN, holder or payee."""
    return any(isinstance(fact, SettingChanged) and fact.setting in NEEDS_ANOTHER for fact in facts)


def large_write_off(facts: Sequence[Fact]) -> bool:
    """Tell whether more is let go of than one coordinator does alone."""
    return any(isinstance(fact, BalanceWrittenOff) and abs(fact.amount) > MOST_LET_GO_ALONE for fact in facts)


def written(facts: Sequence[Fact]) -> str:
    """Write facts down whole, private fields included, until they are decided."""
    return json.dumps([[type(f).__name__, {field.name: getattr(f, field.name) for field in fields(f)}] for f in facts])


def read(text: str) -> list[Fact]:
    """Read facts back."""
    return [decode(kind, body) for kind, body in json.loads(text)]
