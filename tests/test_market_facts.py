"""The market's facts: what each does to the accounts, for ever; replayed alone; checked by the audit, each check by its damage."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.ledger.audit import CHECKS, Discrepancy, audit
from bot.ledger.facts import Fact, Method, decode, kinds
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, postings, ruled
from bot.ledger.replay import replay
from bot.ledger.store import Store
from bot.market import apply as market_apply
from bot.market.audit import credits_agree, debits_are_the_lines, sales_are_the_orders
from bot.market.facts import (
    Change,
    Line,
    OrderAdjusted,
    OrderCancelled,
    OrderCredited,
    OrderPlaced,
    PaymentPlanned,
    PlanEnded,
    ProductsAdded,
    total,
)
from bot.market.market import Market
from bot.market.offer_facts import DistributionCancelled, DistributionPlanned, DistributionValidated
from bot.market.tables import LINE, ORDER
from tests.bookkeeping import NOW, Bookkeeper, everything
from tests.databases import audited, new_postgresql
from tests.market_stall import CATALOGUE
from tests.test_ledger_audit import damage

SALES = int(GroupAccount.SALES)
OURS = (debits_are_the_lines, sales_are_the_orders, credits_agree)
MOMENTS = '"closes_at":"2026-11-25T19:00:00+00:00","distribution":1,"ends_at":"2026-11-26T19:00:00+00:00","opens_at":"2026-11-20T08:00:00+00:00","place":"Salle des fêtes","starts_at":"2026-11-26T17:00:00+00:00"'

GOLDEN: list[tuple[str, int, str, list[tuple[int, int, int]]]] = [
    (
        "OrderPlaced", 1, '{"by_hand":false,"distribution":1,"floor":null,"lines":[[1,350,350,210],[4,1000,900,1400]],"member":4}',
        [(4, SALES, -74 - 1260)],
    ),
    (
        "OrderPlaced", 1, '{"by_hand":true,"distribution":1,"floor":0,"lines":[[1,350,350,210],[1,350,350,210],[1,350,350,210]],"member":4}',
        [(4, SALES, -222)],
    ),
    ("ProductsAdded", 1, '{"by_hand":false,"distribution":1,"floor":null,"lines":[[2,3000,3000,300]],"member":4}', [(4, SALES, -900)]),
    ("OrderAdjusted", 1, '{"changes":[[1,4,900,1400,1150,1400]],"distribution":1,"member":4,"restocked":false}', [(4, SALES, -350)]),
    ("OrderAdjusted", 1, '{"changes":[[1,2,3000,300,0,300],[2,1,350,210,350,200]],"distribution":1,"member":4,"restocked":true}', [(4, SALES, 904)]),
    ("OrderAdjusted", 1, '{"changes":[[1,2,3000,300,3000,300]],"distribution":1,"member":4,"restocked":false}', []),
    ("OrderCancelled", 1, '{"amount":2450,"distribution":1,"member":4}', [(4, SALES, 2450)]),
    ("OrderCancelled", 1, '{"amount":0,"distribution":1,"member":4}', []),
    ("OrderCredited", 1, '{"amount":300,"distribution":1,"member":4}', [(4, SALES, 300)]),
    ("RemovalAsked", 1, '{"distribution":1,"line":2,"member":4}', []),
    ("RemovalDecided", 1, '{"asked":12,"granted":true,"member":4}', []),
    ("PaymentPlanned", 1, '{"amount":1300,"distribution":1,"member":4,"method":"cheque"}', []),
    ("PlanEnded", 1, '{"how":"lapsed","member":4,"plan":12}', []),
    ("VisitEnded", 1, '{"distribution":1,"member":4}', []),
    ("DistributionPlanned", 1, f"{{{MOMENTS}}}", []),
    ("DistributionMoved", 1, f"{{{MOMENTS}}}", []),
    ("WindowMoved", 1, '{"closes_at":"2026-11-25T19:00:00+00:00","distribution":1,"opens_at":"2026-11-20T08:00:00+00:00"}', []),
    ("OfferChosen", 1, '{"distribution":1,"products":[1,2]}', []),
    ("PriceSet", 1, '{"distribution":1,"price":1350,"product":4}', []),
    ("PhotoChanged", 1, '{"kept_bytes":2048,"name":"Pain","product":3}', []),
    ("OrdersOpened", 1, '{"distribution":1,"late":false}', []),
    ("ClosingRecalled", 1, '{"distribution":1}', []),
    ("OrdersClosed", 1, '{"distribution":1}', []),
    ("DistributionCancelled", 1, '{"distribution":1}', []),
    ("DistributionValidated", 1, '{"distribution":1}', []),
    ("ValidationRecalled", 1, '{"distribution":1,"step":2}', []),
    ("FloatCounted", 1, '{"amount":5000,"distribution":1}', []),
    (
        "ProductChanged", 1,
        '{"active":true,"category":"Pain","name":"Pain","organic":false,"piece_quantity":1000,"price":450,"producer":"Fournil","product":3,"sold":"piece","stock":null,"unit":"piece","was":[["price",430],["stock",5000]]}',
        [],
    ),
]  # fmt: skip
"""(kind, version, body as the journal keeps it, postings as (account, contra, cents))."""


def body(fact: Fact) -> str:
    """Write a fact as the journal keeps it."""
    return json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


@pytest.mark.parametrize(("kind", "version", "kept", "expected"), GOLDEN)
def test_what_was_kept_once_still_means_the_same(
    kind: str, version: int, kept: str, expected: list[tuple[int, int, int]]
) -> None:
    fact = decode(kind, json.loads(kept), version)
    assert [(p.account, int(p.contra), p.amount) for p in postings(fact)] == expected
    assert body(fact) == kept
    assert fact.version == version
    assert decode(kind, json.loads(body(fact)), version) == fact, "JSON gives the same fact back"


def test_every_kind_and_version_of_the_markets_facts_has_its_example() -> None:
    shown = {(kind, version) for kind, version, _, _ in GOLDEN}
    ours = {name for name, kind in kinds().items() if kind.__module__.startswith("bot.market.")}
    assert {kind for kind, _ in shown} == ours
    assert {(kind, version) for kind in ours & ruled().keys() for version in ruled()[kind]} <= shown
    assert all(kinds()[name].version in {version for kind, version in shown if kind == name} for name in ours)


def test_no_free_text_is_kept_with_a_fact_about_a_member() -> None:
    """B44: reasons and notes are private fields."""
    for name, kind in kinds().items():
        if kind.__module__.startswith("bot.market.") and "member" in {field.name for field in fields(kind)}:
            texts = {f.name for f in fields(kind) if f.type == "str" and not f.metadata.get("private")}
            assert texts <= {"how"}, name


lines = st.builds(Line, st.integers(1, 9), st.integers(1, 9000), st.integers(0, 9000), st.integers(1, 5000))
changes = st.builds(
    Change, st.integers(1, 9), st.integers(1, 9), *[st.integers(0, 9000), st.integers(1, 5000)] * 2
)  # fmt: skip


@given(st.lists(lines, min_size=1, max_size=9), st.lists(changes, min_size=1, max_size=9))
def test_debits_are_sums_of_lines_rounded_one_by_one_b7(ordered: list[Line], changed: list[Change]) -> None:
    placed = sum(posting.amount for posting in postings(OrderPlaced(1, 1, tuple(ordered))))
    assert placed == -sum((line.quantity * line.price + 500) // 1000 for line in ordered)
    adjusted = sum(posting.amount for posting in postings(OrderAdjusted(1, 1, tuple(changed))))
    before = sum((c.was_quantity * c.was_price + 500) // 1000 for c in changed)
    assert adjusted == before - sum((c.quantity * c.price + 500) // 1000 for c in changed)


@dataclass
class Stall:
    """A market whose facts are recorded in books with members 1 to 3; distribution 1 is validated, 2 goes on, 3 is cancelled."""

    keeper: Bookkeeper

    def happens(self, fact: Fact) -> Recorded:
        """Record a fact, and carry it out in the market."""
        recorded = self.keeper.record(fact)
        self.keeper.store.write(lambda connection: market_apply.apply(connection, recorded)).result()
        return recorded

    def left(self, product: int) -> int | None:
        """Give the stock of a product."""
        return self.keeper.read(lambda books: Market(books._connection, 1, NOW).catalogue[product].stock)


def planned(number: int, days: int) -> DistributionPlanned:
    """Plan a distribution that began so many days ago, and whose orders are entered by hand."""
    starts = NOW - timedelta(days=days)
    opens, closes, ends = starts - timedelta(days=7), starts - timedelta(days=1), starts + timedelta(hours=2)
    moments = (starts.isoformat(), ends.isoformat(), opens.isoformat(), closes.isoformat())
    return DistributionPlanned(number, *moments, f"Place {number}")


def filled(store: Store) -> Stall:
    """Three distributions: ordered, added to, adjusted, planned, received, lapsed, validated, credited, cancelled."""
    stall = Stall(Bookkeeper(store))
    carrots, eggs, chicken = Line(1, 350, 350, 210), Line(2, 1000, 1000, 300), Line(4, 1000, 900, 1400)
    for fact in (*CATALOGUE, *(planned(number, days=number) for number in (1, 2, 3))):
        stall.happens(fact)
    for distribution in (1, 2, 3):
        stall.happens(OrderPlaced(1, distribution, (carrots, chicken), by_hand=True))
        stall.happens(OrderPlaced(2, distribution, (eggs,), by_hand=True))
    plan = stall.happens(PaymentPlanned(1, 1, Cents(1334), Method.CHEQUE)).number
    stall.happens(ProductsAdded(2, 1, (carrots,), by_hand=True))
    stall.happens(OrderAdjusted(1, 1, (Change(2, 4, 900, 1400, 1150, 1400),)))
    stall.happens(PlanEnded(1, plan, "lapsed"))
    stall.happens(DistributionValidated(1))
    stall.happens(OrderCredited(1, 1, Cents(300), reason="abîmé"))
    for member, ordered in ((1, (carrots, chicken)), (2, (eggs,))):
        stall.happens(OrderCancelled(member, 3, total(ordered)))
    stall.happens(DistributionCancelled(3))
    return stall


def test_replayed_orders_give_the_same_books_on_the_other_database(
    store: Store, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The journal alone gives accounts, entries and payments again. It does not fill the market's tables, and the audit says so:
    every sale is then one of no order.
    """  # fmt: skip
    filled(store)
    with other_than(store, request, tmp_path) as other, store.read() as source:
        count = other.write(lambda target: replay(source, target)).result()
        with other.read() as target:
            assert everything(target) == everything(source)
            assert count == len(everything(source)["fact"])
            assert target.execute(select(func.count()).select_from(ORDER)).scalar_one() == 0
            assert target.execute(select(func.count()).select_from(LINE)).scalar_one() == 0
            found = audit(target)
            assert {(wrong.check, wrong.group) for wrong in found} == {("ventes", 1)}
            sales = [
                fact
                for fact in range(1, count)
                if any(w.detail == f"l'opération n° {fact} n'est d'aucune commande" for w in found)
            ]
            assert len(found) == len(sales) == 11


