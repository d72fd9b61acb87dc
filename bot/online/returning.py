"""Money that went back by other hands than ours: at the provider's own site, by the payer's bank (B25).

Each of the provider's names counts once; what comes again is there again.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.tables import ONLINE_PAYMENT, ONLINE_REFUND


class GoneBackError(Refusal):
    """What the provider tells of is in the books already: it counts once (B25)."""

    sentence = N_("Cet argent rendu en ligne est déjà compté. Rien n'a changé.")


def take_back(connection: Connection, recorded: Recorded, fact: OnlineTakenBack) -> None:
    """Note money that went back; the same dispute may open again once it was closed. Raises GoneBackError."""
    _require_payment(connection, recorded.group, fact)
    if _move(
        connection,
        recorded.group,
        fact,
        "restored",
        {"state": "done", "cents": fact.amount, "fee": ONLINE_REFUND.c.fee + fact.fee},
    ):
        return
    known = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.refund == fact.refund)
    reference = f"{fact.provider}:{fact.refund}"
    there = select(ONLINE_REFUND.c.reference).where(known | (ONLINE_REFUND.c.reference == reference))
    if connection.execute(there).first() is not None:
        raise GoneBackError
    row = {
        "reference": reference, "group_id": recorded.group, "member": fact.member,
        "cents": fact.amount, "provider": fact.provider, "external": fact.external, "state": "done",
        "refund": fact.refund, "asked_by": 0, "fee": fact.fee, "fact": recorded.number, "at": recorded.at,
    }  # fmt: skip
    connection.execute(insert(ONLINE_REFUND), row)


def restore(connection: Connection, recorded: Recorded, fact: OnlineRestored) -> None:
    """Note that money is there again. Raises GoneBackError."""
    values = {"state": "restored", "fee": ONLINE_REFUND.c.fee + fact.fee}
    if not _move(connection, recorded.group, fact, "done", values):
        raise GoneBackError


def see(connection: Connection, recorded: Recorded, fact: OnlineRefundSeen) -> None:
    """Give a refund that was noted by hand, or had another name until now, the provider's name. Raises GoneBackError."""
    here = (ONLINE_REFUND.c.group_id == recorded.group) & (ONLINE_REFUND.c.reference == fact.reference)
    noted = here & (ONLINE_REFUND.c.state == "done") & (ONLINE_REFUND.c.refund != fact.refund)
    if not connection.execute(update(ONLINE_REFUND).where(noted).values(refund=fact.refund)).rowcount:
        raise GoneBackError


def know_fee(connection: Connection, recorded: Recorded, fact: OnlineDisputeFeeKnown) -> None:
    """Note what the provider keeps for a dispute now. Raises GoneBackError where that is noted, or the money is there again."""
    named = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.refund == fact.refund)
    there = named & (ONLINE_REFUND.c.group_id == recorded.group) & (ONLINE_REFUND.c.state == "done")
    known = there & (ONLINE_REFUND.c.fee == fact.before)
    if not connection.execute(update(ONLINE_REFUND).where(known).values(fee=fact.fee)).rowcount:
        raise GoneBackError


def _move(
    connection: Connection, group: int, fact: OnlineTakenBack | OnlineRestored, state: str, values: Mapping[str, object]
) -> bool:
    named = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.refund == fact.refund)
    here = named & (ONLINE_REFUND.c.group_id == group) & (ONLINE_REFUND.c.state == state)
    return bool(connection.execute(update(ONLINE_REFUND).where(here).values(values)).rowcount)


def _require_payment(connection: Connection, group: int, fact: OnlineTakenBack) -> None:
    """Require that the payment is this member's: anything else is a bug."""
    named = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    theirs = named & (ONLINE_PAYMENT.c.group_id == group) & (ONLINE_PAYMENT.c.member == fact.member)
    there = connection.execute(select(ONLINE_PAYMENT.c.fact).where(theirs)).first()
    assert there is not None, "what went back was paid by this member"
