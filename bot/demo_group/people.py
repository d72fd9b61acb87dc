"""Who is in the invented group, where they talk from, and the balances they brought along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from bot import areas, outbox
from bot.cards import PENDING
from bot.chat import Message, Place
from bot.desk.taps import stamped
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.groups.tables import Room
from bot.ledger import journal
from bot.ledger.facts import Fact, OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.outbox import Letter
from bot.wording import rows, say_option
from bot.words import _

NAME = "Les Paniers du Canal"
ROOM = Place("demo", "coordination", private=False)
PEOPLE = {
    "lea": ("Léa", Right.MEMBER, Cents(-2450)),
    "bruno": ("Bruno", Right.MEMBER, Cents(700)),
    "awa": ("Awa", Right.MEMBER, Cents(0)),
    "camille": ("Camille", Right.TREASURY, Cents(0)),
    "sofiane": ("Sofiane", Right.TREASURY, Cents(0)),
}
"""Those who have a phone: by their name there, with the balance that is theirs when the demo begins."""


def seed(connection: Connection, now: datetime) -> int:
    """Make the group with nothing to buy: Léa owes 24,50 €, Bruno has an avoir of 7,00 €, Awa is at zero. Give its number."""
    return move_in(connection, now - timedelta(days=12), {user: brought for user, (_n, _r, brought) in PEOPLE.items()})


def move_in(connection: Connection, at: datetime, brought: Mapping[str, Cents]) -> int:
    """Make the group at a moment, its people with the balances they bring along, in cents. Give its number."""
    methods = ("cheque", "cash", "transfer")
    group = add_group(connection, NAME, Beginnings(methods=methods, top_up_methods=methods), at)
    for user, (name, right, _balance) in PEOPLE.items():
        person = add_member(connection, group, name, at, right=right)
        _link(connection, group, person.number, user, at)
        if brought.get(user):
            record(connection, group, OpeningBalanceEntered(person.number, brought[user]), f"{user}/opening", at)
    row = {"platform": ROOM.platform, "chat": ROOM.chat, "topic": "", "group_id": group, "active": True}
    connection.execute(insert(Room), {**row, "language": "fr"})
    return group


def greet_room(connection: Connection, group: int) -> None:
    """Say hello in the coordinators' room, and show what there is to validate."""
    hello = _("Bonjour ! Ici, les paiements que les adhérents déclarent arrivent d'eux-mêmes : un toucher les valide.")
    options = rows(
        [say_option(_("Soldes"), "soldes"), say_option(_("Encaisser"), "encaisser"), say_option(_("Aide"), "aide")]
    )
    outbox.post(connection, [Letter(ROOM, stamped(Message(hello, options), group))])
    outbox.show_card(connection, group=group, name=PENDING, place=ROOM, language="fr")


def record(
    connection: Connection, group: int, fact: Fact, key: str, at: datetime, author: int | None = None
) -> journal.Recorded:
    """Record what happened before the demo begins: nobody is told."""
    return areas.record(connection, group=group, fact=fact, author=author, at=at, key=f"demo:{key}")


def _link(connection: Connection, group: int, member: int, user: str, at: datetime) -> None:
    record(connection, group, InvitationMade(member, f"demo-{user}"), f"{user}/invitation", at)
    linked = AddressLinked(member, "demo", 1, user=user, chat=user, code=f"demo-{user}")
    record(connection, group, linked, f"{user}/address", at)
