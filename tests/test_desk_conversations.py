"""What a message does to the conversation under way: B12, B20, B43, B48. Every line is served by a new desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.conversation import MAX_ANSWERS, Answer, Record, Script, ask
from bot.desk.text import tidy
from bot.desk.threads import OpenThread
from bot.groups.tables import LinkedAddress, Member, Room
from bot.handlers.visit import Visit
from bot.ledger.facts import OpeningBalanceEntered, PaymentWithdrawn
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.questions import Amount, Text, choose, confirm
from tests.departed import leaves
from tests.shop import shopping
from tests.transcripts import Scene, words

AWA = 3
Play = Callable[[], Scene]


def test_back_asks_the_last_question_again_and_cancel_drops_everything(play: Play) -> None:
    """
    lea: /payer
    bot: Combien avez-vous payé ? [24,50 € | Autre montant | Annuler]
    lea: 20
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    lea: [Liquide]
    bot: Déclarer 20,00 € en liquide ? [Déclarer | Non | Retour]
    lea: [Retour]
    bot: Par quel moyen ? [Chèque | Liquide | Virement | Retour | Annuler]
    lea: retour
    bot: Combien avez-vous payé ? [24,50 € | Autre montant | Annuler]
    lea: 12
    bot: Par quel moyen ? […]
    lea: annuler
    bot: C'est annulé. Rien n'a été enregistré.
    lea: 12
    bot: Je n'ai pas compris. …
    lea: annuler
    bot: Il n'y a rien à annuler.
    lea: /annuler
    bot: Il n'y a rien à annuler.
    """
    play()


def test_back_to_the_first_question_goes_no_further(play: Play) -> None:
    """
    camille: /rembourser Bruno
    bot: Bruno a un avoir de 7,00 €. Combien rendez-vous ? [7,00 € | Autre montant | Retour | Annuler]
    camille: retour
    bot: À qui rendez-vous de l'argent ? [Awa | Bruno | Camille | Léa | Sofiane | Annuler]
    camille: retour
    bot: Je ne trouve personne du nom de « retour ». / À qui rendez-vous de l'argent ? […]
    camille: [Annuler]
    bot: C'est annulé. Rien n'a été enregistré.
    """
    play()


def test_bad_answers_say_what_is_wrong_and_the_question_stays(play: Play) -> None:
    """
    B48

    awa: /payer
    bot: Combien avez-vous payé ? [Annuler]
    awa: 1.234
    bot: « 1.234 » peut vouloir dire plusieurs montants. Écrivez les euros, une virgule, deux chiffres : 12,50. / Combien avez-vous payé ? [Annuler]
    awa: 12 50
    bot: « 12 50 » peut vouloir dire plusieurs montants. …
    awa: 0
    bot: Zéro ne change rien. Écrivez un montant, par exemple 12,50. / Combien avez-vous payé ? [Annuler]
    awa: 99999999
    bot: 99 999 999,00 € : c'est trop. Le plus grand montant possible est 10 000,00 €. / Combien avez-vous payé ? [Annuler]
    awa: <b>12</b>
    bot: « <b>12</b> » n'est pas un montant que je comprends. …
    awa: ١٢
    bot: « ١٢ » n'est pas un montant que je comprends. …
    awa: 12
    bot: Par quel moyen ? […]
    awa: bitcoin
    bot: Choisissez une des réponses proposées : Chèque, Liquide, Virement. / Par quel moyen ? […]
    awa: liquide
    bot: Déclarer 12,00 € en liquide ? [Déclarer | Non | Retour]
    awa: peut-être
    bot: Choisissez une des réponses proposées : Déclarer, Non. / Déclarer 12,00 € en liquide ? […]
    awa: non
    bot: Rien n'a été déclaré.
    """
    scene = play()
    scene.says("awa", "/payer")
    for typed in ("", "x" * 5_000, "\u202e12\u202c\x0e", "\x00\x01"):
        scene.unheard()
        scene.says("awa", typed)
        said = words(scene.unheard()[-1].message.text)
        assert said.endswith("Combien avez-vous payé ?") or "Par quel moyen" in said
        assert len(said) < 300


def test_words_typed_ahead_go_to_the_confirmation(play: Play) -> None:
    """
    camille: /encaisser Léa 23,50 espèces
    bot: Léa a payé 23,50 € en liquide ? [Oui | Non | Retour]
    camille: [Retour]
    bot: Par quel moyen ? […]
    camille: /encaisser Léa 12 50 chèque
    bot: « 12 50 » peut vouloir dire plusieurs montants. … / Léa doit 24,50 € au groupe. Combien avez-vous reçu ? […]
    """
    play()


def test_too_many_words_are_not_read_in_part(play: Play) -> None:
    """
    camille: /encaisser a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i
    bot: C'est trop long. Écrivez seulement /encaisser : je vous demanderai le reste.
    """
    play()


def test_a_command_that_changes_something_replaces_what_is_open_and_one_that_reads_does_not(play: Play) -> None:
    """
    camille: /payer
    bot: Combien avez-vous payé ? [Annuler]
    camille: solde
    bot: Dans « Les Paniers du Canal », vous êtes à l'équilibre. […]
    camille: /aide
    bot: Voici ce que je sais faire. …
    camille: 12
    bot: Par quel moyen ? […]
    camille: /reprise
    bot: La reprise de solde de qui ? …
    camille: liquide
    bot: Je ne trouve personne du nom de « liquide ». …
    camille: /lier
    bot: Sur votre autre téléphone ou application : …
    camille: Awa
    bot: Je n'ai pas compris. …
    """
    play()


def test_what_is_asked_in_the_room_is_not_answered_in_private_nor_by_another(play: Play) -> None:
    """
    camille@salon: /encaisser Léa
    bot: … Combien avez-vous reçu ? […]
    camille: 12
    bot: Je n'ai pas compris. …
    sofiane@salon: 12
    camille: /rembourser Bruno
    bot: … Combien rendez-vous ? […]
    camille@salon: 12
    bot: Par quel moyen ? […]
    camille: 3
    bot: Par quel moyen ? […]
    camille@salon: liquide
    bot: Léa a payé 12,00 € en liquide ? […]
    sofiane@salon: oui
    camille: chèque
    bot: Rendre 3,00 € à Bruno par chèque ? […]
    """
    play()


def test_stale_buttons_are_answered_kindly_and_change_nothing(scene: Scene) -> None:
    """B48"""
    scene.says("lea", "/payer 20")
    method = scene.button("lea", "Chèque")
    scene.taps("lea", "Chèque")
    assert words(scene.unheard()[-1].message.text) == "Déclarer 20,00 € par chèque ?"
    scene.tap_again("lea", method)
    assert scene.toast == "C'est déjà noté : répondez à la dernière question."
    consent = scene.button("lea", "Déclarer")
    scene.taps("lea", "Déclarer")
    assert scene.said("lea").startswith("⏳ C'est noté : 20,00 €")
    for button in (method, consent):
        scene.tap_again("lea", button)
        assert scene.toast == "Ce bouton a déjà servi, ou n'est pas pour vous."
    assert not scene.unheard()
    scene.says("lea", "/historique")
    assert scene.said("lea").count("⏳") == 1


def test_cancel_on_an_earlier_question_cancels_all_the_same(scene: Scene) -> None:
    scene.says("lea", "/payer")
    cancel = scene.button("lea", "Annuler")
    scene.says("lea", "20")
    scene.tap_again("lea", cancel)
    assert scene.said("lea") == "C'est annulé. Rien n'a été enregistré."
    scene.tap_again("lea", cancel)
    assert scene.toast == "Ce bouton a déjà servi, ou n'est pas pour vous."


def test_an_amount_that_changes_between_question_and_consent_is_shown_and_asked_again(play: Play) -> None:
    """
    B12

    camille: /rembourser Bruno 7 liquide
    bot: Rendre 7,00 € à Bruno en liquide ? [Oui | Non | Retour]
    sofiane: /rembourser Bruno 5 liquide
    bot: Rendre 5,00 € à Bruno en liquide ? …
    sofiane: oui
    bot: … Bruno a un avoir de 2,00 €. …
    bot→bruno: …
    camille: oui
    bot: Quelque chose a changé entre-temps. / ⚠️ Rendre 7,00 € à Bruno en liquide ? Ensuite : Bruno doit 5,00 € au groupe. [Oui | Non | Retour]
    sofiane: /rembourser Bruno 1 liquide
    bot: Rendre 1,00 € …
    sofiane: oui
    bot: …
    bot→bruno: …
    camille: [Oui]
    bot: Quelque chose a changé entre-temps. / ⚠️ Rendre 7,00 € à Bruno en liquide ? Ensuite : Bruno doit 6,00 € au groupe. [Oui | Non | Retour]
    camille: [Oui]
    bot: … Bruno doit 6,00 € au groupe. …
    bot→bruno: …
    """
    play()


def test_an_answer_that_no_longer_fits_is_asked_again_saying_why(scene: Scene) -> None:
    """B12, B44: the member chosen leaves while the amount is asked."""
    scene.says("camille", "/encaisser Awa")
    leaves(scene, "awa")
    scene.says("camille", "12")
    said = scene.said("camille")
    assert said.startswith("Cette personne n'est plus dans le groupe. / De qui avez-vous reçu un paiement ?")
    scene.says("camille", "Bruno")
    assert "Combien avez-vous reçu" in scene.said("camille")


def test_a_decision_made_meanwhile_ends_the_conversation_with_who_made_it(play: Play) -> None:
    """
    B21

    lea: /payer 20 chèque
    bot: Déclarer 20,00 € par chèque ? …
    lea: oui
    bot: …
    bot→salon: …
    camille@salon: [Autre montant]
    bot: Léa a déclaré 20,00 € par chèque. Combien avez-vous reçu ? [Annuler]
    lea: [Retirer]
    bot: Retirer votre paiement déclaré de 20,00 € par chèque ? [Oui | Non]
    sofiane@salon: [Reçu]
    bot→lea: …
    bot→salon: …
    camille@salon: 18
    bot: C'est déjà validé par Sofiane, mardi 24 novembre à 18 h. Rien n'a changé.
    lea: [Oui]
    bot: C'est déjà validé par Sofiane, mardi 24 novembre à 18 h. Rien n'a changé.
    lea: solde
    bot: Dans « Les Paniers du Canal », vous devez 4,50 € au groupe. …
    """
    play()


def test_another_command_is_heard_where_the_question_has_changed_meanwhile(play: Play) -> None:
    """
    B12, B48: a word of the help is no answer to what changed; a button's word is

    lea: /payer 5 liquide
    bot: Déclarer 5,00 € en liquide ? …
    lea: oui
    bot: …
    bot→salon: …
    lea: payer
    bot: Déjà en attente de validation : / ⏳ 5,00 € en liquide, déclaré aujourd'hui [Autre paiement | Retirer | Annuler]
    sofiane@salon: [Refuser]
    bot: …
    sofiane@salon: [Pas reçu]
    bot: …
    bot→lea: …
    bot→salon: …
    lea: solde
    bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. …
    lea: retirer
    bot: Quelque chose a changé entre-temps. / Combien avez-vous payé ? [24,50 € | Autre montant | Annuler]
    """
    play()


def test_a_conversation_overtaken_records_nothing_even_where_nothing_refuses_it(scene: Scene) -> None:
    """An answer to one question is no consent to an outcome without it."""

    def fragile(visit: Visit) -> Script:
        if visit.books.balance(AWA) == 0:
            yield from confirm("Continuer ?")
        return Record.one(OpeningBalanceEntered(AWA, Cents(100)))

    with scene.command("panne", fragile):
        scene.says("camille", "/panne")
        scene.record(OpeningBalanceEntered(AWA, Cents(500)))
        scene.says("camille", "oui")
        assert scene.said("camille") == "Quelque chose a changé entre-temps."
        scene.says("camille", "oui")
        assert scene.said("camille").startswith("Je ne vous ai rien demandé")
    scene.says("awa", "solde")
    assert "un avoir de 5,00 €" in scene.said("awa")


def test_what_is_refused_when_it_is_recorded_is_undone_whole_and_asked_again(scene: Scene) -> None:
    """B11, B48: the first of two facts is taken back with the second; what was answered before is kept."""

    def half_possible(_visit: Visit) -> Script:
        yield from ask(Text("mot", "Un mot ?"))
        number = yield from ask(Amount("numero", "Lequel ?"))
        return Record((OpeningBalanceEntered(AWA, Cents(100)), PaymentWithdrawn(AWA, number)))

    with scene.command("panne", half_possible):
        scene.says("camille", "/panne bonjour")
        scene.says("camille", "999")
        assert scene.said("camille") == "Je ne trouve pas ce paiement. Rien n'a changé. / Lequel ?"
        scene.says("camille", "annuler")
    scene.says("awa", "solde")
    assert "à l'équilibre" in scene.said("awa")


@pytest.mark.parametrize(("long", "edited"), [(3_900, True), (4_100, False)])
def test_what_is_agreed_to_is_shown_whole(scene: Scene, long: int, *, edited: bool) -> None:
    """B48: a message edited in place may be cut, one that is sent comes in pieces."""

    def talkative(_visit: Visit) -> Script:
        yield from choose("quoi", "Quoi ?", {Answer("tout", "Tout"): True})
        agreed = yield from confirm("é" * long)
        return "Bien." if agreed else "Tant pis."

    with scene.command("panne", talkative):
        scene.says("camille", "/panne")
        scene.taps("camille", "Tout")
    assert (len(scene.shown[-1].message.text), scene.shown[-1].edited) == (long, edited)


def test_consent_that_is_refused_is_not_asked_for_again(scene: Scene) -> None:
    """B48"""

    def impossible(_visit: Visit) -> Script:
        agreed = yield from confirm("Continuer ?")
        return Record.one(PaymentWithdrawn(AWA, 999)) if agreed else "Bien."

    with scene.command("panne", impossible):
        scene.says("camille", "/panne")
        scene.says("camille", "oui")
        assert scene.said("camille") == "Je ne trouve pas ce paiement. Rien n'a changé."
        scene.says("camille", "oui")
        assert scene.said("camille").startswith("Je ne vous ai rien demandé")


def test_a_right_lost_in_the_middle_of_a_conversation_ends_it(scene: Scene) -> None:
    """B43: rights are checked at the moment of acting."""
    scene.says("camille", "/encaisser Léa 20 chèque")
    scene.change(update(Member).where(col(Member.name) == "Camille").values(right="member"))
    scene.taps("camille", "Oui")
    assert scene.said("camille").startswith("/encaisser est réservé aux coordinateurs")
    scene.says("camille", "oui")
    assert scene.said("camille").startswith("Je ne vous ai rien demandé")
    scene.says("lea", "solde")
    assert "vous devez 24,50 €" in scene.said("lea")


@pytest.mark.parametrize("gone", ["address", "member"])
def test_a_member_removed_in_the_middle_of_a_conversation_is_a_stranger(scene: Scene, gone: str) -> None:
    """B42, B44"""
    scene.says("lea", "/payer 20 chèque")
    consent = scene.button("lea", "Déclarer")
    stranger = "Bonjour ! Je suis Ardoise" if gone == "address" else "Vous n'êtes plus dans"
    if gone == "address":
        scene.change(update(LinkedAddress).where(col(LinkedAddress.user) == "lea").values(state="revoked"))
    else:
        scene.says("camille", "/quitter Léa")
        scene.taps("camille", "Oui")
        scene.unheard()
    scene.tap_again("lea", consent)
    assert scene.said("lea").startswith(stranger)
    scene.says("lea", "oui")
    assert scene.said("lea").startswith(stranger)
    assert not scene.told("salon")


def test_in_a_room_unlinked_in_the_middle_of_a_conversation_the_bot_keeps_quiet(scene: Scene) -> None:
    """B43"""
    scene.says("camille", "/encaisser Léa 20 chèque", "salon")
    consent = scene.button("camille", "Oui", "salon")
    scene.unheard()
    scene.change(update(Room).values(active=False))
    scene.tap_again("camille", consent, "salon")
    scene.says("camille", "oui", "salon")
    assert not scene.unheard()
    scene.says("lea", "solde")
    assert "vous devez 24,50 €" in scene.said("lea")


def test_a_file_arriving_when_nothing_waits_for_one_is_answered(scene: Scene) -> None:
    """B30: a coordinator's begins the opening balances; a member's is not even fetched; in the room nobody is bothered."""
    scene.sends("lea", "photo.jpg", b"x")
    assert scene.said("lea") == "Je ne sais pas quoi faire d'un fichier ici."
    scene.sends("camille", "photo.jpg", b"x", "salon")
    assert not scene.unheard()
    scene.says("camille", "/payer 20")
    scene.sends("camille", "soldes.csv", b"Awa;12")
    assert "Awa a un avoir de 12,00 €" in scene.said("camille")
    scene.taps("camille", "Importer")
    assert scene.said("camille").startswith("✅ Reprise de solde : Awa")


@pytest.mark.parametrize("name", ["a\x00.csv", "\ud800.csv", "\u202efdp.csv", "x" * 5_000])
def test_a_file_of_any_name_is_read(store: Store, name: str) -> None:
    """B48: neither database keeps every name that a chat can give."""
    scene = Scene(store)
    scene.says("camille", "/reprise fichier")
    scene.sends("camille", name, b"Awa;12")
    assert scene.said("camille").startswith("1. Awa a un avoir de 12,00")


def test_a_file_too_large_is_not_fetched(scene: Scene) -> None:
    scene.sends("camille", "film.csv", bytes(2_000_001))
    assert scene.said("camille") == "Ce fichier est trop gros : 2 Mo au plus."


def test_a_file_whose_conversation_was_cancelled_in_the_room_is_let_go(scene: Scene) -> None:
    scene.says("camille", "/reprise fichier", "salon")
    scene.heard = len(scene.shown)
    scene.receive(scene.file_from("camille", "soldes.csv", b"Awa;12", "salon"))
    scene.receive(scene.incoming("camille", "salon", text="annuler"))
    scene.delivery.deliver(scene.receive)
    assert [words(shown.message.text) for shown in scene.unheard()] == ["C'est annulé. Rien n'a été enregistré."]


def test_a_forged_file_number_reads_nobodys_file(scene: Scene) -> None:
    """Only a file that its sender's update brings answers a question for a file."""
    scene.sends("camille", "soldes.csv", b"Awa;12")
    scene.says("sofiane", "/reprise fichier")
    _shown, cancel = scene.button("sofiane", "Annuler")
    scene.unheard()
    scene.taps_data("sofiane", cancel.data.replace("!cancel", "1"))
    assert scene.toast == "Je ne connais pas ce bouton."
    scene.says("sofiane", "1")
    assert scene.said("sofiane").startswith("Envoyez un fichier")


