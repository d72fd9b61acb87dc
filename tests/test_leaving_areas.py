"""Leaving, as other areas see it: a refund asked for, a link to pay, what is said of an avoir; on every platform (B25, B37, B44)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.groups.tables import LinkedAddress
from bot.ledger.tables import ACCOUNT
from bot.online.tables import ONLINE_PAYMENT, ONLINE_STRAY
from bot.outbox import Waiting
from bot.reminders.tables import REFUND, RULES
from tests.counter import BRUNO, LEA, balance, must_be_right, rows_of, states, tick, with_cards
from tests.departed import leaves
from tests.fake_provider import EXPIRE, FakeProvider
from tests.reminded import tick as remind
from tests.transcripts import Scene, act


def with_avoir(scene: Scene, who: str = "Awa", euros: int = 30) -> None:
    """Somebody has paid more than they owe."""
    scene.says("camille", f"/encaisser {who} {euros} liquide")
    scene.taps("camille", "Oui")
    scene.unheard()


def asks_for_it(scene: Scene, who: str = "awa") -> None:
    """They ask for all of it, by transfer."""
    scene.says(who, "/remboursement")
    for label in ("Tout, 30,00 €", "Virement"):
        scene.taps(who, label)
    scene.says(who, "FR76 1234")
    scene.taps(who, "Demander")
    scene.unheard()


def refunds(scene: Scene) -> list[tuple[str, str]]:
    return [(row.state, row.note) for row in rows_of(scene, REFUND)]


def is_closed(scene: Scene, member: int) -> bool:
    return next(bool(row.closed) for row in rows_of(scene, ACCOUNT) if (row.group_id, row.number) == (1, member))


def test_who_leaves_and_gives_their_avoir_has_asked_for_nothing_any_more(scene: Scene) -> None:
    """B37, B44: the request ends with the avoir, and its account number is forgotten."""
    with_avoir(scene)
    asks_for_it(scene)
    leaves(scene, "awa", "Le donner au groupe")
    assert refunds(scene) == [("withdrawn", "")]
    assert is_closed(scene, 3)
    must_be_right(scene)


def test_who_leaves_and_wants_it_back_is_given_it_from_the_request(scene: Scene) -> None:
    """B37, B44: what was asked for stays with the coordinators, with where to send it; then the account closes."""
    with_avoir(scene)
    asks_for_it(scene)
    leaves(scene, "awa", "Me le rendre")
    assert refunds(scene) == [("open", "FR76 1234")]
    act(scene, """
        camille: /rendu
        bot: Remboursements demandés · 1 sur 1 / Awa · 30,00 € par virement / … / « FR76 1234 » [Rendu | Pas maintenant]
    """)  # fmt: skip
    scene.taps("camille", "Rendu")
    assert refunds(scene) == [("granted", "")]
    assert (balance(scene, 3), is_closed(scene, 3)) == (0, True)
    must_be_right(scene)


def test_a_request_ends_where_the_avoir_is_let_go_of(scene: Scene) -> None:
    """B37, B45."""
    with_avoir(scene, euros=1)
    scene.says("awa", "/remboursement")
    for label in ("Tout, 1,00 €", "Liquide", "Demander"):
        scene.taps("awa", label)
    scene.says("camille", "/ecart Awa")
    scene.says("camille", "arrondi")
    scene.taps("camille", "Laisser de côté")
    assert (balance(scene, 3), refunds(scene)) == (0, [("withdrawn", "")])


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


def test_the_link_of_who_leaves_ends_at_the_provider_too(scene: Scene, provider: FakeProvider) -> None:
    """B25, B44."""
    with_cards(scene, provider)
    scene.says("lea", "/payer 24,50 carte en ligne")
    leaves(scene, "lea")
    assert states(scene) == {"1-code0001": "superseded"}
    assert EXPIRE in [verb for verb, _what in provider.asked]


def test_money_that_comes_late_closes_the_account_of_who_left_owing(scene: Scene, provider: FakeProvider) -> None:
    """B25, B44: what was charged counts; the debt was on the books still."""
    with_cards(scene, provider)
    scene.says("lea", "/payer 24,50 carte en ligne")
    leaves(scene, "lea")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    assert (balance(scene, LEA), is_closed(scene, LEA), states(scene)) == (0, True, {"1-code0001": "paid"})
    assert scene.told("lea") == []
    must_be_right(scene)


def test_money_for_a_closed_account_is_told_and_put_down_once_it_is_opened(
    scene: Scene, provider: FakeProvider
) -> None:
    """B25, B44: nothing re-opens an account silently, and nothing that was charged is lost."""
    with_cards(scene, provider)
    scene.says("awa", "/payer 10 carte en ligne")
    leaves(scene, "awa")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    tick(scene, hours=4)
    (said,) = scene.told("salon")
    assert said == (
        "⚠️ Stripe a reçu 10,00 € d'Awa, dont le compte est fermé : reçu en ligne, non attribué. Rouvrez le compte pour l'y "
        "inscrire, ou rendez l'argent depuis le site de Stripe."
    )
    assert [(row.cents, balance(scene, 3)) for row in rows_of(scene, ONLINE_STRAY)] == [(1000, 0)]
    act(scene, """
        camille@salon: [Attribuer]
        bot: De qui est ce paiement de 10,00 € ? …
        camille@salon: Awa
        bot: Ce compte est fermé. Pour y inscrire quelque chose, rouvrez-le d'abord : /rouvrir m3
        camille@salon: [Rouvrir]
        bot: Le compte d'Awa est fermé …
        camille@salon: [Rouvrir]
        bot: ✅ Le compte d'Awa est rouvert. …
        camille@salon: [Attribuer]
        bot: De qui est ce paiement de 10,00 € ? …
        camille@salon: Awa
        bot: 10,00 € reçus en ligne par Stripe : pour Awa ? [Oui | Non…]
        camille@salon: [Oui]
        bot: ✅ …
    """)  # fmt: skip
    assert (balance(scene, 3), len(rows_of(scene, ONLINE_PAYMENT))) == (1000, 1)
    must_be_right(scene)


def test_an_account_waits_for_what_is_going_back_on_a_card(scene: Scene, provider: FakeProvider) -> None:
    """B25, B44: it closes once the provider has answered, so that the refund can still be put down."""
    with_cards(scene, provider)
    scene.says("awa", "/payer 10 carte en ligne")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    provider.down = True
    scene.says("camille", "/rembourser Awa 10 carte en ligne")
    scene.taps("camille", "Rendre")
    leaves(scene, "awa")
    assert (balance(scene, 3), is_closed(scene, 3)) == (1000, False)
    provider.down = False
    tick(scene, minutes=10)
    assert (balance(scene, 3), is_closed(scene, 3)) == (0, True)
    must_be_right(scene)


def test_who_left_with_an_avoir_hears_of_nothing_any_more(scene: Scene) -> None:
    """B37, B44: no recall of the avoir, no reminder, no announcement; on Matrix neither."""
    here = (LinkedAddress.group_id == 1) & (LinkedAddress.member == BRUNO)
    scene.change(update(LinkedAddress).where(here).values(platform="matrix"))  # type: ignore[arg-type]  # a column, at run time
    with_avoir(scene, "Sofiane")
    with_avoir(scene)
    scene.says("camille", "/quitter Bruno")
    scene.taps("camille", "Voir plus tard")
    scene.taps("camille", "Oui")
    leaves(scene, "awa", "Me le rendre")
    leaves(scene, "lea")
    remind(scene)
    scene.unheard()
    scene.change(update(RULES).values(approved=True, credit_months=1, credit_threshold=0))
    for _week in range(9):
        remind(scene, scene.now + timedelta(days=7))
    with scene.store.read() as connection:
        waiting = {row.chat for row in connection.execute(select(Waiting)).all()}
    heard = {shown.place.chat for shown in scene.unheard()}
    assert "sofiane" in heard, "an avoir sleeps, and whose owner stayed is told"
    assert {"awa", "lea", "bruno"} & (heard | waiting) == set()
