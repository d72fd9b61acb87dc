"""What a question and an answer look like: text, buttons, the way back last."""

from __future__ import annotations

from typing import Any

from bot.chat import Message, Option
from bot.conversation import MisunderstoodError, Question, Rows, Say
from bot.questions import Consent
from bot.words import _

WIDE_LABEL = 14
"""Labels longer than this stand two in a row at most, longer than twice this alone: phones are narrow."""


def question_message(
    question: Question[Any], prefix: str, trouble: MisunderstoodError | None, *, back: str, cancel: str
) -> Message:
    """Show a question: what was wrong with the last answer first, then the question, its options, the way back."""
    offered = trouble.options if trouble and trouble.options else tuple(question.options)
    text = question.text
    if trouble is not None:
        text = trouble.sentence if trouble.instead else f"{trouble.sentence}\n{question.text}"
    options = [Option(answer.label, f"{prefix}:{answer.token}") for answer in offered]
    if trouble is not None and trouble.instead and not trouble.options:
        options = []
    return Message(text, (*laid_out(options), *_ways_out(question, prefix, back, cancel)), asks=True)


def _ways_out(question: Question[Any], prefix: str, back: str, cancel: str) -> Rows:
    """Offer the way back, and out: « Non » is the way out where consent is asked."""
    ways = [Option(_("Retour"), f"{prefix}:{back}")] if back else []
    if not isinstance(question, Consent):
        ways.append(Option(_("Annuler"), f"{prefix}:{cancel}"))
    return (tuple(ways),) if ways else ()


def laid_out(options: list[Option]) -> Rows:
    """Lay buttons out in rows of one to three, by the length of their labels."""
    rows: list[list[Option]] = []
    for option in options:
        room = min((_fits(o.label) for o in [*(rows[-1] if rows else []), option]), default=1)
        if rows and len(rows[-1]) < room:
            rows[-1].append(option)
        else:
            rows.append([option])
    return tuple(tuple(row) for row in rows)


def _fits(label: str) -> int:
    if len(label) > 2 * WIDE_LABEL:
        return 1
    return 2 if len(label) > WIDE_LABEL else 3


def reply_message(said: Say) -> Message:
    """Show an answer."""
    return Message(said.text, said.options, said.attachment)
