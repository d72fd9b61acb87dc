"""Money given back on the card that paid: by the provider, posted when it agrees (B25, B26, B43)."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from bot.ledger.closing import close_books, reopen_books
from bot.online.answers import Returned, brought
from bot.online.tables import ONLINE_REFUND
from bot.providers import Refusal
from bot.providers.accounts import Accounts
from tests.counter import LEA, balance, must_be_right, rows_of, tick, with_cards
from tests.fake_provider import REFUND, FakeProvider
from tests.transcripts import Scene

ONLINE, FEES, CAMILLE = -5, -8, 4


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def paid(scene: Scene, provider: FakeProvider) -> Generator[Scene]:
    """Léa has paid 30,00 € by card, and has an avoir of 5,50 €."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    yield scene
    must_be_right(scene)


def pay(scene: Scene, provider: FakeProvider, who: str, amount: str) -> None:
    """Have somebody pay by card."""
    scene.says(who, f"/payer {amount} carte en ligne")
    provider.pay(next(reversed(provider.wanted)))
    tick(scene, seconds=31)
    scene.unheard()


def gives_back(scene: Scene, amount: str = "5,50", who: str = "camille", to: str = "léa") -> None:
    """Have a coordinator give money back on the card."""
    scene.says(who, f"/rembourser {to} {amount} carte en ligne")
    scene.taps(who, "Rendre")


def test_a_refund_goes_back_through_the_provider(paid: Scene, provider: FakeProvider) -> None:
    """B25: asked for, made, posted, told; the fee stays the group's."""
    paid.says("camille", "/rembourser léa 5,50 carte en ligne")
    assert paid.said("camille") == (
        "Rendre 5,50 € à Léa, sur la carte de son paiement du mardi 24 novembre, par Stripe ?"
    )
    paid.taps("camille", "Rendre")
    assert paid.told("camille") == ["⏳ J'ai demandé à Stripe de rendre 5,50 € à Léa. Je l'inscris dès que c'est fait."]
    assert (REFUND, "pi_1 550") in provider.asked
    assert (balance(paid, LEA), balance(paid, ONLINE), balance(paid, FEES)) == (0, 3000 - 62 - 550, 62)


def test_the_member_and_the_coordinators_are_told_once_it_is_done(paid: Scene) -> None:
    gives_back(paid)
    heard = [(shown.place.chat, shown.message.text) for shown in paid.unheard()]
    chats = [chat for chat, _text in heard]
    assert chats.count("lea") == 1
    assert chats.count("coordination") == 1
    text = next(text for chat, text in heard if chat == "lea")
    assert "Camille vous a rendu" in text
    assert "la banque met quelques jours à le montrer" in text


def test_the_providers_answer_twice_posts_one_refund(paid: Scene) -> None:
    gives_back(paid)
    reference = rows_of(paid, ONLINE_REFUND)[0].reference
    paid.receive(brought(Returned(reference, "re_2"), "again"))
    assert balance(paid, LEA) == 0


def test_a_provider_that_is_down_is_tried_again_and_said(paid: Scene, provider: FakeProvider) -> None:
    """Nothing is posted before the provider agrees."""
    provider.down = True
    gives_back(paid)
    assert paid.told("salon") == [
        "⏳ 5,50 € à rendre à Léa : Stripe ne répond pas encore, je réessaie. Rien n'est encore inscrit."
    ]
    assert balance(paid, LEA) == 550
    tick(paid, minutes=5)
    assert paid.told("salon") == []
    provider.down = False
    tick(paid, minutes=5)
    assert paid.told("salon") == ["↩️ 5,50 € rendus à Léa sur sa carte, à la demande de Camille."]
    assert balance(paid, LEA) == 0


def test_a_refusal_is_said_and_posts_nothing(paid: Scene, provider: FakeProvider) -> None:
    provider.refuses[REFUND] = Refusal.FUNDS
    gives_back(paid)
    assert paid.told("salon") == [
        "⚠️ 5,50 € n'ont pas été rendus à Léa sur sa carte : il n'y a pas assez d'argent sur le compte du groupe chez ce prestataire. Rien n'est inscrit."
    ]
    assert balance(paid, LEA) == 550
    provider.refuses.clear()
    gives_back(paid)
    assert balance(paid, LEA) == 0


def test_no_more_goes_back_than_came(paid: Scene, provider: FakeProvider) -> None:
    """Refunds under way count: two coordinators at once do not give back the same money twice."""
    provider.down = True
    gives_back(paid, "20")
    paid.says("sofiane", "/rembourser léa 20 carte en ligne")
    assert paid.said("sofiane") == (
        "On ne rend sur une carte que ce qu'elle a payé : 10,00 € au plus en une fois pour Léa. Rien n'a changé."
    )


