"""At the pickup: member by member, weighed, missing, received, validated, the takings (B10, B13, B24, B32–B34)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market in which three members have ordered; then the distribution has begun."""
    set_up(scene)
    for who, typed, method in (
        ("lea", "1 poulet fermier, 2 oeufs", "chèque"),
        ("bruno", "1 oeuf", ""),
        ("awa", "1 pain de campagne", "liquide"),
    ):
        scene.says(who, typed)
        scene.taps(who, "Confirmer")
        if method:
            scene.says(who, method)
        scene.taps(who, "Confirmer")
    scene.later(days=2, hours=0.5)
    scene.unheard()


def test_a_whole_pickup(play: Play) -> None:
    """
    B10, B13, B32, a chicken of 0.9 kg at 12.60 weighs 1.15 kg: 16.10, Léa owes 3.50 more.

    camille: /accueil
    bot: jeudi 26 novembre, Salle des fêtes · 0 sur 3 sont passés [1 · Léa | 2 · Bruno | 3 · Awa | Chercher | Manquants]
    camille: [1 · Léa]
    bot: n° 1 · Léa / 0,900 kg Poulet fermier : 12,60 € / 2 pièces Œufs x6 : 6,00 € / Total : 18,60 €. /  / ⚠️ Manque 43,10 € / Prévu : 43,10 € par chèque [Reçu 43,10 € | Encaisser | Ajuster | Suivant › | Liste]
    camille: [Ajuster]
    bot: Quelle ligne ajuster ? …
    camille: 1
    bot: 0,900 kg Poulet fermier : 12,60 € [Peser | Pas livré | Prix | Retour | Annuler]
    camille: [Peser]
    bot: Poulet fermier : combien pèse-t-il vraiment ? Par exemple 1,15. …
    camille: 1,15
    bot: ✅ Léa · 1,150 kg Poulet fermier : 16,10 €
    bot: n° 1 · Léa / 1,150 kg Poulet fermier : 16,10 € … Manque 46,60 € / Prévu : 43,10 € par chèque […]
    camille: [Reçu 43,10 €]
    bot→lea: ✅ Camille a reçu 43,10 € par chèque. Vous devez 3,50 € au groupe. …
    bot: n° 1 · Léa … ⚠️ Manque 3,50 € [Encaisser | Ajuster | Suivant › | Liste]
    (hint) ✅ Léa : 43,10 € par chèque, reçu. …
    camille: [Suivant ›]
    bot→lea: Votre commande du jeudi 26 novembre a été ajustée : / 1,150 kg Poulet fermier : 16,10 € / 2 pièces Œufs x6 : 6,00 € / Total : 22,10 €. / Vous devez 3,50 € au groupe. …
    bot: n° 2 · Bruno / 1 pièce Œufs x6 : 3,00 € / Total : 3,00 €. /  / ✅ Tout va bien. Avoir : 4,00 € [Encaisser | Rembourser | Ajuster | Suivant › | Liste]
    camille: [Suivant ›]
    bot: n° 3 · Awa … Prévu : 4,50 € en liquide […]
    camille: [Reçu 4,50 €]
    bot→awa: ✅ Camille a reçu 4,50 € en liquide. Vous êtes à l'équilibre. …
    bot: n° 3 · Awa … ✅ Tout va bien …
    camille: [Suivant ›]
    bot: …
    camille: /cloturer
    bot: Valider la distribution du jeudi 26 novembre : 3 commandes, 29,60 €. / Ensuite, les commandes ne changent plus. [Valider la distribution | Non]
    camille: [Valider la distribution]
    bot: …
    bot: Cette distribution est terminée.
    camille: /encaissements
    bot: Encaissements · jeudi 26 novembre, Salle des fêtes / Liquide : 4,50 € / Chèques : 1, 43,10 € /  / La caisse doit contenir 4,50 € /  / Manque · 1 / Léa : 3,50 € / Avoir · 1 / Bruno : 4,00 € [Fond de caisse | Soldes]
    """
    play()
