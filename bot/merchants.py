"""The accounts at providers of online payments that the settings name, and whether the providers know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.complaints import HostError
from bot.config import Merchant, Online
from bot.providers import Provider, ProviderBusyError, ProviderRefusedError, Refusal
from bot.providers.accounts import Account, Accounts, slug
from bot.providers.helloasso import HelloAsso
from bot.providers.stripe import StripeCheckout
from bot.providers.telegram import TelegramPayments

KEYS = {
    "stripe": "stripe_secret_key",
    "helloasso": "helloasso_client_id, helloasso_client_secret, helloasso_organization",
}


@runtime_checkable
class Asked(Protocol):
    """A provider that can be asked whether it knows us."""

    async def recognised(self) -> bool:
        """Tell whether the money is real. Raises ProviderBusyError and ProviderRefusedError."""
        ...


def accounts(online: Online, clock: Callable[[], datetime]) -> Accounts:
    """Make the accounts. Raises HostError where what they need is not installed."""
    return Accounts(
        Account(provider, group)
        for group, merchant in online.merchants.items()
        for provider in _providers(online, merchant, clock)
    )


def telegram_tokens(online: Online) -> dict[str, str]:
    """Give the tokens by which Telegram knows the providers behind it, by the account's name."""
    found = {group: merchant.telegram_provider_token for group, merchant in online.merchants.items()}
    return {group: token.get_secret_value() for group, token in found.items() if token}


def called_back(online: Online) -> bool:
    """Tell whether a provider may call us."""
    return any(merchant.stripe_webhook_secret for merchant in online.merchants.values())


def of_nobody(online: Online, groups: Iterable[tuple[int, str]]) -> list[str]:
    """List the names under [online.groups] that are no group's: a group that was renamed is served by another account."""
    known = {key for number, name in groups for key in (str(number), slug(name))}
    return [name for name in online.groups if name not in known]


async def asked(account: Account) -> tuple[bool, str]:
    """Ask a provider whether it knows us; say whether that is right, and what there is to say, in a line for the host."""
    provider = account.provider
    if not isinstance(provider, Asked):
        return True, "personne à interroger"
    section = f"[online.groups.{account.group}]" if account.group else "[online]"
    keys = f"{section} {KEYS[provider.name]}"
    try:
        is_real = await provider.recognised()
    except ProviderBusyError as trouble:
        return False, f"ne répond pas ({trouble})"
    except ProviderRefusedError as trouble:
        if trouble.refusal is Refusal.CREDENTIALS:
            return False, f"ces clés ne sont pas les bonnes, ou n'ont pas les droits qu'il faut ({keys})"
        return False, f"refuse : {trouble} ({keys})"
    return (
        True,
        "les clés sont reconnues" if is_real else "les clés sont reconnues, pour essayer : aucun argent n'est vrai",
    )


def _providers(online: Online, merchant: Merchant, clock: Callable[[], datetime]) -> Iterator[Provider]:
    """List a merchant's providers, the one that costs an association nothing first."""
    if merchant.helloasso_client_id:
        yield HelloAsso(
            merchant.helloasso_client_id.get_secret_value(), merchant.helloasso_client_secret.get_secret_value(),
            merchant.helloasso_organization, clock, url=online.helloasso_url,
        )  # fmt: skip
    if merchant.stripe_secret_key:
        yield _stripe(online, merchant)
    if merchant.telegram_provider_token:
        yield TelegramPayments()


def _stripe(online: Online, merchant: Merchant) -> StripeCheckout:
    key, secret = merchant.stripe_secret_key.get_secret_value(), merchant.stripe_webhook_secret.get_secret_value()
    try:
        return StripeCheckout(key, secret, url=online.stripe_url)
    except ImportError:
        raise HostError(
            "Pour la carte en ligne par Stripe, il manque sa bibliothèque : .venv/bin/pip install -c constraints.txt '.[stripe]'."
        ) from None
