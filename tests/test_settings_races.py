"""Settings, orders and proposals at the same instant: on one desk of either database, and on two processes (B18, B19, B43)."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from bot.groups.chosen import settings
from bot.groups.settings import SettingChanged
from bot.groups.tables import BuyingGroup, LinkedAddress, Proposal
from bot.market.facts import ProductsAdded
from tests.rush import Rush

AWA = 3


def kitty(rush: Rush, *, floor: int | None) -> None:
    """Make it a kitty group whose kitties may go below zero down to a floor, or not at all."""
    values = {"methods": "kitty", "kitty_may_go_negative": floor is not None, "kitty_floor": floor}
    rush.scene.change(update(BuyingGroup).values(**values))


def second_phone(rush: Rush) -> None:
    """Give Awa's household a second phone."""
    row = {"platform": "demo", "user": "ali", "chat": "ali", "group_id": 1, "member": AWA, "number": 2, "state": "linked",
           "current": True, "language": "fr", "linked_at": rush.scene.now}  # fmt: skip
    rush.scene.change(insert(LinkedAddress).values(**row))


def test_two_phones_cannot_take_a_kitty_below_its_floor(rush: Rush) -> None:
    """B18: floor −10.00, two complements of 4.50 after an order of 4.50: never below, and whoever is second is told."""
    kitty(rush, floor=-1000)
    second_phone(rush)
    rush.choose("awa", "1 pain de campagne")
    rush.scene.taps("awa", "Confirmer")
    rush.choose("awa", "1 pain de campagne")
    rush.scene.says("ali", "/confirmer")
    rush.at_once(rush.tap("awa", "Confirmer"), rush.tap("ali", "Confirmer"))
    assert rush.balance(AWA) == -900
    assert rush.count(ProductsAdded) == 1
    told = ("ne descend pas au-dessous de −10,00 €", "Votre panier est vide", "Quelque chose a changé")
    assert any(sentence in rush.last(who) for who in ("awa", "ali") for sentence in told), (
        rush.last("awa"),
        rush.last("ali"),
    )


def test_two_coordinators_take_away_the_last_two_methods(rush: Rush) -> None:
    """B16: one of both is refused: a group keeps a way of being paid."""
    rush.scene.says("camille", "/reglages moyens cheque non")
    rush.scene.says("sofiane", "/reglages moyens")
    rush.scene.says("camille", "/reglages moyens")
    rush.at_once(rush.tap("camille", "✅ Liquide"), rush.tap("sofiane", "✅ Virement"))
    with rush.scene.store.read() as connection:
        assert len(settings(connection, 1).methods) == 1
    assert rush.count(SettingChanged) == 2
    told = ("Ce réglage vient de changer", "C'est le dernier moyen de paiement")
    assert any(sentence in rush.last(who) for who in ("camille", "sofiane") for sentence in told)


def test_the_same_toggle_by_two_coordinators_is_one_change(rush: Rush) -> None:
    """B6: the journal says once what was done once."""
    for who in ("camille", "sofiane"):
        rush.scene.says(who, "/reglages moyens")
    rush.at_once(rush.tap("camille", "✅ Chèque"), rush.tap("sofiane", "✅ Chèque"))
    assert rush.count(SettingChanged) == 1


def test_a_proposed_account_is_agreed_to_and_refused_at_once(rush: Rush) -> None:
    """B43: decided once, and the account is what was decided."""
    for said in ("/reglages cheques", "Canal", "oui"):
        rush.scene.says("camille", said)
    row = {"platform": "demo", "user": "sofi2", "chat": "sofi2", "group_id": 1, "member": 5, "number": 2, "state": "linked",
           "current": True, "language": "fr", "linked_at": rush.scene.now}  # fmt: skip
    rush.scene.change(insert(LinkedAddress).values(**row))
    number = rush.scene.row(Proposal).number
    yes = rush.scene.incoming("sofiane", text=f"/accord oui {number}")
    no = rush.scene.incoming("sofi2", text=f"/accord non {number}")
    rush.at_once(yes, no)
    with rush.scene.store.read() as connection:
        state = connection.execute(select(Proposal.state)).scalar()  # type: ignore[call-overload]
        assert settings(connection, 1).cheque_payee == ("Canal" if state == "accepted" else "")
    assert state in {"accepted", "refused"}
    assert any("C'est déjà décidé" in rush.last(who) for who in ("sofiane", "sofi2"))


def test_a_method_is_added_while_the_exclusivity_comes_back(rush: Rush) -> None:
    """B19: two settings, each unchanged since it was read: the row as it becomes is checked, and one of both is refused."""
    rush.scene.change(update(BuyingGroup).values(methods="kitty", kitty_with_others=True))
    rush.scene.says("camille", "/reglages moyens")
    rush.scene.says("sofiane", "/reglages ensemble")
    rush.at_once(rush.tap("camille", "❌ Chèque"), rush.tap("sofiane", "Ne plus autoriser"))
    with rush.scene.store.read() as connection:
        now = settings(connection, 1)
    assert now.kitty_only or now.kitty_with_others
    assert rush.count(SettingChanged) == 1
    told = ("ne va pas avec d'autres moyens", "servent ensemble en ce moment")
    assert any(sentence in rush.last(who) for who in ("camille", "sofiane") for sentence in told)
