"""Cards of what waits for the coordinators are all turned alike, one thing at a time (B9, B20, B37)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentDeclared
from bot.ledger.money import Cents
from bot.market.facts import Line, OrderPlaced, RemovalAsked
from bot.reminders.facts import RefundAsked
from tests.market_stall import BREAD, CARROTS, THURSDAY, record, set_up
from tests.reminded import tell
from tests.transcripts import Scene, act

LEA, BRUNO, AWA = 1, 2, 3
BREAD_LINE, CARROTS_LINE = Line(BREAD, 1000, 1000, 450), Line(CARROTS, 500, 500, 210)


def removals(scene: Scene) -> None:
    """Three lines are asked to be taken off."""
    set_up(scene)
    for member in (LEA, BRUNO, AWA):
        record(scene, OrderPlaced(member, THURSDAY, (BREAD_LINE, CARROTS_LINE)))
        record(scene, RemovalAsked(member, THURSDAY, 1))


def refunds(scene: Scene) -> None:
    """Three avoirs are asked back."""
    for member in (LEA, BRUNO, AWA):
        record(scene, OpeningBalanceEntered(member, Cents(5000)))
        tell(scene, RefundAsked(member, Cents(500), Method.CASH))


def payments(scene: Scene) -> None:
    """Three payments are declared."""
    for member in (LEA, BRUNO, AWA):
        record(scene, PaymentDeclared(member, Cents(500), Method.CASH))


CARDS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "retrait": (removals, "Retraits demandés"),
    "rendu": (refunds, "Remboursements demandés"),
    "valider": (payments, "À valider"),
}


@pytest.mark.parametrize("word", CARDS)
def test_every_card_of_what_waits_is_turned_alike(scene: Scene, word: str) -> None:
    """B20: one at a time, « 2 sur 3 », round and round; the message itself is turned."""
    fill, title = CARDS[word]
    fill(scene)
    scene.unheard()
    act(scene, f"""
        camille@salon: /{word}
        bot: {title} · 1 sur 3 / Léa · … [… | ‹ | ›]
        camille@salon: [›]
        bot: {title} · 2 sur 3 / Bruno · … [… | ‹ | ›]
        camille@salon: [›]
        bot: {title} · 3 sur 3 / Awa · … [… | ‹ | ›]
        camille@salon: [›]
        bot: {title} · 1 sur 3 / Léa · … [… | ‹ | ›]
        camille@salon: [‹]
        bot: {title} · 3 sur 3 / Awa · … [… | ‹ | ›]
    """)  # fmt: skip


def test_what_was_decided_gives_way_to_the_next_and_one_alone_is_not_turned(scene: Scene) -> None:
    """B9: requests to take something off had no ‹ ›: only the first one could be answered."""
    removals(scene)
    scene.unheard()
    act(scene, """
        camille@salon: /retrait
        bot: Retraits demandés · 1 sur 3 / Léa · 1 pièce Pain de campagne, 4,50 € / demandé aujourd'hui [Enlever | Laisser | ‹ | ›]
        camille@salon: [›]
        bot: Retraits demandés · 2 sur 3 / Bruno · …
        camille@salon: [Enlever]
        bot→bruno: ✅ Camille a retiré ceci de votre commande : …
        bot: Retraits demandés · 2 sur 2 / Awa · …
        camille@salon: [Enlever]
        bot→awa: ✅ Camille a retiré ceci de votre commande : …
        bot: Retraits demandés · 1 sur 1 / Léa · … [Enlever | Laisser]
    """)  # fmt: skip
