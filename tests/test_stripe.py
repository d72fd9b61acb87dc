"""Stripe Checkout against an emulator written from its contract: one page, one payment, one refund, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import stripe

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
)
from bot.providers.stripe import API_VERSION, StripeCheckout
from tests.emulator.faults import Drop
from tests.payment_server import SOMEDAY, Silence, Status
from tests.stripe_emulator import CannotPayError, Stripe
from tests.stripe_objects import form

WANTED = Wanted(
    "K7Q2", 2450, "EUR", "Les Paniers du Canal", "Paiement de 24,50 € à Les Paniers du Canal.", "fr",
    "https://t.me/ArdoiseBot", SOMEDAY, SOMEDAY + timedelta(hours=1),
)  # fmt: skip
MAKING, SHOWING, REFUNDING = "POST /v1/checkout/sessions", "GET /v1/checkout/sessions/", "POST /v1/refunds"

TOO_FAST = '{"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests"}}'


@dataclass
class Counter:
    """Stripe, and our side of it. ``again`` is our side after a restart."""

    api: Stripe
    ours: StripeCheckout

    async def opened(self, wanted: Wanted = WANTED) -> tuple[Link, Opened]:
        link = await self.ours.create(wanted)
        return link, Opened(wanted.reference, link.external, wanted.cents)

    async def paid(self, wanted: Wanted = WANTED) -> tuple[Opened, Report]:
        link, opened = await self.opened(wanted)
        self.api.pay(link.url)
        return opened, await self.ours.report(opened)

    def again(self) -> StripeCheckout:
        return StripeCheckout(self.api.key, self.api.webhook_secret, url=self.api.url)


@pytest.fixture
async def counter() -> AsyncGenerator[Counter]:
    async with Stripe() as api:
        ours = StripeCheckout(api.key, api.webhook_secret, url=api.url, timeout_seconds=1)
        yield Counter(api, ours)
        await ours.close()


async def test_a_payment_is_made_paid_and_reported_with_its_fee(counter: Counter) -> None:
    """B25: what was charged, and what Stripe keeps of it."""
    link, opened = await counter.opened()
    assert (link.external, link.expires_at) == ("cs_test_0001", SOMEDAY + timedelta(hours=1))
    assert await counter.ours.report(opened) == Report(State.PENDING)
    counter.api.pay(link.url)
    assert await counter.ours.report(opened) == Report(State.PAID, "pi_0002", 2450, 61, "K7Q2")


async def test_stripe_is_asked_for_a_card_in_french_in_euros_under_the_pinned_version(counter: Counter) -> None:
    await counter.opened()
    (call,) = counter.api.called(MAKING)
    asked = form(call)
    assert asked["locale"] == "fr"
    assert asked["client_reference_id"] == asked["metadata[ardoise]"] == call.headers["idempotency-key"] == "K7Q2"
    assert asked["line_items[0][price_data][currency]"] == "eur"
    assert asked["line_items[0][price_data][product_data][name]"] == "Les Paniers du Canal"
    assert asked["allowed_payment_method_types[0]"] == "card"
    assert asked["adaptive_pricing[enabled]"] == "false"
    assert asked["success_url"] == asked["cancel_url"] == "https://t.me/ArdoiseBot"
    assert API_VERSION == stripe.api_version == call.headers["stripe-version"]


async def test_the_page_speaks_the_payers_language(counter: Counter) -> None:
    await counter.opened(replace(WANTED, language="en"))
    assert form(counter.api.calls[0])["locale"] == "en"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (timedelta(minutes=5), timedelta(minutes=31)),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=3), timedelta(hours=23, minutes=59)),
    ],
)
async def test_a_link_ends_when_it_should_or_as_near_as_stripe_lets_it(
    counter: Counter, asked: timedelta, given: timedelta
) -> None:
    link = await counter.ours.create(replace(WANTED, expires_at=SOMEDAY + asked))
    assert link.expires_at == SOMEDAY + given


async def test_a_link_that_has_ended_is_said_to_have_and_cannot_be_paid(counter: Counter) -> None:
    link, opened = await counter.opened()
    counter.api.clock.later(minutes=61)
    assert (await counter.ours.report(opened)).state is State.EXPIRED
    with pytest.raises(CannotPayError):
        counter.api.pay(link.url)


async def test_a_link_that_has_been_replaced_is_ended_once_and_twice(counter: Counter) -> None:
    link, opened = await counter.opened()
    await counter.ours.expire(opened)
    await counter.ours.expire(opened)
    assert (await counter.ours.report(opened)).state is State.EXPIRED
    with pytest.raises(CannotPayError):
        counter.api.pay(link.url)


async def test_ending_what_was_paid_changes_nothing(counter: Counter) -> None:
    opened, report = await counter.paid()
    await counter.ours.expire(opened)
    assert await counter.ours.report(opened) == report


async def test_a_page_that_stripe_will_not_end_is_not_taken_for_ended(counter: Counter) -> None:
    _link, opened = await counter.opened()
    no = json.dumps({"error": {"type": "invalid_request_error", "message": "no"}})
    counter.api.fail("POST /v1/checkout/sessions/", Status(400, body=no))
    with pytest.raises(ProviderRefusedError):
        await counter.ours.expire(opened)


async def test_ending_a_page_that_was_never_made_asks_nothing(counter: Counter) -> None:
    never = Opened("K7Q2", "", 2450)
    await counter.ours.expire(never)
    assert await counter.ours.report(never) == Report(State.PENDING)
    assert counter.api.calls == []


async def test_a_slow_means_of_payment_is_pending_until_it_comes(counter: Counter) -> None:
    link, opened = await counter.opened()
    session = counter.api.pay(link.url, slowly=True)
    assert (await counter.ours.report(opened)).state is State.PENDING
    counter.api.confirm(session)
    assert (await counter.ours.report(opened)).cents == 2450


async def test_a_slow_means_of_payment_that_does_not_come_has_failed(counter: Counter) -> None:
    link, opened = await counter.opened()
    counter.api.confirm(counter.api.pay(link.url, slowly=True), well=False)
    assert await counter.ours.report(opened) == Report(State.FAILED)


async def test_the_fee_is_unknown_until_stripe_has_counted_it(counter: Counter) -> None:
    counter.api.fee_known = False
    opened, report = await counter.paid()
    assert report.fee_cents is None
    next(iter(counter.api.sessions.values())).fee = 61
    assert (await counter.ours.report(opened)).fee_cents == 61


async def test_what_was_charged_is_what_is_reported(counter: Counter) -> None:
    """B25: whatever was asked."""
    link, opened = await counter.opened()
    counter.api.pay(link.url, charged=2000)
    assert (await counter.ours.report(opened)).cents == 2000


async def test_a_payment_in_another_currency_is_not_taken_for_euros(counter: Counter) -> None:
    link, opened = await counter.opened()
    counter.api.pay(link.url, currency="usd")
    with pytest.raises(ProviderRefusedError, match="usd"):
        await counter.ours.report(opened)


async def test_nothing_but_euros_is_asked_for(counter: Counter) -> None:
    with pytest.raises(ProviderRefusedError):
        await counter.ours.create(replace(WANTED, currency="CHF"))
    assert counter.api.calls == []


@pytest.mark.parametrize("cents", [49, 100_000_000])
async def test_amounts_out_of_bounds_are_refused_as_such(counter: Counter, cents: int) -> None:
    smallest, largest = counter.ours.limits_cents
    assert not smallest <= cents <= largest
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.create(replace(WANTED, cents=cents))
    assert refused.value.refusal is Refusal.AMOUNT


@pytest.mark.parametrize("fault", [Drop.BEFORE, Drop.AFTER, Status(500), Status(429), Silence()])
async def test_a_page_asked_for_again_is_made_once(counter: Counter, fault: Drop | Status | Silence) -> None:
    """Whether Stripe had done its work or not, and though time has passed since."""
    counter.api.fail(MAKING, fault)
    with pytest.raises(ProviderBusyError):
        await counter.opened()
    counter.api.clock.later(minutes=3)
    later = counter.api.clock()
    link, _opened = await counter.opened(replace(WANTED, now=later, expires_at=later + timedelta(hours=1)))
    assert list(counter.api.sessions) == [link.external]


async def test_a_page_whose_address_was_lost_with_us_is_replaced(counter: Counter) -> None:
    """After a restart nobody remembers when the first was to end; nobody was shown it either."""
    counter.api.fail(MAKING, Drop.AFTER)
    with pytest.raises(ProviderBusyError):
        await counter.opened()
    later = counter.api.clock.now = SOMEDAY + timedelta(minutes=3)
    again = counter.again()
    link = await again.create(replace(WANTED, now=later, expires_at=later + timedelta(hours=1)))
    await again.close()
    counter.api.pay(link.url)
    assert await counter.ours.report(Opened("K7Q2", link.external, 2450)) == Report(
        State.PAID, "pi_0003", 2450, 61, "K7Q2"
    )


async def test_a_page_asked_for_an_hour_later_is_made_all_the_same(counter: Counter) -> None:
    counter.api.fail(MAKING, Drop.BEFORE)
    with pytest.raises(ProviderBusyError):
        await counter.opened()
    counter.api.clock.later(hours=1)
    later = counter.api.clock()
    link, _opened = await counter.opened(replace(WANTED, now=later, expires_at=later + timedelta(hours=1)))
    assert link.expires_at == later + timedelta(hours=1)


async def test_how_long_stripe_asks_to_wait_is_heard(counter: Counter) -> None:
    counter.api.fail(SHOWING, Status(429, {"Retry-After": "7"}, TOO_FAST), Status(503))
    _link, opened = await counter.opened()
    with pytest.raises(ProviderBusyError) as busy:
        await counter.ours.report(opened)
    assert busy.value.after_seconds == 7
    with pytest.raises(ProviderBusyError) as busy:
        await counter.ours.report(opened)
    assert busy.value.after_seconds is None


async def test_an_answer_that_is_no_json_is_asked_for_again(counter: Counter) -> None:
    _link, opened = await counter.opened()
    counter.api.fail(SHOWING, Status(200))
    with pytest.raises(ProviderBusyError):
        await counter.ours.report(opened)
    assert await counter.ours.report(opened) == Report(State.PENDING)


async def test_a_page_unknown_to_stripe_is_refused(counter: Counter) -> None:
    lost = Opened("K7Q2", "cs_test_lost", 2450)
    for asking in (counter.ours.report(lost), counter.ours.expire(lost)):
        with pytest.raises(ProviderRefusedError):
            await asking


async def test_a_payment_is_given_back_once_for_each_key(counter: Counter) -> None:
    """B25: a refund goes back through the provider."""
    _opened, report = await counter.paid()
    first = await counter.ours.refund(report.payment, 1000, "R1")
    assert await counter.ours.refund(report.payment, 1000, "R1") == first
    second = await counter.ours.refund(report.payment, 1450, "R2")
    assert (first != second, counter.api.refunded()) == (True, 2450)


@pytest.mark.parametrize("fault", [Drop.BEFORE, Drop.AFTER, Status(500), Status(429), Silence()])
async def test_a_refund_asked_for_again_is_made_once(counter: Counter, fault: Drop | Status | Silence) -> None:
    _opened, report = await counter.paid()
    counter.api.fail(REFUNDING, fault)
    with pytest.raises(ProviderBusyError):
        await counter.ours.refund(report.payment, 2450, "R1")
    made = await counter.ours.refund(report.payment, 2450, "R1")
    assert made.startswith("re_")
    assert counter.api.refunded() == 2450


async def test_a_refund_asked_for_again_days_later_is_made_once(counter: Counter) -> None:
    """Stripe has forgotten the idempotency key by then."""
    _opened, report = await counter.paid()
    counter.api.fail(REFUNDING, Drop.AFTER)
    with pytest.raises(ProviderBusyError):
        await counter.ours.refund(report.payment, 1000, "R1")
    counter.api.kept.clear()
    await counter.ours.refund(report.payment, 1000, "R1")
    assert counter.api.refunded() == 1000


async def test_two_who_ask_for_the_same_refund_at_once_make_one(counter: Counter) -> None:
    """Neither sees the other's yet: there the idempotency key counts."""
    _opened, report = await counter.paid()
    asking = (counter.ours.refund(report.payment, 1000, "R1") for _again in range(2))
    first, second = await asyncio.gather(*asking)
    assert (first == second, counter.api.refunded()) == (True, 1000)


