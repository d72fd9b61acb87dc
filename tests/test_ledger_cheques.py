"""Where cheques are, on both databases: on one slip at most, bounced once, held while something rests on them (B3, B22)."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.ledger import migrate, triggers
from bot.ledger.audit import audit
from bot.ledger.cheques import (
    BouncedAlreadyError,
    CashMovedError,
    CashShortError,
    ChequeElsewhereError,
    OnSlipError,
)
from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    FactReversed,
    PaymentReceived,
    PaymentRefunded,
    PaymentValidated,
)
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.reversals import AlreadyReversedError, BouncedError, DepositedError
from bot.ledger.store import Store
from tests.bookkeeping import CASH, CHEQUE, Bookkeeper


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    return Bookkeeper(store)


def cheque(keeper: Bookkeeper, amount: int, member: int = 1) -> int:
    return keeper.record(PaymentReceived(member, Cents(amount), CHEQUE)).number


def deposit(keeper: Bookkeeper, *lines: tuple[int, int]) -> int:
    return keeper.record(ChequesDeposited(tuple((payment, Cents(amount)) for payment, amount in lines))).number


def bounce(keeper: Bookkeeper, payment: int, amount: int, *, slip: int = 0, fee: int = 0, member: int = 1) -> int:
    return keeper.record(ChequeBounced(member, payment, Cents(amount), Cents(fee), slip)).number


def held(keeper: Bookkeeper, account: GroupAccount) -> int:
    return keeper.read(lambda books: books.held(account))


def test_a_slip_moves_what_its_cheques_are_worth_and_undone_gives_them_back_b22(keeper: Bookkeeper) -> None:
    one, two = cheque(keeper, 2000), cheque(keeper, 1230, member=2)
    declared = keeper.declare(500, method=CHEQUE)
    keeper.record(PaymentValidated(1, declared, Cents(450), CHEQUE))
    assert [(c.payment, c.amount) for c in keeper.read(lambda b: b.cheques.in_hand())] == [
        (one, 2000), (two, 1230), (declared, 450),
    ]  # fmt: skip
    slip = deposit(keeper, (one, 2000), (declared, 450))
    assert (held(keeper, GroupAccount.CHEQUES), held(keeper, GroupAccount.BANK)) == (1230, 2450)
    found = keeper.read(lambda b: b.cheques.slips(limit=5))
    assert [(s.number, s.count, s.total) for s in found] == [(slip, 2, 2450)]
    with pytest.raises(DepositedError) as refused:
        keeper.record(FactReversed(1, one))
    assert refused.value.facts["slip"] == slip
    keeper.record(FactReversed(0, slip))
    assert (held(keeper, GroupAccount.CHEQUES), held(keeper, GroupAccount.BANK)) == (3680, 0)
    assert keeper.read(lambda b: b.cheques.slip(slip)) is None
    with pytest.raises(AlreadyReversedError):
        keeper.record(FactReversed(0, slip))
    keeper.record(FactReversed(1, one))
    assert keeper.read(lambda b: b.cheques.of_payment(one)) is None


def test_a_cheque_is_on_one_slip_at_most_for_what_it_is_worth_b22(keeper: Bookkeeper) -> None:
    one = cheque(keeper, 2000)
    before = keeper.rows()
    for lines in [((one, 1999),), ((99, 2000),), ((one, 2000), (99, 1))]:
        with pytest.raises(ChequeElsewhereError):
            deposit(keeper, *lines)
    cash = keeper.record(PaymentReceived(1, Cents(300), CASH)).number
    with pytest.raises(ChequeElsewhereError):
        deposit(keeper, (cash, 300))
    slip = deposit(keeper, (one, 2000))
    with pytest.raises(OnSlipError) as refused:
        deposit(keeper, (one, 2000))
    assert refused.value.facts["slip"] == slip
    assert len(keeper.rows()["fact"]) == len(before["fact"]) + 2


def test_a_cheque_of_another_group_is_not_this_ones_b1(keeper: Bookkeeper) -> None:
    other = keeper.record(PaymentReceived(1, Cents(700), CHEQUE), group=2).number
    with pytest.raises(ChequeElsewhereError):
        deposit(keeper, (other, 700))


@pytest.mark.parametrize("place", [GroupAccount.CHEQUES, GroupAccount.BANK])
def test_a_cheque_bounces_once_where_it_is_b22(keeper: Bookkeeper, place: GroupAccount) -> None:
    one = cheque(keeper, 2000)
    slip = deposit(keeper, (one, 2000)) if place is GroupAccount.BANK else 0
    for wrong in ({"slip": slip + 1}, {"slip": slip, "member": 2}):
        with pytest.raises((ChequeElsewhereError, OnSlipError)):
            bounce(keeper, one, 2000, **wrong)
    number = bounce(keeper, one, 2000, slip=slip, fee=850)
    assert keeper.balance() == -850
    assert keeper.state(one) == ("bounced", 0)
    assert [held(keeper, account) for account in (GroupAccount.CHEQUES, GroupAccount.BANK, GroupAccount.FEES)] == [
        0,
        0,
        -850,
    ]
    with pytest.raises(BouncedAlreadyError):
        bounce(keeper, one, 2000, slip=slip)
    for resting in (one, slip) if slip else (one,):
        with pytest.raises(BouncedError) as refused:
            keeper.record(FactReversed(1 if resting == one else 0, resting))
        assert refused.value.facts["bounced"] == number
    keeper.record(FactReversed(1, number))
    assert keeper.state(one) == ("validated", 0)
    assert keeper.balance() == 2000
    bounce(keeper, one, 2000, slip=slip)


def test_cash_is_counted_against_what_the_books_hold_b2(keeper: Bookkeeper) -> None:
    keeper.record(PaymentReceived(1, Cents(8450), CASH))
    with pytest.raises(CashMovedError):
        keeper.record(CashCounted(Cents(8400), Cents(8400)))
    counted = keeper.record(CashCounted(Cents(8450), Cents(8250))).number
    assert (held(keeper, GroupAccount.CASH), held(keeper, GroupAccount.WRITE_OFF)) == (8250, 200)
    with pytest.raises(CashShortError) as refused:
        keeper.record(CashBanked(Cents(8251)))
    assert refused.value.facts["held"] == 8250
    keeper.record(CashBanked(Cents(8250)))
    keeper.record(FactReversed(0, counted))
    assert (held(keeper, GroupAccount.CASH), held(keeper, GroupAccount.BANK)) == (200, 8250)


def test_a_refund_by_cheque_is_paid_by_the_bank(keeper: Bookkeeper) -> None:
    keeper.record(PaymentRefunded(1, Cents(300), CHEQUE))
    assert (held(keeper, GroupAccount.CHEQUES), held(keeper, GroupAccount.BANK)) == (0, -300)
    line = keeper.read(lambda books: books.history(1, limit=1, net=True))[0]
    assert line.method is CHEQUE


IMPOSSIBLE = {
    "another amount": "UPDATE cheque SET amount = 1",
    "another payment": "UPDATE cheque SET payment = 5 WHERE received = 4",
    "on another slip at once": "UPDATE cheque SET slip = 5 WHERE slip = 6",
    "off its slip though it bounced": "UPDATE cheque SET slip = NULL WHERE bounced IS NOT NULL",
    "on a slip though it bounced": "UPDATE cheque SET slip = 6 WHERE bounced IS NOT NULL AND slip IS NULL",
    "given back from a slip": "UPDATE cheque SET returned = 6 WHERE received = 4",
    "bounced and on a slip at once": "UPDATE cheque SET slip = 6, bounced = 6 WHERE received = 5",
    "deleted": "DELETE FROM cheque",
    "begins on a slip": "INSERT INTO cheque (group_id, received, payment, amount, slip) VALUES (1, 6, 4, 5, 6)",
    "two rows of one receipt": "INSERT INTO cheque (group_id, received, payment, amount) VALUES (1, 4, 4, 2000)",
    "a payment that bounced is refused": "UPDATE payment SET state = 'refused', received = NULL WHERE state = 'bounced'",
    "a bounced payment of another sum": "UPDATE payment SET state = 'validated', received = 1 WHERE state = 'bounced'",
}


@pytest.fixture(scope="module")
def lasting(lasting_store: Store) -> Bookkeeper:
    """Cheque 4 is on slip 6, 5 in hand, 7 bounced in hand (8), 9 bounced (11) on its slip (10)."""
    keeper = Bookkeeper(lasting_store)
    one, _two = cheque(keeper, 2000), cheque(keeper, 100)
    assert deposit(keeper, (one, 2000)) == 6
    bounce(keeper, cheque(keeper, 300), 300)
    last = cheque(keeper, 400)
    bounce(keeper, last, 400, slip=deposit(keeper, (last, 400)))
    return keeper


@pytest.mark.parametrize("statement", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_the_database_refuses_where_a_cheque_cannot_go_b3(lasting: Bookkeeper, statement: str) -> None:
    with pytest.raises(DBAPIError):
        lasting.run(statement)


def _migration() -> Any:
    path = migrate.MIGRATIONS / "versions" / "0005_cheques.py"
    spec = spec_from_file_location("cheques_migration", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cheques_that_books_knew_before_are_in_hand_after_the_upgrade(keeper: Bookkeeper) -> None:
    """Received, validated, taken back and validated again: the same rows as if they had been kept from the first day."""
    cheque(keeper, 2000)
    keeper.record(FactReversed(1, cheque(keeper, 700)))
    declared = keeper.declare(500, method=CHEQUE)
    validated = keeper.record(PaymentValidated(1, declared, Cents(450), CHEQUE)).number
    keeper.record(FactReversed(1, validated))
    keeper.record(PaymentValidated(1, declared, Cents(400), CHEQUE, round=1))
    keeper.record(PaymentReceived(1, Cents(100), CASH))
    script, rows = _migration(), text("SELECT * FROM cheque ORDER BY group_id, received")

    def upgrade(connection: Connection) -> None:
        before = connection.execute(rows).all()
        assert len(before) == 4
        triggers.remove(connection)
        connection.execute(text("DELETE FROM cheque"))
        connection.exec_driver_sql(script.KNOWN_ALREADY.format(payment=script.PAYMENT[connection.dialect.name]))
        connection.exec_driver_sql(script.TAKEN_BACK)
        triggers.install(connection)
        assert connection.execute(rows).all() == before
        assert audit(connection) == []

    keeper.store.write(upgrade).result()
