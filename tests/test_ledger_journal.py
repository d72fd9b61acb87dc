"""The journal records a fact once, under the lock that posts, or not at all; on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.ledger import journal
from bot.ledger.closing import close_books
from bot.ledger.decisions import AlreadyDecidedError
from bot.ledger.facts import (
    AccountOpened,
    Fact,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.journal import BooksClosedError, KeyConflictError, Recorded, UnknownAccountError
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.store import Store
from tests.bookkeeping import ANNE, CASH, CHEQUE, NOW, TRANSFER, Bookkeeper
from tests.databases import audited, new_postgresql


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    return Bookkeeper(store)


def test_a_declared_payment_credits_nothing_until_it_is_validated_b20_b21(keeper: Bookkeeper) -> None:
    """B21: declared 23.00, received 20.00: what was really received is posted, the difference stays in the balance."""
    keeper.record(OpeningBalanceEntered(1, Cents(-2300)))
    payment = keeper.declare(2300, method=CHEQUE)
    standing = keeper.read(lambda books: books.standing(1))
    assert (standing.balance, standing.pending, standing.projected, standing.due) == (-2300, 2300, 0, 2300)

    keeper.record(PaymentValidated(1, payment, Cents(2000), CHEQUE))
    standing = keeper.read(lambda books: books.standing(1))
    assert (standing.balance, standing.pending) == (-300, 0)
    assert keeper.read(lambda books: books.held(GroupAccount.CHEQUES)) == 2000
    assert keeper.state(payment) == ("validated", 0)


def test_every_fact_says_who_when_for_whom_and_under_which_key_b6(keeper: Bookkeeper) -> None:
    done = keeper.record(PaymentReceived(1, Cents(500), CASH), key="telegram:bot:12/0")
    kept = keeper.read(lambda books: books.fact(done.number))
    assert kept == Recorded(1, done.number, PaymentReceived(1, Cents(500), CASH), ANNE, done.at, done.key, new=False)
    assert kept is not None
    assert kept.at.tzinfo is not None
    assert keeper.read(lambda books: books.journal(limit=1)) == [kept]


def test_the_same_key_again_changes_nothing_and_gives_what_was_recorded_b46(keeper: Bookkeeper) -> None:
    fact = PaymentReceived(1, Cents(500), CASH)
    first = keeper.record(fact, key="update:1")
    before = keeper.rows()
    again = keeper.record(fact, key="update:1")
    assert (again.number, again.at, again.new) == (first.number, first.at, False)
    assert keeper.rows() == before
    assert keeper.record(PaymentReceived(1, Cents(1), CASH)).number == first.number + 1, "no number is lost"


def test_a_redelivered_decision_is_not_taken_for_a_second_one_b46(keeper: Bookkeeper) -> None:
    payment = keeper.declare(500)
    decision = PaymentValidated(1, payment, Cents(500), CASH)
    first = keeper.record(decision, key="tap")
    assert keeper.record(decision, key="tap") == Recorded(1, first.number, decision, ANNE, first.at, "tap", new=False)
    undone = FactReversed(1, first.number)
    reversal = keeper.record(undone, key="undo")
    assert keeper.record(undone, key="undo").number == reversal.number
    assert keeper.balance() == 0


@pytest.mark.parametrize(
    "other",
    [
        PaymentReceived(1, Cents(501), CASH),
        PaymentReceived(2, Cents(500), CASH),
        PaymentReceived(1, Cents(500), CHEQUE),
        PaymentRefunded(1, Cents(500), CASH),
    ],
)
def test_a_key_with_another_content_is_an_error_and_changes_nothing_b6(keeper: Bookkeeper, other: Fact) -> None:
    keeper.record(PaymentReceived(1, Cents(500), CASH), key="update:1")
    before = keeper.rows()
    with pytest.raises(KeyConflictError):
        keeper.record(other, key="update:1")
    assert keeper.rows() == before


def test_the_same_key_in_another_group_is_another_fact_b1(keeper: Bookkeeper) -> None:
    fact = PaymentReceived(1, Cents(500), CASH)
    assert keeper.record(fact, key="k").new
    assert keeper.record(fact, key="k", group=2).new
    assert (keeper.balance(group=1), keeper.balance(group=2)) == (500, 500)


@pytest.mark.parametrize(
    "fact",
    [
        PaymentDeclared(9, Cents(500), CASH),
        PaymentReceived(9, Cents(500), CASH),
        PaymentRefunded(9, Cents(500), CASH),
        OpeningBalanceEntered(9, Cents(500)),
    ],
)
def test_an_unknown_account_is_refused(keeper: Bookkeeper, fact: Fact) -> None:
    before = keeper.rows()
    with pytest.raises(UnknownAccountError):
        keeper.record(fact)
    assert keeper.rows() == before


def test_a_group_reaches_only_its_own_members_and_payments_b1(keeper: Bookkeeper) -> None:
    with pytest.raises(UnknownAccountError):
        keeper.record(PaymentReceived(3, Cents(500), CASH), group=2)  # member 3 is of group 1 only
    payment = keeper.declare(500, member=1, group=1)
    with pytest.raises(AlreadyDecidedError) as refusal:
        keeper.record(PaymentValidated(1, payment, Cents(500), CASH), group=2)
    assert refusal.value.state == "unknown"
    assert keeper.state(payment) == ("declared", 0)
    assert keeper.balance(1, group=2) == 0


def test_a_payment_is_decided_for_its_own_member_only(keeper: Bookkeeper) -> None:
    payment = keeper.declare(500, member=1)
    for fact in (PaymentValidated(2, payment, Cents(500), CASH), PaymentWithdrawn(2, payment)):
        with pytest.raises(AlreadyDecidedError):
            keeper.record(fact)
    assert keeper.state(payment) == ("declared", 0)


@pytest.mark.parametrize("end", ["validated", "refused", "withdrawn"])
def test_a_decided_payment_is_decided_once_and_says_by_whom_b21_b27(keeper: Bookkeeper, end: str) -> None:
    payment = keeper.declare(500)
    ways: dict[str, Fact] = {
        "validated": PaymentValidated(1, payment, Cents(500), CASH),
        "refused": PaymentRefused(1, payment),
        "withdrawn": PaymentWithdrawn(1, payment),
    }
    decided = keeper.record(ways[end])
    before = keeper.rows()
    for fact in ways.values():
        with pytest.raises(AlreadyDecidedError) as refusal:
            keeper.record(fact)
        assert (refusal.value.state, refusal.value.by, refusal.value.at) == (end, ANNE, decided.at)
    assert keeper.rows() == before
    assert keeper.balance() == (500 if end == "validated" else 0)


def test_a_payment_nobody_declared_is_received_at_once_b26(keeper: Bookkeeper) -> None:
    number = keeper.record(PaymentReceived(1, Cents(2350), CHEQUE)).number
    found = keeper.read(lambda books: books.payment(number))
    assert found is not None
    assert (found.state, found.received, found.decided) == ("validated", 2350, number)
    keeper.record(PaymentRefunded(1, Cents(350), CASH))
    assert keeper.balance() == 2000
    assert keeper.read(lambda books: books.held(GroupAccount.CASH)) == -350


def test_an_opening_balance_moves_no_money_b29(keeper: Bookkeeper) -> None:
    keeper.record(OpeningBalanceEntered(1, Cents(-820)))
    keeper.record(OpeningBalanceEntered(2, Cents(1500)))
    assert (keeper.balance(1), keeper.balance(2)) == (-820, 1500)
    money = [a for a in GroupAccount if a is not GroupAccount.OPENING]
    assert keeper.read(lambda books: [books.held(account) for account in money]) == [0] * len(money)
    assert [o.amount for o in keeper.read(lambda books: books.opening_balances(1))] == [-820]


WRONG: list[Any] = [
    PaymentReceived(1, Cents(0), CASH),
    PaymentReceived(1, Cents(-5), CASH),
    PaymentReceived(1, 12.5, CASH),  # type: ignore[arg-type]  # that is the point
    PaymentReceived(1, Cents(10**30), CASH),
    PaymentDeclared(1, 12.5, CASH),  # type: ignore[arg-type]  # that is the point
    PaymentDeclared(1, Cents(0), CASH),
    PaymentDeclared(1, Cents(5), Method.KITTY),
    OpeningBalanceEntered(1, Cents(0)),
    AccountOpened(0),
    AccountOpened(-20),
]


@pytest.mark.parametrize("fact", WRONG, ids=repr)
def test_what_no_conversation_should_have_made_leaves_no_trace(keeper: Bookkeeper, fact: Fact) -> None:
    before = keeper.rows()
    with pytest.raises(ValueError, match=r"amount|money|number|cents"):
        keeper.record(fact)
    assert keeper.rows() == before


def test_a_member_is_given_one_account_b1(keeper: Bookkeeper) -> None:
    from sqlalchemy.exc import IntegrityError

    before = keeper.rows()
    with pytest.raises(IntegrityError):
        keeper.record(AccountOpened(1))
    assert keeper.rows() == before


def test_closed_books_record_money_received_and_what_posts_nothing(keeper: Bookkeeper) -> None:
    payment, other = keeper.declare(500), keeper.declare(100, member=2)
    received = keeper.record(PaymentReceived(1, Cents(300), CASH)).number
    refused = keeper.record(PaymentRefused(2, other)).number
    assert keeper.store.write(lambda connection: close_books(connection, [1])).result() == [1]
    for fact in (
        PaymentRefunded(1, Cents(1), CASH),
        OpeningBalanceEntered(1, Cents(1)),
        FactReversed(1, received),
    ):
        before = keeper.rows()
        with pytest.raises(BooksClosedError):
            keeper.record(fact)
        assert keeper.rows() == before
    keeper.record(PaymentValidated(1, payment, Cents(500), CASH))
    keeper.record(PaymentReceived(2, Cents(50), TRANSFER))
    keeper.record(PaymentWithdrawn(3, keeper.declare(100, member=3)))
    keeper.record(FactReversed(2, refused))
    keeper.record(AccountOpened(4))
    assert keeper.state(other) == ("declared", 1)
    assert (keeper.balance(1), keeper.balance(2)) == (800, 50)
    assert keeper.record(PaymentRefunded(1, Cents(1), CASH), group=2).new, "another group's books are open"


def test_a_repeated_key_is_answered_by_closed_books_too(keeper: Bookkeeper) -> None:
    fact = PaymentRefunded(1, Cents(300), CASH)
    first = keeper.record(fact, key="k")
    keeper.store.write(lambda connection: close_books(connection, [1])).result()
    assert keeper.record(fact, key="k").number == first.number


def test_many_at_once_lose_and_double_nothing_b46(keeper: Bookkeeper) -> None:
    """Sixteen people at once, each fact sent twice: every one is there once, the chains hold (see the fixture)."""
    facts = [(f"k{n}", PaymentReceived(n % 3 + 1, Cents(100 + n), CASH)) for n in range(48)]

    def send(rank: int) -> None:
        for key, fact in facts[rank % 8 :: 8]:
            keeper.record(fact, key=key)

    threads = [threading.Thread(target=send, args=(rank,)) for rank in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [keeper.balance(m) for m in (1, 2, 3)] == [
        sum(f.amount for _, f in facts if f.member == m) for m in (1, 2, 3)
    ]


def test_two_processes_decide_a_payment_once_b21(postgresql_template: str) -> None:
    """Two writers behind one PostgreSQL: the second to decide waits for the first, and is told. (SQLite has one.)"""
    url = new_postgresql(postgresql_template, template="ready")
    with audited(url) as store:
        _decide_twice(url, Bookkeeper(store))


def _decide_twice(url: str, keeper: Bookkeeper) -> None:
    payment = keeper.declare(500)
    second = Store.open(url)
    first_is_in, second_may_end = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> Recorded:
        done = _validate(connection, payment, "first")
        first_is_in.set()
        assert second_may_end.wait(10)
        return done

    one = keeper.store.write(slowly)
    assert first_is_in.wait(10)
    other = second.write(lambda connection: _validate(connection, payment, "second"))
    second_may_end.set()
    assert one.result().new
    with pytest.raises(AlreadyDecidedError):
        other.result()
    second.close()
    assert keeper.balance() == 500


def _validate(connection: Connection, payment: int, key: str) -> Recorded:
    fact = PaymentValidated(1, payment, Cents(500), CASH)
    return journal.record(connection, group=1, fact=fact, author=ANNE, at=NOW, key=key)
