"""What can happen to the accounts: facts, in the past tense, made of ids, amounts and choices only (B6, B44).

A fact is kept as a row (kind, version, JSON of its fields). Names, addresses and free text must never be in the
accounts' history, which cannot be erased: a field made by :func:`private` is handed to whoever applies the fact, and
is left out of what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from bot.ledger.money import Cents


class Method(StrEnum):
    """How money changes hands."""

    CHEQUE = "cheque"
    CASH = "cash"
    TRANSFER = "transfer"
    TERMINAL = "terminal"
    KITTY = "kitty"
    ONLINE = "online"


def private(default: object = "") -> Any:
    """A field for a name or a free text: applied, never kept in the journal (B44)."""
    return field(default=default, metadata={"private": True})


@dataclass(frozen=True)
class Fact:
    """Something that happened. ``version`` grows when its meaning changes; old versions keep their postings.

    ``posts_when_closed``: it tells of money that has arrived, which is recorded whatever the state of the books.
    ``acts_on_account``: a coordinator does it to ``member``'s account, to their own only with another's agreement (B43).
    ``unseats``: where ``member`` is a coordinator, their voice is taken away: not by another one alone (B43).
    """

    version: ClassVar[int] = 1
    posts_when_closed: ClassVar[bool] = False
    acts_on_account: ClassVar[bool] = False
    unseats: ClassVar[bool] = False

    def kept(self) -> dict[str, Any]:
        """The fields that the journal keeps, as plain JSON values."""
        return {f.name: getattr(self, f.name) for f in fields(self) if not f.metadata.get("private")}


@dataclass(frozen=True)
class AccountOpened(Fact):
    """A member has an account in the group, at zero (B1)."""

    member: int


@dataclass(frozen=True)
class PaymentDeclared(Fact):
    """A member says a payment is given or sent; it credits nothing yet (B20). Amount in cents, > 0.

    The number of this fact in its group is the payment's number.
    """

    member: int
    amount: Cents
    method: Method
    cheque: str = private()


@dataclass(frozen=True)
class PaymentWithdrawn(Fact):
    """The member takes a declared payment back (B27)."""

    member: int
    payment: int


@dataclass(frozen=True)
class PaymentValidated(Fact):
    """A coordinator received a declared payment; ``amount`` is what was really received, in cents, > 0 (B21).

    ``round`` counts how often the payment went back to « à valider »: a button of an earlier round decides nothing.
    """

    member: int
    payment: int
    amount: Cents
    method: Method
    round: int = 0


@dataclass(frozen=True)
class PaymentRefused(Fact):
    """A coordinator did not receive a declared payment (B21)."""

    member: int
    payment: int
    round: int = 0
    reason: str = private()


@dataclass(frozen=True)
class PaymentReceived(Fact):
    """A coordinator received money that nobody had declared (B26). The fact's number is the payment's number."""

    member: int
    amount: Cents
    method: Method
    cheque: str = private()


@dataclass(frozen=True)
class PaymentRefunded(Fact):
    """Money was given back to a member (B26). Amount in cents, > 0.

    Version 2: a cheque that the group writes is paid by its bank; it never was one of the cheques in hand.
    """

    version: ClassVar[int] = 2

    member: int
    amount: Cents
    method: Method


@dataclass(frozen=True)
class OpeningBalanceEntered(Fact):
    """« Reprise de solde »: what the group's earlier bookkeeping said, in cents, positive or negative (B29)."""

    member: int
    amount: Cents


@dataclass(frozen=True)
class FactReversed(Fact):
    """An earlier fact was a mistake: its mirror is posted (B3). ``reversed`` is its number, ``member`` whose account it was."""

    member: int
    reversed: int


@dataclass(frozen=True)
class ChequesDeposited(Fact):
    """A deposit slip: cheques in hand go to the bank (B22). Each is its payment's number and its amount in cents."""

    cheques: tuple[tuple[int, Cents], ...]

    def __post_init__(self) -> None:
        """JSON gives lists back: make them tuples again."""
        object.__setattr__(self, "cheques", tuple((payment, amount) for payment, amount in self.cheques))

    @property
    def amount(self) -> Cents:
        """The slip's total, in cents."""
        return Cents(sum(amount for _payment, amount in self.cheques))


@dataclass(frozen=True)
class ChequeBounced(Fact):
    """A bank did not pay a cheque (B22). ``fee`` is what the group passes on of the bank's own, in cents, 0 for nothing.

    ``slip`` is the number of the deposit slip it was on, 0 while it was in hand: the place where the money is missing.
    """

    member: int
    payment: int
    amount: Cents
    fee: Cents
    slip: int = 0


@dataclass(frozen=True)
class CashCounted(Fact):
    """The cash box was counted: what the books expected, what was in it, in cents (B2, B34)."""

    expected: Cents
    counted: Cents
    reason: str = private()

    @property
    def amount(self) -> Cents:
        """What was found too much, in cents; less than zero for what was missing."""
        return Cents(self.counted - self.expected)


@dataclass(frozen=True)
class CashBanked(Fact):
    """Cash was taken from the box to the bank. Amount in cents, > 0."""

    amount: Cents


F = TypeVar("F", bound=Fact)

_KINDS: dict[str, type[Fact]] = {}


def register(kind: type[F]) -> type[F]:
    """Make a kind of fact known to the journal, by its name."""
    assert kind.__name__ not in _KINDS, f"two facts are called {kind.__name__}"
    _KINDS[kind.__name__] = kind
    return kind


def kinds() -> dict[str, type[Fact]]:
    """List the known kinds of facts by name."""
    return dict(_KINDS)


def decode(kind: str, body: dict[str, Any], version: int | None = None) -> Fact:
    """Make a fact again from its fields, in the version it was kept in; private fields that are left out come back empty.

    Raises KeyError for a kind that this program does not know.
    """
    known = _KINDS[kind]
    types = {f.name: f.type for f in fields(known)}
    values = {name: Method(value) if types[name] == "Method" else value for name, value in body.items()}
    fact = known(**values)
    if version not in {None, known.version}:
        object.__setattr__(fact, "version", version)  # frozen against everybody else
    return fact


for _known in (
    *(AccountOpened, PaymentDeclared, PaymentWithdrawn, PaymentValidated, PaymentRefused, PaymentReceived),
    *(PaymentRefunded, OpeningBalanceEntered, FactReversed),
    *(ChequesDeposited, ChequeBounced, CashCounted, CashBanked),
):
    register(_known)
