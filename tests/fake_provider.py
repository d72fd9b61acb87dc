"""A provider in memory whose word is scripted, for tests of online payments.

provider.pay(reference)                     somebody pays; provider.pay(reference, 2000) another amount
provider.down = True                        nothing answers, until it is False again
provider.refuses[CREATE] = Refusal.AMOUNT   creations are refused; REFUND, EXPIRE, ASK alike
provider.gone["pi_1"] = [Withdrawal(…)]      what went back of a payment at the provider's own site
provider.breaks.add(CREATE)                  a bug in the adapter
provider.asked                              every call that was answered: ("create", "1-code0001"), …
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.providers import (
    Cause,
    ForgedError,
    InChat,
    Link,
    Notification,
    Opened,
    ProviderBusyError,
    ProviderRefusedError,
    Refusal,
    Report,
    State,
    Wanted,
    Withdrawal,
)

CREATE, ASK, EXPIRE, REFUND, LOOK = "create", "ask", "expire", "refund", "look"
SIGNATURE = "x-signature"


@dataclass
class FakeProvider:
    """See the module's docstring. A notification is JSON, signed by the word « true » in its header."""

    name: str = "stripe"
    label: str = "Stripe"
    platform: str = ""
    limits_cents: tuple[int, int] = (50, 500_000)
    gives_back: bool = True
    in_parts: bool = True
    fee: int | None = 62
    down: bool = False
    in_chat: bool = False
    wanted: dict[str, Wanted] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    gone: dict[str, list[Withdrawal]] = field(default_factory=dict)
    refuses: dict[str, Refusal] = field(default_factory=dict)
    breaks: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def create(self, wanted: Wanted) -> Link | InChat:
        """Make a checkout, the same for the same reference."""
        self._admit(CREATE, wanted.reference)
        self.wanted.setdefault(wanted.reference, wanted)
        if self.in_chat:
            return InChat(wanted.expires_at)
        return Link(f"https://pay.example/{wanted.reference}", f"cs_{wanted.reference}", wanted.expires_at)

    async def report(self, opened: Opened) -> Report:
        """Say what is scripted."""
        self._admit(ASK, opened.reference)
        return self.reports.get(opened.reference, Report(State.PENDING))

    async def refund(self, payment: str, cents: int, key: str) -> str:
        """Give back once for each key."""
        self._admit(REFUND, f"{payment} {cents}")
        if key not in self.refunds:
            self.refunds[key] = f"re_{next(self.numbers)}"
            self.gone.setdefault(payment, []).append(Withdrawal(self.refunds[key], cents, Cause.REFUND, key))
        return self.refunds[key]

    async def withdrawals(self, payment: str) -> Sequence[Withdrawal]:
        """Say what went back, by us and as scripted."""
        self._admit(LOOK, payment)
        return self.gone.get(payment, [])

    async def expire(self, opened: Opened) -> None:
        """End a checkout."""
        self._admit(EXPIRE, opened.reference)

    def notified(self, headers: Mapping[str, str], body: bytes) -> Notification | None:
        """Believe what is signed."""
        if headers.get(SIGNATURE) != "true":
            raise ForgedError
        return Notification(**json.loads(body)) if body != b"{}" else None

    async def close(self) -> None:
        """Do nothing."""

    def pay(self, reference: str, cents: int | None = None, *, payment: str = "") -> str:
        """Have somebody pay: what was asked for, or another amount. Give the payment's name."""
        name = payment or f"pi_{next(self.numbers)}"
        paid = self.wanted[reference].cents if cents is None else cents
        self.reports[reference] = Report(State.PAID, name, paid, self.fee, reference)
        return name

    def _admit(self, verb: str, what: str) -> None:
        if self.down:
            raise ProviderBusyError("out of order")
        if verb in self.breaks:
            raise ValueError(verb)
        if verb in self.refuses:
            raise ProviderRefusedError("no", self.refuses[verb])
        self.asked.append((verb, what))
