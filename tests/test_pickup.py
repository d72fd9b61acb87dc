"""At the pickup: member by member, weighed, missing, received, validated, the takings (B10, B13, B24, B32–B34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.market_stall import record, set_up, thursday
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
    bot: n° 1 · Léa / 0,900 kg Poulet fermier : 12,60 € / 2 pièces Œufs x6 : 6,00 € / Total : 18,60 €. /  / ⚠️ Manque 43,10 € / Prévu : 43,10 € par chèque [Reçu 43,10 € | Autre montant | Encaisser | Ajuster | Suivant › | Liste]
    camille: [Ajuster]
    bot: Quelle ligne ajuster ? …
    camille: poulet
    bot: 0,900 kg Poulet fermier : 12,60 € [Peser | Pas livré | Prix | Retour | Annuler]
    camille: [Peser]
    bot: Poulet fermier (0,900 kg) : combien à la pesée ? Par exemple 1,15. …
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
    bot: ✅ Distribution du jeudi 26 novembre validée : 3 commandes, 29,60 €. [Encaissements | Soldes]
    bot: Cette distribution est terminée.
    camille: /fond d1
    bot: Cette distribution est terminée.
    camille: /encaissements
    bot: Encaissements · jeudi 26 novembre, Salle des fêtes / Liquide : 4,50 € / Chèques : 1, 43,10 € /  / La caisse doit contenir 4,50 € /  / Manque · 1 / Léa : 3,50 € / Avoir · 1 / Bruno : 4,00 € [Soldes | Compter la caisse | Chèques]
    """
    play()


def test_what_is_still_planned_is_decided_before_validating(play: Play) -> None:
    """
    B33, nothing is confirmed silently: Léa's cheque came, Awa's cash did not.

    lea: /cloturer
    bot: /cloturer est réservé aux coordinateurs du groupe.
    camille: /cloturer
    bot: Ces paiements attendent encore. Qu'en est-il ? / Léa : 43,10 € par chèque, prévu / Awa : 4,50 € en liquide, prévu [Un par un | Tous reçus | Aucun reçu | Annuler]
    camille: [Un par un]
    bot: 1 sur 2 · Léa : 43,10 € par chèque, prévu [Reçu | Pas reçu | Autre montant | Retour | Annuler]
    camille: [Reçu]
    bot: 2 sur 2 · Awa : 4,50 € en liquide, prévu [Reçu | Pas reçu | Autre montant | Retour | Annuler]
    camille: [Pas reçu]
    bot: Valider la distribution du jeudi 26 novembre : 3 commandes, 26,10 €. / Reçu : 1 paiement, 43,10 €. / Non reçu : 1 paiement, il reste dû. / 2 personnes ne sont pas passées. / Ensuite, les commandes ne changent plus. [Valider la distribution | Non | Retour]
    camille: [Valider la distribution]
    bot: ✅ Distribution du jeudi 26 novembre validée : 3 commandes, 26,10 €. / Reçu : 1 paiement, 43,10 €. / Non reçu : 1 paiement, il reste dû. [Encaissements | Soldes | ↩️ Corriger]
    bot→lea: ✅ Camille a reçu 43,10 € par chèque. Vous êtes à l'équilibre. …
    awa: solde
    bot: Dans « Les Paniers du Canal », vous devez 4,50 € au groupe. …
    camille: /cloturer d1
    bot: Cette distribution est déjà terminée.
    camille: /ajuster d1 m1
    bot: Quelle ligne ajuster ? …
    camille: 2
    bot: 2 pièces Œufs x6 : 6,00 € …
    camille: [Pas livré]
    bot: Cette distribution est terminée : ses commandes ne changent plus. Un avoir sur commande reste possible. …
    camille: /avoir d1
    bot: Un avoir pour qui ? [Awa | Bruno | Léa | Annuler]
    camille: [Léa]
    bot: Léa : avoir de combien, sur une commande de 18,60 € ? …
    camille: 100
    bot: Pour quelle raison ? …
    camille: Abîmé
    bot: Léa : avoir de 100,00 € (Abîmé) ? …
    camille: oui
    bot: La commande a coûté 18,60 € et 0,00 € en ont déjà été rendus : c'est trop.
    camille: /avoir d1 m1
    bot: …
    camille: 3
    bot: …
    camille: deux œufs cassés
    bot: …
    camille: oui
    bot: ✅ Léa : avoir de 3,00 € sur sa commande.
    bot→lea: Camille vous a accordé un avoir de 3,00 € sur votre commande (deux œufs cassés). Vous avez un avoir de 3,00 €. …
    """
    play()


