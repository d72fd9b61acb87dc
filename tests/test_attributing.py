"""Unknown money given to the wrong member: taken from them, attributed anew, never lost nor doubled (B43, B45)."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from bot.providers import Notification
from tests.counter import AWA, BRUNO, CAMILLE, balance, must_be_right, notify, with_cards
from tests.fake_provider import FakeProvider
from tests.transcripts import Scene

Play = Callable[[], Scene]
ONLINE = -5


@pytest.fixture
def found(scene: Scene) -> Generator[Scene]:
    """Stripe has taken 15,00 € from nobody we know; Camille says that they are Bruno's, who has an avoir of 7,00 €."""
    with_cards(scene, FakeProvider())
    notify(scene, Notification("", payment="pi_lost", cents=1500))
    attributes(scene, "Bruno")
    assert balance(scene, BRUNO) == 2200
    scene.unheard()
    yield scene
    must_be_right(scene)


def attributes(scene: Scene, whose: str) -> None:
    """Have Camille say whose the money is."""
    scene.taps("camille", "Attribuer", "salon")
    scene.says("camille", whose, "salon")
    scene.taps("camille", "Oui", "salon")


@pytest.mark.usefixtures("found")
def test_from_the_message_that_reported_it(play: Play) -> None:
    """
    B45

    camille@salon: [↩️ Corriger]
    bot→salon: Annuler « Paiement par carte en ligne · Bruno · 15,00 € », n° … du 24/11/2026 ? / L'argent, lui, reste chez Stripe : il sera de nouveau à attribuer. [Oui | Non]
    camille@salon: [Oui]
    bot→salon: 15,00 € reçus en ligne par Stripe sont de nouveau à attribuer : ils n'étaient pas de Bruno. … [Attribuer]
    bot→bruno: ↩️ Camille a corrigé une erreur sur votre compte : Paiement par carte en ligne, 15,00 €. Vous avez un avoir de 7,00 €. […]
    camille@salon: [Attribuer]
    bot→salon: De qui est ce paiement de 15,00 € ? …
    camille@salon: Awa
    bot→salon: 15,00 € reçus en ligne par Stripe : pour Awa ? [Oui | Non | …]
    camille@salon: [Oui]
    bot→salon: ✅ Awa : 15,00 € par carte en ligne, inscrit. [↩️ Corriger]
    bot→awa: ✅ Votre paiement de 15,00 € par carte est arrivé. Vous avez un avoir de 15,00 €. […]
    """
    scene = play()
    assert [balance(scene, who) for who in (BRUNO, AWA, ONLINE)] == [700, 1500, 1500]


def test_from_corriger_and_then_only_once(found: Scene) -> None:
    found.says("camille", "/corriger bruno")
    found.says("camille", "1")
    found.taps("camille", "Oui")
    assert [balance(found, who) for who in (BRUNO, ONLINE)] == [700, 0]
    attributes(found, "Awa")
    attributes(found, "Bruno")
    assert [balance(found, who) for who in (BRUNO, AWA, ONLINE)] == [700, 1500, 1500]
    assert found.told("salon")[-1].startswith("Ce paiement en ligne est déjà compté. Rien n'a changé.")


def test_the_provider_telling_of_it_again_changes_nothing(found: Scene) -> None:
    found.says("camille", "/corriger bruno")
    found.says("camille", "1")
    found.taps("camille", "Oui")
    found.unheard()
    notify(found, Notification("", payment="pi_lost", cents=1500))
    assert found.unheard() == []
    assert balance(found, ONLINE) == 0


def test_what_was_given_back_of_it_is_named(found: Scene) -> None:
    """B3: something rests on it."""
    found.says("camille", "/rembourser bruno 5 carte en ligne")
    found.taps("camille", "Rendre")
    found.says("camille", "/corriger bruno")
    found.says("camille", "2")
    found.taps("camille", "Oui")
    assert "il ne peut plus être attribué à quelqu'un d'autre" in found.said("camille")
    assert balance(found, BRUNO) == 1700


def test_on_ones_own_account_another_agrees(found: Scene) -> None:
    """B43."""
    found.says("camille", "/corriger bruno")
    found.says("camille", "1")
    found.taps("camille", "Oui")
    attributes(found, "Camille")
    assert balance(found, CAMILLE) == 0
    found.taps("sofiane", "D'accord", "salon")
    assert balance(found, CAMILLE) == 1500
    found.says("camille", "/corriger camille")
    found.says("camille", "1")
    found.taps("camille", "Oui")
    assert balance(found, CAMILLE) == 1500
    found.taps("sofiane", "D'accord", "salon")
    assert [balance(found, who) for who in (CAMILLE, ONLINE)] == [0, 0]
