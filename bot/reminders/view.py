"""What conversations, notices and the schedule read of what is due in one group (B36–B41). Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.groups.people import Group
from bot.reminders import away, contacts, refunds, traces, unreachable
from bot.reminders.apply import openings_since
from bot.reminders.away import Away
from bot.reminders.credits import Credit, sleeping
from bot.reminders.deciding import Reminded, Verdict, What, own_times, reminded_in, tells_credit, verdict
from bot.reminders.dues import Due
from bot.reminders.history import Point, history
from bot.reminders.reading import due, dues
from bot.reminders.refunds import RefundRequest
from bot.reminders.rules import Rules, awake, rules_of
from bot.reminders.times import Times
from bot.reminders.traces import Trace
from bot.reminders.unreachable import Unreachable

MASS = 5
"""So many opening balances since the last approval are looked at by a coordinator before anybody is reminded (B37)."""


class Dues:
    """What is due in one group at one moment, read through one connection."""

    def __init__(self, connection: Connection, group: Group, now: datetime) -> None:
        self._connection = connection
        self._group = group
        self.now = now

    @property
    def rules(self) -> Rules:
        """What the group chose of its reminders."""
        return rules_of(self._connection, self._group.number)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the group's clock hangs."""
        return ZoneInfo(self._group.settings.zone)

    @property
    def awake(self) -> bool:
        """Tell whether people may be written to now."""
        return awake(self.now, self.zone)

    def of(self, member: int) -> Due:
        """Give what a member owes now."""
        return due(self._connection, self.now, self._group.number, member)

    def everybody(self) -> list[Due]:
        """List what everybody owes who owes something now, the most first."""
        found = dues(self._connection, self.now, group=self._group.number).values()
        return sorted(found, key=lambda one: (-one.amount, one.member))

    def reminded(self, member: int) -> Reminded:
        """Tell how far a member's reminders are."""
        return reminded_in(self._connection, self._group.number, [member])[member]

    def verdicts(self, *, asked_for: frozenset[int] = frozenset()) -> list[tuple[Due, Verdict]]:
        """List for whom something is to be done now, and what: of the active members who can be written to.

        What coordinators are told instead needs no address. ``asked_for``: those who put their reminder off until now.
        """
        owing = self.everybody()
        before = reminded_in(self._connection, self._group.number, [one.member for one in owing])
        rules, found = self.rules, []
        for one in owing:
            what = verdict(one, before[one.member], rules, self.now, asked_for=one.member in asked_for)
            if what.what is not What.NOTHING and self._can_be(one.member, what):
                found.append((one, what))
        return found

    def to_remind(self) -> list[tuple[Due, int]]:
        """List who would be reminded now, and in which tone."""
        return [(one, what.step) for one, what in self.verdicts() if what.what is What.REMIND]

    def credits(self) -> list[Credit]:
        """List the avoirs that sleep and may be recalled now, to active members who can be written to (B37)."""
        rules = self.rules
        found = sleeping(self._connection, self._group.number, self.now, rules)
        before = reminded_in(self._connection, self._group.number, [one.member for one in found])
        return [
            one
            for one in found
            if tells_credit(before[one.member], rules, self.now, self.zone) and self.addresses.get(one.member)
        ]

    def own_times(self) -> dict[int, Times]:
        """Give the times of those who chose when they are written to."""
        return own_times(self._connection, self._group.number)

    def refunds(self) -> list[RefundRequest]:
        """List the avoirs that members ask to be given back, and that nobody has answered."""
        return refunds.requests(self._connection, self._group.number)

    def refund(self, number: int) -> RefundRequest | None:
        """Find what a member asked to be given back."""
        return refunds.request(self._connection, self._group.number, number)

    def away(self) -> list[Away]:
        """List the accounts that are not at zero, and since when (B41)."""
        return away.away(self._connection, self._group.number)

    def weeks(self) -> Sequence[Point]:
        """Tell how far from zero the group was, week after week, and is now."""
        return history(self._connection, self._group.number, self.now)

    def cash_counted_at(self) -> datetime | None:
        """Tell when the cash box was last counted."""
        return away.cash_counted_at(self._connection, self._group.number, self.now)

    def traces(self, members: Iterable[int]) -> dict[int, Trace]:
        """Tell who last saw some members, and when they last wrote (B39)."""
        return traces.traces(self._connection, self._group.number, members, self.now)

    def contacts(self) -> dict[int, str]:
        """Give the other ways to reach members, as coordinators noted them (B39)."""
        return contacts.contacts(self._connection, self._group.number)

    def needs_approval(self) -> bool:
        """Tell whether a coordinator must look at the list first (B37)."""
        rules = self.rules
        return not rules.approved or openings_since(self._connection, self._group.number, rules.approved_fact) >= MASS

    @cached_property
    def addresses(self) -> dict[int, int]:
        """The one address of each active household to which reminders go: as it chose, or where it wrote last; 0: none."""
        return unreachable.addresses(self._connection, self._group.number)

    def unreachable(self) -> list[Unreachable]:
        """List the active members who cannot be written to (B39)."""
        return unreachable.listed(self._connection, self._group.number)

    def _can_be(self, member: int, what: Verdict) -> bool:
        address = self.addresses.get(member)
        return address is not None and (what.what is What.HAND_OVER or address > 0)
