"""Every conversation, walked at random by people of every right in both languages: B21, B40, B46, B48.

Whatever is typed, tapped or sent, in whatever order, a new desk serving each message: no bug, a way out of every
question, messages that a platform can show, nobody's figures in somebody else's chat, and books that add up.
"""

from __future__ import annotations

import itertools
from random import Random

import pytest

from bot.conversation import Script
from bot.groups.people import Right
from bot.handlers import COMMANDS
from bot.handlers.visit import Visit
from bot.ledger import money
from tests.transcripts import Scene
from tests.walker import Party, figures, set_right

STEPS = 5


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("right", list(Right))
def test_whatever_is_said_of_every_command_nothing_breaks(scene: Scene, right: Right, language: str) -> None:
    set_right(scene, right, language)
    party = Party(scene, Random(f"{right}{language}"), "eve")
    for word in COMMANDS:
        party.step("lea", word)
        for _step in range(STEPS):
            others = [who for who in party.walkers if who != "lea"]
            party.step("lea" if party.chance.random() < 0.75 else party.chance.choice(others))


@pytest.mark.soak
@pytest.mark.parametrize("number", range(40))
def test_long_walks_break_nothing(scene: Scene, number: int) -> None:
    chance = Random(number)
    set_right(scene, chance.choice(list(Right)), chance.choice(["fr", "en"]))
    party = Party(scene, chance, "eve", "zoe")
    for step in itertools.count():
        if step == 1_500:
            break
        party.step(chance.choice(list(party.walkers)), chance.choice(list(COMMANDS)) if chance.random() < 0.15 else "")
        if chance.random() < 0.02:
            scene.later(hours=chance.randint(1, 60))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vous devez 1\u202f234,56\u00a0€, dont −0,50\u00a0€.", {123456, 50}),
        ("You owe €1,234.56.", {123456}),
        ("n° 12, « 3,20 € »", set()),
    ],
)
def test_figures_are_found_as_our_sentences_write_them(text: str, found: set[int]) -> None:
    assert figures(text) == found


def test_a_figure_of_somebody_else_would_be_noticed(scene: Scene) -> None:
    party = Party(scene, Random(0))
    with scene.command("indiscret", _indiscreet), pytest.raises(AssertionError, match=r"bruno reads \{2450\}"):
        party.step("bruno", "indiscret")


def _indiscreet(visit: Visit) -> Script:
    yield from ()
    return money.show(visit.books.balance(1))
