"""The kitty: why it goes alone, entered and left in one step, below zero or not, how far (B16, B18, B19)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from bot.groups.chosen import Settings, settings
from bot.groups.tables import BuyingGroup
from bot.ledger.books import Books
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.market.market import Market
from tests.market_stall import set_up
from tests.transcripts import Scene, played

Play = Callable[[], Scene]
LEA, BRUNO, AWA = 1, 2, 3


def now(scene: Scene) -> Settings:
    """Read the group's settings."""
    with scene.store.read() as connection:
        return settings(connection, 1)


def balance(scene: Scene, member: int) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).balance(member)


def kitty(scene: Scene, *, negative: bool = False, floor: int | None = None) -> None:
    """Make it a kitty group."""
    values = {"methods": "kitty", "kitty_may_go_negative": negative, "kitty_floor": floor}
    scene.change(update(BuyingGroup).values(**values))


def test_the_kitty_is_refused_beside_other_methods_and_entered_in_one_step(play: Play) -> None:
    """
    B19, refused with why and what to do; what the group was paid with tops the kitty up.

    camille: /reglages moyens
    bot: …
    camille: [❌ Cagnotte]
    bot: La cagnotte ne va pas avec d'autres moyens de paiement : une commande y est prise sur ce que chacun a versé d'avance, il n'y a plus de moyen à choisir. Rien n'a changé. / « Passer à la cagnotte » fait tout en une fois : on la rechargera par chèque, en liquide, par virement. Pour garder les deux côte à côte, autorisez-le d'abord par « Cagnotte avec d'autres moyens ». [Passer à la cagnotte | Cagnotte avec d'autres moyens | Réglages]
    camille: [Passer à la cagnotte]
    bot: Passer à la cagnotte ? / Les commandes seront prises sur la cagnotte de chacun, sans moyen de paiement à choisir. / Une commande que la cagnotte ne couvre pas est refusée. / On la rechargera par : Chèque, Liquide, Virement. / Les paiements déjà déclarés ou prévus restent à valider. [Passer à la cagnotte | Non]
    camille: [Passer à la cagnotte]
    bot: ✅ Le groupe paie maintenant par la cagnotte. /  / Moyens de paiement / Cagnotte / Une commande que la cagnotte ne couvre pas est refusée. / Pour la recharger : Chèque, Liquide, Virement. [❌ Chèque | ❌ Liquide | ❌ Virement | ❌ Carte sur place | ✅ Cagnotte | ❌ Carte en ligne | ❌ Cagnottes négatives | Recharger la cagnotte | Quitter la cagnotte | Réglages]
    bot→salon: Camille a changé un réglage du groupe. Moyens de paiement : Cagnotte (avant : Chèque, Liquide, Virement) [Réglages]
    camille: [❌ Chèque]
    bot: Votre groupe paie par la cagnotte, qui ne va pas avec d'autres moyens de paiement. Rien n'a changé. / « Quitter la cagnotte » rend au groupe ses autres moyens, ceux qui la rechargent aujourd'hui. … [Quitter la cagnotte | Recharger la cagnotte | Réglages]
    camille: [Recharger la cagnotte]
    bot: Recharger la cagnotte / Chèque, Liquide, Virement [✅ Chèque | ✅ Liquide | ✅ Virement | Réglages]
    camille: [✅ Liquide]
    bot: Recharger la cagnotte / Chèque, Virement [✅ Chèque | ❌ Liquide | ✅ Virement | Réglages]
    bot→salon: Camille a changé un réglage du groupe. Recharger la cagnotte : Chèque, Virement (avant : Chèque, Liquide, Virement) [Réglages]
    camille: [✅ Chèque]
    bot: …
    bot→salon: …
    camille: [✅ Virement]
    bot: Il faut pouvoir recharger la cagnotte : ajoutez d'abord un autre moyen. /  / Recharger la cagnotte / Virement […
    lea: /payer 24,50
    bot: Par quel moyen ? [Virement | Retour | Annuler]
    lea: /annuler
    bot: …
    camille: /reglages moyens
    bot: …
    camille: [✅ Cagnotte]
    bot: La cagnotte est le seul moyen de paiement du groupe. Rien n'a changé. / …
    camille: [Quitter la cagnotte]
    bot: Quitter la cagnotte ? / Chaque commande se paiera par : Virement. / Ce que chacun a sur sa cagnotte reste son avoir et servira d'abord ; une cagnotte sous zéro reste à régler. [Quitter la cagnotte | Non]
    camille: [Quitter la cagnotte]
    bot: ✅ Le groupe ne paie plus par la cagnotte. /  / Moyens de paiement / Virement [❌ Chèque | ❌ Liquide | ✅ Virement | …
    bot→salon: Camille a changé un réglage du groupe. Moyens de paiement : Virement (avant : Cagnotte) [Réglages]
    """
    scene = play()
    assert (now(scene).methods, now(scene).top_up_methods) == (("transfer",), ("transfer",))


