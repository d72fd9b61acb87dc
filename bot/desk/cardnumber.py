"""Card numbers people write to the bot: recognised before anything else reads the message, so that none is ever kept (B25)."""

from __future__ import annotations

import re
import unicodedata

from bot.groups.iban import LENGTHS

FEWEST, MOST = 13, 19
_RUN = re.compile(r"(?<![0-9+])[0-9](?:[0-9]|[\s.,;|_/*‐‑−–—-]{1,3}(?=[0-9]))*")
_IBAN = re.compile(r"(?<![0-9A-Za-z])(?:IBAN\W{0,3})?([A-Za-z]{2})(?=[0-9]{2})")

_PIECE = re.compile("[0-9]+")
_ISSUED = re.compile(r"3[0-9]|4|5|6|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
"""How the numbers of cards begin: those in 2 between 2221 and 2720."""
SHAPES = {(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (8, 8)}
"""How a number is cut into pieces."""
MOST_PIECES, FARTHEST = 5, 40
"""Pieces, and signs between two of them."""


def holds_card_number(text: str) -> bool:
    """Tell whether a text seems to hold a card's number: 13 to 19 digits, grouped or not, whose check digit fits.

    Account numbers, references and telephone numbers do not.

    >>> [holds_card_number(text) for text in ("ma CB : 4242-4242 4242.4242 12/27 123", "378282246310005")]
    [True, True]
    >>> [holds_card_number(text) for text in ("FR76 3000 6000 0112 3456 7890 189", "ARD0000179", "+33 6 12 34 56 78", "2450")]
    [False, False, False, False]
    """
    plain = _without_ibans(unicodedata.normalize("NFKC", text))
    return any(_in_run(re.findall("[0-9]+", run)) for run in _RUN.findall(plain)) or _in_pieces(plain)


def _in_pieces(plain: str) -> bool:
    r"""Find a number cut as cards show theirs, whatever stands between the pieces: words, signs, lines.

    Amounts, years and telephone numbers are cut otherwise, or begin as no card does.

    >>> [_in_pieces(text) for text in ("4242 (début) 4242, puis\n4242 et enfin : 4242", "4242x4242x4242x4242")]
    [True, True]
    >>> [_in_pieces(text) for text in ("2023 à 2024, 2025 et 2026", "4242 d'un côté, 4242 de l'autre")]
    [False, False]
    """
    pieces = list(_PIECE.finditer(plain))
    for start in range(len(pieces)):
        digits, lengths = "", list[int]()
        for rank, piece in enumerate(pieces[start : start + MOST_PIECES]):
            if rank and piece.start() - pieces[start + rank - 1].end() > FARTHEST:
                break
            digits, lengths = digits + piece[0], [*lengths, len(piece[0])]
            if tuple(lengths) in SHAPES and _ISSUED.match(digits) and _is_card(digits):
                return True
    return False


def _in_run(groups: list[str]) -> bool:
    """Look at every row of whole groups: a card's number may be followed by its date, or preceded by a rank."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > MOST:
                break
            if _is_card(digits):
                return True
    return False


def _is_card(digits: str) -> bool:
    """Tell a card's number from others: thirteen digits are an article's code, but for the oldest cards (4…)."""
    if not FEWEST <= len(digits) <= MOST or digits[0] not in "23456" or (len(digits) == FEWEST and digits[0] != "4"):
        return False
    return _luhn(digits) and len(set(digits)) > 1


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _without_ibans(text: str) -> str:
    """Blank what is written like the number of a bank account, mistyped ones too: it ends after its country's number of signs.

    >>> _without_ibans("be68 5390 0754 7034, be4242424242424242")
    ' x , be4242424242424242'
    """
    for found in reversed(list(_IBAN.finditer(text))):
        signs = LENGTHS.get(found[1].upper())
        end = _after(text, found.start(1), signs) if signs else None
        if end is not None:
            text = text[: found.start()] + " x " + text[end:]
    return text


def _after(text: str, start: int, signs: int) -> int | None:
    """Tell where so many letters and digits end, spaces left out; None where there are not as many, or more follow at once."""
    left = signs
    for position in range(start, len(text)):
        left -= text[position].isalnum()
        if not left:
            return None if text[position + 1 : position + 2].isalnum() else position + 1
    return None
