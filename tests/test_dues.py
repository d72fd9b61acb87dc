"""What is due, since when and of what it is made: the rules on their own, and read from the books of both databases (B36, B37)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.groups.tables import BuyingGroup
from bot.ledger.books import Books
from bot.ledger.facts import (
    Fact,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
)
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.market.facts import Line, OrderCredited, OrderPlaced
from bot.market.market import Market
from bot.market.offer_facts import DistributionPlanned, DistributionValidated
from bot.reminders import apply as reminders_apply
from bot.reminders.dues import Debit, Due, Terms, due_of
from bot.reminders.facts import ReminderRuleChosen
from bot.reminders.reading import due, dues
from tests.market_stall import BREAD, CATALOGUE, record
from tests.transcripts import Scene

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT_ONCE = Terms(PARIS)
LEA, BRUNO, AWA = 1, 2, 3


def debit(amount: int, days: int, distribution: int = 0) -> Debit:
    at = NOW + timedelta(days=days)
    return Debit(
        Cents(amount), at, at + timedelta(hours=2), "order" if distribution else "OpeningBalanceEntered", distribution
    )


def parts(found: Due) -> list[tuple[int, int]]:
    return [(part.debit.distribution, part.amount) for part in found.parts]


def test_payments_settle_the_oldest_debt_first() -> None:
    """B37: of 10 + 20 + 30, 35 are left: the newest 30, and 5 of the one before."""
    found = due_of(1, Cents(3500), [debit(3000, -2, 3), debit(1000, -20, 1), debit(2000, -10, 2)], NOW, AT_ONCE)
    assert parts(found) == [(2, 500), (3, 3000)]
    assert found.since == NOW - timedelta(days=10)
    assert found.amount == 3500


def test_orders_of_a_distribution_to_come_are_not_due() -> None:
    """B4, B37: of a debt, the newest part is theirs."""
    found = due_of(1, Cents(2500), [debit(2000, 3, 2), debit(1000, -5, 1)], NOW, AT_ONCE)
    assert parts(found) == [(1, 500)]
    assert due_of(1, Cents(1500), [debit(2000, 3, 2), debit(1000, -5, 1)], NOW, AT_ONCE).parts == ()


def test_what_no_debit_explains_is_still_due() -> None:
    found = due_of(1, Cents(500), [], NOW, AT_ONCE)
    assert (found.amount, found.since) == (500, NOW)


def test_a_kitty_falls_due_on_the_settlement_day_or_at_the_floor() -> None:
    """B37."""
    debits = [debit(1000, -40, 1), debit(2000, -3, 2)]
    monthly = Terms(PARIS, kitty=True, settlement_day=1)
    assert parts(due_of(1, Cents(3000), debits, NOW, monthly)) == [(1, 1000)]
    floor = Terms(PARIS, kitty=True, settlement_day=1, floor=Cents(3000))
    assert parts(due_of(1, Cents(3000), debits, NOW, floor)) == [(1, 1000), (2, 2000)]
    assert parts(due_of(1, Cents(2900), debits, NOW, floor)) == [(1, 900)]


def test_what_is_to_come_does_not_count_towards_the_floor() -> None:
    terms = Terms(PARIS, kitty=True, settlement_day=1, floor=Cents(3000))
    assert due_of(1, Cents(3500), [debit(2000, -3, 2), debit(1500, 3, 3)], NOW, terms).parts == ()


def test_nobody_is_pressed_right_after_a_distribution() -> None:
    found = due_of(1, Cents(3000), [debit(1000, -10, 1), debit(2000, -1, 2)], NOW, AT_ONCE, covered=Cents(300))
    assert found.ripe(NOW, timedelta(days=2)) == 700
    assert found.uncovered == 2700


amounts = st.integers(1, 5000)
some_debits = st.lists(st.tuples(amounts, st.integers(-60, 20)), max_size=8)


@given(some_debits, st.integers(0, 20000))
def test_what_is_due_is_the_debt_less_what_is_to_come(made: list[tuple[int, int]], owed: int) -> None:
    """The formula of the glossary, whatever the debits: max(0, owed − not due); its parts are the newest."""
    debits = [debit(amount, days, number) for number, (amount, days) in enumerate(made, start=1)]
    found = due_of(1, Cents(owed), debits, NOW, AT_ONCE)
    to_come = sum(one.amount for one in debits if one.at > NOW)
    assert found.amount == max(0, owed - to_come)
    assert list(found.parts) == sorted(found.parts, key=lambda part: part.debit.at)
    assert all(0 < part.amount <= max(part.debit.amount, owed) for part in found.parts)


@pytest.fixture
def scene(store: Store) -> Scene:
    """The demo's group on both databases: Léa owes 24.50 brought along, Bruno has 7.00."""
    made = Scene(store)
    for product in CATALOGUE:
        record(made, product)
    return made


def plan(scene: Scene, number: int, day: datetime) -> None:
    starts, ends = day.isoformat(), (day + timedelta(hours=2)).isoformat()
    opens, closes = ((day - timedelta(days=n)).isoformat() for n in (9, 1))
    record(scene, DistributionPlanned(number, starts, ends, opens, closes, "Salle"))


