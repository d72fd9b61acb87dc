"""Facts replayed into an empty database of the other kind give the same books."""

from __future__ import annotations

import json
from random import Random

import pytest
from sqlalchemy import Connection, text

from bot.groups.facts import LanguageChosen, MemberAdded
from bot.ledger import postings, triggers
from bot.ledger.closing import close_books
from bot.ledger.errors import Refusal
from bot.ledger.facts import (
    Fact,
    FactReversed,
    OpeningBalanceEntered,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
    decode,
)
from bot.ledger.money import Cents
from bot.ledger.replay import NotReplayedError, replay
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from tests.bookkeeping import CASH, CHEQUE, TRANSFER, Bookkeeper, everything
from tests.databases import OtherStore


def a_busy_autumn(keeper: Bookkeeper) -> None:
    """Two hundred things happen in two groups, some of them refused; always the same ones."""
    dice = Random(20261124)
    keeper.record(MemberAdded(1, name="Lefèvre"))
    keeper.record(LanguageChosen(1, "en"))
    for _ in range(200):
        group, member = dice.choice([1, 1, 2]), dice.choice([1, 2])
        amount, method = Cents(dice.randint(1, 9000)), dice.choice([CASH, CHEQUE, TRANSFER])
        last = keeper.read(lambda books: books.journal(limit=1), group=group)[0].number
        waiting = keeper.read(lambda books: books.pending(), group=group)
        facts: list[Fact] = [
            OpeningBalanceEntered(member, Cents(-amount)),
            PaymentReceived(member, amount, method),
            PaymentRefunded(member, amount, method),
            FactReversed(member, max(1, last - dice.randint(0, 8))),
        ]
        for payment in waiting[:1]:
            known = payment.member, payment.number
            facts += [
                PaymentValidated(*known, amount, method, round=payment.round),
                PaymentRefused(*known, round=payment.round),
                PaymentWithdrawn(*known),
            ]
        try:
            keeper.record(dice.choice(facts), group=group)
            keeper.declare(amount, member=member, group=group)
        except (Refusal, ValueError):
            continue


def test_replayed_facts_give_the_same_books_on_the_other_database(store: Store, other_store: OtherStore) -> None:
    keeper = Bookkeeper(store)
    a_busy_autumn(keeper)
    store.write(lambda connection: close_books(connection, [2])).result()
    with other_store as other, store.read() as source:
        count = other.write(lambda target: replay(source, target)).result()
        with other.read() as target:
            assert everything(target) == everything(source)
            facts = everything(source)["fact"]
    assert count == len(facts) > 250
    kinds = {str(row[2]) for row in facts}
    assert {"FactReversed", "PaymentWithdrawn", "PaymentRefused", "PaymentRefunded", "MemberAdded"} <= kinds


def test_a_journal_with_a_hole_is_not_replayed(unaudited_store: Store, other_store: OtherStore) -> None:
    """A fact that would get another number than it had is noticed, and nothing is kept."""

    def lose_a_fact(connection: Connection) -> None:
        triggers.remove(connection)
        connection.execute(text("DELETE FROM fact WHERE group_id = 1 AND number = 4"))
        triggers.install(connection)

    keeper = Bookkeeper(unaudited_store)
    keeper.record(LanguageChosen(1, "en"))
    keeper.record(LanguageChosen(1, "fr"))
    unaudited_store.write(lose_a_fact).result()
    with other_store as other, unaudited_store.read() as source:
        with pytest.raises(NotReplayedError, match="fact 5 became 4"):
            other.write(lambda target: replay(source, target)).result()
        with other.read() as target:
            assert not any(everything(target).values())


def test_an_old_version_is_replayed_by_its_own_rule(
    unaudited_store: Store, other_store: OtherStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact kept in version 1 posts by the rule of version 1, beside a program that has gone on to version 2."""
    keeper = Bookkeeper(unaudited_store)
    keeper.record(OpeningBalanceEntered(1, Cents(100)))
    rules = postings._RULES["OpeningBalanceEntered"]
    doubled = {**rules, 2: lambda fact: rules[1](OpeningBalanceEntered(fact.member, Cents(2 * fact.amount)))}
    monkeypatch.setitem(postings._RULES, "OpeningBalanceEntered", doubled)
    monkeypatch.setattr(OpeningBalanceEntered, "version", 2)
    keeper.record(OpeningBalanceEntered(1, Cents(100)))
    assert keeper.balance() == 300
    with unaudited_store.read() as source:
        rows = source.execute(FACT.select().where(FACT.c.kind == "OpeningBalanceEntered").order_by(FACT.c.number)).all()
        assert [row.version for row in rows] == [1, 2]
        assert [decode(row.kind, json.loads(row.body), row.version).version for row in rows] == [1, 2]
        with other_store as other:
            other.write(lambda target: replay(source, target)).result()
            with other.read() as target:
                assert everything(target) == everything(source)
