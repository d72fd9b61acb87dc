"""A person forgotten: what can be erased is in tables beside the books, never in them; here is the list of the places (B44).

A fact keeps ids, amounts and choices only; so nothing recorded is touched, and the books replay as before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlmodel import col

from bot.departures.chats import SHOWN, THREAD, forget_chat, reached_at
from bot.groups.people import Group
from bot.groups.tables import ChequeNote, Invitation, LinkedAddress, Member, Note, Proposal, Room
from bot.ledger.tables import FACT, PAYMENT
from bot.ledger.tables import table as model_table
from bot.market.tables import BASKET, REQUEST
from bot.online.tables import CHECKOUT
from bot.outbox import Waiting
from bot.reminders.tables import CONTACT, REFUND, REMINDED

_TEXTS: tuple[tuple[Any, tuple[str, ...], tuple[str, ...]], ...] = (
    (model_table(Note), ("group_id", "fact"), ("text",)),
    (model_table(ChequeNote), ("group_id", "payment"), ("text",)),
    (model_table(Proposal), ("group_id", "number"), ("facts",)),
    (REQUEST, ("group_id", "number"), ("note",)),
    (REFUND, ("group_id", "number"), ("note",)),
    (CONTACT, ("group_id", "member"), ("text",)),
)
"""Texts in which others may have written a name: table, key, columns. Products, places and the group's own name are the group's."""

_SAID: tuple[tuple[Any, tuple[str, ...], tuple[str, ...]], ...] = (
    (model_table(Waiting), ("id",), ("body",)),
    (SHOWN, ("rank",), ("text", "options")),
)
"""What is said, or waits to be said, in the chats of a group: table, key, columns."""

_OWN_TIMES = ("own_weekday", "own_from", "own_until", "own_at", "later_at", "paused_until")


def erase(connection: Connection, group: int, member: int) -> None:
    """Erase what is personal of a member: name, addresses, notes, what waits to be said to them, their name in others' words."""
    person = Group(connection, group).member(member)
    assert person is not None, "somebody who has left"
    where = reached_at(connection, group, member)
    _forget_member(connection, group, member)
    _forget_habits(connection, group, member)
    _forget_notes(connection, group, member)
    for reached in where:
        forget_chat(connection, group, reached)
    _end_conversations(connection, group, person.name)
    _redact_everywhere(connection, group, person.name, placeholder(member))


def placeholder(member: int) -> str:
    """Give what stands where a name was.

    >>> placeholder(12)
    'm12'
    """
    return f"m{member}"


def _forget_member(connection: Connection, group: int, member: int) -> None:
    this_one = (col(Member.group_id) == group) & (col(Member.number) == member)
    gone = {"name": placeholder(member), "folded": "", "erase": False, "erased": True}
    connection.execute(update(Member).where(this_one).values(**gone))
    for model in (LinkedAddress, Invitation):
        theirs = (model.group_id == group) & (model.member == member)
        connection.execute(delete(model).where(theirs))  # type: ignore[arg-type]  # columns, at run time
    connection.execute(delete(BASKET).where(BASKET.c.group_id == group, BASKET.c.member == member))


def _forget_habits(connection: Connection, group: int, member: int) -> None:
    """Forget how they could be reached otherwise, when they wanted to be written to, and where they asked for a link to pay."""
    connection.execute(delete(CONTACT).where(CONTACT.c.group_id == group, CONTACT.c.member == member))
    theirs = (REMINDED.c.group_id == group) & (REMINDED.c.member == member)
    connection.execute(update(REMINDED).where(theirs).values(dict.fromkeys(_OWN_TIMES)))
    links = (CHECKOUT.c.group_id == group) & (CHECKOUT.c.member == member)
    connection.execute(update(CHECKOUT).where(links).values(platform="", chat=""))


def _forget_notes(connection: Connection, group: int, member: int) -> None:
    """Forget the free texts of what happened on their account, or was done by them."""
    payments = select(PAYMENT.c.number).where(PAYMENT.c.group_id == group, PAYMENT.c.member == member)
    connection.execute(
        delete(ChequeNote).where(col(ChequeNote.group_id) == group, col(ChequeNote.payment).in_(payments))
    )
    for asked in (REQUEST, REFUND):
        mine = (asked.c.group_id == group) & (asked.c.member == member)
        connection.execute(update(asked).where(mine).values(note=""))
    for number in _noted(connection, group, member):
        connection.execute(delete(Note).where(col(Note.group_id) == group, col(Note.fact) == number))
    _forget_proposals(connection, group, member)


