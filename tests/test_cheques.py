"""Cheques in hand, deposit slips, cheques that bounce, as coordinators and members see them: B3, B22, B28, B44."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from bot.demo_group import ROOM
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import FACT
from bot.notices.reminder import made_of
from bot.reminders.dues import Debit, Terms, due_of
from bot.words import speaking
from tests.transcripts import Scene, words

Play = Callable[[], Scene]


def receive(scene: Scene, *payments: tuple[str, str]) -> None:
    """Have Camille receive cheques, each from somebody."""
    for name, amount in payments:
        scene.says("camille", f"/encaisser {name} {amount} chèque")
        scene.says("camille", "oui")
    scene.heard = len(scene.shown)


def held(scene: Scene, account: GroupAccount) -> int:
    """Give what one of the group's accounts holds; the books must be right."""
    with scene.store.read() as connection:
        assert audit(connection) == []
        return Books(connection, 1, scene.now).held(account)


def test_cheques_go_to_the_bank_by_a_slip(play: Play) -> None:
    """
    B22

    lea: /cheques
    bot: /cheques est réservé aux coordinateurs du groupe.
    lea: /remise
    bot: /remise est réservé aux coordinateurs du groupe.
    lea: /impaye 12
    bot: /impaye est réservé aux coordinateurs du groupe.
    camille: /cheques
    bot: Aucun chèque en main. [Remises]
    camille: [Remises]
    bot: Aucune remise de chèques n'a encore été faite.
    camille: /remise
    bot: Aucun chèque en main. [Remises]
    camille: /encaisser Léa 24,50 chèque Banque du Canal 0012345
    bot: Léa a payé 24,50 € par chèque ? […]
    camille: oui
    bot: ✅ Léa : 24,50 € par chèque, reçu. …
    bot→lea: …
    camille: /encaisser Awa 30 chèque
    bot: …
    camille: oui
    bot: …
    bot→awa: …
    camille: /cheques
    bot: Chèques en main : 2 chèques, 54,50 € / Léa · 24,50 € · reçu le 24/11/2026 · Banque du Canal 0012345 / Awa · 30,00 € · reçu le 24/11/2026 [Léa 24,50 € | Awa 30,00 € | Faire une remise | Remises]
    camille: [Faire une remise]
    bot: Quels chèques remettre à la banque ? [Tous : 2 chèques, 54,50 € | Choisir | Annuler]
    camille: [Tous : 2 chèques, 54,50 €]
    bot: Remettre à la banque : 2 chèques, 54,50 € ? / Léa · … / Awa · 30,00 € · reçu le 24/11/2026 [Remettre | Non | Retour]
    camille: [Remettre]
    bot: ✅ Remise n° … : 2 chèques, 54,50 €. Ils ne sont plus en main. [Fichier | Voir | ↩️ Corriger]
    bot→salon: Camille a remis à la banque : 2 chèques, 54,50 € (remise n° …). [Voir]
    camille: /cheques
    bot: Aucun chèque en main. [Remises]
    camille: [Remises]
    bot: Remises de chèques / n° … du 24/11/2026 : 2 chèques, 54,50 € [n° …]
    sofiane@salon: [Voir]
    bot: n° … du 24/11/2026 : 2 chèques, 54,50 € / faite par Camille / Léa · 24,50 € · … / Awa · 30,00 € · … [Fichier | CSV | Impayé | ↩️ Corriger]
    """
    scene = play()
    assert held(scene, GroupAccount.CHEQUES) == 0
    assert held(scene, GroupAccount.BANK) == 5450


def test_some_cheques_are_chosen_and_left_out_again(play: Play) -> None:
    """
    B22

    camille: /encaisser Léa 10 chèque
    bot: …
    camille: oui
    bot: …
    bot→lea: …
    camille: /encaisser Awa 20 chèque
    bot: …
    camille: oui
    bot: …
    bot→awa: …
    camille: /remise
    bot: …
    camille: [Choisir]
    bot: Choisis : 0 chèque, 0,00 €. [☐ Léa 10,00 € | ☐ Awa 20,00 € | Terminer | Retour | Annuler]
    camille: [☐ Léa 10,00 €]
    bot: Choisis : 1 chèque, 10,00 €. [☑ Léa 10,00 € | ☐ Awa 20,00 € | Terminer | Retour | Annuler]
    camille: 2
    bot: Choisis : 2 chèques, 30,00 €. […]
    camille: 1
    bot: Choisis : 1 chèque, 20,00 €. [☐ Léa 10,00 € | ☑ Awa 20,00 € | …]
    camille: [Terminer]
    bot: Remettre à la banque : 1 chèque, 20,00 € ? / Awa · … [Remettre | Non | Retour]
    camille: non
    bot: Rien n'est remis.
    camille: /remise
    bot: …
    camille: choisir
    bot: …
    camille: terminer
    bot: Rien n'est remis : aucun chèque n'est choisi.
    """
    assert held(play(), GroupAccount.CHEQUES) == 3000


