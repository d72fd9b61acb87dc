"""One person in several groups: which one is meant is asked once; one member at several addresses, on one chat or two (B1, B42)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from bot.chat import Address, Incoming, Place
from bot.groups import registry
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from tests.transcripts import Scene, act, words


@pytest.fixture
def invited(scene: Scene) -> Scene:
    """« Les Voisins » invite Léa, who owes them three euros."""

    def job(connection: Connection) -> None:
        group = add_group(connection, "Les Voisins", Beginnings(), scene.now)
        add_member(connection, group, "Otto", scene.now, right=Right.TREASURY)
        registry.invite(connection, group, "Léa B.", "voisins", scene.now, coordinator=False)
        debt = OpeningBalanceEntered(2, Cents(-300))
        journal.record(connection, group=group, fact=debt, author=None, at=scene.now, key="debt")

    scene.store.write(job).result()
    return scene


def test_which_group_is_meant_is_asked_once_and_remembered(invited: Scene) -> None:
    act(invited, """
        lea: /start voisins
        bot: Bienvenue dans « Les Voisins », Léa B. ! Vous devez 3,00 € au groupe. [Solde | Aide]
        lea: solde
        bot: Vous êtes dans plusieurs groupes. De quel groupe parlons-nous ? (/groupe en change à tout moment.) [Les Paniers du Canal | Les Voisins]
        lea: [Les Paniers du Canal]
        bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. …
        lea: solde
        bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. …
        lea: /groupe
        bot: De quel groupe parlons-nous ? [Les Paniers du Canal | Les Voisins | Annuler]
        lea: les voisins
        bot: C'est noté : nous parlons de « Les Voisins ». [Solde]
        lea: solde
        bot: Dans « Les Voisins », vous devez 3,00 € au groupe. …
    """)  # fmt: skip


def test_what_was_asked_for_goes_on_in_the_group_that_was_chosen(invited: Scene) -> None:
    """B48: whatever was typed."""
    act(invited, """
        lea: /start voisins
        bot: …
        lea: /payer 2 liquide
        bot: Vous êtes dans plusieurs groupes. …
        lea: [Les Voisins]
        bot: Déclarer 2,00 € en liquide ? [Déclarer | Non | Retour]
    """)  # fmt: skip
    act(invited, """
        lea: [Non]
        bot: Rien n'a été déclaré.
    """)  # fmt: skip


@pytest.mark.parametrize("typed", ["bonjour", "", "deux pains " * 30, "/soldes"])
def test_words_of_any_kind_lead_to_the_question(invited: Scene, typed: str) -> None:
    act(invited, """
        lea: /start voisins
        bot: …
    """)  # fmt: skip
    invited.says("lea", typed)
    assert invited.said("lea").startswith("Vous êtes dans plusieurs groupes.")
    invited.taps("lea", "Les Voisins")
    assert "Les Voisins" in invited.said("lea") or typed == "/soldes"
    invited.says("lea", "solde")
    assert invited.said("lea").startswith("Dans « Les Voisins »")


def test_a_button_says_which_group_is_meant(invited: Scene) -> None:
    """B1: nobody is asked what a button says; and it is remembered."""
    act(invited, """
        lea: /solde
        bot: …
        lea: /start voisins
        bot: …
    """)  # fmt: skip
    shown = next(s for s in reversed(invited.shown) if "Paniers" in s.message.text and s.place.chat == "lea")
    invited.taps_data("lea", shown.message.options[0][1].data, message=shown.id)
    assert "24,50" in invited.said("lea")
    invited.says("lea", "solde")
    assert invited.said("lea").startswith("Dans « Les Paniers du Canal »")


def test_the_command_itself_can_be_the_first_thing_said(invited: Scene) -> None:
    act(invited, """
        lea: /start voisins
        bot: …
        lea: /groupe
        bot: De quel groupe parlons-nous ? [Les Paniers du Canal | Les Voisins | Annuler]
        lea: [Les Voisins]
        bot: C'est noté : nous parlons de « Les Voisins ». [Solde]
    """)  # fmt: skip


def elsewhere(scene: Scene, platform: str, text: str = "", tapped: str = "") -> None:
    """The same person speaks from another chat, as another platform says it."""
    incoming = scene.incoming("lea", text=text, tapped=tapped)
    address, place = Address(platform, "@lea:example.org"), Place(platform, "!room:example.org")
    moved: Incoming = replace(incoming, address=address, place=place)
    scene.receive(moved)
    scene.delivery.deliver(scene.receive)


def heard(scene: Scene, platform: str) -> list[str]:
    return [words(s.message.text) for s in scene.shown if s.place.platform == platform]


def test_a_second_address_on_another_chat_is_confirmed_from_the_first(scene: Scene) -> None:
    """B42: it speaks for nobody before; then both do, and where they wrote last they are told."""
    scene.says("lea", "/lier")
    code = scene.said("lea").split("/start ")[1].split()[0]
    elsewhere(scene, "matrix", f"start {code}")
    assert heard(scene, "matrix")[-1].startswith("Presque fini")
    elsewhere(scene, "matrix", "solde")
    assert heard(scene, "matrix")[-1].startswith("Votre demande attend d'être confirmée")
    act(scene, """
        lea: [C'est moi]
        bot: ✅ C'est fait : vos deux appareils parlent pour vous.
        bot→!room:example.org: Bienvenue dans « Les Paniers du Canal », Léa ! Vous devez 24,50 € au groupe. [Solde | Aide]
    """)  # fmt: skip
    elsewhere(scene, "matrix", "solde")
    assert "vous devez 24,50 €" in heard(scene, "matrix")[-1]
    act(scene, """
        camille: /membres Léa
        bot: m1 · Léa · adhérent / Appareil 1 : Demo, relié / Appareil 2 : Matrix, relié […]
        camille: /encaisser Léa 2 liquide
        bot: …
        camille: [Oui]
        bot: …
        bot→!room:example.org: …
    """)  # fmt: skip


def test_a_second_address_is_refused_from_the_first(scene: Scene) -> None:
    scene.says("lea", "/lier")
    code = scene.said("lea").split("/start ")[1].split()[0]
    elsewhere(scene, "matrix", f"start {code}")
    act(scene, """
        lea: [Refuser]
        bot: C'est noté : cet appareil ne parle pas en votre nom.
    """)  # fmt: skip
    elsewhere(scene, "matrix", "solde")
    assert heard(scene, "matrix")[-1].startswith("Bonjour ! Je suis Ardoise")
