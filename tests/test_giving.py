"""An avoir is given to the group by whose it is: from its recall, or where it was to be asked back (B37, B44)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.reminders.tables import REFUND
from tests.counter import AWA, BRUNO, CAMILLE, LEA, balance, must_be_right, tick, with_cards
from tests.fake_provider import FakeProvider
from tests.market_stall import record
from tests.reminded import heard
from tests.reminded import tick as remind
from tests.test_credits import RECALL, sleeping
from tests.transcripts import Scene, act

__all__ = ["sleeping"]


def test_an_avoir_is_given_from_where_it_was_to_be_asked_back(play: Callable[[], Scene]) -> None:
    """
    bruno: /remboursement
    bot: Vous avez un avoir de 7,00 €. Combien voulez-vous qu'on vous rende ? [Tout, 7,00 € | Une partie | Le donner au groupe | Annuler]
    bruno: [Le donner au groupe]
    bot: Vous avez un avoir de 7,00 €. Combien voulez-vous en donner au groupe ? [Tout, 7,00 € | Une partie | Retour | Annuler]
    bruno: [Tout, 7,00 €]
    bot: Donner 7,00 € au groupe ? Ensuite, vous serez à l'équilibre. [Donner | Non | Retour]
    bruno: [Donner]
    bot→salon: Bruno donne 7,00 € au groupe. [↩️ Corriger]
    bot: ✅ Merci ! Vous donnez 7,00 € au groupe. Vous êtes à l'équilibre. [Historique]
    bruno: /donner
    bot: Vous n'avez pas d'avoir en ce moment. [Solde]
    """
    scene = play()
    assert (balance(scene, BRUNO), balance(scene, GroupAccount.WRITE_OFF)) == (0, -700)
    must_be_right(scene)


def test_an_amount_typed_at_once_is_a_part(play: Callable[[], Scene]) -> None:
    """
    B37, beside the word or instead of a button, and still agreed to.

    bruno: donner 3
    bot: Donner 3,00 € au groupe ? Ensuite, vous aurez un avoir de 4,00 €. [Donner | Non]
    bruno: non
    bot: Rien n'est donné : votre avoir reste là.
    bruno: donner
    bot: … Combien voulez-vous en donner au groupe ? …
    bruno: 1.234
    bot: « 1.234 » peut vouloir dire plusieurs montants. …
    bruno: quelque chose
    bot: Choisissez une des réponses proposées : Tout, 7,00 €, Une partie. …
    bruno: 2,50 €
    bot: Donner 2,50 € au groupe ? Ensuite, vous aurez un avoir de 4,50 €. [Donner | Non | Retour]
    bruno: non
    bot: Rien n'est donné : votre avoir reste là.
    bruno: remboursement 4 €
    bot: Comment préférez-vous le recevoir ? [Liquide | Virement | Chèque | Annuler]
    bruno: liquide
    bot: Demander aux coordinateurs de vous rendre 4,00 € en liquide ? [Demander | Non | Retour]
    bruno: non
    bot: Rien n'est demandé : votre avoir reste là.
    bruno: remboursement
    bot: … Combien voulez-vous qu'on vous rende ? …
    bruno: 50
    bot: Comment préférez-vous le recevoir ? …
    bruno: liquide
    bot: Demander aux coordinateurs de vous rendre 7,00 € en liquide ? …
    """
    play()


def test_from_its_recall_a_part_is_given_never_more_than_there_is(sleeping: Scene) -> None:
    """B37, B45: what is typed beyond it is all of it; a coordinator can take it back from the room."""
    remind(sleeping, RECALL)
    assert "[Me les rendre | Donner au groupe | Historique]" in heard(sleeping, "bruno")[0]
    act(sleeping, """
        bruno: [Donner au groupe]
        bot: … Combien voulez-vous en donner au groupe ? [Tout, 7,00 € | Une partie | Annuler]
        bruno: [Une partie]
        bot: Combien ? [Retour | Annuler]
        bruno: 2
        bot: Donner 2,00 € au groupe ? Ensuite, vous aurez un avoir de 5,00 €. [Donner | Non | Retour]
        bruno: [Non]
        bot: Rien n'est donné : votre avoir reste là.
        bruno: /donner
        bot: …
        bruno: [Une partie]
        bot: …
        bruno: 50
        bot: Donner 7,00 € au groupe ? Ensuite, vous serez à l'équilibre. [Donner | Non | Retour]
        bruno: [Donner]
        bot→salon: Bruno donne 7,00 € au groupe. [↩️ Corriger]
        bot: ✅ Merci ! …
        camille@salon: [↩️ Corriger]
        bot: Annuler « Don au groupe · Bruno · 7,00 € », … [Oui | Non]
        camille@salon: [Oui]
        bot→bruno: …
        bot: …
    """)  # fmt: skip
    assert balance(sleeping, BRUNO) == 700


def test_what_was_agreed_to_is_the_amount_that_was_shown(scene: Scene) -> None:
    """B12's rule for consent: the avoir changed meanwhile, so it is asked again; a second tap gives nothing more."""
    scene.says("bruno", "/donner")
    scene.taps("bruno", "Tout, 7,00 €")
    old = scene.button("bruno", "Donner")
    record(scene, OpeningBalanceEntered(BRUNO, Cents(-300)))
    scene.unheard()
    scene.tap_again("bruno", old)
    assert balance(scene, BRUNO) == 400
    scene.says("bruno", "/donner")
    scene.taps("bruno", "Tout, 4,00 €")
    for _again in range(2):
        scene.tap_again("bruno", scene.button("bruno", "Donner"))
    assert (balance(scene, BRUNO), balance(scene, GroupAccount.WRITE_OFF)) == (0, -400)


