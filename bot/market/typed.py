"""A quantity as people type it, « 1,5 », « 350 g », « 1 kg 200 », « x12 », before it is one of a product (B48)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.folding import folded
from bot.ledger.errors import N_, Refusal
from bot.market.products import ONE
from bot.market.units import MEASURES, converted, quantity_words, unit_of

_LONGEST = 60


class NotAQuantityError(Refusal):
    """What was typed is no quantity (B48)."""

    sentence = N_("« {typed} » n'est pas une quantité que je comprends. Écrivez par exemple 2, 350 g ou 1,5 kg.")


class AmbiguousQuantityError(NotAQuantityError):
    """What was typed could be two different quantities: it is never guessed (B48)."""

    sentence = N_("« {typed} » peut vouloir dire plusieurs quantités. Écrivez-la avec son unité : {example}.")


class TooFineError(NotAQuantityError):
    """More decimals than a thousandth of the unit."""

    sentence = N_("« {typed} » est trop fin : au millième près, pas plus. Écrivez par exemple {example}.")


@dataclass(frozen=True)
class Typed:
    """A quantity as it was typed, not yet one of a product: thousandths of ``unit``, which is empty where none was said.

    ``mark`` is what stands before the last three figures, « 1,250 » or « 1 250 », where it could part thousands.
    """

    thousandths: int
    unit: str = ""
    mark: str = ""
    text: str = ""


_FIGURES = r"(?P<figures>[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,9})(?:(?P<point>[.,])(?P<decimals>[0-9]{1,9}))?"
_FRACTION = r"(?:(?P<whole>[0-9]{1,4}) )?(?P<above>[0-9]{1,2}) ?[/⁄] ?(?P<below>[0-9]{1,2})"
_NUMBER = rf"(?P<sign>[-+]?) ?(?:x ?)?(?:{_FRACTION}|{_FIGURES})(?: ?x\b)?"
_ALONE = re.compile(rf"{_NUMBER}(?: ?(?P<unit>[a-z]+)\.?(?P<half> et demie?)?)?")
_IN_TWO = re.compile(r"(?P<kilos>[0-9]{1,4}) ?(?P<unit>kg|kilos?|l|litres?) ?(?P<rest>[0-9]{1,3}) ?(?P<small>[a-z]*)")
_NUMBERS = {
    **dict.fromkeys(("un", "une", "one"), "1"), **dict.fromkeys(("deux", "two"), "2"),
    **dict.fromkeys(("trois", "three"), "3"), **dict.fromkeys(("quatre", "four"), "4"),
    **dict.fromkeys(("cinq", "five"), "5"), **dict.fromkeys(("six",), "6"),
    **dict.fromkeys(("sept", "seven"), "7"), **dict.fromkeys(("huit", "eight"), "8"),
    **dict.fromkeys(("neuf", "nine"), "9"), **dict.fromkeys(("dix", "ten"), "10"),
    **dict.fromkeys(("onze", "eleven"), "11"), **dict.fromkeys(("douze", "twelve"), "12"),
    **dict.fromkeys(("quinze", "fifteen"), "15"), **dict.fromkeys(("vingt", "twenty"), "20"),
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_HALF = re.compile(r"(?:1 |a )?(?:demie?|half)[ -](?:an? )?(?=[a-z])")
_SIGNS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "×": "x", "−": "-", "–": "-", "*": "x"})


def parse(typed: str) -> Typed:
    r"""Read a quantity, whatever it is a quantity of.

    Raises NotAQuantityError and its kinds.

    >>> [parse(text).thousandths for text in ("2", "1,5", "0.350", "x12", "1/2", "deux", "2 1/2")]
    [2000, 1500, 350, 12000, 500, 2000, 2500]
    >>> [(found.thousandths, found.unit) for found in map(parse, ("350 g", "1 kg 200", "1½ kg", "une livre"))]
    [(350000, 'g'), (1200, 'kg'), (1500, 'kg'), (500000, 'g')]
    >>> parse("une demi-douzaine")
    Typed(thousandths=500, unit='dozen', mark='', text='une demi-douzaine')
    >>> parse("1 kg 5")
    Traceback (most recent call last):
    bot.market.typed.AmbiguousQuantityError: ('AmbiguousQuantityError', {'typed': '1 kg 5', 'example': '1,500\xa0kg'})
    """
    if len(typed) > _LONGEST:
        raise NotAQuantityError(typed=shown(typed))
    text = _spelled_out(typed)
    in_two = _IN_TWO.fullmatch(text)
    if in_two:
        return _in_two(in_two, typed)
    alone = _ALONE.fullmatch(text)
    if alone is None:
        raise NotAQuantityError(typed=shown(typed))
    return _alone(alone, typed)


def shown(typed: str) -> str:
    """Quote the beginning of what was typed."""
    return "".join(c for c in " ".join(typed[:80].split()) if c.isprintable())[:40]


def _spelled_out(typed: str) -> str:
    """Put figures for words: « deux » is 2, « une livre » 500 g."""
    text = folded(typed.translate(_SIGNS))
    text = _WORD.sub(lambda word: _NUMBERS.get(word[0], word[0]), text)
    text = _HALF.sub("1/2 ", text)
    text = re.sub(r"^(?=(?:douzaine|dozen|livre)s?$)", "1 ", text)
    text = re.sub(r"\b(douzaine|livre|dozen|litre|kilo)s? d[eu]$", r"\1", text)
    return re.sub(r"^([0-9/., ]*[0-9]) ?livres?$", r"\1 livre", text)


def _in_two(found: re.Match[str], typed: str) -> Typed:
    """Read « 1 kg 200 », « 1 L 50 cl ». Less than three figures without a unit could be grams or hundreds of them."""
    unit = unit_of(found["unit"]) or ""
    small = unit_of(found["small"]) if found["small"] else ("g" if unit == "kg" else "mL")
    if small is None or small not in MEASURES or MEASURES[small].of != MEASURES[unit].of or small == unit:
        raise NotAQuantityError(typed=shown(typed))
    if not found["small"] and len(found["rest"]) < 3:
        example = quantity_words(int(found["kilos"]) * ONE + int(found["rest"].ljust(3, "0")), unit)
        raise AmbiguousQuantityError(typed=shown(typed), example=example)
    rest = converted(int(found["rest"]) * ONE, small, unit) or 0
    return Typed(int(found["kilos"]) * ONE + rest, unit, text=shown(typed))


def _alone(found: re.Match[str], typed: str) -> Typed:
    word = found["unit"] or ""
    unit, times = ("g", 500) if word == "livre" else (unit_of(word) if word else "", 1)
    if unit is None:
        raise NotAQuantityError(typed=shown(typed))
    number = _fraction(found, typed) if found["below"] else _decimal(found, typed)
    number = (number + (ONE // 2 if found["half"] else 0)) * times
    return Typed(-number if found["sign"] == "-" else number, unit, _mark(found), shown(typed))


def _fraction(found: re.Match[str], typed: str) -> int:
    above, below = int(found["above"]), int(found["below"])
    if not 0 < above < below:
        raise NotAQuantityError(typed=shown(typed))
    if above * ONE % below:
        raise TooFineError(typed=shown(typed), example=f"0,{above * ONE // below:03}")
    return int(found["whole"] or 0) * ONE + above * ONE // below


def _decimal(found: re.Match[str], typed: str) -> int:
    decimals = found["decimals"] or ""
    if len(decimals) > 3:
        raise TooFineError(typed=shown(typed), example="1,125")
    return int(found["figures"].replace(" ", "")) * ONE + int(decimals.ljust(3, "0"))


def _mark(found: re.Match[str]) -> str:
    if len(found["decimals"] or "") == 3 and found["figures"] != "0":
        return str(found["point"])
    return " " if found["figures"] and " " in found["figures"] else ""
