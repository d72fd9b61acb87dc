"""The books as anybody would keep them with a pencil: dictionaries, and the rules of B1 to B29 said once more.

Written apart from the ledger, of which it shares only the facts: what both say must be the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
from bot.ledger.settling import AccountClosed, AccountReopened, BalanceWrittenOff, CreditGiven
from bot.online.back_facts import OnlineRestored, OnlineTakenBack
from bot.online.facts import OnlineConfirmed, OnlineFeeKnown, OnlinePaidOut, OnlineRefundAsked
from tests.online_model import OnlineBooks

OPENING = -7
PLACES = {Method.CASH: -1, Method.CHEQUE: -2, Method.TRANSFER: -3, Method.TERMINAL: -4, Method.ONLINE: -5}
UNDOABLE = (
    *(PaymentValidated, PaymentReceived, PaymentRefunded, PaymentRefused, OpeningBalanceEntered),
    *(ChequesDeposited, ChequeBounced, CashCounted, CashBanked, BalanceWrittenOff, CreditGiven, OnlinePaidOut),
)
WITH_ACCOUNT = (
    *(PaymentDeclared, PaymentReceived, PaymentRefunded, OpeningBalanceEntered, PaymentValidated, ChequeBounced),
    *(BalanceWrittenOff, CreditGiven),
)
CASH, CHEQUES, BANK, ONLINE, FEES, WRITE_OFF = -1, -2, -3, -5, -8, -9
ARRIVED = (PaymentValidated, PaymentReceived, OnlineConfirmed, OnlineFeeKnown)
DECISIONS = (PaymentValidated, PaymentRefused, PaymentWithdrawn)
ENDS: dict[type[Fact], str] = {
    PaymentValidated: "validated",
    PaymentRefused: "refused",
    PaymentWithdrawn: "withdrawn",
}

Move = tuple[int, int, int]
"""(member, the group's account, cents)."""


@dataclass
class Cheque:
    """A cheque, in pencil: whose payment it is, and what became of it."""

    payment: int
    amount: int
    brought_by: int
    slip: int = 0
    bounced: bool = False


@dataclass
class Payment:
    """A payment, in pencil."""

    member: int
    amount: int
    state: str = "declared"
    round: int = 0
    received: int | None = None
    decided: int | None = None


@dataclass
class Group:
    """The books of one group, in pencil."""

    accounts: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(-9, 0), 0))
    facts: dict[int, Fact] = field(default_factory=dict)
    moves: dict[int, list[Move]] = field(default_factory=dict)
    payments: dict[int, Payment] = field(default_factory=dict)
    cheques: list[Cheque] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    closed: bool = False
    ended: set[int] = field(default_factory=set)
    online: OnlineBooks = field(default_factory=OnlineBooks)

    def members(self) -> dict[int, int]:
        """Give the members' balances."""
        return {number: balance for number, balance in self.accounts.items() if number > 0}

    def pending(self, member: int) -> int:
        """Give what a member has declared and nobody decided."""
        return sum(p.amount for p in self.payments.values() if p.member == member and p.state == "declared")

    def refusal(self, fact: Fact) -> str | None:
        """Name the refusal that a fact meets; None where it is recorded."""
        if isinstance(fact, FactReversed) and (why := self._reversal_refusal(fact)):
            return why
        if self.closed and self._moves(fact) and not isinstance(fact, ARRIVED):
            return "BooksClosedError"
        if isinstance(fact, WITH_ACCOUNT) and fact.member not in self.accounts:
            return "UnknownAccountError"
        if self._ended(fact):
            return "AccountClosedError"
        if isinstance(fact, DECISIONS) and not self._waits(fact):
            return "AlreadyDecidedError"
        if isinstance(fact, OnlineTakenBack | OnlineRestored) and fact.charged and fact.member in self.ended:
            return "AccountClosedError"
        if isinstance(fact, OnlineRefundAsked) and fact.member in self.ended and not self.closed:
            return "AccountClosedError"
        online = self._on_its_way(fact) or self.online.refusal(fact, closed=self.closed)
        return self._elsewhere(fact) or self._not_at_zero(fact) or online

    def _on_its_way(self, fact: Fact) -> str | None:
        """Name the refusal of a fact that would give away what a provider is about to give back."""
        match fact:
            case AccountClosed(member):
                moved = 0
            case CreditGiven(member, amount):
                moved = -amount
            case BalanceWrittenOff(member, amount) if amount < 0:
                moved = amount
            case _:
                return None
        return "OnItsWayBackError" if self.accounts.get(member, 0) + moved < self.online.on_its_way(member) else None

    def _ended(self, fact: Fact) -> bool:
        """Tell whether a fact is about an account that is closed, and would write on it."""
        writes = isinstance(fact, (*WITH_ACCOUNT, FactReversed))
        return writes and getattr(fact, "member", 0) in self.ended

    def _not_at_zero(self, fact: Fact) -> str | None:
        """Name the refusal of a fact that would end an account, or let go of more than there is."""
        match fact:
            case AccountClosed(member):
                open_ = member in self.accounts and member not in self.ended
                even = open_ and self.accounts[member] == 0 and not self.pending(member)
                return None if even else "AccountNotEvenError"
            case AccountReopened(member):
                return None if member in self.ended else "AccountOpenError"
            case BalanceWrittenOff(member, amount):
                return None if self._towards_zero(member, amount) else "BalanceMovedError"
            case CreditGiven(member, amount):
                return None if self._towards_zero(member, -amount) else "BalanceMovedError"
        return None

    def _towards_zero(self, member: int, added: int) -> bool:
        stood = self.accounts[member]
        return 0 < -added <= stood or 0 < added <= -stood

    def in_hand(self) -> list[Cheque]:
        """List the cheques that somebody could take to the bank."""
        return [cheque for cheque in self.cheques if not cheque.slip and not cheque.bounced]

    def _elsewhere(self, fact: Fact) -> str | None:
        """Name the refusal of a fact about money that is not where it says."""
        match fact:
            case ChequesDeposited(lines):
                there = {(cheque.payment, cheque.amount) for cheque in self.in_hand()}
                missing = next((payment for payment, amount in lines if (payment, amount) not in there), None)
                return None if missing is None else self._where(missing)
            case ChequeBounced(member, payment, amount, _fee, slip):
                good = [cheque for cheque in self.cheques if not cheque.bounced]
                if (payment, amount, slip) not in {(c.payment, c.amount, c.slip) for c in good}:
                    return self._where(payment)
                return None if self.payments[payment].member == member else self._where(payment)
            case CashCounted(expected, _counted):
                return None if -self.accounts[CASH] == expected else "CashMovedError"
            case CashBanked(amount):
                return None if -self.accounts[CASH] >= amount else "CashShortError"
            case OnlinePaidOut(amount):
                return None if -self.accounts[ONLINE] >= amount else "OnlineShortError"
            case FactReversed(_, undone):
                method = getattr(self.facts[undone], "method", None)
                detached = self.online.detached == undone
                return "OnlineStandsError" if method is Method.ONLINE and not detached else None
        return None

    def _where(self, payment: int) -> str:
        for cheque in self.cheques:
            if cheque.payment == payment:
                if cheque.bounced:
                    return "BouncedAlreadyError"
                return "OnSlipError" if cheque.slip else "ChequeElsewhereError"
        return "ChequeElsewhereError"

    def record(self, fact: Fact, key: str) -> int:
        """Record a fact that nothing refuses; give its number."""
        number = len(self.facts) + 1
        self.moves[number] = self._moves(fact)
        for member, place, cents in self.moves[number]:
            self.accounts[member] += cents
            self.accounts[place] -= cents
        self._move_payment(number, fact)
        self.online.record(fact, number)
        self.facts[number] = fact
        self.keys[key] = number
        return number

    def sent_on(self) -> int:
        """Give what providers have sent on to the bank, less what was corrected."""
        moved = [move for moves in self.moves.values() for move in moves]
        return sum(cents for account, place, cents in moved if (account, place) == (ONLINE, BANK))

    def reversed(self) -> set[int]:
        """List the facts that were reversed."""
        return {fact.reversed for fact in self.facts.values() if isinstance(fact, FactReversed)}

    def _moves(self, fact: Fact) -> list[Move]:
        match fact:
            case PaymentValidated() | PaymentReceived():
                return [(fact.member, PLACES[fact.method], fact.amount)]
            case PaymentRefunded(member, amount, method):
                return [(member, BANK if method is Method.CHEQUE else PLACES[method], -amount)]
            case ChequesDeposited(lines):
                return [(CHEQUES, BANK, sum(amount for _, amount in lines))]
            case ChequeBounced(member, _payment, amount, fee, slip):
                return [(member, BANK if slip else CHEQUES, -amount), *([(member, FEES, -fee)] if fee else [])]
            case CashCounted(expected, counted):
                return [(CASH, WRITE_OFF, expected - counted)] if counted != expected else []
            case CashBanked(amount):
                return [(CASH, BANK, amount)]
            case OpeningBalanceEntered(member, amount):
                return [(member, OPENING, amount)]
            case BalanceWrittenOff(member, amount) | CreditGiven(member, amount):
                return [(member, WRITE_OFF, -amount if isinstance(fact, CreditGiven) else amount)]
            case FactReversed(_, undone):
                return [(member, place, -cents) for member, place, cents in self.moves[undone]]
        return self.online.moves(fact)

    def _waits(self, fact: PaymentValidated | PaymentRefused | PaymentWithdrawn) -> bool:
        payment = self.payments.get(fact.payment)
        if payment is None or payment.state != "declared" or payment.member != fact.member:
            return False
        return isinstance(fact, PaymentWithdrawn) or fact.round == payment.round

    def _reversal_refusal(self, fact: FactReversed) -> str | None:
        original = self.facts.get(fact.reversed)
        if isinstance(original, FactReversed):
            return "ReversalStandsError"
        if not isinstance(original, UNDOABLE):
            return "NothingToReverseError"
        if fact.reversed in self.reversed():
            return "AlreadyReversedError"
        if self._something_rests_on(fact.reversed):
            return "RestingError"
        resting = [c for c in self.cheques if fact.reversed in {c.brought_by, c.slip}]
        if any(cheque.bounced for cheque in resting):
            return "BouncedError"
        return (
            "DepositedError" if any(cheque.brought_by == fact.reversed and cheque.slip for cheque in resting) else None
        )

    def _something_rests_on(self, number: int) -> bool:
        """Walk a member's account from its first day without this credit: is there a refund it could not have paid?"""
        gone = self.reversed()
        for member, _, credit in self.moves[number]:
            stood = 0
            for later, fact in self.facts.items():
                if later in gone or isinstance(fact, FactReversed):
                    continue
                mine = sum(cents for whose, _, cents in self.moves[later] if whose == member)
                refund = isinstance(fact, PaymentRefunded) and fact.member == member and later > number
                if credit > 0 and refund and stood - credit < -mine:
                    return True
                stood += mine
        return False

    def _move_payment(self, number: int, fact: Fact) -> None:
        self._move_cheques(number, fact)
        match fact:
            case AccountOpened(member):
                self.accounts[member] = 0
            case AccountClosed(member):
                self.ended.add(member)
            case AccountReopened(member):
                self.ended.discard(member)
            case PaymentDeclared():
                self.payments[number] = Payment(fact.member, fact.amount)
            case PaymentReceived():
                self.payments[number] = Payment(fact.member, fact.amount, "validated", 0, fact.amount, number)
            case PaymentValidated() | PaymentRefused() | PaymentWithdrawn():
                payment = self.payments[fact.payment]
                payment.state, payment.decided = ENDS[type(fact)], number
                payment.received = fact.amount if isinstance(fact, PaymentValidated) else None
            case FactReversed(_, undone):
                self._take_back(number, undone)
            case _:
                pass

    def _move_cheques(self, number: int, fact: Fact) -> None:
        match fact:
            case PaymentReceived(method=Method.CHEQUE):
                self.cheques.append(Cheque(number, fact.amount, number))
            case PaymentValidated(method=Method.CHEQUE):
                self.cheques.append(Cheque(fact.payment, fact.amount, number))
            case ChequesDeposited(lines):
                for cheque in self.cheques:
                    cheque.slip = number if cheque.payment in {payment for payment, _ in lines} else cheque.slip
            case ChequeBounced(payment=payment):
                next(cheque for cheque in self.cheques if cheque.payment == payment).bounced = True
                self.payments[payment].state = "bounced"
            case FactReversed(_, undone):
                self._put_cheques_back(undone)

    def _put_cheques_back(self, undone: int) -> None:
        self.cheques = [cheque for cheque in self.cheques if cheque.brought_by != undone]
        original = self.facts[undone]
        for cheque in self.cheques:
            if cheque.slip == undone:
                cheque.slip = 0
            if isinstance(original, ChequeBounced) and cheque.payment == original.payment:
                cheque.bounced = False
                self.payments[cheque.payment].state = "validated"

    def _take_back(self, number: int, undone: int) -> None:
        if isinstance(self.facts[undone], PaymentReceived):
            self.payments[undone].state, self.payments[undone].decided = "reversed", number
        for payment in self.payments.values():
            if payment.decided == undone and payment.state in {"validated", "refused"}:
                payment.state, payment.round = "declared", payment.round + 1
                payment.received = payment.decided = None
