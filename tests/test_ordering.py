"""Members order: the shop, the basket, the confirmation, what is added and what is asked about (B8–B15, B17)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market."""
    set_up(scene)


def test_an_order_is_chosen_confirmed_and_debited(play: Play) -> None:
    """
    B8, B15, B17: Léa owes 24.50; the order's 6.00 is proposed to be paid together with it.

    lea: commander
    bot: Commande du jeudi 26 novembre, Salle des fêtes – à faire avant mercredi 25 novembre à 20 h. …
    lea: [Œufs x6]
    bot: Œufs x6 – 3,00 € la pièce, il en reste 5 pièces … [+ | Rayons]
    lea: [+]
    bot: Œufs x6 … Dans votre panier : 1 pièce, 3,00 €. …
    lea: [+]
    bot: Œufs x6 … 6,00 €. … Panier : 1 produit, 6,00 €. / Après cette commande, vous devrez 30,50 € au groupe. / À payer : 30,50 €. …
    lea: [Confirmer]
    bot: À payer : 30,50 € (commande 6,00 €, et 24,50 € d'avant). Par quel moyen ? [Chèque | Liquide | Virement | …]
    lea: chèque
    bot: Confirmer cette commande ? / 2 pièces Œufs x6 : 6,00 € / Total : 6,00 €. / À payer à la distribution : 30,50 € par chèque. / … [Confirmer | Non | Retour]
    lea: [Confirmer]
    bot: ✅ Commande n° 1 confirmée pour le jeudi 26 novembre à 18 h, Salle des fêtes : …
    lea: solde
    bot: …
    """
    play()
