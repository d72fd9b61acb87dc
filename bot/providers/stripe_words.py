"""What is said to Stripe for a payment, and what is read from its answers and its notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.providers import (
    Cause,
    ForgedError,
    Notification,
    ProviderRefusedError,
    Refusal,
    Report,
    State,
    Wanted,
    Withdrawal,
)

if TYPE_CHECKING:
    import stripe
    from stripe._stripe_object import UntypedStripeObject
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams

CURRENCY = "eur"
OURS = "ardoise"
"""The name, in Stripe's metadata, of our reference: sessions without it are another program's."""

REASONS = {
    "amount_too_small": Refusal.AMOUNT, "amount_too_large": Refusal.AMOUNT,
    "charge_already_refunded": Refusal.DONE, "balance_insufficient": Refusal.FUNDS,
    "insufficient_funds": Refusal.FUNDS,
}  # fmt: skip


TOLD = {
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "checkout.session.expired",
}  # fmt: skip
TOLD_BACK = {
    "charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed",
    "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
}  # fmt: skip
"""Events whose object, a charge, a refund or a dispute, names the payment of which money went back."""


def parameters(wanted: Wanted, ends: int) -> SessionCreateParams:
    """Say what page is wanted. ``ends``: seconds since 1970."""
    product: dict[str, str] = {"name": wanted.title, "description": wanted.description}
    price: Any = {"currency": CURRENCY, "unit_amount": wanted.cents, "product_data": product}
    return {
        "mode": "payment",
        "locale": "en" if wanted.language == "en" else "fr",
        "client_reference_id": wanted.reference,
        "metadata": {OURS: wanted.reference},
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},  # what is charged is what was asked, in euros
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {
            "description": f"{wanted.title} · {wanted.reference}",
            "metadata": {OURS: wanted.reference},
        },
        "success_url": wanted.back_url,
        "cancel_url": wanted.back_url,
        "expires_at": ends,
    }


def failed(found: Session) -> bool:
    """Tell whether what was paid slowly did not come in the end."""
    intent = found.payment_intent
    given_up = {"requires_payment_method", "canceled"}
    return (
        found.status == "complete" and intent is not None and not isinstance(intent, str) and intent.status in given_up
    )


def paid(found: Session) -> Report:
    """Read what a page brought. Raises ProviderRefusedError for another currency."""
    intent = found.payment_intent
    if intent is None or isinstance(intent, str):
        raise ProviderRefusedError("paid, without a payment")
    if intent.currency != CURRENCY:
        raise ProviderRefusedError(f"paid in {intent.currency}")
    return Report(State.PAID, intent.id, intent.amount_received, _fee_cents(intent), ours(found.metadata))


def gone_back(refund: stripe.Refund) -> Withdrawal:
    """Read a refund: the money leaves the account as it is asked for, and comes again where it fails."""
    _require_currency(refund.currency)
    ended = refund.status in {"failed", "canceled"}
    return Withdrawal(refund.id, refund.amount, Cause.REFUND, ours(refund.metadata), ended=ended)


def disputed(dispute: stripe.Dispute) -> Withdrawal | None:
    """Read what a dispute has moved, None for nothing: withdrawn when it opens, reinstated where it is won, its fees.

    What was reinstated may be withdrawn again: what is away counts, not what was ever taken.
    """
    moved = dispute.balance_transactions
    for transaction in moved:
        _require_currency(transaction.currency)
    withdrawn = -sum(min(transaction.amount, 0) for transaction in moved)
    if not withdrawn:
        return None
    fee, away = sum(transaction.fee for transaction in moved), -sum(transaction.amount for transaction in moved)
    return Withdrawal(
        dispute.id, away if away > 0 else withdrawn, Cause.DISPUTE, fee_cents=max(0, fee), ended=away <= 0
    )


def _require_currency(currency: str) -> None:
    if currency != CURRENCY:
        raise ProviderRefusedError(f"gone back in {currency}")


def ours(metadata: UntypedStripeObject[str] | None) -> str:
    """Give our reference, "" for what another program made."""
    return metadata[OURS] if metadata is not None and OURS in metadata else ""


def _fee_cents(intent: stripe.PaymentIntent) -> int | None:
    """Give what Stripe keeps, None as long as it has not counted it."""
    charge = intent.latest_charge
    balance = None if charge is None or isinstance(charge, str) else charge.balance_transaction
    if balance is None or isinstance(balance, str) or balance.currency != CURRENCY:
        return None
    return balance.fee


def refusal(trouble: stripe.StripeError) -> ProviderRefusedError:
    """Say what Stripe refuses, and why as far as it tells."""
    reason = REASONS.get(trouble.code or "", Refusal.OTHER)
    if reason is Refusal.OTHER and getattr(trouble, "param", None) == "amount":
        reason = Refusal.AMOUNT
    return ProviderRefusedError(said(trouble), reason)


def said(trouble: stripe.StripeError) -> str:
    """Say what happened by names and numbers: Stripe's sentences quote keys, and what people typed."""
    parts = [
        type(trouble).__name__,
        trouble.http_status,
        trouble.code,
        getattr(trouble, "param", None),
        trouble.request_id,
    ]
    return " ".join(str(part) for part in parts if part)


def wait_seconds(trouble: stripe.StripeError) -> float | None:
    """Read how long Stripe asks to wait; None if it does not say."""
    found = (trouble.headers or {}).get("retry-after", "")
    return float(found) if found.isdecimal() else None


def notification(event: Mapping[str, Any]) -> Notification | None:
    """Read an event; None for those of other programs and those that say nothing of a payment. Raises ForgedError."""
    kind = event.get("type")
    if kind not in TOLD | TOLD_BACK:
        return None
    try:
        return (_withdrawn if kind in TOLD_BACK else _paid_or_not)(event["data"]["object"])
    except (KeyError, TypeError, AttributeError):
        raise ForgedError from None


def _paid_or_not(session: dict[str, Any]) -> Notification | None:
    reference = (session["metadata"] or {}).get(OURS, "")
    if not reference:
        return None
    if session["payment_status"] != "paid":
        return Notification(reference)
    return Notification(reference, session["id"], session["payment_intent"] or "", session["amount_total"])


def _withdrawn(found: dict[str, Any]) -> Notification | None:
    """Name the payment of a charge, a refund or a dispute; whether it is one of ours, the books know."""
    payment = found["payment_intent"]
    return Notification("", payment=str(payment), withdrawn=True) if payment else None
