"""Groups as the host's command line makes them: the group, its first coordinator, invitations (B43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select
from sqlmodel import col

from bot.groups import apply as people_apply
from bot.groups.facts import InvitationMade, MemberAdded, RightGiven
from bot.groups.people import Group, Person, Right
from bot.groups.tables import BuyingGroup, Handle
from bot.ledger import journal
from bot.ledger.facts import AccountOpened, Fact
from bot.words import _


@dataclass(frozen=True)
class Beginnings:
    """What a new group starts with; coordinators change it in the chat."""

    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    language: str = "fr"
    methods: tuple[str, ...] = ("cheque", "cash", "transfer")
    top_up_methods: tuple[str, ...] = ("cheque", "cash", "transfer")
    kitty_may_go_negative: bool = False


def add_group(connection: Connection, name: str, beginnings: Beginnings, now: datetime) -> int:
    """Add a group and open its books; give its number."""
    number = int(connection.execute(select(func.coalesce(func.max(BuyingGroup.id), 0) + 1)).scalar_one())
    row = {
        "id": number, "name": name, "currency": beginnings.currency, "timezone": beginnings.timezone,
        "language": beginnings.language, "methods": " ".join(beginnings.methods),
        "top_up_methods": " ".join(beginnings.top_up_methods),
        "kitty_may_go_negative": beginnings.kitty_may_go_negative, "created_at": now,
    }  # fmt: skip
    connection.execute(insert(BuyingGroup), row)
    journal.open_book(connection, number)
    return number


def list_groups(connection: Connection) -> list[tuple[int, str]]:
    """List the groups, by number and name."""
    rows = connection.execute(select(col(BuyingGroup.id), col(BuyingGroup.name)).order_by(col(BuyingGroup.id)))
    return [(row.id, row.name) for row in rows]


def find_group(connection: Connection, wanted: str) -> int | None:
    """Find a group by its number or its name."""
    found = [number for number, name in list_groups(connection) if wanted in {str(number), name}]
    return found[0] if len(found) == 1 else None


def add_member(connection: Connection, group: int, name: str, now: datetime, *, right: Right = Right.MEMBER) -> Person:
    """Add a member and open their account, on the host's authority."""
    number = Group(connection, group).next_member()
    facts: list[Fact] = [AccountOpened(number), MemberAdded(number, name)]
    if right is not Right.MEMBER:
        facts.append(RightGiven(number, right.value))
    _record(connection, group, facts, now, f"member-{number}")
    return Person(number, name, right)


def invite(connection: Connection, group: int, name: str, code: str, now: datetime, *, coordinator: bool) -> Person:
    """Invite a member by name, adding them if need be; ``coordinator`` also gives the treasury right (B42, B43)."""
    people = [person for person in Group(connection, group).members() if person.name.casefold() == name.casefold()]
    right = Right.TREASURY if coordinator else Right.MEMBER
    person = people[0] if people else add_member(connection, group, name, now, right=right)
    facts: list[Fact] = [InvitationMade(person.number, code)]
    if coordinator and person.right is not Right.TREASURY:
        facts.append(RightGiven(person.number, Right.TREASURY.value))
    _record(connection, group, facts, now, f"invitation-{code[:4]}-{now.timestamp()}")
    return person


def _record(connection: Connection, group: int, facts: list[Fact], now: datetime, key: str) -> None:
    for rank, fact in enumerate(facts):
        recorded = journal.record(connection, group=group, fact=fact, author=None, at=now, key=f"host:{key}/{rank}")
        people_apply.apply(connection, recorded)


def set_handle(connection: Connection, platform: str, name: str) -> None:
    """Remember the bot's own name on a platform."""
    connection.execute(delete(Handle).where(col(Handle.platform) == platform))
    connection.execute(insert(Handle), {"platform": platform, "name": name})


def links(connection: Connection, code: str) -> list[str]:
    """Say how to hand an invitation over, one way for each platform the bot is on (B42)."""
    ways = []
    for row in connection.execute(select(Handle).order_by(col(Handle.platform))):
        if row.platform == "telegram":
            ways.append(f"https://t.me/{row.name}?start={code}")
        elif row.platform == "matrix":
            ways.append(_("https://matrix.to/#/{user}, puis lui écrire : start {code}", user=row.name, code=code))
        else:
            ways.append(_("à {handle}, écrire : start {code}", handle=row.name, code=code))
    return ways or [_("écrire au bot : /start {code}", code=code)]
