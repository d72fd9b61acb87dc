"""Telegram Payments: the chat itself shows the invoice and says when it is paid; nobody is asked over the network (B25).

Telegram gives no money back for the providers behind it: that is done on the provider's own site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.providers import (
    ForgedError,
    InChat,
    Notification,
    Opened,
    ProviderRefusedError,
    Report,
    State,
    Wanted,
    Withdrawal,
)

NAME = "telegram"
LASTS = timedelta(days=1)
LIMITS_CENTS = (100, 1_000_000)
"""About what Telegram takes in euros; its own table moves with the exchange rates."""


class TelegramPayments:
    """See :class:`bot.providers.Provider`. ``account`` is the configuration's name of the token to invoice with."""

    name = NAME
    label = "Telegram"
    platform = "telegram"
    limits_cents = LIMITS_CENTS
    gives_back = False
    in_parts = False

    async def create(self, wanted: Wanted) -> InChat:
        """Have the chat show an invoice."""
        return InChat(wanted.now + LASTS)

    async def report(self, _opened: Opened) -> Report:
        """Say nothing new: what is paid, the chat says by itself."""
        return Report(State.PENDING)

    async def refund(self, _payment: str, _cents: int, _key: str) -> str:
        """Refuse."""
        raise ProviderRefusedError("Telegram gives nothing back")

    async def withdrawals(self, _payment: str) -> Sequence[Withdrawal]:
        """Say nothing: Telegram does not know. What went back on the provider's own site, a coordinator notes."""
        return ()

    async def expire(self, _opened: Opened) -> None:
        """Do nothing: an invoice that is no longer good is refused when somebody is about to pay it."""

    def notified(self, _headers: Mapping[str, str], _body: bytes) -> Notification | None:
        """Believe nobody."""
        raise ForgedError

    async def close(self) -> None:
        """Do nothing."""
