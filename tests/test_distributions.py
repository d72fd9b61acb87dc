"""Distributions are listed, planned, repeated and looked at (B31)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.groups.tables import Member
from bot.market.market import Distribution, Market
from bot.market.offer_facts import DistributionPlanned, DistributionValidated
from tests.market_stall import record, set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market."""
    set_up(scene)


def held(scene: Scene) -> list[Distribution]:
    """List the group's distributions."""
    with scene.store.read() as connection:
        return Market(connection, 1, scene.now).distributions


def test_one_is_planned_in_a_few_taps(play: Play) -> None:
    """
    B31, place, start, end, window: each offered as a button; the weekday and time of the last one come first.

    camille: distribution
    bot: Distributions / – jeudi 26 novembre de 18 h à 20 h, Salle des fêtes : commandes ouvertes jusqu'au mercredi 25 novembre à 20 h [jeudi 26 novembre | Nouvelle | Passées]
    camille: [Nouvelle]
    bot: Où aura lieu la distribution ? [Salle des fêtes | Annuler]
    camille: [Salle des fêtes]
    bot: Quel jour, à quelle heure commence-t-elle ? … [jeudi 3 décembre à 18 h | jeudi 10 décembre à 18 h | jeudi 17 décembre à 18 h | Retour | Annuler]
    camille: [jeudi 3 décembre à 18 h]
    bot: Début : jeudi 3 décembre à 18 h. À quelle heure finit-elle ? [20 h | 19 h | 19 h 30 | 21 h | Retour | Annuler]
    camille: [20 h]
    bot: Quand ouvrent les commandes ? [Maintenant | vendredi 27 novembre à 9 h | Retour | Annuler]
    camille: [Maintenant]
    bot: Quand ferment les commandes ? Au plus tard au début : jeudi 3 décembre à 18 h. [mercredi 2 décembre à 20 h | mardi 1er décembre à 20 h | Retour | Annuler]
    camille: [mercredi 2 décembre à 20 h]
    bot: Prévoir cette distribution ? / jeudi 3 décembre de 18 h à 20 h, Salle des fêtes / Commandes dès maintenant, jusqu'au mercredi 2 décembre à 20 h. [Prévoir | Non | Retour]
    camille: [Prévoir]
    bot: ✅ Distribution prévue : jeudi 3 décembre de 18 h à 20 h, Salle des fêtes. Commandes jusqu'au mercredi 2 décembre à 20 h. [Produits | Répéter | Voir]
    camille: [Voir]
    bot: jeudi 3 décembre de 18 h à 20 h, Salle des fêtes / Commandes ouvertes jusqu'au mercredi 2 décembre à 20 h. / Tout le catalogue est proposé : 4 produits. / Aucune commande. [Produits | Prix | Déplacer | Répéter | Annuler la distribution | Toutes]
    """
    play()


def test_everything_can_be_typed_and_the_impossible_is_refused_with_a_sentence(play: Play) -> None:
    """
    B31, B48, in the past, end before start, same place and time, opening after the start, closing after the start or before opening.

    camille: distribution nouvelle
    bot: Où aura lieu la distribution ? …
    camille: salle des fetes
    bot: Quel jour, …
    camille: hier 18h
    bot: « hier 18h » : je ne comprends pas ce moment. …
    camille: 24/11 12h
    bot: mardi 24 novembre à 12 h, c'est déjà passé. Écrivez un moment à venir. …
    camille: jeudi 26/11 19h
    bot: Il y a déjà une distribution à cet endroit à ce moment-là : jeudi 26 novembre à 18 h. …
    camille: jeudi 3 décembre
    bot: « jeudi 3 décembre » : il manque l'heure. …
    camille: jeudi 3 décembre 18h
    bot: Début : jeudi 3 décembre à 18 h. …
    camille: 17h30
    bot: La distribution finirait avant de commencer : début jeudi 3 décembre à 18 h, fin jeudi 3 décembre à 17 h 30. …
    camille: 19h30
    bot: Quand ouvrent les commandes ? …
    camille: jeudi 3/12 19h
    bot: Les commandes fermeraient avant d'ouvrir : ouverture jeudi 3 décembre à 19 h, fermeture jeudi 3 décembre à 18 h. …
    camille: samedi 9h
    bot: Quand ferment les commandes ? …
    camille: jeudi 3/12 18h15
    bot: Les commandes fermeraient après le début de la distribution : jeudi 3 décembre à 18 h 15, début jeudi 3 décembre à 18 h. …
    camille: vendredi 20h
    bot: Les commandes fermeraient avant d'ouvrir : ouverture samedi 28 novembre à 9 h, fermeture vendredi 27 novembre à 20 h. …
    camille: mardi 1er décembre à midi
    bot: Prévoir cette distribution ? / jeudi 3 décembre de 18 h à 19 h 30, Salle des fêtes / Commandes du samedi 28 novembre à 9 h au mardi 1er décembre à 12 h. [Prévoir | Non | Retour]
    camille: oui
    bot: ✅ Distribution prévue : jeudi 3 décembre de 18 h à 19 h 30, Salle des fêtes. Commandes du samedi 28 novembre à 9 h au mardi 1er décembre à 12 h. …
    """
    play()


