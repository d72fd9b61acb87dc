"""Bugs planted in the ledger one by one, each of which the machine must catch: or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, case, func, select, update

from bot.ledger import books, cheques, decisions, drawer, journal, postings, reversals, settling
from bot.ledger.facts import Fact, PaymentReceived, kinds
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting
from bot.ledger.prepared import Prepared
from bot.ledger.tables import ACCOUNT, BIG, BOOK, CHEQUE, FACT, PAYMENT
from tests.hunting import Patch, Planted, hunt, nothing
from tests.ledger_machine import machine_on

WALKS = 60
"""At the most: most of what is planted is found within a dozen, what takes several things in a row within some tens."""

planted = Planted()


def _rule(patch: Patch, kind: str, rule: Callable[[Any], tuple[Posting, ...]]) -> None:
    patch.setitem(postings._RULES[kind], kinds()[kind].version, rule)


@planted
def a_refund_credits(patch: Patch) -> None:
    _rule(patch, "PaymentRefunded", postings._received)


@planted
def a_declaration_credits_at_once(patch: Patch) -> None:
    _rule(patch, "PaymentDeclared", postings._received)


@planted
def all_money_lands_in_the_cash_box(patch: Patch) -> None:
    patch.setattr(postings, "LANDS_IN", dict.fromkeys(postings.LANDS_IN, GroupAccount.CASH))


@planted
def an_opening_debt_becomes_an_avoir(patch: Patch) -> None:
    _rule(patch, "OpeningBalanceEntered", lambda fact: (Posting(fact.member, -7, abs(fact.amount)),))


@planted
def a_cent_is_lost_in_validation(patch: Patch) -> None:
    _rule(patch, "PaymentValidated", lambda fact: postings._received(replace(fact, amount=Cents(fact.amount + 1))))


@planted
def the_other_side_is_forgotten(patch: Patch) -> None:
    mine = ACCOUNT.c.number == bindparam("account")
    moved = bindparam("moved", type_=BIG)
    both = ACCOUNT.c.number.in_([bindparam("account"), bindparam("contra")])
    patch.setattr(
        journal,
        "_MOVE",
        Prepared(
            update(ACCOUNT)
            .where(ACCOUNT.c.group_id == bindparam("group"), both)
            .values(balance=ACCOUNT.c.balance + case((mine, moved), else_=0), entries=ACCOUNT.c.entries + case((mine, 1), else_=0))
            .returning(ACCOUNT.c.number, ACCOUNT.c.balance, ACCOUNT.c.entries)
        ),
    )  # fmt: skip


@planted
def everything_is_posted_twice(patch: Patch) -> None:
    once = journal._enter
    patch.setattr(journal, "_enter", lambda connection, recorded, posted: (
        once(connection, recorded, posted), once(connection, recorded, posted)
    ))  # fmt: skip


@planted
def nothing_is_posted(patch: Patch) -> None:
    patch.setattr(journal, "_enter", nothing)


@planted
def the_idempotency_key_is_ignored(patch: Patch) -> None:
    row = journal._row
    patch.setattr(journal, "_row", lambda done: {**row(done), "key": f"{done.key}#{done.number}"})


@planted
def a_key_conflict_is_taken_for_a_repetition(patch: Patch) -> None:
    def trusting(connection: Connection, repeated: Recorded) -> Recorded:
        connection.execute(journal._GIVE_BACK, {"group": repeated.group})
        return journal.recorded_row(journal._known(connection, repeated.group, repeated.key))

    patch.setattr(journal, "_again", trusting)


@planted
def a_number_taken_for_nothing_is_not_given_back(patch: Patch) -> None:
    patch.setattr(
        journal, "_GIVE_BACK", update(BOOK).where(BOOK.c.group_id == bindparam("group")).values(facts=BOOK.c.facts)
    )


@planted
def closed_books_go_on(patch: Patch) -> None:
    patch.setattr(journal, "POSTS_WHEN_CLOSED", Fact)


@planted
def an_unknown_account_is_not_noticed(patch: Patch) -> None:
    patch.setattr(journal, "_require_account", nothing)


@planted
def an_earlier_rounds_button_decides(patch: Patch) -> None:
    patch.setattr(
        decisions, "_DECIDE_IN_ROUND", Prepared(decisions._DECIDING.where(bindparam("in_round", type_=BIG) > -99))
    )


@planted
def a_withdrawn_payment_is_validated(patch: Patch) -> None:
    which = (PAYMENT.c.group_id == bindparam("group")) & (PAYMENT.c.number == bindparam("payment"))
    mine = which & (PAYMENT.c.member == bindparam("whose"))
    values: dict[str, Any] = {
        "state": bindparam("becomes"),
        "received": bindparam("got"),
        "decided": bindparam("by_fact"),
    }
    decide = update(PAYMENT).where(mine).values(**values, decided_at=bindparam("at"))
    patch.setattr(decisions, "_DECIDE_IN_ROUND", Prepared(decide.where(PAYMENT.c.round == bindparam("in_round"))))


@planted
def anybody_withdraws_anybodys_payment(patch: Patch) -> None:
    which = (PAYMENT.c.group_id == bindparam("group")) & (PAYMENT.c.number == bindparam("payment"))
    values: dict[str, Any] = {
        "state": bindparam("becomes"),
        "received": bindparam("got"),
        "decided": bindparam("by_fact"),
    }
    anyones = update(PAYMENT).where(which, PAYMENT.c.state == "declared", bindparam("whose", type_=BIG) > 0)
    patch.setattr(decisions, "_DECIDE", Prepared(anyones.values(**values, decided_at=bindparam("at"))))


@planted
def a_received_payment_has_no_row(patch: Patch) -> None:
    decide = decisions.decide

    def forgetful(*args: Any, fact: Fact, **more: Any) -> None:
        if not isinstance(fact, PaymentReceived):
            decide(*args, fact=fact, **more)

    patch.setattr(decisions, "decide", forgetful)


@planted
def a_reversal_posts_the_same_again(patch: Patch) -> None:
    patch.setattr(journal, "mirror", tuple)


@planted
def a_reversal_leaves_the_payment_decided(patch: Patch) -> None:
    patch.setattr(decisions, "undo", nothing)


@planted
def a_fact_is_reversed_as_often_as_one_likes(patch: Patch) -> None:
    patch.setattr(reversals, "_REVERSAL", reversals._REVERSAL.where(bindparam("group", type_=BIG) < 0))


@planted
def a_reversal_is_reversed(patch: Patch) -> None:
    disguised = case((FACT.c.kind == "FactReversed", "PaymentReceived"), else_=FACT.c.kind).label("kind")
    which = (FACT.c.group_id == bindparam("group")) & (FACT.c.number == bindparam("number"))
    patch.setattr(reversals, "_ORIGINAL", select(disguised, FACT.c.body).where(which))


@planted
def money_is_taken_back_under_its_refund(patch: Patch) -> None:
    patch.setattr(reversals, "_refuse_while_refunded", nothing)


@planted
def decided_payments_still_wait(patch: Patch) -> None:
    pending = select(PAYMENT.c.member, func.sum(PAYMENT.c.amount).label("pending"))
    patch.setattr(books, "_SUMS", pending.where(PAYMENT.c.group_id == bindparam("group")).group_by(PAYMENT.c.member))


@planted
def other_groups_members_are_listed(patch: Patch) -> None:
    everybody = select(ACCOUNT.c.number, ACCOUNT.c.balance).where(ACCOUNT.c.number > 0)
    patch.setattr(books, "_BALANCES", everybody.where(bindparam("group", type_=BIG) > 0))


@planted
def a_refund_by_cheque_takes_one_of_the_cheques_in_hand(patch: Patch) -> None:
    _rule(patch, "PaymentRefunded", postings._refunded)


@planted
def a_cheque_is_deposited_as_often_as_one_likes(patch: Patch) -> None:
    again = update(CHEQUE).where(cheques._GROUP, CHEQUE.c.payment == bindparam("which"))
    patch.setattr(cheques, "_DEPOSIT", Prepared(again.values(slip=bindparam("by_fact"))))


@planted
def another_amount_is_deposited_than_the_cheque_says(patch: Patch) -> None:
    any_amount = update(CHEQUE).where(cheques._GROUP, CHEQUE.c.payment == bindparam("which"), drawer.IN_HAND)
    patch.setattr(cheques, "_DEPOSIT", Prepared(any_amount.values(slip=bindparam("by_fact"))))


@planted
def a_bounced_cheque_is_missing_in_the_wrong_place(patch: Patch) -> None:
    _rule(patch, "ChequeBounced", lambda fact: postings._bounced(replace(fact, slip=0)))


@planted
def a_fee_is_forgotten(patch: Patch) -> None:
    _rule(patch, "ChequeBounced", lambda fact: postings._bounced(replace(fact, fee=Cents(0))))


@planted
def a_slip_moves_nothing(patch: Patch) -> None:
    _rule(patch, "ChequesDeposited", lambda _fact: ())


@planted
def a_slip_is_undone_under_its_bounced_cheque(patch: Patch) -> None:
    patch.setattr(reversals, "_refuse_while_deposited", nothing)


@planted
def a_cheque_stays_on_a_slip_that_is_undone(patch: Patch) -> None:
    patch.setattr(cheques, "_OFF_SLIP", select(CHEQUE.c.slip).where(bindparam("undone", type_=BIG) > 0))


@planted
def a_bounce_undone_leaves_the_payment_bounced(patch: Patch) -> None:
    patch.setattr(cheques, "_UNMARK", select(CHEQUE.c.slip).where(bindparam("undone", type_=BIG) > 0))


@planted
def more_cash_goes_to_the_bank_than_there_is(patch: Patch) -> None:
    patch.setattr(cheques, "_held", lambda *_: 0)


@planted
def a_gift_makes_the_giver_richer(patch: Patch) -> None:
    _rule(patch, "CreditGiven", settling._written_off)


@planted
def more_is_let_go_of_than_there_is(patch: Patch) -> None:
    patch.setattr(settling, "_refuse_beyond_zero", nothing)


@planted
def an_account_is_closed_while_a_payment_waits(patch: Patch) -> None:
    even = (ACCOUNT.c.balance == 0) & ~ACCOUNT.c.closed
    patch.setattr(settling, "_CLOSE", update(ACCOUNT).where(settling._HERE, even).values(closed=True))


@planted
def a_closed_account_opens_by_itself(patch: Patch) -> None:
    patch.setattr(
        settling, "_CLOSE", update(ACCOUNT).where(settling._HERE, ACCOUNT.c.balance == 0).values(closed=False)
    )


@pytest.mark.parametrize("name", planted.names)
def test_the_machine_catches_it(lasting_engine: Engine, monkeypatch: Patch, name: str) -> None:
    planted.is_caught(name, monkeypatch, machine_on(lasting_engine), walks=WALKS)


def test_the_same_walk_catches_nothing_where_nothing_is_planted(lasting_engine: Engine) -> None:
    hunt(machine_on(lasting_engine), 12)
