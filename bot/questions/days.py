"""Asking for a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.conversation import Answer, MisunderstoodError
from bot.questions.folding import folded, picked
from bot.words import DAYS, MONTHS, _

FURTHEST_DAY = timedelta(days=2 * 366)


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
