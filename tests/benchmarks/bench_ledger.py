"""How fast the books are, against bare sqlite3 doing the same on the same disk in the same run.

``python -m tests.benchmarks.bench_ledger``; ``--large`` fills ten million operations instead of one.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.ledger import journal
from bot.ledger.audit import Discrepancy, audit
from bot.ledger.books import Books
from bot.ledger.engines import PRAGMAS
from bot.ledger.facts import AccountOpened, Fact, Method, OpeningBalanceEntered, PaymentDeclared, PaymentReceived
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.store import Store

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
CALLERS = 32
MEMBERS = 200
POSTINGS = 3200
ROUNDS = 5
LINE = "{:<66} {:>12} {:>9}  {}"

RAW_TABLES = """
    CREATE TABLE account (group_id INTEGER, number INTEGER, balance INTEGER NOT NULL, entries INTEGER NOT NULL,
        PRIMARY KEY (group_id, number));
    CREATE TABLE entry (group_id INTEGER, account INTEGER, seq INTEGER, contra INTEGER NOT NULL,
        amount INTEGER NOT NULL, balance_after INTEGER NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (group_id, account, seq), UNIQUE (group_id, key));
"""


def main() -> None:
    """Measure posting, then reading in a filled database."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--large", action="store_true", help="ten million operations instead of one")
    large = options.parse_args().large
    with tempfile.TemporaryDirectory(prefix="ardoise-bench") as folder:
        measure_posting(Path(folder))
        measure_reading(Path(folder), 10_000_000 if large else 1_000_000)


def measure_posting(folder: Path) -> None:
    """Post by turns through bare sqlite3 and through the journal."""
    raw, store = Raw(folder / "raw.db"), opened(folder / "posting.db")
    speeds: dict[str, list[float]] = {"raw": [], "opening": [], "received": [], "alone": []}
    try:
        for turn in range(ROUNDS):
            speeds["raw"].append(POSTINGS / seconds(lambda turn=turn: raw.post(turn)))  # type: ignore[misc]
            for kind in ("opening", "received"):
                speeds[kind].append(POSTINGS / seconds(lambda k=kind, t=turn: post(store, k, t, callers=CALLERS)))  # type: ignore[misc]
            speeds["alone"].append(POSTINGS / seconds(lambda t=turn: post(store, "opening", t, callers=1, tag="alone")))  # type: ignore[misc]
    finally:
        store.close()
    base = statistics.median(speeds["raw"])
    print(LINE.format("posting, both balances, synchronous=FULL", "per second", "× raw", "wanted"))
    print(LINE.format("bare sqlite3, one transaction each", f"{base:,.0f}", "1.00", ""))
    for kind, words, wanted in (
        ("opening", f"journal, {CALLERS} callers, an opening balance", "≥ 0.60"),
        ("received", f"journal, {CALLERS} callers, a payment received (and its row)", "≥ 0.60"),
        ("alone", "journal, one caller", ""),
    ):
        found = statistics.median(speeds[kind])
        print(LINE.format(words, f"{found:,.0f}", f"{found / base:.2f}", wanted))


class Raw:
    """The baseline: what anybody would write with sqlite3 for the same double entry."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self._connection.execute("PRAGMA " + pragma)
        self._connection.executescript(RAW_TABLES)
        accounts = [(1, number, 0, 0) for number in (*GroupAccount, *range(1, MEMBERS + 1))]
        self._connection.executemany("INSERT INTO account VALUES (?, ?, ?, ?)", accounts)

    def post(self, turn: int, postings: int = POSTINGS) -> None:
        """Post, one transaction each."""
        run = self._connection.execute
        for number in range(postings):
            member, amount = number % MEMBERS + 1, number % 997 + 1
            run("BEGIN IMMEDIATE")
            balance, entries = run(
                "UPDATE account SET balance = balance + ?, entries = entries + 1 WHERE group_id = 1 AND number = ?"
                " RETURNING balance, entries",
                (amount, member),
            ).fetchone()
            run("UPDATE account SET balance = balance - ? WHERE group_id = 1 AND number = ?", (amount, -1))
            run(
                "INSERT INTO entry VALUES (1, ?, ?, -1, ?, ?, ?, ?)",
                (member, entries, amount, balance, f"{turn}:{number}", NOW.isoformat()),
            )
            run("COMMIT")


def opened(path: Path) -> Store:
    """Open a store with one group of members."""
    store = Store.open(f"sqlite:///{path}", create=True)
    store.write(found_group).result()
    return store


def found_group(connection: Connection) -> None:
    """Open the books of group 1 and its members' accounts."""
    journal.open_book(connection, 1)
    for number in range(1, MEMBERS + 1):
        journal.record(connection, group=1, fact=AccountOpened(number), author=None, at=NOW, key=f"open:{number}")


