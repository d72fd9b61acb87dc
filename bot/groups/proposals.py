"""Operations on a coordinator's own account, a new IBAN or payee: what needs another coordinator's tap where there is one (B43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from bot.groups.facts import ProposalDecided, RightGiven
from bot.groups.people import Group, Person, Right
from bot.groups.settings import NEEDS_ANOTHER, SettingChanged
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


def needs_another(group: Group, person: Person, facts: Sequence[Fact]) -> bool:
    """Tell whether another coordinator must agree: the account is the speaker's own, or much is let go of, and there is another.

    What one coordinator proposed and another agrees to has been looked at by two, whoever's accounts are in it.
    """
    if any(isinstance(fact, ProposalDecided) for fact in facts):
        return False
    own = any(_on_an_account(fact, person) for fact in facts)
    return (own or large_write_off(facts) or about_money_sent(facts)) and any(
        other.number != person.number for other in group.coordinators()
    )


def _on_an_account(fact: Fact, person: Person) -> bool:
    """Tell whether a fact acts on somebody's account; areas mark their own facts that do. A member gives an avoir alone."""
    gives = isinstance(fact, CreditGiven) and person.right is Right.TREASURY
    acts = isinstance(fact, ON_AN_ACCOUNT) or fact.acts_on_account or gives
    return acts and getattr(fact, "member", None) == person.number


def about_money_sent(facts: Sequence[Fact]) -> bool:
    """Tell whether facts change where members send their money: a new IBAN, holder or payee."""
    return any(isinstance(fact, SettingChanged) and fact.setting in NEEDS_ANOTHER for fact in facts)


def large_write_off(facts: Sequence[Fact]) -> bool:
    """Tell whether more is let go of than one coordinator does alone."""
    return any(isinstance(fact, BalanceWrittenOff) and abs(fact.amount) > MOST_LET_GO_ALONE for fact in facts)


def written(fact: Fact) -> list[Any]:
    """Write a fact down whole, private fields included, until it is decided."""
    return [type(fact).__name__, {field.name: getattr(fact, field.name) for field in fields(fact)}]


def read(found: Sequence[Any]) -> Fact:
    """Read a fact back."""
    kind, body = found
    return decode(kind, body)
