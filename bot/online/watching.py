"""When providers are asked what went back of a payment: soon, then every day, then rarely, for as long as banks may dispute it (B25).

As with links (:mod:`bot.online.asking`), what is due is found in the database and claimed there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot import errands
from bot.ledger.store import Store
from bot.online.answers import PLATFORM
from bot.online.asking import MOST_AT_ONCE, OFTEN
from bot.online.tables import ONLINE_PAYMENT

LOOK = "online:look"

FIRST, DAILY = timedelta(hours=1), timedelta(days=1)
AGE_PER_LOOK = 8
"""Later a payment is looked at again after so great a part of its age: what went back is known in reasonable time."""

WATCHED_FOR = timedelta(days=400)
"""Banks take disputes for a year and a month at most."""


def next_look(paid_at: datetime, now: datetime) -> datetime | None:
    """Tell when to look again, None for never.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> [str(next_look(noon, noon + timedelta(days=days)) - noon) for days in (0, 4, 80)]
    ['1 day, 0:00:00', '5 days, 0:00:00', '90 days, 0:00:00']
    >>> next_look(noon, noon + timedelta(days=399))
    """
    after = now + max(DAILY, (now - paid_at) / AGE_PER_LOOK)
    return after if after < paid_at + WATCHED_FOR else None


def look(connection: Connection, provider: str, payment: str, *, not_before: datetime | None = None) -> None:
    """Have a provider asked what went back of a payment."""
    body = {"reference": payment, "provider": provider}
    errands.add_errand(connection, LOOK, PLATFORM, body, not_before=not_before)


def look_now(connection: Connection, provider: str, payment: str, now: datetime) -> None:
    """Ask at once, and again a little later, should the provider not answer."""
    here = (ONLINE_PAYMENT.c.provider == provider) & (ONLINE_PAYMENT.c.external == payment)
    connection.execute(update(ONLINE_PAYMENT).where(here).values(ask_at=now + OFTEN))
    look(connection, provider, payment)


def look_due(store: Store, now: datetime) -> bool:
    """Look at every payment whose moment has come; say whether there was any."""
    with store.read() as connection:
        if connection.execute(select(ONLINE_PAYMENT.c.fact).where(ONLINE_PAYMENT.c.ask_at <= now)).first() is None:
            return False
    return store.write(lambda connection: look_at(connection, now)).result()


def look_at(connection: Connection, now: datetime) -> bool:
    """Move the moments that have come on, which is how they are claimed, and write the errands."""
    due = select(ONLINE_PAYMENT).where(ONLINE_PAYMENT.c.ask_at <= now).order_by(ONLINE_PAYMENT.c.ask_at)
    found = connection.execute(due.limit(MOST_AT_ONCE)).all()
    for row in found:
        here = (ONLINE_PAYMENT.c.provider == row.provider) & (ONLINE_PAYMENT.c.external == row.external)
        mine = update(ONLINE_PAYMENT).where(here, ONLINE_PAYMENT.c.ask_at == row.ask_at)
        if connection.execute(mine.values(ask_at=next_look(row.at, now))).rowcount:
            look(connection, row.provider, row.external)
    return bool(found)