@pytest.mark.parametrize("answers", [150, MAX_ANSWERS])
def test_a_long_conversation_goes_on_to_its_end_but_not_past_the_most(scene: Scene, answers: int) -> None:
    with scene.command("courses", lambda _visit: shopping()):
        scene.says("lea", "/courses")
        scene.change(update(OpenThread).values(answers=json.dumps([[f"ligne{n}", "1"] for n in range(answers - 1)])))
        scene.says("lea", "1")
        assert scene.said("lea") == "Quelque chose a changé entre-temps. / Combien ?"
        scene.says("lea", "2")
        assert scene.said("lea") == "Combien ?"
        scene.says("lea", "1")
        assert scene.said("lea").startswith("C'est trop long pour moi") == (answers == MAX_ANSWERS)
        scene.says("lea", "retour")
        scene.says("lea", "c'est tout")
        assert scene.said("lea").endswith(f"lignes, {answers - 1 if answers == MAX_ANSWERS else answers + 1}")


def test_a_conversation_of_a_command_that_is_no_more_is_over(scene: Scene) -> None:
    """A newer program may have dropped it."""
    with scene.command("courses", lambda _visit: shopping()):
        scene.says("lea", "/courses")
    scene.says("lea", "1")
    assert scene.said("lea").startswith("Je n'ai pas compris")
    scene.says("lea", "/payer")
    assert scene.said("lea") == "Combien avez-vous payé ?"