def test_it_is_repeated_over_the_change_of_clocks_all_dates_shown_first(scene: Scene) -> None:
    """B31: 18:00 on the wall stays 18:00 in winter and in summer; the window too."""
    scene.says("camille", "distribution d1")
    scene.taps("camille", "Répéter")
    assert "Répéter la distribution du jeudi 26 novembre à 18 h" in scene.said("camille")
    scene.taps("camille", "le dernier jeudi du mois")
    scene.says("camille", "5 fois")
    shown = scene.said("camille")
    assert "Prévoir 5 distributions de plus, Salle des fêtes ?" in shown
    assert "jeudi 31 décembre de 18 h à 20 h (commandes jusqu'au mercredi 30 décembre à 20 h)" in shown
    assert "jeudi 29 avril 2027 de 18 h à 20 h" in shown
    scene.taps("camille", "Prévoir")
    assert scene.said("camille") == "✅ 5 distributions prévues, du jeudi 31 décembre au jeudi 29 avril."
    _first, *planned = held(scene)
    assert [d.starts_at.hour for d in planned] == [17, 17, 17, 17, 16]
    assert [d.closes_at.hour for d in planned] == [19, 19, 19, 19, 18]
    assert [d.opens_at for d in planned][-1] == datetime(2027, 4, 23, 7, tzinfo=UTC)


def test_a_repetition_that_meets_another_distribution_plans_nothing(scene: Scene) -> None:
    """B31: all or nothing; the sentence names the date."""
    taken = ("2026-12-10T18:00+00:00", "2026-12-10T19:30+00:00", "2026-12-01T09:00+00:00", "2026-12-09T19:00+00:00")
    record(scene, DistributionPlanned(2, *taken, "Salle des fêtes"))
    scene.says("camille", "distribution d1 repeter")
    scene.says("camille", "tous les jeudis")
    scene.says("camille", "3")
    assert "Il y a déjà une distribution à cet endroit à ce moment-là : jeudi 10 décembre à 19 h." in scene.said(
        "camille"
    )
    assert len(held(scene)) == 2


@pytest.mark.parametrize("typed", ["0", "27", "-1", "beaucoup"])
def test_how_many_times_is_limited(scene: Scene, typed: str) -> None:
    """B48."""
    scene.says("camille", "distribution d1 repeter")
    scene.says("camille", "tous les jeudis")
    scene.says("camille", typed)
    assert "Écrivez un nombre de fois, 26 au plus." in scene.said("camille")


def test_two_coordinators_who_plan_the_same_place_and_time_end_with_one(scene: Scene) -> None:
    """B31, the books check it again: nothing of the second is kept."""
    for who in ("camille", "sofiane"):
        for words in ("distribution nouvelle", "Gymnase", "jeudi 3 décembre 18h", "20h", "maintenant", "2/12 20h"):
            scene.says(who, words)
    scene.says("camille", "oui")
    scene.says("sofiane", "oui")
    assert "Il y a déjà une distribution à cet endroit à ce moment-là" in scene.said("sofiane")
    assert [d.place for d in held(scene)] == ["Salle des fêtes", "Gymnase"]


def test_a_member_has_no_business_there_and_the_pickup_only_looks(scene: Scene) -> None:
    """B43: rights are checked on every tap."""
    scene.says("lea", "/distribution d1 annuler")
    assert scene.said("lea") == "/distribution est réservé aux coordinateurs et à l'accueil."
    scene.change(update(Member).where(Member.number == 1).values(right="pickup"))  # type: ignore[arg-type]
    scene.says("lea", "/distribution d1 annuler")
    assert scene.said("lea") == "C'est réservé aux coordinateurs du groupe."
    scene.later(days=2)
    scene.says("lea", "/distribution d1")
    assert [o.label for row in scene.shown[-1].message.options for o in row] == ["Accueil", "Toutes"]


def test_buttons_follow_the_phase(scene: Scene) -> None:
    """B33, B34: what makes sense now, nothing else."""
    seen = {}
    for phase, span in (
        ("open", {}),
        ("closed", {"days": 1, "hours": 3}),
        ("on", {"hours": 22}),
        ("over", {"hours": 3}),
    ):
        scene.later(**span)
        scene.says("camille", "distribution d1")
        seen[phase] = [o.label for row in scene.shown[-1].message.options for o in row]
    assert seen["open"] == ["Produits", "Prix", "Déplacer", "Répéter", "Annuler la distribution", "Toutes"]
    assert seen["closed"] == ["Accueil", *seen["open"]]
    assert seen["on"] == seen["over"]
    assert seen["on"] == [
        *("Accueil", "Encaissements", "Valider la distribution", "Prix"), *("Répéter", "Annuler la distribution", "Toutes"),
    ]  # fmt: skip
    record(scene, DistributionValidated(1))
    scene.says("camille", "distribution d1")
    assert [o.label for row in scene.shown[-1].message.options for o in row] == [
        "Encaissements",
        "Avoir sur commande",
        "Répéter",
        "Toutes",
    ]
    scene.says("camille", "distribution")
    assert "Aucune n'est prévue." in scene.said("camille")
    scene.taps("camille", "Passées")
    assert "– jeudi 26 novembre de 18 h à 20 h, Salle des fêtes : validée" in scene.said("camille")


@pytest.mark.parametrize("words", ["d99", "d²", "d", "page 99", "d1 inconnu", "passees x", "d99 annuler"])
def test_strange_words_show_something_that_is_there(scene: Scene, words: str) -> None:
    """B48."""
    scene.says("camille", f"/distribution {words}")
    assert "istribution" in scene.said("camille") or "26 novembre" in scene.shown[-1].message.text


def test_many_are_paged(scene: Scene) -> None:
    for number in range(2, 14):
        day = f"2026-12-{number:02}"
        moments = (f"{day}T17:00+00:00", f"{day}T18:00+00:00", "2026-11-30T08:00+00:00", f"{day}T16:00+00:00")
        record(scene, DistributionPlanned(number, *moments, "Gymnase"))
    scene.says("camille", "distribution")
    scene.taps("camille", "›")
    assert scene.shown[-1].edited
    assert scene.said("camille").count(" – ") == 5
