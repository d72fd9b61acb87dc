"""When a member wants to be written to: on a day of theirs, between hours of theirs, within the group's quiet hours (B37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.market.calendar import utc

DAY_BEGINS, DAY_ENDS = 8, 22


@dataclass(frozen=True)
class Times:
    """A day of the week (None: any) and the hours from which until which a member is written to, on the group's wall."""

    weekday: int | None = None
    starts: int = DAY_BEGINS
    ends: int = DAY_ENDS

    def suit(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether a moment suits.

        >>> from datetime import UTC
        >>> saturday = datetime(2026, 12, 5, 9, 30, tzinfo=UTC)
        >>> paris = ZoneInfo("Europe/Paris")
        >>> [Times(5, 10, 12).suit(saturday, paris), Times(5, 8, 10).suit(saturday, paris), Times(4).suit(saturday, paris)]
        [True, False, False]
        """
        local = now.astimezone(zone)
        return self.weekday in {None, local.weekday()} and self.starts <= local.hour < self.ends

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Give the first moment from now on that suits.

        >>> from datetime import UTC
        >>> tuesday = datetime(2026, 12, 1, 17, tzinfo=UTC)
        >>> paris = ZoneInfo("Europe/Paris")
        >>> [times.next(tuesday, paris).isoformat() for times in (Times(5, 10, 12), Times(None, 8, 12))]
        ['2026-12-05T09:00:00+00:00', '2026-12-02T07:00:00+00:00']
        """
        if self.suit(now, zone):
            return now
        today = now.astimezone(zone).date()
        days = (today + timedelta(days=n) for n in range(8))
        mornings = (utc(datetime.combine(day, time(self.starts)), zone) for day in days if self._is_on(day.weekday()))
        return next(moment for moment in mornings if moment > now)

    def _is_on(self, weekday: int) -> bool:
        return self.weekday in {None, weekday}
