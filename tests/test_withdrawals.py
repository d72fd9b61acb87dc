"""What went back of a payment, asked of Stripe's and HelloAsso's emulators: whoever's hand it was, and what came again (B25)."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from bot.providers import Cause, Notification, Opened, ProviderBusyError, ProviderRefusedError, Refusal, Withdrawal
from bot.providers.helloasso import HelloAsso
from bot.providers.stripe import StripeCheckout
from bot.providers.telegram import TelegramPayments
from tests.helloasso_emulator import SLUG, Intent
from tests.helloasso_emulator import HelloAsso as Association
from tests.payment_server import Status
from tests.stripe_emulator import Stripe
from tests.stripe_objects import moved
from tests.test_stripe import WANTED


@dataclass
class Paid:
    """A payment of 24,50 € at Stripe, and our side of it."""

    api: Stripe
    ours: StripeCheckout
    intent: str

    async def gone(self) -> list[Withdrawal]:
        return list(await self.ours.withdrawals(self.intent))

    def told(self) -> Notification | None:
        body, headers = self.api.signed(self.api.events[-1], at=int(time.time()))
        return self.ours.notified(headers, body)


@pytest.fixture
async def stripe() -> AsyncGenerator[Paid]:
    async with Stripe() as api:
        ours = StripeCheckout(api.key, api.webhook_secret, url=api.url, timeout_seconds=1)
        link = await ours.create(WANTED)
        yield Paid(api, ours, api.pay(link.url).intent)
        await ours.close()


async def test_nothing_has_gone_back_of_most_payments(stripe: Paid) -> None:
    assert await stripe.gone() == []


async def test_a_refund_of_ours_carries_our_key_and_one_of_the_dashboard_none(stripe: Paid) -> None:
    ours = await stripe.ours.refund(stripe.intent, 1000, "1-r-abc")
    theirs = stripe.api.refund(stripe.intent, 500)
    assert await stripe.gone() == [
        Withdrawal(ours, 1000, Cause.REFUND, "1-r-abc"),
        Withdrawal(theirs["id"], 500, Cause.REFUND),
    ]


async def test_a_refund_that_fails_has_ended(stripe: Paid) -> None:
    refund = stripe.api.refund(stripe.intent, 500)
    stripe.api.refund_fails(refund)
    assert await stripe.gone() == [Withdrawal(refund["id"], 500, Cause.REFUND, ended=True)]
    assert stripe.told() == Notification("", payment=stripe.intent, withdrawn=True)


async def test_a_dispute_takes_the_money_and_a_fee_until_it_is_won(stripe: Paid) -> None:
    dispute = stripe.api.disputes(stripe.intent)
    assert await stripe.gone() == [Withdrawal(dispute["id"], 2450, Cause.DISPUTE, fee_cents=2000)]
    stripe.api.decide(dispute, won=True)
    assert await stripe.gone() == [Withdrawal(dispute["id"], 2450, Cause.DISPUTE, ended=True)]


async def test_what_a_dispute_takes_again_is_away_once(stripe: Paid) -> None:
    """Won, then lost in a second round: of 24,50 € no more than 24,50 € is away."""
    dispute = stripe.api.disputes(stripe.intent)
    stripe.api.decide(dispute, won=True)
    dispute["balance_transactions"].append(moved(-2450, 2000))
    assert await stripe.gone() == [Withdrawal(dispute["id"], 2450, Cause.DISPUTE, fee_cents=2000)]


async def test_a_dispute_that_is_lost_stays_as_it_was(stripe: Paid) -> None:
    dispute = stripe.api.disputes(stripe.intent)
    stripe.api.decide(dispute, won=False)
    assert await stripe.gone() == [Withdrawal(dispute["id"], 2450, Cause.DISPUTE, fee_cents=2000)]


async def test_of_an_inquiry_nothing_has_gone(stripe: Paid) -> None:
    stripe.api.disputes(stripe.intent, inquiry=True)
    assert await stripe.gone() == []


async def test_each_event_names_the_payment_and_nothing_of_who_paid(stripe: Paid) -> None:
    """Signed, as all others: charge.refunded, refund.created, charge.dispute.created and closed."""
    before = len(stripe.api.events)
    stripe.api.refund(stripe.intent, 500)
    stripe.api.decide(stripe.api.disputes(stripe.intent), won=False)
    told = stripe.api.events[before:]
    assert [event["type"] for event in told] == [
        "refund.created", "charge.refunded", "charge.dispute.created", "charge.dispute.closed",
    ]  # fmt: skip
    for event in told:
        body, headers = stripe.api.signed(event, at=int(time.time()))
        assert stripe.ours.notified(headers, body) == Notification("", payment=stripe.intent, withdrawn=True)


async def test_a_charge_without_a_payment_of_checkouts_is_another_programs(stripe: Paid) -> None:
    event = {**stripe.api.events[-1], "type": "charge.refunded", "data": {"object": {"payment_intent": None}}}
    body, headers = stripe.api.signed(event, at=int(time.time()))
    assert stripe.ours.notified(headers, body) is None


async def test_a_key_that_may_not_read_disputes_is_told_apart(stripe: Paid) -> None:
    """`ardoise check` says so too."""
    stripe.api.rights = {"sessions", "refunds"}
    for asking in (stripe.ours.withdrawals(stripe.intent), stripe.ours.recognised()):
        with pytest.raises(ProviderRefusedError) as refused:
            await asking
        assert refused.value.refusal is Refusal.CREDENTIALS


async def test_money_in_another_currency_is_not_guessed_at(stripe: Paid) -> None:
    stripe.api.refund(stripe.intent, 500)["currency"] = "usd"
    with pytest.raises(ProviderRefusedError, match="gone back in usd"):
        await stripe.gone()


@dataclass
class Given:
    """A payment of 24,50 € at HelloAsso, and our side of it."""

    api: Association
    ours: HelloAsso
    intent: Intent

    async def gone(self) -> list[Withdrawal]:
        found = await self.ours.withdrawals(str(self.intent.payment))
        return [withdrawal for withdrawal in found if not withdrawal.ended]


@pytest.fixture
async def association() -> AsyncGenerator[Given]:
    async with Association() as api:
        ours = HelloAsso(api.client_id, api.client_secret, SLUG, api.clock, url=api.url, timeout_seconds=1)
        link = await ours.create(WANTED)
        yield Given(api, ours, api.pay(link.url, tip=300))
        await ours.close()


async def test_what_the_association_gives_back_itself_is_seen_as_ours_is(association: Given) -> None:
    assert await association.gone() == []
    made = association.api.refund(association.intent.payment)
    assert await association.gone() == [Withdrawal(str(made["id"]), 2450, Cause.REFUND)]
    opened = Opened("K7Q2", str(association.intent.id), 2450)
    assert (await association.ours.report(opened)).cents == 2450


async def test_a_contested_payment_has_gone_and_comes_again_with_its_state(association: Given) -> None:
    number = association.intent.payment
    association.intent.state = "Contested"
    assert await association.gone() == [Withdrawal(f"contested-{number}", 2450, Cause.DISPUTE)]
    association.intent.state = "Authorized"
    assert await association.gone() == []
    found = await association.ours.withdrawals(str(number))
    assert Withdrawal(f"contested-{number}", 2450, Cause.DISPUTE, ended=True) in found


async def test_a_state_without_its_operation_has_a_name_until_that_is_there(association: Given) -> None:
    number = association.intent.payment
    association.intent.state = "Refunded"
    assert await association.gone() == [Withdrawal(f"refunded-{number}", 2450, Cause.REFUND)]
    made = association.api.refund(number)
    assert await association.gone() == [Withdrawal(str(made["id"]), 2450, Cause.REFUND)]


async def test_an_answer_nobody_can_read_is_asked_for_again(association: Given) -> None:
    association.api.fail("GET /v5/payments/", Status(200, body='{"id": 7, "state": "Refunded", "amount": "24,50"}'))
    with pytest.raises(ProviderBusyError):
        await association.gone()


async def test_telegram_does_not_know() -> None:
    assert list(await TelegramPayments().withdrawals("pi_1")) == []
