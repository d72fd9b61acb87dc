"""« Reçu » at the pickup table, « Tous reçus » at its end: what came by card already is asked about, or left aside (B28, B33)."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from bot.providers import Notification
from tests.counter import AWA, balance, must_be_right, notify, with_cards
from tests.fake_provider import FakeProvider
from tests.market_stall import set_up
from tests.test_online_refunds import pay
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture
def table(scene: Scene) -> Generator[Scene]:
    """Awa has ordered for 4,50 €, planned 4,50 € in cash, declared 12,00 € in cash; then both amounts came by card."""
    provider = FakeProvider()
    set_up(scene)
    with_cards(scene, provider)
    scene.says("awa", "1 pain de campagne")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "liquide")
    scene.taps("awa", "Confirmer")
    scene.says("awa", "/payer 12 liquide")
    scene.says("awa", "oui")
    scene.later(days=2, hours=0.5)
    pay(scene, provider, "awa", "12")
    notify(scene, Notification("", payment="pi_lost", cents=450))
    scene.taps("camille", "Attribuer", "salon")
    scene.says("camille", "Awa", "salon")
    scene.taps("camille", "Oui", "salon")
    assert balance(scene, AWA) == 1200
    scene.unheard()
    yield scene
    must_be_right(scene)


@pytest.mark.usefixtures("table")
def test_received_at_the_table_is_asked_about(play: Play) -> None:
    """
    camille: /accueil
    bot: …
    camille: [1 · Awa]
    bot: n° 1 · Awa … [Reçu 4,50 € | ⏳ Reçu 12,00 € | …]
    camille: [Reçu 4,50 €]
    bot: ⚠️ Awa : déjà 4,50 € de reçus par carte en ligne depuis. Les avez-vous reçus en liquide aussi ? [Oui | Non]
    camille: [Non]
    bot: Rien n'a été enregistré.
    camille: [⏳ Reçu 12,00 €]
    bot: ⚠️ Awa : déjà 12,00 € de reçus par carte en ligne depuis. Les avez-vous reçus en liquide aussi ? [Oui | Non]
    camille: [Oui]
    bot: ✅ Awa : 12,00 € en liquide, reçu. Awa a un avoir de 24,00 €. [↩️ Corriger]
    bot→awa: ✅ Camille a reçu 12,00 € en liquide. …
    bot: n° 1 · Awa …
    bot→salon: …
    """
    scene = play()
    assert balance(scene, AWA) == 2400


@pytest.mark.usefixtures("table")
def test_all_received_leaves_aside_what_came_by_card(play: Play) -> None:
    """
    camille: /cloturer
    bot: Ces paiements attendent encore. Qu'en est-il ? / Awa : 4,50 € en liquide, prévu ⚠️ déjà venu par carte en ligne ? / Awa : 12,00 € en liquide, déclaré ⚠️ déjà venu par carte en ligne ? [Un par un | Tous reçus | Aucun reçu | Annuler]
    camille: [Tous reçus]
    bot: Valider la distribution … / Laissé de côté, le même montant étant déjà venu par carte : / Awa : 4,50 € en liquide, prévu ⚠️ déjà venu par carte en ligne ? / Awa : 12,00 € en liquide, déclaré ⚠️ déjà venu par carte en ligne ? / S'il a vraiment été reçu deux fois, reprenez « Un par un ». / … [Valider la distribution | Non | Retour]
    camille: [Valider la distribution]
    bot: …
    """
    scene = play()
    assert balance(scene, AWA) == 1200
    scene.says("camille", "/valider")
    assert "12,00 €" in scene.shown[-1].message.text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.usefixtures("table")
def test_one_by_one_says_it_and_takes_the_coordinators_word(play: Play) -> None:
    """
    camille: /cloturer
    bot: …
    camille: [Un par un]
    bot: 1 sur 2 · Awa : 4,50 € en liquide, prévu ⚠️ déjà venu par carte en ligne ? […]
    camille: [Pas reçu]
    bot: 2 sur 2 · Awa : 12,00 € en liquide, déclaré ⚠️ déjà venu par carte en ligne ? […]
    camille: [Reçu]
    bot: Valider la distribution … / Reçu : 1 paiement, 12,00 €. / …
    camille: [Valider la distribution]
    bot: …
    bot→awa: ✅ Camille a reçu 12,00 € en liquide. …
    bot→salon: …
    """
    scene = play()
    assert balance(scene, AWA) == 2400
