"""From the phone to the provider and back: asked for in the chat, paid at the emulated provider, credited once, given back (B25).

Everything is real but Telegram, Stripe and HelloAsso, which are emulated: desk, delivery, errands, the address that
Stripe calls.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import update

from bot.callbacks import Callbacks
from bot.delivery import Delivery
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.postings import GroupAccount
from bot.online.asking import ask_due
from bot.online.tables import OnlinePaymentRow, OnlineRefundRow
from bot.providers import Provider
from bot.providers.accounts import Account, Accounts
from bot.providers.helloasso import HelloAsso
from bot.providers.stripe import StripeCheckout
from tests.emulator import Drop, Person
from tests.emulator.house import BEGINNING, House, opened
from tests.emulator.people import bot_messages
from tests.helloasso_emulator import CLIENT_ID, CLIENT_SECRET, SLUG
from tests.helloasso_emulator import HelloAsso as HelloAssoApi
from tests.payment_server import Clock, PaymentServer, Status, post
from tests.stripe_emulator import CannotPayError, Stripe

LEA, ONLINE, FEES = 1, -5, -8
PROVIDERS = ["stripe", "helloasso"]
MAKING = {"stripe": "POST /v1/checkout/sessions", "helloasso": f"POST /v5/organizations/{SLUG}/checkout-intents"}
ASKING = {"stripe": "GET /v1/checkout/sessions/", "helloasso": f"GET /v5/organizations/{SLUG}/checkout-intents/"}
REFUNDING = {"stripe": "POST /v1/refunds", "helloasso": "POST /v5/payments/"}
ARRIVED = "✅ Votre paiement de 24,50 € par carte est arrivé. Vous êtes à l'équilibre."


class Shop:
    """A house whose group takes cards by one provider."""

    def __init__(self, house: House, api: Stripe | HelloAssoApi, name: str) -> None:
        self.house = house
        self.api = api
        self.name = name
        self.called_at = ""

    async def asks(self, amount: str = "24,50") -> str:
        """Have Léa ask for a link; give its address."""
        await self.house.says(self.house.lea, f"/payer {amount} carte en ligne")
        return self.link()

    def link(self) -> str:
        """Find the newest address to pay at that Léa sees."""
        shown = bot_messages(self.house.api, self.house.lea.chat)
        markups = [message.markup or {} for message in shown]
        buttons = [button for markup in markups for row in markup.get("inline_keyboard", []) for button in row]
        return str([button["url"] for button in buttons if "url" in button][-1])

    async def later(self, **apart: float) -> None:
        """Let time pass, and the schedule look, once."""
        self.house.now += timedelta(**apart)
        self.api.clock.now = self.house.now
        ask_due(self.house.store, self.house.now)
        await self.house.delivery.settle()

    async def called(self, event: object, *, secret: str = "") -> int:
        """Have Stripe call us."""
        assert isinstance(self.api, Stripe)
        body, headers = self.api.signed(event, at=int(time.time()), secret=secret)
        status = await post(f"{self.called_at}/paiement/stripe", body, headers)
        await self.house.delivery.settle()
        return status

    async def gives_back(self, amount: str = "24,50") -> None:
        """Have a coordinator give money back on the card."""
        await self.house.says(self.house.camille, f"/rembourser léa {amount} carte en ligne")
        await self.house.taps(self.house.camille, "Rendre")

    def held(self, account: int = LEA) -> int:
        """Give the balance of a member, or what one of the group's accounts holds, in cents."""
        with self.house.store.read() as connection:
            books = Books(connection, self.house.group, self.house.now)
            return books.held(GroupAccount(account)) if account < 0 else books.balance(account)

    def told(self, who: Person | None = None) -> str:
        """Give the last that somebody was told, Léa if nobody is named."""
        return (who or self.house.lea).last.text.replace("\u00a0", " ").replace("\u202f", " ")


def _provider(name: str, api: PaymentServer) -> Provider:
    if isinstance(api, Stripe):
        return StripeCheckout(api.key, api.webhook_secret, url=api.url, timeout_seconds=1)
    return HelloAsso(CLIENT_ID, CLIENT_SECRET, SLUG, api.clock, url=api.url, timeout_seconds=1)


