"""Two people at the same instant: one desk on either database, and two processes on PostgreSQL held back until both post.

Whoever comes second reads a clear sentence, and the books are right: the fixture audits them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, select

from bot.groups.tables import LinkedAddress
from bot.ledger.money import Cents
from bot.ledger.tables import ENTRY
from bot.market.facts import ProductsAdded
from bot.market.offer_facts import DistributionValidated, ProductChanged
from tests.market_stall import CATALOGUE, THURSDAY, record
from tests.rush import Rush

LEA, BRUNO, AWA = 1, 2, 3


def bun(number: int, left: int) -> ProductChanged:
    """Make a product of which few are left, at 1.00."""
    return replace(CATALOGUE[2], product=number, name=f"Brioche {number}", price=Cents(100), stock=1000 * left)


def test_two_members_take_the_last_one(rush: Rush) -> None:
    """B11: one has it; the other is told, and is debited nothing."""
    record(rush.scene, bun(9, 1))
    rush.choose("lea", "1 brioche 9")
    rush.choose("awa", "1 brioche 9")
    rush.at_once(rush.tap("lea", "Confirmer"), rush.tap("awa", "Confirmer"))
    said = sorted((rush.last(who) for who in ("lea", "awa")), key=lambda told: "confirmée" not in told)
    assert "✅ Commande n° 1 confirmée" in said[0]
    assert "il n'y en a plus" in said[1].lower(), said[1]
    assert len(rush.read(lambda market: market.orders(THURSDAY))) == 1
    assert rush.read(lambda market: market.catalogue[9].stock) == 0
    assert rush.balance(LEA) + rush.balance(AWA) == -2450 - 100


def test_five_rounds_of_two_members_and_three_pieces(rush: Rush) -> None:
    """B11: two want two each of three: never more than three are sold, whoever comes first."""
    for number in range(11, 16):
        record(rush.scene, bun(number, 3))
        rush.choose("bruno", f"2 brioche {number}")
        rush.choose("awa", f"2 brioche {number}")
        rush.at_once(rush.tap("bruno", "Confirmer"), rush.tap("awa", "Confirmer"))
        assert rush.read(lambda market, n=number: market.catalogue[n].stock) == 1000  # type: ignore[misc]
        for who in ("bruno", "awa"):
            rush.scene.says(who, "/annuler")
            rush.scene.says(who, "/commander d1 vider")
    sold = rush.read(lambda market: sum(order.total for order in market.orders(THURSDAY)))
    assert sold == 5 * 200


def test_two_phones_of_one_household_confirm_the_same_basket(rush: Rush) -> None:
    """B8: one order, debited once; the other phone is told."""
    row = {"platform": "demo", "user": "ali", "chat": "ali", "group_id": 1, "member": AWA, "number": 2, "state": "linked",
           "current": True, "language": "fr", "linked_at": rush.scene.now}  # fmt: skip
    rush.scene.change(insert(LinkedAddress).values(**row))
    rush.choose("awa", "1 pain de campagne")
    for said in ("/confirmer", "liquide"):
        rush.scene.says("ali", said)
    rush.at_once(rush.tap("awa", "Confirmer"), rush.tap("ali", "Confirmer"))
    (order,) = rush.read(lambda market: market.orders(THURSDAY))
    assert (order.member, len(order.lines), order.total) == (AWA, 1, 450)
    assert rush.balance(AWA) == -450
    assert len(rush.read(lambda market: market.plans(member=AWA))) == 1
    told = ("Vous avez déjà une commande pour cette distribution", "Votre panier est vide", "Quelque chose a changé")
    assert any(sentence in rush.last(who) for who in ("awa", "ali") for sentence in told)


def test_the_same_confirmation_tapped_twice_and_redelivered(rush: Rush) -> None:
    """B46: a delivery that comes again, to another process too, and a second tap: one order."""
    rush.choose("awa", "1 pain de campagne")
    first, second = rush.tap("awa", "Confirmer"), rush.tap("awa", "Confirmer")
    rush.at_once(first, first)
    rush.at_once(second, first)
    assert rush.balance(AWA) == -450
    (order,) = rush.read(lambda market: market.orders(THURSDAY))
    assert len(order.lines) == 1


def ordered_and_picked_up(rush: Rush) -> None:
    """Awa has ordered a loaf, to be paid in cash; the distribution has begun."""
    rush.choose("awa", "1 pain de campagne")
    rush.scene.taps("awa", "Confirmer")
    rush.scene.later(days=2, hours=0.5)


def test_two_coordinators_validate_at_once(rush: Rush) -> None:
    """B33: validated once, the planned payment received once."""
    ordered_and_picked_up(rush)
    for who in ("camille", "sofiane"):
        rush.scene.says(who, "/cloturer")
        rush.scene.says(who, "Tous reçus")
    rush.at_once(rush.tap("camille", "Valider la distribution"), rush.tap("sofiane", "Valider la distribution"))
    assert rush.count(DistributionValidated) == 1
    assert rush.balance(AWA) == 0
    told = ("n'est à valider", "déjà terminée", "Quelqu'un vient de s'occuper de ce paiement", "a changé")
    assert any(sentence in rush.last(who) for who in ("camille", "sofiane") for sentence in told)


def test_two_coordinators_receive_the_same_planned_payment(rush: Rush) -> None:
    """B28: by the same button of two phones, once."""
    ordered_and_picked_up(rush)
    for who in ("camille", "sofiane"):
        rush.scene.says(who, "/accueil d1 m3")
    rush.at_once(rush.tap("camille", "Reçu 4,50 €"), rush.tap("sofiane", "Reçu 4,50 €"))
    assert rush.balance(AWA) == 0


def test_a_payment_is_planned_while_the_distribution_is_validated(rush: Rush) -> None:
    """B33: what somebody else does to a payment meanwhile is no silent loss: received once, and validated at most once."""
    ordered_and_picked_up(rush)
    rush.scene.says("sofiane", "/accueil d1 m3")
    for said in ("/cloturer", "Aucun reçu"):
        rush.scene.says("camille", said)
    rush.at_once(rush.tap("camille", "Valider la distribution"), rush.tap("sofiane", "Reçu 4,50 €"))
    received = rush.balance(AWA) == 0
    assert rush.balance(AWA) in {0, -450}
    assert rush.count(DistributionValidated) == (0 if received else 1)


def test_a_complement_comes_as_orders_close_and_the_pickup_validates(rush: Rush) -> None:
    """B9, B12, B33: after the closing it is refused, and what was validated stays as it was."""
    ordered_and_picked_up(rush)
    rush.scene.now = rush.read(lambda market: market.distributions[0].closes_at) - timedelta(minutes=1)
    rush.choose("awa", "1 kg carottes")
    rush.scene.later(days=1)
    for said in ("/cloturer", "Aucun reçu"):
        rush.scene.says("camille", said)
    rush.at_once(rush.tap("camille", "Valider la distribution"), rush.tap("awa", "Confirmer"))
    assert (rush.count(DistributionValidated), rush.count(ProductsAdded)) == (1, 0)
    assert rush.balance(AWA) == -450
    assert "Les commandes ne sont plus ouvertes" in rush.last("awa")


def test_two_coordinators_take_the_same_line_off(rush: Rush) -> None:
    """B10: nothing is given back twice."""
    ordered_and_picked_up(rush)
    for who in ("camille", "sofiane"):
        rush.scene.says(who, "/ajuster d1 m3")
        rush.scene.says(who, "1")
    rush.at_once(rush.tap("camille", "Pas livré"), rush.tap("sofiane", "Pas livré"))
    assert rush.balance(AWA) == 0
    with rush.scene.store.read() as connection:
        entries = connection.execute(
            select(ENTRY.c.amount).where(ENTRY.c.account == AWA).order_by(ENTRY.c.seq)
        ).scalars()
        assert list(entries) == [-450, 450]
