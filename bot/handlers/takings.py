"""Takings of a distribution: what came in, what the cash box must contain, who paid too little or too much (B34)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.conversation import Record, Say, Script, ask
from bot.handlers.pickup import AROUND, place
from bot.handlers.visit import Visit
from bot.ledger.books import Payment
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.market.market import Distribution
from bot.market.offer_facts import FloatCounted
from bot.online.reading import Taken
from bot.questions import Amount
from bot.wording import method_name, rows, say_option
from bot.words import _

MOST_LISTED = 20


def takings(visit: Visit) -> Script:
    """Show the takings: « encaissements d12 »; the last distribution that began, when none is named."""
    yield from ()
    distribution = _which(visit)
    if distribution is None:
        return _("Il n'y a pas encore eu de distribution.")
    span = _span(visit, distribution)
    received, cash = _came_in(visit, distribution, span)
    lines = [
        _("Encaissements · {at:day}, {place}", at=distribution.starts_at, place=distribution.place),
        *_by_method(received, visit.online.taken(distribution.number, *span)),
        "",
        *_cash_box(distribution, cash),
        "",
        *_how_they_stand(visit, distribution),
    ]
    open_ = distribution.state == "planned"
    count = [say_option(_("Fond de caisse"), f"fond d{distribution.number}")] if open_ else []
    sent_on = [say_option(_("Viré par le prestataire"), "vire")] if visit.books.held(GroupAccount.ONLINE) > 0 else []
    more = rows([say_option(_("Compter la caisse"), "caisse"), say_option(_("Chèques"), "cheques"), *sent_on])
    return Say("\n".join(lines), (*rows([*count, say_option(_("Soldes"), "soldes")]), *more))


def _which(visit: Visit) -> Distribution | None:
    here = place(visit)
    if here is not None:
        return here.distribution
    begun = [
        found for found in visit.market.distributions if found.starts_at <= visit.now and found.state != "cancelled"
    ]
    return begun[-1] if begun else None


def _span(visit: Visit, distribution: Distribution) -> tuple[datetime, datetime]:
    """Give the time that counts: from an hour before the beginning until the validation, at most until that of the next one.

    The hour before belongs to the distribution that is still going on then.
    """
    others = [other for other in visit.market.distributions if other.state != "cancelled"]
    ended = [
        min(other.ends_at, other.validated_at or other.ends_at)
        for other in others
        if other.ends_at <= distribution.starts_at
    ]
    following = [
        max(distribution.ends_at, other.starts_at - AROUND)
        for other in others
        if other.starts_at >= distribution.ends_at
    ]
    since = max([distribution.starts_at - AROUND, *ended])
    return since, min([distribution.validated_at or visit.now, *following])


def _came_in(visit: Visit, distribution: Distribution, span: tuple[datetime, datetime]) -> tuple[list[Payment], Cents]:
    """Give the payments of a distribution, and its cash: what its validation receives is its own, however late that comes."""
    others = [
        at
        for other in visit.market.distributions
        if other.validated_at and other != distribution and span[0] <= other.validated_at <= span[1]
        for at in _late(visit, other)
    ]
    own = _late(visit, distribution)
    received = [one for one in visit.books.received_between(*span) if one.decided_at not in others]
    received += [one for moment in own for one in visit.books.received_between(moment, moment)]
    cash = visit.books.taken(GroupAccount.CASH, *span)
    for moments, sign in ((own, 1), (others, -1)):
        cash = Cents(cash + sign * sum(visit.books.taken(GroupAccount.CASH, moment, moment) for moment in moments))
    return received, cash


def _late(visit: Visit, distribution: Distribution) -> list[datetime]:
    """Give the moment of a validation that came after the time that counts, if it did."""
    at = distribution.validated_at
    return [at] if at is not None and at > _span(visit, distribution)[1] else []


def _by_method(received: Sequence[Payment], online: Taken) -> list[str]:
    lines = []
    for method in (Method.CASH, Method.CHEQUE, Method.TRANSFER, Method.TERMINAL):
        amounts = [payment.received or Cents(0) for payment in received if payment.method == method]
        if method is Method.CHEQUE and amounts:
            lines.append(_("Chèques : {n}, {total:money*}", n=len(amounts), total=sum(amounts)))
        elif amounts:
            lines.append(_("{method} : {total:money*}", method=method_name(method), total=sum(amounts)))
    return [*lines, *_by_card(online)] or [_("Rien n'a été encaissé.")]


def _by_card(online: Taken) -> list[str]:
    """Say what came in by card: gross, fees, net (B34)."""
    if not online.gross:
        return []
    if online.unknown:
        return [_("Carte en ligne : {gross:money*} (frais pas tous connus)", gross=online.gross)]
    if not online.fees:
        return [_("Carte en ligne : {gross:money*}", gross=online.gross)]
    return [_("Carte en ligne : {gross:money*} (frais {fees:money}, net {net:money})",
              gross=online.gross, fees=online.fees, net=online.net)]  # fmt: skip


def _cash_box(distribution: Distribution, cash: Cents) -> list[str]:
    """Say what must be in the box: the float, and the cash that came in less what was given back."""
    lines = [_("Fond de caisse : {amount:money}", amount=distribution.float_cents)] if distribution.float_cents else []
    return [*lines, _("La caisse doit contenir {amount:money*}", amount=distribution.float_cents + cash)]


def _how_they_stand(visit: Visit, distribution: Distribution) -> list[str]:
    """List who of the distribution's members owes something that is due, and who has an avoir."""
    orders = [order for order in visit.market.orders(distribution.number) if order.state == "confirmed"]
    owing, having = [], []
    standings = {standing.member: standing for standing in visit.books.standings()}
    later = visit.market.not_due_by_member()
    for order in orders:
        standing = standings[order.member]
        due = visit.group.settings.lacking(standing.due - later.get(order.member, 0))
        name = visit.names.get(order.member, "?")
        if due:
            owing.append(_("{name} : {amount:money}", name=name, amount=due))
        elif standing.balance > 0:
            having.append(_("{name} : {amount:money}", name=name, amount=standing.balance))
    return [*_section(_("Manque"), owing), *_section(_("Avoir"), having)] or [
        _("Tout va bien : personne ne doit rien.")
    ]


def _section(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = [_("… et {n} de plus, voir /soldes", n=len(names) - MOST_LISTED)] if len(names) > MOST_LISTED else []
    return [_("{title:*} · {n}", title=title, n=len(names)), *names[:MOST_LISTED], *more]


def count_float(visit: Visit) -> Script:
    """Note what the cash box held before: « fond d12 » (B34)."""
    here = place(visit)
    if here is None:
        return _("Aucune distribution n'est en cours.")
    if here.distribution.state != "planned":
        return _("Cette distribution est terminée.")
    amount = yield from ask(Amount("montant", _("Combien y avait-il dans la caisse avant de commencer ?")))
    return Record.one(FloatCounted(here.distribution.number, amount))
