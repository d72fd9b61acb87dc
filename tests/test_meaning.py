"""Sentences instead of commands: they begin the conversation they mean, and consent is asked as ever (B20, B48)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot import handlers
from bot.handlers.meaning import meant
from tests.transcripts import Scene

Play = Callable[[], Scene]

MEANT = {
    "Combien je dois ?": "solde",
    "Combien est-ce que je vous dois ?": "solde",
    "Bonjour, quel est mon solde svp": "solde",
    "quand dois-je payer ?": "solde",
    "je voudrais voir mes dernières opérations": "historique",
    "où est passé mon paiement ?": "historique",
    "avez-vous bien reçu mon chèque ?": "historique",
    "where is my payment?": "historique",
    "c'est quoi l'IBAN ?": "coordonnees",
    "je voudrais être remboursée": "remboursement",
    "arrêtez de me rappeler": "rappels",
    "qu'est-ce que j'ai commandé ?": "commandes",
    "c'est quand la prochaine distribution ?": "commander",
    "Comment ça marche ?": "aide",
    "combien doit Léa ?": "historique lea",
    "how much does Jean Dupont owe?": "historique jean dupont",
    "in English please": "langue",
    "mon panier": "commander panier",
    "vider mon panier": "commander vider",
    "la même chose que la dernière fois": "commander encore",
    "annuler ma commande": "demander",
    "retirer le pain": "demander",
    "retire les carottes de ma commande": "demander",
    "annule le paiement de 20 euros": "retirer",
    "retirer mon paiement": "retirer",
    "je retire mon paiement de 20 euros par chèque": "retirer",
    "quand est la distribution ?": "commandes",
    "c'est où ?": "commandes",
    "à quelle heure je viens chercher mon panier": "commandes",
    "menu": "aide",
    "aidez-moi": "aide",
    "how much do I owe?": "solde",
    "J'ai payé": "payer",
    "payer 20 chèque": "payer 20 chèque",
    "payer 20": "payer 20",
    "Je voudrais payer 20 euros en espèces": "payer 20 euros liquide",
    "payer en liquide 20€": "payer 20€ liquide",
    "J’ai réglé 24,50 par chèque à Awa": "payer 24,50 chèque",
    "J'ai mis 12 € dans la caisse": "payer 12 €",
    "j'ai viré 24€50 ce matin": "payer 24€50 virement",
    "j'ai donné 20 en liquide": "payer 20 liquide",
    "I paid 20 euros in cash": "payer 20 euros liquide",
    "j'ai payé 10 euros puis 5 euros": "payer",
    "payé 1.234 €": "payer 1.234 €",
    "je paie le 12": "payer",
    "j'ai payé 20 au lieu de 24": "payer",
    "j'ai payé 1 200,50 euros": "payer",
    "j'ai payé le 12/11": "payer",
    "j'ai payé 2 paniers, 20 euros": "payer 20 euros",
    "je donne mon avoir de 7 euros au groupe": "donner",
    "supprimer mon compte": "quitter",
    "combien il me reste à payer": "solde",
}
UNCLEAR = [
    "Je n'ai pas encore payé", "je ne peux pas payer ce mois-ci", "Je paierai demain", "I haven't paid yet", "faut-il payer en liquide ?",
    "on m'a donné 20 euros en liquide", "Camille m'a remis 5 € en liquide",
    "le pain n'est pas le même que la dernière fois", "il manque du pain comme la dernière fois", "même panier que Léa ?",
    "j'ai enlevé 20 euros",
    "le paiement de 24,50 a échoué", "paiement refusé 20 euros",
    "j'ai payé 20 euros de trop", "combien reste-t-il de carottes ?", "ce que tu dois savoir",
    "2 kg de carottes", "un chèque cadeau", "merci", "", "20", "j'ai payé " + "et encore " * 40,
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), MEANT.items(), ids=MEANT)
def test_a_sentence_means_a_command(text: str, line: str) -> None:
    assert handlers.command_line(text) == line
    assert handlers.find(line.split(maxsplit=1)[0])


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_means_nothing(text: str) -> None:
    assert meant(text) is None


def test_a_payment_told_in_a_sentence_is_agreed_to_before_it_is_declared(play: Play) -> None:
    """
    B20

    lea: J'ai donné 24,50 en liquide à Camille
    bot: Déclarer 24,50 € en liquide ? [Déclarer | Non | Retour]
    lea: [Déclarer]
    bot: ⏳ C'est noté : 24,50 € en liquide. … [Retirer | Solde]
    bot→salon: À valider … [Reçu | Autre montant | Refuser]
    """
    play()


def test_an_amount_that_could_be_two_is_asked_for_again(play: Play) -> None:
    """
    B48

    lea: j'ai payé 1.234 €
    bot: « 1.234 € » peut vouloir dire plusieurs montants. … / Combien avez-vous payé ? […]
    """
    play()


def test_an_amount_that_cannot_be_is_said_so_and_a_slash_alone_is_no_word(play: Play) -> None:
    """
    B48

    lea: payer -5 chèque
    bot: Écrivez le montant sans signe moins, par exemple 12,50. / Combien avez-vous payé ? …
    lea: annuler
    bot: …
    lea: /
    bot: Je n'ai pas compris. Que voulez-vous faire ? [Aide]
    """
    play()


def test_a_sentence_that_asks_is_answered_in_the_middle_of_something(play: Play) -> None:
    """
    The question stays open; a payment told in a sentence answers the question about a payment.

    lea: payer
    bot: Combien avez-vous payé ? […]
    lea: combien je dois en fait
    bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. [Payer | Historique]
    lea: j'ai payé 20 euros en liquide
    bot: Déclarer 20,00 € en liquide ? [Déclarer | Non | Retour]
    """
    play()


def test_a_payment_told_in_a_sentence_never_answers_a_coordinators_question(scene: Scene) -> None:
    """B20: what a coordinator is asked about somebody else is not their own payment."""
    scene.says("camille", "/encaisser Léa")
    scene.unheard()
    scene.says("camille", "elle a payé 24,50 en liquide")
    said = scene.said("camille")
    assert "Déclarer" not in said
    assert "Combien" in said


def test_a_command_with_its_words_leaves_a_question_that_it_does_not_answer(play: Play) -> None:
    """
    (B48) with or without its slash.

    camille: encaisser Léa 20
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    camille: encaisser Bruno 12 en liquide
    bot: Bruno a payé 12,00 € en liquide ? [Oui | Non | Retour]
    camille: non merci
    bot: Rien n'a été enregistré.
    lea: payer
    bot: Combien avez-vous payé ? […]
    lea: autre
    bot: Écrivez le montant, par exemple 12,50. […]
    lea: payer 20 chèque
    bot: Déclarer 20,00 € par chèque ? [Déclarer | Non | Retour]
    """
    play()


def test_a_coordinators_word_from_a_member_is_read_as_they_mean_it(play: Play) -> None:
    """
    (B43) the command itself, with its slash, stays refused.

    lea: soldes
    bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. [Payer | Historique]
    lea: /soldes
    bot: /soldes est réservé aux coordinateurs du groupe.
    lea: rembourser
    bot: Vous n'avez pas d'avoir en ce moment. [Solde]
    lea: encaisser
    bot: /encaisser est réservé aux coordinateurs et à l'accueil.
    lea: historiqe
    bot: Je ne connais pas « historiqe ». Vouliez-vous dire : [Historique]
    """
    play()


def test_words_that_mean_nothing_lead_to_somebody(play: Play) -> None:
    """
    (B38) a question goes to the coordinators, in the member's own words.

    lea: je ne peux pas payer ce mois-ci
    bot: Je n'ai pas compris. Que voulez-vous faire ? [Solde | Payer | Aide | Demander aux coordinateurs]
    lea: [Demander aux coordinateurs]
    bot: Écrivez votre question : je la transmets aux coordinateurs. [Annuler]
    lea: Je ne peux pas payer ce mois-ci, comment faire ?
    bot: C'est transmis aux coordinateurs, avec vos mots. Ils vous répondront.
    bot→salon: Léa demande : / « Je ne peux pas payer ce mois-ci, comment faire ? » / À régler : 24,50 € / – le solde d'avant : 24,50 € [Historique | Encaisser]
    """
    play()
