"""A mistake is taken back by its mirror: once, not a reversal, not while a refund rests on it (B3, B45)."""

from __future__ import annotations

import pytest

from bot.ledger.decisions import AlreadyDecidedError
from bot.ledger.facts import (
    AccountOpened,
    Fact,
    FactReversed,
    OpeningBalanceEntered,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.reversals import AlreadyReversedError, NothingToReverseError, RestingError, ReversalStandsError
from bot.ledger.store import Store
from tests.bookkeeping import CASH, CHEQUE, Bookkeeper


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    return Bookkeeper(store)


def receive(keeper: Bookkeeper, amount: int, member: int = 1) -> int:
    return keeper.record(PaymentReceived(member, Cents(amount), CASH)).number


def refund(keeper: Bookkeeper, amount: int, member: int = 1) -> int:
    return keeper.record(PaymentRefunded(member, Cents(amount), CASH)).number


def undo(keeper: Bookkeeper, number: int, member: int = 1) -> int:
    return keeper.record(FactReversed(member, number)).number


@pytest.mark.parametrize(
    "fact",
    [
        PaymentReceived(1, Cents(500), CHEQUE),
        PaymentRefunded(1, Cents(500), CASH),
        OpeningBalanceEntered(1, Cents(-820)),
        OpeningBalanceEntered(1, Cents(820)),
    ],
)
def test_a_reversal_is_the_mirror_of_what_it_names_b3(keeper: Bookkeeper, fact: Fact) -> None:
    number = keeper.record(fact).number
    reversal = undo(keeper, number)
    assert keeper.balance() == 0
    assert keeper.read(lambda books: [books.held(account) for account in GroupAccount]) == [0] * len(GroupAccount)
    kept, named = keeper.read(lambda books: (books.fact(number), books.reversal_of(number)))
    assert kept is not None
    assert kept.fact == fact, "what was posted is still there"
    assert named is not None
    assert named.number == reversal


def test_members_see_the_net_coordinators_see_all_b3(keeper: Bookkeeper) -> None:
    kept, gone = receive(keeper, 500), receive(keeper, 300)
    reversal = undo(keeper, gone)
    net = keeper.read(lambda books: books.history(1, limit=10, net=True))
    assert [operation.fact for operation in net] == [kept]
    everything = keeper.read(lambda books: books.history(1, limit=10, net=False))
    assert [(o.fact, o.amount, o.balance_after) for o in everything] == [
        *[(reversal, -300, 500), (gone, 300, 800), (kept, 500, 500)]
    ]
    assert (everything[0].reverses, everything[1].reversed_by) == (gone, reversal)


def test_a_fact_is_reversed_once_b3(keeper: Bookkeeper) -> None:
    number = receive(keeper, 500)
    undo(keeper, number)
    before = keeper.rows()
    with pytest.raises(AlreadyReversedError) as refusal:
        undo(keeper, number)
    assert refusal.value.facts["number"] == number
    assert keeper.rows() == before


def test_a_reversal_is_not_reversed_b3(keeper: Bookkeeper) -> None:
    reversal = undo(keeper, receive(keeper, 500))
    before = keeper.rows()
    with pytest.raises(ReversalStandsError):
        undo(keeper, reversal)
    assert keeper.rows() == before


def test_what_is_not_there_or_moves_nothing_is_not_reversed(keeper: Bookkeeper) -> None:
    opened = keeper.record(AccountOpened(4)).number
    declared = keeper.declare(500)
    withdrawn = keeper.record(PaymentWithdrawn(1, declared)).number
    for number, member in ((999, 1), (opened, 4), (declared, 1), (withdrawn, 1)):
        with pytest.raises(NothingToReverseError):
            undo(keeper, number, member)


def test_a_fact_of_another_group_is_not_reversed_b1(keeper: Bookkeeper) -> None:
    for _ in range(5):
        number = receive(keeper, 500)
    with pytest.raises(NothingToReverseError):
        keeper.record(FactReversed(1, number), group=2)
    assert keeper.balance() == 2500


def test_a_reversal_that_names_another_member_is_a_bug(keeper: Bookkeeper) -> None:
    number = receive(keeper, 500)
    before = keeper.rows()
    with pytest.raises(ValueError, match="member"):
        undo(keeper, number, member=2)
    assert keeper.rows() == before


def test_money_given_back_is_not_taken_back_under_its_refund_b3(keeper: Bookkeeper) -> None:
    number = receive(keeper, 2000)
    given_back = refund(keeper, 500)
    before = keeper.rows()
    with pytest.raises(RestingError) as refusal:
        undo(keeper, number)
    assert (refusal.value.facts["refund"], refusal.value.facts["amount"]) == (given_back, 500)
    assert keeper.rows() == before
    undo(keeper, given_back)
    undo(keeper, number)
    assert keeper.balance() == 0


def test_a_refund_that_other_money_covers_holds_nothing_back(keeper: Bookkeeper) -> None:
    first, _second = receive(keeper, 500), receive(keeper, 500)
    refund(keeper, 500)
    undo(keeper, first)
    assert keeper.balance() == 0


def test_a_refund_rests_on_the_last_money_that_covers_it(keeper: Bookkeeper) -> None:
    """Either payment covers the refund; once the first is taken back, the second no longer may be."""
    first, second = receive(keeper, 500), receive(keeper, 500)
    refund(keeper, 500)
    undo(keeper, first)
    with pytest.raises(RestingError):
        undo(keeper, second)
    assert keeper.balance() == 0


def test_two_refunds_rest_on_what_both_need(keeper: Bookkeeper) -> None:
    first, _ = receive(keeper, 500), receive(keeper, 500)
    refund(keeper, 500)
    last = refund(keeper, 500)
    with pytest.raises(RestingError):
        undo(keeper, first)
    undo(keeper, last)
    undo(keeper, first)


def test_money_that_came_after_a_refund_or_is_anothers_is_free(keeper: Bookkeeper) -> None:
    receive(keeper, 500)
    other = receive(keeper, 500, member=2)
    refund(keeper, 500)
    undo(keeper, receive(keeper, 700))
    undo(keeper, other, member=2)


def test_a_reversed_validation_brings_the_payment_back_in_the_next_round_b45(keeper: Bookkeeper) -> None:
    payment = keeper.declare(500)
    for count in range(3):
        assert keeper.state(payment) == ("declared", count)
        done = keeper.record(PaymentValidated(1, payment, Cents(400 + count), CASH, round=count)).number
        assert keeper.balance() == 400 + count
        undo(keeper, done)
        assert keeper.balance() == 0
    found = keeper.read(lambda books: books.pending(1))
    assert [(p.number, p.round, p.received, p.decided, p.decided_at) for p in found] == [(payment, 3, None, None, None)]


def test_a_button_of_an_earlier_round_decides_nothing_b21(keeper: Bookkeeper) -> None:
    payment = keeper.declare(500)
    undo(keeper, keeper.record(PaymentValidated(1, payment, Cents(500), CASH)).number)
    before = keeper.rows()
    late: tuple[Fact, ...] = (PaymentValidated(1, payment, Cents(500), CASH), PaymentRefused(1, payment))
    for fact in late:
        with pytest.raises(AlreadyDecidedError) as refusal:
            keeper.record(fact)
        assert (refusal.value.state, refusal.value.by) == ("declared", None)
    assert keeper.rows() == before
    keeper.record(PaymentRefused(1, payment, round=1))
    assert keeper.state(payment) == ("refused", 1)


def test_a_reversed_refusal_brings_the_payment_back_too_b45(keeper: Bookkeeper) -> None:
    payment = keeper.declare(500)
    undo(keeper, keeper.record(PaymentRefused(1, payment, reason="pas signé")).number)
    assert keeper.state(payment) == ("declared", 1)
    keeper.record(PaymentWithdrawn(1, payment))
    assert keeper.state(payment) == ("withdrawn", 1)


def test_a_payment_received_without_declaration_ends_reversed_b45(keeper: Bookkeeper) -> None:
    number = receive(keeper, 500)
    reversal = undo(keeper, number)
    found = keeper.read(lambda books: books.payment(number))
    assert found is not None
    assert (found.state, found.decided, found.received) == ("reversed", reversal, 500)
    with pytest.raises(AlreadyDecidedError):
        keeper.record(PaymentValidated(1, number, Cents(500), CASH))
