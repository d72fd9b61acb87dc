"""Who is to be reminded among 30,000 members of 100 groups; a tick with nothing due; the digest of 300 members.

``python -m tests.benchmarks.bench_reminders`` (``--large``: also 300,000 members of 1,000 groups, with as few debtors, then with ten times as many).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, text, update

from bot.groups import apply as people_apply
from bot.groups.facts import MemberAdded
from bot.groups.people import Group
from bot.groups.registry import Beginnings, add_group
from bot.groups.tables import LinkedAddress
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.facts import AccountOpened, Fact, Method, OpeningBalanceEntered, PaymentReceived
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.market import apply as market_apply
from bot.market.facts import Line, OrderPlaced
from bot.market.market import Market
from bot.market.offer_facts import DistributionPlanned, ProductChanged
from bot.notices.digest import written
from bot.reminders import apply as reminders_apply
from bot.reminders.bilan import digest_of
from bot.reminders.reading import dues
from bot.reminders.tables import RULES
from bot.reminders.view import Dues
from bot.reminding import remind
from bot.words import speaking

MEMBERS = 300
FEW, MANY = 100, 1_000
BEGAN = datetime(2026, 9, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BREAD = ProductChanged(1, Cents(450), "piece", "piece", None, 1000, organic=True, active=True, name="Pain")
ORDER = (Line(1, 2000, 2000, 450),)
TICK_LIMIT_MS, DIGEST_LIMIT_MS = 5.0, 100.0


def main() -> None:
    """Print what each of them costs, and how the first grows: with debtors, not with members."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/bench.db", create=True)
        fill(store, range(FEW))
        before = measure(store, FEW)
        measure_others(store)
        if "--large" in sys.argv:
            compare(before, *grow(store))
        store.close()


def fill(store: Store, numbers: range, *, paid: bool = False) -> None:
    """Make groups, and let the database know how large its tables are."""
    for number in numbers:
        store.write(lambda connection, n=number: furnish(connection, n, paid=paid)).result()  # type: ignore[misc]
    store.write(lambda connection: connection.execute(text("ANALYZE"))).result()


def grow(store: Store) -> tuple[Cost, Cost]:
    """Measure with ten times as many members, none of whom owes more; then with ten times as many who owe."""
    fill(store, range(FEW, MANY), paid=True)
    members = measure(store, MANY)
    for group in range(FEW + 1, MANY + 1):
        store.write(lambda connection, g=group: indebt(connection, g)).result()  # type: ignore[misc]
    store.write(lambda connection: connection.execute(text("ANALYZE"))).result()
    return members, measure(store, MANY)


def indebt(connection: Connection, group: int) -> None:
    """One in five owes, from before."""
    keep = Keeper(connection, group, "more")
    for member in range(5, MEMBERS + 1, 5):
        keep.record(OpeningBalanceEntered(member, Cents(-1500)), BEGAN)


@dataclass(frozen=True)
class Cost:
    """What it takes to know what is due and who is to be reminded, in milliseconds, of so many members and debtors."""

    members: int
    owing: int
    due_ms: float
    verdicts_ms: float


def measure(store: Store, groups: int) -> Cost:
    """Measure, the best of several times, and print it."""
    everybody = range(1, groups + 1)
    with store.read() as connection:
        owing = len(dues(connection, NOW))
        due_ms = best(lambda: dues(connection, NOW), 3)
        verdicts_ms = best(lambda: [Dues(connection, Group(connection, g), NOW).verdicts() for g in everybody], 2)
        reminded = sum(len(Dues(connection, Group(connection, g), NOW).to_remind()) for g in everybody)
    print(
        f"{groups * MEMBERS} members in {groups} groups, {owing} owe something that is due, {reminded} to be reminded"
    )
    print(f"what is due of all of them  {due_ms:8.1f} ms, {1000 * due_ms / owing:.0f} µs for each who owes")
    print(f"who is to be reminded       {verdicts_ms:8.1f} ms, {1000 * verdicts_ms / owing:.0f} µs for each who owes")
    return Cost(groups * MEMBERS, owing, due_ms, verdicts_ms)


def compare(few: Cost, members: Cost, debtors: Cost) -> None:
    """Print how the cost grows with each."""
    print(f"{few.members} → {members.members} members, {few.owing} owing as before: {members.due_ms / few.due_ms:.1f} times what is due,"
          f" {members.verdicts_ms / few.verdicts_ms:.1f} times who is to be reminded")  # fmt: skip
    print(f"{members.owing} → {debtors.owing} owing, {debtors.members} members as before: {debtors.due_ms / members.due_ms:.1f} times"
          f" what is due, {debtors.verdicts_ms / members.verdicts_ms:.1f} times who is to be reminded")  # fmt: skip