async def test_refunds_that_cannot_be_made_say_why(counter: Counter) -> None:
    _opened, report = await counter.paid()
    found = []
    counter.api.funds = False
    for cents, key in ((2450, "R1"), (2451, "R2")):
        with pytest.raises(ProviderRefusedError) as refused:
            await counter.ours.refund(report.payment, cents, key)
        found.append(refused.value.refusal)
    counter.api.funds = True
    await counter.ours.refund(report.payment, 2450, "R3")
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.refund(report.payment, 1, "R4")
    assert [*found, refused.value.refusal] == [Refusal.FUNDS, Refusal.AMOUNT, Refusal.DONE]
    assert counter.api.refunded() == 2450


async def test_a_refund_that_the_bank_sends_back_is_refused(counter: Counter) -> None:
    _opened, report = await counter.paid()
    await counter.ours.refund(report.payment, 1000, "R1")
    next(iter(counter.api.sessions.values())).refunds[0]["status"] = "failed"
    with pytest.raises(ProviderRefusedError, match="failed"):
        await counter.ours.refund(report.payment, 1000, "R1")


async def test_a_wrong_key_is_told_apart_and_never_said(counter: Counter) -> None:
    _link, opened = await counter.opened()
    counter.api.key = "sk_test_another"
    for asking in (counter.ours.report(opened), counter.ours.create(WANTED), counter.ours.recognised()):
        with pytest.raises(ProviderRefusedError) as refused:
            await asking
        assert refused.value.refusal is Refusal.CREDENTIALS
        assert "sk_test" not in str(refused.value)


