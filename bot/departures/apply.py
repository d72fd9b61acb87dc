"""What leaving does to the tables of people, orders and reminders: called in the transaction that records it (B44)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, update
from sqlmodel import col

from bot.departures.erasing import erase
from bot.departures.facts import ErasureAsked, MemberLeft, MemberReturned, PersonalDataErased
from bot.groups.apply import AlreadyLeftError, LastCoordinatorError
from bot.groups.joining import forget_invitations
from bot.groups.people import Group, Right
from bot.groups.tables import LinkedAddress, Member
from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded
from bot.market.market import Market, Phase
from bot.market.tables import BASKET
from bot.online.links import end_links
from bot.reminders.refunds import drop_requests
from bot.reminders.tables import REMINDED


class NotGoneError(Refusal):
    """The member is in the group: there is nobody to bring back."""

    sentence = N_("Cette personne est dans le groupe. Rien n'a changé.")


class OrderToComeError(Refusal):
    """An order is debited, and its distribution has not taken place."""

    sentence = N_(
        "Une commande attend la distribution du {at:day}. On part une fois qu'elle est passée, ou retirée par un coordinateur."
    )


class StillOpenError(Refusal):
    """Personal data are erased once the account is closed: until then the name says who owes, or is owed."""

    sentence = N_("Le compte n'est pas encore fermé : le nom sert à savoir à qui il est. Rien n'a été effacé.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on those who leave. A fact about something else changes nothing here. Raises the refusals above."""
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def _left(connection: Connection, recorded: Recorded, fact: MemberLeft) -> None:
    group = Group(connection, recorded.group)
    person = group.member(fact.member)
    if person is None or not person.active:
        raise AlreadyLeftError
    if person.right is Right.TREASURY and len(group.coordinators()) == 1:
        raise LastCoordinatorError
    waiting = orders_to_come(Market(connection, recorded.group, recorded.at), fact.member)
    if waiting:
        raise OrderToComeError(at=waiting[0].starts_at)
    gone: dict[str, object] = {"active": False, "left_at": recorded.at, "right": Right.MEMBER.value, "erase": False}
    if person.right is Right.TREASURY:
        gone["coordinated_until"] = recorded.at
    connection.execute(update(Member).where(_member(recorded.group, fact.member)).values(**gone))
    _close_doors(connection, recorded.group, fact.member)
    end_links(connection, recorded.group, fact.member)
    drop_requests(connection, recorded, fact.member)


def orders_to_come(market: Market, member: int) -> list[Any]:
    """List the distributions for which a member has ordered, and which are not over, the earliest first."""
    found = market.in_phase(Phase.TO_COME, Phase.OPEN, Phase.CLOSED, Phase.ON)
    orders = {one.number: market.order(member, one.number) for one in found}
    return [one for one in found if (order := orders[one.number]) is not None and order.total]


def _close_doors(connection: Connection, group: int, member: int) -> None:
    """Close every address and every way in, and the links to pay; drop what was being chosen, and what was to be said later."""
    theirs = (col(LinkedAddress.group_id) == group) & (col(LinkedAddress.member) == member)
    connection.execute(update(LinkedAddress).where(theirs).values(state="revoked", current=False))
    forget_invitations(connection, group, member)
    connection.execute(delete(BASKET).where(BASKET.c.group_id == group, BASKET.c.member == member))
    later = (REMINDED.c.group_id == group) & (REMINDED.c.member == member)
    connection.execute(update(REMINDED).where(later).values(later_at=None, own_at=None))


def _returned(connection: Connection, recorded: Recorded, fact: MemberReturned) -> None:
    gone = _member(recorded.group, fact.member) & col(Member.active).is_(False) & col(Member.erased).is_(False)
    back = {"active": True, "left_at": None, "erase": False}
    if not connection.execute(update(Member).where(gone).values(**back)).rowcount:
        raise NotGoneError


def _erasure_asked(connection: Connection, recorded: Recorded, fact: ErasureAsked) -> None:
    connection.execute(update(Member).where(_member(recorded.group, fact.member)).values(erase=True))


def _erased(connection: Connection, recorded: Recorded, fact: PersonalDataErased) -> None:
    person = Group(connection, recorded.group).member(fact.member)
    if person is None or person.active or not person.closed:
        raise StillOpenError
    erase(connection, recorded.group, fact.member)


def _member(group: int, member: int) -> Any:
    return (col(Member.group_id) == group) & (col(Member.number) == member)


_EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    MemberLeft: _left,
    MemberReturned: _returned,
    ErasureAsked: _erasure_asked,
    PersonalDataErased: _erased,
}
