"""A cheque's bank and number: one tap for who likes to say it, asked of nobody, printed on the deposit slip (B22, B44)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.ledger.facts import decode, kinds
from bot.ledger.postings import postings
from bot.ledger.tables import FACT
from tests.transcripts import Scene

Play = Callable[[], Scene]


def test_a_member_says_which_cheque_it_is_by_one_tap(play: Play) -> None:
    """
    (B22) the card shows it, and the slip.

    lea: /payer 24,50 chèque
    bot: Déclarer 24,50 € par chèque ? […]
    lea: oui
    bot: ⏳ C'est noté : 24,50 € par chèque. … [Retirer | Solde | Banque et n°]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par chèque / déclaré aujourd'hui (n° …) [Reçu | Autre montant | Refuser | Banque et n°]
    lea: [Banque et n°]
    bot: Chèque de 24,50 € : quelle banque, quel numéro ? [Annuler]
    lea: BNP 0012345
    bot: ✅ Noté sur le chèque de 24,50 € : BNP 0012345. [Corriger le n°]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par chèque / déclaré aujourd'hui (n° …) / BNP 0012345 [Reçu | Autre montant | Refuser]
    lea: [Corriger le n°]
    bot: Chèque de 24,50 € : quelle banque, quel numéro ? / Noté jusqu'ici : BNP 0012345. [Annuler]
    lea: BNP 0012346
    bot: ✅ Noté sur le chèque de 24,50 € : BNP 0012346. […]
    bot→salon: À valider … / BNP 0012346 […]
    camille@salon: [Reçu]
    (hint) ✅ Léa : 24,50 € par chèque, reçu. …
    bot→lea: ✅ Camille a reçu 24,50 € par chèque. …
    bot→salon: ✅ Léa · … / Rien à valider. […]
    camille: /remise
    bot: Remettre à la banque : 1 chèque, 24,50 € ? / Léa · 24,50 € · reçu le 24/11/2026 · BNP 0012346 [Remettre | Non]
    """
    play()


def test_a_coordinator_notes_it_on_the_card_and_on_a_cheque_in_hand(play: Play) -> None:
    """
    B22

    lea: /payer 24,50 chèque
    bot: …
    lea: oui
    bot: …
    bot→salon: …
    camille@salon: [Banque et n°]
    bot→salon: Chèque de Léa, 24,50 € : quelle banque, quel numéro ? …
    camille@salon: Crédit Coopératif 77
    bot→salon: ✅ Noté sur le chèque de Léa, 24,50 € : Crédit Coopératif 77. [Corriger le n°]
    bot→salon: À valider · 1 sur 1 / Léa · 24,50 € par chèque / … / Crédit Coopératif 77 [Reçu | Autre montant | Refuser]
    sofiane: /encaisser Awa 30 chèque
    bot: …
    sofiane: oui
    bot: …
    bot→awa: …
    sofiane: /cheques
    bot: …
    sofiane: [Awa 30,00 €]
    bot: Awa · 30,00 € · reçu le 24/11/2026 / En main. [Impayé | Banque et n° | Historique]
    sofiane: [Banque et n°]
    bot: Chèque d'Awa, 30,00 € : quelle banque, quel numéro ? [Annuler]
    sofiane: LCL 9
    bot: ✅ Noté sur le chèque d'Awa, 30,00 € : LCL 9. [Corriger le n°]
    bot→salon: À valider · 1 sur 1 / Léa · …
    """
    play()


@pytest.mark.parametrize(
    "words", ["", "x", "99", "99 BNP 1", "-1", "18446744073709551617 BNP", "{other} BNP 1", "{cash} BNP 1"]
)
def test_what_is_no_cheque_of_ones_own_is_not_written_on(scene: Scene, words: str) -> None:
    """B48: forged numbers, somebody else's cheque, a payment in cash."""
    for member, said in (("awa", "/payer 12 chèque"), ("lea", "/payer 5 liquide")):
        scene.says(member, said)
        scene.says(member, "oui")
    other, cash = _facts(scene, "PaymentDeclared")
    before = len(_facts(scene))
    scene.says("lea", f"/numero {words.format(other=other, cash=cash)}")
    assert scene.said("lea") == "Je ne trouve pas ce chèque, ou il n'attend plus rien. Rien n'a changé."
    assert len(_facts(scene)) == before


def test_a_cheque_withdrawn_meanwhile_is_not_written_on(scene: Scene) -> None:
    scene.says("lea", "/payer 12 chèque")
    scene.says("lea", "oui")
    scene.taps("camille", "Banque et n°", "salon")
    scene.taps("lea", "Retirer")
    scene.says("lea", "oui")
    scene.says("camille", "BNP 12", "salon")
    assert any("Je ne trouve pas ce chèque" in said for said in scene.told("salon"))
    assert _facts(scene, "ChequeDescribed") == []


def test_too_much_is_asked_again(scene: Scene) -> None:
    scene.says("lea", "/payer 12 chèque")
    scene.says("lea", "oui")
    (number,) = _facts(scene, "PaymentDeclared")
    scene.says("lea", f"/numero {number} {'x' * 61}")
    assert "quelle banque, quel numéro ?" in scene.said("lea")
    scene.says("lea", "x" * 61)
    assert scene.said("lea").startswith("C'est trop long : 60 signes au plus.")
    scene.says("lea", f"/numero {number} BNP 12")
    assert scene.said("lea") == "✅ Noté sur le chèque de 12,00 € : BNP 12."


def test_what_is_written_is_in_no_fact(scene: Scene) -> None:
    """B44: it can be erased; the fact says only that something was noted."""
    scene.says("lea", "/payer 12 chèque")
    scene.says("lea", "oui")
    (number,) = _facts(scene, "PaymentDeclared")
    scene.says("lea", f"/numero {number} BNP 12")
    with scene.store.read() as connection:
        body = connection.execute(select(FACT.c.body).where(FACT.c.kind == "ChequeDescribed")).scalar_one()
    assert body == f'{{"member":1,"payment":{number}}}'


def test_what_was_kept_once_still_means_the_same() -> None:
    fact = decode("ChequeDescribed", json.loads('{"member":1,"payment":12}'), 1)
    assert (postings(fact), fact.kept()) == ((), {"member": 1, "payment": 12})
    assert [name for name, kind in kinds().items() if kind.__module__ == "bot.groups.written"] == ["ChequeDescribed"]


def _facts(scene: Scene, kind: str = "") -> list[int]:
    query = select(FACT.c.number).order_by(FACT.c.number)
    with scene.store.read() as connection:
        return list(connection.execute(query.where(FACT.c.kind == kind) if kind else query).scalars())