def order(scene: Scene, member: int, number: int, loaves: int) -> int:
    placed = OrderPlaced(member, number, (Line(BREAD, 1000 * loaves, 1000 * loaves, 450),))
    record(scene, placed)
    return last(scene)


def post(scene: Scene, fact: Fact) -> int:
    record(scene, fact)
    return last(scene)


def last(scene: Scene) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).journal(limit=1)[0].number


def of(scene: Scene, member: int) -> Due:
    with scene.store.read() as connection:
        found = due(connection, scene.now, 1, member)
        everybody = dues(connection, scene.now)
        standing = Books(connection, 1, scene.now).standing(member)
        not_due = Market(connection, 1, scene.now).not_due(member)
    assert everybody.get((1, member), Due(member)).parts == found.parts, "one member or all: the same computation"
    assert found.amount == max(0, standing.due - not_due)
    return found


def test_read_from_the_books(scene: Scene) -> None:
    """Brought along, ordered, paid, ordered early for later: each attributed, on both databases."""
    assert [(part.debit.kind, part.amount) for part in of(scene, LEA).parts] == [("OpeningBalanceEntered", 2450)]
    start = scene.now
    plan(scene, 1, start + timedelta(days=2))
    plan(scene, 2, start + timedelta(days=5))
    order(scene, AWA, 2, 4)
    post(scene, PaymentReceived(AWA, Cents(1800), Method.CASH))
    order(scene, AWA, 1, 2)
    assert parts(of(scene, AWA)) == []
    scene.later(days=3)
    assert parts(of(scene, AWA)) == [], "18.00 were paid, and the first distribution cost 9.00"
    scene.later(days=3)
    assert parts(of(scene, AWA)) == [(2, 900)], "it is the later of both that is left"
    post(scene, DistributionValidated(2))
    post(scene, OrderCredited(AWA, 2, Cents(200)))
    assert parts(of(scene, AWA)) == [(2, 700)]


def test_a_payment_taken_back_brings_the_old_debt_back(scene: Scene) -> None:
    """B3: what was reversed counts as never posted, also where the balance was even in between."""
    plan(scene, 1, scene.now + timedelta(days=2))
    order(scene, AWA, 1, 2)
    scene.later(days=3)
    paid = post(scene, PaymentReceived(AWA, Cents(900), Method.CASH))
    assert parts(of(scene, AWA)) == []
    scene.later(days=10)
    post(scene, FactReversed(AWA, paid))
    found = of(scene, AWA)
    assert parts(found) == [(1, 900)]
    assert found.since == scene.now - timedelta(days=11)


def test_a_refund_and_a_wrong_opening_balance(scene: Scene) -> None:
    wrong = post(scene, OpeningBalanceEntered(BRUNO, Cents(-5000)))
    post(scene, FactReversed(BRUNO, wrong))
    assert parts(of(scene, BRUNO)) == []
    post(scene, PaymentRefunded(BRUNO, Cents(1000), Method.CASH))
    assert [(part.debit.kind, part.amount) for part in of(scene, BRUNO).parts] == [("PaymentRefunded", 300)]


def test_a_declaration_covers_for_a_week(scene: Scene) -> None:
    """B37."""
    post(scene, PaymentDeclared(LEA, Cents(2000), Method.CASH))
    scene.later(days=6)
    assert (of(scene, LEA).uncovered, of(scene, LEA).amount) == (450, 2450)
    scene.later(days=1)
    found = of(scene, LEA)
    assert (found.uncovered, found.covered, found.waiting) == (2450, 0, 2000)


def test_a_kitty_group_is_read_with_its_own_terms(scene: Scene) -> None:
    scene.change(update(BuyingGroup).values(methods="kitty"))
    scene.store.write(lambda connection: reminders_apply.begin(connection, 1, scene.now)).result()
    assert of_kitty(scene, LEA) == 0, "brought along on the 12th, due on the 1st"
    choose(scene, "settlement_day", 20)
    assert of_kitty(scene, LEA) == 2450
    choose(scene, "settlement_day", 1)
    for floor, expected in ((-2450, 2450), (-2500, 0), (0, 0)):
        scene.change(update(BuyingGroup).values(kitty_may_go_negative=True, kitty_floor=floor))
        assert of_kitty(scene, LEA) == expected, floor


def test_the_floor_that_reminders_had_changes_nothing_any_more(scene: Scene) -> None:
    """B18: facts of then replay, and mean what they can still mean: the kitty's own floor is the only one."""
    scene.change(update(BuyingGroup).values(methods="kitty"))
    for value in (2450, 100, -1):
        choose(scene, "floor", value)
        assert of_kitty(scene, LEA) == 0


def choose(scene: Scene, rule: str, value: int) -> None:
    from tests.reminded import tell

    tell(scene, ReminderRuleChosen(rule, value))


def of_kitty(scene: Scene, member: int) -> int:
    with scene.store.read() as connection:
        return due(connection, scene.now, 1, member).amount