def test_a_product_that_did_not_arrive_is_taken_off_for_everybody(play: Play) -> None:
    """
    B10, the difference is posted for each; it does not go back to stock; a volunteer of the pickup may do it.

    camille: /droits Awa accueil aux distributions
    bot: …
    camille: oui
    bot: …
    bot→awa: …
    bot→salon: …
    awa: /manquant
    bot: Qu'est-ce qui n'est pas arrivé ? …
    awa: Œufs x6
    bot: Œufs x6 : pas livré à 2 personnes, 9,00 € en moins. D'accord ? [Oui | Non | Retour]
    awa: oui
    bot: ✅ Léa · 0 pièce Œufs x6 : 0,00 € / ✅ Bruno · 0 pièce Œufs x6 : 0,00 €
    bruno: solde
    bot: … vous avez un avoir de 7,00 €. …
    awa: /soldes
    bot: /soldes est réservé aux coordinateurs du groupe.
    """
    play()


def test_two_people_at_two_phones_adjust_the_same_line(scene: Scene) -> None:
    """B10: the second is told that it has just changed, and nothing is posted twice."""
    for who in ("camille", "sofiane"):
        scene.says(who, "/ajuster d1 m1")
        scene.says(who, "2")
        scene.taps(who, "Quantité")
    scene.says("camille", "1")
    assert "1 pièce Œufs x6 : 3,00 €" in " ".join(scene.told("camille"))
    scene.says("sofiane", "0")
    assert "Œufs x6 (1 pièce) : combien vraiment ?" in scene.said("sofiane")
    scene.says("camille", "/historique Léa")
    assert "Léa doit 40,10 € au groupe" in scene.said("camille")


def test_a_distribution_is_not_validated_before_it_begins(scene: Scene) -> None:
    """B33, with the moment from which it can be."""
    scene.now -= timedelta(days=1)
    scene.says("camille", "/cloturer d1")
    assert "elle se valide à partir du jeudi 26 novembre à 18 h" in scene.said("camille")


def test_at_the_end_what_was_really_received_is_typed(play: Play) -> None:
    """
    (B24, B33) the guide: « avec le bon montant », planned or declared; the difference stays in the balance.

    awa: /payer 12 liquide
    bot: …
    awa: oui
    bot: …
    bot→salon: …
    camille: /cloturer
    bot: Ces paiements attendent encore. … [Un par un | Tous reçus | Aucun reçu | Annuler]
    camille: [Un par un]
    bot: 1 sur 3 · Léa : 43,10 € par chèque, prévu [Reçu | Pas reçu | Autre montant | Retour | Annuler]
    camille: [Autre montant]
    bot: Léa : combien avez-vous reçu ? [Retour | Annuler]
    camille: 0
    bot: Zéro ne change rien. Écrivez un montant, par exemple 12,50. / Léa : combien avez-vous reçu ? […]
    camille: 40
    bot: 2 sur 3 · Awa : 4,50 € en liquide, prévu […]
    camille: [Pas reçu]
    bot: 3 sur 3 · Awa : 12,00 € en liquide, déclaré [Reçu | Pas reçu | Laisser en attente | Autre montant | Retour | Annuler]
    camille: [Autre montant]
    bot: Awa : combien avez-vous reçu ? […]
    camille: 10
    bot: Valider la distribution … / Reçus : 2 paiements, 50,00 €. / Non reçu : 1 paiement, il reste dû. / … [Valider la distribution | Non | Retour]
    camille: [Valider la distribution]
    bot: …
    bot→lea: ✅ Camille a reçu 40,00 € par chèque. Vous devez 3,10 € au groupe. […]
    bot→awa: ✅ Camille a reçu 10,00 € en liquide. Vous aviez annoncé 12,00 €. Vous avez un avoir de 5,50 €. […]
    bot→salon: …
    """
    play()


