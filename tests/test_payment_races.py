"""A payment, a statement and the cash box, handled by two people at the same instant, on one desk and on two processes (B21, B27, B28)."""

from __future__ import annotations

import pytest

from bot.banking.facts import BankLineMatched
from bot.banking.reference import reference
from bot.chat import Incoming
from bot.ledger.books import Books
from bot.ledger.facts import (
    CashCounted,
    Fact,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.postings import GroupAccount
from tests.rush import Rush

BOTH = ("camille", "sofiane")
LEA = 1


def in_room(rush: Rush, who: str, label: str) -> Incoming:
    """Make the update of a tap on what the coordinators' room shows."""
    shown, option = rush.scene.button(who, label, "salon")
    return rush.scene.incoming(who, "salon", tapped=option.data, message=shown.id)


def declared(rush: Rush, how: str = "chèque") -> None:
    """Have Léa declare what she owes."""
    rush.scene.says("lea", f"/payer 24,50 {how}")
    rush.scene.says("lea", "oui")


def statement(rush: Rush, *who: str) -> None:
    """Have coordinators send the statement in which Léa's transfer came."""
    content = f"Date;Libellé;Montant\n23/11/2026;VIR {reference(LEA)};24,50\n".encode()
    for person in who:
        rush.scene.sends(person, "releve", content)


@pytest.mark.parametrize(("label", "member_first"), [("Reçu", True), ("Reçu", False), ("Refuser", True)])
def test_a_payment_is_decided_while_it_is_withdrawn(rush: Rush, label: str, *, member_first: bool) -> None:
    """B21, B27: one of the two happens; who comes second reads which."""
    declared(rush)
    rush.scene.taps("lea", "Retirer")
    if label == "Refuser":
        rush.scene.taps("camille", "Refuser", "salon")
    updates = [rush.tap("lea", "Oui"), in_room(rush, "camille", label if label == "Reçu" else "Pas reçu")]
    rush.at_once(*(updates if member_first else reversed(updates)))
    counts = {kind: rush.count(kind) for kind in (PaymentWithdrawn, PaymentValidated, PaymentRefused)}
    assert sum(counts.values()) == 1, counts
    assert rush.balance(LEA) == (0 if counts[PaymentValidated] else -2450)
    if counts[PaymentWithdrawn]:
        assert "est retiré" in rush.last("lea")
    else:
        assert any(
            word in told for told in _told(rush, "lea") for word in ("C'est déjà validé par", "C'est déjà refusé par")
        )


def _told(rush: Rush, who: str) -> list[str]:
    return [shown.message.text for shown in rush.scene.shown if shown.place.chat == who]


@pytest.mark.parametrize(
    ("who", "said", "label", "kind"),
    [
        ("lea", "/payer 5 liquide", "Déclarer", PaymentDeclared),
        ("camille", "/encaisser Bruno 5 liquide", "Oui", PaymentReceived),
        ("camille", "/rembourser Bruno 5 liquide", "Oui", PaymentRefunded),
    ],
)
def test_a_consent_tapped_twice_is_given_once(rush: Rush, who: str, said: str, label: str, kind: type[Fact]) -> None:
    """B46, B48: two updates, of which each process takes one."""
    rush.scene.says(who, said)
    rush.at_once(rush.tap(who, label), rush.tap(who, label))
    assert rush.count(kind) == 1


def test_one_statement_is_agreed_to_by_both(rush: Rush) -> None:
    """B23: the line counts once; the other reads that something has changed."""
    declared(rush, "virement")
    statement(rush, *BOTH)
    rush.at_once(*(rush.tap(who, "Tout valider (1)") for who in BOTH))
    assert (rush.count(BankLineMatched), rush.count(PaymentValidated), rush.balance(LEA)) == (1, 1, 0)
    told = [rush.last(who) for who in BOTH]
    assert sum("1 ligne du relevé est enregistrée" in said for said in told) == 1, told


def test_a_line_is_agreed_to_while_its_payment_is_validated_by_hand(rush: Rush) -> None:
    """B28: credited once, whichever comes first; the statement sent again finds the rest."""
    declared(rush, "virement")
    statement(rush, "camille")
    rush.at_once(rush.tap("camille", "Tout valider (1)"), in_room(rush, "sofiane", "Reçu"))
    assert (rush.count(PaymentValidated), rush.balance(LEA)) == (1, 0)
    if not rush.count(BankLineMatched):
        statement(rush, "camille")
        assert "Déjà validées à la main" in rush.last("camille")
        rush.scene.taps("camille", "Tout valider (1)")
    assert (rush.count(BankLineMatched), rush.balance(LEA)) == (1, 0)


def test_a_line_is_agreed_to_while_its_payment_is_withdrawn(rush: Rush) -> None:
    """B27, B28: the money has come: where the withdrawal is first, the line is asked about again, not lost."""
    declared(rush, "virement")
    statement(rush, "camille")
    rush.scene.taps("lea", "Retirer")
    rush.at_once(rush.tap("camille", "Tout valider (1)"), rush.tap("lea", "Oui"))
    assert rush.count(PaymentValidated) + rush.count(PaymentWithdrawn) == 1
    if rush.count(PaymentWithdrawn):
        statement(rush, "camille")
        assert "Léa, pas déclaré" in rush.last("camille")
        rush.scene.taps("camille", "Tout valider (1)")
    assert (rush.count(BankLineMatched), rush.balance(LEA)) == (1, 0)


def test_the_cash_box_is_counted_by_both(rush: Rush) -> None:
    """B34: one difference is recorded; the other coordinator counts again."""
    rush.scene.says("camille", "/encaisser Awa 40 liquide")
    rush.scene.says("camille", "oui")
    for who, counted in zip(BOTH, ("38", "39"), strict=True):
        rush.scene.says(who, "/caisse")
        rush.scene.says(who, counted)
        rush.scene.taps(who, "Erreur de monnaie")
    rush.at_once(*(rush.tap(who, "Noter l'écart") for who in BOTH))
    assert rush.count(CashCounted) == 1
    with rush.scene.store.read() as connection:
        held = Books(connection, 1, rush.scene.now).held(GroupAccount.CASH)
    assert held in {3800, 3900}
    told = [rush.last(who) for who in BOTH]
    assert sum("Écart de caisse noté" in said for said in told) == 1, told
    assert sum("comptez-la de nouveau" in said or "Quelque chose a changé" in said for said in told) == 1, told
