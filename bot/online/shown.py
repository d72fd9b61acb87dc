"""What providers showed by themselves of money that went back, as the journal has it (B25)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from bot.ledger.tables import FACT


def was_charged(connection: Connection, group: int, *names: str) -> bool:
    """Tell whether what went back left the member's account: of a closed one the group has borne it (B44).

    ``names``: those it has or had, each « provider:name ».
    """
    taken = (FACT.c.group_id == group) & (FACT.c.kind == "OnlineTakenBack")
    rows = connection.execute(select(FACT.c.body).where(taken).order_by(FACT.c.number.desc())).scalars()
    bodies = (json.loads(body) for body in rows)
    return bool(next((body["charged"] for body in bodies if f"{body['provider']}:{body['refund']}" in names), True))


def shown_since(connection: Connection, group: int, since: datetime) -> Iterator[tuple[str, int]]:
    """List the refunds that providers have shown since a moment, none of ours: « provider:name », and cents."""
    taken = (FACT.c.group_id == group) & (FACT.c.kind == "OnlineTakenBack") & (FACT.c.at >= since)
    for body in map(json.loads, connection.execute(select(FACT.c.body).where(taken)).scalars()):
        if body["reason"] == "refund":
            yield f"{body['provider']}:{body['refund']}", body["amount"]
