"""Operations on a coordinator's own account, a new IBAN or payee: what needs another coordinator's tap where there is one (B43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from bot.groups.facts import ProposalDecided, RightGiven
from bot.groups.people import Group, Person
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

ON_AN_ACCOUNT = (
    *(PaymentReceived, PaymentRefunded, PaymentValidated, PaymentRefused),
    *(OpeningBalanceEntered, FactReversed, RightGiven),
)


def needs_another(group: Group, person: Person, facts: Sequence[Fact]) -> bool:
    """Tell whether another coordinator must agree: the account is the speaker's own, and there is another.

    What one coordinator proposed and another agrees to has been looked at by two, whoever's accounts are in it.
    """
    if any(isinstance(fact, ProposalDecided) for fact in facts):
        return False
    own = any(_on_an_account(fact, person.number) for fact in facts)
    return (own or about_money_sent(facts)) and any(other.number != person.number for other in group.coordinators())


def _on_an_account(fact: Fact, member: int) -> bool:
    """Tell whether a fact acts on a member's account; areas mark their own facts that do."""
    acts = isinstance(fact, ON_AN_ACCOUNT) or fact.acts_on_account
    return acts and getattr(fact, "member", None) == member


def about_money_sent(facts: Sequence[Fact]) -> bool:
    """Tell whether facts change where members send their money: a new IBAN, holder or payee."""
    return any(isinstance(fact, SettingChanged) and fact.setting in NEEDS_ANOTHER for fact in facts)


def written(fact: Fact) -> list[Any]:
    """Write a fact down whole, private fields included, until it is decided."""
    return [type(fact).__name__, {field.name: getattr(fact, field.name) for field in fields(fact)}]


def read(found: Sequence[Any]) -> Fact:
    """Read a fact back."""
    kind, body = found
    return decode(kind, body)
