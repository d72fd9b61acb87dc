"""What a host does besides running the bot. Nothing here prints: each command gives the lines that say what it did."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from bot.complaints import HostError
from bot.config import Config
from bot.ledger.store import Store


class CommandError(HostError):
    """A command cannot be carried out; the message says why in one line, and what to do."""


@contextmanager
def opened(config: Config, *, create: bool = False) -> Generator[Store]:
    """Open the database for a short command; a bot that is running on it goes on. Raises StoreError."""
    store = Store.open(config.database.url, create=create, beside=True)
    try:
        yield store
    finally:
        store.close()
