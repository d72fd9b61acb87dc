"""/banque: statements against the books, transcripts and refusals (B23, B28)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.banking.reference import reference
from bot.banking.tables import BANK_LINE, BankLineRow
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.tables import ENTRY
from tests.departed import is_closed, leaves
from tests.market_stall import set_up
from tests.terminal import terminal
from tests.test_transfer_codes import decoded
from tests.transcripts import Scene

Play = Callable[[], Scene]

SAMPLES = Path(__file__).parent / "statements"
IBAN = "FR7630006000011234567890189"
LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4


@pytest.fixture
def paid_here(scene: Scene) -> Scene:
    """Give the group an account."""
    scene.change(update(BuyingGroup).values(iban=IBAN, account_holder="Paniers du Canal", reference_prefix=""))
    return scene


def csv(*rows: str) -> bytes:
    return "\n".join([f"Compte n° {IBAN}", "Date;Libellé;Montant", *rows, ""]).encode()


def balance(scene: Scene, member: int) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).balance(member)


def posted(scene: Scene) -> int:
    with scene.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(ENTRY)).scalar_one())


def sends(scene: Scene, content: bytes, who: str = "camille", name: str = "releve") -> str:
    """Send a statement; give the bot's answer."""
    scene.unheard()
    scene.sends(who, name, content)
    return scene.said(who)


def test_the_reference_of_the_samples_is_leas() -> None:
    assert reference(LEA) == "ARD0000179"


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_a_declared_transfer_is_recognised_in_every_form(paid_here: Scene, path: Path) -> None:
    """B23: by the reference and the amount; agreed to at once; the same file again posts nothing."""
    scene = paid_here
    scene.says("lea", "/payer 24,50 virement")
    scene.taps("lea", "Déclarer")
    scene.says("camille", "/banque")
    said = sends(scene, path.read_bytes())
    assert "2 sommes reçues, 34,50 €" in said
    assert "✅ Reconnues : / – 20/11/2026, 24,50 € · Léa, déclaré" in said
    assert "• Inconnues : / – 21/11/2026, 10,00 €" in said
    assert "1 débit ignoré." in said
    scene.taps("camille", "Tout valider (1)")
    assert scene.told("lea") == ["✅ Camille a reçu 24,50 € par virement. Vous êtes à l'équilibre."]
    assert balance(scene, LEA) == 0
    before = posted(scene)
    said = sends(scene, path.read_bytes())
    assert "Déjà enregistrée : 1." in said
    assert "Reconnues" not in said
    scene.taps("camille", "Non")
    assert posted(scene) == before


def test_one_statement_from_the_room_to_the_books(play: Play, paid_here: Scene) -> None:
    """
    (B23) the coordinators' card shows the reference, the statement validates.

    lea: /payer 24,50 virement
    bot: Déclarer 24,50 € par virement ? […]
    lea: oui
    bot: ⏳ C'est noté : 24,50 € par virement. … / IBAN : FR76 3000 6000 0112 3456 7890 189 / Bénéficiaire : Paniers du Canal / Montant : 24,50 € / Référence : ARD0000179 / Écrivez cette référence … [Retirer | Solde | 📋 IBAN | 📋 Bénéficiaire | 📋 Référence | 📋 Montant]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par virement / déclaré aujourd'hui (n° …) / Référence : ARD0000179 [Reçu | Autre montant | Refuser]
    camille: /banque
    bot: Envoyez le relevé de votre banque (CSV, OFX, CAMT.053 ou CFONB120). [Annuler]
    """
    scene = play()
    assert "Léa, déclaré" in sends(scene, csv("23/11/2026;VIR LEA ard 00001 79;24,50"))
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, LEA) == 0
    assert scene.told("salon")[-1].startswith("✅ Léa · 24,50 € par virement : validé par Camille")


