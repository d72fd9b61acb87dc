"""Finding products by what people type, « 2 kg carotes, oeufs x12 »: one is certain or several are offered, none is guessed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from rapidfuzz import fuzz, process

from bot.ledger.errors import N_, Refusal
from bot.market.matching import Entry, Found, Hit, chosen
from bot.market.products import Product
from bot.market.wanted import adds_nothing, apart, essential, lines, readings, tokens

MOST_LINES = 30
MOST_TYPED = 1_000

_SAME, _BEGUN, _CLOSEST, _CLOSE = 100.0, 95.0, 94.0, 80.0
_CLOSE_ENOUGH, _HALF_FOUND = 75.0, 45.0
_MOST_SLIPS, _FARTHER = 2, 10.0
_ELSEWHERE = 0.9
"""What a word found in the producer's or the category's name is worth, against one of the product's own."""


class TooMuchAtOnceError(Refusal):
    """More lines, or a longer text, than one message may hold."""

    sentence = N_("C'est trop en un seul message : {most} lignes au plus. Envoyez le reste ensuite.")


_words_of, _essential_of = lru_cache(maxsize=20_000)(tokens), lru_cache(maxsize=10_000)(essential)
"""Names stay while prices and stocks change: an index is made again in a few milliseconds."""


class Index:
    """The words of a catalogue, made once for each of its versions; it never changes and may be shared between threads."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._entries = [_entry(product) for product in products]
        self._own: dict[str, list[int]] = {}
        self._elsewhere: dict[str, list[int]] = {}
        for position, entry in enumerate(self._entries):
            for word in entry.words:
                self._own.setdefault(word, []).append(position)
            for word in _other_words(entry):
                self._elsewhere.setdefault(word, []).append(position)
        self._vocabulary = sorted({*self._own, *self._elsewhere})

    def find_all(self, text: str) -> list[Found]:
        """Find every line of a message; what says nothing (« merci ») is left out, and « sans carottes » is never certain.

        Raises TooMuchAtOnceError.

        >>> from bot.ledger.money import Cents
        >>> shop = Index([Product(1, "Carottes", Cents(210)), Product(2, "Œufs x12", Cents(400)), Product(3, "Œufs", Cents(35))])
        >>> [[(m.product.name, m.ordered) for m in found.matches] for found in shop.find_all("2 carotes, oeufs x12, merci")]
        [[('Carottes', 2000)], [('Œufs x12', None), ('Œufs', 12000)]]
        """
        parts = lines(text)
        if len(text) > MOST_TYPED or len(parts) > MOST_LINES:
            raise TooMuchAtOnceError(most=MOST_LINES)
        found = [_doubted(one, part) for part in parts for one in self._line(part)]
        if len(found) > MOST_LINES:
            raise TooMuchAtOnceError(most=MOST_LINES)
        return found

    def find(self, line: str) -> Found:
        """Find one product by what was typed of it, with its quantity if one was said."""
        every = [reading for reading in readings(line) if reading.words]
        hits = [self._hits(reading.words) for reading in every]
        return chosen(line, every, hits)

    def _line(self, line: str) -> list[Found]:
        """Take a line as one product, unless « et » or a new number parts it in several that are all found.

        Where it begins with no product, nothing is certain: « il manquait 1 kg de carottes ».
        """
        if not any(reading.words for reading in readings(line)):
            return []
        whole = self.find(line)
        for parts in [] if whole.certain else apart(line):
            found = [self.find(part) for part in parts if tokens(part)]
            if len(found) > 1 and (all(one.matches for one in found) or not whole.matches):
                return found if found[0].matches else [replace(one, certain=False) for one in found]
        return [whole]

    def _hits(self, words: Sequence[str]) -> list[Hit]:
        """Score the products that a reading touches, best first: only the exact ones where there are any."""
        own: dict[int, dict[str, float]] = {}
        elsewhere: dict[int, dict[str, float]] = {}
        for word in dict.fromkeys(words):
            for known, score in self._near(word):
                _keep_best(own, self._own.get(known, ()), word, score)
                _keep_best(elsewhere, self._elsewhere.get(known, ()), word, score * _ELSEWHERE)
        touched = own.keys() | elsewhere.keys()
        every = (_hit(self._entries[p], set(words), own.get(p, {}), elsewhere.get(p, {})) for p in touched)
        hits = [hit for hit in every if hit is not None]
        best = [hit for hit in hits if hit.exact] or _closest([hit for hit in hits if hit.close]) or hits
        return sorted(best, key=lambda hit: (-hit.score, hit.entry.product.name, hit.entry.product.number))

    def _near(self, word: str) -> list[tuple[str, float]]:
        """Give the words of the catalogue that a typed word may stand for; figures stand for themselves."""
        if word[0].isdigit() or len(word) < 3:
            return [(word, _SAME)]
        start = bisect_left(self._vocabulary, word)
        begun = takewhile(lambda known: known.startswith(word), self._vocabulary[start : start + 200])
        near = dict.fromkeys(begun, _BEGUN)
        if len(word) > 3:
            close = process.extract(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_CLOSE, limit=None)
            near |= {known: min(score, _CLOSEST) for known, score, _rank in close if _may_be(known, word, near)}
        near[word] = _SAME
        return list(near.items())


def _hit(entry: Entry, words: set[str], own: dict[str, float], elsewhere: dict[str, float]) -> Hit | None:
    """Weigh what was found of a product; None where that is too little, or a figure is another."""
    scores = {word: max(own.get(word, 0.0), elsewhere.get(word, 0.0)) for word in words}
    average = sum(scores.values()) / len(words)
    same = {word for word in words if own.get(word) == _SAME}
    close = average >= _CLOSE_ENOUGH
    if not any(scores[word] for word in words if not word[0].isdigit()):
        return None
    if not all(scores[word] for word in words if word[0].isdigit()):
        return None
    if not close and not (same & entry.essential and average >= _HALF_FOUND):
        return None
    elsewhere_same = {word for word, score in elsewhere.items() if score == _SAME * _ELSEWHERE}
    exact = bool(same - entry.numbers) and words <= same | elsewhere_same
    return Hit(
        entry,
        score=average - 0.3 * len(entry.words - words),
        exact=exact,
        sure=exact and entry.essential <= same,
        full=exact and entry.words <= same,
        close=close,
    )


def _doubted(found: Found, part: str) -> Found:
    """Take nothing for certain where it is not wanted: « 2 laits, sans carottes »."""
    return replace(found, certain=found.certain and not (adds_nothing(part) or adds_nothing(found.text)))


def _entry(product: Product) -> Entry:
    words = frozenset(_words_of(product.name))
    return Entry(product, words, _essential_of(product.name), frozenset(word for word in words if word[0].isdigit()))


def _closest(hits: Sequence[Hit]) -> list[Hit]:
    """Leave out what is much less close than the best."""
    best = max((hit.score for hit in hits), default=0.0)
    return [hit for hit in hits if hit.score >= best - _FARTHER]


def _may_be(known: str, word: str, near: Collection[str]) -> bool:
    """Tell whether a close word is a slip of the finger: « carote » is not « charlotte »."""
    return known not in near and abs(len(known) - len(word)) <= _MOST_SLIPS and not known[0].isdigit()


def _other_words(entry: Entry) -> set[str]:
    said = f"{entry.product.producer} {entry.product.category} {'bio' if entry.product.organic else ''}"
    return set(_words_of(said)) - entry.words


def _keep_best(scores: dict[int, dict[str, float]], positions: Iterable[int], word: str, score: float) -> None:
    for position in positions:
        best = scores.setdefault(position, {})
        best[word] = max(score, best.get(word, 0.0))
