"""A year of a group, played against a pencil: members order, pay, declare, are late, forget; the clocks change twice, the
program is down for a week, and a second process looks for the same work (B37, B38, B41, B46).

The pencil knows debts and payments as plain lists and settles the oldest first, forwards; the program never sees it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert, select
from sqlmodel import col

from bot.delivery.notes import deletion
from bot.groups import apply as people_apply
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.groups.tables import LinkedAddress, Room
from bot.ledger import journal
from bot.ledger.facts import Fact, Method, PaymentDeclared, PaymentReceived, PaymentValidated
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.market import apply as market_apply
from bot.market.calendar import utc
from bot.market.facts import Line, OrderPlaced
from bot.market.offer_facts import DistributionPlanned, DistributionValidated, ProductChanged
from bot.outbox import Waiting, unpacked
from bot.reminders import apply as reminders_apply
from bot.reminders.facts import DebtHandedOver, DigestSent, ReminderListDecided, ReminderListShown, ReminderSent
from bot.reminding import remind

PARIS = ZoneInfo("Europe/Paris")
BEGINS, ENDS = date(2026, 9, 1), date(2027, 9, 1)
DOWN = (datetime(2027, 1, 11, 3, tzinfo=PARIS), datetime(2027, 1, 18, 3, tzinfo=PARIS))
LOAF = ProductChanged(1, Cents(450), "piece", "piece", None, 1000, organic=True, active=True, name="Pain")
THRESHOLD, GRACE, PAUSE = 500, timedelta(days=2), timedelta(days=14)
ROUND_WEEKDAY, ROUND_HOUR = 1, 18
HABITS = ("at once", "at once", "declares", "after one", "after two", "after three", "never")


@dataclass
class Pencil:
    """What a member really owes and was told, in plain lists."""

    habit: str
    debits: list[tuple[datetime, datetime, int]] = field(default_factory=list)
    paid: int = 0
    declared: list[tuple[datetime, int, int]] = field(default_factory=list)
    reminders: list[datetime] = field(default_factory=list)
    step: int = 0
    handed_at: datetime | None = None

    def left(self, now: datetime) -> list[tuple[datetime, datetime, int]]:
        """List what is left of debts whose distribution has begun: payments settle the oldest first."""
        rest, found = self.paid, []
        for at, over, amount in sorted(self.debits):
            settled = min(rest, amount)
            rest -= settled
            if amount > settled and at <= now:
                found.append((at, over, amount - settled))
        return found

    def due(self, now: datetime) -> int:
        """Sum up what is due."""
        return sum(amount for _at, _over, amount in self.left(now))

    def ripe(self, now: datetime) -> int:
        """Sum up what may be reminded of."""
        covered = sum(amount for at, amount, _number in self.declared if now - at < timedelta(days=7))
        return sum(amount for _at, over, amount in self.left(now) if over + GRACE <= now) - covered

    def series(self, now: datetime) -> tuple[int, datetime | None]:
        """Give the tone and the moment of the last reminder of this very debt."""
        left, last = self.left(now), self.handed_at or (self.reminders[-1] if self.reminders else None)
        if not left or last is None or left[0][0] > last:
            return 0, None
        return self.step, last

    def expects(self, now: datetime) -> str:
        """Say what a round must do about the member now."""
        step, last = self.series(now)
        handed = last is not None and self.handed_at is not None
        soon = last is not None and now < last + PAUSE - timedelta(hours=1)
        if self.ripe(now) <= THRESHOLD or handed or soon:
            return ""
        if self.due(now) <= sum(amount for _at, amount, _number in self.declared):
            return f"remind {min(2, max(1, step))}"  # all of it waits for the coordinators: it is asked about, not pressed for
        return "hand over" if step == 3 else f"remind {step + 1}"

    def forgotten(self, now: datetime) -> bool:
        """Tell whether something declared has been waiting for more than a week."""
        return any(now - at >= timedelta(days=7) for at, _amount, _number in self.declared)


class Year:
    """The group, its clock, and what happened."""

    def __init__(self, store: Store, members: int, seed: int) -> None:
        self.store = store
        self.chance = random.Random(seed)
        self.now = wall(BEGINS, time(0))
        self.keys = 0
        self.seen = 0
        self.counts: Counter[str] = Counter()
        self.people = {n: Pencil(HABITS[n % len(HABITS)]) for n in range(1, members + 1)}
        self.round_at = next_round(self.now)
        self.group = store.write(self._furnish).result()
        self.record(LOAF)
        remind(store, self.now)

    def _furnish(self, connection: Connection) -> int:
        group = add_group(connection, "Les Paniers", Beginnings(), self.now)
        add = [add_member(connection, group, f"Foyer {n}", self.now) for n in self.people]
        last = add_member(connection, group, "Camille", self.now, right=Right.TREASURY)
        for person in [*add, last]:
            for number in (1, 2)[: 1 + person.number % 2]:  # half of the households have two phones
                user = f"foyer{person.number}-{number}"
                row = {"platform": "demo", "user": user, "chat": user, "group_id": group, "member": person.number}
                more = {"number": number, "state": "linked", "current": True, "language": "fr", "linked_at": self.now}
                connection.execute(insert(LinkedAddress), {**row, **more})
        room = {"platform": "demo", "chat": "salon", "group_id": group, "topic": "", "active": True, "language": "fr"}
        connection.execute(insert(Room), room)
        return group

    def record(self, fact: Fact) -> int:
        """Record what somebody did; give the fact's number."""
        self.keys += 1

        def job(connection: Connection) -> int:
            done = journal.record(
                connection, group=self.group, fact=fact, author=None, at=self.now, key=f"year:{self.keys}"
            )  # fmt: skip
            for area in (people_apply, market_apply, reminders_apply):
                area.apply(connection, done)
            return done.number

        return self.store.write(job).result()

    def play(self, step: timedelta) -> None:
        """Let the year pass."""
        number = 0
        for day in (BEGINS + timedelta(days=n) for n in range((ENDS - BEGINS).days)):
            if day.weekday() == 4:
                number += 1
                self._plan(number, day)
            self._live()
            while self.now < wall(day + timedelta(days=1), time(0)):
                if not DOWN[0] <= self.now < DOWN[1]:
                    self._tick()
                self.now += step

    def _plan(self, number: int, friday: date) -> None:
        """Plan next Thursday's distribution; some order, in time."""
        if number > 1:
            self.record(DistributionValidated(number - 1))
        thursday = friday + timedelta(days=6)
        starts, ends = wall(thursday, time(18)), wall(thursday, time(20))
        self.now = max(self.now, wall(friday, time(0)))
        moments = (starts, ends, wall(friday, time(0)), wall(thursday, time(12)))
        texts = [moment.isoformat() for moment in moments]
        self.record(DistributionPlanned(number, texts[0], texts[1], texts[2], texts[3], "Salle"))
        for member, pencil in self.people.items():
            if self.chance.random() < 0.6 and pencil.due(self.now) < 20_000:
                loaves = self.chance.randint(1, 6)
                self.record(OrderPlaced(member, number, (Line(1, 1000 * loaves, 1000 * loaves, 450),)))
                pencil.debits.append((starts, ends, 450 * loaves))

    def _live(self) -> None:
        """Let members pay as they are used to: on Fridays, and sometimes in between; coordinators decide within days."""
        for member, pencil in self.people.items():
            self._decide(member, pencil)
            due = pencil.due(self.now) - sum(amount for _at, amount, _number in pencil.declared)
            if due <= 0 or not self._willing(pencil):
                continue
            if pencil.habit == "declares":
                number = self.record(PaymentDeclared(member, Cents(due), Method.CHEQUE))
                pencil.declared.append((self.now, due, number))
            else:
                part = due if self.chance.random() < 0.8 else max(1, due // 2)
                self.record(PaymentReceived(member, Cents(part), Method.CASH))
                pencil.paid += part

    def _willing(self, pencil: Pencil) -> bool:
        needed = {"at once": 0, "declares": 0, "after one": 1, "after two": 2, "after three": 3, "never": 9}[
            pencil.habit
        ]
        return pencil.series(self.now)[0] >= needed and self.chance.random() < (0.7 if needed == 0 else 0.3)

    def _decide(self, member: int, pencil: Pencil) -> None:
        for at, amount, number in list(pencil.declared):
            if self.now - at > timedelta(days=1) and self.chance.random() < 0.15:
                self.record(PaymentValidated(member, number, Cents(amount), Method.CHEQUE))
                pencil.declared.remove((at, amount, number))
                pencil.paid += amount

    def _tick(self) -> None:
        """Look for what is due, twice, as two processes do; check all that came of it."""
        people = self.people.items() if self._round_came() else ()
        expected = {member: what for member, pencil in people if (what := pencil.expects(self.now))}
        for _process in range(2):
            remind(self.store, self.now)
        facts = list(self._new_facts())
        letters = self._deliver()
        if facts:
            assert 8 <= self.now.astimezone(PARIS).hour < 22, "nobody is told anything at night"
        if self._round_came():
            self._check_round(facts, expected)
        else:
            assert not [fact for _n, fact in facts if isinstance(fact, ReminderSent | DebtHandedOver)]
        self._check_letters(facts, letters)
        for number, fact in facts:
            self.counts[type(fact).__name__] += 1
            if isinstance(fact, ReminderListShown):
                self.record(ReminderListDecided(number, agreed=True))
                self.round_at = self.now
                self.seen += 1

    def _round_came(self) -> bool:
        awake = 8 <= self.now.astimezone(PARIS).hour < 22
        return awake and self.now >= self.round_at

    def _check_round(self, facts: list[tuple[int, Fact]], expected: dict[int, str]) -> None:
        """Everybody who owed is reminded as the settings say, once; nobody else is."""
        self.round_at = next_round(self.now)
        told: dict[int, str] = {}
        shown = [fact for _n, fact in facts if isinstance(fact, ReminderListShown)]
        for _number, fact in facts:
            if isinstance(fact, ReminderSent | DebtHandedOver):
                assert fact.member not in told, "doubled"
                told[fact.member] = f"remind {fact.step}" if isinstance(fact, ReminderSent) else "hand over"
                assert fact.amount > 0
        if shown:
            assert (told, set(shown[0].members)) == ({}, set(expected))
            return
        assert told == expected, self.now
        for member, what in told.items():
            self._note(self.people[member], what)

    def _note(self, pencil: Pencil, what: str) -> None:
        if what == "hand over":
            pencil.handed_at = self.now
        else:
            pencil.step, pencil.handed_at = int(what[-1]), None
            pencil.reminders.append(self.now)
            self.counts[what] += 1

    def _check_letters(self, facts: list[tuple[int, Fact]], letters: list[tuple[str, str]]) -> None:
        """One message for each reminder, at one address of the household; the rest is the coordinators' room's (B40)."""
        to_members = Counter(chat.partition("-")[0] for chat, _text in letters if chat != "salon")
        assert to_members == Counter(f"foyer{fact.member}" for _n, fact in facts if isinstance(fact, ReminderSent))
        others = sum(isinstance(fact, DebtHandedOver | DigestSent | ReminderListShown) for _n, fact in facts)
        reminded = [fact.member for _n, fact in facts if isinstance(fact, ReminderSent)]
        others += sum(self.people[member].forgotten(self.now) for member in reminded)
        assert sum(chat == "salon" for chat, _text in letters) == others

    def _new_facts(self) -> Iterator[tuple[int, Fact]]:
        with self.store.read() as connection:
            rows = connection.execute(select(FACT).where(FACT.c.number > self.seen).order_by(FACT.c.number)).all()
        for row in rows:
            self.seen = row.number
            if row.key.startswith("reminding:"):
                yield row.number, journal.recorded_row(row).fact

    def _deliver(self) -> list[tuple[str, str]]:
        with self.store.read() as connection:
            rows = connection.execute(select(Waiting).order_by(col(Waiting.id))).all()
        if rows:
            self.store.write(deletion([row.id for row in rows], [row.receipt for row in rows])).result()
        return [(row.chat, unpacked(row.body).text) for row in rows]


def wall(day: date, at: time) -> datetime:
    """Give a moment by the clock on the wall."""
    return utc(datetime.combine(day, at), PARIS)


def next_round(after: datetime) -> datetime:
    """Give the next Tuesday at six in the evening, counted day by day."""
    day = after.astimezone(PARIS).date()
    while day.weekday() != ROUND_WEEKDAY or wall(day, time(ROUND_HOUR)) <= after:
        day += timedelta(days=1)
    return wall(day, time(ROUND_HOUR))


def check_year(year: Year, step: timedelta) -> None:
    """Play it; the counts must show that it was no quiet one."""
    year.play(step)
    counts = year.counts
    assert counts["ReminderListShown"] == 1
    assert counts["remind 1"] >= counts["remind 2"] >= counts["remind 3"] > 0
    assert counts["DebtHandedOver"] > 0
    assert 40 <= counts["DigestSent"] <= 52
    never = [pencil for pencil in year.people.values() if pencil.habit == "never"]
    assert all(pencil.handed_at is not None for pencil in never)


def test_a_year_in_short(sqlite_store: Store) -> None:
    """Few members, a look every three hours: both clock changes, the week of downtime and the second process are in it."""
    check_year(Year(sqlite_store, members=8, seed=6), timedelta(hours=3))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_a_year_of_sixty_members(store: Store, seed: int) -> None:
    """Sixty households, a look every half hour, on both databases; the figures are printed."""
    year = Year(store, members=60, seed=seed)
    check_year(year, timedelta(minutes=30))
    owed = sum(pencil.due(year.now) for pencil in year.people.values())
    print(f"\nseed {seed}: {dict(year.counts)}; due at the end: {owed / 100:.2f} €")