def test_what_is_on_its_way_to_a_card_is_not_given(scene: Scene) -> None:
    """B25, B44: the provider was asked to give it back, and has not answered yet."""
    provider = FakeProvider()
    with_cards(scene, provider)
    scene.says("awa", "/payer 10 carte en ligne")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    provider.down = True
    scene.says("awa", "/donner")
    scene.taps("awa", "Tout, 10,00 €")
    old = scene.button("awa", "Donner")
    scene.says("camille", "/rembourser Awa 6 carte en ligne")
    scene.taps("camille", "Rendre")
    scene.unheard()
    scene.tap_again("awa", old)
    assert balance(scene, AWA) == 1000
    act(scene, """
        awa: /donner
        bot: Vous avez un avoir de 4,00 €. Combien voulez-vous en donner au groupe ? [Tout, 4,00 € | …]
        awa: [Tout, 4,00 €]
        bot: Donner 4,00 € au groupe ? Ensuite, vous serez à l'équilibre. [Donner | …]
        awa: [Donner]
        bot→salon: Awa donne 4,00 € au groupe. [↩️ Corriger]
        bot: ✅ Merci ! …
        awa: /donner
        bot: 6,00 € sont déjà en route vers votre carte. [Solde]
        awa: /remboursement
        bot: 6,00 € sont déjà en route vers votre carte. [Solde]
    """)  # fmt: skip
    provider.down = False
    tick(scene, minutes=10)
    assert balance(scene, AWA) == 0
    must_be_right(scene)


def test_what_was_asked_back_can_be_given_instead(scene: Scene) -> None:
    """B37: the request ends with the avoir."""
    scene.says("bruno", "/remboursement")
    for label in ("Tout, 7,00 €", "Liquide", "Demander"):
        scene.taps("bruno", label)
    act(scene, """
        bruno: /remboursement
        bot: Vous avez déjà demandé 7,00 € en liquide : les coordinateurs vont vous répondre. [Ne plus demander | Donner au groupe]
        bruno: [Donner au groupe]
        bot: …
        bruno: [Tout, 7,00 €]
        bot: …
        bruno: [Donner]
        bot→salon: Bruno donne 7,00 € au groupe. [↩️ Corriger]
        bot→salon: Aucun remboursement n'est demandé.
        bot: ✅ Merci ! …
    """)  # fmt: skip
    with scene.store.read() as connection:
        assert connection.execute(select(REFUND.c.state)).scalars().all() == ["withdrawn"]


def test_a_coordinator_gives_theirs_with_the_others_tap(scene: Scene) -> None:
    """B43."""
    record(scene, OpeningBalanceEntered(CAMILLE, Cents(900)))
    scene.says("camille", "/donner")
    scene.taps("camille", "Tout, 9,00 €")
    scene.taps("camille", "Donner")
    assert balance(scene, CAMILLE) == 900
    scene.taps("sofiane", "D'accord", "salon")
    assert balance(scene, CAMILLE) == 0


@pytest.mark.parametrize("who", ["awa", "lea"])
def test_who_has_no_avoir_has_nothing_to_give(scene: Scene, who: str) -> None:
    scene.says(who, "/give")
    assert scene.said(who) == "Vous n'avez pas d'avoir en ce moment."
    assert balance(scene, LEA) == -2450