def test_what_was_validated_by_hand_is_linked_and_not_credited_again(paid_here: Scene) -> None:
    """B28"""
    scene = paid_here
    scene.says("camille", "/encaisser Léa 24,50 virement")
    scene.taps("camille", "Oui")
    before = posted(scene)
    said = sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50"))
    assert (
        "🔗 Déjà validées à la main, rien de plus ne sera crédité : / – 23/11/2026, 24,50 € · Léa, déjà validé" in said
    )
    scene.taps("camille", "Tout valider (1)")
    assert (posted(scene), balance(scene, LEA)) == (before, 0)
    assert "Déjà enregistrée : 1." in sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50"))


def test_a_second_line_like_one_validated_by_hand_is_another_payment(paid_here: Scene) -> None:
    """B28: one link for one line."""
    scene = paid_here
    scene.says("camille", "/encaisser Léa 24,50 virement")
    scene.taps("camille", "Oui")
    line = f"23/11/2026;VIR {reference(LEA)};24,50"
    said = sends(scene, csv(line, line))
    assert "Reconnues : / – 23/11/2026, 24,50 € · Léa, pas déclaré" in said
    scene.taps("camille", "Tout valider (2)")
    assert balance(scene, LEA) == 2450


def test_a_transfer_nobody_declared_is_credited_by_its_reference(paid_here: Scene) -> None:
    said = sends(paid_here, csv(f"23/11/2026;{reference(AWA)};30,00"))
    assert "Awa, pas déclaré" in said
    paid_here.taps("camille", "Tout valider (1)")
    assert balance(paid_here, AWA) == 3000


def test_a_planned_transfer_is_ended_by_its_line(paid_here: Scene) -> None:
    """B17, B23: the plan of an order is received; nothing is planned any more."""
    scene = paid_here
    set_up(scene)
    for said in ("1 pain de campagne", "confirmer", "virement", "confirmer"):
        scene.says("awa", said)
    told = scene.told("awa")[-1]
    assert "Montant : 4,50 €" in told
    assert f"Référence : {reference(AWA)}" in told
    said = sends(scene, csv(f"23/11/2026;{reference(AWA)};4,50"))
    assert "Awa, prévu" in said
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, AWA) == 0
    scene.says("awa", "/payer")
    assert "prévu" not in scene.said("awa")


def test_another_amount_than_declared_is_asked_about(paid_here: Scene) -> None:
    """B21: what is really received counts, and the declaration is ended by it."""
    scene = paid_here
    scene.says("lea", "/payer 30 virement")
    scene.taps("lea", "Déclarer")
    said = sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50"))
    assert "❓ Probables, à regarder une par une : / – 23/11/2026, 24,50 € · Léa, déclaré pour 30,00 €" in said
    scene.taps("camille", "Ligne par ligne")
    scene.taps("camille", "Oui")
    assert scene.said("camille") == "Enregistrer 1 ligne, 24,50 € ? / – Léa : 24,50 €, déclaré pour 30,00 €"
    scene.taps("camille", "Enregistrer")
    assert balance(scene, LEA) == 0
    scene.says("camille", "/valider")
    assert "Rien à valider." in scene.said("camille")


def test_a_name_and_an_amount_are_probable_and_unknown_lines_can_be_given_to_somebody(
    play: Play, paid_here: Scene
) -> None:
    """
    B23, B28

    camille: /banque
    bot: Envoyez … [Annuler]
    """
    scene = play()
    said = sends(
        scene,
        csv("23/11/2026;VIREMENT DE MME LEA MOREAU;24,50", "23/11/2026;VIREMENT M. X;12,00", "23/11/2026;VIR Y;1,00"),
    )
    assert "Reconnues" not in said
    assert "Léa, pas déclaré" in said
    scene.taps("camille", "Ligne par ligne")
    assert scene.said("camille") == (
        "1 sur 3 · lundi 23 novembre, 24,50 € / « VIREMENT DE MME LEA MOREAU » / Est-ce Léa (pas déclaré) ?"
    )
    scene.taps("camille", "Oui")
    assert "2 sur 3" in scene.said("camille")
    scene.taps("camille", "Choisir l'adhérent")
    scene.says("camille", "Awa")
    scene.taps("camille", "Laisser")
    scene.taps("camille", "Enregistrer")
    assert scene.said("camille").startswith("✅ 2 lignes du relevé sont enregistrées, 36,50 €. / Il en reste 1")
    assert [balance(scene, member) for member in (LEA, AWA)] == [0, 1200]


