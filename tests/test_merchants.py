"""Accounts at providers come from the settings, and « ardoise check » says whether the providers know them."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot import merchants
from bot.commands.check import check
from bot.commands.finding import Finding
from bot.complaints import HostError
from bot.config import Merchant, Online
from bot.desk import utc_now
from bot.providers.accounts import Account
from bot.providers.stripe import StripeCheckout
from tests.emulator import BotApi
from tests.helloasso_emulator import CLIENT_ID, CLIENT_SECRET, SLUG, HelloAsso
from tests.neighbourhood import Neighbourhood
from tests.payment_server import Clock, Status
from tests.stripe_emulator import Stripe

LABELS = {"Stripe", "HelloAsso", "carte en ligne"}


def settings(stripe: Stripe, helloasso: HelloAsso) -> str:
    """Write an [online] section: Stripe for all, HelloAsso for one group."""
    return f"""[online]
stripe_secret_key = "{stripe.key}"
stripe_url = "{stripe.url}"
helloasso_url = "{helloasso.url}"
[online.groups.la-ville]
helloasso_client_id = "{CLIENT_ID}"
helloasso_client_secret = "{CLIENT_SECRET}"
helloasso_organization = "{SLUG}"
"""


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Neighbourhood:
    for name in [name for name in os.environ if name.startswith("ARDOISE_")]:
        monkeypatch.delenv(name)
    return Neighbourhood(tmp_path, people=1, payments=1)


async def looked(people: Neighbourhood) -> list[Finding]:
    """Check an installation, from a thread: the command has a loop of its own."""
    found = await asyncio.to_thread(lambda: list(check(people.folder / "config.toml")))
    return [finding for finding in found if finding.what in LABELS]


async def test_check_asks_each_provider_whether_it_knows_the_keys(people: Neighbourhood) -> None:
    async with BotApi() as api, Stripe() as stripe, HelloAsso(Clock(utc_now())) as helloasso:
        people.settle(api, settings(stripe, helloasso))
        assert [str(finding) for finding in await looked(people)] == [
            "✓ Stripe : tous les groupes, les clés sont reconnues, pour essayer : aucun argent n'est vrai",
            "✓ HelloAsso : groupe la-ville, les clés sont reconnues",
        ]


async def test_check_names_an_account_that_is_no_groups(people: Neighbourhood) -> None:
    """A group that was renamed would have its money arrive on another account, without a word."""
    async with BotApi() as api, Stripe() as stripe, HelloAsso(Clock(utc_now())) as helloasso:
        people.settle(api, settings(stripe, helloasso) + "[online.groups.1]\n[online.groups.la-campagne]\n")
        *_right, said = [str(finding) for finding in await looked(people)]
    assert said == (
        "✗ carte en ligne : [online.groups.la-campagne] n'est le nom ni le numéro d'aucun groupe (il y a : 1 la-ville)"
    )


async def test_check_names_the_keys_that_are_wrong_and_never_shows_them(people: Neighbourhood) -> None:
    async with BotApi() as api, Stripe() as stripe, HelloAsso() as helloasso:
        people.settle(api, settings(stripe, helloasso))
        stripe.key, helloasso.client_secret = "another", "another"
        said = [str(finding) for finding in await looked(people)]
    wrong = "ces clés ne sont pas les bonnes, ou n'ont pas les droits qu'il faut"
    theirs = "helloasso_client_id, helloasso_client_secret, helloasso_organization"
    assert said == [
        f"✗ Stripe : {wrong} ([online] stripe_secret_key)",
        f"✗ HelloAsso : {wrong} ([online.groups.la-ville] {theirs})",
    ]


async def test_check_says_which_provider_does_not_answer_or_refuses(people: Neighbourhood) -> None:
    async with BotApi() as api, Stripe() as stripe, HelloAsso() as helloasso:
        people.settle(api, settings(stripe, helloasso))
        stripe.fail("GET", Status(503))
        helloasso.fail("POST /oauth2/token", Status(404))
        down, refused = [str(finding) for finding in await looked(people)]
    assert down.startswith("✗ Stripe : ne répond pas (")
    assert refused.startswith("✗ HelloAsso : refuse : POST /oauth2/token: 404 ([online.groups.la-ville]")


async def test_nothing_configured_is_nothing_to_look_at(people: Neighbourhood) -> None:
    async with BotApi() as api:
        people.settle(api)
        assert await looked(people) == []


async def test_stripe_without_its_library_is_one_line_for_the_host(
    people: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stripe", None)
    async with BotApi() as api:
        people.settle(api, '[online]\nstripe_secret_key = "rk_test_1"\n')
        (finding,) = await looked(people)
    assert str(finding).startswith("✗ carte en ligne : Pour la carte en ligne par Stripe, il manque sa bibliothèque")
    with pytest.raises(HostError):
        merchants.accounts(Online.model_validate({"stripe_secret_key": "rk_test_1"}), Clock())


def test_stripes_library_is_not_loaded_before_it_is_needed() -> None:
    """It is an extra, and large."""
    program = "import bot.__main__, bot.app, bot.merchants, sys; sys.exit('stripe' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", program]) == 0


async def test_the_provider_that_costs_nothing_is_offered_first_and_a_groups_own_before_all() -> None:
    both = {"stripe_secret_key": "rk_test_1", "telegram_provider_token": "1:TEST:2"}
    associations = {"helloasso_client_id": "a", "helloasso_client_secret": "b", "helloasso_organization": "c"}
    online = Online.model_validate({**both, **associations, "groups": {"2": {"stripe_secret_key": "rk_test_2"}}})
    found = merchants.accounts(online, Clock())
    assert [offer.name for offer in found.offers(1, "La ville")] == ["helloasso", "stripe", "telegram"]
    assert [account.group for account in found.of(2, "La ville")] == ["2", "", ""]
    assert merchants.telegram_tokens(online) == {"": "1:TEST:2"}
    await found.close()


def test_there_is_an_address_to_be_called_at_only_with_a_secret_to_know_the_caller_by() -> None:
    key = {"stripe_secret_key": "rk_test_1"}
    own = Merchant.model_validate({**key, "stripe_webhook_secret": "whsec_1"})
    assert not merchants.called_back(Online.model_validate(key))
    assert merchants.called_back(Online.model_validate({"groups": {"1": own}}))


async def test_a_provider_that_cannot_be_asked_is_left_in_peace() -> None:
    online = Online.model_validate({"telegram_provider_token": "1:TEST:2"})
    found = merchants.accounts(online, Clock())
    assert [await merchants.asked(account) for account in found.all] == [(True, "personne à interroger")]
    await found.close()


async def test_a_key_without_the_right_to_make_pages_is_found_out() -> None:
    async with Stripe() as stripe:
        stripe.rights = {"refunds"}
        provider = StripeCheckout(stripe.key, url=stripe.url)
        right, said = await merchants.asked(Account(provider))
        assert not right
        assert "n'ont pas les droits" in said
        await provider.close()