async def test_a_key_without_the_right_is_told_apart(counter: Counter) -> None:
    _opened, report = await counter.paid()
    counter.api.rights = {"sessions", "disputes"}
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.refund(report.payment, 2450, "R1")
    assert refused.value.refusal is Refusal.CREDENTIALS
    assert await counter.ours.recognised() is False  # a key to try with


def now() -> int:
    """Stripe's library looks at the machine's own clock."""
    return int(time.time())


async def test_a_signed_event_names_our_payment(counter: Counter) -> None:
    await counter.paid()
    body, headers = counter.api.signed(counter.api.events[-1], at=now())
    expected = Notification("K7Q2", "cs_test_0001", "pi_0002", 2450)
    assert counter.ours.notified(headers, body) == expected
    assert counter.ours.notified(headers, body) == expected


async def test_an_ending_is_told_too_and_brings_nothing(counter: Counter) -> None:
    await counter.opened()
    counter.api.clock.later(minutes=61)
    counter.api.lapse()
    body, headers = counter.api.signed(counter.api.events[-1], at=now())
    assert counter.ours.notified(headers, body) == Notification("K7Q2")


async def test_events_that_say_nothing_of_our_payments_are_passed_over(counter: Counter) -> None:
    await counter.paid()
    event = counter.api.events[-1]
    other = json.loads(json.dumps(event))
    other["data"]["object"]["metadata"] = {}
    for passed in (other, {**event, "type": "customer.created"}, {**event, "type": "charge.succeeded"}):
        body, headers = counter.api.signed(passed, at=now())
        assert counter.ours.notified(headers, body) is None


