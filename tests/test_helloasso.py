"""HelloAsso against an emulator written from its contract: asked until it is paid, believed only when asked, given back once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.providers import (
    ForgedError,
    Link,
    Opened,
    ProviderBusyError,
    ProviderRefusedError,
    Refusal,
    Report,
    State,
    Wanted,
)
from bot.providers.helloasso import HelloAsso
from tests.emulator.faults import Drop
from tests.helloasso_emulator import SLUG, CannotPayError
from tests.helloasso_emulator import HelloAsso as Emulator
from tests.payment_server import SOMEDAY, Silence, Status

WANTED = Wanted(
    "K7Q2", 2450, "EUR", "Les Paniers du Canal", "Paiement de 24,50 € à Les Paniers du Canal.", "fr",
    "https://t.me/ArdoiseBot", SOMEDAY, SOMEDAY + timedelta(hours=1),
)  # fmt: skip
HOME = f"/v5/organizations/{SLUG}"
MAKING, SHOWING, TOKEN = f"POST {HOME}/checkout-intents", f"GET {HOME}/checkout-intents/", "POST /oauth2/token"
FAULTS = [Drop.BEFORE, Drop.AFTER, Status(500), Status(429), Silence()]


@dataclass
class Counter:
    """HelloAsso, and our side of it."""

    api: Emulator
    ours: HelloAsso

    async def opened(self, wanted: Wanted = WANTED) -> tuple[Link, Opened]:
        link = await self.ours.create(wanted)
        return link, Opened(wanted.reference, link.external, wanted.cents)

    async def paid(self) -> tuple[Opened, Report]:
        link, opened = await self.opened()
        self.api.pay(link.url)
        return opened, await self.ours.report(opened)


@pytest.fixture
async def counter() -> AsyncGenerator[Counter]:
    async with Emulator() as api:
        ours = HelloAsso(api.client_id, api.client_secret, SLUG, api.clock, url=api.url, timeout_seconds=1)
        yield Counter(api, ours)
        await ours.close()


async def test_a_payment_is_made_paid_and_reported_without_a_fee(counter: Counter) -> None:
    """B25: an association pays HelloAsso nothing."""
    link, opened = await counter.opened()
    assert link.expires_at == SOMEDAY + timedelta(minutes=15)
    assert await counter.ours.report(opened) == Report(State.PENDING)
    intent = counter.api.pay(link.url)
    assert await counter.ours.report(opened) == Report(State.PAID, str(intent.payment), 2450, 0, "K7Q2")


async def test_nothing_of_the_payer_is_sent(counter: Counter) -> None:
    await counter.opened()
    body = json.loads(counter.api.called(MAKING)[0].body)
    assert body["itemName"] == "Les Paniers du Canal · K7Q2"
    assert (body["totalAmount"], body["containsDonation"], "payer" in body) == (2450, False, False)


async def test_what_a_payer_adds_for_helloasso_is_not_the_groups(counter: Counter) -> None:
    """B25: what was charged for the group is what is credited."""
    link, opened = await counter.opened()
    counter.api.pay(link.url, tip=300)
    assert (await counter.ours.report(opened)).cents == 2450


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Authorized", State.PAID),
        ("Refunded", State.PAID),
        ("Contested", State.PAID),
        ("Pending", State.PENDING),
        ("WaitingBankValidation", State.PENDING),
        ("WaitingAuthentication", State.PENDING),
        ("AuthorizedPreprod", State.PENDING),
        ("SomethingNew", State.PENDING),
        ("Refused", State.FAILED),
        ("Canceled", State.FAILED),
    ],
)
async def test_only_what_was_charged_is_paid(counter: Counter, state: str, expected: State) -> None:
    link, opened = await counter.opened()
    counter.api.pay(link.url, state=state)
    counter.api.clock.later(hours=2)
    assert (await counter.ours.report(opened)).state is expected


async def test_a_link_that_nobody_paid_ends_a_while_after_it_can_no_longer_be_opened(counter: Counter) -> None:
    link, opened = await counter.opened()
    counter.api.clock.later(minutes=16)
    with pytest.raises(CannotPayError):
        counter.api.pay(link.url)
    assert (await counter.ours.report(opened)).state is State.PENDING
    counter.api.clock.later(minutes=30)
    assert (await counter.ours.report(opened)).state is State.EXPIRED


async def test_a_checkout_made_by_somebody_else_is_never_taken_for_ours(counter: Counter) -> None:
    """It carries none of our references; and does not end by our reckoning."""
    link, opened = await counter.opened()
    counter.api.intents[int(link.external)].body["metadata"] = {"ends": "soon"}
    assert (await counter.ours.report(opened)).state is State.PENDING
    counter.api.pay(link.url)
    assert (await counter.ours.report(opened)).reference == ""


async def test_a_page_that_was_never_made_is_not_asked_about(counter: Counter) -> None:
    never = Opened("K7Q2", "", 2450)
    await counter.ours.expire(never)
    assert await counter.ours.report(never) == Report(State.PENDING)
    assert counter.api.calls == []


@pytest.mark.parametrize("cents", [49, 1_000_001])
async def test_amounts_out_of_bounds_and_other_currencies_are_refused(counter: Counter, cents: int) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.create(replace(WANTED, cents=cents))
    assert refused.value.refusal is Refusal.AMOUNT
    with pytest.raises(ProviderRefusedError):
        await counter.ours.create(replace(WANTED, currency="CHF"))
    assert counter.api.calls == []


async def test_one_token_serves_until_it_ends(counter: Counter) -> None:
    _link, opened = await counter.opened()
    await asyncio.gather(*(counter.ours.report(opened) for _again in range(5)))
    counter.api.clock.later(minutes=28)
    await counter.ours.report(opened)
    assert len(counter.api.called(TOKEN)) == 1
    counter.api.clock.later(minutes=1)
    await counter.ours.report(opened)
    assert len(counter.api.called(TOKEN)) == 2


async def test_a_token_taken_back_early_is_fetched_again_once(counter: Counter) -> None:
    _link, opened = await counter.opened()
    counter.api.revoke()
    await asyncio.gather(*(counter.ours.report(opened) for _again in range(5)))
    assert len(counter.api.called(TOKEN)) == 2


async def test_a_token_that_cannot_be_had_now_is_asked_for_again(counter: Counter) -> None:
    counter.api.fail(TOKEN, Drop.BEFORE, Status(503), Status(200))
    for _again in range(3):
        with pytest.raises(ProviderBusyError):
            await counter.opened()
    await counter.opened()


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_page_asked_for_again_is_paid_once(counter: Counter, fault: Drop | Status | Silence) -> None:
    """HelloAsso knows no idempotency: there may be two, but nobody was shown the first."""
    counter.api.fail(MAKING, fault)
    with pytest.raises(ProviderBusyError):
        await counter.opened()
    link, opened = await counter.opened()
    counter.api.pay(link.url)
    assert (await counter.ours.report(opened)).state is State.PAID
    assert len([intent for intent in counter.api.intents.values() if intent.payment]) == 1


async def test_how_long_helloasso_asks_to_wait_is_heard(counter: Counter) -> None:
    _link, opened = await counter.opened()
    counter.api.fail(SHOWING, Status(429, {"Retry-After": "7"}), Status(429))
    waits = []
    for _again in range(2):
        with pytest.raises(ProviderBusyError) as busy:
            await counter.ours.report(opened)
        waits.append(busy.value.after_seconds)
    assert waits == [7, None]


@pytest.mark.parametrize(
    "body", ["[]", "nothing", '{"order": 1}', '{"order": {"payments": [{"state": "Authorized"}]}}', "3"]
)
async def test_an_answer_nobody_can_read_credits_nothing(counter: Counter, body: str) -> None:
    _link, opened = await counter.opened()
    counter.api.fail(SHOWING, Status(200, body=body))
    with pytest.raises(ProviderBusyError):
        await counter.ours.report(opened)


async def test_a_token_or_a_page_nobody_can_read_is_asked_for_again(counter: Counter) -> None:
    counter.api.fail(TOKEN, Status(200, body="{}"), Status(200, body='{"expires_in": 1799}'))
    counter.api.fail(MAKING, Status(200, body='{"id": 7}'))
    for _again in range(3):
        with pytest.raises(ProviderBusyError):
            await counter.opened()
    await counter.opened()


async def test_a_checkout_unknown_there_is_refused(counter: Counter) -> None:
    with pytest.raises(ProviderRefusedError):
        await counter.ours.report(Opened("K7Q2", "1", 2450))


async def test_a_payment_is_given_back_once_whatever_is_asked(counter: Counter) -> None:
    """B25: there is no key by which it would know; what went back is looked for first."""
    _opened, report = await counter.paid()
    first = await counter.ours.refund(report.payment, 2450, "R1")
    assert await counter.ours.refund(report.payment, 2450, "R1") == first
    assert (len(counter.api.called("POST /v5/payments/")), counter.api.refunded()) == (1, 2450)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_refund_asked_for_again_is_made_once(counter: Counter, fault: Drop | Status | Silence) -> None:
    _opened, report = await counter.paid()
    counter.api.fail("POST /v5/payments/", fault)
    with pytest.raises(ProviderBusyError):
        await counter.ours.refund(report.payment, 2450, "R1")
    assert await counter.ours.refund(report.payment, 2450, "R1")
    assert counter.api.refunded() == 2450


async def test_a_part_of_a_payment_is_not_given_back(counter: Counter) -> None:
    """HelloAsso does so for some payments only, and then shows the order as paid."""
    _opened, report = await counter.paid()
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.refund(report.payment, 1000, "R1")
    assert refused.value.refusal is Refusal.WHOLE
    assert counter.api.refunded() == 0


async def test_what_a_coordinator_gave_back_in_part_on_the_site_is_left_to_them(counter: Counter) -> None:
    opened, report = await counter.paid()
    made = {"id": 1, "amount": 1000, "state": "Processed", "paymentId": int(report.payment)}
    counter.api.intents[int(opened.external)].refunds.append(made)
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.refund(report.payment, 2450, "R1")
    assert refused.value.refusal is Refusal.DONE


async def test_a_refund_that_did_not_work_is_tried_anew(counter: Counter) -> None:
    opened, report = await counter.paid()
    made = {"id": 1, "amount": 2450, "state": "Refused", "paymentId": int(report.payment)}
    counter.api.intents[int(opened.external)].refunds.append(made)
    assert await counter.ours.refund(report.payment, 2450, "R1") != "1"


async def test_a_refund_being_made_at_this_moment_is_asked_about_again(counter: Counter) -> None:
    _opened, report = await counter.paid()
    said = json.dumps({"errors": [{"code": "Error", "message": "Code : 112 - One operation is currently processing."}]})
    counter.api.fail("POST /v5/payments/", Status(409, body=said))
    with pytest.raises(ProviderBusyError):
        await counter.ours.refund(report.payment, 2450, "R1")


async def test_refunds_that_cannot_be_made_say_so(counter: Counter) -> None:
    _opened, report = await counter.paid()
    counter.api.wallet_is_empty = True
    with pytest.raises(ProviderRefusedError, match="102"):
        await counter.ours.refund(report.payment, 2450, "R1")
    with pytest.raises(ProviderRefusedError, match="101"):
        await counter.ours.refund("1", 2450, "R1")
    counter.api.privileges.remove("RefundManagement")
    with pytest.raises(ProviderRefusedError) as refused:
        await counter.ours.refund(report.payment, 2450, "R1")
    assert refused.value.refusal is Refusal.CREDENTIALS


async def test_wrong_credentials_are_told_apart_and_never_said(counter: Counter) -> None:
    counter.api.client_secret = "another"
    for asking in (counter.ours.create(WANTED), counter.ours.recognised()):
        with pytest.raises(ProviderRefusedError) as refused:
            await asking
        assert refused.value.refusal is Refusal.CREDENTIALS
        assert "secret" not in str(refused.value)


async def test_another_association_than_the_credentials_are_of_is_told_apart(counter: Counter) -> None:
    assert await counter.ours.recognised()
    api = counter.api
    other = HelloAsso(api.client_id, api.client_secret, "amap-du-faubourg", api.clock, url=api.url)
    with pytest.raises(ProviderRefusedError) as refused:
        await other.recognised()
    await other.close()
    assert refused.value.refusal is Refusal.CREDENTIALS


async def test_no_notification_is_believed(counter: Counter) -> None:
    with pytest.raises(ForgedError):
        counter.ours.notified({"x-ha-signature": "f4ec6c"}, b'{"eventType": "Payment"}')
