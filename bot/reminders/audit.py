"""What must hold of reminders: each member's last one, and each list that waits, is a fact of the journal.

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from bot.ledger.audit import CHECKS, Discrepancy
from bot.ledger.tables import FACT
from bot.reminders.tables import REFUND, REMINDED, RULES


def reminders_are_facts(connection: Connection) -> Iterator[Discrepancy]:
    """How far a member's reminders are is what the last ReminderSent says: its step and its moment."""
    of = (FACT.c.group_id == REMINDED.c.group_id) & (FACT.c.number == REMINDED.c.fact)
    query = select(REMINDED, FACT.c.kind, FACT.c.body, FACT.c.at.label("sent_at")).outerjoin(FACT, of)
    for row in connection.execute(query.where(REMINDED.c.fact > 0)):
        body = json.loads(row.body) if row.kind == "ReminderSent" else {}
        said = (body.get("member"), body.get("step"), row.sent_at)
        if said != (row.member, row.step, row.at):
            yield Discrepancy(
                row.group_id, "rappel", f"compte {row.member} : le dernier n'est pas n° {row.fact}", serious=False
            )


def lists_are_facts(connection: Connection) -> Iterator[Discrepancy]:
    """A list of reminders that waits for approval is one that coordinators have been shown."""
    of = (FACT.c.group_id == RULES.c.group_id) & (FACT.c.number == RULES.c.list_fact)
    query = select(RULES.c.group_id, RULES.c.list_fact, FACT.c.kind).outerjoin(FACT, of)
    for row in connection.execute(query.where(RULES.c.list_fact > 0)):
        if row.kind != "ReminderListShown":
            yield Discrepancy(
                row.group_id, "rappel", f"n° {row.list_fact} n'est pas une liste de rappels", serious=False
            )


def recalled_credits_are_facts(connection: Connection) -> Iterator[Discrepancy]:
    """The last avoir that a member was told of is what the last CreditRecalled says: whose, and when."""
    of = (FACT.c.group_id == REMINDED.c.group_id) & (FACT.c.number == REMINDED.c.credit_fact)
    query = select(REMINDED, FACT.c.kind, FACT.c.body, FACT.c.at.label("sent_at")).outerjoin(FACT, of)
    for row in connection.execute(query.where(REMINDED.c.credit_fact > 0)):
        body = json.loads(row.body) if row.kind == "CreditRecalled" else {}
        if (body.get("member"), row.sent_at) != (row.member, row.credit_at):
            said = f"compte {row.member} : l'avoir rappelé n'est pas n° {row.credit_fact}"
            yield Discrepancy(row.group_id, "rappel", said, serious=False)


def refunds_are_facts(connection: Connection) -> Iterator[Discrepancy]:
    """What a member asked to be given back is what they asked for: whose, how much, how."""
    of = (FACT.c.group_id == REFUND.c.group_id) & (FACT.c.number == REFUND.c.number)
    for row in connection.execute(select(REFUND, FACT.c.kind, FACT.c.body).outerjoin(FACT, of)):
        body = json.loads(row.body) if row.kind == "RefundAsked" else {}
        if (body.get("member"), body.get("amount"), body.get("method")) != (row.member, row.amount, row.method):
            said = f"remboursement n° {row.number} : ce n'est pas ce qui a été demandé"
            yield Discrepancy(row.group_id, "rappel", said, serious=False)


CHECKS.extend([reminders_are_facts, lists_are_facts, recalled_credits_are_facts, refunds_are_facts])
