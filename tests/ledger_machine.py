"""A machine that keeps books in every order hypothesis thinks of, in the ledger and in pencil, and compares."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, Engine

from bot.ledger import journal
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.closing import close_books, reopen_books
from bot.ledger.errors import Refusal
from bot.ledger.facts import (
    AccountOpened,
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
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
from bot.ledger.journal import KeyConflictError, Recorded
from bot.ledger.money import Cents
from bot.ledger.postings import LANDS_IN
from bot.ledger.settling import AccountClosed, AccountReopened, BalanceWrittenOff, CreditGiven
from bot.online import apply as online_apply
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import (
    OnlineConfirmed,
    OnlineFeeKnown,
    OnlineGivenBack,
    OnlinePaidOut,
    OnlineRefundAsked,
    OnlineRefundRefused,
    OnlineStray,
    OnlineUnattributed,
)
from tests.bookkeeping import ANNE, NOW
from tests.ledger_model import UNDOABLE, Group
from tests.online_model import Back, OnlineBooks, Taken

GROUPS = (1, 2)
METHODS = [*sorted({*LANDS_IN} - {Method.ONLINE}), Method.CHEQUE, Method.CHEQUE, Method.CASH]
"""Money by card comes by a provider's word only: see :meth:`LedgerMachine.pay_by_card`."""

AMOUNTS = (500, 2000, 2450)
ACTIONS: dict[str, float] = {
    "bring": 8,
    "decide": 7,
    "reverse": 4,
    "take_to_the_bank": 3.5,
    "bounce": 3.5,
    "count_the_cash": 1.5,
    "let_go": 2,
    "leave_or_return": 3,
    "pay_by_card": 2,
    "give_back_on_the_card": 2.5,
    "take_back_at_the_provider": 2,
    "attribute_otherwise": 1,
    "send_on": 0.5,
    "repeat_a_key": 1,
    "use_a_key_twice": 1,
    "let_a_third_member_in": 1,
    "close_or_reopen": 0.7,
}
"""What happens, and how often beside the rest."""

seeds = st.integers(0, 2**64 - 1)
"""Hypothesis says how many things happen and throws the dice; all dice thrown so far say what. Its own choice among
rules, and its love of repeated numbers, starve what needs something else first: hardly a reversal would find its fact.
"""