def test_no_to_either_step_changes_nothing(scene: Scene) -> None:
    scene.says("camille", "/reglages cagnotte passer")
    scene.taps("camille", "Non")
    assert "Rien n'a changé." in scene.said("camille")
    assert now(scene).methods == ("cheque", "cash", "transfer")
    kitty(scene)
    scene.says("camille", "/reglages cagnotte quitter")
    scene.says("camille", "non")
    assert now(scene).kitty_only


def test_only_methods_that_can_top_up_are_kept_for_it(scene: Scene) -> None:
    """B19: a group of the card terminal alone tops up by what it had chosen for that before."""
    scene.change(update(BuyingGroup).values(methods="cash terminal"))
    scene.says("camille", "/reglages cagnotte passer")
    assert "Ne serviront plus : Carte sur place." in scene.said("camille")
    scene.says("camille", "oui")
    assert (now(scene).methods, now(scene).top_up_methods) == (("kitty",), ("cash",))
    for said in ("/reglages cagnotte quitter", "oui", "/reglages moyens terminal oui", "/reglages moyens cash non"):
        scene.says("camille", said)
    assert now(scene).methods == ("terminal",)
    for said in ("/reglages cagnotte passer", "oui"):
        scene.says("camille", said)
    assert (now(scene).methods, now(scene).top_up_methods) == (("kitty",), ("cash",))


def test_payments_declared_before_the_kitty_are_validated_into_it(play: Play) -> None:
    """
    B16, B19: what waits is credited as before, and is then an avoir on the kitty.

    bruno: /payer 5 chèque
    bot: …
    bruno: [Déclarer]
    bot: …
    bot→salon: …
    camille: /reglages cagnotte passer
    bot: …
    camille: oui
    bot: ✅ Le groupe paie maintenant par la cagnotte. …
    bot→salon: …
    camille@salon: [Reçu]
    bot→salon: …
    bot→bruno: … Vous avez un avoir de 12,00 €. …
    """
    play()


def test_a_kitty_group_chooses_no_method_and_sees_its_kitty_after(scene: Scene) -> None:
    """B18: balance 7.00, order 6.00: accepted, and what the kitty will be is said before."""
    set_up(scene)
    kitty(scene)
    played(
        scene,
        """
        bruno: 2 oeufs
        bot: … Panier : 1 produit, 6,00 €. / Après cette commande, vous aurez un avoir de 1,00 €. / Rien à payer : votre avoir suffit. …
        bruno: confirmer
        bot: Confirmer cette commande ? / 2 pièces Œufs x6 : 6,00 € / Total : 6,00 €. / Prise sur votre cagnotte, qui sera à 1,00 €. / … [Confirmer | Non]
        bruno: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Vous avez un avoir de 1,00 €. …
        bruno: 1 oeufs
        bot: … Panier : 1 produit, 3,00 €. / Après cette commande, vous devrez 2,00 € au groupe. / Il manque 2,00 € sur votre cagnotte. …
        bruno: confirmer
        bot: Il manque 2,00 € sur votre cagnotte pour cette commande (solde 1,00 €, commande 3,00 €). Vous pouvez alléger le panier ou recharger. / On recharge par chèque, en liquide, par virement. [Revoir le panier | Recharger]
        bruno: [Recharger]
        bot: Combien avez-vous payé ? …
        """,
    )


def test_negative_kitties_have_no_limit_without_a_floor(scene: Scene) -> None:
    """B18: « cagnottes négatives »: the order is taken, and nothing is to be paid now."""
    set_up(scene)
    kitty(scene)
    scene.says("camille", "/reglages moyens")
    scene.taps("camille", "❌ Cagnottes négatives")
    scene.unheard()
    played(
        scene,
        """
        awa: 3 oeufs, 20 pain de campagne
        bot: … Après cette commande, vous devrez 99,00 € au groupe. / Rien à payer maintenant : la commande est prise sur votre cagnotte. …
        awa: confirmer
        bot: Confirmer cette commande ? … Total : 99,00 €. / Prise sur votre cagnotte, qui sera à −99,00 €. / …
        awa: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Vous devez 99,00 € au groupe. …
        """,
    )
    assert balance(scene, AWA) == -9900


