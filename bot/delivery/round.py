"""One round in one lane: in order, until something must wait. What is refused is kept for later, or set aside (B47)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, delete, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.chat import Place, RetryLaterError, UndeliverableError
from bot.delivery import asking_providers
from bot.delivery.errands import give_up, run_errand
from bot.delivery.showing import Means, card_key, place_of, show_card, show_letter
from bot.delivery.work import Row, Work
from bot.desk.moving import follow
from bot.errands import Errand
from bot.groups import apply as people_apply
from bot.ledger.errors import UnavailableError
from bot.outbox import CardPlace, Waiting

log = structlog.get_logger()

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
MOST_TRIES = 330
"""About a day of tries, most of them nearly five minutes apart."""


async def serve(means: Means, work: Work) -> None:
    """Serve a lane in order; stop at the first thing that must wait, or when delivery ends.

    Raises UnavailableError when the database cannot be read: nothing is lost, what is left is found again.
    """
    for row in work.rows:
        if means.ending.is_set() or not await _served(means, row):
            return


async def _served(means: Means, row: Row) -> bool:
    """Serve one thing, whatever comes of it; say whether the lane goes on."""
    try:
        await _step(means, row)
    except RetryLaterError as trouble:
        await _later(means, row, trouble)
        return False
    except UndeliverableError as trouble:
        return await _refused(means, row, trouble)
    except UnavailableError:
        raise
    except Exception:  # an edge: one message's bug must not keep the others from being delivered
        reference = secrets.token_hex(2).upper()
        log.exception("bug", reference=reference, platform=row.platform, what=type(row).__name__)
        await _set_aside(means, row, f"bug {reference}")
    return True


async def _step(means: Means, row: Row) -> None:
    match row:
        case Waiting():
            await show_letter(means, row)
        case CardPlace():
            await show_card(means, row)
        case Errand():
            await run_errand(means, row)


async def _later(means: Means, row: Row, trouble: RetryLaterError) -> None:
    """Keep something for later: when the platform says, or twice as late each time, with some chance in it.

    A short wait that the platform asked for is no failed try: it is not what sets a message aside.
    """
    tries = row.attempts + 1
    if trouble.after_seconds is not None:
        wait = timedelta(seconds=trouble.after_seconds)
        tries = tries if wait >= LONGEST_WAIT else row.attempts
    else:
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.attempts, 10)) * (0.75 + 0.25 * means.chance())
    if tries >= MOST_TRIES:
        await _set_aside(means, row, "too many tries")
    else:
        await means.notes.insist(_change(row, attempts=tries, next_at=means.clock() + wait))


async def _refused(means: Means, row: Row, trouble: UndeliverableError) -> bool:
    """Follow a chat that has moved, or set aside what will never be taken; say whether the lane goes on."""
    assert not isinstance(row, Errand), "errands tell the desk"
    place, moved_to = place_of(row), trouble.moved_to
    if moved_to and moved_to != row.chat and row.attempts < MOST_TRIES:
        await means.notes.insist(lambda connection: _follow(connection, place, moved_to))
        return False
    if trouble.unreachable:
        now = means.clock()
        await means.notes.insist(lambda connection: people_apply.mark_reached(connection, place, reached=False, at=now))
    await _set_aside(means, row, str(trouble)[:200])
    return True


async def _set_aside(means: Means, row: Row, reason: str) -> None:
    """Put something out of the way. A card is drawn again when it next changes; an errand's failure is told.

    The reason is not logged: a platform may quote the text in it.
    """
    number = row.name if isinstance(row, CardPlace) else row.id
    log.warning("set aside", platform=row.platform, what=type(row).__name__, number=number)
    match row:
        case Waiting():
            await asking_providers.invoice_lost(means, row)
            await means.notes.insist(_change(row, state="aside", reason=reason, next_at=None))
        case CardPlace():
            await means.notes.insist(_change(row, shown=row.wanted, resend=False, attempts=0, next_at=None))
        case Errand():
            await give_up(means, row)


def _change(row: Row, **values: object) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        connection.execute(update(type(row)).where(_key(row)).values(**values))

    return job


def _key(row: Row) -> ColumnElement[bool]:
    match row:
        case Waiting():
            return col(Waiting.id) == row.id
        case CardPlace():
            return card_key(row)
        case Errand():
            return col(Errand.id) == row.id


def _follow(connection: Connection, place: Place, moved_to: str) -> None:
    """Follow a chat to its new id. It counts as a try, lest two ids that point at each other be followed for ever."""
    follow(connection, place, moved_to)
    _cards_follow(connection, place, moved_to)
    for table in (Waiting, CardPlace):
        there = (col(table.platform) == place.platform) & (col(table.chat) == moved_to)
        connection.execute(update(table).where(there).values(attempts=col(table.attempts) + 1))


def _cards_follow(connection: Connection, place: Place, moved_to: str) -> None:
    """Move the cards still left behind, as they are when the new chat has cards already; drop those it has itself."""
    there = aliased(CardPlace)
    same = (col(there.group_id) == col(CardPlace.group_id)) & (col(there.name) == col(CardPlace.name))
    known = exists().where(same, col(there.platform) == place.platform, col(there.chat) == moved_to)
    left = (col(CardPlace.platform) == place.platform) & (col(CardPlace.chat) == place.chat)
    connection.execute(update(CardPlace).where(left, ~known).values(chat=moved_to, message="", resend=True))
    connection.execute(delete(CardPlace).where(left))