def measure_others(store: Store) -> None:
    """Measure a digest, and a tick with nothing due."""
    with store.read() as connection, speaking("fr"):
        digests = [once(lambda n=n: digest(connection, n)) for n in range(1, 21)]  # type: ignore[misc]
    remind(store, NOW)
    later = {"next_at": NOW + timedelta(days=1), "digest_at": NOW + timedelta(days=1)}
    store.write(lambda connection: connection.execute(update(RULES).values(**later))).result()
    tick = statistics.median([once(lambda: remind(store, NOW)) for _round in range(50)])
    print(
        f"a tick with nothing due     {tick:8.2f} ms   under {TICK_LIMIT_MS:g} ms: {'yes' if tick < TICK_LIMIT_MS else 'NO'}"
    )
    middle = statistics.median(digests)
    kept = "yes" if middle < DIGEST_LIMIT_MS else "NO"
    print(f"digest of {MEMBERS} members       {middle:8.1f} ms   under {DIGEST_LIMIT_MS:g} ms: {kept}")


def digest(connection: Connection, number: int) -> None:
    """Read and write one group's digest."""
    group = Group(connection, number)
    found = digest_of(
        Books(connection, number, NOW), Market(connection, number, NOW), Dues(connection, group, NOW), None
    )
    assert written(found, group, NOW).text


def furnish(connection: Connection, number: int, *, paid: bool = False) -> None:
    """Make a group with a distribution behind it: everybody ordered, four in five have paid, one in twenty owes from before.

    ``paid``: everybody has an avoir instead, and nobody owes.
    """
    group = add_group(connection, f"Groupe {number}", Beginnings(), BEGAN)
    reminders_apply.begin(connection, group, BEGAN)
    connection.execute(update(RULES).where(RULES.c.group_id == group).values(approved=True, approved_fact=10**6))
    keep = Keeper(connection, group)
    keep.record(BREAD, BEGAN)
    opens, closes, starts, ends = (BEGAN + timedelta(days=days) for days in (0, 60, 61, 62))
    keep.record(
        DistributionPlanned(1, starts.isoformat(), ends.isoformat(), opens.isoformat(), closes.isoformat(), "Salle"),
        BEGAN,
    )
    for member in range(1, MEMBERS + 1):
        keep.member(member, paid=paid)


class Keeper:
    """Records facts of one group."""

    def __init__(self, connection: Connection, group: int, name: str = "bench") -> None:
        self._connection = connection
        self._group = group
        self._name = name
        self._count = 0

    def record(self, fact: Fact, at: datetime) -> None:
        """Record a fact, and carry it out."""
        self._count += 1
        done = journal.record(
            self._connection, group=self._group, fact=fact, author=None, at=at, key=f"{self._name}:{self._count}"
        )  # fmt: skip
        people_apply.apply(self._connection, done)
        market_apply.apply(self._connection, done)

    def member(self, number: int, *, paid: bool) -> None:
        """Make a member with a phone, who ordered, and mostly paid."""
        self.record(AccountOpened(number), BEGAN)
        self.record(MemberAdded(number, f"Personne {number}"), BEGAN)
        user = f"g{self._group}m{number}"
        row = {"platform": "demo", "user": user, "chat": user, "group_id": self._group, "member": number, "number": 1}
        more = {"state": "linked", "current": True, "language": "fr", "linked_at": BEGAN, "lost_at": None}
        self._connection.execute(insert(LinkedAddress), {**row, **more})
        if paid:
            self.record(OpeningBalanceEntered(number, Cents(500)), BEGAN)
            return
        if number % 20 == 0:
            self.record(OpeningBalanceEntered(number, Cents(-1500)), BEGAN)
        self.record(OrderPlaced(number, 1, ORDER), BEGAN + timedelta(days=5))
        if number % 5:
            self.record(PaymentReceived(number, Cents(900), Method.CASH), BEGAN + timedelta(days=61))


def best(does: Callable[[], object], rounds: int) -> float:
    """Give the best time of several, in milliseconds."""
    return min(once(does) for _round in range(rounds))


def once(does: Callable[[], object]) -> float:
    """Give how long something takes, in milliseconds."""
    began = time.perf_counter()
    does()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