def test_the_table_of_today_comes_before_an_older_one_that_nobody_has_validated(scene: Scene) -> None:
    """B10, B32: the volunteer who says « accueil » on the day is at that day's table; the other is one tap away."""
    record(scene, replace(thursday(), distribution=2, **shifted(days=7)))
    scene.later(days=7)
    scene.says("camille", "/accueil")
    assert scene.said("camille").startswith("jeudi 3 décembre, Salle des fêtes")
    scene.taps("camille", "Accueil du 26 novembre")
    assert scene.said("camille").startswith("jeudi 26 novembre, Salle des fêtes")
    scene.later(hours=-1)
    scene.says("camille", "/accueil")
    assert scene.said("camille").startswith("jeudi 3 décembre"), "the table is being laid"
    scene.later(days=3)
    scene.says("camille", "/accueil")
    assert scene.said("camille").startswith("jeudi 3 décembre"), "of two that are over, the last"
    scene.says("camille", "/encaissements")
    assert "jeudi 3 décembre" in scene.said("camille")


def test_takings_go_on_until_the_validation_or_the_next_distribution(scene: Scene) -> None:
    """B34: what comes in late is in the box of the distribution that waits, and of one distribution only."""
    record(scene, replace(thursday(), distribution=2, **shifted(days=7)))
    scene.later(days=5)
    scene.says("camille", "/encaisser Bruno 20 liquide")
    scene.says("camille", "oui")
    scene.says("camille", "/encaissements")
    assert "Liquide : 20,00 € /  / La caisse doit contenir 20,00 €" in scene.said("camille")
    scene.later(days=2)
    scene.says("camille", "/encaisser Bruno 5 liquide")
    scene.says("camille", "oui")
    scene.says("camille", "/encaissements d1")
    assert "La caisse doit contenir 20,00 €" in scene.said("camille")
    scene.says("camille", "/encaissements")
    assert "La caisse doit contenir 5,00 €" in scene.said("camille")


def test_a_distribution_validated_late_keeps_to_its_own_takings(scene: Scene) -> None:
    """B34: what its validation receives is its own, what came in at the next one is not."""
    record(scene, replace(thursday(), distribution=2, **shifted(days=7)))
    scene.later(days=7)
    scene.says("camille", "/encaisser Bruno 5 liquide")
    scene.says("camille", "oui")
    scene.later(minutes=5)
    for word in ("/cloturer d1", "tous reçus", "oui"):
        scene.says("camille", word)
    assert "validée" in scene.said("camille")
    scene.later(minutes=5)
    scene.says("camille", "/encaissements d1")
    assert "Liquide : 4,50 € / Chèques : 1, 43,10 €" in scene.said("camille")
    scene.says("camille", "/encaissements d2")
    assert "Salle des fêtes / Liquide : 5,00 € /  / La caisse doit contenir 5,00 €" in scene.said("camille")


def test_of_two_distributions_end_to_end_each_payment_counts_in_one(scene: Scene) -> None:
    """B34: the hour before the second begins is the first one's while that goes on."""
    record(scene, replace(thursday(), distribution=2, **shifted(hours=2)))
    scene.later(hours=1.25)
    scene.says("camille", "/encaisser Bruno 5 liquide")
    scene.says("camille", "oui")
    scene.says("camille", "/encaissements d1")
    assert "La caisse doit contenir 5,00 €" in scene.said("camille")
    scene.later(hours=1)
    scene.says("camille", "/encaissements d2")
    assert "Rien n'a été encaissé." in scene.said("camille")


