"""Members pay, coordinators decide: transcripts of B4, B5, B20, B21, B27."""

from __future__ import annotations

from collections.abc import Callable

from tests.transcripts import Scene

Play = Callable[[], Scene]


def test_a_member_reads_the_balance(play: Play) -> None:
    """
    B4, B5

    lea: /solde
    bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. [Payer | Historique]
    bruno: solde
    bot: Dans « Les Paniers du Canal », vous avez un avoir de 7,00 €. [Historique | Payer]
    awa: !balance
    bot: Dans « Les Paniers du Canal », vous êtes à l'équilibre. [Historique | Payer]
    """
    play()


def test_a_cheque_is_declared_and_validated(play: Play) -> None:
    """
    B20, B21, B22

    lea: /payer
    bot: Combien avez-vous payé ? [24,50 € | Autre montant | Annuler]
    lea: 24,5
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    lea: chèque
    bot: Déclarer 24,50 € par chèque ? [Déclarer | Non | Retour]
    lea: [Déclarer]
    bot: ⏳ C'est noté : 24,50 € par chèque. Un coordinateur confirmera la réception. / Solde : −24,50 € · en attente : 24,50 € · prévisionnel : 0,00 € [Retirer | Solde | Banque et n°]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par chèque / déclaré aujourd'hui (n° …) [Reçu | Autre montant | Refuser | Banque et n°]
    camille@salon: [Reçu]
    bot→lea: ✅ Camille a reçu 24,50 € par chèque. Vous êtes à l'équilibre. [Historique]
    bot→salon: ✅ Léa · 24,50 € par chèque : validé par Camille, 18 h / Rien à valider. [↩️ Corriger]
    """
    play()


def test_another_amount_is_what_was_really_received(play: Play) -> None:
    """
    B21 (declared 23,00, received 20,00, so 3,00 are missing)

    awa: /payer 23 chèque
    bot: Déclarer 23,00 € par chèque ? [Déclarer | Non | Retour]
    awa: oui
    bot: ⏳ C'est noté : …
    bot→salon: À valider · 1 sur 1 / Awa · 23,00 € par chèque / …
    camille@salon: [Autre montant]
    bot: Awa a déclaré 23,00 € par chèque. Combien avez-vous reçu ? [Annuler]
    camille@salon: 20
    bot: ✅ Awa : 20,00 € par chèque, reçu. Déclaré : 23,00 €. Awa a un avoir de 20,00 €. [↩️ Corriger]
    bot→awa: ✅ Camille a reçu 20,00 € par chèque. Vous aviez annoncé 23,00 €. Vous avez un avoir de 20,00 €. [Historique]
    bot→salon: ✅ Awa · 20,00 € par chèque : validé par Camille, 18 h / Rien à valider. [↩️ Corriger]
    """
    play()


def test_a_refusal_is_told_with_its_reason(play: Play) -> None:
    """
    B21

    lea: /payer 24,50 virement
    bot: Déclarer 24,50 € par virement ? […]
    lea: [Déclarer]
    bot: ⏳ C'est noté : …
    bot→salon: À valider · 1 sur 1 / …
    sofiane@salon: [Refuser]
    bot: Léa : pourquoi refuser 24,50 € ? La raison lui sera dite. [Pas reçu | Déjà compté | Passer | Annuler]
    sofiane@salon: Rien sur le relevé
    bot: Léa : 24,50 € par virement, non compté. Raison : Rien sur le relevé. Léa doit 24,50 € au groupe. [↩️ Corriger]
    bot→lea: Sofiane n'a pas compté votre paiement de 24,50 € par virement. Raison : Rien sur le relevé. Vous devez 24,50 € au groupe. / S'il s'agit d'une erreur, … [Payer | Historique]
    bot→salon: Léa · 24,50 € : refusé par Sofiane, 18 h / Rien à valider. [↩️ Corriger]
    lea: /payer 24,50 virement
    bot: …
    lea: [Déclarer]
    bot: …
    bot→salon: …
    sofiane@salon: [Refuser]
    bot: …
    sofiane@salon: [Pas reçu]
    bot: Léa : 24,50 € par virement, non reçu. Léa doit 24,50 € au groupe. [↩️ Corriger]
    bot→lea: Sofiane n'a pas reçu votre paiement de 24,50 € par virement. Vous devez 24,50 € au groupe. …
    bot→salon: …
    """
    play()


