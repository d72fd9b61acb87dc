"""What notices are written from and with: the fact, the books after it, the phrases that many notices share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot.chat import Attachment
from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.books import Books, Standing
from bot.ledger.journal import Recorded
from bot.market.market import Market
from bot.reminders.view import Dues
from bot.wording import balance_for_member, balance_of, rows, say_option, sentence, three_figures, upcoming_lines
from bot.words import _


@dataclass(frozen=True)
class Telling:
    """What a notice is written from: the fact as recorded, the books and the group after it, the ways to hand a code over."""

    recorded: Recorded
    books: Books
    group: Group
    market: Market
    links: Callable[[str], list[str]]
    dues: Dues

    @property
    def fact(self) -> Any:
        """The fact itself."""
        return self.recorded.fact

    @cached_property
    def name(self) -> str:
        """The name of the member the fact is about."""
        return self.group.name_of(self.fact.member)

    @cached_property
    def author(self) -> str:
        """The name of who did it."""
        return self.group.name_of(self.recorded.author)

    @cached_property
    def standing(self) -> Standing:
        """How the account of the member the fact is about stands now."""
        return self.books.standing(self.fact.member)

    @property
    def own(self) -> bool:
        """Tell whether the author is the member the fact is about."""
        return bool(self.recorded.author == self.fact.member)


@dataclass(frozen=True)
class Written:
    """The words of a notice, in the language being spoken, and its buttons."""

    text: str
    options: Rows = ()
    attachment: Attachment | None = None


@dataclass(frozen=True)
class Notice:
    """Who is told, and how to write it.

    ``to``: ``author``, ``member``, ``room``, ``coordinators`` (their room; where there is none, the others in private), or
    ``address`` (one of the member's). ``everywhere``: at all of the member's addresses, whatever they chose. ``receipt``: the
    name under which its delivery is noted, where that matters.
    """

    to: str
    write: Callable[[], Written]
    member: int = 0
    address: int = 0
    useful_for: timedelta = timedelta(days=7)
    receipt: str = ""
    everywhere: bool = False

    def useful_until(self, now: datetime) -> datetime:
        """The moment after which it is not worth saying any more (B47)."""
        return now + self.useful_for


def to_author_and_member(told: Telling, author: Callable[[], Written], member: Callable[[], Written]) -> list[Notice]:
    """Tell the author what was done, and the member what it means for them, unless they are the same person."""
    to_author = Notice("author", author)
    return [to_author] if told.own else [to_author, Notice("member", member, member=told.fact.member)]


def undo(told: Telling) -> Rows:
    """Offer to undo, from the message that reports (B45)."""
    return rows([say_option(_("↩️ Corriger"), f"corriger {told.recorded.number}")])


def balance_said(told: Telling) -> str:
    """Say where the member's account stands now, to a coordinator."""
    return sentence(balance_of(told.name, told.standing.balance))


def your_balance(told: Telling, member: int | None = None) -> str:
    """Say where the account stands now, to the member: the one the fact is about, unless another is named."""
    number = told.fact.member if member is None else member
    standing = told.standing if member is None else told.books.standing(number)
    lines = [sentence(balance_for_member(standing.balance))]
    if not told.group.settings.kitty_only:  # there, a debt is settled from time to time, not at a distribution (B37)
        lines += upcoming_lines(told.market, number, standing.balance)
    return "\n".join([*lines, three_figures(standing)] if standing.pending else lines)


def settle(told: Telling) -> Rows:
    """Offer what a member does next."""
    pay = [say_option(_("Payer"), "payer")] if told.standing.balance < 0 else []
    return rows([*pay, say_option(_("Historique"), "historique")])
