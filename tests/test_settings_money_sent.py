"""Where members send their money, an IBAN and a payee: two coordinators agree, cheques say to whose order (B22, B43)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from bot.groups.chosen import Settings, settings
from bot.groups.tables import BuyingGroup, Member, Note, Proposal
from bot.ledger.tables import FACT
from tests.market_stall import set_up
from tests.transcripts import Scene, run

Play = Callable[[], Scene]
IBAN, OTHER_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"


def now(scene: Scene) -> Settings:
    """Read the group's settings."""
    with scene.store.read() as connection:
        return settings(connection, 1)


def alone(scene: Scene) -> None:
    """Leave Camille the only coordinator."""
    scene.change(update(Member).where(Member.number == 5).values(right="member"))  # type: ignore[arg-type]


def test_a_payee_needs_the_other_coordinators_tap(play: Play) -> None:
    """
    B43, B22: nothing changes until the other agrees; then both are told, and cheques say to whose order.

    camille: /reglages cheques
    bot: À l'ordre de qui fait-on les chèques ? [Aucun | Annuler]
    camille: Association du Canal
    bot: Chèques à l'ordre d'Association du Canal ? [Oui | Non | Retour]
    camille: oui
    bot: C'est là que les adhérents enverront leur argent : un autre coordinateur doit donner son accord. Je le lui demande, rien ne change d'ici là.
    bot→salon: ⚠️ Camille propose, pour tout le groupe : / – Réglage · Ordre des chèques : Association du Canal (avant : aucun) / Un autre coordinateur doit donner son accord : c'est là que les adhérents enverront leur argent. [D'accord | Refuser]
    camille@salon: [D'accord]
    bot→salon: C'est votre propre proposition : un autre coordinateur doit la décider.
    camille: /reglages
    bot: … Ordre des chèques : aucun / …
    sofiane@salon: [D'accord]
    bot→salon: ✅ Ordre des chèques : Association du Canal (avant : aucun) [Réglages]
    bot→camille: ✅ Sofiane a donné son accord : le réglage que vous proposiez est changé. [Réglages]
    sofiane@salon: [D'accord]
    bot→salon: C'est déjà décidé. Rien n'a changé.
    lea: /payer 24,50 chèque
    bot: Chèque à l'ordre d'Association du Canal. / Déclarer 24,50 € par chèque ? [Déclarer | Non | Retour]
    lea: non
    bot: …
    lea: /payer 24,50 liquide
    bot: Déclarer 24,50 € en liquide ? [Déclarer | Non | Retour]
    """
    play()


def test_the_payee_is_shown_at_checkout_and_after(scene: Scene) -> None:
    """B22: in what is agreed to, in the answer, and with the order; not for another method."""
    set_up(scene)
    scene.change(update(BuyingGroup).values(cheque_payee="Association du Canal"))
    run(
        scene,
        [
            "awa: 1 pain de campagne",
            "bot: …",
            "awa: confirmer",
            "bot: …",
            "awa: chèque",
            "bot: … À payer à la distribution : 4,50 € par chèque. / Chèque à l'ordre d'Association du Canal. / …",
            "awa: [Confirmer]",
            "bot: ✅ … À payer à la distribution : 4,50 € par chèque. / Chèque à l'ordre d'Association du Canal. …",
            "awa: /commandes",
            "bot: … 4,50 € par chèque. / Chèque à l'ordre d'Association du Canal. …",
            "bruno: 2 pain de campagne",
            "bot: …",
            "bruno: confirmer",
            "bot: …",
            "bruno: liquide",
            "bot: … À payer à la distribution : 2,00 € en liquide. / Une commande confirmée …",
        ],
    )


def test_an_account_is_agreed_to_with_its_holder_and_none_of_it_is_in_the_journal(play: Play) -> None:
    """
    B43, B44: the IBAN as people type it, shown in groups of four; both facts are one proposal; refused, nothing changes.

    camille: /reglages iban
    bot: Quel est l'IBAN du compte du groupe ? [Aucun | Annuler]
    camille: fr1420041010050500013m02606
    bot: À quel nom est ce compte ? [Retour | Annuler]
    camille: Les Paniers
    bot: Les virements iront sur FR14 2004 1010 0505 0001 3M02 606, au nom de Les Paniers ? [Oui | Non | Retour]
    camille: oui
    bot: C'est là que les adhérents enverront leur argent : …
    bot→salon: ⚠️ Camille propose, pour tout le groupe : / – Réglage · IBAN : FR14 2004 1010 0505 0001 3M02 606 (avant : aucun) / – Réglage · Titulaire du compte : Les Paniers (avant : aucun) / … [D'accord | Refuser]
    sofiane@salon: [Refuser]
    bot→salon: C'est refusé. Rien n'a été enregistré.
    bot→camille: Sofiane n'a pas donné son accord. Rien n'a été enregistré.
    sofiane: /reglages iban
    bot: …
    sofiane: FR14 2004 1010 0505 0001 3M02 606
    bot: …
    sofiane: Les Paniers
    bot: …
    sofiane: oui
    bot: …
    bot→salon: ⚠️ Sofiane propose, pour tout le groupe : …
    camille@salon: [D'accord]
    bot→salon: ✅ IBAN : FR14 2004 1010 0505 0001 3M02 606 (avant : aucun) / ✅ Titulaire du compte : Les Paniers (avant : aucun) [Réglages]
    bot→sofiane: ✅ Camille a donné son accord : …
    camille: /reglages
    bot: … IBAN : FR14 2004 1010 0505 0001 3M02 606 · Les Paniers / …
    camille: /journal
    bot: … Réglage · Titulaire du compte « – → Les Paniers » / … Réglage · IBAN « – → FR14 2004 1010 0505 0001 3M02 606 » / …
    """
    scene = play()
    with scene.store.read() as connection:
        bodies = " ".join(connection.execute(select(FACT.c.body)).scalars())
    assert IBAN not in bodies
    assert "Paniers" not in bodies


