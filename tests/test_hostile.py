"""What a hostile reviewer tried: money doubled or lost by two doors, accounts closed too early, names left behind.

One test for each finding, named as the claim it defends.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from sqlalchemy import text

from bot.ledger.tables import ACCOUNT
from bot.reminders.tables import REFUND as REQUEST
from tests.counter import must_be_right, rows_of, tick, with_cards
from tests.departed import leaves
from tests.fake_provider import FakeProvider
from tests.transcripts import Scene

ONLINE = -5


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def attacked(scene: Scene, provider: FakeProvider) -> Generator[Scene]:
    """The demo's group, with Stripe: Bruno has 7,00 €. Whatever is tried, the books must add up."""
    yield with_cards(scene, provider)
    must_be_right(scene)


def pays(scene: Scene, provider: FakeProvider, who: str, amount: str) -> None:
    """Have somebody pay by card."""
    scene.says(who, f"/payer {amount} carte en ligne")
    provider.pay(next(reversed(provider.wanted)))
    tick(scene, seconds=31)
    scene.unheard()


def gives_back(scene: Scene, amount: str, to: str, who: str = "camille") -> None:
    """Have a coordinator give money back on the card."""
    scene.says(who, f"/rembourser {to} {amount} carte en ligne")
    scene.taps(who, "Rendre")


def is_closed(scene: Scene, member: int) -> bool:
    return next(bool(row.closed) for row in rows_of(scene, ACCOUNT) if row.number == member)


def holding(scene: Scene, *needles: str) -> set[str]:
    """Name the tables, but for the journal's keys of the demo's beginning, in which a text is found."""
    found = set()
    with scene.store.read() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        for name in tables:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings():
                kept = " ".join(str(value) for column, value in row.items() if (name, column) != ("fact", "key"))
                if any(needle.casefold() in kept.casefold() for needle in needles):
                    found.add(name)
    return found


def asks_for_transfer(scene: Scene) -> None:
    """Bruno asks for his avoir, on an account that he names."""
    scene.says("bruno", "/remboursement")
    scene.taps("bruno", "Tout, 7,00 €")
    scene.taps("bruno", "Virement")
    scene.says("bruno", "FR7630006000011234567890189")
    scene.taps("bruno", "Demander")


def test_an_account_number_given_for_a_refund_is_erased_with_its_owner(attacked: Scene) -> None:
    """B44: whoever asked for an avoir, then gave it away and left."""
    asks_for_transfer(attacked)
    leaves(attacked, "bruno", "Le donner au groupe", "Effacer")
    assert holding(attacked, "FR7630006") == set()


def test_a_request_for_an_avoir_that_was_given_away_waits_no_more(attacked: Scene) -> None:
    """B37, B44: nobody is asked to give back what is not there."""
    asks_for_transfer(attacked)
    leaves(attacked, "bruno", "Le donner au groupe")
    assert [row.state for row in rows_of(attacked, REQUEST)] == ["withdrawn"]
    attacked.says("camille", "/rendu")
    assert attacked.said("camille").startswith("Aucun remboursement n'est demandé.")


def test_another_way_to_reach_somebody_is_erased_with_them(attacked: Scene) -> None:
    """B39, B44: a telephone, a neighbour's name."""
    attacked.says("camille", "/joindre Bruno 06 12 34 56 78 chez Marcel")
    leaves(attacked, "bruno", "Le donner au groupe", "Effacer")
    assert holding(attacked, "06 12", "Marcel") == set()


def test_the_chat_in_which_a_link_was_asked_for_is_erased_with_its_owner(
    attacked: Scene, provider: FakeProvider
) -> None:
    """B44: on Telegram it is the person's own number."""
    pays(attacked, provider, "bruno", "5")
    leaves(attacked, "bruno", "Le donner au groupe", "Effacer")
    assert holding(attacked, "bruno") == set()
