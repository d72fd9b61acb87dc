"""What happens around reminders: facts without money, kept in the same journal (B6)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ledger.facts import Fact, private, register
from bot.ledger.money import Cents


@register
@dataclass(frozen=True)
class ReminderSent(Fact):
    """A member is reminded of what is due, in cents; ``step`` is the tone: 1 to 3. ``address``: which of theirs is written to."""

    member: int
    step: int
    amount: Cents
    address: int


@register
@dataclass(frozen=True)
class DebtHandedOver(Fact):
    """Three reminders have been read: from here on the coordinators see to it with the member (B38)."""

    member: int
    amount: Cents


@register
@dataclass(frozen=True)
class ReminderListShown(Fact):
    """Coordinators are shown who would be reminded; nobody is before they agree (B37)."""

    members: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(self.members))


@register
@dataclass(frozen=True)
class ReminderListDecided(Fact):
    """A coordinator lets the reminders of a list go, or not now. ``shown`` is the number of the fact that showed it."""

    shown: int
    agreed: bool


@register
@dataclass(frozen=True)
class ReminderPutOff(Fact):
    """A member asks to be reminded on another day, an ISO date."""

    member: int
    day: str


@register
@dataclass(frozen=True)
class RemindersChosen(Fact):
    """A member wants to be reminded, or does not."""

    member: int
    wanted: bool


@register
@dataclass(frozen=True)
class QuestionAsked(Fact):
    """A member has a question about what is due, for the coordinators (B38)."""

    member: int
    text: str = private()


@register
@dataclass(frozen=True)
class ReminderRuleChosen(Fact):
    """A coordinator changes how the group reminds: the rule's name, its value as a number; -1 for none."""

    rule: str
    value: int


@register
@dataclass(frozen=True)
class DigestSent(Fact):
    """Coordinators are told how far from zero the group is: what is owed, what it holds, in cents; accounts away from zero.

    ``before``: what was owed when they were told last, if they were.
    """

    owed: Cents
    having: Cents
    away: int
    before: Cents | None = None