def test_a_slip_undone_gives_its_cheques_back_and_holds_them_meanwhile(scene: Scene) -> None:
    """B3, B22: the refusal names the slip; undone once; the cheque can then be reversed."""
    receive(scene, ("Léa", "24,50"))
    received = _latest(scene)
    scene.says("camille", "/remise")
    scene.says("camille", "remettre")
    slip = _latest(scene)
    scene.heard = len(scene.shown)
    scene.says("sofiane", f"/corriger {received}")
    scene.says("sofiane", "oui")
    assert scene.said("sofiane").startswith(
        f"Ce chèque est sur la remise n° {slip} du mardi 24 novembre : annulez d'abord"
    )
    scene.says("sofiane", f"/corriger {slip}")
    assert f"Annuler « Remise de chèques · 24,50 € », n° {slip} du" in scene.said("sofiane")
    scene.says("sofiane", "oui")
    told = {shown.place.chat: words(shown.message.text) for shown in scene.unheard()}
    assert told["sofiane"] == "↩️ Annulé : Remise de chèques, 24,50 €."
    assert told[ROOM.chat] == "↩️ Sofiane a annulé : Remise de chèques, 24,50 €."
    scene.says("sofiane", f"/cheques r{slip}")
    assert scene.said("sofiane") == f"Il n'y a pas de remise n° {slip}, ou elle a été annulée."
    scene.says("sofiane", f"/corriger {slip}")
    assert "a déjà été annulé" in scene.said("sofiane")
    scene.says("sofiane", f"/corriger {received}")
    scene.says("sofiane", "oui")
    assert scene.said("sofiane").startswith("↩️ Annulé pour Léa : Paiement par chèque, 24,50 €.")
    assert held(scene, GroupAccount.CHEQUES) == held(scene, GroupAccount.BANK) == 0


def test_a_cheque_bounces_after_its_deposit_and_once(play: Play) -> None:
    """
    B22, B3

    camille: /encaisser Awa 20 chèque
    bot: …
    camille: oui
    bot: …
    bot→awa: …
    camille: /remise
    bot: Remettre à la banque : 1 chèque, 20,00 € ? …
    camille: [Remettre]
    bot: …
    bot→salon: …
    camille: [Voir]
    bot: … [Fichier | CSV | Impayé | ↩️ Corriger]
    camille: [Impayé]
    bot: Chèque impayé d'Awa, 20,00 €. La banque a-t-elle pris des frais que le groupe lui demande ? [Sans frais | Avec frais | Annuler]
    camille: [Avec frais]
    bot: Combien de frais ? […]
    camille: 0
    bot: Zéro ne change rien. …
    camille: 8,50
    bot: Noter impayé le chèque d'Awa, 20,00 € (remise n° …) ? / Frais de banque pour Awa : 8,50 €. / Ensuite : Awa doit 8,50 € au groupe. [Noter impayé | Non | Retour]
    camille: [Noter impayé]
    bot: ✅ Noté : le chèque d'Awa, 20,00 €, est impayé. Frais : 8,50 €. Awa doit 8,50 € au groupe. [↩️ Corriger]
    bot→awa: La banque n'a pas pu encaisser votre chèque de 20,00 € : cela arrive. Ce montant est de nouveau à régler, quand vous pourrez, par le moyen qui vous convient. La banque a pris 8,50 € de frais. Vous devez 8,50 € au groupe. [Payer | Historique]
    awa: [Historique]
    bot: … Frais de chèque impayé : −8,50 € / 24/11/2026 · Chèque impayé : −20,00 € / 24/11/2026 · Paiement par chèque : 20,00 €
    sofiane: /corriger Awa
    bot: Awa : quelle opération annuler ? [… Frais de chèque impayé : −8,50 € | … Paiement par chèque : 20,00 € | Retour | Annuler]
    sofiane: 2
    bot: Annuler « Paiement par chèque · Awa · 20,00 € », n° … ? […]
    sofiane: oui
    bot: Le chèque de 20,00 € (n° …) est noté impayé, le mardi 24 novembre (n° …) : annulez d'abord cet impayé.
    camille: [↩️ Corriger]
    bot: Annuler « Chèque impayé · Awa · 20,00 € », n° … ? […]
    camille: oui
    bot: ↩️ Annulé pour Awa : Chèque impayé, 20,00 €. Awa a un avoir de 20,00 €.
    bot→awa: ↩️ Camille a corrigé une erreur sur votre compte : Chèque impayé, 20,00 €. Vous avez un avoir de 20,00 €. [Historique]
    """
    scene = play()
    assert held(scene, GroupAccount.BANK) == 2000
    assert held(scene, GroupAccount.FEES) == 0


