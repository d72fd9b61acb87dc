"""Statements as anybody would compare them with a pencil, on top of the books and the market: each line counts once (B23, B28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.banking.facts import BankLineMatched
from bot.banking.line import BankLine
from bot.ledger.facts import Fact, FactReversed, Method, PaymentDeclared, PaymentReceived, PaymentValidated
from bot.market.facts import PaymentPlanned
from tests.market_model import Shop


@dataclass(frozen=True)
class Entered:
    """A line that is in the books, in pencil: whose, how much, which payment, and the fact that credited that."""

    member: int
    amount: int
    payment: int
    decided: int


@dataclass
class Outcome:
    """What agreeing to everything sure in a statement must do: cents credited by member, payments and plans that end, lines entered."""

    credited: dict[int, int] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    entered: int = 0


@dataclass
class Banked(Shop):
    """The books, the market and the lines of statements of one group, in pencil."""

    lines: dict[str, Entered] = field(default_factory=dict)

    def refusal(self, fact: Fact) -> str | None:
        """Name the refusal that a fact meets; None where it is recorded."""
        if not isinstance(fact, BankLineMatched):
            return super().refusal(fact)
        number = fact.payment or len(self.facts)
        if fact.key in self.lines or number in self.linked():
            return "LineCountedError"
        payment = self.payments.get(number)
        stands = payment is not None and (payment.state, payment.member, payment.received) == (
            *("validated", fact.member),
            fact.amount,
        )
        return None if stands else "PaymentGoneError"

    def linked(self) -> set[int]:
        """List the payments that are lines already."""
        return {line.payment for line in self.lines.values()}

    def outcome(self, whose: Sequence[tuple[str, int, BankLine]]) -> Outcome:
        """Say what a statement must do: (key, member, line) for each of its lines, of which those entered count no more."""
        fresh = [(member, line.amount) for key, member, line in whose if key not in self.lines]
        free = self._expected()
        exact = [self._take(free, member, amount) for member, amount in fresh]
        done = Outcome()
        for (member, amount), found in zip(fresh, exact, strict=True):
            found_nearly = found or self._nearly(free, member)
            if found_nearly is not None or member not in self.ended:  # an account that is closed takes no new money
                self._settle(done, member, amount, found_nearly, exact=found is not None)
        return done

    def _expected(self) -> list[tuple[int, str, int, int, bool]]:
        """List (rank, kind, number, member, by transfer) of what may come in, the likeliest first."""
        facts, linked = self.facts, self.linked()
        hand = [
            (0, "hand", n, p.member, True)
            for n, p in self.payments.items()
            if p.state == "validated" and n not in linked and self._method(facts[p.decided or 0]) is Method.TRANSFER
        ]
        waits = [
            (1, "declared", n, p.member, self._method(facts[n]) is Method.TRANSFER)
            for n, p in self.payments.items()
            if p.state == "declared"
        ]
        plans = [
            (2, "planned", n, p.member, self._method(facts[n]) is Method.TRANSFER)
            for n, p in self.plans.items()
            if p.state == "planned"
        ]
        free = [one for one in [*hand, *waits, *plans] if one[1] == "hand" or one[3] not in self.ended]
        return sorted(free, key=lambda one: (not one[4], one[0], one[2]))

    @staticmethod
    def _method(fact: Fact) -> Method:
        assert isinstance(fact, PaymentDeclared | PaymentReceived | PaymentValidated | PaymentPlanned)
        return fact.method

    def _worth(self, kind: str, number: int) -> int:
        if kind == "planned":
            return self.plans[number].amount
        payment = self.payments[number]
        return payment.received if kind == "hand" and payment.received is not None else payment.amount

    def _take(
        self, free: list[tuple[int, str, int, int, bool]], member: int, amount: int
    ) -> tuple[int, str, int, int, bool] | None:
        """Take the payment of a member that is worth exactly so much."""
        found = next((one for one in free if one[3] == member and self._worth(one[1], one[2]) == amount), None)
        if found is not None:
            free.remove(found)
        return found

    @staticmethod
    def _nearly(free: list[tuple[int, str, int, int, bool]], member: int) -> tuple[int, str, int, int, bool] | None:
        """Take a transfer that was announced for another amount."""
        found = next((one for one in free if one[3] == member and one[4] and one[1] != "hand"), None)
        if found is not None:
            free.remove(found)
        return found

    @staticmethod
    def _settle(
        done: Outcome, member: int, amount: int, found: tuple[int, str, int, int, bool] | None, *, exact: bool
    ) -> None:
        """Note what one line does: nothing is done where it is not sure."""
        if found is not None and not (exact and found[4]):
            return
        done.entered += 1
        if found is not None and found[1] == "hand":
            return
        done.credited[member] = done.credited.get(member, 0) + amount
        if found is not None:
            (done.decided if found[1] == "declared" else done.ended).add(found[2])

    def _move_payment(self, number: int, fact: Fact) -> None:
        super()._move_payment(number, fact)
        if isinstance(fact, BankLineMatched):
            payment = fact.payment or number - 1
            decided = self.payments[payment].decided
            assert decided is not None
            self.lines[fact.key] = Entered(fact.member, fact.amount, payment, decided)
        elif isinstance(fact, FactReversed):
            self.lines = {key: line for key, line in self.lines.items() if line.decided != fact.reversed}