def test_an_only_coordinator_changes_it_at_once(scene: Scene) -> None:
    """B43: there is nobody else to ask; taken away again by « Aucun »."""
    alone(scene)
    for said in ("/reglages iban", OTHER_IBAN, "Les Paniers", "oui"):
        scene.says("camille", said)
    assert (now(scene).iban, now(scene).account_holder) == (OTHER_IBAN, "Les Paniers")
    scene.says("camille", "/reglages iban")
    scene.taps("camille", "Aucun")
    assert scene.said("camille") == "Ne plus donner d'IBAN aux adhérents ?"
    scene.says("camille", "oui")
    assert (now(scene).iban, now(scene).account_holder) == ("", "")
    scene.says("camille", "/reglages cheques")
    scene.says("camille", "aucun")
    assert scene.said("camille") == "C'est déjà le cas."


@pytest.mark.parametrize("setting", ["cheques", "iban"])
def test_taking_it_away_needs_the_other_too(scene: Scene, setting: str) -> None:
    """B43: back to nothing is a change like another."""
    scene.change(update(BuyingGroup).values(cheque_payee="Canal", iban=IBAN, account_holder="Canal"))
    scene.says("camille", f"/reglages {setting}")
    scene.taps("camille", "Aucun")
    scene.says("camille", "oui")
    assert (now(scene).cheque_payee, now(scene).iban) == ("Canal", IBAN)
    assert len(json.loads(scene.row(Proposal).facts)) == (1 if setting == "cheques" else 2)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("FR1420041010050500013M02607", "Cet IBAN ne tombe pas juste"),
        ("FR8420041010050500013M02607", "la clé RIB (les deux derniers chiffres) ne correspond pas"),
        ("FR14 2004 1010 0505 0001 3M02", "Un IBAN qui commence par FR a 27 signes, celui-ci en a 24."),
        ("DE89 3704 0044 0532 0130 0", "Un IBAN qui commence par DE a 22 signes, celui-ci en a 21."),
        ("BR1800360305000010009795493C1", "« BR » n'est pas un pays des virements en euros (SEPA)."),
        ("le compte du Crédit Mutuel", "Ce n'est pas un IBAN."),
    ],
)
def test_a_mistyped_iban_is_asked_again_with_what_is_wrong(scene: Scene, typed: str, said: str) -> None:
    """B48"""
    scene.says("camille", "/reglages iban")
    scene.says("camille", typed)
    answer = scene.said("camille")
    assert said in answer
    assert answer.endswith("Quel est l'IBAN du compte du groupe ?")


def test_a_forged_token_is_no_iban(scene: Scene) -> None:
    """B48: what a button brings back is read as what is typed."""
    scene.says("camille", "/reglages iban")
    shown, option = scene.button("camille", "Aucun")
    scene.taps_data("camille", f"{option.data[:-1]}FR1520041010050500013M02606", message=shown.id)
    assert "Cet IBAN ne tombe pas juste" in scene.said("camille")


def test_a_proposal_overtaken_by_another_is_refused_whole(scene: Scene) -> None:
    """B43: what two agreed to is about what was shown: from none to this one. Nothing of it is kept."""
    for said in ("/reglages iban", IBAN, "Les Paniers", "oui"):
        scene.says("camille", said)
    first = scene.button("sofiane", "D'accord", "salon")
    for said in ("/reglages iban", OTHER_IBAN, "Les Paniers", "oui"):
        scene.says("camille", said)
    scene.tap_again("sofiane", first, "salon")
    assert now(scene).iban == IBAN
    scene.unheard()
    scene.taps("sofiane", "D'accord", "salon")
    assert scene.told("salon")[-1].startswith("Ce réglage vient de changer.")
    assert now(scene).iban == IBAN
    scene.taps("sofiane", "Refuser", "salon")
    with scene.store.read() as connection:
        assert set(connection.execute(select(Proposal.state)).scalars()) == {"accepted", "refused"}  # type: ignore[call-overload]


def test_a_member_reads_no_proposal(scene: Scene) -> None:
    """B43: agreeing is for coordinators."""
    for said in ("/reglages cheques", "Moi", "oui"):
        scene.says("camille", said)
    number = scene.row(Proposal).number
    scene.says("lea", f"/accord oui {number}")
    assert "réservé aux coordinateurs" in scene.said("lea")
    assert now(scene).cheque_payee == ""


def test_notes_keep_what_it_was(scene: Scene) -> None:
    """B6: undone by changing back, from what the journal shows."""
    alone(scene)
    for said in ("/reglages cheques", "Canal", "oui", "/reglages cheques", "Ourcq", "oui"):
        scene.says("camille", said)
    with scene.store.read() as connection:
        assert list(connection.execute(select(Note.text)).scalars()) == ["– → Canal", "Canal → Ourcq"]  # type: ignore[call-overload]
