"""What happens around reminders: facts without money, kept in the same journal (B6)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ledger.facts import Fact, Method, private, register
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


@register
@dataclass(frozen=True)
class ReminderTimesChosen(Fact):
    """A member chooses the day and the hours at which they want to be written to; -1 for any. ``ends`` is not included."""

    member: int
    weekday: int = -1
    starts: int = -1
    ends: int = -1


@register
@dataclass(frozen=True)
class RemindersPaused(Fact):
    """A member wants no reminder before a day, an ISO date; empty to have them again."""

    member: int
    until: str = ""


@register
@dataclass(frozen=True)
class CreditRecalled(Fact):
    """A member is told of an avoir, in cents, that has been unused for some months. ``address``: which of theirs is written to."""

    member: int
    amount: Cents
    months: int
    address: int


@register
@dataclass(frozen=True)
class RefundAsked(Fact):
    """A member asks for so much of their avoir, in cents; ``note``: where to send it, for the coordinators."""

    member: int
    amount: Cents
    method: Method
    note: str = private()


@register
@dataclass(frozen=True)
class RefundWithdrawn(Fact):
    """A member does not want their avoir back any more. ``asked`` is the number of the fact that asked."""

    member: int
    asked: int


@register
@dataclass(frozen=True)
class RefundDecided(Fact):
    """A coordinator has given an avoir back, or will not. ``asked`` is the number of the fact that asked."""

    member: int
    asked: int
    granted: bool
    reason: str = private()


@register
@dataclass(frozen=True)
class ContactNoted(Fact):
    """A coordinator notes another way to reach a member; empty to forget it (B39, B44)."""

    member: int
    text: str = private()
