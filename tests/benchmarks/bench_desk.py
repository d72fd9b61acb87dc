"""How fast the desk is, against bare sqlite3 posting both balances on the same disk in the same run.

A turn is everything between an update and its acknowledgement: seen once, who speaks, conversation, facts, outbox, on
disk. ``python -m tests.benchmarks.bench_desk``; ``--profile`` shows where the time of a turn goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import pstats
import statistics
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, event, insert, select

from bot.chat import Address, Incoming, Place
from bot.conversation import replay
from bot.desk import CAREFUL_TURNS, Desk
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.groups.tables import LinkedAddress, Room
from bot.ledger.audit import audit
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.journal import record
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import PAYMENT
from bot.outbox import Waiting
from tests.benchmarks.bench_ledger import CALLERS, LINE, MEMBERS, NOW, Raw, seconds
from tests.shop import shopping

PLATFORM = "bench"
ROOM = Place(PLATFORM, "room", private=False)
WANTED = 0.2
ANSWERS = 150
TURNS = 11
"""Rounds of measures."""
SIDE_BY_SIDE = 800
"""Bare postings before and after what is compared with them."""


class Counter:
    """A group of two hundred members and one coordinator, another of as many who all owe something, and people to serve."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(f"sqlite:///{path}", create=True)
        self.store.write(_found).result()
        self.desk = Desk(self.store, lambda: NOW)
        self._keys = itertools.count(1)
        self.serve([self.said("m1", "solde") for _turn in range(CAREFUL_TURNS)])
        self.clear()

    def said(self, who: str, text: str) -> Incoming:
        """Make an update of somebody, in private."""
        return Incoming(PLATFORM, str(next(self._keys)), Address(PLATFORM, who), Place(PLATFORM, who), text=text)

    def tapped(self, who: str, data: str) -> Incoming:
        """Make an update of somebody tapping a button in the room."""
        address = Address(PLATFORM, who)
        return Incoming(PLATFORM, str(next(self._keys)), address, ROOM, tapped=data, message="1")

    def serve(self, updates: Sequence[Incoming], callers: int = CALLERS) -> None:
        """Serve updates to several callers, each waiting for its answer before the next."""

        def caller(rank: int) -> None:
            for update in updates[rank::callers]:
                self.desk.receive(update).result()

        threads = [threading.Thread(target=caller, args=(rank,)) for rank in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def balances(self) -> list[Incoming]:
        """Have everybody ask for their balance, twice."""
        return [self.said(f"m{number % MEMBERS + 1}", "/solde") for number in range(2 * MEMBERS)]

    def debts(self) -> list[Incoming]:
        """Have everybody of the group in debt ask for their balance, twice: what is due is computed."""
        return [self.said(f"d{number % MEMBERS + 1}", "/solde") for number in range(2 * MEMBERS)]

    def declarations(self, turn: int) -> list[Incoming]:
        """Have everybody declare a payment in three turns; each person's turns go to one caller, in order."""
        found: list[Incoming] = []
        for start in range(1, MEMBERS + 1, CALLERS):
            people = range(start, min(start + CALLERS, MEMBERS + 1))
            for words in (f"/payer {turn + 1},{start % 90 + 10}", "chèque", "oui"):
                asked = [self.said(f"m{number}", words) for number in people]
                found += asked + [self.said("stranger", "bonjour") for _place in range(CALLERS - len(asked))]
        return found

    def receptions(self) -> list[Incoming]:
        """Have the coordinator tap « Reçu » for everything that waits."""
        with self.store.read() as connection:
            waiting = connection.execute(select(PAYMENT.c.number, PAYMENT.c.round).where(PAYMENT.c.state == "declared"))
            return [self.tapped("coordinator", f"k1:valider recu {row.number}.{row.round}") for row in waiting]

    def clear(self) -> None:
        """Empty the outbox, as delivery does."""
        self.store.write(lambda connection: connection.execute(delete(Waiting))).result()


def _found(connection: Connection) -> None:
    group, people = _group(connection, "Bench", "m")
    people["coordinator"] = add_member(connection, group, "Camille", NOW, right=Right.TREASURY).number
    _link(connection, group, people)
    room = {"platform": PLATFORM, "chat": ROOM.chat, "topic": "", "group_id": group, "active": True, "language": "fr"}
    connection.execute(insert(Room), room)
    indebted, debtors = _group(connection, "Bench en dette", "d")
    _link(connection, indebted, debtors)
    for number in debtors.values():
        owed = OpeningBalanceEntered(number, Cents(-1000 - number))
        record(connection, group=indebted, fact=owed, author=None, at=NOW, key=f"owed{number}")


def _group(connection: Connection, name: str, letter: str) -> tuple[int, dict[str, int]]:
    group = add_group(connection, name, Beginnings(), NOW)
    people = range(1, MEMBERS + 1)
    return group, {f"{letter}{n}": add_member(connection, group, f"Adhérent {n}", NOW).number for n in people}


def _link(connection: Connection, group: int, people: dict[str, int]) -> None:
    common = {"platform": PLATFORM, "group_id": group, "number": 1, "state": "linked", "language": "fr"}
    for user, number in people.items():
        row = {**common, "user": user, "chat": user, "member": number, "current": True, "linked_at": NOW}
        connection.execute(insert(LinkedAddress), row)


def main() -> None:
    """Measure turns against posting, or profile them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", action="store_true", help="show where the time goes")
    with tempfile.TemporaryDirectory(prefix="ardoise-bench") as folder:
        if options.parse_args().profile:
            profile(Counter(Path(folder) / "desk.db"))
        else:
            measure(Path(folder))


def measure(folder: Path) -> None:
    """Serve turns of each kind between two rows of bare postings, round by round, and print what was found.

    A machine's speed changes within seconds: what is compared is measured side by side.
    """
    raw, counter = Raw(folder / "raw.db"), Counter(folder / "desk.db")
    bare = itertools.count()
    speeds: dict[str, list[float]] = {"raw": [_posted(raw, next(bare))]}
    ratios: dict[str, list[float]] = {}
    for turn in range(TURNS):
        for kind, updates in (
            ("solde", counter.balances),
            ("doit", counter.debts),
            ("payer", lambda turn=turn: counter.declarations(turn)),
            ("recu", counter.receptions),
        ):
            made = updates()
            found = len(made) / seconds(lambda made=made: counter.serve(made))  # type: ignore[misc]
            counter.clear()
            speeds["raw"].append(_posted(raw, next(bare)))
            speeds.setdefault(kind, []).append(found)
            ratios.setdefault(kind, []).append(found / statistics.mean(speeds["raw"][-2:]))
    with counter.store.read() as connection:
        assert audit(connection) == []
        validated = connection.execute(select(PAYMENT.c.number).where(PAYMENT.c.state == "validated")).all()
        assert len(validated) == TURNS * MEMBERS, len(validated)
    counter.store.close()
    show(speeds, ratios)


def _posted(raw: Raw, turn: int) -> float:
    return SIDE_BY_SIDE / seconds(lambda: raw.post(turn, SIDE_BY_SIDE))


def show(speeds: dict[str, list[float]], ratios: dict[str, list[float]]) -> None:
    """Print what was measured: medians, and between which ratios the rounds were."""
    base = statistics.median(speeds["raw"])
    print(LINE.format("whole turns, synchronous=FULL", "per second", "× raw", "wanted"))
    print(LINE.format("bare sqlite3, both balances, one transaction each", f"{base:,.0f}", "1.00", ""))
    for kind, words in (
        ("solde", f"/solde, {CALLERS} callers"),
        ("doit", f"/solde of members who owe, {CALLERS} callers"),
        ("payer", f"a payment declared in three turns, {CALLERS} callers"),
        ("recu", f"« Reçu » tapped in the room, {CALLERS} callers"),
    ):
        found, ratio = statistics.median(speeds[kind]), statistics.median(ratios[kind])
        spread = f"≥ {WANTED:.2f}  ({min(ratios[kind]):.2f}–{max(ratios[kind]):.2f})"
        print(LINE.format(words, f"{found:,.0f}", f"{ratio:.2f}", spread))
    answers = tuple((f"ligne{rank}", str(rank % 7 + 1)) for rank in range(ANSWERS))
    replayed = statistics.median(seconds(lambda: replay(shopping(), answers)) for _round in range(200))
    print(LINE.format(f"replay of {ANSWERS} answers", f"{replayed * 1e3:.2f} ms", "", ""))


def profile(counter: Counter) -> None:
    """Count the statements of each kind of turn, and show the functions that take the time."""
    kinds: list[tuple[str, Callable[[], list[Incoming]]]] = [
        ("solde", counter.balances), ("doit", counter.debts), ("payer", lambda: counter.declarations(0)), ("recu", counter.receptions),
    ]  # fmt: skip
    for kind, updates in kinds:
        made, profiler, statements = updates(), cProfile.Profile(), _counted(counter.store)
        original = counter.desk._turn
        object.__setattr__(counter.desk, "_turn", lambda c, i, f=original, p=profiler: p.runcall(f, c, i))
        counter.serve(made)
        object.__setattr__(counter.desk, "_turn", original)
        print(f"{kind}: {len(made)} turns, {len(statements) / len(made):.1f} statements each")
        for statement in list(dict.fromkeys(statements))[:40]:
            print(f"  {statements.count(statement) / len(made):5.2f}  {' '.join(statement.split())[:150]}")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def _counted(store: Store) -> list[str]:
    found: list[str] = []

    @event.listens_for(store._engines[0], "before_cursor_execute")
    def count(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    return found


if __name__ == "__main__":
    main()