@contextlib.asynccontextmanager
async def shop(folder: Path, name: str) -> AsyncGenerator[Shop]:
    """Open the house with cards switched on; its books add up in the end."""
    clock = Clock(BEGINNING)
    api = Stripe(clock) if name == "stripe" else HelloAssoApi(clock)
    async with opened(folder) as house, api:
        accounts = Accounts([Account(_provider(name, api))])
        found = Shop(house, api, name)
        house.accounts = accounts
        await house.crash()
        house.delivery = Delivery(
            house.store, {"telegram": house.telegram}, house.receive, lambda: house.now, accounts=accounts,
            back_url="https://t.me/ArdoiseBot",
        )  # fmt: skip
        house.store.write(lambda c: c.execute(update(BuyingGroup).values(methods="cheque online"))).result()
        runner = web.AppRunner(Callbacks(accounts, house.receive, host="", port=0).app(), access_log=None)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            found.called_at = "http://{}:{}".format(*runner.addresses[0])
            yield found
        finally:
            await runner.cleanup()
            await accounts.close()
        with house.store.read() as connection:
            assert audit(connection) == []


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_member_pays_is_credited_once_by_asking_and_gets_it_back(tmp_path: Path, name: str) -> None:
    """B25: no public address is needed, no coordinator has to do anything; the refund goes back through the provider."""
    async with shop(tmp_path, name) as here:
        here.api.pay(await here.asks())
        await here.later(seconds=31)
        assert here.told() == ARRIVED
        fee = 61 if name == "stripe" else 0
        assert (here.held(), here.held(ONLINE), here.held(FEES)) == (0, 2450 - fee, fee)
        await here.later(hours=30)
        assert here.told() == ARRIVED
        await here.gives_back()
        assert here.api.refunded() == 2450
        assert (here.held(), here.held(ONLINE)) == (-2450, -fee)
        assert "Camille vous a rendu" in here.told()


async def test_stripe_says_by_itself_that_it_is_paid_once_and_again(tmp_path: Path) -> None:
    """B25, B46: the same call twice, and asking afterwards, credit once."""
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        here.api.pay(await here.asks())
        event = here.api.events[-1]
        assert [await here.called(event), await here.called(event)] == [200, 200]
        assert here.told() == ARRIVED
        await here.later(seconds=31)
        assert (here.held(), here.house.rows(OnlinePaymentRow)) == (0, 1)


async def test_a_forged_call_credits_nothing_and_a_signed_one_is_not_believed_before_stripe_is_asked(
    tmp_path: Path,
) -> None:
    """Whatever is written in it: what Stripe answers is what is credited."""
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        url = await here.asks()
        event = {
            "object": "event", "type": "checkout.session.completed", "data": {"object": {
                "id": url.rpartition("/")[2], "metadata": {"ardoise": next(iter(here.api.sessions.values())).params["client_reference_id"]},
                "payment_status": "paid", "payment_intent": "pi_x", "amount_total": 999_999,
            }},
        }  # fmt: skip
        assert await here.called(event, secret="whsec_forged") == 400
        assert await here.called(event) == 200
        assert (here.held(), here.house.rows(OnlinePaymentRow)) == (-2450, 0)


async def test_a_payment_nobody_expects_is_told_to_the_coordinators_and_not_lost(tmp_path: Path) -> None:
    """A link made before a backup was restored: its reference is nobody's any more."""
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        session = here.api.pay(await here.asks())
        event = here.api.events[-1]
        event["data"]["object"]["metadata"]["ardoise"] = "1-lost"
        assert await here.called(event) == 200
        assert "24,50 €" in here.told(here.house.camille)
        assert session.intent in here.told(here.house.camille)
        assert here.held() == -2450


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("fault", [Drop.AFTER, Status(429, {"Retry-After": "20"})])
async def test_a_provider_that_fails_while_a_link_is_made_is_asked_again(
    tmp_path: Path, name: str, fault: Drop | Status
) -> None:
    async with shop(tmp_path, name) as here:
        here.api.fail(MAKING[name], fault)
        await here.house.says(here.house.lea, "/payer 24,50 carte en ligne")
        await here.later(minutes=2)
        here.api.pay(here.link())
        await here.later(seconds=31)
        assert (here.held(), here.told()) == (0, ARRIVED)
        if name == "stripe":
            assert isinstance(here.api, Stripe)
            assert len(here.api.sessions) == 1


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_provider_that_fails_while_it_is_asked_is_asked_again(tmp_path: Path, name: str) -> None:
    async with shop(tmp_path, name) as here:
        here.api.pay(await here.asks())
        here.api.fail(ASKING[name], Status(500))
        await here.later(seconds=31)
        assert here.held() == -2450
        await here.later(seconds=31)
        assert (here.held(), here.told()) == (0, ARRIVED)


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("fault", [Drop.AFTER, Status(502)])
async def test_a_refund_whose_answer_is_lost_is_made_and_posted_once(
    tmp_path: Path, name: str, fault: Drop | Status
) -> None:
    async with shop(tmp_path, name) as here:
        here.api.pay(await here.asks())
        await here.later(seconds=31)
        here.api.fail(REFUNDING[name], fault)
        await here.gives_back()
        assert here.held() == 0
        await here.later(minutes=5)
        assert (here.held(), here.api.refunded()) == (-2450, 2450)
        assert [row.state for row in here.house.read(OnlineRefundRow)] == ["done"]


