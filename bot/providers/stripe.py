"""Stripe Checkout: a page of Stripe's for each payment, asked for with its own library (B25).

Stripe keeps idempotency keys for a day, and our errands may come again later than that: a refund therefore also carries
our key in its own metadata, and is looked for before one is made.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import ClientError, ClientTimeout

from bot.providers import (
    ForgedError,
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
from bot.providers.stripe_words import (
    CURRENCY,
    OURS,
    disputed,
    failed,
    gone_back,
    notification,
    ours,
    paid,
    parameters,
    refusal,
    said,
    wait_seconds,
)

if TYPE_CHECKING:
    import stripe
    from stripe.checkout import Session
    from stripe.params import RefundCreateParams

T = TypeVar("T")

NAME = "stripe"
URL = "https://api.stripe.com"
API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 10.0
LIMITS_CENTS = (50, 99_999_999)
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=23, minutes=59)
"""Stripe's own limits for the life of a link, less a minute: our clocks may differ."""
TOLERANCE_SECONDS = 300
PAID_IN_FULL = ["payment_intent.latest_charge.balance_transaction"]
MOST_REFUNDS = 100


class StripeCheckout:
    """See :class:`bot.providers.Provider`. Without ``webhook_secret`` every notification is taken for forged.

    Making one raises ImportError where the extra is not installed.
    """

    name = NAME
    label = "Stripe"
    platform = ""
    limits_cents = LIMITS_CENTS
    gives_back = True
    in_parts = True

    def __init__(
        self, secret_key: str, webhook_secret: str = "", *, url: str = URL, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._library = _library()
        self._http = self._library.AIOHTTPClient(timeout=ClientTimeout(total=timeout_seconds))
        self._client: stripe.StripeClient = self._library.StripeClient(
            secret_key, stripe_version=API_VERSION, base_addresses={"api": url}, http_client=self._http,
            max_network_retries=0,  # errands are tried again by whoever runs them
        )  # fmt: skip
        self._webhook_secret = webhook_secret
        self._is_real = "_test_" not in secret_key
        self._ends: dict[str, int] = {}  # when links still being made were first meant to end

    async def create(self, wanted: Wanted) -> Link:
        """Have a page made. Asked again before Stripe has answered, it is the same page."""
        if wanted.currency.lower() != CURRENCY:
            raise ProviderRefusedError(f"not in {wanted.currency}")
        ends = self._ending(wanted)
        try:
            made = await self._make(wanted, ends, wanted.reference)
        except self._library.IdempotencyError:
            # made before a restart, to end at another moment, and its address lost: nobody was shown it, it ends unpaid
            made = await self._make(wanted, ends, f"{wanted.reference}:{ends}")
        self._ends.pop(wanted.reference, None)
        if not made.url:
            raise ProviderRefusedError("the page has ended already")
        return Link(made.url, made.id, datetime.fromtimestamp(made.expires_at, UTC))

    async def report(self, opened: Opened) -> Report:
        """Say where a page stands; of what was paid, what was charged and what Stripe keeps."""
        sessions = self._client.v1.checkout.sessions
        if not opened.external:
            return Report(State.PENDING)
        found = await self._asked(sessions.retrieve_async(opened.external, {"expand": PAID_IN_FULL}))
        if found.status == "expired":
            return Report(State.EXPIRED)
        if found.payment_status != "paid":
            return Report(State.FAILED if failed(found) else State.PENDING)
        return paid(found)

    async def refund(self, payment: str, cents: int, key: str) -> str:
        """Give back what a payment brought, or a part of it, once for each key."""
        refunds = self._client.v1.refunds
        there = await self._asked(refunds.list_async({"payment_intent": payment, "limit": MOST_REFUNDS}))
        made = next((found for found in there.data if ours(found.metadata) == key), None)
        if made is None:
            asking: RefundCreateParams = {"payment_intent": payment, "amount": cents, "metadata": {OURS: key}}
            made = await self._asked(refunds.create_async(asking, {"idempotency_key": key}))
        if made.status in ("failed", "canceled"):
            raise ProviderRefusedError(f"the refund is {made.status}")
        return made.id

    async def withdrawals(self, payment: str) -> Sequence[Withdrawal]:
        """List refunds and disputes of a payment; of a mere inquiry nothing has been taken yet."""
        refunds, disputes = self._client.v1.refunds, self._client.v1.disputes
        back = await self._asked(refunds.list_async({"payment_intent": payment, "limit": MOST_REFUNDS}))
        taken = await self._asked(disputes.list_async({"payment_intent": payment, "limit": MOST_REFUNDS}))
        found = [gone_back(refund) for refund in back.data] + [disputed(dispute) for dispute in taken.data]
        return [withdrawal for withdrawal in found if withdrawal is not None]

    async def expire(self, opened: Opened) -> None:
        """End a page; one that was paid or has ended stays as it is."""
        if not opened.external:
            return
        sessions = self._client.v1.checkout.sessions
        try:
            await self._translated(sessions.expire_async(opened.external))
        except self._library.InvalidRequestError as trouble:
            found = await self._asked(sessions.retrieve_async(opened.external))
            if found.status == "open":
                raise refusal(trouble) from None

    def notified(self, headers: Mapping[str, str], body: bytes) -> Notification | None:
        """Read an event; None for those of other programs and those that say nothing of a payment. Raises ForgedError."""
        return notification(self._verified(headers, body))

    async def recognised(self) -> bool:
        """Ask whether it knows us, disputes included; tell whether the money is real. Raises as all questions do."""
        await self._asked(self._client.v1.checkout.sessions.list_async({"limit": 1}))
        await self._asked(self._client.v1.disputes.list_async({"limit": 1}))
        return self._is_real

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close_async()

    def _ending(self, wanted: Wanted) -> int:
        """Choose when a page ends: as was said the first time, so that the same is asked for with the same key."""
        soonest = int((wanted.now + SHORTEST).timestamp())
        self._ends = {name: ends for name, ends in self._ends.items() if ends >= soonest}
        latest = int((wanted.now + LONGEST).timestamp())
        meant = min(max(int(wanted.expires_at.timestamp()), soonest), latest)
        return self._ends.setdefault(wanted.reference, meant)

    async def _make(self, wanted: Wanted, ends: int, key: str) -> Session:
        sessions = self._client.v1.checkout.sessions
        try:
            return await self._translated(sessions.create_async(parameters(wanted, ends), {"idempotency_key": key}))
        except self._library.InvalidRequestError as trouble:
            raise refusal(trouble) from None

    async def _asked(self, asking: Awaitable[T]) -> T:
        try:
            return await self._translated(asking)
        except (self._library.InvalidRequestError, self._library.IdempotencyError) as trouble:
            raise refusal(trouble) from None

    async def _translated(self, asking: Awaitable[T]) -> T:
        """Wait for an answer. Raises our own errors, and Stripe's where it depends on what was asked."""
        stripe = self._library
        try:
            return await asking
        except (stripe.InvalidRequestError, stripe.IdempotencyError):
            raise
        except (stripe.AuthenticationError, stripe.PermissionError) as trouble:
            raise ProviderRefusedError(said(trouble), Refusal.CREDENTIALS) from None
        except stripe.CardError as trouble:
            raise refusal(trouble) from None
        except stripe.StripeError as trouble:  # the network, 409, 429, 5xx, answers that are not JSON
            raise ProviderBusyError(said(trouble), wait_seconds(trouble)) from None
        except (ClientError, TimeoutError) as trouble:  # in the middle of an answer
            raise ProviderBusyError(type(trouble).__name__) from None

    def _verified(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        if not self._webhook_secret:
            raise ForgedError
        try:
            text = body.decode()
            self._library.WebhookSignature.verify_header(
                text, headers.get("stripe-signature", ""), self._webhook_secret, TOLERANCE_SECONDS
            )
            event = json.loads(text)
            if not isinstance(event, dict) or event.get("object") != "event":
                raise ForgedError
        except (ValueError, RecursionError, self._library.SignatureVerificationError):
            raise ForgedError from None
        return event


def _library() -> ModuleType:
    """Import Stripe's library where it is needed: it is large, and an extra. Raises ImportError."""
    import stripe  # noqa: PLC0415 - most installations do without it

    stripe.enable_telemetry = False  # nor does it write a file of its own
    return stripe
