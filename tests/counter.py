"""What tests of online payments share: the demo's group with the card switched on, links to tap, providers to be asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from bot.chat import Option
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.postings import GroupAccount
from bot.online.answers import Noticed, brought
from bot.online.asking import ask_due
from bot.online.tables import CHECKOUT
from bot.online.watching import look_due
from bot.providers import Notification
from bot.providers.accounts import Account, Accounts
from tests.fake_provider import FakeProvider
from tests.transcripts import Scene

LEA, BRUNO, AWA, CAMILLE, SOFIANE = 1, 2, 3, 4, 5


def with_cards(scene: Scene, *providers: FakeProvider, group: str = "") -> Scene:
    """Have providers take cards for the group, and the group want it."""
    scene.delivery.accounts = Accounts(Account(provider, group) for provider in providers)
    scene.change(update(BuyingGroup).values(methods="cheque cash transfer online"))
    return scene


def tick(scene: Scene, **span: float) -> None:
    """Let time pass and the schedule look, once."""
    scene.later(**span)
    ask_due(scene.store, scene.now)
    look_due(scene.store, scene.now)
    scene.delivery.deliver(scene.receive)


def notify(scene: Scene, told: Notification, provider: str = "stripe", account: str = "", key: str = "") -> None:
    """Have a provider's notification come in."""
    scene.receive(brought(Noticed(provider, account, told), key or f"notified:{next(scene._keys)}"))
    scene.delivery.deliver(scene.receive)


def link(scene: Scene, who: str) -> Option:
    """Find the newest link to pay that somebody sees."""
    return next(
        option
        for shown in reversed(scene.shown)
        if shown.place.chat == who
        for row in shown.message.options
        for option in row
        if option.opens
    )


def balance(scene: Scene, member: int) -> int:
    """Give a member's balance, or what one of the group's accounts holds, in cents."""
    with scene.store.read() as connection:
        books = Books(connection, 1, scene.now)
        return books.held(GroupAccount(member)) if member < 0 else books.balance(member)


def states(scene: Scene) -> dict[str, str]:
    """Give the state of every link."""
    with scene.store.read() as connection:
        return {row.reference: row.state for row in connection.execute(select(CHECKOUT).order_by(CHECKOUT.c.fact))}


def must_be_right(scene: Scene) -> None:
    """The books add up."""
    with scene.store.read() as connection:
        assert audit(connection) == []


def rows_of(scene: Scene, table: Any) -> list[Any]:
    """Read a whole table."""
    with scene.store.read() as connection:
        return list(connection.execute(select(table)).all())