async def test_keys_that_are_refused_are_said_to_who_waits_and_nothing_is_lost(tmp_path: Path) -> None:
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        right, here.api.key = here.api.key, "another"
        await here.house.says(here.house.lea, "/payer 24,50 carte en ligne")
        assert "les clés que connaît le bot ne sont plus acceptées" in here.told()
        here.api.key = right
        here.api.pay(await here.asks())
        await here.later(seconds=31)
        assert here.held() == 0


async def test_helloasso_gives_back_whole_payments_only_and_says_so(tmp_path: Path) -> None:
    async with shop(tmp_path, "helloasso") as here:
        here.api.pay(await here.asks())
        await here.later(seconds=31)
        await here.house.says(here.house.camille, "/rembourser léa 10 carte en ligne")
        assert re.search("qu'en entier. Pour Léa : 24,50", here.told(here.house.camille))
        assert (here.held(), here.api.refunded()) == (0, 0)


async def test_what_was_charged_is_credited_though_it_is_not_what_was_asked(tmp_path: Path) -> None:
    """B25: otherwise what was charged is credited."""
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        here.api.pay(await here.asks(), charged=2000)
        await here.later(seconds=31)
        assert here.held() == -450


async def test_a_link_that_has_been_replaced_can_be_paid_no_more(tmp_path: Path) -> None:
    async with shop(tmp_path, "stripe") as here:
        old = await here.asks("24,50")
        new = await here.asks("20")
        assert old != new
        with pytest.raises(CannotPayError):
            here.api.pay(old)
        here.api.pay(new)
        await here.later(seconds=31)
        assert here.held() == -450


async def test_a_link_nobody_paid_is_said_to_be_over(tmp_path: Path) -> None:
    async with shop(tmp_path, "helloasso") as here:
        url = await here.asks()
        for _minute in range(10):
            await here.later(minutes=2)
        assert "24,50 €" in here.told()
        assert url != here.told()
        assert here.held() == -2450


async def test_a_payment_in_another_currency_is_not_credited(tmp_path: Path) -> None:
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        here.api.pay(await here.asks(), currency="usd")
        await here.later(seconds=31)
        assert here.held() == -2450


async def test_a_link_that_cannot_be_ended_and_is_paid_after_all_is_credited(tmp_path: Path) -> None:
    """HelloAsso's old links live on for a quarter of an hour: money that was charged is never lost (B25)."""
    async with shop(tmp_path, "helloasso") as here:
        old = await here.asks("24,50")
        new = await here.asks("20")
        here.api.pay(old)
        await here.later(minutes=2)
        await here.later(minutes=2)
        assert here.held() == 0
        here.api.pay(new)
        await here.later(minutes=2)
        assert (here.held(), here.house.rows(OnlinePaymentRow)) == (2000, 2)


async def test_a_fee_that_stripe_counts_later_is_recorded_when_it_is_known(tmp_path: Path) -> None:
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        here.api.fee_known = False
        session = here.api.pay(await here.asks())
        await here.later(seconds=31)
        assert (here.held(), here.held(ONLINE), here.held(FEES)) == (0, 2450, 0)
        session.fee = 61
        await here.later(hours=4)
        assert (here.held(), here.held(ONLINE), here.held(FEES)) == (0, 2389, 61)


async def test_a_payment_made_while_the_bot_was_down_is_found_afterwards(tmp_path: Path) -> None:
    """B46: nothing was in memory only."""
    async with shop(tmp_path, "helloasso") as here:
        here.api.pay(await here.asks())
        await here.later(days=2)
        assert (here.held(), here.told()) == (0, ARRIVED)


async def test_a_slow_payment_is_credited_the_day_it_comes(tmp_path: Path) -> None:
    async with shop(tmp_path, "stripe") as here:
        assert isinstance(here.api, Stripe)
        session = here.api.pay(await here.asks(), slowly=True)
        await here.later(hours=20)
        assert here.held() == -2450
        here.api.confirm(session)
        assert await here.called(here.api.events[-1]) == 200
        assert here.held() == 0
