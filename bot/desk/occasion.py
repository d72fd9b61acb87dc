"""One update by one member: who speaks, where, and what a turn reads and writes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Connection

from bot import errands, outbox
from bot.banking.bank import Bank
from bot.chat import Incoming, Place
from bot.groups.chosen import settings
from bot.groups.people import Group
from bot.groups.registry import links
from bot.groups.voices import SPEAKS, Speaker, speakers
from bot.handlers.visit import Visit
from bot.ledger.books import Books
from bot.market.market import Market
from bot.online.reading import Online
from bot.providers.accounts import Accounts
from bot.reminders.view import Dues


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Everything of one turn; its effects go through ``connection`` only."""

    connection: Connection
    incoming: Incoming
    speaker: Speaker
    place: Place
    books: Books
    group: Group
    draw_code: Callable[[], str]
    accounts: Accounts = field(default_factory=Accounts)

    @cached_property
    def market(self) -> Market:
        """The group's market, as it is now."""
        return Market(self.connection, self.group.number, self.books.now)

    @property
    def dues(self) -> Dues:
        """What is due in the group, as it is now."""
        return Dues(self.connection, self.group, self.books.now)

    def visit(self, words: tuple[str, ...] = ()) -> Visit:
        """Make what a conversation is given to read."""
        return Visit(
            person=self.speaker.person,
            address=self.incoming.address,
            place=self.place,
            words=words,
            books=self.books,
            market=self.market,
            bank=Bank(self.connection, self.group.number),
            group=self.group,
            dues=self.dues,
            language=self.speaker.language,
            draw_code=self.draw_code,
            online=Online(self.connection, self.group.number),
            offers=lambda: self.accounts.offers(self.group.number, self.group.settings.name),
            links=self.links,
            groups=self.groups,
            card=self._card_at,
            file=lambda number: errands.stored_file(self.connection, number),
        )

    def _card_at(self, name: str) -> int | None:
        return outbox.card_at(self.connection, group=self.group.number, name=name, place=self.place)

    def groups(self) -> list[tuple[int, str]]:
        """List the groups the person speaks in, by number and name."""
        known = speakers(self.connection, self.incoming.address)
        return [(s.group, settings(self.connection, s.group).name) for s in known if s.state in SPEAKS]

    def links(self, code: str) -> list[str]:
        """Say how to hand a code over."""
        return links(self.connection, code)
