"""What providers answer, as it comes to the desk: each an update of its own, with its own key, so that it counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.chat import Address, Incoming, Place
from bot.providers import Notification, Report, Withdrawal

PLATFORM = "online"
"""Stands for the platform of updates that no person sent, and of errands to providers."""

BUSY = "busy"
"""Why something was not done: the provider could not be reached for too long."""


@dataclass(frozen=True)
class Made:
    """A checkout is there to be paid. ``url`` is "" where the chat shows an invoice of its own."""

    reference: str
    url: str
    external: str
    expires_at: datetime


@dataclass(frozen=True)
class NotMade:
    """A checkout could not be made, and will not be."""

    reference: str
    why: str


@dataclass(frozen=True)
class MakingSlow:
    """A checkout could not be made yet; it is being tried again."""

    reference: str


@dataclass(frozen=True)
class Reported:
    """A provider says where a checkout stands."""

    reference: str
    report: Report


@dataclass(frozen=True)
class Noticed:
    """A provider says by itself that something has happened. ``account`` is whose it is, as the configuration has it."""

    provider: str
    account: str
    notification: Notification


@dataclass(frozen=True)
class Returned:
    """A refund was made."""

    reference: str
    refund: str


@dataclass(frozen=True)
class NotReturned:
    """A refund was not made, and will not be."""

    reference: str
    why: str


@dataclass(frozen=True)
class ReturningSlow:
    """A refund could not be made yet; it is being tried again."""

    reference: str


@dataclass(frozen=True)
class WentBack:
    """A provider says what went back of a payment, which it calls ``payment``."""

    provider: str
    payment: str
    withdrawals: tuple[Withdrawal, ...]


@dataclass(frozen=True)
class Unanswered:
    """Nobody has said for days whether a refund was made: somebody may look, and close it by hand."""

    reference: str


Answer = (
    Made | NotMade | MakingSlow | Reported | Noticed | Returned | NotReturned | ReturningSlow | WentBack | Unanswered
)


def brought(answer: Answer, key: str) -> Incoming:
    """Make the update that brings an answer to the desk."""
    return Incoming(bot=PLATFORM, key=key, address=Address(PLATFORM, ""), place=Place(PLATFORM, ""), online=answer)
