"""Money in front of a coordinator, opening balances, corrections: B3, B26, B28, B29, B30, B43, B45."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from bot.groups.registry import Beginnings, add_group, invite
from bot.ledger.books import Books
from bot.ledger.facts import Method
from tests.transcripts import Scene, words

Play = Callable[[], Scene]


def test_a_payment_is_entered_for_a_member_without_phone(play: Play) -> None:
    """
    B26

    camille: /encaisser Léa 20 chèque
    bot: Léa a payé 20,00 € par chèque ? [Oui | Non | Retour]
    camille: oui
    bot: ✅ Léa : 20,00 € par chèque, reçu. Léa doit 4,50 € au groupe. [↩️ Corriger]
    bot→lea: ✅ Camille a reçu 20,00 € par chèque. Vous devez 4,50 € au groupe. [Payer | Historique]
    camille: /encaisser Léa 20 chèque
    bot: ⚠️ Léa : déjà 20,00 € de reçus il y a moins d'une demi-heure. Est-ce un second paiement, par chèque ? […]
    camille: non
    bot: Rien n'a été enregistré.
    """
    play()


def test_a_declared_payment_is_not_credited_twice(play: Play) -> None:
    """
    B28

    lea: /payer 24,50 chèque
    bot: …
    lea: oui
    bot: …
    bot→salon: …
    camille: /encaisser lea 24,50 chèque
    bot: Léa a annoncé : / ⏳ 24,50 € par chèque, déclaré aujourd'hui / Les 24,50 € reçus par chèque, est-ce ce paiement ? [Oui, c'est lui | Non, un autre | Retour | Annuler]
    camille: [Oui, c'est lui]
    bot: ✅ Léa : 24,50 € par chèque, reçu. Léa est à l'équilibre. [↩️ Corriger]
    bot→lea: ✅ Camille a reçu …
    bot→salon: ✅ Léa · 24,50 € …
    """
    play()


def test_money_is_given_back_and_what_rests_on_it_stands(play: Play) -> None:
    """
    B3, B26, B45

    camille: /encaisser Awa 15 liquide
    bot: …
    camille: oui
    bot: ✅ Awa : 15,00 € en liquide, reçu. …
    bot→awa: …
    camille: /rembourser Awa 15 liquide
    bot: Rendre 15,00 € à Awa en liquide ? […]
    camille: oui
    bot: ✅ Rendu à Awa : 15,00 € en liquide. Awa est à l'équilibre. [↩️ Corriger]
    bot→awa: Camille vous a rendu 15,00 € en liquide. Vous êtes à l'équilibre. [Historique]
    camille: /corriger Awa
    bot: Awa : quelle opération annuler ? […]
    camille: 2
    bot: Annuler « Paiement en liquide · Awa · 15,00 € », n° … du 24/11/2026 ? […]
    camille: oui
    bot: Un remboursement de 15,00 €, le mardi 24 novembre (n° …), a rendu cet argent : annulez d'abord ce remboursement.
    """
    play()


def test_a_validation_undone_waits_again(play: Play) -> None:
    """
    B45, B21

    lea: /payer 24,50 chèque
    bot: …
    lea: oui
    bot: …
    bot→salon: …
    camille@salon: [Reçu]
    bot→lea: …
    bot→salon: ✅ Léa · … [↩️ Corriger]
    sofiane@salon: [↩️ Corriger]
    bot: Annuler « Paiement par chèque · Léa · 24,50 € », n° … ? […]
    sofiane@salon: oui
    bot: ↩️ Annulé pour Léa : Paiement par chèque, 24,50 €. Le paiement est de nouveau à valider. Léa doit 24,50 € au groupe.
    bot→lea: ↩️ Sofiane a corrigé une erreur sur votre compte : Paiement par chèque, 24,50 €. Vous devez 24,50 € au groupe. / Solde : … [Payer | Historique]
    bot→salon: ↩️ Léa : décision annulée par Sofiane, 18 h /  / À valider · 1 sur 1 / Léa · 24,50 € par chèque / … [Reçu | Autre montant | Refuser | Banque et n°]
    """
    play()


def test_an_opening_balance_is_repeated_in_words(play: Play) -> None:
    """
    B29

    camille: /reprise Awa -5
    bot: Reprise de solde : Awa doit 5,00 € au groupe. C'est bien cela ? […]
    camille: oui
    bot: ✅ Reprise de solde : Awa doit 5,00 € au groupe. [↩️ Corriger]
    bot→awa: Camille a reporté votre solde d'avant : vous devez 5,00 € au groupe. [Payer | Historique]
    camille: /reprise Awa 12
    bot: ⚠️ Awa a déjà une reprise de solde : −5,00 € le 24/11/2026. Ajouter 12,00 € ? Ensuite : Awa a un avoir de 7,00 €. […]
    camille: oui
    bot: ✅ Reprise de solde (12,00 €). Awa a un avoir de 7,00 €. [↩️ Corriger]
    bot→awa: Camille a reporté votre solde d'avant : vous avez un avoir de 12,00 €. Avec le reste de votre compte, vous avez un avoir de 7,00 €. [Historique]
    camille: /reprise Awa =12,00
    bot: ⚠️ Awa a déjà une reprise de solde : 12,00 € le 24/11/2026, −5,00 € le 24/11/2026. Ajouter 5,00 € ? Ensuite : Awa a un avoir de 12,00 €. […]
    camille: non
    bot: Rien n'a été enregistré.
    """
    play()


def test_opening_balances_come_from_a_file_all_or_nothing(scene: Scene) -> None:
    """B30"""
    scene.sends("camille", "soldes.csv", "nom;montant\nLéa;-8,20\nInconnu;3\nBruno;1.234\n".encode("cp1252"))
    said = scene.unheard()[-1].message.text
    assert "Ligne 3 : je ne connais pas « Inconnu »" in said
    assert "Ligne 4 : « 1.234 » peut vouloir dire plusieurs montants" in said
    scene.sends("camille", "soldes.csv", "Léa;-8,20\nm2;3\n".encode())
    said = scene.unheard()[-1].message.text
    assert "1. Léa doit" in said.replace("\x0e", "")
    scene.taps("camille", "Importer")
    told = {shown.place.chat: shown.message.text for shown in scene.unheard()}
    assert set(told) == {"camille", "lea", "bruno"}


def test_a_coordinators_own_account_needs_another(play: Play) -> None:
    """
    B43

    camille: /reprise Camille 50
    bot: Reprise de solde : Camille a un avoir de 50,00 €. C'est bien cela ? […]
    camille: oui
    bot: C'est votre propre compte : un autre coordinateur doit donner son accord. Je le lui demande.
    bot→salon: ⚠️ Camille propose, sur son propre compte : / – Reprise de solde · Camille · 50,00 € / … [D'accord | Refuser]
    camille@salon: [D'accord]
    bot: C'est votre propre proposition : un autre coordinateur doit la décider.
    sofiane@salon: [D'accord]
    bot: ✅ Reprise de solde : Camille a un avoir de 50,00 €. [↩️ Corriger]
    bot→camille: Sofiane a reporté votre solde d'avant : vous avez un avoir de 50,00 €. [Historique]
    sofiane@salon: [D'accord]
    bot: C'est déjà décidé. Rien n'a changé.
    """
    play()


def test_a_file_with_both_coordinators_in_it_needs_one_agreement(scene: Scene) -> None:
    """B43, B30: Camille proposes, Sofiane agrees; his own line is in it, and two have looked."""
    scene.sends("camille", "soldes.csv", "Camille;10\nSofiane;-4\nLéa;1\n".encode())
    scene.taps("camille", "Importer")
    scene.taps("sofiane", "D'accord", "salon")
    scene.heard = len(scene.shown)
    scene.says("camille", "/soldes")
    said = words(scene.unheard()[-1].message.text)
    assert "Camille : 10,00 €" in said
    assert "Sofiane : 4,00 €" in said
    scene.says("camille", "/historique Léa")
    assert "Léa doit 23,50 €" in words(scene.unheard()[-1].message.text)


def test_long_lists_are_turned_page_by_page(scene: Scene) -> None:
    """B36: sixty members, in pages of twenty lines, edited in place."""
    names = "\n".join(f"Adhérent {n:02};{-n}" for n in range(1, 61))
    for n in range(1, 61):
        scene.says("camille", f"/inviter Adhérent {n:02}")
        scene.says("camille", "oui")
    scene.sends("camille", "soldes.csv", names.encode())
    scene.taps("camille", "Suite")
    scene.taps("camille", "Importer")
    scene.heard = len(scene.shown)
    scene.says("camille", "/soldes")
    first = scene.unheard()[-1]
    assert "62 comptes ne sont pas à zéro" in words(first.message.text)
    assert "page 1 sur 4" in words(first.message.text)
    assert "Adhérent 60 : 60,00 €, depuis aujourd'hui" in words(first.message.text)
    scene.taps("camille", "›")
    second = scene.unheard()[-1]
    assert (second.id, second.edited) == (first.id, True)
    assert "page 2 sur 4" in words(second.message.text)
    scene.says("camille", "/membres")
    assert "65 adhérents" in words(scene.unheard()[-1].message.text)


def test_all_balances_stand_in_three_sections(play: Play) -> None:
    """
    B36

    lea: /soldes
    bot: /soldes est réservé aux coordinateurs du groupe.
    camille: /soldes
    bot: Les Paniers du Canal : 2 comptes ne sont pas à zéro. /  / Doit · 1 · 24,50 € / Léa : 24,50 €, depuis le 12 novembre /  / Avoir · 1 · 7,00 € / Bruno : 7,00 € /  / À l'équilibre · 3 / Awa / Camille / Sofiane [Léa | Bruno | Par ancienneté | Par nom | Tous les rappeler | Encaisser | Fichier | CSV]
    camille: [Fichier]
    bot: Les soldes du groupe « Les Paniers du Canal ».
    """
    play()


def test_a_lost_phone_and_a_second_one(play: Play) -> None:
    """
    B42

    lea: /lier
    bot: Sur votre autre téléphone ou application : / … : /start code-0001 / …
    lea2: /start code-0001
    bot: Presque fini : confirmez maintenant depuis l'appareil que vous utilisiez jusqu'ici.
    bot→lea: Un nouvel appareil demande à parler en votre nom … [C'est moi | Refuser]
    lea2: solde
    bot: Votre demande attend d'être confirmée …
    lea: [C'est moi]
    bot: ✅ C'est fait : vos deux appareils parlent pour vous.
    bot→lea2: Bienvenue dans « Les Paniers du Canal », Léa ! Vous devez 24,50 € au groupe. [Solde | Aide]
    lea2: solde
    bot: … vous devez 24,50 € …
    camille: /perdu Léa
    bot: Quel appareil ? [1 · …, relié le 12/11/2026 | 2 · …, relié le 24/11/2026, écrit en dernier | Retour | Annuler]
    camille: 1
    bot: Léa : cet appareil (Demo) ne doit plus donner accès au compte ? …
    camille: oui
    bot: ✅ Léa : cet appareil ne donne plus accès au compte. [Inviter]
    bot→lea: Cet appareil ne parle plus pour Léa dans « Les Paniers du Canal » : Camille l'a retiré. …
    lea: solde
    bot: Bonjour ! Je suis Ardoise…
    """
    play()


def test_somebody_new_is_invited(play: Play) -> None:
    """
    B42

    camille: /inviter Nadia
    bot: Ajouter Nadia au groupe et l'inviter ? […]
    camille: oui
    bot: ✅ Nadia est dans le groupe. / Invitation pour Nadia, à lui envoyer : / écrire au bot : /start code-0001 / …
    nadia: bonjour
    bot: Bonjour ! Je suis Ardoise…
    nadia: /start CODE-0001
    bot: Bienvenue dans « Les Paniers du Canal », Nadia ! Vous êtes à l'équilibre. [Solde | Aide]
    eve: /start code-0001
    bot: Cette invitation n'est plus valable. Demandez-en une autre à un coordinateur.
    """
    play()


def test_history_and_journal_show_what_each_may_see(play: Play) -> None:
    """
    B3, B6

    lea: /historique
    bot: Vous devez 24,50 € au groupe. / 12/11/2026 · Reprise de solde : −24,50 €
    camille: /historique Léa
    bot: Léa doit 24,50 € au groupe. / 12/11/2026 · Reprise de solde : −24,50 € → −24,50 € (n° …, Ardoise) [Encaisser | Reprise de solde | Corriger | Laisser de côté | ‹ Soldes]
    camille: /journal
    bot: Journal / n° … [Plus ancien | Corriger]
    camille: [Plus ancien]
    bot: Journal / … [Corriger]
    """
    play()


def test_members_rooms_help_and_language(play: Play) -> None:
    """
    B43

    camille: /membres
    bot: 5 adhérents / m3 · Awa / … [Inviter]
    camille: /membres Léa
    bot: m1 · Léa · adhérent / Appareil 1 : Demo, relié [Historique | Inviter | Droits | Renommer | Téléphone perdu | Départ | Données]
    camille: /droits Léa
    bot: Léa : adhérent. Quel droit ensuite ? […]
    camille: coordinateur
    bot: Léa : coordinateur ? […]
    camille: oui
    bot: Qui coordonne se décide à deux : je demande son accord à un autre coordinateur. Sans réponse, ce sera fait le vendredi 27 novembre à 18 h. [Retirer]
    bot→salon: ⚠️ Camille propose : / – Droits : coordinateur · Léa / Qui coordonne se décide à deux. … [D'accord | Refuser]
    bot→sofiane: ⚠️ Camille propose : / – Droits : coordinateur · Léa / Qui coordonne se décide à deux. … [D'accord | Refuser]
    sofiane@salon: [D'accord]
    bot→salon: ✅ Léa : coordinateur.
    bot→lea: Sofiane a changé vos droits : coordinateur. [Aide]
    lea: aide
    bot: Voici ce que je sais faire. … /soldes … [Solde | Payer]
    lea: soldse
    bot: Je ne connais pas « soldse ». Vouliez-vous dire : [Solde | Soldes]
    lea: /soldse
    bot: Je ne connais pas « soldse ». [/solde | /soldes]
    lea: /langue
    bot: En quelle langue dois-je vous parler ? [Français | English | Annuler]
    """
    play()


def test_a_person_in_two_groups_says_which_is_meant(scene: Scene) -> None:
    """Groups are never netted (B1): what is said in private is about the group chosen last, which is asked once."""

    def found_another(connection: Connection) -> None:
        group = add_group(connection, "Les Cageots", Beginnings(), scene.now)
        invite(connection, group, "Léa", "cageots-0001", scene.now, coordinator=False)

    scene.store.write(found_another).result()
    scene.says("bruno", "/groupe")
    assert scene.said("bruno") == "Vous êtes dans un seul groupe : « Les Paniers du Canal »."
    scene.says("lea", "/start cageots-0001")
    scene.says("lea", "solde")
    assert scene.said("lea").startswith("Vous êtes dans plusieurs groupes.")
    scene.taps("lea", "Les Cageots")
    assert "Dans « Les Cageots », vous êtes à l'équilibre." in scene.said("lea")
    scene.says("lea", "/groupe")
    scene.taps("lea", "Les Paniers du Canal")
    scene.taps("lea", "Solde")
    assert "Dans « Les Paniers du Canal », vous devez 24,50 € au groupe." in scene.said("lea")


def test_what_was_declared_otherwise_counts_where_the_money_is(play: Play) -> None:
    """
    (B2, B28) announced as a cheque, brought in cash: the cash box holds it, no cheque is in hand.

    lea: /payer 24,50 chèque
    bot: …
    lea: oui
    bot: …
    bot→salon: …
    camille: /encaisser lea 24,50 liquide
    bot: Léa a annoncé : / ⏳ 24,50 € par chèque, déclaré aujourd'hui / Les 24,50 € reçus en liquide, est-ce ce paiement ? […]
    camille: [Oui, c'est lui]
    bot: ✅ Léa : 24,50 € en liquide, reçu. Léa est à l'équilibre. [↩️ Corriger]
    bot→lea: ✅ Camille a reçu 24,50 € en liquide. Vous êtes à l'équilibre. […]
    bot→salon: ✅ Léa · 24,50 € en liquide : validé par Camille, 18 h / …
    camille: /cheques
    bot: Aucun chèque en main. [Remises]
    camille: /caisse
    bot: D'après les comptes, la caisse doit contenir 24,50 €. …
    """
    scene = play()
    with scene.store.read() as connection:
        received = Books(connection, 1, scene.now).received_between(scene.now - timedelta(days=1), scene.now)
    assert [(p.method, p.received) for p in received] == [(Method.CASH, 2450)]


def test_what_is_written_on_a_declared_cheque_is_noted_at_the_till(scene: Scene) -> None:
    """B22, B28"""
    scene.says("lea", "/payer 24,50 chèque")
    scene.says("lea", "oui")
    scene.says("camille", "/encaisser lea 24,50 chèque BNP 12")
    scene.taps("camille", "Oui, c'est lui")
    scene.says("camille", "/cheques")
    assert "Léa · 24,50 € · reçu le 24/11/2026 · BNP 12" in scene.said("camille")
