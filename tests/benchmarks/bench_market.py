"""How fast the market is: shop screens and a 30-line basket among 300 products, a pickup and a validation of 200 orders.

Writer time is what a turn holds the one writer for, the commit left out; it is compared with bare sqlite3 posting both
balances in the same run. ``python -m tests.benchmarks.bench_market``; ``--profile`` shows where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, event, insert

from bot.cards import PICKUP, draw
from bot.cards.pickup import place_of
from bot.chat import Address, Incoming, Place, Receipt
from bot.desk import Desk
from bot.groups.people import Group, Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.groups.tables import LinkedAddress
from bot.ledger import journal
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.facts import Fact, Method
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.market import apply as market_apply
from bot.market.apply import BasketKept
from bot.market.facts import Line, OrderPlaced, PaymentPlanned
from bot.market.market import Market
from bot.market.offer_facts import DistributionPlanned, DistributionValidated, ProductChanged
from bot.outbox import Waiting, unpacked
from bot.reminders.view import Dues
from bot.words import speaking
from tests.benchmarks.bench_ledger import LINE, NOW, POSTINGS, Raw, seconds

PLATFORM = "bench"
PRODUCTS, MEMBERS, PAST, BASKET, ROUNDS = 300, 200, 50, 30, 15
VALIDATED_WITHIN = 1.0
LAST, OPEN = PAST + 1, PAST + 2
"""The distribution to validate, and the one whose orders are open."""


@dataclass
class Hall:
    """A group of two hundred members with a year of distributions behind it, and people to serve."""

    path: Path
    spent: list[float] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    profiler: cProfile.Profile | None = None

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.path}", create=True)
        self.store.write(_found).result()
        self.now = NOW
        self.desk = Desk(self.store, lambda: self.now)
        self._keys = itertools.count(1)
        self._turn = self.desk._turn
        object.__setattr__(self.desk, "_turn", self._timed)
        event.listen(self.store._engines[0], "before_cursor_execute", self._noted)

    def says(self, who: str, text: str) -> str:
        """Have somebody say something; give the words and buttons of the answer."""
        place = Place(PLATFORM, who)
        self.desk.receive(Incoming(PLATFORM, str(next(self._keys)), Address(PLATFORM, who), place, text=text)).result()
        with self.store.read() as connection:
            rows = connection.execute(Waiting.__table__.select().order_by(Waiting.__table__.c.id.desc())).all()  # type: ignore[attr-defined]
        answer = next((unpacked(row.body) for row in rows if row.chat == who), None)
        self.store.write(lambda connection: connection.execute(delete(Waiting))).result()
        return answer.text if answer else ""

    def turn(self, who: str, text: str) -> float:
        """Have somebody say something; give the seconds of the writer that it took."""
        self.statements.clear()
        said = self.says(who, text)
        assert said
        assert "réf." not in said, said
        return self.spent[-1]

    def _timed(self, connection: Connection, incoming: Incoming) -> Receipt:
        began = time.perf_counter()
        try:
            if self.profiler is not None:
                return self.profiler.runcall(self._turn, connection, incoming)
            return self._turn(connection, incoming)
        finally:
            self.spent.append(time.perf_counter() - began)

    def _noted(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        self.statements.append(statement)


def _found(connection: Connection) -> None:
    """Make the group; each past distribution has an order of every fifth member, the last one of everybody, with a plan."""
    group = add_group(connection, "Bench", Beginnings(), NOW)
    keys = itertools.count(1)

    def happens(fact: Fact) -> None:
        recorded = journal.record(connection, group=group, fact=fact, author=None, at=NOW, key=f"bench:{next(keys)}")
        market_apply.apply(connection, recorded)

    for number in range(1, MEMBERS + 1):
        add_member(connection, group, f"Adhérent {number}", NOW)
        _link(connection, group, number, f"m{number}")
    _link(connection, group, add_member(connection, group, "Camille", NOW, right=Right.TREASURY).number, "camille")
    for product in range(1, PRODUCTS + 1):
        happens(_product(product))
    for number in range(1, OPEN + 1):
        happens(_planned(number))
        for member in range(1, MEMBERS + 1) if number == LAST else range(number % 5 + 1, MEMBERS + 1, 5):
            if number != OPEN:
                order = OrderPlaced(member, number, _lines(member, 8), by_hand=True)
                happens(order)
            if number == LAST:
                happens(
                    PaymentPlanned(member, LAST, Cents(-Books(connection, group, NOW).balance(member)), Method.CHEQUE)
                )
        if number < LAST:
            happens(DistributionValidated(number))


def _link(connection: Connection, group: int, member: int, user: str) -> None:
    row = {"platform": PLATFORM, "group_id": group, "number": 1, "state": "linked", "language": "fr", "current": True}
    connection.execute(insert(LinkedAddress), {**row, "user": user, "chat": user, "member": member, "linked_at": NOW})


def _product(number: int) -> ProductChanged:
    return ProductChanged(
        number, Cents(100 + number), "kg" if number % 2 else "piece", "weight" if number % 2 else "piece",
        stock=10**9 if number % 3 else None, piece_quantity=1000, organic=number % 4 == 0, active=True,
        name=f"Produit {number} de saison", producer=f"Ferme {number % 12}", category=f"Rayon {number % 15}",
    )  # fmt: skip


def _planned(number: int) -> DistributionPlanned:
    starts = NOW + timedelta(days=2 if number == OPEN else -7 * (LAST - number), hours=-1)
    opens, closes, ends = starts - timedelta(days=6), starts - timedelta(hours=12), starts + timedelta(hours=2)
    return DistributionPlanned(
        number, starts.isoformat(), ends.isoformat(), opens.isoformat(), closes.isoformat(), f"Salle {number}"
    )


def _lines(member: int, count: int) -> tuple[Line, ...]:
    products = [(member * 7 + rank * 11) % PRODUCTS + 1 for rank in range(count)]
    return tuple(Line(product, 2000, 2000, 100 + product) for product in products)


def fill_basket(hall: Hall, member: int) -> None:
    """Put thirty products into a member's basket."""
    lines = tuple((line.product, line.ordered, line.price) for line in _lines(member, BASKET))
    draft = BasketKept(1, OPEN, member, lines, NOW)
    hall.store.write(lambda connection: market_apply.keep(connection, draft)).result()


