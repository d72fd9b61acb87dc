"""The address that Stripe calls: what is signed reaches the desk once, what is not is not even read (B25, B46)."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.callbacks import BODY_BYTES, Callbacks
from bot.chat import Incoming, Receipt
from bot.ledger.errors import UnavailableError
from bot.online.answers import Noticed
from bot.providers import Notification, Wanted
from bot.providers.accounts import Account, Accounts
from bot.providers.helloasso import HelloAsso
from bot.providers.stripe import StripeCheckout
from tests.payment_server import SOMEDAY, Clock, post
from tests.stripe_emulator import Stripe

WANTED = Wanted(
    "1-K7Q2", 2450, "EUR", "Les Paniers du Canal", "Paiement.", "fr", "https://t.me/ArdoiseBot", SOMEDAY,
    SOMEDAY + timedelta(hours=1),
)  # fmt: skip
OWN = "amap-du-faubourg"


@dataclass
class Doorstep:
    """Our address at work beside Stripe; ``heard`` is what reached the desk. ``away``: the database is, for so many calls."""

    api: Stripe
    ours: StripeCheckout
    url: str = ""
    heard: list[Incoming] = field(default_factory=list)
    away: int = 0

    async def receive(self, incoming: Incoming) -> Receipt:
        if self.away:
            self.away -= 1
            raise UnavailableError("disk full")
        self.heard.append(incoming)
        return Receipt()

    async def event(self) -> object:
        """Pay something, and give what Stripe tells of it."""
        made = len(self.api.sessions) + 1
        self.api.pay((await self.ours.create(replace(WANTED, reference=f"1-K7Q{made}"))).url)
        return self.api.events[-1]

    async def post(self, event: object, path: str = "stripe", *, late: int = 0, secret: str = "") -> int:
        body, headers = self.api.signed(event, at=int(time.time()) - late, secret=secret)
        return await post(f"{self.url}/paiement/{path}", body, headers)


@pytest.fixture
async def door() -> AsyncGenerator[Doorstep]:
    async with Stripe() as api:
        ours = StripeCheckout(api.key, api.webhook_secret, url=api.url)
        own = StripeCheckout(api.key, "whsec_own", url=api.url)
        associations = HelloAsso("id", "secret", "les-paniers", Clock(), url=api.url)
        accounts = Accounts([Account(ours), Account(own, OWN), Account(associations)])
        found = Doorstep(api, ours)
        runner = web.AppRunner(Callbacks(accounts, found.receive, host="", port=0).app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = "http://{}:{}".format(*runner.addresses[0])
        yield found
        await runner.cleanup()
        await accounts.close()


async def test_what_stripe_tells_reaches_the_desk(door: Doorstep) -> None:
    assert await door.post(await door.event()) == 200
    (incoming,) = door.heard
    assert incoming.online == Noticed("stripe", "", Notification("1-K7Q1", "cs_test_0001", "pi_0002", 2450))


async def test_the_same_event_twice_is_the_same_update(door: Doorstep) -> None:
    """B46: Stripe signs it anew, with another moment; the desk knows it by its key."""
    event, other = await door.event(), await door.event()
    assert [await door.post(event), await door.post(other), await door.post(event, late=60)] == [200, 200, 200]
    first, between, second = door.heard
    assert first == second
    assert first.key != between.key


async def test_a_group_with_its_own_account_is_called_at_its_own_address(door: Doorstep) -> None:
    event = await door.event()
    assert await door.post(event, f"stripe/{OWN}") == 400
    assert await door.post(event, f"stripe/{OWN}", secret="whsec_own") == 200
    (incoming,) = door.heard
    assert isinstance(incoming.online, Noticed)
    assert incoming.online.account == OWN


async def test_the_database_away_stripe_is_told_to_call_again(door: Doorstep) -> None:
    door.away = 1
    event = await door.event()
    assert [await door.post(event), await door.post(event)] == [503, 200]
    assert len(door.heard) == 1


async def test_forged_late_and_malformed_calls_are_refused(door: Doorstep) -> None:
    """They leave a line for the host, and nothing that they said."""
    event = await door.event()
    url = f"{door.url}/paiement/stripe"
    body, headers = door.api.signed(event, at=int(time.time()))
    with capture_logs() as logs:
        assert await door.post(event, late=301) == 400
        assert await door.post(event, secret="whsec_another") == 400
        assert await post(url, body.replace(b"2450", b"9450"), headers) == 400
        assert await post(url, body, {}) == 400
        assert await post(url, b"", headers) == 400
        assert await post(url, b"[" * 100_000, headers) == 400
        assert await door.post("malformed") == 400
    assert door.heard == []
    assert {line["event"] for line in logs} == {"a notification that is not a provider's"}
    assert "K7Q" not in json.dumps(logs)


async def test_a_huge_call_is_refused_unread(door: Doorstep) -> None:
    assert await post(f"{door.url}/paiement/stripe", b" " * (BODY_BYTES + 1), {}) == 413


async def test_addresses_of_nobody_are_not_found(door: Doorstep) -> None:
    event = await door.event()
    for path in ("paypal", "stripe/elsewhere", "stripe/amap-du-faubourg/more", ""):
        assert await door.post(event, path) == 404
    assert door.heard == []


async def test_who_sends_no_signed_notifications_is_never_believed(door: Doorstep) -> None:
    assert await door.post(await door.event(), "helloasso") == 400


async def test_what_concerns_no_payment_is_taken_and_forgotten(door: Doorstep) -> None:
    assert await door.post({"object": "event", "type": "customer.created"}) == 200
    assert door.heard == []


async def test_a_reference_nobody_knows_is_the_desks_to_judge(door: Doorstep) -> None:
    """Money must not be lost: it is told to the coordinators, not refused at the door."""
    door.api.pay((await door.ours.create(replace(WANTED, reference="9-lost"))).url)
    assert await door.post(door.api.events[-1]) == 200
    (incoming,) = door.heard
    assert isinstance(incoming.online, Noticed)
    assert incoming.online.notification.reference == "9-lost"
