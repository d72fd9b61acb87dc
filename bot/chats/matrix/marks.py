"""Numbers that stand for buttons: shown before each answer, set under the message as reactions, tapped, or typed.

Each time the answers of a message change, its numbers are written in another style. A reaction is thus bound to what its
author has read: one that belongs to an earlier state of the message is told from one that belongs to the present state.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat import Message, Option
from bot.desk.taps import ANSWER, BACK, CANCEL

_KEYCAPS = (*(f"{digit}\ufe0f\u20e3" for digit in "123456789"), "🔟")
STYLES = (
    _KEYCAPS,
    tuple("①②③④⑤⑥⑦⑧⑨⑩"),
    tuple("❶❷❸❹❺❻❼❽❾❿"),
    tuple("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽"),
    tuple("➀➁➂➃➄➅➆➇➈➉"),
)
BACK_MARK, CANCEL_MARK = "⬅️", "✖️"


def numbered(options: Sequence[Option]) -> list[Option]:
    """List the answers that have a number: all but the ways out and what is to be copied."""
    return [option for option in options if option.data and not way_out(option)]


def way_out(option: Option) -> str:
    """Give the mark of « Retour » and « Annuler »; nothing for anything else: they never take a number's place.

    >>> way_out(Option("Annuler", "a:3.9f3c01aa:!cancel")), way_out(Option("Payer", "c1:payer"))
    ('✖️', '')
    """
    if not option.data.startswith(f"{ANSWER}:"):
        return ""
    if option.data.endswith(f":{CANCEL}"):
        return CANCEL_MARK
    return BACK_MARK if option.data.endswith(f":{BACK}") else ""


def mark(rank: int, version: int) -> str:
    """Write the number of an answer (1 is the first) in the style of a version of its message.

    >>> mark(1, 0), mark(2, 1), mark(2, 6), mark(12, 0)
    ('1️⃣', '②', '②', '12.')
    """
    style = STYLES[version % len(STYLES)]
    return style[rank - 1] if rank <= len(style) else f"{rank}."


def marks(options: Sequence[Option], version: int) -> list[tuple[str, Option]]:
    """Give each button its mark, in the order in which they are shown."""
    ranks = {id(option): rank for rank, option in enumerate(numbered(options), start=1)}
    return [(way_out(o) or mark(ranks[id(o)], version), o) for o in options if o.data]


def tappable(options: Sequence[Option], version: int) -> list[str]:
    """List the reactions that are set under a message: the first numbers, then the ways out."""
    known = {sign for style in STYLES for sign in style}
    given = [sign for sign, _option in marks(options, version)]
    return [sign for sign in given if sign in known] + [sign for sign in given if sign in {BACK_MARK, CANCEL_MARK}]


def tapped(options: Sequence[Option], version: int, key: str) -> Option | None:
    """Find the button that a reaction stands for; None for any other emoji, and for a number of an earlier version.

    >>> yes = Option("Oui", "a:1.9f3c01aa:yes")
    >>> tapped([yes], 0, "1\u20e3") == yes, tapped([yes], 1, "1️⃣"), tapped([yes], 0, "🎉")
    (True, None, None)
    """
    wanted = _bare(key)
    return next((option for sign, option in marks(options, version) if _bare(sign) == wanted), None)


def is_number(key: str) -> bool:
    """Tell whether a reaction looks like one of our numbers, of whatever style."""
    return _bare(key) in {_bare(sign) for style in STYLES for sign in (*style, BACK_MARK, CANCEL_MARK)}


def typed(options: Sequence[Option], text: str) -> Option | None:
    """Find the button whose number or label was typed; what a label says counts before what its number is.

    >>> two, four = Option("2", "a:1.9f3c01aa:2"), Option("4", "a:1.9f3c01aa:4")
    >>> typed([four, two], "2") == two, typed([four, two], "1") == four, typed([four], "12") is None
    (True, True, True)
    """
    by_label = labelled(options, text)
    if by_label is not None:
        return by_label
    digits, choices = text.strip().strip("().°"), numbered(options)
    if digits.isascii() and digits.isdigit() and 1 <= int(digits[:3]) <= len(choices):
        return choices[int(digits[:3]) - 1]
    return tapped(options, 0, text) if text else None


def labelled(options: Sequence[Option], text: str) -> Option | None:
    """Find the button whose label was typed."""
    wanted = _folded(text)
    return next((option for option in options if option.data and _folded(option.label) == wanted), None)


def of(message: Message) -> list[Option]:
    """List the buttons of a message, row by row."""
    return [option for row in message.options for option in row]


def _bare(key: str) -> str:
    return key.replace("\ufe0f", "")


def _folded(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").casefold().split())
