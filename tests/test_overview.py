"""/soldes in full: sections, sort, search, a member's screen, reminding those shown by the rules, the files (B36)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import openpyxl
import pytest

from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentDeclared
from bot.ledger.money import Cents
from bot.reminders import apply as reminders_apply
from bot.reminders.facts import RemindersChosen
from bot.reminding import remind
from tests.market_stall import record
from tests.reminded import tell, tick, wall
from tests.transcripts import Scene, act, words

Play = Callable[[], Scene]
LEA, BRUNO, AWA, CAMILLE, SOFIANE = 1, 2, 3, 4, 5


def add(scene: Scene, name: str, cents: int) -> None:
    """A new member, with a balance carried over."""
    scene.says("camille", f"/inviter {name}")
    scene.says("camille", "oui")
    scene.says("camille", f"/reprise {name} {cents / 100:.2f}".replace(".", ","))
    scene.taps("camille", "Oui")


def test_a_name_opens_the_members_screen_and_leads_back(play: Play) -> None:
    """
    B36, sums, ages, what happened lately, everything a tap away, and the list as it was.

    camille: /soldes
    bot: … / Léa : 24,50 €, depuis le 12 novembre / … [Léa | Bruno | Par ancienneté | Par nom | Tous les rappeler | Encaisser | Fichier | CSV]
    camille: [Léa]
    bot: Léa doit 24,50 € au groupe. / À régler maintenant : 24,50 €, depuis le 12 novembre / – le solde d'avant : 24,50 € /  / Dernières opérations / … [Encaisser | Rappeler | Historique | Laisser de côté | ‹ Soldes]
    camille: [‹ Soldes]
    bot: Les Paniers du Canal : 2 comptes ne sont pas à zéro. …
    camille: [Bruno]
    bot: Bruno a un avoir de 7,00 €. / … [Rembourser | Encaisser | Historique | Laisser de côté | ‹ Soldes]
    camille: [Historique]
    bot: Bruno a un avoir de 7,00 €. … [Encaisser | Reprise de solde | Corriger | Laisser de côté | ‹ Soldes]
    """
    play()


def test_a_payment_is_recorded_in_four_taps(play: Play) -> None:
    """
    B26, B36, the name, the method and the amount that is owed are proposed.

    camille: /soldes léa
    bot: Léa doit 24,50 € au groupe. … [Encaisser | Rappeler | …]
    camille: [Encaisser]
    bot: Léa doit 24,50 € au groupe. Combien avez-vous reçu ? [24,50 € | Autre montant | …]
    camille: [24,50 €]
    bot: Par quel moyen ? …
    camille: [Liquide]
    bot: Léa a payé 24,50 € en liquide ? …
    camille: [Oui]
    bot: ✅ Léa : 24,50 € en liquide, reçu. …
    bot→lea: …
    """
    play()


def test_searching_sorting_and_paging(scene: Scene) -> None:
    for name, cents in (("Dupont Zoé", -1200), ("Dupont Marc", -300), ("Anatole Duport", 150)):
        add(scene, name, cents)
    act(scene, """
        camille: /soldes dup
        bot: « dup » : /  / Doit · 2 · 15,00 € / Dupont Zoé : 12,00 €, depuis aujourd'hui / Dupont Marc : 3,00 €, depuis aujourd'hui /  / Avoir · 1 · 1,50 € / Anatole Duport : 1,50 € [Dupont Zoé | Dupont Marc | Anatole Duport | Tous | Rappeler ceux-ci | Encaisser | Fichier | CSV]
        camille: [Tous]
        bot: Les Paniers du Canal : 5 comptes ne sont pas à zéro. …
        camille: [Par nom]
        bot: … / Doit · 3 · 39,50 € / Dupont Marc : 3,00 €, … / Dupont Zoé : 12,00 €, … / Léa : 24,50 €, … [… | Par montant | Par ancienneté | …]
        camille: [Par ancienneté]
        bot: … / Doit · 3 · 39,50 € / Léa : 24,50 €, depuis le 12 novembre / Dupont Zoé … [… | Par montant | Par nom | …]
        camille: [Dupont Marc]
        bot: Dupont Marc doit 3,00 € au groupe. …
        camille: [‹ Soldes]
        bot: … / Léa : 24,50 €, depuis le 12 novembre / Dupont Zoé … [… | Par montant | Par nom | …]
        camille: /soldes nom 9
        bot: … / Dupont Marc …
        camille: /soldes marc dup
        bot: Dupont Marc doit 3,00 € au groupe. …
        camille: /soldes personne
        bot: Personne ne s'appelle « personne » ici. [Tous | …]
        camille: /soldes m99
        bot: Il n'y a pas de m99 dans ce groupe. [‹ Soldes]
    """)  # fmt: skip


def test_two_of_one_name_are_told_apart(scene: Scene) -> None:
    add(scene, "Martin Luc", -500)
    scene.says("camille", "/inviter Luce Autre")
    scene.says("camille", "oui")
    scene.says("camille", "/reprise m7 -4")
    scene.taps("camille", "Oui")
    scene.says("camille", "/renommer m7 Martin Luc")
    scene.taps("camille", "Oui")
    scene.says("camille", "/soldes martin")
    labels = [o.label for row in scene.unheard()[-1].message.options for o in row]
    assert labels[:2] == ["Martin Luc m6", "Martin Luc m7"]


def test_all_those_shown_are_reminded_by_the_rules_and_the_others_are_named(scene: Scene) -> None:
    """B36, B37: a threshold, an interval, a wish, a declaration, no device: each is said."""
    scene.store.write(lambda connection: reminders_apply.begin(connection, 1, scene.now)).result()
    scene.now = wall("2026-11-26")
    for member, cents in ((BRUNO, -3000), (AWA, -400), (CAMILLE, -2000), (SOFIANE, -900)):
        record(scene, OpeningBalanceEntered(member, Cents(cents)))
    add(scene, "Zoé", -1300)
    tell(scene, RemindersChosen(CAMILLE, wanted=False))
    record(scene, PaymentDeclared(SOFIANE, Cents(900), Method.CASH))
    scene.now = wall("2026-11-30")
    act(scene, """
        camille: /rappeler bruno
        bot→bruno: …
        bot: …
    """)  # fmt: skip
    scene.now = wall("2026-12-02")
    act(scene, """
        camille: /soldes
        bot: … [… | Tous les rappeler | …]
        camille: [Tous les rappeler]
        bot: Envoyer un rappel à 1 personne ? / Léa : 24,50 €, il y a 20 jours /  / Pas cette fois : / Bruno : déjà rappelé le 30 novembre / Camille : ne souhaite pas de rappels / Zoé : pas joignable ici / Sofiane : a annoncé un paiement, à valider / Awa : moins que le seuil des rappels (5,00 €) / C'est le premier envoi du groupe : regardez bien la liste. [Envoyer | Non]
        camille: [Envoyer]
        bot: ✅ 1 rappel envoyé.
        bot→lea: Bonjour Léa, …
        camille: /soldes rappeler
        bot: Il n'y a personne à rappeler maintenant. /  / Pas cette fois : / Léa : déjà rappelé le 2 décembre / …
    """)  # fmt: skip


def test_one_tap_reminds_one_and_says_why_not(scene: Scene) -> None:
    scene.store.write(lambda connection: reminders_apply.begin(connection, 1, scene.now)).result()
    act(scene, """
        camille: /soldes léa
        bot: …
        camille: [Rappeler]
        bot→lea: Bonjour Léa, …
        bot: ✅ Rappel envoyé à Léa : 24,50 €.
    """)  # fmt: skip
    scene.later(days=2)
    act(scene, """
        camille: /soldes léa
        bot: … / Rappel : déjà rappelé le 24 novembre / …
        camille: [Rappeler]
        bot: Léa : déjà rappelé le 24 novembre. Rien n'a été envoyé. [Rappeler quand même]
        camille: [Rappeler quand même]
        bot→lea: Bonjour Léa, …
        bot: ✅ Rappel envoyé à Léa : 24,50 €.
    """)  # fmt: skip
    scene.now = wall("2026-12-10", "23:00")
    act(scene, """
        camille: /soldes rappeler m1
        bot: Il est tard : …
    """)  # fmt: skip


def test_a_list_that_waits_for_approval_comes_first(scene: Scene) -> None:
    """B37"""
    tick(scene, wall("2026-11-25"))
    tick(scene, wall("2026-12-01"))
    act(scene, """
        camille: /soldes rappeler
        bot: Une liste de rappels attend déjà d'être approuvée : c'est par elle qu'on commence. [Voir la liste]
    """)  # fmt: skip


def test_the_files_carry_sections_ages_and_totals(scene: Scene) -> None:
    """B36: names are never taken for formulas, amounts never for texts."""
    scene.says("camille", "/renommer Bruno =1+1")
    scene.taps("camille", "Oui")
    scene.says("camille", "/soldes fichier csv")
    document = scene.unheard()[-1].document
    assert document is not None
    table = list(csv.reader(io.StringIO(document.content.decode("utf-8-sig")), delimiter=";"))
    assert table[0] == ["référence", "nom", "solde", "en attente", "prévisionnel", "section", "dû depuis", "parti le"]
    assert table[1] == ["m1", "Léa", "-24,50", "0,00", "-24,50", "doit", "12/11/2026", ""]
    assert table[-1] == ["m2", "'=1+1", "7,00", "0,00", "7,00", "avoir", "", ""]
    scene.says("camille", "/export csv")
    again = scene.unheard()[-1].document
    assert again is not None
    assert again.content == document.content
    scene.says("camille", "/exporter")
    assert scene.said("camille") == "Tous les soldes, en quel fichier ?"
    scene.taps("camille", "Tableur")
    document = scene.unheard()[-1].document
    assert document is not None
    sheet = openpyxl.load_workbook(io.BytesIO(document.content)).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[1][:3] == ["m1", "Léa", -24.5]
    assert [row[1] for row in cells if row[0] == "m2"] == ["=1+1"]
    assert sheet["B6"].data_type == "s"
    assert cells[-1][1:5] == ["total", "=SUM(C2:C6)", "=SUM(D2:D6)", "=SUM(E2:E6)"]


@pytest.mark.parametrize("typed", ["²", "m0", "m", "-1", "x" * 300, "rappeler m99", "age nom age 3 7", "é" * 40])
def test_whatever_is_typed_after_it_is_answered(scene: Scene, typed: str) -> None:
    """B48"""
    scene.says("camille", f"/soldes {typed}")
    shown = scene.unheard()[-1]
    assert shown.message.text
    assert all(len(option.data.encode()) <= 64 for row in shown.message.options for option in row)


def test_what_is_reminded_here_is_reminded_once(scene: Scene) -> None:
    """B37: the schedule does not come again the same evening."""
    tick(scene, wall("2026-11-25"))
    scene.now = wall("2026-12-01", "17:00")
    scene.says("camille", "/soldes rappeler m1")
    assert words(scene.said("camille")) == "✅ Rappel envoyé à Léa : 24,50 €."
    scene.unheard()
    remind(scene.store, wall("2026-12-01"))
    scene.delivery.deliver(scene.receive)
    assert [s for s in scene.unheard() if s.place.chat == "lea"] == []
