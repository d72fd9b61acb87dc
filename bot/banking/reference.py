"""The reference of a member's transfers: a prefix, the member's number, two check digits (ISO 7064, mod 97-10; B23)."""

from __future__ import annotations

import re
from functools import lru_cache

USUAL_PREFIX = "ARD"
"""The prefix of a group that has chosen none."""

NUMBER_DIGITS = 5
MOST_DIGITS = 9


def reference(number: int, prefix: str = "") -> str:
    """Write the reference of a member.

    >>> reference(42, "GAS"), reference(1), reference(123456, "gas")
    ('GAS0004243', 'ARD0000179', 'GAS12345610')
    """
    body = f"{_prefix(prefix)}{number:0{NUMBER_DIGITS}d}"
    return f"{body}{_check(body)}"


@lru_cache(maxsize=10_000)
def members_named(text: str, prefix: str = "") -> tuple[int, ...]:
    """Find the members whose references are in what a bank made of them: spaces, case and signs do not count.

    >>> members_named("VIR INST DUBOIS gas 00042 43", "GAS"), members_named("GAS0004299 GAS00042", "GAS")
    ((42,), ())
    """
    letters = _prefix(prefix)
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    found = [_number(bare[start.end() :], letters) for start in re.finditer(f"(?={letters}).{{{len(letters)}}}", bare)]
    return tuple(dict.fromkeys(number for number in found if number is not None))


def _number(after: str, prefix: str) -> int | None:
    """Read the shortest number that its check digits follow; one of more digits than usual has no zero before it."""
    longest = MOST_DIGITS if after[:1] != "0" else NUMBER_DIGITS
    for digits in range(NUMBER_DIGITS, longest + 1):
        number, check = after[:digits], after[digits : digits + 2]
        if re.fullmatch("[0-9]{7,}", number + check) and len(check) == 2 and check == _check(prefix + number):
            return int(number) or None
    return None


def _prefix(prefix: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", prefix.upper()) or USUAL_PREFIX


def _check(body: str) -> str:
    value = int("".join(str(int(sign, 36)) for sign in body) + "00")
    return f"{98 - value % 97:02d}"
