"""The worked examples of the behaviour's rules, word for word: rounding, an avoir used first, missing at the pickup, the kitty."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from bot.groups.tables import BuyingGroup
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from tests.market_stall import set_up
from tests.transcripts import Scene, played

Play = Callable[[], Scene]
AWA, BRUNO = 3, 2


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market."""
    set_up(scene)


def stands_at(scene: Scene, member: int, cents: int) -> None:
    """Bring a member, who has 7.00 or nothing, to a balance in cents."""
    had = {BRUNO: 700, AWA: 0}[member]
    scene.record(OpeningBalanceEntered(member, Cents(cents - had)))


def test_a_line_is_rounded_once_however_often_it_is_bought(play: Play) -> None:
    """
    B7, 0.35 kg at 2.10 is 0.74, and three of them are 2.22: a line added is a line of its own.

    awa: 0,35 kg carottes
    bot: Ajouté : 0,350 kg Carottes. /  / Panier : 1 produit, 0,74 €. …
    awa: confirmer
    bot: À payer : 0,74 €. Par quel moyen ? …
    awa: [Liquide]
    bot: Confirmer cette commande ? / 0,350 kg Carottes : 0,74 € / Total : 0,74 €. …
    awa: [Confirmer]
    bot: ✅ Commande n° 1 confirmée … Total : 0,74 €. / Vous devez 0,74 € au groupe. …
    awa: 350 g carottes
    bot: …
    awa: confirmer
    bot: …
    awa: [Liquide]
    bot: Confirmer cette commande ? / 0,350 kg Carottes : 0,74 € / Total : 0,74 €. …
    awa: [Confirmer]
    bot: ✅ Ajouté à votre commande n° 1 : 0,74 €. Elle fait maintenant 1,48 €. …
    awa: 0,350 kg carottes
    bot: …
    awa: confirmer
    bot: …
    awa: [Liquide]
    bot: …
    awa: [Confirmer]
    bot: ✅ Ajouté à votre commande n° 1 : 0,74 €. Elle fait maintenant 2,22 €. / Vous devez 2,22 € au groupe. …
    awa: commandes
    bot: Commande n° 1 … / 0,350 kg Carottes : 0,74 € / 0,350 kg Carottes : 0,74 € / 0,350 kg Carottes : 0,74 € / Total : 2,22 €. …
    """
    play()


def test_of_an_order_of_20_an_avoir_of_7_leaves_13_to_pay(play: Play) -> None:
    """
    B17.

    bruno: 5 oeufs, 1 pain de campagne, 0,238 kg carottes
    bot: … Panier : 3 produits, 20,00 €. / Après cette commande, vous devrez 13,00 € au groupe. / À payer : 13,00 €. …
    bruno: confirmer
    bot: À payer : 13,00 € (commande 20,00 €, votre avoir déduit). Par quel moyen ? …
    bruno: chèque
    bot: Confirmer cette commande ? / … / Total : 20,00 €. / À payer à la distribution : 13,00 € par chèque. …
    bruno: [Confirmer]
    bot: ✅ Commande n° 1 confirmée … Vous devez 13,00 € au groupe. …
    """
    play()


def test_of_an_order_of_20_an_avoir_of_30_leaves_nothing_and_no_method_is_asked(scene: Scene) -> None:
    """B17."""
    stands_at(scene, BRUNO, 3000)
    played(
        scene,
        """
        bruno: 5 oeufs, 1 pain de campagne, 0,238 kg carottes
        bot: … Après cette commande, vous aurez un avoir de 10,00 €. / Rien à payer : votre avoir suffit. …
        bruno: confirmer
        bot: Confirmer cette commande ? / … / Total : 20,00 €. / Une commande confirmée ne se modifie plus, on peut seulement y ajouter. …
        bruno: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Total : 20,00 €. / Vous avez un avoir de 10,00 €. [Ma commande | Ajouter]
        """,
    )


def test_what_is_missing_at_the_pickup_becomes_an_avoir_and_is_given_back(scene: Scene) -> None:
    """B10, B26, B32: paid 13.50 for three loaves, one is missing, 4.50 are given back in cash."""
    played(
        scene,
        """
        awa: 3 pain de campagne
        bot: …
        awa: confirmer
        bot: …
        awa: liquide
        bot: …
        awa: [Confirmer]
        bot: …
        """,
    )
    scene.later(days=2, hours=0.5)
    played(
        scene,
        """
        camille: accueil d1 m3
        bot: n° 1 · Awa / 3 pièces Pain de campagne : 13,50 € / Total : 13,50 €. /  / ⚠️ Manque 13,50 € / Prévu : 13,50 € en liquide […]
        camille: [Reçu 13,50 €]
        bot→awa: ✅ Camille a reçu 13,50 € en liquide. Vous êtes à l'équilibre. …
        bot: … ✅ Tout va bien …
        camille: [Ajuster]
        bot: Quelle ligne ajuster ? …
        camille: 1
        bot: …
        camille: [Quantité]
        bot: …
        camille: 2
        bot: ✅ Awa · 2 pièces Pain de campagne : 9,00 €
        bot: n° 1 · Awa / 2 pièces Pain de campagne : 9,00 € / Total : 9,00 €. /  / ✅ Tout va bien. Avoir : 4,50 € [Encaisser | Rembourser | Ajuster | Suivant › | Liste]
        camille: [Rembourser]
        bot: Awa a un avoir de 4,50 €. Combien rendez-vous ? [4,50 € | Autre montant | …
        camille: 4,50
        bot: Par quel moyen ? …
        camille: liquide
        bot: Rendre 4,50 € à Awa en liquide ? [Oui | Non | Retour]
        camille: oui
        bot: ✅ Rendu à Awa : 4,50 € en liquide. Awa est à l'équilibre. …
        bot→awa: Camille vous a rendu 4,50 € en liquide. Vous êtes à l'équilibre. …
        bot: n° 1 · Awa … ✅ Tout va bien …
        camille: encaissements
        bot: … Liquide : 13,50 € /  / La caisse doit contenir 9,00 € /  / Tout va bien : personne ne doit rien. …
        """,
    )


def test_a_kitty_of_10_takes_an_order_of_10_and_not_of_12(scene: Scene) -> None:
    """B18: 2.00 are missing, and it is said how to top up; the order of 10 leaves 0."""
    scene.change(update(BuyingGroup).values(methods="kitty"))
    stands_at(scene, BRUNO, 1000)
    played(
        scene,
        """
        bruno: 4 oeufs
        bot: …
        bruno: confirmer
        bot: Il manque 2,00 € sur votre cagnotte pour cette commande (solde 10,00 €, commande 12,00 €). Vous pouvez alléger le panier ou recharger. / On recharge par chèque, en liquide, par virement. [Revoir le panier | Recharger]
        bruno: [Revoir le panier]
        bot: …
        bruno: [Œufs x6 · 4 pièces]
        bot: …
        bruno: [−]
        bot: …
        bruno: 0,476 kg carottes
        bot: … Panier : 2 produits, 10,00 €. / Après cette commande, vous serez à l'équilibre. / Rien à payer : votre avoir suffit. …
        bruno: confirmer
        bot: Confirmer cette commande ? / 3 pièces Œufs x6 : 9,00 € / 0,476 kg Carottes : 1,00 € / Total : 10,00 €. …
        bruno: [Confirmer]
        bot: ✅ Commande n° 1 confirmée … Vous êtes à l'équilibre. …
        """,
    )
