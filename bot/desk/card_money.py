"""What every word about online payments ends in: facts that nobody in the group made, and messages to who is concerned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot import outbox
from bot.chat import Incoming, Invoice, Place
from bot.desk.effects import Refused, by_nobody
from bot.desk.taps import stamped
from bot.groups.chosen import settings
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.ledger.facts import Fact, Method, PaymentReceived
from bot.ledger.money import Cents
from bot.market.facts import PlanEnded
from bot.market.market import Market
from bot.notices.letters import letter
from bot.notices.telling import Written
from bot.online.facts import OnlineConfirmed, OnlineFeeKnown, OnlineStray
from bot.online.reading import Checkout, Online, payment
from bot.providers.accounts import Accounts

log = structlog.get_logger()


class CardMoney:
    """The means of one update: what it is recorded and said with."""

    def __init__(self, connection: Connection, incoming: Incoming, now: datetime, accounts: Accounts) -> None:
        self.connection = connection
        self.incoming = incoming
        self.now = now
        self.accounts = accounts

    def owed(self, found: Checkout) -> Cents:
        """Give what a link's member still has to pay, in cents, what is declared taken off."""
        standing = Books(self.connection, found.group, self.now).standing(found.member)
        return Cents(max(0, -standing.projected))

    def credit(self, found: Checkout, name: str, cents: Cents, fee: Cents | None) -> None:
        """Credit what was charged, once; a payment planned for the same amount is this one (B25, B28).

        A payment of nothing is for coordinators to look at; one without a name has that of its link. An account that has been
        closed is opened by nobody's payment: the coordinators are told (B44).
        """
        if cents <= 0:
            self.stray([found.group], found.provider, name or found.reference, 0)
            return
        name = name or found.reference
        known = payment(self.connection, found.provider, name)
        if known is not None:
            if known.fee is None and fee is not None:
                self.record(known.group, [OnlineFeeKnown(found.provider, name, fee)])
            return
        person = Group(self.connection, found.group).member(found.member)
        if person is not None and person.closed:
            self.stray([found.group], found.provider, name, cents, member=found.member)
            return
        market = Market(self.connection, found.group, self.now)
        same = [plan for plan in market.plans(member=found.member) if plan.amount == cents]
        self.record(found.group, [
            *(PlanEnded(plan.member, plan.number, "received") for plan in same[:1]),
            PaymentReceived(found.member, cents, Method.ONLINE),
            OnlineConfirmed(found.member, cents, found.provider, name, fee, found.reference),
        ])  # fmt: skip

    def is_theirs(self, group: int, provider: str, key: str) -> bool:
        """Tell whether a group's account at a provider is the one of that name."""
        account = self.accounts.account(provider, group, settings(self.connection, group).name)
        return account is not None and account.group == key

    def stray(self, groups: Sequence[int], provider: str, name: str, cents: int, *, member: int = 0) -> None:
        """Money that is nobody's, or whose ``member`` has left, is told once, and never lost: in the log, to the coordinators."""
        if payment(self.connection, provider, name) is not None:
            return
        log.warning("an online payment that is nobody's", provider=provider, payment=name, cents=cents, groups=groups)
        for group in groups:
            if not Online(self.connection, group).knows_stray(provider, name):
                self.record(group, [OnlineStray(provider, name, Cents(cents), member)])

    def tell(self, found: Checkout, write: Callable[[], Written], invoice: Invoice | None = None) -> None:
        """Write to where a link was asked for, if it still is the member's."""
        group = Group(self.connection, found.group)
        for reach in group.reaches(found.member):
            here = (reach.place.platform, reach.place.chat) == (found.platform, found.chat)
            if here and reach.state == "linked":
                self.post(group, reach.place, reach.language, write, invoice)

    def post(
        self, group: Group, place: Place, language: str, write: Callable[[], Written], invoice: Invoice | None = None
    ) -> None:
        """Write to a place, in its language."""
        sent = letter(group, place, language, write)
        message = stamped(replace(sent.message, invoice=invoice), group.number)
        outbox.post(self.connection, [replace(sent, message=message)])

    def record(self, number: int, facts: Sequence[Fact], part: str = "") -> bool:
        """Record facts that nobody in the group made; say whether they were. What is refused is in the log.

        ``part``: which of the things that the update tells this is, where each is recorded by itself.
        """
        incoming = replace(self.incoming, key=f"{self.incoming.key}:{part}") if part else self.incoming
        said = by_nobody(self.connection, number, incoming, facts, self.now)
        if isinstance(said, Refused):
            log.error("what a provider says is not recorded", group=number, reason=said.sentence)
        return not isinstance(said, Refused)
