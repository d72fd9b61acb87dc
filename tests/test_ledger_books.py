"""Reading the books: histories in pages, debts and since when, payments that look alike, what each place holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.ledger.books import Books
from bot.ledger.facts import (
    AccountOpened,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentReceived,
    PaymentRefunded,
)
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.store import Store
from tests.bookkeeping import CASH, CHEQUE, NOW, TRANSFER, Bookkeeper


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    return Bookkeeper(store)


def enter(keeper: Bookkeeper, amount: int, member: int = 1) -> tuple[int, datetime]:
    done = keeper.record(OpeningBalanceEntered(member, Cents(amount)))
    return done.number, done.at


def pages(books: Books, *, net: bool, limit: int = 3) -> list[list[int]]:
    """Leaf through a member's history, a page at a time."""
    found, before = [], None
    while page := books.history(1, before=before, limit=limit, net=net):
        found.append([operation.fact for operation in page])
        before = page[-1].fact
    return found


def test_a_history_is_leafed_through_without_gap_or_repetition(keeper: Bookkeeper) -> None:
    numbers = [enter(keeper, 100 + n, member=1 + n % 2)[0] for n in range(16)][::2]
    assert keeper.read(lambda books: pages(books, net=True)) == [
        numbers[:4:-1],
        numbers[4:1:-1],
        numbers[1::-1],
    ]


def test_what_was_reversed_leaves_no_hole_in_a_page_b3(keeper: Bookkeeper) -> None:
    numbers = [enter(keeper, 100 + n)[0] for n in range(6)]
    for number in numbers[1:4]:
        keeper.record(FactReversed(1, number))
    assert keeper.read(lambda books: pages(books, net=True)) == [[numbers[5], numbers[4], numbers[0]]]
    assert sum(map(len, keeper.read(lambda books: pages(books, net=False)))) == 9


def test_an_operation_says_where_the_money_is(keeper: Bookkeeper) -> None:
    keeper.record(PaymentReceived(1, Cents(500), CHEQUE))
    keeper.record(PaymentRefunded(1, Cents(200), CASH))
    enter(keeper, 100)
    operations = keeper.read(lambda books: books.history(1, limit=10, net=True))
    assert [(o.kind, o.method, o.amount, o.balance_after) for o in operations] == [
        ("OpeningBalanceEntered", None, 100, 400),
        ("PaymentRefunded", CASH, -200, 300),
        ("PaymentReceived", CHEQUE, 500, 500),
    ]
    held = keeper.read(lambda books: {account: books.held(account) for account in GroupAccount})
    assert {account.name: cents for account, cents in held.items() if cents} == {
        "CHEQUES": 500,
        "CASH": -200,
        "OPENING": 100,
    }


def test_the_journal_is_leafed_through_newest_first_b6(keeper: Bookkeeper) -> None:
    for n in range(7):
        enter(keeper, 1 + n)
    first = keeper.read(lambda books: books.journal(limit=4))
    rest = keeper.read(lambda books: books.journal(before=first[-1].number, limit=100))
    assert [done.number for done in (*first, *rest)] == list(range(10, 0, -1))
    assert rest[-1].fact == AccountOpened(1)
    assert keeper.read(lambda books: books.fact(99)) is None
    assert keeper.read(lambda books: books.payment(99)) is None
    assert keeper.read(lambda books: books.reversal_of(1)) is None


def test_somebody_without_account_has_nothing(keeper: Bookkeeper) -> None:
    standing = keeper.read(lambda books: books.standing(99))
    assert (standing.balance, standing.pending, standing.projected, standing.due) == (0, 0, 0, 0)
    assert keeper.balance(99) == 0
    assert keeper.read(lambda books: books.history(99, limit=5, net=True)) == []


def test_all_members_stand_in_one_list_without_the_groups_own_accounts_b36(keeper: Bookkeeper) -> None:
    enter(keeper, -2450, member=1)
    keeper.declare(1000, member=1)
    keeper.declare(1450, member=1)
    enter(keeper, 700, member=2)
    found = keeper.read(lambda books: books.standings())
    assert sorted((s.member, s.balance, s.pending, s.due) for s in found) == [
        (1, -2450, 2450, 2450),
        (2, 700, 0, 0),
        (3, 0, 0, 0),
    ]
    assert [(s.member, s.balance) for s in keeper.read(lambda books: books.standings(), group=2)] == [(1, 0), (2, 0)]


def test_a_payment_received_before_is_found_again_b28(keeper: Bookkeeper) -> None:
    """The newest of the same member and amount, since a moment, that still stands."""
    keeper.record(PaymentReceived(1, Cents(500), CASH))
    second = keeper.record(PaymentReceived(1, Cents(500), TRANSFER))
    keeper.record(PaymentReceived(1, Cents(501), CASH))
    keeper.record(PaymentReceived(2, Cents(500), CASH))
    keeper.declare(500)

    def like(amount: int, since: datetime, member: int = 1) -> int | None:
        found = keeper.read(lambda books: books.received_like(member, Cents(amount), since))
        return found.number if found else None

    assert like(500, NOW) == second.number
    assert like(502, NOW) is None
    assert like(500, NOW, member=3) is None
    assert like(500, second.at) == second.number
    assert like(500, second.at + timedelta(seconds=1)) is None
    keeper.record(FactReversed(1, second.number))
    assert like(500, second.at) is None


def test_opening_balances_that_stand_are_listed_b29(keeper: Bookkeeper) -> None:
    first, second = enter(keeper, -820)[0], enter(keeper, 100)[0]
    keeper.record(PaymentReceived(1, Cents(500), CASH))
    keeper.record(FactReversed(1, first))
    assert [o.fact for o in keeper.read(lambda books: books.opening_balances(1))] == [second]


def test_what_came_by_card_since_is_the_same_amount_validated_and_by_card(unaudited_store: Store) -> None:
    """B28; what a provider says of its payments is not kept here, and the audit would miss it."""
    keeper = Bookkeeper(unaudited_store)
    by_card = keeper.record(PaymentReceived(1, Cents(500), Method.ONLINE))
    keeper.record(PaymentReceived(1, Cents(600), CASH))
    undone = keeper.record(PaymentReceived(1, Cents(700), Method.ONLINE))
    keeper.record(FactReversed(1, undone.number))
    later = by_card.at + timedelta(seconds=1)

    def came(amount: int, since: datetime = by_card.at, member: int = 1) -> bool:
        return keeper.read(lambda books: books.came_by_card(member, Cents(amount), since))

    assert came(500)
    assert [came(500, since=later), came(500, member=2), came(501), came(600), came(700)] == [False] * 5
