"""What is due: debts of distributions that have taken place, the rest at once; payments settle the oldest first (B37).

Pure: what is owed and the debits that made it, in; what is due, since when and of what it is made, out. The balance
message, the reminder, the overview and the digest all ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.ledger.money import Cents
from bot.market.calendar import utc

NOTHING = Cents(0)

DECLARATION_COVERS = timedelta(days=7)
"""How long a declared payment keeps its author from being reminded; then coordinators are asked to decide."""


@dataclass(frozen=True)
class Debit:
    """Something that made a debt, in cents > 0: the order for a distribution, or a fact of another kind.

    ``at``: when it counts, for an order the beginning of its distribution; ``over``: when that was over.
    """

    amount: Cents
    at: datetime
    over: datetime
    kind: str
    distribution: int = 0


@dataclass(frozen=True)
class Terms:
    """When a group's debts fall due: at once, or in a kitty group on a day of the month, or once they reach the floor."""

    zone: ZoneInfo
    kitty: bool = False
    settlement_day: int = 1
    floor: Cents | None = None

    def falls_due(self, at: datetime) -> datetime:
        """Tell when a debt of some moment falls due.

        >>> from datetime import UTC
        >>> terms = Terms(ZoneInfo("Europe/Paris"), kitty=True, settlement_day=5)
        >>> [terms.falls_due(datetime(2026, 3, day, 12, tzinfo=UTC)).isoformat() for day in (4, 5)]
        ['2026-03-04T23:00:00+00:00', '2026-04-04T22:00:00+00:00']
        """
        if not self.kitty:
            return at
        day = at.astimezone(self.zone).date()
        this_month = day.replace(day=self.settlement_day)
        return utc(datetime.combine(this_month if day < this_month else _next_month(this_month), time()), self.zone)


@dataclass(frozen=True)
class Part:
    """A part of what is due: what is left to pay of a debit, in cents."""

    amount: Cents
    debit: Debit


@dataclass(frozen=True)
class Due:
    """What a member owes now, in cents, and of what it is made, the oldest first.

    ``covered``: declared in the last week; ``waiting``: all that is declared and waits.
    """

    member: int
    parts: tuple[Part, ...] = ()
    covered: Cents = NOTHING
    waiting: Cents = NOTHING

    @property
    def amount(self) -> Cents:
        """What is due."""
        return Cents(sum(part.amount for part in self.parts))

    @property
    def uncovered(self) -> Cents:
        """What is due and not declared in the last week."""
        return Cents(max(0, self.amount - self.covered))

    @property
    def asked(self) -> Cents:
        """What is left to pay once everything declared is received, however long it has been waiting for us."""
        return Cents(max(0, self.amount - self.waiting))

    @property
    def since(self) -> datetime | None:
        """When the oldest part of it began to count; None where nothing is due."""
        return self.parts[0].debit.at if self.parts else None

    def ripe(self, now: datetime, grace: timedelta) -> Cents:
        """Give what is due and uncovered of what has been over for some time: nobody is pressed on the day itself."""
        ripe = sum(part.amount for part in self.parts if part.debit.over + grace <= now)
        return Cents(max(0, ripe - self.covered))


def due_of(
    member: int, owed: Cents, debits: Iterable[Debit], now: datetime, terms: Terms,
    *, covered: Cents = NOTHING, waiting: Cents = NOTHING,
) -> Due:  # fmt: skip
    """Give what is due of what a member owes: payments have settled the oldest debits, so the newest make it up."""
    if owed <= 0:
        return Due(member, (), covered, waiting)
    known = sorted(debits, key=lambda debit: (debit.at, debit.over))
    shares = list(_shares(owed, known, now))
    taken_place = sum(part.amount for part in shares if part.debit.at <= now)
    at_floor = terms.floor is not None and taken_place >= terms.floor
    parts = [part for part in shares if (part.debit.at if at_floor else terms.falls_due(part.debit.at)) <= now]
    return Due(member, tuple(part for part in parts if part.debit.at <= now), covered, waiting)


def _shares(owed: Cents, known: list[Debit], now: datetime) -> list[Part]:
    """Share what is owed out over the debits, the newest first; give the shares, the oldest first."""
    left, shares = owed, []
    for debit in reversed(known):
        share = Cents(min(left, debit.amount))
        if share > 0:
            shares.append(Part(share, debit))
            left = Cents(left - share)
    if left:  # made by nothing we know of: it has been there for longer than anything known
        since = known[0].at if known and known[0].at < now else now
        shares.append(Part(left, Debit(left, since, since, "")))
    return shares[::-1]


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
