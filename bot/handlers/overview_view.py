"""What the overview of balances shows: in which order, which page, whom; written in a button and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.groups.names import name_key
from bot.questions import whole_number

ORDERS = {"montant": "montant", "amount": "montant", "age": "age", "date": "age", "nom": "nom", "name": "nom"}
"""Words for an order, and the order."""

MOST_WANTED_BYTES = 24
"""Of what is searched for: a button carries it, and a button is small."""


@dataclass(frozen=True)
class View:
    """One view of the overview. ``member``: whose screen is open within it, 0 for the list."""

    order: str = "montant"
    page: int = 1
    wanted: str = ""
    member: int = 0

    @property
    def command(self) -> str:
        """Say it as a command."""
        return self.saying("")

    def saying(self, word: str) -> str:
        """Say it as a command, with a word before it.

        >>> View("age", 2, "dup", 3).saying("rappeler"), View().command
        ('soldes rappeler m3 age 2 dup', 'soldes 1')
        """
        member = f"m{self.member}" if self.member else ""
        order = self.order if self.order != "montant" else ""
        return " ".join(part for part in ("soldes", word, member, order, str(self.page), self.wanted) if part)

    def shows(self, name: str, member: int) -> bool:
        """Tell whether somebody of this name is meant: every word searched for begins a word of it."""
        words = name_key(name).split()
        wanted = self.wanted.split()
        return wanted == [f"m{member}"] or all(any(word.startswith(part) for word in words) for part in wanted)


def read(words: Sequence[str]) -> View:
    """Read a view from words, in any order; what is no order, page or member is searched for.

    >>> read(["Âge", "2"]), read(["m3"]).member, read(["Dupont-Léon"]).wanted
    (View(order='age', page=2, wanted='', member=0), 3, 'dupont leon')
    """
    order, page, member = "montant", 1, 0
    wanted: list[str] = []
    for word in words:
        key = name_key(word)
        number = whole_number(word)
        if re.fullmatch(r"m[0-9]{1,9}", key) and not member:
            member = int(key[1:])
        elif key in ORDERS and not wanted:
            order = ORDERS[key]
        elif number is not None and not wanted:
            page = max(1, number)
        else:
            wanted.append(key)
    searched = " ".join(wanted).encode()[:MOST_WANTED_BYTES].decode(errors="ignore").strip()
    return View(order, page, searched, member)
