"""Two coordinators at the same instant over the same cheques and the same cash box: one does it, the other is told why not."""

from __future__ import annotations

import pytest

from bot.ledger.books import Books
from bot.ledger.facts import CashBanked, ChequeBounced, ChequesDeposited
from bot.ledger.postings import GroupAccount
from tests.rush import Rush

BOTH = ("camille", "sofiane")


def both(rush: Rush, *lines: str) -> None:
    """Have both coordinators say the same."""
    for who in BOTH:
        for line in lines:
            rush.scene.says(who, line)


def received(rush: Rush, line: str) -> int:
    """Have Camille receive money from Awa; give the payment's number."""
    rush.scene.says("camille", f"/encaisser Awa {line}")
    rush.scene.says("camille", "oui")
    with rush.scene.store.read() as connection:
        return Books(connection, 1, rush.scene.now).journal(limit=1)[0].number


def held(rush: Rush, account: GroupAccount) -> int:
    with rush.scene.store.read() as connection:
        return Books(connection, 1, rush.scene.now).held(account)


def test_two_slips_of_the_same_cheques(rush: Rush) -> None:
    """B22: each cheque is on one slip."""
    received(rush, "20 chèque")
    received(rush, "30 chèque")
    both(rush, "/remise", "1")
    rush.at_once(*(rush.tap(who, "Remettre") for who in BOTH))
    assert rush.count(ChequesDeposited) == 1
    assert held(rush, GroupAccount.BANK) == 5000
    told = [rush.last(who) for who in BOTH]
    refused = [said for said in told if "est déjà sur la remise n°" in said or "Aucun chèque en main" in said]
    assert len(refused) == 1, told


def test_a_cheque_bounces_while_it_is_deposited(rush: Rush) -> None:
    """B22: whichever comes first, the money is missing in one place, and once."""
    payment = received(rush, "20 chèque")
    rush.scene.says("camille", "/remise")
    rush.scene.says("sofiane", f"/impaye {payment}")
    rush.scene.taps("sofiane", "Sans frais")
    rush.at_once(rush.tap("camille", "Remettre"), rush.tap("sofiane", "Noter impayé"))
    assert rush.count(ChequesDeposited) + rush.count(ChequeBounced) == 1
    assert held(rush, GroupAccount.CHEQUES) == 0


def test_a_cheque_bounces_once(rush: Rush) -> None:
    payment = received(rush, "20 chèque")
    for who in BOTH:
        rush.scene.says(who, f"/impaye {payment}")
        rush.scene.taps(who, "Avec frais")
        rush.scene.says(who, "8,50")
    rush.at_once(*(rush.tap(who, "Noter impayé") for who in BOTH))
    assert rush.count(ChequeBounced) == 1
    assert rush.balance(3) == -850


@pytest.mark.parametrize("amount", ["40", "25"])
def test_the_same_cash_goes_to_the_bank_once(rush: Rush, amount: str) -> None:
    """B2: never more than the box holds."""
    received(rush, "40 liquide")
    both(rush, f"/versement {amount}")
    rush.at_once(*(rush.tap(who, "Oui") for who in BOTH))
    assert rush.count(CashBanked) == 1
    assert held(rush, GroupAccount.CASH) == 4000 - int(amount) * 100
