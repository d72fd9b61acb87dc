"""What is asked about a distribution's moments and place: typed as people do, likely answers offered, the impossible refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.conversation import Answer, MisunderstoodError
from bot.ledger.errors import Refusal
from bot.market.calendar import utc
from bot.market.market import Distribution
from bot.market.moments import PastMomentError, read_moment
from bot.questions import Text, folded, picked, whole_number
from bot.words import _, moment, time, told

MOST_PLACES = 6
PLACE_LIMIT = 60
NOW = "now"
_STAMP = "%Y%m%dT%H%M"


def nothing_wrong(_at: datetime) -> None:
    """Find nothing wrong with a moment."""


@dataclass(frozen=True)
class When:
    """Ask for a moment to come, in the group's zone; its value is UTC.

    ``on`` is the day meant where only a time is typed; ``at_once`` offers the present moment too; ``wrong`` raises the
    refusal of a moment that does not fit the others. Suggestions that do not fit are left out.
    """

    name: str
    text: str
    now: datetime
    zone: str
    suggestions: tuple[datetime, ...] = ()
    on: date | None = None
    at_once: bool = False
    wrong: Callable[[datetime], None] = nothing_wrong
    typed_ahead: bool = True

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the likely moments: of the day that is meant, only the time is said."""
        offered = [Answer(self._stamp(at), self._label(at)) for at in dict.fromkeys(self.suggestions) if self._fits(at)]
        return [Answer(NOW, _("Maintenant")), *offered] if self.at_once else offered

    def understand(self, text: str) -> str:
        """Read a moment as people type it: « jeudi 3 décembre 18h », « 20h »."""
        known = picked(text, self.options)
        if known is not None:
            return known
        try:
            return self._stamp(self._checked(read_moment(text, self.now, self.zone, self.on)))
        except Refusal as refusal:
            raise MisunderstoodError(told(refusal)) from refusal

    def value(self, token: str) -> datetime:
        """Give the moment of a token, if it is still to come and still fits."""
        if token == NOW and self.at_once:
            return self.now
        if not re.fullmatch("[0-9]{8}T[0-9]{4}", token):
            raise MisunderstoodError(_("Écrivez un moment, par exemple « jeudi 18h30 »."))
        try:
            return self._checked(datetime.strptime(token, _STAMP).replace(tzinfo=UTC))
        except (Refusal, ValueError) as wrong:
            raise MisunderstoodError(self._words(wrong)) from wrong

    def _words(self, wrong: Exception) -> str:
        return told(wrong) if isinstance(wrong, Refusal) else _("Écrivez un moment, par exemple « jeudi 18h30 ».")

    def _checked(self, at: datetime) -> datetime:
        if at <= self.now:
            raise PastMomentError(at=at)
        self.wrong(at)
        return at

    def _fits(self, at: datetime) -> bool:
        try:
            self._checked(at)
        except Refusal:
            return False
        return True

    def _stamp(self, at: datetime) -> str:
        return at.astimezone(UTC).strftime(_STAMP)

    def _label(self, at: datetime) -> str:
        same_day = self.on is not None and at.astimezone(ZoneInfo(self.zone)).date() == self.on
        return time(at) if same_day else moment(at)


@dataclass(frozen=True)
class Where:
    """Ask for a place: one used before, or another that is typed. ``used``: distributions, the latest at each place."""

    name: str
    text: str
    used: tuple[Distribution, ...]
    typed_ahead: bool = True

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the places used before, the latest first."""
        return [Answer(f"d{found.number}", found.place) for found in self.used]

    def understand(self, text: str) -> str:
        """Take a place used before as it is written there, whatever the case and the accents; else the words."""
        return picked(text, self.options) or "=" + self._words.understand(text)

    def value(self, token: str) -> str:
        """Give the place of a token."""
        if token.startswith("="):
            return self._words.value(token[1:])
        known = {f"d{found.number}": found.place for found in self.used}
        if token not in known:
            raise MisunderstoodError(_("Écrivez le lieu."))
        return known[token]

    @property
    def _words(self) -> Text:
        return Text(self.name, self.text, limit=PLACE_LIMIT)


@dataclass(frozen=True)
class Times:
    """Ask how many times; ``most`` at the most."""

    name: str
    text: str
    most: int
    typed_ahead: bool = True

    @property
    def options(self) -> Sequence[Answer]:
        """Offer a few likely numbers."""
        return [Answer(str(n), str(n)) for n in (2, 4, 6, 12) if n <= self.most]

    def understand(self, text: str) -> str:
        """Read a number: « 4 », « 4 fois »."""
        typed = folded(text).removesuffix(" fois").removesuffix(" times")
        self.value(typed)
        return typed

    def value(self, token: str) -> int:
        """Give the number of a token."""
        n = whole_number(token)
        if n is None or not 1 <= n <= self.most:
            raise MisunderstoodError(_("Écrivez un nombre de fois, {most} au plus.", most=self.most))
        return n


def places_used(distributions: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """Give one distribution for each place, the latest: the places used lately first."""
    latest = {folded(found.place): found for found in distributions}
    return tuple(sorted(latest.values(), key=lambda found: found.starts_at, reverse=True)[:MOST_PLACES])


def shifted(at: datetime, shift: timedelta, zone: str) -> datetime:
    """Move a UTC moment on the wall: the same time of day, whatever the clocks do in between (B31)."""
    place = ZoneInfo(zone)
    return utc(at.astimezone(place).replace(tzinfo=None) + shift, place)


def on_the_wall(at: datetime, zone: str) -> datetime:
    """Give what the clock on the wall shows at a UTC moment, without its zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
