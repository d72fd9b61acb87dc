"""Invoices: Telegram's limits on them, and the ten seconds within which a bot must agree to a payment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.emulator import places
from tests.emulator.call import Call
from tests.emulator.entities import units
from tests.emulator.keyboards import checked
from tests.emulator.refusals import bad

if TYPE_CHECKING:
    from tests.emulator.server import BotApi

TITLE_UNITS, DESCRIPTION_UNITS, PAYLOAD_BYTES = 32, 255, 128
LEAST_CENTS, MOST_CENTS = 100, 1_000_000
"""What Telegram takes in euros, about: its table is in dollars, from 1 to 10 000."""

PROVIDER_TOKEN = "284685063:TEST:ZGVtby1wcm92aWRlcg"
ANSWER_SECONDS = 10.0


async def send_invoice(api: BotApi, call: Call) -> Any:
    """Send an invoice."""
    chat = places.writable(api.world, call)
    for name, most in (("title", TITLE_UNITS), ("description", DESCRIPTION_UNITS)):
        if not 0 < units(call.text(name)) <= most:
            raise bad(f"INVOICE_{name.upper()}_INVALID" if call.text(name) else f"{name} must be non-empty")
    if not 0 < len(call.text("payload").encode()) <= PAYLOAD_BYTES:
        raise bad("INVOICE_PAYLOAD_INVALID")
    if call.text("provider_token") != PROVIDER_TOKEN:
        raise bad("PAYMENT_PROVIDER_INVALID")
    if call.text("currency") != "EUR":
        raise bad("CURRENCY_INVALID")
    total = _total(call)
    if not LEAST_CENTS <= total <= MOST_CENTS:
        raise bad("CURRENCY_TOTAL_AMOUNT_INVALID")
    invoice = {
        "title": call.text("title"), "description": call.text("description"), "currency": "EUR", "total_amount": total,
        "start_parameter": call.text("start_parameter"), "invoice_payload": call.text("payload"),
    }  # fmt: skip
    api.limits.admit(chat.id)
    markup = checked(call.text("reply_markup"))
    return api.world.show(chat, api.world.me, markup=markup, topic=places.topic(chat, call), invoice=invoice).json()


def _total(call: Call) -> int:
    prices = call.listed("prices") or []
    if not prices or not all(price.get("label") and isinstance(price.get("amount"), int) for price in prices):
        raise bad("can't parse prices JSON object")
    return sum(price["amount"] for price in prices)


async def answer_pre_checkout_query(api: BotApi, call: Call) -> Any:
    """Agree to a payment, or not; after ten seconds it is too late, and a second answer changes nothing."""
    asked = api.world.checkouts.get(call.text("pre_checkout_query_id"))
    if asked is None or time.monotonic() - asked.asked_at > ANSWER_SECONDS:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    ok = call.text("ok").lower() == "true"
    if not ok and not 0 < units(call.text("error_message")) <= DESCRIPTION_UNITS:
        raise bad("ERROR_MESSAGE_INVALID" if call.text("error_message") else "error_message must be non-empty")
    if asked.ok is None:
        asked.ok, asked.why = ok, call.text("error_message")
    return True