def _noted(connection: Connection, group: int, member: int) -> list[int]:
    of = (FACT.c.group_id == col(Note.group_id)) & (FACT.c.number == col(Note.fact))
    rows = connection.execute(
        select(FACT.c.number, FACT.c.author, FACT.c.body).join(Note, of).where(FACT.c.group_id == group)
    )
    return [row.number for row in rows if member in {row.author, json.loads(row.body).get("member")}]


def _forget_proposals(connection: Connection, group: int, member: int) -> None:
    """Empty what they proposed, or what was proposed about them: an open one lapses with it."""
    for row in connection.execute(select(Proposal).where(col(Proposal.group_id) == group)).all():
        about = {body.get("member") for _kind, body in json.loads(row.facts)}
        if member in {row.author, *about}:
            this_one = (col(Proposal.group_id) == group) & (col(Proposal.number) == row.number)
            state = "refused" if row.state == "open" else row.state
            connection.execute(update(Proposal).where(this_one).values(facts="[]", state=state))


def _end_conversations(connection: Connection, group: int, name: str) -> None:
    """End what is being said of them: words typed lie there one by one."""
    rows = connection.execute(select(THREAD).where(THREAD.c.group_id == group, THREAD.c.word != "")).all()
    parts = [part.casefold() for part in name.split()]
    for row in rows:
        said = f"{row.words} {row.answers}".casefold()
        if all(part in said for part in parts):
            here = [THREAD.c[key] == getattr(row, key) for key in ("platform", "user", "chat")]
            connection.execute(update(THREAD).where(*here).values(word="", words="[]", answers="[]", asked=""))


def _redact_everywhere(connection: Connection, group: int, name: str, instead: str) -> None:
    """Put a placeholder wherever others wrote the name in this group; not where somebody else there is called so too."""
    others = [other for other in Group(connection, group).names().values() if name.casefold() in other.casefold()]
    if any(other.casefold() == name.casefold() for other in others):
        return
    whole = _Name(name, others, instead)
    for of_table, key, columns in _TEXTS:
        of_group = of_table.c.group_id == group
        for column_ in columns:
            _redact(connection, of_table, key, column_, of_group, whole)
    for of_table, key, columns in _SAID:
        for column_ in columns:
            _redact(connection, of_table, key, column_, _in_chats_of(group, of_table), whole)


class _Name:
    """A whole name in a text or in JSON; longer names of other people that have it in them are left alone."""

    def __init__(self, name: str, others: Sequence[str], instead: str) -> None:
        kept = "|".join(sorted((_written(other) for other in others), key=len, reverse=True)) or "(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:(?P<other>{kept})|{_written(name)})(?!\w)", re.IGNORECASE)
        self._instead = instead

    def replaced(self, text: str) -> str:
        """Give a text without the name."""
        return self._pattern.sub(lambda found: found[0] if found["other"] else self._instead, text)


def _written(name: str) -> str:
    """Give the pattern of a name as it is written, or as JSON writes it."""
    return f"(?:{re.escape(name)}|{re.escape(json.dumps(name)[1:-1])})"


def _in_chats_of(group: int, of_table: Any) -> ColumnElement[bool]:
    """Tell which messages are for a chat of a group: its rooms, its members' own."""
    chats = select(col(Room.chat)).where(col(Room.group_id) == group)
    private = select(col(LinkedAddress.chat)).where(col(LinkedAddress.group_id) == group)
    found: ColumnElement[bool] = of_table.c.chat.in_(chats.union(private))
    return found


def _redact(
    connection: Connection, of_table: Any, key: Sequence[str], name: str, where: ColumnElement[bool], whole: _Name
) -> None:
    for row in connection.execute(select(*(of_table.c[part] for part in key), of_table.c[name]).where(where)).all():
        kept = getattr(row, name)
        if (without := whole.replaced(kept)) != kept:
            here = [of_table.c[part] == getattr(row, part) for part in key]
            connection.execute(update(of_table).where(*here).values({name: without}))
