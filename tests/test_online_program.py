"""The real program, cards switched on: it is called by Stripe, it asks HelloAsso, and says of neither more than it should."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.desk import utc_now
from bot.groups.tables import BuyingGroup
from bot.ledger.store import Store
from tests.emulator import BotApi, Person
from tests.emulator.people import bot_messages
from tests.helloasso_emulator import CLIENT_ID, CLIENT_SECRET, SLUG, HelloAsso
from tests.neighbourhood import Neighbourhood, program
from tests.payment_server import Clock, post
from tests.stripe_emulator import Stripe


class Today(Clock):
    """The machine's own clock."""

    def __call__(self) -> datetime:
        return utc_now()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def people(tmp_path: Path) -> Neighbourhood:
    return Neighbourhood(tmp_path, people=1, payments=1)


def settle(people: Neighbourhood, api: BotApi, online: str) -> Person:
    """Write the configuration, with cards switched on; give the neighbour."""
    people.settle(api, f"[online]\n{online}")
    store = Store.open(f"sqlite:///{people.database}")
    store.write(lambda c: c.execute(update(BuyingGroup).values(methods="cheque online"))).result()
    store.close()
    return people.living[1]


def links(api: BotApi, neighbour: Person) -> list[str]:
    """List the addresses that a neighbour can open."""
    markups: list[Any] = [message.markup or {} for message in bot_messages(api, neighbour.chat)]
    buttons = [button for markup in markups for row in markup.get("inline_keyboard", []) for button in row]
    return [str(button["url"]) for button in buttons if "url" in button]


def has_paid(neighbour: Person) -> bool:
    return any("est arrivé" in text for text in neighbour.texts)


async def test_stripe_calls_the_program_which_credits_once(people: Neighbourhood) -> None:
    """B25: from the phone to Stripe's page, to the signed call, to the books."""
    port = free_port()
    async with BotApi() as api, Stripe(Today()) as stripe:
        neighbour = settle(
            people, api,
            f'stripe_secret_key = "{stripe.key}"\nstripe_webhook_secret = "{stripe.webhook_secret}"\n'
            f'stripe_url = "{stripe.url}"\nwebhook_port = {port}\n',
        )  # fmt: skip
        async with program(people.folder) as process:
            neighbour.says("/payer 12 carte en ligne")
            await api.until(lambda: bool(links(api, neighbour)))
            stripe.pay(links(api, neighbour)[0])
            body, headers = stripe.signed(stripe.events[-1], at=int(time.time()))
            there = f"http://127.0.0.1:{port}/paiement/stripe"
            assert [await post(there, body, headers), await post(there, body, headers)] == [200, 200]
            assert await post(there, body, {}) == 400
            await api.until(lambda: has_paid(neighbour))
            process.terminate()
            _out, said = await process.communicate()
        assert process.returncode == 0
        assert len([text for text in neighbour.texts if "est arrivé" in text]) == 1
        assert stripe.key not in said.decode()
        assert "not a provider's" in said.decode()


async def test_helloasso_is_asked_by_the_program_when_somebody_says_they_have_paid(people: Neighbourhood) -> None:
    async with BotApi() as api, HelloAsso(Today()) as helloasso:
        neighbour = settle(
            people, api,
            f'helloasso_client_id = "{CLIENT_ID}"\nhelloasso_client_secret = "{CLIENT_SECRET}"\n'
            f'helloasso_organization = "{SLUG}"\nhelloasso_url = "{helloasso.url}"\n',
        )  # fmt: skip
        async with program(people.folder) as process:
            neighbour.says("/payer 12 carte en ligne")
            await api.until(lambda: bool(links(api, neighbour)))
            helloasso.pay(links(api, neighbour)[0])
            neighbour.taps("J'ai payé")
            await api.until(lambda: has_paid(neighbour))
            process.terminate()
            _out, said = await process.communicate()
        assert process.returncode == 0
        assert CLIENT_SECRET not in said.decode()
        assert CLIENT_ID not in said.decode()


async def test_a_port_that_is_taken_is_one_line_for_the_host(people: Neighbourhood) -> None:
    async with BotApi() as api, Stripe(Today()) as stripe:
        port = int(stripe.url.rpartition(":")[2])
        settle(
            people, api,
            f'stripe_secret_key = "{stripe.key}"\nstripe_webhook_secret = "whsec_1"\nwebhook_port = {port}\n',
        )  # fmt: skip
        async with program(people.folder) as process, asyncio.timeout(20):
            _out, said = await process.communicate()
        assert process.returncode != 0
        assert f"On ne peut pas écouter sur 127.0.0.1:{port} ([online] webhook_port)" in said.decode()