def test_a_conversation_is_kept_as_readable_json_and_its_row_is_emptied_at_the_end(scene: Scene) -> None:
    scene.says("lea", "/payer 20 liquide")
    row = scene.row(OpenThread)
    assert (row.word, row.words, row.answers) == (
        "payer",
        '["20", "liquide"]',
        '[["montant", "2000"], ["moyen", "cash"]]',
    )
    scene.taps("lea", "Non")
    row = scene.row(OpenThread)
    assert (row.word, row.words, row.answers, row.asked) == ("", "[]", "[]", "")


def test_a_voice_message_or_a_sticker_answers_no_question(scene: Scene) -> None:
    """B48: it is said what can be read, and the question stays."""
    scene.says("lea", "/payer")
    scene.says("lea", "")
    assert scene.said("lea") == "Je ne sais lire que du texte et des fichiers. / Combien avez-vous payé ?"
    scene.says("lea", "24,50")
    assert scene.said("lea") == "Par quel moyen ?"


def test_pleasantries_do_not_answer_and_are_answered_in_kind(play: Play) -> None:
    """
    lea: bonjour à tous !
    bot: Bonjour ! Que puis-je faire pour vous ? [Solde | Payer | Aide]
    lea: merci beaucoup !
    bot: Avec plaisir.
    lea: 👍
    bot: Avec plaisir.
    lea: oui
    bot: Je ne vous ai rien demandé en ce moment. Que voulez-vous faire ? [Solde | Payer | Aide]
    lea: /payer
    bot: Combien avez-vous payé ? …
    lea: bonjour Camille
    bot: Bonjour ! / Combien avez-vous payé ? …
    lea: merci
    bot: Avec plaisir. / Combien avez-vous payé ? …
    lea: 20e
    bot: Par quel moyen ? …
    """
    play()


