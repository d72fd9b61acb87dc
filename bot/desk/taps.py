"""Buttons' data: what comes back when one is tapped, and for which group it was shown.

    a:12.9f3c01aa:2450      an answer: the conversation's number, the mark of its question, the token
    c3:payer                a command in group 3, answered by a new message
    e3:soldes 2             the same, answered in the place of the message that carries the button
    k3:valider recu 5.0     the same, answered beside the button: a card redraws itself

The group is there because a person may be in several: a button must not act in another than it was shown for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.chat import Message, Option

ANSWER, COMMAND, IN_PLACE, CARD = "a", "c", "e", "k"
COMMAND_KINDS = {COMMAND, IN_PLACE, CARD}
BACK, CANCEL = "!back", "!cancel"

_DATA = re.compile(r"([acek])([0-9]{0,9}):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Tap:
    """A tapped button, as it was read: its kind (empty: unknown), its group (0: it does not say), what it stands for."""

    kind: str = ""
    group: int = 0
    rest: str = ""


def read(data: str) -> Tap:
    """Read what a button brings back. Anybody can forge it: nothing in it is trusted.

    >>> read("c3:payer"), read("k:valider recu 5.0").rest, read("drop table").kind
    (Tap(kind='c', group=3, rest='payer'), 'valider recu 5.0', '')
    """
    found = _DATA.fullmatch(data)
    return Tap(found[1], int(found[2] or 0), found[3]) if found else Tap()


def answering(number: int, mark: str) -> str:
    """Give the beginning of the data of all answers to one question as it is shown."""
    return f"{ANSWER}:{number}.{mark}"


def answer_tapped(rest: str) -> tuple[str, str, str]:
    """Take an answer's data apart: the conversation's number, the mark of its question, the token."""
    asked, _colon, token = rest.partition(":")
    number, _dot, mark = asked.partition(".")
    return number, mark, token


def stamped(message: Message, group: int) -> Message:
    """Have a message's buttons say for which group they are."""
    return replace(message, options=tuple(tuple(_stamped(o, group) for o in row) for row in message.options))


def _stamped(option: Option, group: int) -> Option:
    kind, colon, rest = option.data.partition(":")
    if not colon or kind not in COMMAND_KINDS:
        return option
    return replace(option, data=f"{kind}{group}:{rest}")
