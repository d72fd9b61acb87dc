"""The market's machine with a bank: statements read again, overlapping, late; lines agreed to, linked, taken back (B23, B28)."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import ClassVar, cast

from hypothesis.stateful import invariant
from sqlalchemy import Engine, select

from bot.banking import apply as banking_apply
from bot.banking import statement
from bot.banking.bank import Bank
from bot.banking.facts import BankLineMatched
from bot.banking.line import BankLine
from bot.banking.matching import Kind, propose
from bot.banking.reference import reference
from bot.banking.tables import BANK_LINE
from bot.handlers import bank_lines, bank_reading
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.errors import Refusal
from bot.ledger.facts import Fact, Method, PaymentDeclared, PaymentReceived, PaymentValidated
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.market.facts import PaymentPlanned
from bot.market.market import Market
from tests.bank_model import Banked, Outcome
from tests.bookkeeping import ANNE, NOW
from tests.ledger_machine import AMOUNTS, GROUPS
from tests.ledger_model import Group
from tests.market_machine import MarketMachine

MOST_DAYS = 20
"""Days of a bank, two apart: far enough for no line to look like one of another file, near enough for what was validated by hand."""

Received = list[BankLine]


class BankMachine(MarketMachine):
    """Facts of two groups, their markets and their banks, in one transaction that is taken back at the end."""

    actions: ClassVar[dict[str, float]] = {
        **{name: weight / 3 for name, weight in MarketMachine.actions.items()},
        "announce_a_transfer": 6, "decide": 3, "reverse": 2.5, "plan": 2, "read_a_statement": 8, "match_a_line": 1.5,
    }  # fmt: skip
    books: ClassVar[type[Group]] = Banked

    def __init__(self) -> None:
        super().__init__()
        self.at_the_bank: dict[int, Received] = {group: [] for group in GROUPS}

    def banked(self, group: int) -> Banked:
        """Give a group's bank, in pencil."""
        return cast(Banked, self.pencil[group])

    def carry_out(self, done: Recorded) -> None:
        """Do what a fact does to the market's tables and to the bank's."""
        super().carry_out(done)
        banking_apply.apply(self.connection, done)

    def plan(self, group: int, dice: Random) -> None:
        """Somebody says how they will pay: by transfer too."""
        method, amount = dice.choice([Method.CASH, Method.TRANSFER, Method.TRANSFER]), Cents(dice.choice(AMOUNTS))
        self.record(group, PaymentPlanned(dice.choice([1, 2]), self.some_distribution(group, dice), amount, method))

    def announce_a_transfer(self, group: int, dice: Random) -> None:
        """Somebody says that a transfer was sent, or a coordinator has seen it come."""
        member, amount = dice.choice([1, 2]), Cents(dice.choice(AMOUNTS))
        kind = dice.choice([PaymentDeclared, PaymentDeclared, PaymentReceived])
        self.record(group, kind(member, amount, Method.TRANSFER))

    def money_comes(self, group: int, dice: Random) -> None:
        """Members send transfers: what they announced rather than anything, at times the same twice on a day."""
        lines, pencil = self.at_the_bank[group], self.banked(group)
        days = len({line.day for line in lines})
        if days >= MOST_DAYS:
            return
        for _ in range(dice.randint(1, 2)):
            member = dice.choice([1, 2])
            announced = [p.amount for p in pencil.payments.values() if p.member == member and p.state == "declared"]
            amount = dice.choice([*announced[-2:], *AMOUNTS])
            line = BankLine(0, (NOW - timedelta(days=2 * days)).date(), Cents(amount), f"VIR {reference(member)}")
            lines += [line] * dice.choice([1, 1, 1, 2])

    def read_a_statement(self, group: int, dice: Random) -> None:
        """A statement of whole days is read, old ones again; all that is sure is agreed to, at times late or twice."""
        self.money_comes(group, dice)
        days = sorted({line.day for line in self.at_the_bank[group]})
        first, last = sorted((dice.choice([days[0], dice.choice(days)]), dice.choice([days[-1], dice.choice(days)])))
        lines = [line for line in self.at_the_bank[group] if first <= line.day <= last]
        keys = statement.keys(lines)
        facts = self.agreed(group, lines, keys)
        if dice.random() < 0.2:
            self.decide(group, dice)
            self.record_turn(group, facts)
            return
        whose = [(key, int(line.text[7:12]), line) for line, key in zip(lines, keys, strict=True)]
        self.must_do_what_the_pencil_says(group, whose, facts)
        if facts and dice.random() < 0.2:
            assert self.record_turn(group, facts) is not None, "the same consent, given twice"

    def agreed(self, group: int, lines: Received, keys: list[str]) -> list[Fact]:
        """Compare a statement with the books, as the conversation does, and agree to all that is sure."""
        books, market = Books(self.connection, group, NOW), Market(self.connection, group, NOW)
        bank, members = Bank(self.connection, group), {1: "Un", 2: "Deux"}
        known = bank_reading.known_of(members, frozenset(self.pencil[group].ended), "", books, market, bank, lines)
        sure = [p for p in propose(list(zip(lines, keys, strict=True)), known) if p.kind in {Kind.SURE, Kind.LINKED}]
        agreed = [bank_lines.Agreed(p.line, p.key, p.member, p.payment) for p in sure]
        return [fact for one in agreed for fact in bank_lines.facts_of(one)]

    def must_do_what_the_pencil_says(
        self, group: int, whose: list[tuple[str, int, BankLine]], facts: list[Fact]
    ) -> None:
        """Record what was agreed to; what it credited, decided and ended must be what the pencil says, nothing else."""
        pencil = self.banked(group)
        expected = pencil.outcome(whose)
        before = (dict(pencil.accounts), self.waiting(pencil), self.planned(pencil), len(pencil.lines))
        assert self.record_turn(group, facts) is None, facts
        pencil = self.banked(group)
        credited = {m: pencil.accounts[m] - before[0][m] for m in (1, 2) if pencil.accounts[m] != before[0][m]}
        done = Outcome(
            credited, before[1] - self.waiting(pencil), before[2] - self.planned(pencil), len(pencil.lines) - before[3]
        )
        assert done == expected, (whose, facts)

    @staticmethod
    def waiting(pencil: Banked) -> set[int]:
        """List the payments that wait."""
        return {number for number, payment in pencil.payments.items() if payment.state == "declared"}

    @staticmethod
    def planned(pencil: Banked) -> set[int]:
        """List the plans that stand."""
        return {number for number, plan in pencil.plans.items() if plan.state == "planned"}

    def match_a_line(self, group: int, dice: Random) -> None:
        """Somebody agrees to a line by hand: with a payment that stands or not, a key that is new or not."""
        pencil = self.banked(group)
        key = dice.choice([*list(pencil.lines)[-3:], f"forged{self.count}", f"forged{self.count}"])
        number, member, count = self.pick_payment(group, dice)
        amount = Cents(dice.choice(AMOUNTS))
        if number in pencil.payments and dice.random() < 0.8:
            amount = Cents(pencil.payments[number].received or pencil.payments[number].amount)
        day = (NOW + timedelta(days=9)).date().isoformat()  # of no statement: it looks like none of their lines
        turns: list[list[Fact]] = [
            [BankLineMatched(key, day, member, amount, number)],
            [PaymentReceived(member, amount, Method.TRANSFER), BankLineMatched(key, day, member, amount)],
            [
                PaymentValidated(member, number, amount, Method.TRANSFER, count),
                BankLineMatched(key, day, member, amount, number),
            ],
        ]
        self.record_turn(group, dice.choice(turns))

    def record_turn(self, group: int, facts: list[Fact]) -> str | None:
        """Record facts in both, all of them or none; both must refuse for the same reason. Give it."""
        trial, expected = deepcopy(self.pencil[group]), None
        keys = [f"k{self.count + rank}" for rank in range(1, len(facts) + 1)]
        self.count += len(facts)
        for fact, key in zip(facts, keys, strict=True):
            expected = trial.refusal(fact)
            if expected is not None:
                break
            trial.record(fact, key)
        refused = self.turn_in_ledger(group, facts, keys)
        assert refused == expected, facts
        if refused is None:
            self.pencil[group] = trial
        return refused

    def turn_in_ledger(self, group: int, facts: list[Fact], keys: list[str]) -> str | None:
        """Record facts as the desk does; give the name of what refused them."""
        self.connection.exec_driver_sql("SAVEPOINT turn")
        try:
            for fact, key in zip(facts, keys, strict=True):
                self.carry_out(journal.record(self.connection, group=group, fact=fact, author=ANNE, at=NOW, key=key))
        except Refusal as refusal:
            self.connection.exec_driver_sql("ROLLBACK TO turn")
            return type(refusal).__name__
        self.connection.exec_driver_sql("RELEASE turn")
        return None

    @invariant()
    def the_same_lines_are_in_both(self) -> None:
        """Each line is there once, with its payment and what credited it."""
        columns = (BANK_LINE.c.key, BANK_LINE.c.member, BANK_LINE.c.amount, BANK_LINE.c.payment, BANK_LINE.c.decided)
        for group in self.pencil:
            rows = self.connection.execute(select(*columns).where(BANK_LINE.c.group_id == group))
            found = {row.key: (row.member, row.amount, row.payment, row.decided) for row in rows}
            lines = self.banked(group).lines
            assert found == {key: (one.member, one.amount, one.payment, one.decided) for key, one in lines.items()}


def bank_machine_on(engine: Engine) -> type[BankMachine]:
    """Make the machine for a database that has the tables and no books."""
    return type("BankMachine", (BankMachine,), {"engine": engine})
