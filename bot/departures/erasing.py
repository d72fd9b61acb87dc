"""A person forgotten: what can be erased is in tables beside the books, never in them; here is the list of the places (B44).

A fact keeps ids, amounts and choices only; so nothing recorded is touched, and the books replay as before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, delete, select, table, update
from sqlmodel import col

from bot.groups.people import Group
from bot.groups.tables import ChequeNote, Invitation, LinkedAddress, Member, Note, Proposal, Room
from bot.ledger.tables import FACT, PAYMENT
from bot.ledger.tables import table as model_table
from bot.market.tables import BASKET, REQUEST
from bot.online.tables import CHECKOUT
from bot.outbox import CardPlace, Errand, Waiting
from bot.reminders.tables import CONTACT, REFUND

_THREAD = table(
    "thread", *(column(name) for name in ("platform", "user", "chat", "group_id", "word", "words", "answers", "asked"))
)
"""The desk's table of conversations under way, named here because imports point down."""

_TEXTS: tuple[tuple[Any, tuple[str, ...], tuple[str, ...]], ...] = (
    (model_table(Note), ("group_id", "fact"), ("text",)),
    (model_table(ChequeNote), ("group_id", "payment"), ("text",)),
    (model_table(Proposal), ("group_id", "number"), ("facts",)),
    (REQUEST, ("group_id", "number"), ("note",)),
    (REFUND, ("group_id", "number"), ("note",)),
    (CONTACT, ("group_id", "member"), ("text",)),
)
"""Texts in which others may have written a name: table, key, columns. Products, places and the group's own name are the group's."""


@dataclass(frozen=True)
class _Reached:
    """From where somebody talked: a platform, a user, a private chat; ``elsewhere``: another group's member talks from there too."""

    platform: str
    user: str
    chat: str
    elsewhere: bool


def erase(connection: Connection, group: int, member: int) -> None:
    """Erase what is personal of a member: name, addresses, notes, what waits to be said to them, their name in others' words."""
    person = Group(connection, group).member(member)
    assert person is not None, "somebody who has left"
    where = _reached(connection, group, member)
    _forget_member(connection, group, member)
    _forget_notes(connection, group, member)
    _forget_ways(connection, group, member)
    for reached in where:
        _forget_chat(connection, group, reached)
    _end_conversations(connection, group, person.name)
    _redact_everywhere(connection, group, person.name, placeholder(member))


def placeholder(member: int) -> str:
    """Give what stands where a name was.

    >>> placeholder(12)
    'm12'
    """
    return f"m{member}"


def _reached(connection: Connection, group: int, member: int) -> list[_Reached]:
    theirs = (col(LinkedAddress.group_id) == group) & (col(LinkedAddress.member) == member)
    rows = connection.execute(select(LinkedAddress).where(theirs)).all()
    return [_Reached(r.platform, r.user, r.chat, _is_elsewhere(connection, group, r.platform, r.user)) for r in rows]


def _is_elsewhere(connection: Connection, group: int, platform: str, user: str) -> bool:
    same = (col(LinkedAddress.platform) == platform) & (col(LinkedAddress.user) == user)
    other = select(col(LinkedAddress.member)).where(same, col(LinkedAddress.group_id) != group)
    return connection.execute(other).first() is not None


def _forget_member(connection: Connection, group: int, member: int) -> None:
    this_one = (col(Member.group_id) == group) & (col(Member.number) == member)
    gone = {"name": placeholder(member), "folded": "", "erase": False, "erased": True}
    connection.execute(update(Member).where(this_one).values(**gone))
    for model in (LinkedAddress, Invitation):
        theirs = (model.group_id == group) & (model.member == member)
        connection.execute(delete(model).where(theirs))  # type: ignore[arg-type]  # columns, at run time
    connection.execute(delete(BASKET).where(BASKET.c.group_id == group, BASKET.c.member == member))