def post(store: Store, kind: str, turn: int, *, callers: int, tag: str = "") -> None:
    """Post from several callers, each waiting for its posting to be on disk before the next."""

    def caller(rank: int) -> None:
        for number in range(rank, POSTINGS, callers):
            fact = fact_of(kind, number)
            key = f"{tag}{kind}:{turn}:{number}"
            store.write(
                lambda connection, fact=fact, key=key: journal.record(  # type: ignore[misc]
                    connection, group=1, fact=fact, author=1, at=NOW, key=key
                )
            ).result()

    threads = [threading.Thread(target=caller, args=(rank,)) for rank in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fact_of(kind: str, number: int) -> Fact:
    """Make a fact that moves money."""
    member, amount = number % MEMBERS + 1, Cents(number % 997 + 1)
    return OpeningBalanceEntered(member, amount) if kind == "opening" else PaymentReceived(member, amount, Method.CASH)


def measure_reading(folder: Path, operations: int) -> None:
    """Read balances and overviews from a database filled with operations."""
    path = folder / "reading.db"
    store = opened(path)
    started = time.perf_counter()
    fill(path, operations)
    store.write(declare_one_each).result()
    print(f"\nfilled {operations:,} operations in {time.perf_counter() - started:.0f} s")
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, balance INTEGER NOT NULL)")
    raw.execute("INSERT INTO bare SELECT number, balance FROM account WHERE group_id = 1 AND number > 0")
    raw.commit()
    with store.read() as connection:
        books = Books(connection, 1, NOW)
        members = [number * 7 % MEMBERS + 1 for number in range(1000)]

        def bare() -> None:
            for member in members:
                raw.execute("SELECT balance FROM bare WHERE number = ?", (member,)).fetchone()

        def balances() -> None:
            for member in members:
                books.balance(member)

        pairs = [(seconds(bare), seconds(balances)) for _round in range(ROUNDS * 3)]
        overview = statistics.median(seconds(books.standings) for _round in range(50))
        history = statistics.median(seconds(lambda: books.history(1, limit=20, net=True)) for _round in range(50))
    ratio = statistics.median(other / one for one, other in pairs)
    one, other = (statistics.median(values) / len(members) for values in zip(*pairs, strict=True))
    print(LINE.format(f"reading, {operations:,} operations", "ms", "× raw", "wanted"))
    print(LINE.format("bare sqlite3, one row by its primary key", f"{one * 1e3:.4f}", "1.0", ""))
    print(LINE.format("one balance", f"{other * 1e3:.4f}", f"{ratio:.1f}", "< 20"))
    print(LINE.format(f"overview of {MEMBERS} members (balance, pending)", f"{overview * 1e3:.2f}", "", "< 5 ms"))
    print(LINE.format("last 20 operations of one member", f"{history * 1e3:.2f}", "", ""))
    raw.close()
    measure_audit(store)
    store.close()


def measure_audit(store: Store) -> None:
    """Audit all of it, as every night does, beside the writer."""
    found: list[Discrepancy] = []
    with store.read() as connection:
        sums = seconds(lambda: found.extend(audit(connection, replay=False)))
        whole = seconds(lambda: found.extend(audit(connection)))
    assert not found, found[:3]
    print(LINE.format("\nnightly audit of all of it", "s", "", ""))
    print(LINE.format("sums, chains, payments, reversals", f"{sums:.1f}", "", ""))
    print(LINE.format("with every fact read again", f"{whole:.1f}", "", ""))


def declare_one_each(connection: Connection) -> None:
    """Have every member of group 1 declare a payment that waits."""
    for member in range(1, MEMBERS + 1):
        fact = PaymentDeclared(member, Cents(2450), Method.CHEQUE)
        journal.record(connection, group=1, fact=fact, author=member, at=NOW, key=f"declared:{member}")


def fill(path: Path, operations: int) -> None:
    """Write entries as the journal would, wholesale: the reading is what is measured.

    Group 1 gets its fair share of the operations: as much as each of a hundred groups.
    """
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA foreign_keys=OFF")
    triggers = [row[0] for row in raw.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    raw.execute("BEGIN IMMEDIATE")
    for name in names:
        raw.execute(f'DROP TRIGGER "{name}"')
    for group in range(1, 101):
        _fill_group(raw, group, operations // 100)
    for trigger in triggers:
        raw.execute(trigger)
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no bot would leave so long a log to read through
    raw.close()


def _fill_group(raw: sqlite3.Connection, group: int, operations: int) -> None:
    first = MEMBERS + 1
    at, balances, counts = "2026-11-24 18:00:00.000000", [0] * (MEMBERS + 1), [0] * (MEMBERS + 1)
    facts, entries = [], []
    for number in range(first, first + operations):
        member, amount = number % MEMBERS + 1, (number * 7919) % 9_973 - 5_200
        amount = amount or 1
        balances[member] += amount
        counts[member] += 1
        body = json.dumps({"amount": amount, "member": member}, separators=(",", ":"))
        facts.append((group, number, "OpeningBalanceEntered", 1, body, None, at, f"k{number}", None))
        entries.append((group, member, counts[member], -7, amount, balances[member], number))
    if group > 1:
        raw.execute("INSERT INTO book VALUES (?, 0, 0)", (group,))
        opened = [(member, json.dumps({"member": member}, separators=(",", ":"))) for member in range(1, MEMBERS + 1)]
        facts += [
            (group, member, "AccountOpened", 1, body, None, at, f"open:{member}", None) for member, body in opened
        ]
        accounts = [(group, account, 0, 0) for account in (*map(int, GroupAccount), *range(1, MEMBERS + 1))]
        raw.executemany(
            "INSERT INTO account (group_id, number, balance, entries, closed) VALUES (?, ?, ?, ?, 0)", accounts
        )
    raw.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", facts)
    raw.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
    standing = [(balances[member], counts[member], group, member) for member in range(1, MEMBERS + 1)]
    raw.executemany("UPDATE account SET balance = ?, entries = ? WHERE group_id = ? AND number = ?", standing)
    raw.execute("UPDATE account SET balance = ? WHERE group_id = ? AND number = -7", (-sum(balances), group))
    raw.execute("UPDATE book SET facts = ? WHERE group_id = ?", (first + operations - 1, group))


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
