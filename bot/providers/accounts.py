"""Which providers take cards for which groups: the host's own list, the same as long as the bot runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.folding import folded
from bot.providers import Provider

EVERY_GROUP = ""


@dataclass(frozen=True)
class Account:
    """A provider, and whose it is: a group's slug or number, or every group's."""

    provider: Provider
    group: str = EVERY_GROUP


@dataclass(frozen=True)
class Offer:
    """What there is to know of a provider without asking it anything. Limits in cents."""

    name: str
    label: str
    platform: str
    smallest: int
    largest: int
    gives_back: bool
    in_parts: bool

    def takes(self, cents: int) -> bool:
        """Tell whether an amount is within its limits."""
        return self.smallest <= cents <= self.largest


class Accounts:
    """The providers of this installation. A group's own come before those of every group."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self.all: Sequence[Account] = tuple(accounts)

    def of(self, group: int, name: str) -> list[Account]:
        """List the accounts of a group, by its number and name; of two at one provider, its own."""
        keys = {str(group), slug(name)}
        mine = [account for account in self.all if account.group in keys]
        shared = [account for account in self.all if account.group == EVERY_GROUP]
        found: dict[str, Account] = {}
        for account in [*mine, *shared]:
            found.setdefault(account.provider.name, account)
        return list(found.values())

    def account(self, provider: str, group: int, name: str) -> Account | None:
        """Find a group's account at a provider."""
        return next((found for found in self.of(group, name) if found.provider.name == provider), None)

    def named(self, provider: str, group: int, name: str) -> Provider | None:
        """Find a group's provider by its name."""
        found = self.account(provider, group, name)
        return found.provider if found else None

    def offers(self, group: int, name: str) -> tuple[Offer, ...]:
        """List what a group's providers offer."""
        return tuple(offer(account.provider) for account in self.of(group, name))

    async def close(self) -> None:
        """Let go of all connections."""
        for account in self.all:
            await account.provider.close()


def offer(provider: Provider) -> Offer:
    """Say what a provider offers."""
    smallest, largest = provider.limits_cents
    return Offer(
        provider.name, provider.label, provider.platform, smallest, largest, provider.gives_back, provider.in_parts
    )


def slug(name: str) -> str:
    """Name a group as the configuration does.

    >>> slug("Les Paniers du Canal"), slug("L'Échalote & Cie")
    ('les-paniers-du-canal', 'l-echalote-cie')
    """
    return "-".join("".join(sign if sign.isalnum() else " " for sign in folded(name)).split())
