"""Each check of the audit, by damage done behind the triggers' back: that check speaks, and it alone.

On a journal of two groups: facts 1 to 3 open accounts, 4 is declared, 5 validates it (500 by cash), 6 is an opening
balance (-800), 7 receives 300 by cheque, 8 reverses 7, 9 is declared and waits.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from bot.ledger import triggers
from bot.ledger.audit import CHECKS, Discrepancy, audit
from bot.ledger.closing import close_books, closed_books, reopen_books
from bot.ledger.errors import BooksUnsoundError
from bot.ledger.facts import FactReversed, OpeningBalanceEntered, PaymentReceived, PaymentRefunded, PaymentValidated
from bot.ledger.journal import BooksClosedError
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.bookkeeping import CASH, CHEQUE, Bookkeeper


def filled(store: Store) -> Bookkeeper:
    keeper = Bookkeeper(store)
    keeper.declare(500)
    keeper.record(PaymentValidated(1, 4, Cents(500), CASH))
    keeper.record(OpeningBalanceEntered(2, Cents(-800)))
    keeper.record(PaymentReceived(1, Cents(300), CHEQUE))
    keeper.record(FactReversed(1, 7))
    keeper.declare(900)
    keeper.record(PaymentReceived(1, Cents(100), CASH), group=2)
    return keeper


@pytest.fixture(scope="module")
def lasting(lasting_store: Store) -> Bookkeeper:
    """Books that no test changes for good."""
    return filled(lasting_store)


@pytest.fixture
def keeper(unaudited_store: Store) -> Bookkeeper:
    return filled(unaudited_store)


@contextmanager
def unguarded(connection: Connection) -> Generator[None]:
    """Take triggers and foreign keys away for a moment, as damage to a file would not ask for them either."""
    triggers.remove(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        connection.exec_driver_sql("SET LOCAL session_replication_role = DEFAULT")
    triggers.install(connection)


def damage(connection: Connection, *statements: str) -> None:
    """Do what the database would have refused."""
    with unguarded(connection):
        for statement in statements:
            connection.exec_driver_sql(statement)


OURS = [check for check in CHECKS if check.__module__ == audit.__module__]
"""The ledger's own checks; other areas add theirs, and their own tests."""


class Undo(Exception):  # noqa: N818 - no error: the way out of a transaction
    """Takes the damage back, and what was found of it along."""

    def __init__(self, found: list[Discrepancy], checks: set[str]) -> None:
        super().__init__()
        self.found, self.checks = found, checks


def found_after(keeper: Bookkeeper, *statements: str) -> Undo:
    """Do damage, audit, take the damage back."""

    def job(connection: Connection) -> None:
        damage(connection, *statements)
        raise Undo(audit(connection), {check.__name__ for check in OURS if list(check(connection))})

    with pytest.raises(Undo) as undone:
        keeper.store.write(job).result()
    return undone.value


A_FACT = (
    "INSERT INTO fact (group_id, number, kind, version, body, at, key) VALUES (1, 10, '{}', 1, '{}', '2026-11-24', 'k')"
)
ONE_MORE = "UPDATE book SET facts = 10 WHERE group_id = 1"
SHIFT = "UPDATE account SET balance = balance {} WHERE group_id = 1 AND number = {}"