def screens(hall: Hall) -> dict[str, Callable[[int], float]]:
    """Give the turns to measure, by what they show; each is asked for by one member after another."""
    shop = f"/commander d{OPEN}"
    return {
        "the shelves": lambda m: hall.turn(f"m{m}", shop),
        "a shelf": lambda m: hall.turn(f"m{m}", f"{shop} r3"),
        "a product, « + »": lambda m: hall.turn(f"m{m}", f"{shop} +{m}"),
        "the basket, 30 lines": lambda m: hall.turn(f"m{m}", f"{shop} panier"),
        "search, one line": lambda m: hall.turn(f"m{m}", f"{shop} cherche produit {m} de saison"),
        "/commandes": lambda m: hall.turn(f"m{m}", "/commandes"),
        "/solde": lambda m: hall.turn(f"m{m}", "/solde"),
    }


def confirmed(hall: Hall, member: int) -> float:
    """Confirm a basket of thirty lines; give the seconds of the turn that orders."""
    for said in (f"/confirmer d{OPEN}", "chèque"):
        hall.turn(f"m{member}", said)
    took = hall.turn(f"m{member}", "confirmer")
    with hall.store.read() as connection:
        order = Market(connection, 1, NOW).order(member, OPEN)
    assert order is not None
    assert len(order.lines) >= BASKET
    return took


