"""What Stripe's emulator keeps and shows, and the forms it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.payment_server import Asked, WrongError


@dataclass
class Session:
    """A Checkout Session and the payment made in it."""

    id: str
    params: dict[str, str]
    created: int
    expires_at: int
    status: str = "open"
    intent: str = ""
    charged: int = 0
    currency: str = "eur"
    fee: int | None = None
    waiting: bool = False
    refunds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cents(self) -> int:
        return int(self.params["line_items[0][price_data][unit_amount]"])


def shown(found: Session, expand: tuple[str, ...]) -> dict[str, Any]:
    """Show a session; ``expand`` names what is to be shown whole instead of by its id."""
    paid = found.status == "complete" and not found.waiting and found.charged > 0
    meta = {name[9:-1]: value for name, value in found.params.items() if name.startswith("metadata[")}
    return {
        "id": found.id, "object": "checkout.session", "status": found.status, "mode": "payment",
        "url": f"https://checkout.example/c/pay/{found.id}" if found.status == "open" else None,
        "payment_status": "paid" if paid else "unpaid", "amount_total": found.cents, "currency": found.currency,
        "client_reference_id": found.params.get("client_reference_id"), "metadata": meta,
        "created": found.created, "expires_at": found.expires_at, "livemode": False,
        "payment_intent": _intent(found, expand) if found.intent else None,
    }  # fmt: skip


def _intent(found: Session, expand: tuple[str, ...]) -> Any:
    """Show a payment as deep as it is asked for: by its id, with its charge, with what that cost."""
    if not any(path.startswith("payment_intent") for path in expand):
        return found.intent
    state = "processing" if found.waiting else "succeeded" if found.charged else "requires_payment_method"
    charge: Any = f"ch_{found.intent}"
    if any(path.startswith("payment_intent.latest_charge") for path in expand):
        charge = {
            "id": charge, "object": "charge", "amount": found.charged, "amount_captured": found.charged,
            "currency": found.currency, "balance_transaction": _balance(found, expand),
        }  # fmt: skip
    return {
        "id": found.intent, "object": "payment_intent", "status": state, "currency": found.currency,
        "amount": found.cents, "amount_received": 0 if found.waiting else found.charged, "latest_charge": charge,
    }  # fmt: skip


def _balance(found: Session, expand: tuple[str, ...]) -> Any:
    if found.fee is None:
        return None
    name = f"txn_{found.intent}"
    if "payment_intent.latest_charge.balance_transaction" not in expand:
        return name
    return {
        "id": name,
        "object": "balance_transaction",
        "amount": found.charged,
        "fee": found.fee,
        "currency": "eur",
    }


def refund_shown(name: str, found: Session, cents: int, meta: dict[str, str]) -> dict[str, Any]:
    """Show a refund, made at once."""
    return {
        "id": name, "object": "refund", "amount": cents, "currency": "eur", "status": "succeeded",
        "charge": f"ch_{found.intent}", "payment_intent": found.intent, "metadata": meta,
    }  # fmt: skip


def dispute_shown(name: str, found: Session, *, inquiry: bool, fee: int) -> dict[str, Any]:
    """Show a dispute of the whole payment; a mere inquiry has moved nothing."""
    return {
        "id": name, "object": "dispute", "amount": found.charged, "currency": "eur", "reason": "fraudulent",
        "status": "warning_needs_response" if inquiry else "needs_response", "charge": f"ch_{found.intent}",
        "payment_intent": found.intent, "is_charge_refundable": inquiry, "metadata": {},
        "balance_transactions": [] if inquiry else [moved(-found.charged, fee)],
    }  # fmt: skip


def moved(cents: int, fee: int) -> dict[str, Any]:
    """Show money that a dispute moves, and what Stripe keeps for it."""
    return {
        "id": f"txn_{abs(cents)}", "object": "balance_transaction", "amount": cents, "fee": fee, "net": cents - fee,
        "currency": "eur", "type": "adjustment",
    }  # fmt: skip


def wrong(status: int, message: str, code: str | None = None, param: str = "", *, kind: str = "") -> WrongError:
    """Refuse as Stripe does."""
    error: dict[str, Any] = {"type": kind or "invalid_request_error", "message": message}
    if code:
        error["code"] = code
    if param:
        error["param"] = param
    return WrongError(status, {"error": error})


def form(call: Asked) -> dict[str, str]:
    """Read a form; a name given twice is refused."""
    pairs = parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=bool(call.body))
    found = dict(pairs)
    for name, value in pairs:
        if not value:
            raise wrong(400, f"You passed an empty string for '{name}'.", "parameter_invalid_empty", name)
    if len(found) != len(pairs):
        raise wrong(400, "A parameter was given twice")
    return found


def known(asked: Any, allowed: set[str]) -> None:
    """Refuse parameters that are not of this endpoint."""
    for name in asked:
        if not any(re.fullmatch(pattern, name) for pattern in allowed):
            raise wrong(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
