"""What can be delivered now, lane by lane: a chat's messages in order, then its cards; each errand alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, or_, select, tuple_, union_all
from sqlmodel import col

from bot.errands import Errand
from bot.ledger.prepared import Prepared
from bot.outbox import CardPlace, Waiting

MOST_AT_ONCE = 500
"""Rows of a kind taken up by one look: a look is short even when ten thousand messages wait."""

Lane: TypeAlias = tuple[str, ...]
"""What is served by one worker at a time: (platform, chat), or (platform, "errand", number)."""

Row: TypeAlias = Waiting | CardPlace | Errand
R = TypeVar("R", Waiting, CardPlace, Errand)


@dataclass
class Work:
    """What one lane has waiting, in the order it is to be served."""

    lane: Lane
    rows: list[Row] = field(default_factory=list)

    @property
    def platform(self) -> str:
        """Tell on which platform it is to be served."""
        return self.lane[0]


@dataclass(frozen=True)
class Found:
    """What a look has found. ``due`` is when the next retry is; ``full`` says that there may be more to find now."""

    work: list[Work]
    due: datetime | None
    full: bool


def look(connection: Connection, now: datetime, *, platforms: Iterable[str], busy: Iterable[Lane] = ()) -> Found:
    """Find what can be delivered now on these platforms, except in lanes that are being served (B47).

    A chat in which something waits for a retry waits whole, so that order is kept and the platform left in peace.
    """
    served = set(busy)
    free = {"now": now, "platforms": list(platforms), "busy": [lane for lane in served if len(lane) == 2]}
    letters = _rows(connection, Waiting, _LETTERS, free)
    last = {"last": letters[-1].id if letters else 0}
    cards = _rows(connection, CardPlace, _CARDS, free | last)
    errands = _rows(connection, Errand, _ERRANDS, free)
    lanes: dict[Lane, Work] = {}
    for row in _each(letters, cards, errands):
        lane = lane_of(row)
        if lane not in served:
            lanes.setdefault(lane, Work(lane)).rows.append(row)
    full = MOST_AT_ONCE in {len(letters), len(cards), len(errands)}
    return Found(list(lanes.values()), next_due(connection, now), full)


def lane_of(row: Row) -> Lane:
    """Tell in which lane something is served."""
    if isinstance(row, Errand):
        return (row.platform, "errand", str(row.id))
    return (row.platform, row.chat)


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Tell when the next retry is due, None if nothing waits for one."""
    moments = [earliest.row(connection, {"now": now})[0] for earliest in _EARLIEST]
    return min((moment for moment in moments if moment is not None), default=None)


def _earliest(column: Any) -> Prepared:
    return Prepared(select(func.min(column)).where(column > bindparam("now")))


_EARLIEST = [_earliest(col(table.next_at)) for table in (Waiting, CardPlace, Errand)]


def _rows(connection: Connection, table: type[R], query: Select[R], given: Mapping[str, object]) -> list[R]:
    """Take rows up as they are: the database has checked them already."""
    found = connection.execute(query, given)
    return [table.model_construct(**row._mapping) for row in found]  # noqa: SLF001 - its public name


def _free(table: type[Waiting] | type[CardPlace]) -> ColumnElement[bool]:
    """Select the lanes that may be served: on a platform that is there, not busy, with nothing that waits for a retry."""
    chat = tuple_(col(table.platform), col(table.chat))
    held = union_all(*(_held(other) for other in (Waiting, CardPlace)))
    here = col(table.platform).in_(bindparam("platforms", expanding=True))
    return here & chat.not_in(held) & chat.not_in(bindparam("busy", expanding=True))


def _held(table: type[Waiting] | type[CardPlace]) -> Select[str, str]:
    return select(col(table.platform), col(table.chat)).where(col(table.next_at) > bindparam("now"))


def _letters() -> Select[Waiting]:
    waiting = select(Waiting).where(col(Waiting.state) == "waiting", _free(Waiting))
    return waiting.order_by(col(Waiting.id)).limit(MOST_AT_ONCE)


def _cards() -> Select[CardPlace]:
    """Select the cards to draw, except where messages wait that come after ``last``, not taken up: they go first."""
    here = (col(Waiting.platform) == col(CardPlace.platform)) & (col(Waiting.chat) == col(CardPlace.chat))
    left = exists().where(here, col(Waiting.state) == "waiting", col(Waiting.id) > bindparam("last"))
    wanted = or_(col(CardPlace.wanted) > col(CardPlace.shown), col(CardPlace.resend))
    return select(CardPlace).where(wanted, _free(CardPlace), ~left).limit(MOST_AT_ONCE)


def _errands() -> Select[Errand]:
    due = or_(col(Errand.next_at).is_(None), col(Errand.next_at) <= bindparam("now"))
    here = col(Errand.platform).in_(bindparam("platforms", expanding=True))
    return select(Errand).where(due, here).order_by(col(Errand.id)).limit(MOST_AT_ONCE)


_LETTERS, _CARDS, _ERRANDS = _letters(), _cards(), _errands()
"""Made once: a look follows each message, and putting these together cost more than running them."""


def _each(*kinds: Iterable[Row]) -> Iterator[Row]:
    for rows in kinds:
        yield from rows
