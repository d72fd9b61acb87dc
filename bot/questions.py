"""The questions a conversation can ask: amounts, choices, texts, dates, files, consent."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from bot.conversation import Answer, MisunderstoodError, Question, ask
from bot.ledger import money
from bot.ledger.money import Cents
from bot.words import DAYS, MONTHS, _, amount, told

T = TypeVar("T")

MAX_AMOUNT = Cents(1_000_000)
"""Ten thousand euros: more than any basket, less than a slip of the thumb on the zero."""

MAX_TEXT = 300

FURTHEST_DAY = timedelta(days=2 * 366)


def folded(text: str) -> str:
    r"""Fold case, accents and spaces away, to compare what people type with what is shown.

    >>> folded("  Chèque\u00a0CADEAU ")
    'cheque cadeau'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("œ", "oe").replace("’", "'").split())


def picked(text: str, options: Iterable[Answer]) -> str | None:
    """Find the option that was typed: its label, or its rank."""
    wanted = folded(text)
    for rank, option in enumerate(options, start=1):
        if wanted in {folded(option.label), str(rank)}:
            return option.token
    return None


@dataclass(frozen=True)
class Amount:
    """Ask for a sum of money, in cents, more than zero unless ``signed``."""

    name: str
    text: str
    suggestions: tuple[Cents, ...] = ()
    signed: bool = False
    typed_ahead: bool = True

    OTHER = "other"

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the likely amounts, and to type another."""
        offered = [Answer(str(cents), amount(cents)) for cents in self.suggestions]
        return [*offered, Answer(self.OTHER, _("Autre montant"))] if offered else []

    def understand(self, text: str) -> str:
        """Read an amount as people type it; refuse zero, ambiguity and excess with a sentence (B48)."""
        for option in self.options:
            if folded(text) == folded(option.label):
                return str(self.value(option.token))
        try:
            cents = money.parse(text)
        except money.NotAnAmountError as refusal:
            raise MisunderstoodError(told(refusal), final=refusal.ambiguous) from refusal
        return str(self._allowed(cents))

    def value(self, token: str) -> Cents:
        """Read a token back; the one of « Autre montant » asks to type."""
        if token == self.OTHER:
            raise MisunderstoodError(_("Écrivez le montant, par exemple 12,50."), instead=True)
        if not re.fullmatch("-?[0-9]{1,9}", token):
            raise MisunderstoodError(_("Écrivez un montant, par exemple 12,50."))
        return self._allowed(Cents(int(token)))

    def _allowed(self, cents: Cents) -> Cents:
        if cents == 0:
            raise MisunderstoodError(_("Zéro ne change rien. Écrivez un montant, par exemple 12,50."))
        if cents < 0 and not self.signed:
            raise MisunderstoodError(_("Écrivez le montant sans signe moins, par exemple 12,50."))
        if abs(cents) > MAX_AMOUNT:
            raise MisunderstoodError(
                _("{amount:money} : c'est trop. Le plus grand montant possible est {most:money}.",
                  amount=cents, most=MAX_AMOUNT)
            )  # fmt: skip
        return cents


class Choice(Generic[T]):
    """Ask to pick one of several things. ``also`` gives other words for a token (« espèces » for « liquide »)."""

    typed_ahead = True

    def __init__(
        self, name: str, text: str, things: Mapping[Answer, T], also: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.name = name
        self.text = text
        self.options: Sequence[Answer] = tuple(things)
        self._things = {option.token: thing for option, thing in things.items()}
        self._also = {folded(word): token for token, words in (also or {}).items() for word in words}

    def understand(self, text: str) -> str:
        """Take a label, a rank or a synonym."""
        token = picked(text, self.options) or self._also.get(folded(text))
        if token is None or token not in self._things:
            offered = ", ".join(option.label for option in self.options)
            raise MisunderstoodError(_("Choisissez une des réponses proposées : {offered}.", offered=offered))
        return token

    def value(self, token: str) -> T:
        """Give the thing of a token."""
        try:
            return self._things[token]
        except KeyError as error:
            raise MisunderstoodError(_("Ce choix n'est plus possible.")) from error


class Consent(Choice[bool]):
    """Ask to agree to exactly what is written: the question is named by its own text."""

    typed_ahead = False

    def __init__(self, text: str, yes: str | None = None) -> None:
        name = "consent-" + hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
        things = {Answer("yes", yes or _("Oui")): True, Answer("no", _("Non")): False}
        super().__init__(
            name, text, things, {"yes": ("oui", "o", "ok", "d'accord", "yes", "y"), "no": ("non", "n", "no")}
        )


@dataclass(frozen=True)
class Text:
    """Ask for a few words; ``skippable`` lets the person pass, with an empty text."""

    name: str
    text: str
    suggestions: tuple[str, ...] = ()
    skippable: bool = False
    typed_ahead: bool = True
    limit: int = MAX_TEXT

    SKIP = "-"

    @property
    def options(self) -> Sequence[Answer]:
        """Offer what people mostly say, and to pass."""
        offered = [Answer(words, words) for words in self.suggestions]
        return [*offered, Answer(self.SKIP, _("Passer"))] if self.skippable else offered

    def understand(self, text: str) -> str:
        """Take the words as they are, if they are not too many."""
        words = " ".join(text.split())
        if self.skippable and folded(words) in {self.SKIP, folded(_("Passer"))}:
            return self.SKIP
        return self._allowed(words)

    def value(self, token: str) -> str:
        """Give the words back."""
        if self.skippable and token == self.SKIP:
            return ""
        return self._allowed(token)

    def _allowed(self, words: str) -> str:
        if not words.strip() or not words.isprintable():
            raise MisunderstoodError(_("Écrivez quelques mots."))
        if len(words) > self.limit:
            raise MisunderstoodError(_("C'est trop long : {limit} signes au plus.", limit=self.limit))
        return words


@dataclass(frozen=True)
class Day:
    """Ask for a day from today on, as people say it: « demain », « vendredi », « 12 décembre », « 12/12 »."""

    name: str
    text: str
    today: date
    typed_ahead: bool = True

    @property
    def options(self) -> Sequence[Answer]:
        """Offer today and tomorrow."""
        tomorrow = self.today + timedelta(days=1)
        return [Answer(self.today.isoformat(), _("Aujourd'hui")), Answer(tomorrow.isoformat(), _("Demain"))]

    def understand(self, text: str) -> str:
        """Read a day; of days without a year, the next one to come is meant."""
        known = picked(text, self.options)
        found = (known and date.fromisoformat(known)) or _day_typed(folded(text), self.today)
        return self._allowed(found).isoformat()

    def value(self, token: str) -> date:
        """Read a token back, if it is still to come."""
        return self._allowed(_written_day(token))

    def _allowed(self, found: date | None) -> date:
        if found is None or not self.today <= found <= self.today + FURTHEST_DAY:
            raise MisunderstoodError(_("Écrivez un jour à venir, par exemple « vendredi » ou « 12/12 »."))
        return found


def _written_day(token: str) -> date | None:
    try:
        return date.fromisoformat(token)
    except ValueError:
        return None


def _day_typed(words: str, today: date) -> date | None:
    for names in DAYS.values():
        for weekday, name in enumerate(names):
            if words == folded(name):
                return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    written = re.fullmatch(r"([0-9]{1,2})(?:er)?[ /.-]([a-z]+|[0-9]{1,2})(?:[ /.-]([0-9]{4}))?", words)
    return _calendar_day(written, today) if written else None


def _calendar_day(written: re.Match[str], today: date) -> date | None:
    month = _month(written[2])
    try:
        found = date(int(written[3] or today.year), month, int(written[1]))
        return found if written[3] or found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None


def _month(word: str) -> int:
    if word.isdigit():
        return int(word)
    names = [(folded(name), rank) for names in MONTHS.values() for rank, name in enumerate(names, start=1)]
    return next((rank for name, rank in names if len(word) >= 3 and name.startswith(word)), 0)


@dataclass(frozen=True)
class SentFile:
    """Ask for a file. ``read`` turns the number of a received file into a value, or raises MisunderstoodError."""

    name: str
    text: str
    read: Callable[[int], bytes]
    options: tuple[Answer, ...] = ()
    typed_ahead: bool = False

    def understand(self, _text: str, /) -> str:
        """Explain that a file is wanted."""
        raise MisunderstoodError(_("Envoyez un fichier, comme une pièce jointe."))

    def understand_file(self, number: int) -> str:
        """Take a file that has arrived, if it can be read."""
        self.read(number)
        return str(number)

    def value(self, token: str) -> bytes:
        """Give the file's bytes."""
        if not re.fullmatch("[0-9]{1,18}", token):
            raise MisunderstoodError(_("Envoyez un fichier, comme une pièce jointe."))
        return self.read(int(token))


def choose(
    name: str, text: str, things: Mapping[Answer, T], also: Mapping[str, Sequence[str]] | None = None
) -> Generator[Question[T], T, T]:
    """Ask to pick one of several things."""
    return (yield from ask(Choice(name, text, things, also)))


def confirm(text: str, yes: str | None = None) -> Generator[Question[bool], bool, bool]:
    """Ask for a yes or a no to exactly what is written; ``yes`` may say what it does instead."""
    return (yield from ask(Consent(text, yes)))
