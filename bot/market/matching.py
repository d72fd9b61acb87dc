"""Which products a line can mean: one that is certain, or several to be offered, best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.folding import folded
from bot.market.products import ONE, Product
from bot.market.quantities import ordered
from bot.market.typed import NotAQuantityError
from bot.market.wanted import Reading, tokens

MOST_OFFERED = 6


@dataclass(frozen=True)
class Match:
    """A product that may be meant. ``ordered`` is in thousandths; None where no quantity was said, or none that fits.

    ``trouble`` is why the quantity does not fit the product.
    """

    product: Product
    ordered: int | None = None
    trouble: NotAQuantityError | None = None
    score: float = 0.0


@dataclass(frozen=True)
class Found:
    """What was found for a line. ``certain``: one match, and it is what was typed."""

    text: str
    matches: tuple[Match, ...] = ()
    certain: bool = False


@dataclass(frozen=True)
class Entry:
    """A product and the words it is found by."""

    product: Product
    words: frozenset[str]
    essential: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True)
class Hit:
    """A product that a reading touches.

    ``exact``: every word was found as it is; ``sure``: and the words without which it would be another thing are among
    them; ``full``: and nothing of its name is missing. ``close``: most of what was typed was found.
    """

    entry: Entry
    score: float
    exact: bool
    sure: bool
    full: bool
    close: bool


def chosen(line: str, every: Sequence[Reading], hits: Sequence[list[Hit]]) -> Found:
    """Decide between the readings of a line. A name that says the figure itself, « x12 », comes first."""
    counted = [(reading, found) for reading, found in zip(every, hits, strict=True) if reading.quantity]
    if not counted:
        return _named(line, hits[0], [])
    words = every[0].words
    says_figure = len(set(words)) == len(words) and words not in [reading.words for reading, _hits in counted]
    by_name = [hit for hit in hits[0] if hit.exact] if says_figure else []
    return _named(line, by_name, _matches(counted)) if by_name else _counted(line, counted)


def _named(line: str, by_name: Sequence[Hit], others: Sequence[Match]) -> Found:
    """Take products by their names alone; one of the others that may be meant too makes it a choice."""
    rivals = [match for match in others if _rival(match, by_name)]
    alone = None if rivals else _the_one(by_name)
    matches = [_match(hit, None) for hit in ([alone] if alone else by_name)]
    return _found(line, [*matches, *rivals], certain=alone is not None)


def _counted(line: str, counted: Sequence[tuple[Reading, list[Hit]]]) -> Found:
    """Take products with their quantities: a certain one if all readings that are certain agree."""
    ones = {one.entry.product: (one, reading) for reading, hits in counted if (one := _the_one(hits))}
    if len(ones) == 1:
        one, reading = next(iter(ones.values()))
        if not _packed(one.entry, reading):
            return _found(line, [_match(one, reading)], certain=True)
    return _found(line, _matches(counted), certain=False)


def _the_one(hits: Sequence[Hit]) -> Hit | None:
    """Give the product that was typed, if it can only be one: its whole name, or the only one with these words."""
    full = [hit for hit in hits if hit.full]
    if full:
        return full[0] if len(full) == 1 else None
    return hits[0] if len(hits) == 1 and hits[0].sure else None


def _matches(counted: Sequence[tuple[Reading, list[Hit]]]) -> list[Match]:
    """Gather the products of several readings, each with the quantity that fits it best: best first."""
    found: dict[int, tuple[tuple[bool, bool, float], Match]] = {}
    for reading, hits in counted:
        for hit in hits:
            match = _match(hit, reading)
            worth = (hit.exact, match.trouble is None, hit.score)
            if match.product.number not in found or found[match.product.number][0] < worth:
                found[match.product.number] = (worth, match)
    best = sorted(found.values(), key=lambda one: one[0], reverse=True)
    return [match for _worth, match in best]


def _match(hit: Hit, reading: Reading | None) -> Match:
    match = Match(hit.entry.product, score=hit.score)
    if reading is None or reading.quantity is None:
        return match
    try:
        asked = ordered(reading.quantity, hit.entry.product)
    except NotAQuantityError as trouble:
        return replace(match, trouble=trouble)
    return replace(match, ordered=_packs(hit.entry, reading) if _packed(hit.entry, reading) else asked)


def _packed(entry: Entry, reading: Reading) -> bool:
    """Tell whether a number could count what is in a pack instead of packs: 12 of « Œufs x6 »."""
    packs = [int(number) for number in entry.numbers if number.isdigit() and int(number) > 1]
    quantity = reading.quantity
    if quantity is None or not packs or entry.numbers & set(reading.words):
        return False
    return quantity.unit == "dozen" or (not quantity.unit and quantity.thousandths >= min(packs) * ONE)


def _packs(entry: Entry, reading: Reading) -> int | None:
    """Give how many packs hold as many as were said, in thousandths: 2 of « Œufs x6 » for 12; None where none do."""
    pack, quantity = pack_of(entry.product), reading.quantity
    if not pack or quantity is None or quantity.text.startswith("x"):  # « x30 » is how a pack of 30 is called
        return None
    packs, rest = divmod(quantity.thousandths * (12 if quantity.unit == "dozen" else 1), pack * ONE)
    return None if rest else packs * ONE


def pack_of(product: Product) -> int:
    """Tell how many a pack holds, by its name, « Œufs x6 »; 0 where it does not say.

    >>> from bot.ledger.money import Cents
    >>> [pack_of(Product(1, name, Cents(320))) for name in ("Œufs x6", "Jus 100 % pomme", "Yaourts 4 x 125 g", "Plants 3 x 2")]
    [6, 0, 0, 0]
    """
    found = re.search(r"(?<![0-9])(?<![0-9] )\bx ?([0-9]{1,3})\b(?! ?(?:k?g|[cm]?l|litres?)\b)", folded(product.name))
    return int(found[1]) if found else 0


def _rival(match: Match, by_name: Sequence[Hit]) -> bool:
    """Tell whether a product may be meant too, by the piece, where another has the number in its name."""
    ours = any(hit.entry.product == match.product for hit in by_name)
    return not ours and match.ordered is not None and not any(word[0].isdigit() for word in tokens(match.product.name))


def _found(line: str, matches: Sequence[Match], *, certain: bool) -> Found:
    return Found(line, tuple(matches[:MOST_OFFERED]), certain)
