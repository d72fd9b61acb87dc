"""Command menus: members in private, by language; whoever may do more, in their own chat; coordinators' rooms."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, select
from sqlmodel import col

from bot import handlers
from bot.chats.telegram.updates import PLATFORM
from bot.groups.facts import RightGiven
from bot.groups.people import Right
from bot.groups.tables import LinkedAddress, Member, Room
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.ledger.tables import FactRow
from bot.words import LANGUAGES, speaking

log = structlog.get_logger()

LOOK_SECONDS = 15.0
SOURCE = "fr"
"""The language of those whose own has no translation."""


@dataclass(frozen=True)
class Menu:
    """A command menu: for everybody in private (no ``chat``), or in one chat; in a language, or for all others.

    Without commands it is one to remove.
    """

    commands: tuple[tuple[str, str], ...] = ()
    chat: str = ""
    language: str = ""


class Installer(Protocol):
    """Who installs menus: :class:`bot.chats.telegram.Telegram`."""

    async def install(self, menus: Sequence[Menu]) -> None:
        """Install what has changed."""
        ...


async def keep_menus(telegram: Installer, store: Store, stop: asyncio.Event) -> None:
    """Keep the menus true until ``stop`` is set: rights change, rooms are linked, move, or are lost."""
    former: list[Menu] | None = None
    while not stop.is_set():
        try:
            former = await asyncio.to_thread(_read, store, formerly) if former is None else former
            wanted = await asyncio.to_thread(_read, store, current)
            await telegram.install(together(wanted, former))
        except UnavailableError:
            log.warning("the database cannot be read; menus wait")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await stop.wait()


def together(wanted: Sequence[Menu], former: Sequence[Menu]) -> list[Menu]:
    """Add those to remove, except in chats that have a menu of their own again."""
    chats = {menu.chat for menu in wanted}
    return [*wanted, *(menu for menu in former if menu.chat not in chats)]


def current(connection: Connection) -> list[Menu]:
    """List the menus there are to be. Cheap: two short queries."""
    everybody = [
        Menu(_commands(Right.MEMBER, language), language="" if language == SOURCE else language)
        for language in LANGUAGES
    ]
    return [*everybody, *_people(connection), *_rooms(connection)]


def formerly(connection: Connection) -> list[Menu]:
    """List menus to remove, of people who may no longer do more than others: what was installed for them is not known.

    It reads every right ever given: once per start is enough, :meth:`Telegram.install` remembers from then on.
    """
    given = connection.execute(
        select(col(FactRow.group_id), col(FactRow.body)).where(col(FactRow.kind) == RightGiven.__name__)
    )
    members = {(row.group_id, json.loads(row.body)["member"]) for row in given}
    rows = connection.execute(
        select(col(LinkedAddress.group_id), col(LinkedAddress.member), col(LinkedAddress.chat)).where(
            col(LinkedAddress.platform) == PLATFORM
        )
    )
    return [Menu(chat=row.chat) for row in rows if (row.group_id, row.member) in members]


def _read(store: Store, what: Any) -> list[Menu]:
    with store.read() as connection:
        found: list[Menu] = what(connection)
        return found


def _people(connection: Connection) -> list[Menu]:
    """In a private chat the menu is in the language that its person chose; of several groups, the widest right counts."""
    whose = (col(Member.group_id) == col(LinkedAddress.group_id)) & (col(Member.number) == col(LinkedAddress.member))
    rows = connection.execute(
        select(col(LinkedAddress.chat), col(LinkedAddress.language), col(Member.right))
        .join(Member, whose)
        .where(
            col(LinkedAddress.platform) == PLATFORM, col(LinkedAddress.state) == "linked",
            col(Member.active), col(Member.right) != Right.MEMBER.value,
        )
    )  # fmt: skip
    found: dict[str, tuple[Right, str]] = {}
    for row in rows:
        right = Right(row.right)
        if row.chat not in found or right.covers(found[row.chat][0]):
            found[row.chat] = (right, row.language)
    return [Menu(_commands(right, language), chat) for chat, (right, language) in found.items()]


def _rooms(connection: Connection) -> list[Menu]:
    rows = connection.execute(select(Room).where(col(Room.platform) == PLATFORM))
    return [Menu(_commands(Right.TREASURY, row.language, in_room=True) if row.active else (), row.chat) for row in rows]


def _commands(right: Right, language: str, *, in_room: bool = False) -> tuple[tuple[str, str], ...]:
    with speaking(language):
        listed = handlers.menu(right, language, in_room=in_room)
        return tuple((word, does[:1].upper() + does[1:]) for word, does in listed)
