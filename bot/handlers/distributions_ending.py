"""A distribution does not take place: every debit is taken back, planned payments lapse, members are told (B35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.conversation import Record, Say, Script
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact
from bot.market.described import ordered_words, when_and_where
from bot.market.facts import OrderCancelled, PlanEnded
from bot.market.market import Distribution, Order, Plan
from bot.market.offer_facts import DistributionCancelled
from bot.questions import confirm
from bot.wording import balance_for_member, rows, say_option, sentence
from bot.words import _, _n


def cancel(visit: Visit, distribution: Distribution) -> Script:
    """Cancel a distribution: « distribution d12 annuler ». What comes meanwhile is refused by the books, all of it (B35)."""
    if distribution.state != "planned":
        return _("Cette distribution est déjà terminée.")
    orders = [order for order in visit.market.orders(distribution.number) if order.state == "confirmed"]
    plans = visit.market.plans(distribution=distribution.number)
    if not (yield from confirm(_consent(distribution, orders, plans), _("Annuler la distribution"))):
        see = say_option(_("Voir"), f"distribution d{distribution.number}")
        return Say(_("La distribution a lieu comme prévu."), rows([see]))
    return Record(tuple(_facts(distribution, orders, plans)), said=_done(visit, distribution, orders))


def _consent(distribution: Distribution, orders: Sequence[Order], plans: Sequence[Plan]) -> str:
    """Say how many orders are taken back and how much that is: consent is bound to exactly that."""
    lines = [_("Annuler la distribution du {when:*} ?", when=when_and_where(distribution))]
    if orders:
        taken = _("Ne seront plus comptées : {ordered}.", ordered=ordered_words(orders))
        lines.append(_("{taken} Ce qui est déjà payé devient un avoir, chacun est averti.", taken=taken))
    if plans:
        lines.append(_n("{n} paiement prévu n'aura pas lieu.", "{n} paiements prévus n'auront pas lieu.", len(plans)))
    return "\n".join(lines)


def _facts(distribution: Distribution, orders: Sequence[Order], plans: Sequence[Plan]) -> Iterator[Fact]:
    for order in orders:
        yield OrderCancelled(order.member, distribution.number, order.total)
    for plan in plans:
        yield PlanEnded(plan.member, plan.number, "lapsed")
    yield DistributionCancelled(distribution.number)


def _done(visit: Visit, distribution: Distribution, orders: Sequence[Order]) -> Say:
    said = _("✅ La distribution du {when} est annulée.", when=when_and_where(distribution))
    others = [order for order in orders if order.member != visit.person.number]
    warned = _n("{n} adhérent en est averti.", "{n} adhérents en sont avertis.", len(others))
    see = [say_option(_("Soldes"), "soldes"), say_option(_("Distributions"), "distribution")]
    own = [_own(visit, order) for order in orders if order.member == visit.person.number]
    return Say("\n".join([f"{said} {warned}" if others else said, *own]), rows(see))


def _own(visit: Visit, order: Order) -> str:
    """Tell the author of their own order, as the others are told of theirs."""
    after = sentence(balance_for_member(visit.books.balance(order.member) + order.total))
    return _("Votre commande n° {number} ({total:money}) ne compte plus. {balance}", number=order.number, total=order.total,
             balance=after)  # fmt: skip
