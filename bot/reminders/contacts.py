"""Another way to reach a member, as coordinators noted it: kept apart from the books, so that it can be erased (B39, B44)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.ledger.journal import Recorded
from bot.reminders.facts import ContactNoted
from bot.reminders.tables import CONTACT


def contacts(connection: Connection, group: int) -> dict[int, str]:
    """Give what is noted of each member of a group."""
    rows = connection.execute(select(CONTACT.c.member, CONTACT.c.text).where(CONTACT.c.group_id == group))
    return {row.member: row.text for row in rows}


def noted(connection: Connection, recorded: Recorded, fact: ContactNoted) -> None:
    """Note it in the place of what was noted before; an empty one is forgotten."""
    this_one = (CONTACT.c.group_id == recorded.group) & (CONTACT.c.member == fact.member)
    connection.execute(delete(CONTACT).where(this_one))
    if fact.text:
        row = {"group_id": recorded.group, "member": fact.member, "text": fact.text}
        connection.execute(insert(CONTACT), row)
