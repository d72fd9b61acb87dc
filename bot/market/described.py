"""A distribution in words: when and where, how far it is, what was ordered of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.ledger.money import Cents
from bot.market.calendar import span_words
from bot.market.market import Distribution, Order, Phase
from bot.words import _, _n


def when_and_where(distribution: Distribution) -> str:
    """Say when and where it is: « jeudi 26 novembre de 18 h à 20 h, Salle des fêtes »."""
    return _("{span}, {place}", span=span_words(distribution.starts_at, distribution.ends_at), place=distribution.place)


def phase_words(distribution: Distribution, now: datetime) -> str:
    """Say how far it is."""
    words = {
        Phase.TO_COME: _("les commandes ouvriront le {opens:moment}", opens=distribution.opens_at),
        Phase.OPEN: _("commandes ouvertes jusqu'au {closes:moment}", closes=distribution.closes_at),
        Phase.CLOSED: _("commandes closes"),
        Phase.ON: _("en ce moment"),
        Phase.OVER: _("finie, à valider"),
        Phase.VALIDATED: _("validée"),
        Phase.CANCELLED: _("annulée"),
    }
    return words[distribution.phase(now)]


def ordered_words(orders: Iterable[Order]) -> str:
    """Say how many orders there are and what they come to: no names, no single amounts (B40)."""
    live = [order for order in orders if order.state == "confirmed"]
    if not live:
        return _("aucune commande")
    total = Cents(sum(order.total for order in live))
    return _n("{n} commande, {total:money}", "{n} commandes, {total:money}", len(live), total=total)