def card(hall: Hall, member: int) -> float:
    """Draw a member's card at the pickup."""
    with hall.store.read() as connection, speaking("fr"):
        group = Group(connection, 1)
        read = (Books(connection, 1, NOW), group, Market(connection, 1, NOW))
        at, dues = place_of(LAST, member), Dues(connection, group, NOW)
        began = time.perf_counter()
        drawing = (PICKUP, *read, at, dues)
        drawn = hall.profiler.runcall(draw, *drawing) if hall.profiler is not None else draw(*drawing)
        took = time.perf_counter() - began
    assert f"Adhérent {member}" in drawn.text
    return took


def validated(hall: Hall) -> float:
    """Validate two hundred orders, of which each has a planned payment that is received."""
    for said in (f"/cloturer d{LAST}", "tous reçus"):
        hall.turn("camille", said)
    took = hall.turn("camille", "valider la distribution")
    with hall.store.read() as connection:
        found = Market(connection, 1, NOW).distribution(LAST)
    assert found is not None
    assert found.state == "validated"
    return took


def main() -> None:
    """Measure, and check the books afterwards."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", action="store_true", help="show where the time goes")
    profiled = options.parse_args().profile
    with tempfile.TemporaryDirectory(prefix="ardoise-bench") as folder:
        hall, raw = Hall(Path(folder) / "market.db"), Raw(Path(folder) / "raw.db")
        base = POSTINGS / seconds(lambda: raw.post(0))
        print(
            LINE.format(
                f"{PRODUCTS} products, {MEMBERS} members, {PAST} past distributions", "writer time", "statements", ""
            )
        )
        for title, turn in screens(hall).items():
            _measure(hall, title, turn, profiled=profiled)
        _measure(hall, "the pickup card, drawn", lambda m: card(hall, m), profiled=profiled)
        for title, turn in _whole(hall):
            _measure(hall, title, turn, profiled=profiled)
        _validation(hall, base, profiled=profiled)
        with hall.store.read() as connection:
            assert audit(connection) == []
        hall.store.close()


def _whole(hall: Hall) -> list[tuple[str, Callable[[int], float]]]:
    return [
        (f"a {BASKET}-line basket confirmed", lambda m: confirmed(hall, m)),
        ("the list of the pickup", lambda _m: hall.turn("camille", f"/accueil d{LAST}")),
        ("« suivant »", lambda m: hall.turn("camille", f"/passage d{LAST} m{m} suivant")),
        ("takings of 200 orders", lambda _m: hall.turn("camille", f"/encaissements d{LAST}")),
    ]


def _measure(hall: Hall, title: str, turn: Callable[[int], float], *, profiled: bool) -> None:
    found = []
    hall.profiler = cProfile.Profile() if profiled else None
    for member in range(1, ROUNDS + 1):
        if "30" in title:
            fill_basket(hall, member)
        found.append(turn(member))
    print(LINE.format(title, f"{statistics.median(found) * 1e3:.1f} ms", len(hall.statements), ""))
    _show(hall)


def _validation(hall: Hall, base: float, *, profiled: bool) -> None:
    hall.profiler = cProfile.Profile() if profiled else None
    took = validated(hall)
    kept = "yes" if took < VALIDATED_WITHIN else "NO"
    print(LINE.format(f"{MEMBERS} orders validated, all plans received", f"{took * 1e3:.0f} ms", len(hall.statements),
                      f"< {VALIDATED_WITHIN:g} s: {kept}"))  # fmt: skip
    print(
        LINE.format(
            "its facts, against bare postings on the same disk", f"{(2 * MEMBERS + 1) / took / base:.2f} ×", "", ""
        )
    )
    _show(hall)


def _show(hall: Hall) -> None:
    if hall.profiler is not None:
        for statement in dict.fromkeys(hall.statements):
            print(f"  {hall.statements.count(statement):4d}  {' '.join(statement.split())[:170]}")
        pstats.Stats(hall.profiler).sort_stats("tottime").print_stats(18)


if __name__ == "__main__":
    main()