def other_than(store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> AbstractContextManager[Store]:
    """Open an empty database of the kind that a store is not; its audit is the test's."""
    with store.read() as connection:
        dialect = connection.dialect.name
    url = f"sqlite:///{tmp_path / 'other.db'}"
    if dialect == "sqlite":
        url = new_postgresql(request.getfixturevalue("postgresql_template"), template="ready")
    return closing(Store.open(url, create=True))


def test_what_was_taken_off_does_not_go_back_to_stock_twice(store: Store) -> None:
    """B10, B11, B35: two of five eggs are ordered, one goes back, the line is raised again, the distribution is cancelled."""
    stall = Stall(Bookkeeper(store))
    for fact in (*CATALOGUE, planned(1, days=1), OrderPlaced(1, 1, (Line(2, 2000, 2000, 300),), by_hand=True)):
        stall.happens(fact)
    assert stall.left(2) == 3000
    stall.happens(OrderAdjusted(1, 1, (Change(1, 2, 2000, 300, 1000, 300),), restocked=True))
    assert stall.left(2) == 4000
    stall.happens(OrderAdjusted(1, 1, (Change(1, 2, 1000, 300, 2000, 300),)))
    stall.happens(OrderCancelled(1, 1, Cents(600)))
    assert stall.left(2) == 5000


@pytest.fixture(scope="module")
def stall(lasting_url: str) -> Generator[Stall]:
    """A market that no test changes for good."""
    with audited(lasting_url) as store:
        yield filled(store)


class Undo(Exception):  # noqa: N818 - no error: the way out of a transaction
    """Takes the damage back, and what was found of it along."""

    def __init__(self, found: list[Discrepancy], checks: set[str]) -> None:
        super().__init__()
        self.found, self.checks = found, checks


def found_after(stall: Stall, *statements: str) -> Undo:
    """Do damage, audit, take the damage back."""

    def job(connection: Connection) -> None:
        damage(connection, *statements)
        raise Undo(audit(connection), {check.__name__ for check in CHECKS if list(check(connection))})

    with pytest.raises(Undo) as undone:
        stall.keeper.store.write(job).result()
    return undone.value


HERE = "group_id = 1 AND distribution = 1 AND member"
DEBITS, SOLD, CREDITS = (check.__name__ for check in OURS)
DAMAGES: dict[str, tuple[set[str], list[str]]] = {
    "a line weighs more than was debited": ({DEBITS}, [f"UPDATE order_line SET quantity = 1250 WHERE {HERE} = 1 AND line = 2"]),
    "a line has another price": ({DEBITS}, [f"UPDATE order_line SET price = 301 WHERE {HERE} = 2 AND product = 2"]),
    "a line is gone": ({DEBITS}, [f"DELETE FROM order_line WHERE {HERE} = 2 AND product = 1"]),
    "a line that nobody debited": (
        {DEBITS},
        ["INSERT INTO order_line VALUES (1, 2, 2, 9, 3, 'Pain', 'piece', 'piece', 1000, 1000, 450)"],
    ),
    "an order says it was cancelled and was not": (
        {DEBITS},
        ["UPDATE member_order SET state = 'cancelled' WHERE group_id = 1 AND distribution = 2 AND member = 2"],
    ),
    "a cancelled order says it stands": (
        {DEBITS},
        ["UPDATE member_order SET state = 'confirmed' WHERE group_id = 1 AND distribution = 3 AND member = 2"],
    ),
    "an order is gone, its lines and its debit stay": ({DEBITS}, [f"DELETE FROM member_order WHERE {HERE} = 2"]),
    "a sale of which no order knows": (
        {DEBITS, SOLD},
        [f"DELETE FROM order_fact WHERE {HERE} = 2 AND fact = (SELECT MAX(fact) FROM order_fact WHERE {HERE} = 2)"],
    ),
    "a credit says it gave more than it did": ({CREDITS}, [f"UPDATE order_fact SET amount = 301 WHERE {HERE} = 1 AND credit"]),
    "a credit larger than its order": (
        {CREDITS, DEBITS},
        [f"UPDATE order_line SET quantity = 1, price = 1 WHERE {HERE} = 1"],
    ),
    "a credit that gave nothing": (
        {CREDITS},
        ["INSERT INTO order_fact (group_id, fact, distribution, member, credit, amount) SELECT 1, MIN(number), 1, 1, TRUE, 5 FROM fact WHERE group_id = 1 AND kind = 'DistributionValidated'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("checks", "statements"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_by_the_check_made_for_it(stall: Stall, checks: set[str], statements: list[str]) -> None:
    undone = found_after(stall, *statements)
    assert undone.checks == checks
    assert {discrepancy.group for discrepancy in undone.found} == {1}


def test_an_undamaged_market_is_right(stall: Stall) -> None:
    assert found_after(stall).found == []


def test_every_check_of_the_market_has_its_damage() -> None:
    assert {name for names, _ in DAMAGES.values() for name in names} == {check.__name__ for check in OURS}
    assert {check for check in CHECKS if check.__module__ == "bot.market.audit"} == set(OURS)
