"""Which payment a line of a statement is. Pure: lines and what the books expect in, proposals out (B23, B28)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.banking.bank import Counted
from bot.banking.line import MOST_LINES, BankLine
from bot.banking.reference import members_named
from bot.folding import folded
from bot.ledger.money import Cents

BY_HAND_BEFORE, BY_HAND_AFTER = timedelta(days=7), timedelta(days=45)
"""How long before and after a line's day a coordinator may have validated by hand what it is."""

SHORTEST_NAME = 3


class Kind(StrEnum):
    """How sure a proposal is."""

    SURE = "sure"
    LINKED = "linked"
    PROBABLE = "probable"
    UNKNOWN = "unknown"
    COUNTED = "counted"


@dataclass(frozen=True)
class Expected:
    """A payment the books know: ``declared``, ``planned``, or ``received`` and not linked to a line. Amount in cents."""

    state: str
    number: int
    member: int
    amount: Cents
    transfer: bool
    at: date
    round: int = 0


@dataclass(frozen=True)
class Known:
    """What lines are compared with. ``dues`` is what members owe, in cents; ``counted`` the keys in the books.

    ``closed``: those of the members whose account is closed: a line may only be what was received before (B44).
    """

    members: Mapping[int, str]
    prefix: str
    expected: Sequence[Expected] = ()
    dues: Mapping[int, Cents] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    nearby: Sequence[Counted] = ()
    most: int = 1_000_000
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Proposal:
    """What a line seems to be. ``twin``: it looks like one that came in another file; ``member`` 0 is nobody."""

    line: BankLine
    key: str
    kind: Kind
    member: int = 0
    payment: Expected | None = None
    twin: bool = False


def propose(lines: Sequence[tuple[BankLine, str]], known: Known) -> list[Proposal]:
    """Compare credits with the books, those with a reference first; each payment is proposed once."""
    matcher = _Matcher(known, {key for _line, key in lines})
    fresh = [(line, key) for line, key in lines if key not in known.counted]
    members = {key: member for line, key in fresh if (member := matcher.member_named(line))}
    exact = {key: matcher.taken(members[key], line) for line, key in fresh if key in members}
    found = {
        key: matcher.by_reference(line, key, members[key], exact[key]) if key in members else matcher.by_name(line, key)
        for line, key in sorted(fresh, key=lambda pair: pair[1] not in members)
    }
    return [found.get(key) or Proposal(line, key, Kind.COUNTED) for line, key in lines]


def remember(lines: Iterable[BankLine]) -> None:
    """Take the words of lines apart before anybody waits for their comparison."""
    for line in lines:
        _words(line.words)


def best_of(payments: Sequence[Expected], line: BankLine) -> Expected | None:
    """Choose the payment that a line is: a transfer first, and of those what was received by hand already (B28)."""
    order = {"received": 0, "declared": 1, "planned": 2}
    fitting = [payment for payment in payments if _alike(payment, line)]
    return min(fitting, key=lambda p: (not p.transfer, order[p.state], abs(p.at - line.day), p.number), default=None)


class _Matcher:
    def __init__(self, known: Known, keys: set[str]) -> None:
        self._known = known
        self._free: dict[int, list[Expected]] = defaultdict(list)
        for payment in known.expected:
            if payment.state == "received" or payment.member not in known.closed:
                self._free[payment.member].append(payment)
        self._named: dict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
        names = {number: _words(name) for number, name in known.members.items()}
        common = Counter(part for parts in names.values() for part in parts)
        for number, parts in names.items():
            if any(len(part) >= SHORTEST_NAME for part in parts):
                self._named[min(parts, key=lambda part: (common[part], part))].append((number, parts))
        self._elsewhere = defaultdict[int, list[Counted]](list)
        for counted in known.nearby:
            if counted.key not in keys:
                self._elsewhere[counted.amount].append(counted)

    def member_named(self, line: BankLine) -> int:
        """Find whose reference a line has; several of them, or one of somebody who left, say nothing for sure."""
        named = [number for number in members_named(line.words, self._known.prefix) if number in self._known.members]
        return named[0] if len(named) == 1 else 0

    def by_reference(self, line: BankLine, key: str, member: int, exact: Expected | None) -> Proposal:
        """Propose by a reference: sure where it is what was expected, or where nothing was."""
        payment = exact or self._nearly(member)
        twin = self._twin(line, [member])
        if payment is None and member in self._known.closed:
            return Proposal(line, key, Kind.UNKNOWN, twin=twin)
        fits = payment is None or (payment.transfer and payment.amount == line.amount)
        if twin or not fits or line.amount > self._known.most:
            return Proposal(line, key, Kind.PROBABLE, member, payment, twin)
        linked = payment is not None and payment.state == "received"
        return Proposal(line, key, Kind.LINKED if linked else Kind.SURE, member, payment)

    def _nearly(self, member: int) -> Expected | None:
        """Take a transfer that was announced with another amount: what is really received counts (B21)."""
        announced = [p for p in self._free[member] if p.transfer and p.state != "received"]
        if not announced:
            return None
        self._free[member].remove(announced[0])
        return announced[0]

    def by_name(self, line: BankLine, key: str) -> Proposal:
        """Propose by a name, where the amount is one that is expected of that member."""
        spoken = _words(line.words)
        found = [number for word in spoken for number, parts in self._named.get(word, ()) if parts <= spoken]
        fitting = [number for number in found if self._fits(number, line)]
        if len(fitting) != 1:
            return Proposal(line, key, Kind.UNKNOWN, twin=self._twin(line, found))
        member = fitting[0]
        twin = self._twin(line, fitting)
        return Proposal(line, key, Kind.PROBABLE, member, self.taken(member, line), twin)

    def _fits(self, member: int, line: BankLine) -> bool:
        return self._known.dues.get(member) == line.amount or any(
            _alike(payment, line) for payment in self._free[member]
        )

    def taken(self, member: int, line: BankLine) -> Expected | None:
        """Take the payment that the line is, so that no other line is it too."""
        best = best_of(self._free[member], line)
        if best is not None:
            self._free[member].remove(best)
        return best

    def _twin(self, line: BankLine, members: Iterable[int]) -> bool:
        """Tell whether a line of another file was the same amount of the same member, a day off at most."""
        wanted = set(members)
        return any(
            counted.member in wanted and abs(counted.day - line.day) <= timedelta(days=1)
            for counted in self._elsewhere[line.amount]
        )


def _alike(payment: Expected, line: BankLine) -> bool:
    if payment.amount != line.amount:
        return False
    if payment.state == "received":
        return payment.transfer and line.day - BY_HAND_BEFORE <= payment.at <= line.day + BY_HAND_AFTER
    return True


@lru_cache(maxsize=2 * MOST_LINES)  # the same lines are compared at every message of their conversation
def _words(text: str) -> frozenset[str]:
    return frozenset("".join(sign if sign.isalnum() else " " for sign in folded(text)).split())
