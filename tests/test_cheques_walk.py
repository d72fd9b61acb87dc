"""Cheques and the cash box walked at random by two coordinators and a member: nothing breaks, the books stay right (B48)."""

from __future__ import annotations

from random import Random

import pytest

from bot.groups.people import Right
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.postings import GroupAccount
from tests.transcripts import Scene
from tests.walker import FILES, Party, Repertoire, set_right

WORDS = [
    *("", "", " Léa 12,50 chèque", " Bruno 7 chèque Banque 12", " Awa 3 liquide", " Awa", " Léa", " m1", " 12", " 15"),
    *(" remises", " c12", " c14", " r15", " r16", " r15 csv", " 2", " 22", " 0", " 3,50", " c²", " r99"),
]
TYPED = [
    *("oui", "oui", "non", "1", "2", "3", "12,50", "8,50", "0", "-1", "chèque", "liquide", "Léa", "Awa", "passer"),
    *("Banque 12", "Terminer", "tous", "retour", "annuler", "Fond de caisse", "²", "<b>x</b>", "x" * 90, "\u202e"),
]
BEGUN = [
    "encaisser",
    "encaisser",
    "cheques",
    "remise",
    "remise",
    "impaye",
    "impaye",
    "caisse",
    "versement",
    "corriger",
    "payer",
]


def walk(scene: Scene, chance: Random, steps: int) -> set[str]:
    """Walk; after every step the books are right. Give the kinds of what happened."""
    set_right(scene, Right.TREASURY, chance.choice(["fr", "en"]))
    party = Party(scene, chance, says=Repertoire(WORDS, TYPED, TYPED, FILES))
    for _step in range(steps):
        who = chance.choice(["camille", "camille", "sofiane", "lea"])
        party.step(who, chance.choice(BEGUN) if chance.random() < 0.35 else "")
        with scene.store.read() as connection:
            assert audit(connection, replay=False) == []
    with scene.store.read() as connection:
        books = Books(connection, 1, scene.now)
        assert audit(connection) == []
        assert sum(cheque.amount for cheque in books.cheques.in_hand()) == books.held(GroupAccount.CHEQUES)
        return {type(recorded.fact).__name__ for recorded in books.journal(limit=10_000)}


@pytest.mark.parametrize("number", range(3))
def test_whatever_is_said_of_cheques_nothing_breaks(scene: Scene, number: int) -> None:
    happened = walk(scene, Random(number), 150)
    assert happened & {"ChequesDeposited", "ChequeBounced", "CashCounted"}, "the walk gets somewhere"


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
def test_long_walks_over_cheques_break_nothing(scene: Scene, number: int) -> None:
    happened = walk(scene, Random(f"long{number}"), 600)
    assert {"ChequesDeposited", "ChequeBounced", "CashCounted"} <= happened