def _forget_notes(connection: Connection, group: int, member: int) -> None:
    """Forget the free texts of what happened on their account, or was done by them."""
    payments = select(PAYMENT.c.number).where(PAYMENT.c.group_id == group, PAYMENT.c.member == member)
    connection.execute(
        delete(ChequeNote).where(col(ChequeNote.group_id) == group, col(ChequeNote.payment).in_(payments))
    )
    mine = (REQUEST.c.group_id == group) & (REQUEST.c.member == member)
    connection.execute(update(REQUEST).where(mine).values(note=""))
    for number in _noted(connection, group, member):
        connection.execute(delete(Note).where(col(Note.group_id) == group, col(Note.fact) == number))
    _forget_proposals(connection, group, member)


def _forget_ways(connection: Connection, group: int, member: int) -> None:
    """Forget how they were reached: by a telephone, on an account, in the chat where a link to pay was asked for."""
    connection.execute(delete(CONTACT).where(CONTACT.c.group_id == group, CONTACT.c.member == member))
    asked = (REFUND.c.group_id == group) & (REFUND.c.member == member)
    connection.execute(update(REFUND).where(asked).values(note=""))
    links = (CHECKOUT.c.group_id == group) & (CHECKOUT.c.member == member)
    connection.execute(update(CHECKOUT).where(links).values(platform="", chat=""))


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


def _forget_chat(connection: Connection, group: int, reached: _Reached) -> None:
    """Forget a chat: cards, what waits for it, what was being said there; of another group's member, that group's stay."""
    cards = (col(CardPlace.platform) == reached.platform) & (col(CardPlace.chat) == reached.chat)
    connection.execute(delete(CardPlace).where(cards, col(CardPlace.group_id) == group))
    threads = (_THREAD.c.platform == reached.platform) & (_THREAD.c.user == reached.user)
    connection.execute(delete(_THREAD).where(threads, *([_THREAD.c.group_id == group] if reached.elsewhere else [])))
    if reached.elsewhere:
        return
    waits = (col(Waiting.platform) == reached.platform) & (col(Waiting.chat) == reached.chat)
    connection.execute(delete(Waiting).where(waits))
    for row in connection.execute(select(Errand).where(col(Errand.platform) == reached.platform)).all():
        if json.loads(row.body).get("user") == reached.user:
            connection.execute(delete(Errand).where(col(Errand.id) == row.id))


def _end_conversations(connection: Connection, group: int, name: str) -> None:
    """End what is being said of them: words typed lie there one by one."""
    rows = connection.execute(select(_THREAD).where(_THREAD.c.group_id == group, _THREAD.c.word != "")).all()
    parts = [part.casefold() for part in name.split()]
    for row in rows:
        said = f"{row.words} {row.answers}".casefold()
        if all(part in said for part in parts):
            here = [_THREAD.c[key] == getattr(row, key) for key in ("platform", "user", "chat")]
            connection.execute(update(_THREAD).where(*here).values(word="", words="[]", answers="[]", asked=""))


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
    _redact(connection, model_table(Waiting), ("id",), "body", _in_chats_of(group), whole)


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


def _in_chats_of(group: int) -> ColumnElement[bool]:
    """Tell which messages wait for a chat of a group: its rooms, its members' own."""
    chats = select(col(Room.chat)).where(col(Room.group_id) == group)
    private = select(col(LinkedAddress.chat)).where(col(LinkedAddress.group_id) == group)
    return col(Waiting.chat).in_(chats.union(private))


def _redact(
    connection: Connection, of_table: Any, key: Sequence[str], name: str, where: ColumnElement[bool], whole: _Name
) -> None:
    for row in connection.execute(select(*(of_table.c[part] for part in key), of_table.c[name]).where(where)).all():
        kept = getattr(row, name)
        if (without := whole.replaced(kept)) != kept:
            here = [of_table.c[part] == getattr(row, part) for part in key]
            connection.execute(update(of_table).where(*here).values({name: without}))
