"""What a conversation is given to read: who speaks, where, the words typed, the books, the group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.banking.bank import Bank
from bot.chat import Address, Place
from bot.groups import proposals
from bot.groups.people import Group, Person, Right
from bot.ledger.books import Books
from bot.ledger.errors import Refusal
from bot.ledger.money import Cents
from bot.market.market import Market
from bot.online.reading import Online
from bot.providers.accounts import Offer
from bot.questions import whole_number
from bot.reminders.view import Dues
from bot.words import told


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One turn of a conversation. Everything here only reads; nothing changes between two replays of one turn.

    ``draw_code`` draws a secret for the outcome; ``links`` says how to hand a code over, one way for each
    platform; ``groups`` lists the groups the person speaks in; ``card`` tells what the card of a name
    is turned to in this chat; ``file`` gives a stored file's name and bytes; ``offers``
    lists the providers of online payments that the host has for the group.
    """

    person: Person
    address: Address
    place: Place
    words: tuple[str, ...]
    books: Books
    market: Market
    bank: Bank
    group: Group
    dues: Dues
    language: str
    online: Online
    offers: Callable[[], Sequence[Offer]] = field(default=tuple)
    draw_code: Callable[[], str] = field(default=str)
    links: Callable[[str], list[str]] = field(default=lambda _code: [])
    groups: Callable[[], list[tuple[int, str]]] = field(default=list)
    card: Callable[[str], int | None] = field(default=lambda _name: None)
    file: Callable[[int], tuple[str, bytes] | None] = field(default=lambda _number: None)

    @property
    def now(self) -> datetime:
        """The present moment, as the books know it."""
        return self.books.now

    def numbered(self, letter: str) -> int | None:
        """Read the number of the word that begins with a letter, « d12 »: the first such word after the command."""
        found = next((word[1:] for word in self.words[:2] if word[:1] == letter and len(word) > 1), "")
        return whole_number(found)

    def left_to_give(self, member: int) -> Cents:
        """Give a member's balance, less what a provider is about to give back on their card, in cents."""
        return Cents(self.books.balance(member) - self.online.under_way(member))

    def may(self, right: Right) -> bool:
        """Tell whether the speaker has a right, now."""
        return self.person.right.covers(right)

    def needs_another(self, member: int) -> bool:
        """Tell whether an account is the speaker's own, which another coordinator is to act on (B43)."""
        return member == self.person.number and proposals.held(self.group, self.person, self.now)

    def anothers(self, refusal: type[Refusal]) -> str:
        """Say that something is another coordinator's to do, or, where there is none any more, from when it may be done alone."""
        return told(proposals.alone(self.group, self.person, self.now) or refusal())

    @cached_property
    def names(self) -> dict[int, str]:
        """The names of all members, by number."""
        return self.group.names()