def shifted(days: int = 0, hours: int = 0) -> dict[str, str]:
    """Give the moments of Thursday's distribution, some days or hours later."""
    moments = ("starts_at", "ends_at", "opens_at", "closes_at")
    return {
        m: (datetime.fromisoformat(getattr(thursday(), m)) + timedelta(days=days, hours=hours)).isoformat()
        for m in moments
    }


def test_the_float_is_said_back(play: Play) -> None:
    """
    B34.

    camille: /fond d1
    bot: Combien y avait-il dans la caisse avant de commencer ? [Annuler]
    camille: 30
    bot: ✅ Fond de caisse du jeudi 26 novembre : 30,00 €.
    """
    play()


def test_an_amount_typed_where_a_payment_was_planned_is_another_payment(play: Play) -> None:
    """
    B20, B28, agreed to as any other; what was planned stays.

    lea: payer
    bot: À payer à la distribution : 43,10 € par chèque. / Qu'avez-vous payé ? [43,10 € par chèque | Autre paiement | Annuler]
    lea: 20
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    lea: liquide
    bot: Déclarer 20,00 € en liquide ? [Déclarer | Non | Retour]
    lea: [Déclarer]
    bot: ⏳ C'est noté : 20,00 € en liquide. …
    bot→salon: …
    lea: payer
    bot: À payer à la distribution : 43,10 € par chèque. …
    lea: 0
    bot: Zéro ne change rien. …
    """
    play()


def test_a_name_typed_at_the_pickup_turns_the_card(play: Play) -> None:
    """
    B32, so does « suivant »; what is no name is what it was.

    camille: /accueil
    bot: … [1 · Léa | 2 · Bruno | 3 · Awa | Chercher | Manquants]
    camille: Bruno
    bot: n° 2 · Bruno …
    camille: léa
    bot: n° 1 · Léa …
    camille: suivant
    bot: ✅ Léa : passage noté.
    bot: n° 2 · Bruno …
    camille: [Suivant ›]
    bot: n° 3 · Awa …
    (hint) ✅ Bruno : passage noté.
    camille: suivant
    bot: ✅ Awa : passage noté. / Tout le monde est passé.
    bot: n° 3 · Awa …
    camille: merci
    bot: Avec plaisir.
    camille: Gontran
    bot: Je n'ai pas compris. …
    bruno: awa
    bot: Je n'ai pas compris. …
    """
    play()


def test_several_who_are_called_alike_are_offered(scene: Scene) -> None:
    """B32: never guessed."""
    for name in ("Marie Blanc", "Marie Noir"):
        scene.says("camille", f"/inviter {name}")
        scene.says("camille", "oui")
    scene.says("camille", "marie")
    assert scene.said("camille").startswith("Plusieurs personnes répondent à « marie ». Laquelle ?")
    scene.taps("camille", "Marie Noir")
    assert "Marie Noir · pas de commande" in scene.said("camille")


def test_who_has_paid_by_hand_has_come(play: Play) -> None:
    """
    B32, B33: with « Suivant » or without; they stay in the list, as their visit has not ended.

    camille: /accueil
    bot: … · 0 sur 3 sont passés […]
    camille: [3 · Awa]
    bot: … [Reçu 4,50 € | …]
    camille: [Reçu 4,50 €]
    bot→awa: ✅ Camille a reçu 4,50 € en liquide. …
    bot: …
    camille: /accueil
    bot: … · 1 sur 3 sont passés [1 · Léa | 2 · Bruno | 3 · Awa ✅ | Chercher | Manquants]
    camille: /cloturer
    bot: Ces paiements attendent encore. …
    camille: [Aucun reçu]
    bot: … / 2 personnes ne sont pas passées. / …
    """
    play()