class LedgerMachine(RuleBasedStateMachine):
    """Facts of two groups, recorded in one transaction that is taken back at the end: no database to clean."""

    engine: ClassVar[Engine]
    actions: ClassVar[dict[str, float]] = ACTIONS
    books: ClassVar[type[Group]] = Group

    def __init__(self) -> None:
        super().__init__()
        self.connection: Connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.pencil = {group: self.books() for group in GROUPS}
        taken: dict[str, Taken] = {}
        for group, pencil in self.pencil.items():
            pencil.online = OnlineBooks(group, taken)
        self.count = 0
        self.thrown = ""

    def teardown(self) -> None:
        """Take everything back."""
        self.transaction.rollback()
        self.connection.close()

    @initialize()
    def open(self) -> None:
        """Open the books of two groups, and the accounts of two members in each."""
        for group in GROUPS:
            journal.open_book(self.connection, group)
            for member in (1, 2):
                self.record(group, AccountOpened(member))

    @rule(seed=seeds)
    def something_happens(self, seed: int) -> None:
        """Somebody does something, in the first group rather than in the second."""
        self.thrown += f" {seed}"
        dice = Random(self.thrown)
        action = dice.choices(list(self.actions), list(self.actions.values()))[0]
        getattr(self, action)(dice.choice([1] * 5 + [2]), dice)

    def bring(self, group: int, dice: Random) -> None:
        """Somebody declares, brings or is given back money, or comes over from the books kept before."""
        member = dice.choice([1] * 6 + [2, 3, 9])  # 3 may have come, 9 never does
        amount, method = Cents(dice.choice([*AMOUNTS, dice.randint(1, 100_000)])), dice.choice(METHODS)
        facts: list[Fact] = [
            PaymentDeclared(member, amount, method),
            PaymentReceived(member, amount, method),
            PaymentRefunded(member, amount, method),
            OpeningBalanceEntered(member, dice.choice([amount, Cents(-amount)])),
        ]
        self.record(group, dice.choices(facts, [3, 2, 2, 1])[0])

    def decide(self, group: int, dice: Random) -> None:
        """A button is tapped: the right one or a stale one, by the payment's member or another."""
        number, member, count = self.pick_payment(group, dice)
        amount = Cents(dice.choice([*AMOUNTS, dice.randint(1, 100_000)]))
        count += dice.choice([0] * 8 + [-1, 1])
        facts: list[Fact] = [
            PaymentValidated(member, number, amount, dice.choice(METHODS), round=count),
            PaymentRefused(member, number, round=count, reason="pas signé"),
            PaymentWithdrawn(member, number),
        ]
        self.record(group, dice.choices(facts, [4, 2, 3])[0])

    def reverse(self, group: int, dice: Random) -> None:
        """Reverse a fact that can be, or any fact: a reversal, one that is not there."""
        facts: dict[int, Any] = dict(self.pencil[group].facts)
        undoable = [number for number, fact in facts.items() if isinstance(fact, UNDOABLE)]
        reversals = [number for number, fact in facts.items() if isinstance(fact, FactReversed)]
        anything = [dice.randint(1, len(facts) + 1)]
        deposits = [number for number, fact in facts.items() if isinstance(fact, ChequesDeposited | ChequeBounced)]
        number = dice.choice(dice.choices([undoable[-6:], deposits, reversals, anything], [6, 2, 1, 1])[0] or anything)
        member = getattr(facts[number], "member", 0) if number in facts else 1
        self.record(group, FactReversed(member, number))

    def take_to_the_bank(self, group: int, dice: Random) -> None:
        """Cheques go on a slip: some of those in hand, at times one that is not, or with another amount."""
        pencil = self.pencil[group]
        chosen = dice.choice([pencil.in_hand()] * 5 + [pencil.cheques])
        chosen = dice.sample(chosen, dice.randint(0, min(3, len(chosen))))
        lines = {c.payment: Cents(c.amount + dice.choice([0] * 4 + [1])) for c in chosen}
        if dice.random() < 0.05 or not lines:
            lines[dice.randint(1, 99)] = Cents(500)
        self.record(group, ChequesDeposited(tuple(lines.items())))

    def bounce(self, group: int, dice: Random) -> None:
        """The bank sends a cheque back: a good one rather than one that bounced; at times somebody's mistake."""
        cheques = self.pencil[group].cheques
        good = [cheque for cheque in cheques if not cheque.bounced]
        if not cheques:
            return
        cheque = dice.choice(dice.choice([good] * 5 + [cheques]) or cheques)
        slip = dice.choice([cheque.slip] * 9 + [1])
        member = dice.choice([self.pencil[group].payments[cheque.payment].member] * 9 + [2])
        fee = Cents(dice.choice([0, 0, 850]))
        self.record(group, ChequeBounced(member, cheque.payment, Cents(cheque.amount), fee, slip))

    def count_the_cash(self, group: int, dice: Random) -> None:
        """The treasurer counts the box, or takes some of it to the bank."""
        held = -self.pencil[group].accounts[-1]
        expected = Cents(held + dice.choice([0] * 5 + [100]))
        counted = Cents(max(0, expected + dice.choice([0, 0, -100, 250])))
        amount = Cents(dice.choice([500, max(1, held), max(1, held) + 1]))
        self.record(group, dice.choice([CashCounted(expected, counted), CashBanked(amount)]))

    def let_go(self, group: int, dice: Random) -> None:
        """The group lets go of a balance, or a member of an avoir: all of it, a part, at times more than there is."""
        member = dice.choice([1] * 4 + [2, 3, 9])
        balance = self.pencil[group].accounts.get(member, 0)
        amount = Cents(dice.choice([-balance] * 4 + [-balance // 2, -balance * 2, 100, -100]) or 100)
        forgiven, given = BalanceWrittenOff(member, amount), CreditGiven(member, Cents(abs(amount)))
        self.record(group, dice.choices([forgiven, given], [1, 1] if balance > 0 else [4, 1])[0])

    def leave_or_return(self, group: int, dice: Random) -> None:
        """A member leaves: declared payments are decided, the balance is settled, the account closed; or it is opened again.

        Some declare a payment just before it is closed.
        """
        pencil, member = self.pencil[group], dice.choice([1, 2, 2, 3, 9])
        if member in pencil.ended or dice.random() < 0.1:
            self.record(group, AccountReopened(member))
            return
        for number, payment in dict(pencil.payments).items():
            if payment.member == member and payment.state == "declared" and dice.random() < 0.9:
                self.record(group, PaymentRefused(member, number, round=payment.round))
        balance = Cents(pencil.accounts.get(member, 0))
        if balance and dice.random() < 0.9:
            self.record(
                group, BalanceWrittenOff(member, Cents(-balance)) if balance < 0 else CreditGiven(member, balance)
            )
        if dice.random() < 0.2:
            self.record(group, PaymentDeclared(member, Cents(500), Method.CASH))
        self.record(group, AccountClosed(member))

    def pay_by_card(self, group: int, dice: Random) -> None:
        """A provider says that a card was charged: anew, or again, of this group or the other; its fee at once, or later."""
        online = self.pencil[group].online
        member, amount = dice.choice([1, 2]), Cents(dice.choice([*AMOUNTS, dice.randint(100, 100_000)]))
        known, fresh = sorted(online.taken), f"pi_{self.count}"
        fee = dice.choice([None, Cents(0), Cents(62)])
        if known and dice.random() < 0.3:
            self.record(group, OnlineFeeKnown("stripe", dice.choice([*known, fresh]), Cents(62)))
            return
        external = dice.choice(([fresh] * 4) + known[-1:])
        received = PaymentReceived(member, amount, Method.ONLINE)
        self.record(group, received, OnlineConfirmed(member, amount, "stripe", external, fee))

    def send_on(self, group: int, dice: Random) -> None:
        """A provider sends on to the bank what it holds, or a part of it; at times more, by somebody's mistake."""
        held = -self.pencil[group].accounts[-5]
        self.record(group, OnlinePaidOut(Cents(dice.choice([max(1, held), max(1, held // 2), max(1, held) + 1]))))

    def give_back_on_the_card(self, group: int, dice: Random) -> None:
        """Somebody wants money back on a card: the provider is asked; it agrees, it does not, it says so twice."""
        online = self.pencil[group].online
        if online.back and dice.random() < 0.6:
            reference = dice.choice(list(online.back)[-3:])
            back = online.back[reference]
            name = dice.choice([f"{group}re_{reference}", f"main-{group}-{reference}"])
            given = OnlineGivenBack(back.member, Cents(back.cents), reference, "stripe", back.external, name, ANNE)
            refunded = PaymentRefunded(back.member, Cents(back.cents), Method.ONLINE)
            refused = OnlineRefundRefused(back.member, Cents(back.cents), reference, "funds")
            self.record(group, *dice.choice([[refunded, given]] * 3 + [[refused]]))
        elif online.taken:
            external = dice.choice(sorted(online.taken)[-4:])
            taken = online.taken[external]
            amount = Cents(dice.choice([max(1, taken.left), max(1, taken.left // 2), max(1, taken.left + 1)]))
            member = dice.choice([taken.member] * 5 + [3 - taken.member])
            self.record(group, OnlineRefundAsked(member, amount, f"r{self.count}", "stripe", external))

    def take_back_at_the_provider(self, group: int, dice: Random) -> None:
        """Money goes back by other hands, or comes again: anew, once more, or seen after somebody had noted it by hand."""
        online = self.pencil[group].online
        mine = [name for name, taken in sorted(online.taken.items()) if taken.group == group]
        done = [(reference, back) for reference, back in online.back.items() if back.name]
        if done and dice.random() < 0.6:
            self.see_again(group, *dice.choice(done[-4:]), dice)
        elif mine:
            external = dice.choice(mine[-4:])
            taken = online.taken[external]
            cause, fee = dice.choice([("refund", 0), ("dispute", 2000)])
            amount = Cents(dice.choice([max(1, taken.left), max(1, taken.left // 2), taken.cents]))
            charged = dice.random() < 0.9 and taken.member not in self.pencil[group].ended
            name = f"{group}re_{self.count}"
            back = OnlineTakenBack(taken.member, amount, "stripe", external, name, cause, Cents(fee), charged)
            self.record(group, back)

    def attribute_otherwise(self, group: int, dice: Random) -> None:
        """Unknown money is told of and attributed; or taken from whom it was attributed to, rightly or not."""
        online, stray = self.pencil[group].online, f"stray_{group}_{self.count}"
        if not online.taken or dice.random() < 0.5:
            self.record(group, OnlineStray("stripe", stray, Cents(2450)))
            member, known = dice.choice([1, 2]), dice.choice([None, Cents(62)])
            confirmed = OnlineConfirmed(member, Cents(2450), "stripe", stray, known)
            self.record(group, PaymentReceived(member, Cents(2450), Method.ONLINE), confirmed)
            return
        told = {getattr(fact, "external", ""): number for number, fact in self.pencil[group].facts.items()
                if isinstance(fact, OnlineStray)}  # fmt: skip
        external = dice.choice([name for name in online.taken if name in told][-4:] or sorted(online.taken))
        taken = online.taken[external]
        undone = OnlineUnattributed(
            *(taken.member, Cents(taken.cents), "stripe", external, taken.payment),
            told.get(external, 1), Cents(taken.fee or 0),
        )  # fmt: skip
        self.record(group, undone, FactReversed(taken.member, taken.payment))

    def see_again(self, group: int, reference: str, back: Back, dice: Random) -> None:
        """A provider speaks of what went back again: the same, with its own name, or to say that the money is there."""
        amount, charged = Cents(back.cents), dice.random() < 0.9
        likely = [1, 1, 4] if back.name.startswith("main-") else [5, 2, 1] if back.state == "done" else [1, 5, 1]
        facts: list[Fact] = [
            OnlineRestored(
                back.member, amount, reference, "stripe", back.external, back.name, Cents(-back.fee), charged
            ),
            OnlineTakenBack(back.member, amount, "stripe", back.external, back.name, "refund", Cents(0), charged),
            OnlineRefundSeen(back.member, amount, reference, "stripe", back.external, f"{group}seen_{self.count}"),
            OnlineDisputeFeeKnown(
                back.member,
                "stripe",
                back.external,
                back.name,
                Cents(back.fee + 2000),
                Cents(back.fee + dice.choice([0, 0, 1])),
            ),
        ]
        self.record(group, dice.choices(facts, [*likely, 1])[0])

    def repeat_a_key(self, group: int, dice: Random) -> None:
        """An update is delivered again: the same fact under the same key."""
        pencil = self.pencil[group]
        key, number = dice.choice(list(pencil.keys.items()))
        fact = pencil.facts[number]
        done = journal.record(self.connection, group=group, fact=fact, author=ANNE, at=NOW, key=key)
        assert (done.number, done.new) == (number, False)

    def use_a_key_twice(self, group: int, dice: Random) -> None:
        """Another fact comes under a key that was used: a bug somewhere, and never an entry."""
        key = dice.choice(list(self.pencil[group].keys))
        open_ = [member for member in (1, 2) if member not in self.pencil[group].ended]
        if not open_:  # refused before the key is looked at
            return
        other = OpeningBalanceEntered(open_[0], Cents(100_000 + self.count))
        self.connection.exec_driver_sql("SAVEPOINT turn")
        with pytest.raises(KeyConflictError):
            journal.record(self.connection, group=group, fact=other, author=ANNE, at=NOW, key=key)
        self.connection.exec_driver_sql("ROLLBACK TO turn")

    def let_a_third_member_in(self, group: int, _dice: Random) -> None:
        """A member comes later than the others."""
        if 3 not in self.pencil[group].accounts:
            self.record(group, AccountOpened(3))

    def close_or_reopen(self, group: int, _dice: Random) -> None:
        """The nightly audit found something; somebody has looked."""
        pencil = self.pencil[group]
        if pencil.closed:
            reopen_books(self.connection, group)
        else:
            assert close_books(self.connection, [group]) == [group]
            assert close_books(self.connection, [group]) == []
        pencil.closed = not pencil.closed

    def pick_payment(self, group: int, dice: Random) -> tuple[int, int, int]:
        """Pick a payment: its number, its member or another, its round. Mostly one that waits; at times none."""
        payments = self.pencil[dice.choice([group] * 8 + [3 - group])].payments
        waiting = [number for number, payment in payments.items() if payment.state == "declared"]
        numbers = dice.choice([waiting] * 5 + [list(payments)]) or list(payments)
        if not numbers:
            return dice.randint(1, 9), 1, 0
        number = dice.choice(numbers[-4:])
        member = payments[number].member
        return number, dice.choice([member] * 6 + [member % 2 + 1]), payments[number].round

    def record(self, group: int, *facts: Fact) -> None:
        """Record the facts of one turn in both; both must refuse for the same reason, or number them alike."""
        self.count += 1
        self.pencil[group].online.detached = next((f.payment for f in facts if isinstance(f, OnlineUnattributed)), 0)
        keys, pencil = [f"k{self.count}/{rank}" for rank in range(len(facts))], self.pencil[group]
        expected = next((why for fact in facts if (why := pencil.refusal(fact))), None)
        done = self.record_in_ledger(group, dict(zip(keys, facts, strict=True)))
        if isinstance(done, Refusal):
            assert type(done).__name__ == expected, facts
            return
        assert expected is None, facts
        for one, key, fact in zip(done, keys, facts, strict=True):
            assert (one.number, one.new) == (pencil.record(fact, key), True)

    def record_in_ledger(self, group: int, facts: dict[str, Fact]) -> list[Recorded] | Refusal:
        self.connection.exec_driver_sql("SAVEPOINT turn")
        done = []
        try:
            for key, fact in facts.items():
                done.append(journal.record(self.connection, group=group, fact=fact, author=ANNE, at=NOW, key=key))
                self.carry_out(done[-1])
        except Refusal as refusal:
            self.connection.exec_driver_sql("ROLLBACK TO turn")
            return refusal
        self.connection.exec_driver_sql("RELEASE turn")
        return done

    def carry_out(self, done: Recorded) -> None:
        """Do what a fact does outside the ledger."""
        online_apply.apply(self.connection, done)

    @invariant()
    def the_same_is_in_both(self) -> None:
        for group, pencil in self.pencil.items():
            books = Books(self.connection, group, NOW)
            standings = {s.member: (s.balance, s.pending) for s in books.standings()}
            assert standings == {m: (balance, pencil.pending(m)) for m, balance in pencil.members().items()}
            alone = [books.standing(member) for member in standings]
            assert {s.member: (s.balance, s.pending) for s in alone} == standings
            own = {number: books.balance(number) for number in pencil.accounts if number < 0}
            assert own == {number: balance for number, balance in pencil.accounts.items() if number < 0}
            assert sum(pencil.accounts.values()) == 0
            assert -pencil.accounts[-5] == pencil.online.held(pencil.sent_on())
            self.payments_are_the_same(books, pencil)

    def payments_are_the_same(self, books: Books, pencil: Group) -> None:
        waiting = [number for number, payment in pencil.payments.items() if payment.state == "declared"]
        assert [payment.number for payment in books.pending()] == waiting
        for number, expected in pencil.payments.items():
            found = books.payment(number)
            assert found is not None
            stands = (found.member, found.amount, found.state, found.round, found.received, found.decided)
            assert stands == (
                *(expected.member, expected.amount, expected.state),
                *(expected.round, expected.received, expected.decided),
            )

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        assert audit(self.connection) == []


def machine_on(engine: Engine) -> type[LedgerMachine]:
    """Make the machine for a database that has the tables and no books."""
    return type("LedgerMachine", (LedgerMachine,), {"engine": engine})
