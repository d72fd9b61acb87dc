"""The questions a conversation can ask: amounts, choices, texts, dates, files, consent."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TypeVar

from bot.conversation import Answer, Question, ask
from bot.folding import folded
from bot.questions.amounts import MAX_AMOUNT, Amount, ChoiceOrAmount, typed_amount
from bot.questions.choices import Choice, Consent
from bot.questions.days import Day
from bot.questions.files import SentFile
from bot.questions.picking import picked, whole_number
from bot.questions.texts import MAX_TEXT, Text

__all__ = [
    "MAX_AMOUNT",
    "MAX_TEXT",
    "Amount",
    "Choice",
    "ChoiceOrAmount",
    "Consent",
    "Day",
    "SentFile",
    "Text",
    "choose",
    "confirm",
    "folded",
    "picked",
    "typed_amount",
    "whole_number",
]

T = TypeVar("T")


def choose(
    name: str, text: str, things: Mapping[Answer, T], also: Mapping[str, Sequence[str]] | None = None
) -> Generator[Question[T], T, T]:
    """Ask to pick one of several things."""
    return (yield from ask(Choice(name, text, things, also)))


def confirm(text: str, yes: str | None = None) -> Generator[Question[bool], bool, bool]:
    """Ask for a yes or a no to exactly what is written; ``yes`` may say what it does instead."""
    return (yield from ask(Consent(text, yes)))
