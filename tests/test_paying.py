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
    B20, B21

    lea: /payer
    bot: Combien avez-vous payé ? [24,50 € | Autre montant | Annuler]
    lea: 24,5
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    lea: chèque
    bot: Déclarer 24,50 € par chèque ? [Déclarer | Non | Retour | Annuler]
    lea: [Déclarer]
    bot: ⏳ C'est noté : 24,50 € par chèque. Un coordinateur confirmera la réception. / Solde : −24,50 € · en attente : 24,50 € · prévisionnel : 0,00 € [Retirer | Solde]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par chèque / déclaré aujourd'hui (n° …) [Reçu | Autre montant | Refuser]
    camille@salon: [Reçu]
    bot→lea: ✅ Camille a reçu 24,50 € par chèque. Vous êtes à l'équilibre. [Historique]
    bot→salon: ✅ Léa · 24,50 € par chèque : validé par Camille, 18 h / Rien à valider. [↩️ Corriger]
    """
    play()