def test_an_overlapping_statement_posts_only_what_is_new(paid_here: Scene) -> None:
    scene = paid_here
    old, new = f"20/11/2026;VIR {reference(LEA)};10,00", f"23/11/2026;VIR {reference(LEA)};14,50"
    sends(scene, csv(old))
    scene.taps("camille", "Tout valider (1)")
    said = sends(scene, csv(old, new))
    assert "Déjà enregistrée : 1." in said
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, LEA) == 0


def test_the_same_line_in_another_form_is_never_taken_for_sure(paid_here: Scene) -> None:
    scene = paid_here
    sends(scene, (SAMPLES / "ofx1.ofx").read_bytes())
    scene.taps("camille", "Tout valider (1)")
    said = sends(scene, (SAMPLES / "sg.csv").read_bytes())
    assert "⚠️ ressemble à une ligne d'un autre relevé." in said
    assert "Reconnues" not in said


def test_a_line_whose_payment_was_taken_back_can_be_counted_again(paid_here: Scene) -> None:
    """B3, B45: nothing is lost by a correction."""
    scene = paid_here
    content = csv(f"23/11/2026;VIR {reference(LEA)};24,50")
    sends(scene, content)
    scene.taps("camille", "Tout valider (1)")
    scene.says("camille", f"/corriger {scene.row(BankLineRow).decided}")
    scene.taps("camille", "Oui")
    assert balance(scene, LEA) == -2450
    assert "Reconnues" in sends(scene, content)
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, LEA) == 0


def has(scene: Scene, label: str) -> bool:
    try:
        scene.button("camille", label)
    except AssertionError:
        return False
    return True


def test_a_coordinators_own_line_is_another_coordinators(paid_here: Scene) -> None:
    """B43"""
    content = csv(f"23/11/2026;VIR {reference(CAMILLE)};24,50")
    said = sends(paid_here, content)
    assert "Pour votre propre compte : 1, un autre coordinateur doit envoyer ce relevé." in said
    assert not has(paid_here, "Tout valider (1)")
    sends(paid_here, content, "sofiane")
    paid_here.taps("sofiane", "Tout valider (1)")
    assert balance(paid_here, CAMILLE) == 2450


def test_a_coordinator_does_not_give_a_line_to_their_own_account(paid_here: Scene) -> None:
    """B43"""
    sends(paid_here, csv("23/11/2026;VIREMENT M. X;12,00"))
    paid_here.taps("camille", "Ligne par ligne")
    paid_here.taps("camille", "Choisir l'adhérent")
    paid_here.says("camille", "Camille")
    assert "C'est votre propre compte : un autre coordinateur doit envoyer ce relevé." in paid_here.said("camille")
    paid_here.says("camille", "Awa")
    paid_here.taps("camille", "Enregistrer")
    assert [balance(paid_here, member) for member in (CAMILLE, AWA)] == [0, 1200]


def test_two_coordinators_at_once_count_a_line_once(paid_here: Scene) -> None:
    scene = paid_here
    content = csv(f"23/11/2026;VIR {reference(LEA)};24,50")
    sends(scene, content)
    sends(scene, content, "sofiane")
    button = scene.button("sofiane", "Tout valider (1)")
    scene.taps("camille", "Tout valider (1)")
    scene.unheard()
    scene.tap_again("sofiane", button)
    assert balance(scene, LEA) == 0
    scene.tap_again("sofiane", button)
    assert balance(scene, LEA) == 0