def test_what_is_due_names_the_cheque_that_bounced() -> None:
    """B22, B38: « votre reste » would not tell why."""
    at = datetime(2026, 11, 24, 17, tzinfo=UTC)
    due = due_of(1, Cents(350), [Debit(Cents(350), at, at, "ChequeBounced")], at, Terms(ZoneInfo("Europe/Paris")))
    with speaking("fr", "Europe/Paris"):
        assert [words(line) for line in made_of(due)] == ["– chèque impayé, le 24 novembre : 3,50 €"]


def test_a_cheque_bounces_in_hand_from_the_members_history(play: Play) -> None:
    """
    B22

    camille: /encaisser Awa 20 chèque
    bot: …
    camille: oui
    bot: …
    bot→awa: …
    camille: /historique Awa
    bot: … [Encaisser | Reprise de solde | Corriger | Chèque impayé | Laisser de côté | ‹ Soldes]
    camille: [Chèque impayé]
    bot: Chèque impayé d'Awa, 20,00 €. … [Sans frais | Avec frais | Annuler]
    camille: [Sans frais]
    bot: Noter impayé le chèque d'Awa, 20,00 € (en main) ? / Ensuite : Awa est à l'équilibre. […]
    camille: oui
    bot: ✅ Noté : le chèque d'Awa, 20,00 €, est impayé. Awa est à l'équilibre. [↩️ Corriger]
    bot→awa: … Vous êtes à l'équilibre. [Historique]
    camille: /cheques
    bot: Aucun chèque en main. [Remises]
    camille: /impaye
    bot: De qui est le chèque impayé ? [Awa | Bruno | Camille | Léa | Sofiane | Annuler]
    camille: Awa
    bot: Je ne trouve pas ce chèque. [Chèques]
    camille: /impaye awa
    bot: Je ne trouve pas ce chèque. [Chèques]
    """
    scene = play()
    assert held(scene, GroupAccount.CHEQUES) == 0


def test_an_old_button_of_a_payment_that_bounced_says_who_validated_it(scene: Scene) -> None:
    """B21, B22"""
    scene.says("lea", "/payer 24,50 chèque")
    scene.says("lea", "oui")
    shown, option = scene.button("camille", "Reçu", "salon")
    scene.taps("camille", "Reçu", "salon")
    scene.says("camille", "/impaye Léa")
    scene.taps("camille", "Sans frais")
    scene.taps("camille", "Noter impayé")
    scene.taps_data("sofiane", option.data, "salon", message=shown.id)
    assert words(scene.toast).startswith("C'est déjà validé par Camille")
    assert held(scene, GroupAccount.CHEQUES) == 0


def test_what_is_typed_or_forged_finds_no_cheque(scene: Scene) -> None:
    """B48: numbers of other things, of nothing, or no numbers at all."""
    receive(scene, ("Léa", "24,50"))
    before = _latest(scene)
    for line in ("c1", "c", "c²", "r1", "r9999999999999999", "remises x", "99", "-1", "<b>", "r1 exe"):
        scene.says("camille", f"/cheques {line}")
    for line in ("1", "²", "r1", "r", "m99", "999999999999999999999"):
        scene.says("camille", f"/impaye {line}")
        scene.says("camille", "/annuler")
    scene.taps_data("camille", "c:impaye 1")
    scene.taps_data("lea", f"c:impaye {before}")
    scene.taps_data("lea", "c:remise")
    scene.taps_data("lea", "c:cheques")
    assert _latest(scene) == before
    assert held(scene, GroupAccount.CHEQUES) == 2450


