"""The links by which a payment by card is made possible: asked for, there to be paid, ended (B25)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, update

from bot.ledger.facts import Method, PaymentReceived, PaymentValidated
from bot.ledger.journal import Recorded
from bot.ledger.prepared import Prepared
from bot.online.asking import CREATE, EXPIRE, errand
from bot.online.facts import OnlineAsked
from bot.online.reading import ALIVE
from bot.online.tables import CHECKOUT

_THEIRS = (
    (CHECKOUT.c.group_id == bindparam("group"))
    & (CHECKOUT.c.member == bindparam("member"))
    & or_(*(CHECKOUT.c.state == alive for alive in ALIVE))
)
_ENDED = update(CHECKOUT).values(state="superseded").returning(CHECKOUT.c.reference, CHECKOUT.c.external)
_END = Prepared(_ENDED.where(_THEIRS))
_END_PAID = Prepared(_ENDED.where(_THEIRS, CHECKOUT.c.cents == bindparam("of_cents")))
"""Prepared: whatever is received by hand looks for links first, of which there are hardly any."""


def ask(connection: Connection, recorded: Recorded, fact: OnlineAsked) -> None:
    """Have a link made; of a member only the newest can be paid."""
    end_links(connection, recorded.group, fact.member)
    row = {
        "reference": fact.reference, "group_id": recorded.group, "member": fact.member, "cents": fact.amount,
        "owed": fact.owed, "distribution": fact.distribution, "provider": fact.provider, "external": "",
        "state": "asked", "platform": fact.platform, "chat": fact.chat, "fact": recorded.number,
        "created_at": recorded.at, "expires_at": None, "ask_at": None,
    }  # fmt: skip
    connection.execute(insert(CHECKOUT), row)
    errand(connection, CREATE, fact.reference)


def end_links(connection: Connection, group: int, member: int, *, cents: int | None = None) -> None:
    """End a member's links: all, or those of an amount that was paid otherwise (B28). One that is paid all the same counts."""
    whose = {"group": group, "member": member}
    ended = _END.rows(connection, whose) if cents is None else _END_PAID.rows(connection, {**whose, "of_cents": cents})
    for row in ended:
        if row.external:
            errand(connection, EXPIRE, row.reference)


def made(connection: Connection, reference: str, *, external: str, expires_at: datetime, ask_at: datetime) -> bool:
    """Note that a checkout is there to be paid; say whether it still is the one that is wanted."""
    here = update(CHECKOUT).where(CHECKOUT.c.reference == reference)
    known = {"external": external, "expires_at": expires_at, "ask_at": ask_at}
    if connection.execute(here.where(CHECKOUT.c.state == "asked").values(**known, state="open")).rowcount:
        return True
    connection.execute(here.where(CHECKOUT.c.external == "").values(**known))
    errand(connection, EXPIRE, reference)
    return False


def end(connection: Connection, reference: str, state: str) -> bool:
    """Note that a link can no longer be paid; say whether it could until now."""
    here = update(CHECKOUT).where(CHECKOUT.c.reference == reference, CHECKOUT.c.state.in_(ALIVE))
    return bool(connection.execute(here.values(state=state)).rowcount)


def end_paid_otherwise(connection: Connection, recorded: Recorded, fact: PaymentReceived | PaymentValidated) -> None:
    """End the links of an amount that has just been received in another way (B28)."""
    if fact.method is not Method.ONLINE:
        end_links(connection, recorded.group, fact.member, cents=fact.amount)