def test_a_payment_withdrawn_meanwhile_is_asked_about_again(paid_here: Scene) -> None:
    scene = paid_here
    scene.says("lea", "/payer 24,50 virement")
    scene.taps("lea", "Déclarer")
    sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50"))
    scene.taps("lea", "Retirer")
    scene.says("lea", "oui")
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, LEA) == -2450
    assert "Léa, pas déclaré" in scene.told("camille")[-1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide."),
        (b"bonjour", "Je ne reconnais pas ce relevé"),
        (csv("23/11/2026;VIR;24,505"), "Ligne 3 : « 24,505 » n'est pas un montant."),
        (csv("23/11/2026;VIR;1.000"), "Ligne 3 : « 1.000 » n'est pas un montant."),
        (csv("31/11/2026;VIR;24,50"), "Ligne 3 : « 31/11/2026 » n'est pas une date."),
        (csv("27/11/2026;VIR;24,50"), "Ligne 3 : une opération du vendredi 27 novembre, c'est dans le futur."),
        (csv("23/11/2026;VIR;24,50").replace(b"0189", b"0190"), "Ce relevé est celui d'un autre compte (…0190)"),
        ((SAMPLES / "ofx1.ofx").read_bytes().replace(b"12345678901", b"99999999999"), "celui d'un autre compte (…9999)"),
        ((SAMPLES / "camt02.xml").read_bytes()[:900], "est incomplet ou abîmé"),
        ((SAMPLES / "cfonb.txt").read_bytes()[:500], "est incomplet ou abîmé"),
        (b'<?xml version="1.0"?><!DOCTYPE a><a>camt.053</a>', "une déclaration XML"),
        (b"<OFX>".ljust(2_000_001), "Ce fichier est trop gros : 2 Mo au plus."),
        (csv(*["23/11/2026;VIR;1,00"] * 5001), "Ce relevé est trop long (ligne 5003)"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_a_sentence_and_post_nothing(
    paid_here: Scene, content: bytes, sentence: str
) -> None:
    before = posted(paid_here)
    paid_here.says("camille", "/banque")
    assert sentence in sends(paid_here, content)
    assert posted(paid_here) == before


def test_only_credits_in_euros_count(paid_here: Scene) -> None:
    dollars = (SAMPLES / "camt02.xml").read_bytes().replace(b'Ccy="EUR">24.50', b'Ccy="USD">24.50')
    said = sends(paid_here, dollars)
    assert "1 somme reçue, 10,00 €" in said
    assert "1 débit ignoré. / 1 somme en devise ignorée." in said
    said = sends(paid_here, csv("23/11/2026;VIR ZERO;0,00"))
    assert "0 somme reçue" in said


def test_a_huge_credit_is_never_taken_for_sure(paid_here: Scene) -> None:
    said = sends(paid_here, csv(f"23/11/2026;{reference(AWA)};1 000 000,00"))
    assert "Probables" in said
    assert "Reconnues" not in said


def test_a_file_that_does_not_name_its_account_says_so(paid_here: Scene) -> None:
    said = sends(paid_here, (SAMPLES / "cic.csv").read_bytes())
    assert "⚠️ Ce fichier ne dit pas de quel compte il est" in said


def test_members_do_not_read_statements(paid_here: Scene) -> None:
    """B40, B43"""
    paid_here.says("lea", "/banque")
    assert "réservé aux coordinateurs" in paid_here.said("lea")
    assert "Je ne sais pas quoi faire d'un fichier ici." in sends(paid_here, (SAMPLES / "sg.csv").read_bytes(), "lea")


def test_statements_are_not_taken_in_the_room(paid_here: Scene) -> None:
    """B40: names of payers are for coordinators, in private."""
    paid_here.says("camille", "/banque", "salon")
    assert not any("Envoyez" in said for said in paid_here.told("salon"))


def test_nothing_is_shown_while_the_group_has_no_account(play: Play) -> None:
    """
    lea: /payer 24,50 virement
    bot: Déclarer 24,50 € par virement ? […]
    lea: oui
    bot: ⏳ C'est noté : 24,50 € par virement. Un coordinateur confirmera la réception. / Solde : … [Retirer | Solde]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par virement / déclaré aujourd'hui (n° …) [Reçu | Autre montant | Refuser]
    lea: /coordonnees
    bot: Le groupe n'a pas indiqué de compte pour les virements. [Demander aux coordinateurs]
    lea: solde
    bot: Dans « Les Paniers du Canal », … [… | …]
    """
    play()


def test_details_are_had_by_a_button_with_their_code(paid_here: Scene) -> None:
    """B23"""
    scene = paid_here
    scene.says("lea", "solde")
    scene.taps("lea", "Coordonnées")
    shown = scene.shown[-1]
    copied = {option.label: option.copies for row in shown.message.options for option in row if option.copies}
    assert copied == {
        "📋 IBAN": IBAN, "📋 Bénéficiaire": "Paniers du Canal", "📋 Référence": "ARD0000179", "📋 Montant": "24,50",
    }  # fmt: skip
    assert shown.document is not None
    assert shown.document.mime == "image/png"
    payload = f"BCD\n002\n1\nSCT\n\nPaniers du Canal\n{IBAN}\nEUR24.5\n\n\nARD0000179"
    assert decoded(shown.document.content).rstrip("\n") == payload
    scene.says("awa", "/coordonnees")
    assert scene.shown[-1].message.attachment is None
    assert "Montant" not in scene.said("awa")
    scene.says("awa", "/coordonnees 1250")
    assert "Montant : 12,50 €" in scene.said("awa")


def test_the_audit_sees_a_line_that_is_lost_changed_or_without_its_payment(paid_here: Scene) -> None:
    scene = paid_here
    sends(scene, csv(f"23/11/2026;{reference(AWA)};30,00"))
    scene.taps("camille", "Tout valider (1)")
    lines = BANK_LINE

    def found() -> set[str]:
        with scene.store.read() as connection:
            return {discrepancy.check for discrepancy in audit(connection)}

    assert found() == set()
    for damage, repair in (({"amount": 1}, {"amount": 3000}), ({"member": 2}, {"member": AWA}), ({"decided": 1}, None)):
        scene.change(update(lines).values(**damage))
        assert found() == {"relevé"}
        if repair:
            scene.change(update(lines).values(**repair))
    kept = scene.row(BankLineRow)._asdict()
    scene.change(delete(lines))
    assert found() == {"relevé"}
    scene.change(insert(lines).values(**{**kept, "decided": kept["payment"]}))
    assert found() == set()


def test_a_statement_is_reconciled_in_the_demo(tmp_path: Path) -> None:
    """B23, by « :send FILE »; what was sent unasked is known for a statement too."""
    with terminal("--data", str(tmp_path / "demo.db"), "--date", "2026-11-24T18:00") as demo:
        demo.play("lea", "/payer 24,50 virement", "1")
        demo.play("camille", "/banque")
        assert "Léa, déclaré" in demo.say(f":send {SAMPLES / 'ofx1.ofx'}")
        assert "1 ligne du relevé est enregistrée, 24,50 €" in demo.say("Tout valider (1)")
        assert "Déjà enregistrée : 1." in demo.say(f":send {SAMPLES / 'ofx1.ofx'}")
        demo.say("non")
        assert "Relevé CAMT.053" in demo.say(f":send {SAMPLES / 'camt08.xml'}")


def test_who_left_with_a_debt_pays_it_by_transfer(paid_here: Scene) -> None:
    """B23, B44: the reference of somebody who left and still owes is theirs; their account closes once it is even."""
    scene = paid_here
    leaves(scene, "lea")
    said = sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50"))
    assert "✅ Reconnues" in said
    assert "Léa" in said
    scene.taps("camille", "Tout valider (1)")
    assert balance(scene, LEA) == 0
    assert is_closed(scene, LEA)


def test_what_was_received_before_somebody_left_is_linked_and_nothing_new_is_credited(paid_here: Scene) -> None:
    """B28, B44: a closed account takes no new money: what comes after is for a coordinator to say."""
    scene = paid_here
    scene.says("camille", "/encaisser Léa 24,50 virement")
    scene.taps("camille", "Oui")
    leaves(scene, "lea")
    assert is_closed(scene, LEA)
    before = posted(scene)
    said = sends(scene, csv(f"23/11/2026;VIR {reference(LEA)};24,50", f"23/11/2026;VIR LEA {reference(LEA)};11,00"))
    assert "🔗 Déjà validées à la main, rien de plus ne sera crédité : / – 23/11/2026, 24,50 € · Léa" in said
    assert "• Inconnues : / – 23/11/2026, 11,00 €" in said
    scene.taps("camille", "Tout valider (1)")
    assert posted(scene) == before