def test_a_floor_stops_a_kitty_where_it_says(scene: Scene) -> None:
    """B18: floor −10.00: an order of 9.00 brings it to −9.00, a complement of 3.00 lacks 2.00, one of 1.00 ends on the floor."""
    set_up(scene)
    kitty(scene, negative=True)
    played(
        scene,
        """
        camille: /reglages plancher
        bot: Jusqu'à combien sous zéro une cagnotte peut-elle descendre ? [20,00 € | 50,00 € | 100,00 € | Autre montant | Sans plancher | Annuler]
        camille: −10
        bot: Moyens de paiement / Cagnotte / Une cagnotte peut descendre jusqu'à −10,00 €. / … [… | ✅ Cagnottes négatives | Plancher | …
        bot→salon: Camille a changé un réglage du groupe. Plancher des cagnottes : −10,00 € (avant : aucun) [Réglages]
        camille: /reglages
        bot: … Cagnottes négatives : ✅ jusqu'à −10,00 € / Plancher des cagnottes : −10,00 € / …
        awa: 3 oeufs
        bot: …
        awa: confirmer
        bot: … Prise sur votre cagnotte, qui sera à −9,00 €. …
        awa: [Confirmer]
        bot: …
        awa: 1 oeufs
        bot: …
        awa: confirmer
        bot: Il manque 2,00 € sur votre cagnotte pour cette commande (solde −9,00 €, commande 3,00 €). Vous pouvez alléger le panier ou recharger. / Une cagnotte ne descend pas au-dessous de −10,00 €. / On recharge par chèque, en liquide, par virement. [Revoir le panier | Recharger]
        awa: /commander d1 vider
        bot: …
        awa: 0,476 kg carottes
        bot: …
        awa: confirmer
        bot: … Total : 1,00 €. / Prise sur votre cagnotte, qui sera à −10,00 €. …
        awa: [Confirmer]
        bot: ✅ Ajouté à votre commande n° 1 : 1,00 €. …
        """,
    )
    assert balance(scene, AWA) == -1000


@pytest.mark.parametrize(
    ("typed", "kept"), [("50", -5000), ("-12,50", -1250), ("−12,50", -1250), ("sans plancher", None), ("aucun", None)]
)
def test_how_a_floor_is_typed(scene: Scene, typed: str, kept: int | None) -> None:
    kitty(scene, negative=True, floor=-100)
    scene.says("camille", "/reglages plancher")
    scene.says("camille", typed)
    assert now(scene).kitty_floor == kept


@pytest.mark.parametrize("typed", ["0", "0,00", "10 001", "1000000", "1.000", "bas"])
def test_a_floor_that_is_no_amount_is_asked_again(scene: Scene, typed: str) -> None:
    """B48"""
    kitty(scene, negative=True, floor=-100)
    scene.says("camille", "/reglages plancher")
    scene.says("camille", typed)
    assert "Jusqu'à combien" in scene.said("camille")
    assert now(scene).kitty_floor == -100


def test_a_floor_without_negative_kitties_is_refused_and_forgotten_by_none(scene: Scene) -> None:
    """B18: the floor counts only where kitties may go below zero, and is kept for when they may again."""
    kitty(scene, floor=-5000)
    scene.says("camille", "/reglages plancher")
    assert scene.said("camille").startswith("Autorisez d'abord les cagnottes négatives.")
    assert now(scene).lowest_kitty == 0
    scene.says("camille", "/reglages negatives oui")
    assert now(scene).lowest_kitty == -5000


def test_an_order_agreed_to_before_the_rule_changed_is_checked_again(scene: Scene) -> None:
    """B12, B18: the tap on « Confirmer » is under the rule of that moment."""
    set_up(scene)
    kitty(scene, negative=True)
    scene.says("awa", "1 pain de campagne")
    scene.says("awa", "confirmer")
    scene.says("camille", "/reglages negatives non")
    scene.taps("awa", "Confirmer")
    assert "Il manque 4,50 € sur votre cagnotte" in scene.said("awa")
    assert balance(scene, AWA) == 0


