"""What each fact does to the accounts. The golden examples are kept for ever: one or more of every version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.groups import facts as people  # noqa: F401 - makes its facts known to the journal
from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    Fact,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    decode,
    kinds,
)
from bot.ledger.money import LARGEST, Cents
from bot.ledger.postings import LANDS_IN, GroupAccount, Posting, mirror, postings, ruled
from bot.ledger.settling import BalanceWrittenOff, CreditGiven

CASH, CHEQUES, BANK, TERMINAL, ONLINE, OPENING, FEES, WRITE_OFF = -1, -2, -3, -4, -5, -7, -8, -9

GOLDEN: list[tuple[str, int, str, list[tuple[int, int, int]]]] = [
    ("AccountOpened", 1, '{"member":4}', []),
    ("PaymentDeclared", 1, '{"amount":2300,"member":4,"method":"cheque"}', []),
    ("PaymentWithdrawn", 1, '{"member":4,"payment":12}', []),
    ("PaymentRefused", 1, '{"member":4,"payment":12,"round":1}', []),
    (
        "PaymentValidated", 1, '{"amount":2000,"member":4,"method":"cheque","payment":12,"round":0}',
        [(4, CHEQUES, 2000)],
    ),
    ("PaymentReceived", 1, '{"amount":2350,"member":4,"method":"cash"}', [(4, CASH, 2350)]),
    ("PaymentReceived", 1, '{"amount":1,"member":4,"method":"transfer"}', [(4, BANK, 1)]),
    ("PaymentReceived", 1, '{"amount":990,"member":4,"method":"terminal"}', [(4, TERMINAL, 990)]),
    ("PaymentReceived", 1, '{"amount":990,"member":4,"method":"online"}', [(4, ONLINE, 990)]),
    ("PaymentRefunded", 1, '{"amount":700,"member":4,"method":"cheque"}', [(4, CHEQUES, -700)]),
    ("PaymentRefunded", 2, '{"amount":700,"member":4,"method":"cheque"}', [(4, BANK, -700)]),
    ("PaymentRefunded", 2, '{"amount":700,"member":4,"method":"transfer"}', [(4, BANK, -700)]),
    ("PaymentRefunded", 2, '{"amount":700,"member":4,"method":"cash"}', [(4, CASH, -700)]),
    ("ChequesDeposited", 1, '{"cheques":[[12,2000],[15,1230]]}', [(CHEQUES, BANK, 3230)]),
    ("ChequeBounced", 1, '{"amount":2000,"fee":0,"member":4,"payment":12,"slip":0}', [(4, CHEQUES, -2000)]),
    (
        "ChequeBounced", 1, '{"amount":2000,"fee":850,"member":4,"payment":12,"slip":33}',
        [(4, BANK, -2000), (4, FEES, -850)],
    ),
    ("CashCounted", 1, '{"counted":8250,"expected":8450}', [(CASH, WRITE_OFF, 200)]),
    ("CashCounted", 1, '{"counted":8450,"expected":8250}', [(CASH, WRITE_OFF, -200)]),
    ("CashCounted", 1, '{"counted":8450,"expected":8450}', []),
    ("CashBanked", 1, '{"amount":8000}', [(CASH, BANK, 8000)]),
    ("PaymentRefunded", 1, '{"amount":700,"member":4,"method":"cash"}', [(4, CASH, -700)]),
    ("OpeningBalanceEntered", 1, '{"amount":-820,"member":4}', [(4, OPENING, -820)]),
    ("OpeningBalanceEntered", 1, '{"amount":1500,"member":4}', [(4, OPENING, 1500)]),
    ("FactReversed", 1, '{"member":4,"reversed":12}', []),
    ("BalanceWrittenOff", 1, '{"amount":40,"member":4}', [(4, WRITE_OFF, 40)]),
    ("BalanceWrittenOff", 1, '{"amount":-5,"member":4}', [(4, WRITE_OFF, -5)]),
    ("CreditGiven", 1, '{"amount":700,"member":4}', [(4, WRITE_OFF, -700)]),
    ("AccountClosed", 1, '{"member":4}', []),
    ("AccountReopened", 1, '{"member":4}', []),
]  # fmt: skip
"""(kind, version, body as the journal keeps it, postings as (account, contra, cents))."""

amounts = st.integers(1, LARGEST).map(Cents)
received = st.sampled_from(sorted(LANDS_IN))
members = st.integers(1, 2**40)
moving: st.SearchStrategy[Fact] = st.one_of(
    st.builds(PaymentReceived, members, amounts, received),
    st.builds(PaymentValidated, members, st.integers(1, 99), amounts, received),
    st.builds(PaymentRefunded, members, amounts, received),
    st.builds(OpeningBalanceEntered, members, amounts | amounts.map(lambda amount: Cents(-amount))),
    st.builds(ChequeBounced, members, st.integers(1, 99), amounts, amounts | st.just(Cents(0)), st.integers(0, 9)),
    st.builds(CashBanked, amounts),
    st.builds(BalanceWrittenOff, members, amounts | amounts.map(lambda amount: Cents(-amount))),
    st.builds(CreditGiven, members, amounts),
)


@pytest.mark.parametrize(("kind", "version", "body", "expected"), GOLDEN)
def test_what_was_kept_once_still_means_the_same(
    kind: str, version: int, body: str, expected: list[tuple[int, int, int]]
) -> None:
    fact = decode(kind, json.loads(body), version)
    assert [(p.account, int(p.contra), p.amount) for p in postings(fact)] == expected
    assert json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True) == body
    assert fact.version == version


def test_every_kind_and_version_of_the_ledgers_facts_has_its_example() -> None:
    shown = {(kind, version) for kind, version, _, _ in GOLDEN}
    ours = {name for name, kind in kinds().items() if kind.__module__ in {"bot.ledger.facts", "bot.ledger.settling"}}
    assert {kind for kind, _ in shown} == ours
    assert {(kind, version) for kind in ours & ruled().keys() for version in ruled()[kind]} <= shown
    assert all(kinds()[name].version in versions for name, versions in ruled().items())


@given(moving)
def test_postings_sum_to_zero_and_take_from_the_groups_own_accounts_b2(fact: Fact) -> None:
    moved: dict[int, int] = {}
    for posting in postings(fact):
        moved[posting.account] = moved.get(posting.account, 0) + posting.amount
        moved[posting.contra] = moved.get(posting.contra, 0) - posting.amount
        assert posting.account != posting.contra < 0
        assert posting.contra in set(GroupAccount)
    assert moved
    assert sum(moved.values()) == 0
    assert all(moved.values())


@given(moving)
def test_a_mirror_takes_everything_back_b3(fact: Fact) -> None:
    posted = postings(fact)
    assert mirror(mirror(posted)) == posted
    both: dict[int, int] = {}
    for posting in (*posted, *mirror(posted)):
        both[posting.account] = both.get(posting.account, 0) + posting.amount
        both[posting.contra] = both.get(posting.contra, 0) - posting.amount
    assert not any(both.values())


@pytest.mark.parametrize("amount", [0, -1, 1.5, 2.0, True, "5", None, LARGEST + 1, 10**30])
@pytest.mark.parametrize("kind", [PaymentDeclared, PaymentReceived, PaymentRefunded])
def test_only_whole_cents_above_zero_change_hands(kind: Any, amount: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        postings(kind(1, amount, Method.CASH))


@pytest.mark.parametrize("amount", [0, 1.5, True, LARGEST + 1, -LARGEST - 1])
def test_an_opening_balance_is_whole_cents_and_not_zero(amount: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        postings(OpeningBalanceEntered(1, amount))


@pytest.mark.parametrize(
    "fact",
    [
        ChequesDeposited(()),
        ChequesDeposited(((12, Cents(100)), (12, Cents(100)))),
        ChequesDeposited(((12, Cents(100)), (13, Cents(-100)))),
        ChequeBounced(1, 12, Cents(0), Cents(0)),
        ChequeBounced(1, 12, Cents(100), Cents(-1)),
        CashCounted(Cents(100), Cents(-1)),
        CashBanked(Cents(0)),
        CashBanked(Cents(-5)),
    ],
)
def test_no_slip_is_empty_or_has_a_cheque_twice_and_nothing_negative_is_counted_b22(fact: Fact) -> None:
    with pytest.raises(ValueError, match=r"amount|slip|holds|hands"):
        postings(fact)


@pytest.mark.parametrize("kind", [PaymentDeclared, PaymentReceived, PaymentRefunded])
def test_a_kitty_brings_no_money_b18(kind: Any) -> None:
    with pytest.raises(ValueError, match="no money"):
        postings(kind(1, Cents(5), Method.KITTY))


def test_a_version_without_its_rule_is_never_taken_for_one_that_moves_nothing() -> None:
    fact = decode("PaymentReceived", {"member": 1, "amount": 5, "method": "cash"}, 2)
    with pytest.raises(ValueError, match="version 2"):
        postings(fact)


def test_every_place_of_money_is_an_account_of_the_group() -> None:
    assert sorted(LANDS_IN) == sorted(set(Method) - {Method.KITTY})
    assert all(account < 0 for account in GroupAccount)


def test_names_and_free_text_are_never_kept_b44() -> None:
    fact = PaymentRefused(4, 12, reason="chèque sans signature")
    assert "reason" not in fact.kept()
    assert decode("PaymentRefused", fact.kept()) == PaymentRefused(4, 12)


def test_a_posting_is_a_value() -> None:
    assert Posting(1, -1, Cents(5)) == Posting(1, GroupAccount.CASH, Cents(5))
