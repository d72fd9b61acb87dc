"""Statements read in any order, again, overlapping, late: every line counts once, on both databases; planted bugs are caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.banking import apply, matching, statement
from bot.banking.bank import Bank
from bot.banking.facts import BankLineMatched
from bot.handlers import bank_lines, bank_reading
from bot.ledger.facts import FactReversed, Method, PaymentReceived
from bot.market.facts import PlanEnded
from tests.bank_machine import bank_machine_on
from tests.hunting import Patch, Planted, hunt, wander

SHORT = {"sqlite": 5, "postgresql": 2}
"""Examples of 40 steps each: a few seconds."""
LONG = {"sqlite": 300, "postgresql": 80}
"""Examples of 100 steps each: some minutes."""
WALKS = 60
"""At the most: what is planted is found within 3 or so."""


def test_statements_read_in_any_order_do_what_the_pencil_says(engine: Engine) -> None:
    """B17, B20 to B23, B26, B28: every method, cheques, slips, bounces, counts of the cash box and refunds beside them."""
    wander(bank_machine_on(engine), examples=SHORT[engine.dialect.name], steps=40)


@pytest.mark.soak
def test_statements_read_for_long_do_what_the_pencil_says(engine: Engine) -> None:
    wander(bank_machine_on(engine), examples=LONG[engine.dialect.name], steps=100)


planted = Planted()


def _facts(patch: Patch, wrong: Callable[[bank_lines.Agreed], tuple[Any, ...] | None]) -> None:
    """Record something else for the lines of which ``wrong`` says so."""
    right = bank_lines.facts_of
    patch.setattr(bank_lines, "facts_of", lambda agreed: wrong(agreed) or right(agreed))


def _credited(agreed: bank_lines.Agreed) -> tuple[Any, ...]:
    line = agreed.line
    received = PaymentReceived(agreed.member, line.amount, Method.TRANSFER)
    return received, BankLineMatched(agreed.key, line.day.isoformat(), agreed.member, line.amount)


def _is(agreed: bank_lines.Agreed, state: str) -> bool:
    return agreed.payment is not None and agreed.payment.state == state


@planted
def what_was_validated_by_hand_is_credited_again(patch: Patch) -> None:
    _facts(patch, lambda agreed: _credited(agreed) if _is(agreed, "received") else None)


@planted
def a_declared_payment_goes_on_waiting(patch: Patch) -> None:
    _facts(patch, lambda agreed: _credited(agreed) if _is(agreed, "declared") else None)


@planted
def a_plan_is_not_ended(patch: Patch) -> None:
    _facts(patch, lambda agreed: _credited(agreed) if _is(agreed, "planned") else None)


@planted
def a_plan_is_ended_and_nothing_credited(patch: Patch) -> None:
    def wrong(agreed: bank_lines.Agreed) -> tuple[Any, ...] | None:
        planned = agreed.payment
        return (
            (PlanEnded(agreed.member, planned.number, "received"),) if planned and planned.state == "planned" else None
        )

    _facts(patch, wrong)


@planted
def no_line_is_remembered(patch: Patch) -> None:
    _facts(patch, lambda agreed: _credited(agreed)[:1] if agreed.payment is None else None)


@planted
def payments_validated_by_hand_are_not_looked_for(patch: Patch) -> None:
    patch.setattr(bank_reading, "_by_hand", lambda *_all: ())


@planted
def a_payment_linked_already_is_looked_for_again(patch: Patch) -> None:
    patch.setattr(Bank, "matched_payments", lambda _self, _payments: set())


@planted
def lines_in_the_books_are_proposed_again(patch: Patch) -> None:
    known = bank_reading.known_of
    patch.setattr(bank_reading, "known_of", lambda *all_: replace(known(*all_), counted=frozenset()))


@planted
def two_lines_alike_have_one_key(patch: Patch) -> None:
    patch.setattr(statement, "keys", lambda lines: [f"{line.day}{line.amount}{line.text}" for line in lines])


@planted
def two_lines_may_be_the_same_payment(patch: Patch) -> None:
    patch.setattr(matching._Matcher, "taken", lambda self, member, line: matching.best_of(self._free[member], line))


@planted
def a_payment_of_another_amount_is_sure(patch: Patch) -> None:
    def trusting(self: Any, line: Any, key: str, member: int, exact: Any) -> matching.Proposal:
        return matching.Proposal(line, key, matching.Kind.SURE, member, exact or self._nearly(member))

    patch.setattr(matching._Matcher, "by_reference", trusting)


@planted
def any_payment_may_be_the_lines(patch: Patch) -> None:
    patch.setattr(apply, "_decided", lambda _connection, _group, payment, _fact: payment)


@planted
def a_line_stays_when_its_payment_is_taken_back(patch: Patch) -> None:
    once = apply.apply

    def forgetful(connection: Any, recorded: Any) -> None:
        if not isinstance(recorded.fact, FactReversed):
            once(connection, recorded)

    patch.setattr(apply, "apply", forgetful)


@planted
def a_line_that_counted_is_refused_as_if_its_payment_had_gone(patch: Patch) -> None:
    patch.setattr(apply, "LineCountedError", apply.PaymentGoneError)


@pytest.mark.parametrize("name", planted.names)
def test_the_machine_catches_it(lasting_engine: Engine, monkeypatch: Patch, name: str) -> None:
    planted.is_caught(name, monkeypatch, bank_machine_on(lasting_engine), walks=WALKS)


def test_the_same_walk_catches_nothing_where_nothing_is_planted(lasting_engine: Engine) -> None:
    hunt(bank_machine_on(lasting_engine), 3)