def test_a_question_of_another_day_holds_back_nothing_said_now(play: Play, scene: Scene) -> None:
    """
    lea: /payer
    bot: Combien avez-vous payé ? …
    lea: pourquoi ?
    bot: « pourquoi ? » n'est pas un montant que je comprends. Écrivez par exemple 12,50. / Combien avez-vous payé ? …
    """
    play()
    scene.now += timedelta(hours=13)
    scene.says("lea", "pourquoi ?")
    assert scene.said("lea").startswith("Je n'ai pas compris")
    scene.says("lea", "20")
    assert scene.said("lea").startswith("Par quel moyen ?")


def test_what_was_asked_another_day_is_shown_again_before_a_word_consents_to_it(play: Play, scene: Scene) -> None:
    """
    (B20, B48) « oui » is said of what is on the screen now; a button stands under its own question.

    lea: /payer 20 liquide
    bot: Déclarer 20,00 € en liquide ? [Déclarer | Non | Retour]
    """
    play()
    scene.now += timedelta(hours=13)
    scene.says("lea", "bonjour tout le monde")
    scene.says("lea", "oui")
    assert scene.said("lea").startswith("Déclarer 20,00 € en liquide ?")
    scene.says("lea", "oui")
    assert "C'est noté : 20,00 € en liquide" in scene.said("lea")


