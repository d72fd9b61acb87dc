"""Small balances let go of: one with its reason, the little ones together; undone like the rest (B43, B44, B45)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.departures.facts import ErasureAsked, MemberLeft, MemberReturned, PersonalDataErased
from bot.ledger.books import Books
from bot.ledger.facts import Fact, Method, OpeningBalanceEntered, PaymentDeclared, decode, kinds
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, postings
from bot.ledger.settling import BalanceMovedError, BalanceWrittenOff
from bot.market.facts import Line, OrderPlaced
from tests.market_stall import BREAD, THURSDAY, record, set_up
from tests.transcripts import Scene, act

Play = Callable[[], Scene]
LEA, BRUNO, AWA, CAMILLE, SOFIANE = 1, 2, 3, 4, 5


def owed(scene: Scene, **balances: int) -> None:
    """Carry balances over, on top of what there is."""
    people = {"lea": LEA, "bruno": BRUNO, "awa": AWA, "camille": CAMILLE, "sofiane": SOFIANE}
    for name, cents in balances.items():
        record(scene, OpeningBalanceEntered(people[name], Cents(cents)))


def stands(scene: Scene, account: int) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).balance(account)


def test_a_small_debt_is_let_go_of_with_a_reason_and_kindly_said(scene: Scene) -> None:
    """B45: and undone from the message that reported it."""
    owed(scene, awa=-40)
    act(scene, """
        camille: /ecart Awa
        bot: Awa doit 0,40 € au groupe. Pour quelle raison le laisser de côté ? [Arrondi | Geste du groupe | Sans nouvelles | Passer | Retour | Annuler]
        camille: [Arrondi]
        bot: Awa doit 0,40 € au groupe. Le groupe prend 0,40 € à sa charge, et le compte revient à zéro ? [Laisser de côté | Non | Retour]
        camille: [Laisser de côté]
        bot: ✅ Awa : 0,40 € laissés de côté. Raison : Arrondi. Awa est à l'équilibre. [↩️ Corriger]
        bot→awa: Il vous restait 0,40 € à régler : le groupe les prend à sa charge (Camille). Raison : Arrondi. Vous êtes à l'équilibre. [Historique]
        camille: /journal
        bot: Journal / n° … · Camille : Laissé de côté par le groupe · Awa · 0,40 € « Arrondi » / …
        awa: /historique
        bot: Vous êtes à l'équilibre. / 24/11/2026 · Laissé de côté par le groupe : 0,40 € / …
    """)  # fmt: skip
    assert stands(scene, GroupAccount.WRITE_OFF) == -40
    act(scene, """
        camille: [↩️ Corriger]
        bot: Annuler « Laissé de côté par le groupe · Awa · 0,40 € », n° … ? [Oui | Non]
        camille: [Oui]
        bot: ↩️ Annulé pour Awa : Laissé de côté par le groupe, 0,40 €. Awa doit 0,40 € au groupe.
        bot→awa: ↩️ Camille a corrigé une erreur sur votre compte : … Vous devez 0,40 € au groupe. …
    """)  # fmt: skip
    assert stands(scene, GroupAccount.WRITE_OFF) == 0


def test_a_small_avoir_too(scene: Scene) -> None:
    owed(scene, awa=5)
    act(scene, """
        camille: /ecart Awa
        bot: Awa a un avoir de 0,05 €. Pour quelle raison …
        camille: [Passer]
        bot: Awa a un avoir de 0,05 €. Le groupe garde 0,05 €, et le compte revient à zéro ? [Laisser de côté | Non | Retour]
        camille: [Laisser de côté]
        bot: ✅ Awa : 0,05 € laissés de côté. Awa est à l'équilibre. [↩️ Corriger]
        bot→awa: Il restait 0,05 € en votre faveur : le groupe les garde, pour arrondir (Camille). …
        camille: /ecart Awa
        bot: Awa est à l'équilibre. Il n'y a rien à laisser.
        lea: /ecart Léa
        bot: /ecart est réservé aux coordinateurs du groupe.
    """)  # fmt: skip


def test_what_is_large_takes_two_coordinators(scene: Scene) -> None:
    """B43: beyond twenty euros, another one must agree; the sum is what it was when it was proposed."""
    act(scene, """
        camille: /ecart Léa
        bot: Léa doit 24,50 € au groupe. …
        camille: Introuvable depuis six mois
        bot: ⚠️ Léa doit 24,50 € au groupe. Le groupe prend 24,50 € à sa charge, … [Laisser de côté | Non | Retour]
        camille: [Laisser de côté]
        bot: Au-delà de 20,00 €, un autre coordinateur doit donner son accord. Je le lui demande.
        bot→salon: ⚠️ Camille propose : / – Laissé de côté par le groupe · Léa · 24,50 € / Au-delà de 20,00 €, un autre coordinateur doit donner son accord. [D'accord | Refuser]
        camille@salon: [D'accord]
        bot: C'est votre propre proposition : un autre coordinateur doit la décider.
        sofiane@salon: [D'accord]
        bot: ✅ Léa : 24,50 € laissés de côté. Raison : Introuvable depuis six mois. Léa est à l'équilibre. [↩️ Corriger]
        bot→lea: …
    """)  # fmt: skip


def test_nobody_lets_go_of_their_own_debt_alone(scene: Scene) -> None:
    """B43"""
    owed(scene, camille=-50)
    act(scene, """
        camille: /ecart Camille
        bot: …
        camille: [Arrondi]
        bot: …
        camille: [Laisser de côté]
        bot: C'est votre propre compte : un autre coordinateur doit donner son accord. Je le lui demande.
        bot→salon: …
    """)  # fmt: skip


def test_the_little_ones_go_together_after_a_look(scene: Scene) -> None:
    """Who has something declared, or an order under way, or is oneself, is left alone."""
    owed(scene, lea=2425, bruno=-650, awa=-100, camille=-20, sofiane=-30)
    record(scene, PaymentDeclared(SOFIANE, Cents(30), Method.CASH))
    act(scene, """
        camille: /soldes
        bot: … [… | Petits écarts | …]
        camille: [Petits écarts]
        bot: 3 petits écarts, jusqu'à 1,00 € : / Awa doit 1,00 € au groupe / Léa doit 0,25 € au groupe / Bruno a un avoir de 0,50 € / Pour le groupe : 0,75 € à sa charge. / Tous ces comptes reviennent à zéro ? [Tout laisser de côté | Non]
        camille: [Tout laisser de côté]
        bot: ✅ 3 petits écarts laissés de côté. [Soldes]
        bot→awa: Il vous restait 1,00 € à régler : …
        bot→lea: Il vous restait 0,25 € à régler : …
        bot→bruno: Il restait 0,50 € en votre faveur : …
        camille: /ecarts
        bot: Aucun petit écart : rien entre 0 et 1,00 €, dans un sens ou dans l'autre.
    """)  # fmt: skip


@pytest.mark.parametrize("typed", ["-1", "6", "tout", "1.234", "0"])
def test_a_limit_that_is_none_is_said(scene: Scene, typed: str) -> None:
    """B48"""
    scene.says("camille", f"/ecarts {typed}")
    assert scene.said("camille") == "Écrivez un montant jusqu'à 5,00 €, par exemple « /ecarts 2 »."


def test_another_limit_can_be_typed(scene: Scene) -> None:
    owed(scene, awa=-180)
    act(scene, """
        camille: /ecarts
        bot: Aucun petit écart : …
        camille: /ecarts 2
        bot: 1 petit écart, jusqu'à 2,00 € : / Awa doit 1,80 € au groupe / … [Tout laisser de côté | Non]
        camille: [Non]
        bot: Rien n'a changé.
    """)  # fmt: skip


def test_an_order_under_way_keeps_a_balance_from_being_let_go(scene: Scene) -> None:
    set_up(scene)
    record(scene, OrderPlaced(AWA, THURSDAY, (Line(BREAD, 1000, 1000, 450),)))
    owed(scene, awa=400)
    scene.says("camille", "/ecarts")
    assert scene.said("camille").startswith("Aucun petit écart")


def test_a_declared_payment_is_decided_first(scene: Scene) -> None:
    owed(scene, awa=-50)
    record(scene, PaymentDeclared(AWA, Cents(50), Method.CASH))
    act(scene, """
        camille: /ecart Awa
        bot: Awa doit 0,50 € au groupe. Un paiement annoncé attend encore : décidez-le d'abord. [À valider]
    """)  # fmt: skip


def test_what_was_paid_meanwhile_is_not_let_go_of_as_well(scene: Scene) -> None:
    """B45: checked under the lock that posts."""
    owed(scene, awa=-40)
    with pytest.raises(BalanceMovedError):
        record(scene, BalanceWrittenOff(AWA, Cents(41)))
    scene.says("camille", "/ecart Awa")
    scene.says("camille", "Passer")
    owed(scene, awa=40)
    scene.taps("camille", "Laisser de côté")
    assert stands(scene, AWA) == 0


GOLDEN = [
    ("MemberLeft", 1, '{"addresses":[1,3],"member":4,"refund":true}', MemberLeft(4, (1, 3), refund=True)),
    ("MemberReturned", 1, '{"member":4}', MemberReturned(4)),
    ("ErasureAsked", 1, '{"member":4}', ErasureAsked(4)),
    ("PersonalDataErased", 1, '{"member":4}', PersonalDataErased(4)),
]


@pytest.mark.parametrize(("kind", "version", "kept", "fact"), GOLDEN)
def test_what_was_kept_once_still_means_the_same(kind: str, version: int, kept: str, fact: Fact) -> None:
    found = decode(kind, json.loads(kept), version)
    assert (found, postings(found)) == (fact, ())
    assert json.dumps(found.kept(), separators=(",", ":"), sort_keys=True) == kept


def test_every_kind_has_its_example() -> None:
    ours = {name for name, kind in kinds().items() if kind.__module__ == "bot.departures.facts"}
    assert {kind for kind, *_rest in GOLDEN} == ours


def test_the_reason_is_not_in_the_books() -> None:
    """B44"""
    assert BalanceWrittenOff(1, Cents(5), "chômage").kept() == {"member": 1, "amount": 5}


def test_a_reason_is_read_in_each_ones_language_whoever_picked_it(scene: Scene) -> None:
    """B45"""
    owed(scene, awa=-40)
    act(scene, """
        camille: /langue en
        bot: …
        camille: /writeoff Awa
        bot: … [Rounding | …]
        camille: [Rounding]
        bot: …
        camille: [Write off]
        bot: …Reason: Rounding.…
        bot→awa: … Raison : Arrondi. …
        sofiane: /journal
        bot: … · Camille : Laissé de côté par le groupe · Awa · 0,40 € « Arrondi » / …
        camille: /journal
        bot: … “Rounding” …
    """)  # fmt: skip