async def test_forged_late_and_broken_events_are_not_believed(counter: Counter) -> None:
    await counter.paid()
    event = counter.api.events[-1]
    body, headers = counter.api.signed(event, at=now())
    signature = headers["stripe-signature"]
    wrong = [
        (body + b" ", headers),
        (body.replace(b"2450", b"9450"), headers),
        (body, {}),
        (body, {"stripe-signature": ""}),
        (body, {"stripe-signature": "t=x,v1=y"}),
        (body, {"stripe-signature": "\u00e9"}),
        (body, {"stripe-signature": signature.replace("v1=", "v0=")}),
        counter.api.signed(event, at=now() - 301),
        counter.api.signed(event, at=now(), secret="whsec_another"),
        counter.api.signed([], at=now()),
        counter.api.signed({**event, "object": "charge"}, at=now()),
        counter.api.signed({**event, "data": {}}, at=now()),
        (b"\xff", headers),
    ]
    for forged, given in wrong:
        with pytest.raises(ForgedError):
            counter.ours.notified(given, forged)


async def test_without_a_secret_nothing_is_believed(counter: Counter) -> None:
    await counter.paid()
    body, headers = counter.api.signed(counter.api.events[-1], at=now())
    quiet = StripeCheckout(counter.api.key, url=counter.api.url)
    with pytest.raises(ForgedError):
        quiet.notified(headers, body)
    await quiet.close()


async def test_the_emulator_is_as_strict_as_stripe(counter: Counter) -> None:
    """A library of another version, a parameter too many, a key used for something else."""
    client = stripe.StripeClient(
        counter.api.key, base_addresses={"api": counter.api.url}, stripe_version="2024-06-20",
        http_client=counter.ours._http, max_network_retries=0,
    )  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="version"):
        await client.v1.checkout.sessions.retrieve_async("x")
    await counter.opened()
    with pytest.raises(stripe.IdempotencyError):
        await counter.ours._client.v1.refunds.create_async({"payment_intent": "pi_1"}, {"idempotency_key": "K7Q2"})
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        await counter.ours._client.v1.refunds.create_async({"payment_intent": "pi_1", "charge": "ch_1"})
