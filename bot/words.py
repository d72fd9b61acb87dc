"""The language a person reads: sentences translated and filled, amounts and dates as it writes them.

French is the source: it stands inline, in ``_()``, so that a conversation reads like its script. English comes from
``locale/en/LC_MESSAGES/ardoise.po``, read as it is: no build step.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from bot.chat import strong
from bot.elision import ELIDED, elided
from bot.ledger import money
from bot.ledger.errors import Refusal

LANGUAGES = {"fr": "Français", "en": "English"}

_language: ContextVar[str] = ContextVar("language", default="fr")
_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=ZoneInfo("Europe/Paris"))  # noqa: B039 - a zone never changes

DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


@contextmanager
def speaking(language: str, zone: str = "Europe/Paris") -> Generator[None]:
    """Speak a language (an unknown one: French) and the group's time zone, until the end of the block."""
    spoken = _language.set(language if language in LANGUAGES else "fr")
    placed = _zone.set(ZoneInfo(zone))
    try:
        yield
    finally:
        _language.reset(spoken)
        _zone.reset(placed)


def language() -> str:
    """Tell the language being spoken."""
    return _language.get()


def _(sentence: str, /, **facts: object) -> str:
    r"""Translate a sentence and fill it with facts.

    A field's format says how it is written: ``money`` (cents), ``day``, ``date``, ``time``, ``moment`` (UTC datetimes); a star
    at the end makes it bold. In French a name elides « de » before it.

    >>> _("Vous devez {due:money} au groupe.", due=2450)
    'Vous devez 24,50\xa0€ au groupe.'
    >>> _("Le chèque de {name}.", name="Awa")
    "Le chèque d'Awa."
    """
    return filled(_catalogue(_language.get()).gettext(sentence), **facts)


def _n(one: str, many: str, n: int, /, **facts: object) -> str:
    """Translate a sentence that counts, ``{n}`` being the count, and fill it.

    >>> _n("{n} paiement", "{n} paiements", 2)
    '2 paiements'
    """
    return filled(_catalogue(_language.get()).ngettext(one, many, n), n=n, **facts)


def told(refusal: Refusal) -> str:
    """Say a refusal in the language being spoken (B48)."""
    return _(refusal.sentence, **refusal.facts)


def filled(template: str, /, **facts: object) -> str:
    """Fill a template that is already in the right language; a name that begins with a vowel elides what it follows: « d'Awa »."""
    if "{" not in template:
        return template
    return "".join([
        before if name is None else write(before, facts[name]) for before, name, write in _pieces(template)
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def _pieces(template: str) -> list[tuple[str, str | None, Callable[[str, Any], str]]]:
    """Take a template apart, once: texts, each with the field that follows it and how both are written."""
    return [
        (before, name, _writing(spec or "", elides=spec in {"", "*"} and ELIDED.search(before) is not None))
        for before, name, spec, _conversion in Formatter().parse(template)
    ]


def _writing(how: str, *, elides: bool) -> Callable[[str, Any], str]:
    """Make what writes a value, as the language does, after the text before it; a star at the end of ``how`` makes it bold."""
    spec = how.removesuffix("*")
    write = _SPECS.get(spec) or (lambda value: format(value, spec))
    bold = strong if spec != how else str
    if elides:
        return lambda before, value: _elided(before, value) + bold(write(value))
    return lambda before, value: before + bold(write(value))


def _elided(before: str, value: object) -> str:
    return elided(before, value) if isinstance(value, str) and _language.get() == "fr" else before


def amount(cents: int) -> str:
    """Write an amount given in cents."""
    return money.show(money.Cents(cents), _language.get())


def day(moment: datetime | date) -> str:
    """Write a day in words: « mardi 24 novembre »."""
    local = moment.astimezone(_zone.get()).date() if isinstance(moment, datetime) else moment
    spoken = _language.get()
    name, month = DAYS[spoken][local.weekday()], MONTHS[spoken][local.month - 1]
    number = "1er" if spoken == "fr" and local.day == 1 else str(local.day)
    return f"{name} {number} {month}"


def date_words(moment: datetime) -> str:
    """Write a day without its name: « 12 novembre »."""
    return day(moment).partition(" ")[2]


def short_day(moment: datetime | date) -> str:
    """Write a day in figures, for lists: « 24/11/2026 »."""
    local = moment.astimezone(_zone.get()) if isinstance(moment, datetime) else moment
    return local.strftime("%d/%m/%Y")


def time(moment: datetime) -> str:
    """Write a time of day: « 18 h 30 »."""
    local = moment.astimezone(_zone.get())
    if _language.get() == "en":
        return local.strftime("%H:%M")
    return f"{local.hour}\u00a0h\u00a0{local.minute:02}" if local.minute else f"{local.hour}\u00a0h"


def moment(at: datetime) -> str:
    """Write a day and a time: « mardi 24 novembre à 18 h 30 »."""
    return _("{day} à {time}", day=day(at), time=time(at))


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago, in days of the group's calendar: « aujourd'hui », « hier », « il y a 3 jours »."""
    zone = _zone.get()
    days = (now.astimezone(zone).date() - then.astimezone(zone).date()) // timedelta(days=1)
    if days <= 0:
        return _("aujourd'hui")
    return _("hier") if days == 1 else _n("il y a {n} jour", "il y a {n} jours", days)


_SPECS: dict[str, Callable[[Any], str]] = {
    "money": amount,
    "day": day,
    "date": date_words,
    "short": short_day,
    "time": time,
    "moment": moment,
}


class _French(gettext.NullTranslations):
    """The source language: its sentences as they are, and one of what there is none of: « 0 jour »."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Choose the plural from two on."""
        return msgid2 if abs(n) >= 2 else msgid1


@cache
def _catalogue(spoken: str) -> gettext.NullTranslations:
    if spoken == "fr":
        return _French()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - a French installation never needs it
    from babel.messages.pofile import read_po  # noqa: PLC0415

    path = Path(__file__).parent / "locale" / spoken / "LC_MESSAGES" / "ardoise.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=spoken))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
