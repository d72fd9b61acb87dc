"""Asking for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.conversation import Answer, MisunderstoodError
from bot.market.moments import WrongWeekdayError, read_day
from bot.questions.picking import picked
from bot.words import _, told

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
        """Read a day; of days without a year, the next one to come is meant; « 12 jui » could be two."""
        known = picked(text, self.options)
        return self._allowed(date.fromisoformat(known) if known else self._typed(text)).isoformat()

    def value(self, token: str) -> date:
        """Read a token back, if it is still to come."""
        return self._allowed(_written_day(token))

    def _typed(self, text: str) -> date | None:
        try:
            return read_day(text, self.today)
        except WrongWeekdayError as refusal:
            raise MisunderstoodError(told(refusal)) from refusal

    def _allowed(self, found: date | None) -> date:
        if found is None or not self.today <= found <= self.today + FURTHEST_DAY:
            raise MisunderstoodError(_("Écrivez un jour à venir, par exemple « vendredi » ou « 12/12 »."))
        return found


def _written_day(token: str) -> date | None:
    try:
        return date.fromisoformat(token)
    except ValueError:
        return None
