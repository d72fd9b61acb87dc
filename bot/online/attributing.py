"""Unknown money that was attributed to the wrong member, taken from them and unknown again (B3, B45)."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, exists, select

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import FactReversed, Method
from bot.ledger.journal import Recorded
from bot.ledger.tables import FACT
from bot.online.facts import OnlineUnattributed
from bot.online.tables import ONLINE_PAYMENT, ONLINE_REFUND, ONLINE_STRAY


class OnlineStandsError(Refusal):
    """Money is at the provider: the books cannot say otherwise. It goes back by a refund (B3, B25)."""

    sentence = N_(
        "Ce paiement par carte est chez le prestataire, il ne s'annule pas ici : pour rendre l'argent, /rembourser."
    )


class GivenBackError(Refusal):
    """Some of the money was given back on the card, or was to be: whose it was is settled by that (B3)."""

    sentence = N_(
        "De ce paiement par carte, de l'argent a été rendu ou demandé : il ne peut plus être attribué à quelqu'un d'autre. "
        "Rien n'a changé."
    )


def unattribute(connection: Connection, recorded: Recorded, fact: OnlineUnattributed) -> None:
    """Forget whose the money is; where it came from stays known, so that it can be attributed anew, once.

    Raises OnlineStandsError for money of a link, or attributed otherwise by now, GivenBackError.
    """
    named = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.external == fact.external)
    ours = named & (ONLINE_REFUND.c.group_id == recorded.group)
    if connection.execute(select(ONLINE_REFUND.c.reference).where(ours)).first() is not None:
        raise GivenBackError
    told = exists().where(
        ONLINE_STRAY.c.group_id == recorded.group, ONLINE_STRAY.c.fact == fact.stray,
        ONLINE_STRAY.c.provider == ONLINE_PAYMENT.c.provider, ONLINE_STRAY.c.external == ONLINE_PAYMENT.c.external,
    )  # fmt: skip
    here = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    theirs = (ONLINE_PAYMENT.c.group_id == recorded.group) & (ONLINE_PAYMENT.c.payment == fact.payment)
    asis = theirs & (ONLINE_PAYMENT.c.member == fact.member) & (ONLINE_PAYMENT.c.reference == "") & told
    gone = connection.execute(delete(ONLINE_PAYMENT).where(here, asis).returning(ONLINE_PAYMENT.c.fee)).first()
    if gone is None or (gone.fee or 0) != fact.fee:
        raise OnlineStandsError


def refuse_reversal(connection: Connection, recorded: Recorded, fact: FactReversed) -> None:
    """Keep money that is at a provider where it is; what was just unattributed is nobody's. Raises OnlineStandsError."""
    here = (FACT.c.group_id == recorded.group) & (FACT.c.number == fact.reversed)
    original = connection.execute(select(FACT.c.kind, FACT.c.body).where(here)).first()
    if original is None or json.loads(original.body).get("method") != Method.ONLINE.value:
        return
    theirs = (ONLINE_PAYMENT.c.group_id == recorded.group) & (ONLINE_PAYMENT.c.payment == fact.reversed)
    kept = connection.execute(select(ONLINE_PAYMENT.c.fact).where(theirs)).first() is not None
    if kept or original.kind != "PaymentReceived":
        raise OnlineStandsError