def test_with_the_exclusivity_lifted_both_are_offered(scene: Scene) -> None:
    """B19, off by default; B17: the kitty is offered where it may bear the whole order, and then nothing is planned."""
    set_up(scene)
    played(
        scene,
        """
        camille: /reglages ensemble
        bot: Cagnotte avec d'autres moyens : ❌ / D'ordinaire un groupe paie par la cagnotte, ou par d'autres moyens, pas les deux : c'est plus clair pour tous. Avec ce réglage, un adhérent peut laisser une commande sur sa cagnotte ou la payer autrement. [Autoriser | Moyens de paiement | Réglages]
        camille: [Autoriser]
        bot: Cagnotte avec d'autres moyens : ✅ / … [Ne plus autoriser | Moyens de paiement | Réglages]
        bot→salon: Camille a changé un réglage du groupe. Cagnotte avec d'autres moyens : oui (avant : non) [Réglages]
        camille: [Moyens de paiement]
        bot: …
        camille: [❌ Cagnotte]
        bot: Moyens de paiement / Chèque, Liquide, Virement, Cagnotte / Une commande que la cagnotte ne couvre pas est refusée. …
        bot→salon: …
        awa: 1 pain de campagne
        bot: … À payer : 4,50 €. …
        awa: confirmer
        bot: À payer : 4,50 €. Par quel moyen ? [Chèque | Liquide | Virement | Autre montant | Je verrai | Annuler]
        awa: /annuler
        bot: …
        camille: [❌ Cagnottes négatives]
        bot: … Une cagnotte peut descendre sous zéro, sans limite. …
        bot→salon: …
        awa: confirmer
        bot: À payer : 4,50 €. Par quel moyen ? [Chèque | Liquide | Virement | Cagnotte | Autre montant | Je verrai | Annuler]
        awa: cagnotte
        bot: Confirmer cette commande ? / 1 pièce Pain de campagne : 4,50 € / Total : 4,50 €. / Prise sur votre cagnotte, qui sera à −4,50 €. / …
        awa: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Vous devez 4,50 € au groupe. …
        awa: /payer 4,50
        bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
        awa: /annuler
        bot: …
        camille: /reglages ensemble
        bot: …
        camille: [Ne plus autoriser]
        bot: La cagnotte et d'autres moyens servent ensemble en ce moment : choisissez d'abord, dans « Moyens de paiement ». Rien n'a changé. /  / Cagnotte avec d'autres moyens : ✅ / …
        camille: [Moyens de paiement]
        bot: …
        camille: [✅ Cagnotte]
        bot: …
        bot→salon: …
        camille: /reglages ensemble non
        bot: Cagnotte avec d'autres moyens : ❌ / …
        bot→salon: …
        """,
    )
    with scene.store.read() as connection:
        assert Market(connection, 1, scene.now).plans(member=AWA) == []


def test_a_chosen_kitty_that_no_longer_bears_the_order_is_asked_again(scene: Scene) -> None:
    """B17, B18: among other methods too, the floor holds at the tap."""
    set_up(scene)
    scene.change(
        update(BuyingGroup).values(
            methods="cash kitty", kitty_with_others=True, kitty_may_go_negative=True, kitty_floor=-500
        )
    )
    scene.says("awa", "1 pain de campagne")
    scene.says("awa", "confirmer")
    scene.says("awa", "cagnotte")
    scene.record(OpeningBalanceEntered(AWA, Cents(-100)))
    scene.taps("awa", "Confirmer")
    assert scene.said("awa").startswith("Ce choix n'est plus possible.")
    assert balance(scene, AWA) == -100


def test_what_two_coordinators_do_at_once_cannot_put_the_kitty_with_others(scene: Scene) -> None:
    """B19: the exclusivity is checked on the row as it becomes."""
    kitty(scene)
    scene.change(update(BuyingGroup).values(methods="kitty cash", kitty_with_others=True))
    scene.says("camille", "/reglages ensemble")
    scene.change(update(BuyingGroup).values(methods="kitty"))
    scene.taps("camille", "Ne plus autoriser")
    assert now(scene).kitty_with_others is False
    scene.says("camille", "/reglages moyens cheque oui")
    assert "ne va pas avec d'autres moyens" in scene.said("camille")


def test_an_order_on_the_kitty_is_all_well_at_the_pickup(scene: Scene) -> None:
    """B32, B18: within the floor nothing is missing, nor to be paid there; beyond it only what is beyond is."""
    set_up(scene)
    kitty(scene, negative=True, floor=-500)
    played(
        scene,
        """
        awa: 1 pain de campagne
        bot: …
        awa: confirmer
        bot: …
        awa: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Total : 4,50 €. / Vous devez 4,50 € au groupe. [Ma commande | Ajouter]
        awa: /solde
        bot: Dans « Les Paniers du Canal », vous devez 4,50 € au groupe. […
        """,
    )
    scene.later(days=2, hours=0.5)
    played(
        scene,
        """
        camille: /accueil d1 m3
        bot: n° 1 · Awa / … ✅ Tout va bien. Cagnotte : −4,50 € […
        camille: /encaissements
        bot: … Tout va bien : personne ne doit rien. …
        """,
    )
    scene.change(update(BuyingGroup).values(kitty_floor=-300))
    scene.says("camille", "/accueil d1 m3")
    assert "⚠️ Manque 1,50 €" in scene.told("camille")[-1]
    scene.says("camille", "/encaissements")
    assert "Awa : 1,50 €" in scene.said("camille")
