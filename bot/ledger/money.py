"""Money is whole cents: read as people type it, written as their language does, multiplied with one rounding (B7)."""

from __future__ import annotations

import re
from typing import NewType

from bot.ledger.errors import N_, Refusal

Cents = NewType("Cents", int)
"""An amount in cents. Never a float."""

_SPACES = " \u00a0\u202f\u2009"
_SIGN = r"(?P<sign>[+\-−–]?)"
_GROUPED = rf"(?P<whole>[0-9]+|[0-9]{{1,3}}(?:[{_SPACES}'][0-9]{{3}})+|[0-9]{{1,3}}(?:(?P<mark>[.,])[0-9]{{3}})(?:(?P=mark)[0-9]{{3}})*)"
_PLAIN = re.compile(rf"{_SIGN}[{_SPACES}]*€?[{_SPACES}]*{_GROUPED}(?:(?P<point>[.,])(?P<cents>[0-9]{{1,2}}))?")
_MIDDLE = re.compile(rf"{_SIGN}(?P<whole>[0-9]+)[{_SPACES}]*(?:€|euros?)[{_SPACES}]*(?P<cents>[0-9]{{2}})")
_CURRENCY = re.compile(rf"[{_SPACES}]*(?:€|eur|euros?|e)$")
_AMBIGUOUS = re.compile(rf"{_SIGN}(?:[0-9]{{1,3}}[.,][0-9]{{3}}|[0-9]+[{_SPACES}]+[0-9]{{1,2}}|[0-9]+[.,][0-9]{{3,}})")
_LONGEST = 40

LARGEST = Cents(10**14 - 1)
"""The largest amount of one posting, in cents: ninety thousand of them still fit in the 64 bits of a balance."""


class NotAnAmountError(Refusal):
    """What was typed is not an amount (B48)."""

    sentence = N_("« {typed} » n'est pas un montant que je comprends. Écrivez par exemple 12,50.")
    ambiguous = False


class AmbiguousAmountError(NotAnAmountError):
    """What was typed could be two different amounts: it is never guessed (B48)."""

    sentence = N_(
        "« {typed} » peut vouloir dire plusieurs montants. Écrivez les euros, une virgule, deux chiffres : 12,50."
    )
    ambiguous = True


def parse(typed: str) -> Cents:
    """Read an amount as people type it; give it in cents.

    Raises NotAnAmountError; AmbiguousAmountError where it could mean two amounts.

    >>> [parse(s) for s in ("12,50", "12.5€", "1 234,56", "12€50", "1.234,56", "1,234.56", "−5,2", "€3", "20e")]
    [1250, 1250, 123456, 1250, 123456, 123456, -520, 300, 2000]
    >>> parse("1.234")
    Traceback (most recent call last):
    bot.ledger.money.AmbiguousAmountError: ('AmbiguousAmountError', {'typed': '1.234'})
    """
    text = typed.strip().casefold() if len(typed) <= _LONGEST else ""
    found = _MIDDLE.fullmatch(text)
    text = _CURRENCY.sub("", text)
    found = found or _PLAIN.fullmatch(text)
    if found is None or _AMBIGUOUS.fullmatch(text):
        raise _refusal(typed, text)
    parts = found.groupdict()
    if parts.get("mark") and parts.get("mark") == parts.get("point"):
        raise AmbiguousAmountError(typed=_shown(typed))
    whole = int(re.sub("[^0-9]", "", parts["whole"]))
    cents = whole * 100 + int((parts["cents"] or "0").ljust(2, "0"))
    if cents > LARGEST:
        raise NotAnAmountError(typed=_shown(typed))
    return Cents(-cents if parts["sign"] in {"-", "−", "–"} else cents)


def _refusal(typed: str, text: str) -> NotAnAmountError:
    kind = AmbiguousAmountError if _AMBIGUOUS.fullmatch(text) else NotAnAmountError
    return kind(typed=_shown(typed))


def _shown(typed: str) -> str:
    """Quote the beginning of what was typed, without the characters that would garble the sentence around it."""
    beginning = " ".join(typed[: 2 * _LONGEST].split())
    return "".join(letter for letter in beginning if letter.isprintable())[:_LONGEST]


def show(cents: Cents, language: str = "fr") -> str:
    r"""Write an amount in euros as the language does, with a real minus sign.

    >>> show(Cents(123456)), show(Cents(-50)), show(Cents(-123456), "en")
    ('1\u202f234,56\xa0€', '−0,50\xa0€', '−€1,234.56')
    """
    sign = "−" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    if language == "en":
        return f"{sign}€{euros:,}.{rest:02}"
    return f"{sign}{euros:,}".replace(",", "\u202f") + f",{rest:02}\u00a0€"


def line(quantity_thousandths: int, unit_price_cents: Cents) -> Cents:
    """Multiply a quantity, in thousandths, by a unit price, in cents: rounded half up, away from zero, once (B7).

    >>> 3 * line(350, Cents(210)), line(-1150, Cents(1400))
    (222, -1610)
    """
    exact = quantity_thousandths * unit_price_cents
    rounded = (2 * abs(exact) + 1000) // 2000
    return Cents(rounded if exact >= 0 else -rounded)