def test_two_coordinators_who_both_were_asked_do_not_give_back_twice(paid: Scene, provider: FakeProvider) -> None:
    paid.says("camille", "/rembourser léa 20 carte en ligne")
    paid.says("sofiane", "/rembourser léa 20 carte en ligne")
    paid.taps("camille", "Rendre")
    paid.taps("sofiane", "Rendre")
    assert [what for verb, what in provider.asked if verb == REFUND] == ["pi_1 2000"]
    assert balance(paid, LEA) == 550 - 2000


def test_a_debt_that_a_refund_makes_is_said_before(paid: Scene) -> None:
    paid.says("camille", "/rembourser léa 20 carte en ligne")
    assert paid.said("camille").endswith("Ensuite : Léa doit 14,50 € au groupe.")


def test_the_card_is_offered_for_a_refund_only_to_who_paid_by_card(paid: Scene) -> None:
    paid.says("camille", "/rembourser bruno 5")
    assert "Carte en ligne" not in [option.label for row in paid.shown[-1].message.options for option in row]


def test_a_coordinators_own_refund_needs_another_tap(paid: Scene, provider: FakeProvider) -> None:
    """B43."""
    pay(paid, provider, "camille", "10")
    gives_back(paid, "10", to="camille")
    assert REFUND not in [verb for verb, _what in provider.asked]
    paid.taps("sofiane", "D'accord", "salon")
    assert [what for verb, what in provider.asked if verb == REFUND] == ["pi_2 1000"]
    assert balance(paid, CAMILLE) == 0
    (said,) = [text for text in paid.told("camille") if "10,00" in text and "sur votre carte" in text]
    assert "Camille vous a rendu" not in said


def test_a_provider_that_gives_nothing_back_is_done_by_hand_and_noted(scene: Scene) -> None:
    """Telegram: on the provider's own site, then confirmed here."""
    provider = FakeProvider(name="telegram", gives_back=False)
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    scene.says("camille", "/rembourser léa 5,50 carte en ligne")
    assert scene.said("camille") == (
        "Telegram ne me laisse pas rendre l'argent moi-même. Rendez 5,50 € à Léa sur le site du prestataire (paiement du "
        "mardi 24 novembre, n° pi_1), puis confirmez ici."
    )
    scene.taps("camille", "C'est rendu")
    assert "Camille vous a rendu 5,50 € sur votre carte" in scene.said("lea")
    assert balance(scene, LEA) == 0
    assert [row.state for row in rows_of(scene, ONLINE_REFUND)] == ["done"]
    must_be_right(scene)


def test_a_provider_that_is_no_longer_configured_is_done_by_hand_too(paid: Scene) -> None:
    paid.delivery.accounts = Accounts()
    paid.says("camille", "/rembourser léa 5,50 carte en ligne")
    assert "Rendez 5,50 € à Léa sur le site du prestataire" in paid.said("camille")


def test_no_refund_is_asked_for_while_the_books_are_closed(paid: Scene, provider: FakeProvider) -> None:
    """It could not be posted."""
    paid.store.write(lambda connection: close_books(connection, {1})).result()
    gives_back(paid)
    assert "Les comptes du groupe sont à vérifier" in paid.said("camille")
    assert REFUND not in [verb for verb, _what in provider.asked]
    paid.store.write(lambda connection: reopen_books(connection, 1)).result()


def test_a_refund_made_while_the_books_were_being_closed_is_posted_once_they_are_open(
    paid: Scene, provider: FakeProvider
) -> None:
    provider.down = True
    gives_back(paid)
    paid.store.write(lambda connection: close_books(connection, {1})).result()
    provider.down = False
    tick(paid, minutes=5)
    assert balance(paid, LEA) == 550
    paid.store.write(lambda connection: reopen_books(connection, 1)).result()
    tick(paid, minutes=61)
    assert balance(paid, LEA) == 0
    assert len(provider.refunds) == 1


def test_a_refund_is_not_undone_here(paid: Scene) -> None:
    """B3: the money is gone; it comes back by a payment."""
    gives_back(paid)
    paid.says("camille", "/corriger léa")
    paid.says("camille", "1")
    paid.taps("camille", "Oui")
    assert "il ne s'annule pas ici" in paid.said("camille")


def test_a_provider_that_gives_back_wholes_only_is_said_before_it_is_asked(scene: Scene) -> None:
    """HelloAsso: the amounts that can go back are named."""
    provider = FakeProvider(name="helloasso", in_parts=False)
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    scene.says("camille", "/rembourser léa 5,50 carte en ligne")
    assert scene.said("camille") == ("HelloAsso ne rend un paiement qu'en entier. Pour Léa : 30,00 €. Rien n'a changé.")
    gives_back(scene, "30")
    assert balance(scene, LEA) == -2450
    must_be_right(scene)
