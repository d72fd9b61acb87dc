"""When providers are asked what became of a link: often while somebody is paying, rarely later, in the end no more.

Errands ask them, outside the writer's transaction; what is due is found in the database and claimed there, so that two
processes ask once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot import errands
from bot.ledger.store import Store
from bot.online.answers import PLATFORM
from bot.online.reading import NOT_YET_KNOWN
from bot.online.tables import CHECKOUT

CREATE, ASK, EXPIRE, REFUND = "online:create", "online:ask", "online:expire", "online:refund"

OFTEN, OFTEN_FOR = timedelta(seconds=30), timedelta(minutes=15)
LESS_OFTEN = timedelta(minutes=2)
LATE = tuple(timedelta(hours=hours) for hours in (0.5, 0.75, 1, 1.5, 3, 12, 36, 96, 192))
"""How long after its creation a link that is over is asked about once more: somebody may have been on the page when it
ended, and a slow bank may confirm a payment days later."""

MOST_AT_ONCE = 200

PLACES_KEPT = timedelta(days=60)


@dataclass(frozen=True)
class LookedFor:
    """A draft: a member says that a link is paid, and the provider is to be asked now."""

    reference: str


def errand(connection: Connection, kind: str, reference: str, *, not_before: datetime | None = None) -> None:
    """Have something asked of a provider, about a checkout or a refund of ours."""
    errands.add_errand(connection, kind, PLATFORM, {"reference": reference}, not_before=not_before)


def next_ask(created_at: datetime, expires_at: datetime, now: datetime) -> datetime | None:
    """Tell when to ask again, None for never.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> moments = [noon, noon + timedelta(minutes=20), noon + timedelta(minutes=61), noon + timedelta(hours=200)]
    >>> [str(at - noon) if (at := next_ask(noon, noon + timedelta(hours=1), now)) else "" for now in moments]
    ['0:00:30', '0:22:00', '1:02:00', '']
    """
    last = expires_at + NOT_YET_KNOWN
    if now < last:
        return min(last, now + (OFTEN if now < created_at + OFTEN_FOR else LESS_OFTEN))
    return next((created_at + after for after in LATE if created_at + after > now), None)


def ask_due(store: Store, now: datetime) -> bool:
    """Ask about every link whose moment has come; say whether there was any."""
    with store.read() as connection:
        if connection.execute(select(CHECKOUT.c.reference).where(CHECKOUT.c.ask_at <= now)).first() is None:
            return False
    return store.write(lambda connection: ask_about(connection, now)).result()


def ask_about(connection: Connection, now: datetime) -> bool:
    """Move the moments that have come on, which is how they are claimed, and write the errands."""
    due = select(CHECKOUT).where(CHECKOUT.c.ask_at <= now).order_by(CHECKOUT.c.ask_at).limit(MOST_AT_ONCE)
    found = connection.execute(due).all()
    for row in found:
        following = next_ask(row.created_at, row.expires_at or row.created_at, now)
        mine = update(CHECKOUT).where(CHECKOUT.c.reference == row.reference, CHECKOUT.c.ask_at == row.ask_at)
        if connection.execute(mine.values(ask_at=following)).rowcount:
            errand(connection, ASK, row.reference)
    return bool(found)


def ask_now(connection: Connection, reference: str, now: datetime) -> None:
    """Ask about one link at once, and again a little later, should the provider not answer."""
    here = update(CHECKOUT).where(CHECKOUT.c.reference == reference)
    connection.execute(here.values(ask_at=now + OFTEN))
    errand(connection, ASK, reference)


def forget_places(connection: Connection, now: datetime) -> None:
    """Forget where links were asked for, once nothing more will be said of them there (B44)."""
    over = (CHECKOUT.c.created_at < now - PLACES_KEPT) & (CHECKOUT.c.chat != "")
    connection.execute(update(CHECKOUT).where(over).values(platform="", chat=""))