def test_two_coordinators_deposit_the_same_cheques_at_once(scene: Scene) -> None:
    """B22: one slip has them, the other coordinator is told which."""
    receive(scene, ("Léa", "24,50"), ("Awa", "10"))
    for who in ("camille", "sofiane"):
        scene.says(who, "/remise")
        scene.says(who, "1")
    consent = scene.button("sofiane", "Remettre")
    scene.taps("camille", "Remettre")
    slip = _latest(scene)
    scene.heard = len(scene.shown)
    scene.tap_again("sofiane", consent)
    assert "Aucun chèque en main." in scene.told("sofiane")[-1]
    assert _latest(scene) == slip
    assert held(scene, GroupAccount.BANK) == 3450


def test_two_coordinators_note_the_same_cheque_unpaid(scene: Scene) -> None:
    """B22: it bounces once; the second is told since when."""
    receive(scene, ("Awa", "20"))
    payment = _latest(scene)
    for who in ("camille", "sofiane"):
        scene.says(who, f"/impaye {payment}")
        scene.taps(who, "Sans frais")
    consent = scene.button("sofiane", "Noter impayé")
    scene.taps("camille", "Noter impayé")
    scene.heard = len(scene.shown)
    scene.tap_again("sofiane", consent)
    scene.says("sofiane", f"/impaye {payment}")
    assert f"Le chèque de 20,00 € (n° {payment}) est déjà noté impayé, le mardi 24 novembre." in scene.said("sofiane")
    assert held(scene, GroupAccount.CHEQUES) == 0


def test_many_cheques_are_turned_page_by_page(scene: Scene) -> None:
    """B22: oldest first, ten to a page; chosen a page at a time."""
    receive(scene, *(("Léa", str(number)) for number in range(1, 13)))
    scene.says("camille", "/cheques")
    first = scene.unheard()[-1]
    assert "Chèques en main : 12 chèques, 78,00 €" in words(first.message.text)
    assert "page 1 sur 2 / Léa · 1,00 €" in words(first.message.text)
    scene.taps("camille", "›")
    second = scene.unheard()[-1]
    assert (second.id, second.edited) == (first.id, True)
    assert "Léa · 12,00 €" in words(second.message.text)
    scene.says("camille", "/remise")
    scene.taps("camille", "Choisir")
    scene.taps("camille", "☐ Léa 1,00 €")
    scene.taps("camille", "Suite")
    scene.taps("camille", "☐ Léa 12,00 €")
    scene.taps("camille", "Terminer")
    scene.taps("camille", "Remettre")
    assert held(scene, GroupAccount.BANK) == 1300


@pytest.mark.parametrize("label", ["CSV", "Fichier"])
def test_a_slip_is_sent_as_a_file(scene: Scene, label: str) -> None:
    """B22, B44: names and what is written are no formulas in it; the total is the last line."""
    scene.says("camille", "/encaisser Léa 24,50 chèque =1+1")
    scene.says("camille", "oui")
    scene.says("camille", "/remise")
    scene.taps("camille", "Remettre")
    scene.taps("camille", "Voir")
    scene.taps("camille", label)
    document = scene.unheard()[-1].document
    assert document is not None
    if label == "CSV":
        lines = document.content.decode("utf-8-sig").splitlines()
        assert lines[0] == "reçu le;nom;banque et numéro;montant"
        assert lines[1:] == ["24/11/2026;Léa;'=1+1;24,50", "Total;1;;24,50"]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(document.content)).active
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[1:] == [("24/11/2026", "Léa", "=1+1", 24.5), ("Total", "1", None, 24.5)]


def test_what_is_written_on_a_cheque_is_in_no_fact(scene: Scene) -> None:
    """B44: it can be erased, the books cannot."""
    scene.says("lea", "/payer 24,50 chèque Banque du Canal 0012345")
    scene.says("lea", "oui")
    with scene.store.read() as connection:
        bodies = connection.execute(select(FACT.c.body)).scalars().all()
    assert not any("Canal" in body for body in bodies)
    scene.taps("camille", "Reçu", "salon")
    scene.says("camille", "/cheques")
    assert "Banque du Canal 0012345" in scene.said("camille")


def _latest(scene: Scene) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).journal(limit=1)[0].number