def test_a_command_is_no_answer_to_a_word_asked_for_another_day(play: Play, scene: Scene) -> None:
    """
    (B48) what is meant for the bot is not passed on to the coordinators.

    lea: /question
    bot: Écrivez votre question : je la transmets aux coordinateurs. [Annuler]
    """
    play()
    scene.now += timedelta(hours=13)
    scene.says("lea", "combien je dois ?")
    assert scene.said("lea").startswith("Dans « Les Paniers du Canal », vous devez 24,50 €")
    scene.says("lea", "Comment se passent les vacances ?")
    assert scene.said("lea").startswith("C'est transmis")


def test_a_greeting_hides_no_answer(play: Play) -> None:
    """
    (B48)

    lea: merci 20
    bot: Je n'ai pas compris. …
    lea: /payer
    bot: Combien avez-vous payé ? …
    lea: Bonjour, 20 €
    bot: Par quel moyen ? …
    lea: chèque
    bot: Déclarer 20,00 € par chèque ? …
    lea: oui
    bot: ⏳ C'est noté : 20,00 € par chèque. …
    bot→salon: …
    """
    play()


def test_a_command_is_served_even_where_the_question_has_changed(play: Play, scene: Scene) -> None:
    """
    lea: /payer 20 liquide
    bot: Déclarer 20,00 € en liquide ? …
    """
    play()
    scene.change(update(OpenThread).values(asked="something else"))
    scene.says("lea", "solde")
    assert scene.said("lea").startswith("Dans « Les Paniers du Canal »")
    scene.says("lea", "oui")
    assert scene.said("lea").startswith("Quelque chose a changé")


def test_bank_details_are_given_in_the_middle_of_a_question(play: Play) -> None:
    """
    lea: /payer
    bot: Combien avez-vous payé ? …
    lea: iban
    bot: Le groupe n'a pas indiqué de compte pour les virements. [Demander aux coordinateurs]
    lea: 20
    bot: Par quel moyen ? …
    """
    play()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("é" * 5_001, "é" * 5_000),
        ("\u202e" + "é" * 5_000, "é" * 4_999),  # what is taken away counts
        (" \ud800a\u200bb\x00\x0e\u2066c\u00a0d\r\n\te ", "abc\u00a0d  e"),
    ],
)
def test_what_is_typed_is_short_and_safe_before_it_is_read(typed: str, kept: str) -> None:
    """B48"""
    assert tidy(typed) == kept
