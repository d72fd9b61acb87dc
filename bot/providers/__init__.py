"""Those who take cards for us: what is asked of every provider of online payments, and what it answers (B25).

Nothing here knows the books, the chats nor the database: money is whole cents, and every payment is named by *our*
reference, which is the idempotency key of its creation. A provider is asked outside the writer's transaction, by an
errand; whatever it answers may be asked for again after a crash, so every method can be called twice with the same
arguments and does its work once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MOST_TITLE, MOST_DESCRIPTION = 32, 255
"""Characters that every provider takes: the shortest limits of all, Telegram's."""


class ProviderBusyError(Exception):
    """It cannot be asked now: network, 429, 5xx, a conflict that passes. ``after_seconds``: the wait it asked for, if it did."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class ProviderRefusedError(Exception):
    """It will not do this, now or later. ``reason`` is for the log and the host: no secret, no personal data in it."""

    def __init__(self, reason: str, refusal: Refusal | None = None) -> None:
        super().__init__(reason)
        self.refusal = refusal or Refusal.OTHER


class ForgedError(Exception):
    """A notification is not signed by the provider, or not as it should be: nothing of it is believed."""


class Refusal(StrEnum):
    """Why a provider refuses, as far as somebody can do something about it."""

    CREDENTIALS = "credentials"  # the host's keys are wrong, or have lost their rights
    AMOUNT = "amount"  # too small or too large for the provider
    FUNDS = "funds"  # not enough on the group's account at the provider for this refund
    WHOLE = "whole"  # it gives payments back in whole only
    DONE = "done"  # given back already, elsewhere and in full
    OTHER = "other"


class State(StrEnum):
    """Where a payment stands at the provider."""

    PENDING = "pending"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True)
class Wanted:
    """A payment to be made possible. ``back_url`` is where the payer's browser goes afterwards; whatever happens there credits nothing.

    ``expires_at`` is when the link should end, in UTC: a provider that has its own limits takes the nearest it can.
    """

    reference: str
    cents: int
    currency: str
    title: str
    description: str
    language: str
    back_url: str
    now: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Link:
    """An address to pay at. ``external`` is the provider's own name of this checkout (not yet of a payment)."""

    url: str
    external: str
    expires_at: datetime


@dataclass(frozen=True)
class InChat:
    """The chat shows an invoice of its own, which the payer pays without leaving it. No network was needed."""

    expires_at: datetime


@dataclass(frozen=True)
class Opened:
    """A checkout that was created: our reference, what :class:`Link` called it, what it was to bring in cents."""

    reference: str
    external: str
    cents: int


@dataclass(frozen=True)
class Report:
    """What the provider says of a checkout.

    When PAID: ``payment`` is the provider's name of the payment, unique, by which it is given back; ``cents`` what was
    charged (gross); ``fee_cents`` what the provider keeps of it, None as long as it does not say. ``reference`` is ours as
    the provider gives it back ("" if it does not): a payment made for another reference is never taken for this one.
    """

    state: State
    payment: str = ""
    cents: int = 0
    fee_cents: int | None = None
    reference: str = ""


@dataclass(frozen=True)
class Notification:
    """A signed message of the provider: something happened to the payment of this reference; ask it which.

    ``reference`` is "" for a payment that carries none of ours; ``external`` and ``payment`` are then what is known of it.
    ``cents`` is what it says was paid, 0 if it does not: for a payment that nobody expects, so that it is not lost.
    ``withdrawn``: money of ``payment`` went back, or came again; ask what.
    """

    reference: str
    external: str = ""
    payment: str = ""
    cents: int = 0
    withdrawn: bool = False


class Cause(StrEnum):
    """Why money of a payment goes back."""

    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True)
class Withdrawal:
    """Money of a payment that went back to the card, or was taken back by the payer's bank; whoever asked for it.

    ``name`` is the provider's own, unique; ``cents`` what went back; ``fee_cents`` what the provider keeps for it besides;
    ``key`` is ours, where we asked for it and the provider says so. ``ended``: the money is there again (a refund that
    failed, a dispute that was won); ``fee_cents`` is then what is kept in the end.
    """

    name: str
    cents: int
    cause: Cause
    key: str = ""
    fee_cents: int = 0
    ended: bool = False


class Provider(Protocol):
    """One account at one provider. Errors: ProviderBusyError (asked again later), ProviderRefusedError (said, not retried).

    Methods that ask have their own timeouts (some ten seconds); they never wait for ever.
    """

    @property
    def name(self) -> str:
        """Name the provider: kept with each checkout (``stripe``, ``helloasso``, ``telegram``, ``demo``)."""
        ...

    @property
    def label(self) -> str:
        """Name it as people know it: « Stripe », « HelloAsso »."""
        ...

    @property
    def platform(self) -> str:
        """Name the only chat platform on which it works; "" for one whose links work everywhere."""
        ...

    @property
    def limits_cents(self) -> tuple[int, int]:
        """Give the smallest and the largest amount it takes, in cents."""
        ...

    @property
    def gives_back(self) -> bool:
        """Tell whether it can be asked for refunds; if not, they are made on its own site."""
        ...

    @property
    def in_parts(self) -> bool:
        """Tell whether a part of a payment can be given back; if not, only all of it."""
        ...

    async def create(self, wanted: Wanted) -> Link | InChat:
        """Make a payment possible; the same reference again gives the same checkout."""
        ...

    async def report(self, opened: Opened) -> Report:
        """Say where a checkout stands. PENDING for one that was never paid nor ended."""
        ...

    async def refund(self, payment: str, cents: int, key: str) -> str:
        """Give a payment back, wholly or in part; the provider's name of the refund. The same key gives back once."""
        ...

    async def withdrawals(self, payment: str) -> Sequence[Withdrawal]:
        """List what went back of a payment: refunds, by whoever's hand, and disputes. Money not touched yet is not in it."""
        ...

    async def expire(self, opened: Opened) -> None:
        """End a checkout, so that it can be paid no more; one that is paid or ended already stays as it is, silently."""
        ...

    def notified(self, headers: Mapping[str, str], body: bytes) -> Notification | None:
        """Read a notification; None for one that concerns no payment. Raises ForgedError.

        Header names are lower case. A provider without signed notifications always raises ForgedError.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