def test_a_second_tap_changes_nothing_and_says_who(scene: Scene) -> None:
    """B21, B46"""
    scene.says("lea", "/payer 24,50 chèque")
    scene.taps("lea", "Déclarer")
    shown, option = scene.button("camille", "Reçu", "salon")
    scene.taps("camille", "Reçu", "salon")
    scene.unheard()
    again = scene.incoming("sofiane", "salon", tapped=option.data, message=shown.id)
    assert "C'est déjà validé par Camille" in scene.receive(again).toast
    scene.delivery.deliver(scene.receive)
    assert scene.unheard() == []


def test_a_declared_payment_is_withdrawn(play: Play) -> None:
    """
    B27

    lea: /payer 10 liquide
    bot: …
    lea: oui
    bot: ⏳ … [Retirer | Solde]
    bot→salon: …
    lea: [Retirer]
    bot: Retirer votre paiement déclaré de 10,00 € en liquide ? [Oui | Non]
    lea: oui
    bot: ↩️ Votre paiement déclaré de 10,00 € est retiré. Vous devez 24,50 € au groupe. [Payer | Historique]
    bot→salon: Rien à valider.
    """
    play()


def test_going_back_and_stopping(play: Play) -> None:
    """
    lea: /payer
    bot: Combien avez-vous payé ? …
    lea: 12
    bot: Par quel moyen ? …
    lea: retour
    bot: Combien avez-vous payé ? …
    lea: 1.234
    bot: « 1.234 » peut vouloir dire plusieurs montants. … / Combien avez-vous payé ? …
    lea: [Autre montant]
    bot: Écrivez le montant, par exemple 12,50. [Annuler]
    lea: solde
    bot: Dans « Les Paniers du Canal », …
    lea: 12,50
    bot: Par quel moyen ? …
    lea: annuler
    bot: C'est annulé. Rien n'a été enregistré.
    """
    play()


def test_a_members_tap_on_a_coordinators_button_does_nothing(scene: Scene) -> None:
    """B43: rights are checked at the moment of acting."""
    scene.says("lea", "/payer 24,50 chèque")
    scene.taps("lea", "Déclarer")
    shown, option = scene.button("camille", "Reçu", "salon")
    forged = scene.incoming("lea", "salon", tapped=option.data, message=shown.id)
    assert "réservé aux coordinateurs" in scene.receive(forged).toast
    forged = scene.incoming("lea", tapped="k:valider recu 999.0")
    assert "réservé aux coordinateurs" in scene.receive(forged).toast


def test_a_payment_received_already_is_asked_about_before_it_is_declared(play: Play) -> None:
    """
    B28, and the card warns when both are there all the same.

    camille: /encaisser Léa 24,50 chèque
    bot: Léa a payé 24,50 € par chèque ? […]
    camille: oui
    bot: ✅ Léa : 24,50 € par chèque, reçu. Léa est à l'équilibre. [↩️ Corriger]
    bot→lea: ✅ Camille a reçu 24,50 € par chèque. Vous êtes à l'équilibre. [Historique]
    lea: /payer 24,50 chèque
    bot: Un paiement de 24,50 € a déjà été reçu de votre part aujourd'hui. Est-ce un second paiement ? [Oui | Non | …]
    lea: oui
    bot: ⏳ C'est noté : 24,50 € par chèque. … [Retirer | Solde | Banque et n°]
    bot→salon: … Léa · 24,50 € par chèque / déclaré aujourd'hui (n° …) / ⚠️ Un paiement de 24,50 € a déjà été reçu de sa part aujourd'hui, par Camille : en est-ce un autre ? […]
    """
    play()


def test_a_greeting_is_greeted(play: Play) -> None:
    """
    lea: Bonjour !
    bot: Bonjour ! Que puis-je faire pour vous ? [Solde | Payer | Aide]
    lea: merci
    bot: Avec plaisir.
    """
    play()


def test_a_number_written_out_is_never_taken_for_a_part_of_it(play: Play) -> None:
    """
    B20, B48.

    lea: /payer vingt liquide
    bot: Déclarer 20,00 € en liquide ? …
    lea: non
    bot: Rien n'a été déclaré.
    lea: /payer cent vingt liquide
    bot: « cent vingt » n'est pas un montant que je comprends. Écrivez par exemple 12,50. …
    lea: quatre-vingt-dix
    bot: Par quel moyen ? …
    lea: chèque
    bot: Déclarer 90,00 € par chèque ? …
    """
    play()
