"""A message in which products are asked for, taken apart: lines, quantities, the words that matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, pairwise

from bot.folding import folded
from bot.market.products import ONE
from bot.market.typed import NotAQuantityError, Typed, parse
from bot.market.units import MEASURES, unit_of

BOUND = frozenset({
    ("terre", "douce"), ("fromage", "blanc"), ("petit", "poi"), ("petit", "suisse"), ("poi", "chiche"), ("poi", "casse"),
    ("chou", "fleur"), ("noix", "cajou"), ("noix", "coco"),
})  # fmt: skip
"""Two words that make another thing than the first alone, without a « de » between them."""

_STOP = frozenset({
    "de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "a", "au", "aux", "et",
    "en", "ou", "avec", "sans", "pour", "par", "s", "svp", "plait", "il", "vous", "me", "faut", "faudrait",
    "je", "j", "voudrais", "prends", "prendre", "veux", "aimerais", "voudrait", "on", "nous", "bonjour", "bonsoir", "merci", "stp",
    "the", "of", "and", "some", "please", "environ", "env", "commande", "commander", "ajouter", "ajoute", "panier",
})  # fmt: skip
_ALIASES = {
    "pdt": ("pomme", "terre"), "patate": ("pomme", "terre"), "ognon": ("oignon",), "euf": ("oeuf",),
    "yogourt": ("yaourt",), "yoghourt": ("yaourt",), "yogurt": ("yaourt",), "organic": ("bio",), "biologique": ("bio",),
}  # fmt: skip
_TOKEN = re.compile(
    r"(?:\bx ?)?(?P<number>[0-9]+(?:[.,][0-9]+)?) ?(?P<unit>kgs?|kilos?|gr?|grammes?|litres?|l|cl|ml)?(?![^\W_])"
    r"|(?P<word>[^\W\d_]+[0-9]*)"
)
_ADDS_NOTHING = re.compile(
    r"\?$|^(?:(?:non|mais|finalement|et|svp|je|j'|il|on|nous|ne|n'|me|faut|voudrais) ?)*(?:sans|moins|enleve\w*|retire\w*"
    r"|supprime\w*|annule\w*|(?:veux|veut|voulons|voudrais|prends?|faut|besoin) (?:pas|plus)"
    r"|(?:pas|plus)(?: besoin)? (?:de|d'|du|des|l[aes]+)|without|remove|less|no more"
    r"|(?:merci|thanks|thank you)(?: bien| beaucoup| encore)? (?:pour|for))\b"
)
_COMPLEMENT = re.compile(r"(?:\b(?:de|du|des|au|aux|a)\s+(?:la\s+|l')?|\bd'|-)([^\W\d_]{2,})")
_LINES = re.compile(r"[\n;•]+|,(?![0-9])|(?<![0-9]),")
_AND = re.compile(r"\s+(?:et|and|&|puis|plus)\s+(?!demie?\b)", re.IGNORECASE)
_UNITS = "kgs?|kilos?|gr?|grammes?|litres?|l|cl|ml"
_RUN = re.compile(
    rf"(?<=[^\W\d_])\s+(?=[0-9][0-9.,/]*\s*(?:(?:{_UNITS})\s+)?(?!(?:{_UNITS})\b)[^\W\d_]{{2,}})", re.IGNORECASE
)
_GLUED = re.compile(r"^([0-9]+)(?=[^\W\d_]{4,})")
_MOST_PARTS = 5


@dataclass(frozen=True)
class Reading:
    """One way to understand a line: a quantity, if one was said, and the words of the product."""

    quantity: Typed | None
    words: tuple[str, ...]


def tokens(text: str) -> tuple[str, ...]:
    """Give the words that matter, singular and without accents; sizes as « 500g » whatever their unit, counts as figures.

    >>> tokens("Œufs de plein air x12"), tokens("Lait cru (1 L)"), tokens("des patates, 0,5 kg")
    (('oeuf', 'plein', 'air', '12'), ('lait', 'cru', '1000mL'), ('pomme', 'terre', '500g'))
    """
    return tuple(token for found in _TOKEN.finditer(folded(text)) for token in _tokens(found))


def essential(name: str) -> frozenset[str]:
    """Give the words of a name without which it is another thing: « pommes » are not « pommes de terre ».

    >>> sorted(essential("Pommes de terre Charlotte")), sorted(essential("Lait cru 1 L"))
    (['pomme', 'terre'], ['lait'])
    """
    every = [token for token in tokens(name) if not token[0].isdigit()]
    tails = {word for found in _COMPLEMENT.findall(folded(name)) for word in tokens(found)}
    bound = {word for pair in pairwise(every) if pair in BOUND for word in pair}
    return frozenset(every[:1]) | tails.intersection(every) | bound


def adds_nothing(text: str) -> bool:
    """Tell whether words are a question, thanks for what was had, or what is wanted no more: « sans pain » must not add one.

    >>> adds_nothing("on ne veut plus de carottes"), adds_nothing("merci pour les pommes"), adds_nothing("merci, 2 pains")
    (True, True, False)
    """
    return _ADDS_NOTHING.search(folded(text)) is not None


def lines(text: str) -> list[str]:
    r"""Take a message apart where a new line, a comma or a semicolon does; a decimal comma does not.

    >>> lines("2,5 kg carottes, oeufs x12;\n- du pain")
    ['2,5 kg carottes', 'oeufs x12', 'du pain']
    """
    parts = (re.sub(r"^\s*[-–*]\s+", "", part).strip() for part in _LINES.split(text))
    return [part for part in parts if part]


def apart(line: str) -> list[list[str]]:
    """Offer ways to take a line apart, where it is not the name of one product: at « et », before each number.

    >>> apart("2 kg carottes et du pain"), apart("3 salades 2 pains")
    ([['2 kg carottes', 'du pain']], [['3 salades', '2 pains']])
    """
    ways = (_AND.split(line), _RUN.split(line), [part for some in _AND.split(line) for part in _RUN.split(some)])
    return [way for n, way in enumerate(ways) if len(way) > 1 and way not in ways[:n]]


def readings(line: str) -> list[Reading]:
    """Give the ways to read a line: all of it as a name first, then with a quantity before or after the name.

    >>> [(reading.quantity and reading.quantity.text, reading.words) for reading in readings("oeufs x12")]
    [(None, ('oeuf', '12')), ('x12', ('oeuf',))]
    """
    found = [Reading(None, tokens(line))]
    parts = list(dropwhile(_says_nothing, _GLUED.sub(r"\1 ", line).split()))
    for quantity, rest in (*_before(parts), *_after(parts)):
        words = tokens(" ".join(rest))
        if words:
            found.append(Reading(quantity, words))
    return found


def _before(parts: list[str]) -> Iterator[tuple[Typed, list[str]]]:
    """Find quantities at the beginning: the longest, and shorter ones whose unit may be part of the name (« botte »)."""
    for length in range(min(_MOST_PARTS, len(parts)), 0, -1):
        quantity = _quantity(parts[:length])
        if quantity is not None:
            yield quantity, parts[length:]
            if not quantity.unit or quantity.unit in MEASURES:
                return


def _after(parts: list[str]) -> Iterator[tuple[Typed, list[str]]]:
    for length in range(min(_MOST_PARTS, len(parts) - 1), 0, -1):
        quantity = _quantity(parts[-length:])
        if quantity is not None:
            yield quantity, parts[:-length]
            return


def _says_nothing(word: str) -> bool:
    return folded(word) in _STOP and _quantity([word]) is None


def _quantity(parts: list[str]) -> Typed | None:
    try:
        return parse(" ".join(parts))
    except NotAQuantityError:
        return None


def _tokens(found: re.Match[str]) -> tuple[str, ...]:
    if found["number"]:
        return (_size(found["number"].replace(",", "."), unit_of(found["unit"] or "")),)
    word = found["word"]
    if (
        word in _STOP
        or (len(word) <= 2 and unit_of(word) in MEASURES)
        or word in {"kilo", "kilos", "piece", "pieces", "x"}
    ):
        return ()
    word = word[:-1] if len(word) > 3 and word[-1] in "sx" else word
    return _ALIASES.get(word, (word,))


def _size(number: str, unit: str | None) -> str:
    whole, _, decimals = number.partition(".")
    thousandths = int(whole) * ONE + int(decimals[:3].ljust(3, "0"))
    measure = MEASURES[unit] if unit else None
    units, rest = divmod(thousandths * (measure.size if measure else 1), ONE)
    kind = "" if measure is None else "g" if measure.of == "mass" else "mL"
    return f"{units}{f'.{rest:03}' if rest else ''}{kind}"