DAMAGES: dict[str, tuple[set[str], list[str]]] = {
    "a balance drifts": ({"groups_sum_to_zero", "balances_agree"}, [SHIFT.format("+ 1", 2)]),
    "two balances drift against each other": ({"balances_agree"}, [SHIFT.format("+ 1", 2), SHIFT.format("- 1", -7)]),
    "an entry is announced and not there": (
        {"chains_hold"},
        ["UPDATE account SET entries = entries + 1 WHERE group_id = 1 AND number = 2"],
    ),
    "a running balance is wrong": ({"chains_hold"}, ["UPDATE entry SET balance_after = 501 WHERE fact = 5 AND group_id = 1"]),
    "two entries changed places": (
        {"chains_hold"},
        [
            "UPDATE entry SET seq = 99 WHERE fact = 5 AND group_id = 1",
            "UPDATE entry SET seq = 1 WHERE fact = 7 AND group_id = 1",
            "UPDATE entry SET seq = 2 WHERE fact = 5 AND group_id = 1",
        ],
    ),
    "a payment says more than was posted": ({"payments_agree", "replay_agrees"}, ["UPDATE payment SET received = 501 WHERE number = 4 AND group_id = 1"]),
    "a waiting payment says it was received": (
        {"payments_agree", "replay_agrees"},
        ["UPDATE payment SET state = 'validated', received = 900, decided = 6 WHERE number = 9"],
    ),
    "a received payment waits again": (
        {"money_has_its_payment", "replay_agrees"},
        ["UPDATE payment SET state = 'declared', received = NULL, decided = NULL WHERE number = 4 AND group_id = 1"],
    ),
    "a payment whose reception was reversed says it stands": (
        {"payments_agree", "replay_agrees", "bounced_payments_have_their_cheque"},
        ["UPDATE payment SET state = 'validated', decided = 7 WHERE number = 7"],
    ),
    "a cheque given back is still in hand": (
        {"cheques_in_hand_are_there", "bounced_payments_have_their_cheque", "replay_agrees"},
        ["UPDATE cheque SET returned = NULL WHERE received = 7"],
    ),
    "a cheque is on a slip that nobody made": (
        {"slips_are_their_cheques", "bounced_payments_have_their_cheque", "replay_agrees"},
        ["UPDATE cheque SET returned = NULL, slip = 6 WHERE received = 7"],
    ),
    "a payment bounced and its cheque did not": (
        {"payments_agree", "bounced_payments_have_their_cheque", "replay_agrees"},
        ["UPDATE payment SET state = 'bounced' WHERE number = 7"],
    ),
    "a payment by nothing known": ({"replay_agrees"}, ["UPDATE payment SET method = 'moon' WHERE number = 9"]),
    "a refusal nobody gave": (
        {"replay_agrees"},
        ["UPDATE payment SET state = 'refused', decided = 8 WHERE number = 9"],
    ),
    "the last fact is gone": ({"facts_are_numbered"}, ["DELETE FROM payment WHERE number = 9", "DELETE FROM fact WHERE number = 9"]),
    "a fact is announced and not there": ({"facts_are_numbered"}, [ONE_MORE]),
    "an account nobody opened": ({"accounts_have_their_fact"}, ["INSERT INTO account (group_id, number, balance, entries) VALUES (1, 8, 0, 0)"]),
    "an account closed by nobody": (
        {"closed_accounts_are_at_zero"}, ["UPDATE account SET closed = true WHERE group_id = 1 AND number = 3"]
    ),
    "an account closed and open": (
        {"closed_accounts_are_at_zero"}, [A_FACT.format("AccountClosed", '{"member":3}'), ONE_MORE],
    ),
    "a payment waits on a closed account": (
        {"closed_accounts_are_at_zero"},
        [A_FACT.format("AccountClosed", '{"member":1}'), ONE_MORE, "UPDATE account SET closed = true WHERE group_id = 1 AND number = 1"],
    ),
    "an account opened and not there": ({"accounts_have_their_fact"}, [A_FACT.format("AccountOpened", '{"member":8}'), ONE_MORE]),
    "a fact that posted nothing": (
        {"replay_agrees"},
        [A_FACT.format("PaymentRefunded", '{"amount":5,"member":1,"method":"cash"}'), ONE_MORE],
    ),
    "money received by no payment": (
        {"money_has_its_payment", "replay_agrees"},
        [A_FACT.format("PaymentReceived", '{"amount":5,"member":1,"method":"cash"}'), ONE_MORE],
    ),
    "a fact nobody knows": ({"replay_agrees"}, [A_FACT.format("MoonPhase", "{}"), ONE_MORE]),
    "a fact of a version nobody knows": ({"replay_agrees"}, ["UPDATE fact SET version = 9 WHERE number = 6 AND group_id = 1"]),
    "a fact that says something else": (
        {"replay_agrees"},
        ["UPDATE fact SET body = '{\"amount\":-801,\"member\":2}' WHERE number = 6 AND group_id = 1"],
    ),
    "a reversal that forgot what it reverses": (
        {"reversals_mirror", "money_has_its_payment"},
        ["UPDATE fact SET reverses = NULL WHERE number = 8 AND group_id = 1"],
    ),
    "a reversal that takes back another amount": (
        {"reversals_mirror", "replay_agrees", "cheques_in_hand_are_there"},
        [
            "UPDATE entry SET amount = -299, balance_after = 501 WHERE fact = 8 AND group_id = 1",
            SHIFT.format("+ 1", 1),
            SHIFT.format("- 1", -2),
        ],
    ),
    "an entry taken from another account": (
        {"balances_agree", "replay_agrees"},
        ["UPDATE entry SET contra = -3 WHERE fact = 5 AND group_id = 1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("checks", "statements"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_by_the_check_made_for_it(lasting: Bookkeeper, checks: set[str], statements: list[str]) -> None:
    undone = found_after(lasting, *statements)
    assert undone.checks == checks
    assert {discrepancy.group for discrepancy in undone.found} == {1}


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "5", "{}", '{"amount":-800}', '{"amount":-800,"member":2,"moon":1}']
)
def test_a_fact_that_cannot_be_read_is_named_alone(lasting: Bookkeeper, body: str) -> None:
    """The other checks would stumble on it: a host must not read that the program is at fault."""

    def job(connection: Connection) -> None:
        damage(connection, f"UPDATE fact SET body = '{body}' WHERE number = 6 AND group_id = 1")
        raise Undo(audit(connection), set())

    with pytest.raises(Undo) as undone:
        lasting.store.write(job).result()
    assert undone.value.found == [Discrepancy(1, "journal", "n° 6 ne se lit pas")]


def test_an_entry_without_its_account_or_fact_is_found_b1(lasting: Bookkeeper) -> None:
    """An entry carried into another group has neither there: nothing crosses groups."""
    undone = found_after(lasting, "INSERT INTO entry VALUES (3, 1, 1, -1, 5, 5, 1)")
    assert undone.checks == {"entries_have_their_places"}


def test_undamaged_books_are_right(lasting: Bookkeeper) -> None:
    assert found_after(lasting).checks == set()


def test_every_check_has_its_damage() -> None:
    shown = {name for names, _ in DAMAGES.values() for name in names} | {"entries_have_their_places"}
    assert shown == {check.__name__ for check in OURS}


def test_only_a_difference_of_rereading_is_not_serious(lasting: Bookkeeper) -> None:
    drifted = DAMAGES["two balances drift against each other"][1]
    reread = DAMAGES["a fact that says something else"][1]
    found = found_after(lasting, *drifted, *reread).found
    assert {(d.check, d.serious) for d in found} == {("solde", True), ("relecture", False)}
    assert "groupe 1 : solde : compte 2 : -799 au lieu de -800" in map(str, found)


def test_rereading_can_be_left_out(lasting: Bookkeeper) -> None:
    with lasting.store.read() as connection:
        assert audit(connection, replay=False) == []
    assert found_after(lasting, *DAMAGES["a fact that says something else"][1]).checks == {"replay_agrees"}


def test_unsound_books_are_closed_once_and_opened_by_hand_when_sound(keeper: Bookkeeper) -> None:
    keeper.store.write(
        lambda connection: damage(connection, *DAMAGES["two balances drift against each other"][1])
    ).result()
    write = keeper.store.write
    assert write(lambda connection: close_books(connection, [1, 1, 9])).result() == [1]
    assert write(lambda connection: close_books(connection, [1])).result() == []
    with keeper.store.read() as connection:
        assert closed_books(connection) == [1]
    with pytest.raises(BooksClosedError):
        keeper.record(PaymentRefunded(1, Cents(1), CASH))
    with pytest.raises(BooksUnsoundError, match=r"groupe 1 : solde"):
        write(lambda connection: reopen_books(connection, 1)).result()

    keeper.store.write(lambda connection: damage(connection, SHIFT.format("- 1", 2), SHIFT.format("+ 1", -7))).result()
    with pytest.raises(BooksClosedError):
        keeper.record(PaymentRefunded(1, Cents(1), CASH))
    write(lambda connection: reopen_books(connection, 1)).result()
    assert keeper.record(PaymentRefunded(1, Cents(1), CASH)).new


def test_another_groups_damage_keeps_nobody_elses_books_closed(keeper: Bookkeeper) -> None:
    keeper.store.write(
        lambda connection: damage(connection, *DAMAGES["two balances drift against each other"][1])
    ).result()
    keeper.store.write(lambda connection: close_books(connection, [2])).result()
    keeper.store.write(lambda connection: reopen_books(connection, 2)).result()
    with keeper.store.read() as connection:
        assert closed_books(connection) == []


def test_empty_books_are_right(unaudited_store: Store) -> None:
    with unaudited_store.read() as connection:
        assert audit(connection) == []
