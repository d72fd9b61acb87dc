"""A line of a statement counts once, on both databases: under the lock, by constraint, and again once taken back (B23, B28)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from bot.banking import apply as banking_apply
from bot.banking.apply import LineCountedError, PaymentGoneError
from bot.banking.bank import Bank
from bot.banking.facts import BankLineMatched
from bot.banking.tables import BANK_LINE
from bot.ledger import journal
from bot.ledger.facts import Fact, FactReversed, PaymentReceived, PaymentValidated, decode, kinds
from bot.ledger.money import Cents
from bot.ledger.postings import postings
from bot.ledger.store import Store
from tests.bookkeeping import ANNE, NOW, TRANSFER, Bookkeeper

GOLDEN = '{"amount":2450,"day":"2026-11-23","key":"k1","member":1,"payment":12}'
DAY = "2026-11-23"


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    """Keep books on both databases."""
    return Bookkeeper(store)


def together(keeper: Bookkeeper, *facts: Fact) -> int:
    """Record facts in one transaction, as the desk does; give the number of the last."""

    def job(connection: Connection) -> int:
        number = 0
        for fact in facts:
            key = f"together:{next(keeper._counter)}"
            recorded = journal.record(connection, group=1, fact=fact, author=ANNE, at=NOW, key=key)
            banking_apply.apply(connection, recorded)
            number = recorded.number
        return number

    return keeper.store.write(job).result()


def received(key: str, amount: int = 2450, member: int = 1) -> tuple[Fact, Fact]:
    return PaymentReceived(member, Cents(amount), TRANSFER), BankLineMatched(key, DAY, member, Cents(amount))


def keys(keeper: Bookkeeper) -> list[str]:
    with keeper.store.read() as connection:
        return [row.key for row in connection.execute(select(BANK_LINE.c.key).order_by(BANK_LINE.c.key))]


def test_what_was_kept_once_still_means_the_same() -> None:
    fact = decode("BankLineMatched", json.loads(GOLDEN), 1)
    assert json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True) == GOLDEN
    assert postings(fact) == ()
    assert [name for name, kind in kinds().items() if kind.__module__ == "bot.banking.facts"] == ["BankLineMatched"]


def test_the_same_line_is_refused_and_nothing_of_its_turn_is_kept(keeper: Bookkeeper) -> None:
    together(keeper, *received("k1"))
    with pytest.raises(LineCountedError):
        together(keeper, *received("k1"))
    assert (keeper.balance(), keys(keeper)) == (2450, ["k1"])


def test_a_payment_is_one_line_only(keeper: Bookkeeper) -> None:
    payment = together(keeper, *received("k1")) - 1
    with pytest.raises(LineCountedError):
        together(keeper, BankLineMatched("k2", DAY, 1, Cents(2450), payment))
    assert keys(keeper) == ["k1"]


def test_the_database_itself_keeps_a_line_and_a_payment_from_counting_twice(keeper: Bookkeeper) -> None:
    number = together(keeper, *received("k1"))
    row = {"day": date(2026, 11, 23), "member": 1, "amount": 2450, "decided": number - 1, "fact": number, "group_id": 1}
    for key, payment in (("k1", 1), ("k2", number - 1)):
        with pytest.raises(IntegrityError):
            keeper.store.write(
                lambda connection, key=key, payment=payment: connection.execute(  # type: ignore[misc]  # of this round
                    insert(BANK_LINE), {**row, "key": key, "payment": payment}
                )
            ).result()


def test_a_line_is_a_payment_that_stands_of_that_member_and_amount(keeper: Bookkeeper) -> None:
    declared = keeper.declare(2450, method=TRANSFER)
    for fact in (
        BankLineMatched("k1", DAY, 1, Cents(2450), declared), BankLineMatched("k1", DAY, 1, Cents(2450), 999),
    ):  # fmt: skip
        with pytest.raises(PaymentGoneError):
            together(keeper, fact)
    together(keeper, PaymentValidated(1, declared, Cents(2450), TRANSFER))
    for member, amount in ((2, 2450), (1, 2400)):
        with pytest.raises(PaymentGoneError):
            together(keeper, BankLineMatched("k1", DAY, member, Cents(amount), declared))
    together(keeper, BankLineMatched("k1", DAY, 1, Cents(2450), declared))
    assert keys(keeper) == ["k1"]


def test_a_line_is_free_again_once_its_payment_is_taken_back(keeper: Bookkeeper) -> None:
    """B3: the correction of a received payment, and of a validated one."""
    payment = together(keeper, *received("k1")) - 1
    together(keeper, FactReversed(1, payment))
    assert keys(keeper) == []
    together(keeper, *received("k1"))
    declared = keeper.declare(500, method=TRANSFER)
    decided = together(keeper, PaymentValidated(1, declared, Cents(500), TRANSFER))
    together(keeper, BankLineMatched("k2", DAY, 1, Cents(500), declared))
    together(keeper, FactReversed(1, decided))
    assert keys(keeper) == ["k1"]
    together(
        keeper,
        PaymentValidated(1, declared, Cents(500), TRANSFER, 1),
        BankLineMatched("k2", DAY, 1, Cents(500), declared),
    )
    assert (keeper.balance(), keys(keeper)) == (2950, ["k1", "k2"])


def test_the_bank_of_one_group_is_not_that_of_another(keeper: Bookkeeper) -> None:
    payment = together(keeper, *received("k1")) - 1
    with keeper.store.read() as connection:
        ours, theirs = Bank(connection, 1), Bank(connection, 2)
        assert (ours.matched_payments([payment, 999]), theirs.matched_payments([payment])) == ({payment}, set())
        assert [line.key for line in ours.between(date(2026, 11, 23), date(2026, 11, 23))] == ["k1"]
        assert theirs.between(date(2026, 1, 1), date(2026, 12, 31)) == []
