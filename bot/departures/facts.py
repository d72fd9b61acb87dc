"""What happens when somebody leaves, comes back, or is forgotten: facts without money, kept in the same journal (B44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.ledger.facts import Fact, register


@register
@dataclass(frozen=True)
class MemberLeft(Fact):
    """A household is no longer in the group; ``addresses``: those of theirs that are closed, by number.

    ``refund``: an avoir is left, and is to be given back.
    """

    unseats: ClassVar[bool] = True

    member: int
    addresses: tuple[int, ...] = ()
    refund: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "addresses", tuple(self.addresses))


@register
@dataclass(frozen=True)
class MemberReturned(Fact):
    """A household that had left is in the group again, because a coordinator said so."""

    member: int


@register
@dataclass(frozen=True)
class ErasureAsked(Fact):
    """A member who leaves, or has left, wants their personal data erased: done when the account is closed."""

    member: int


@register
@dataclass(frozen=True)
class PersonalDataErased(Fact):
    """The names, addresses, notes of a member who has left are erased; entries stay, under the account's number."""

    member: int
