"""Another price for one distribution only; what was ordered of it follows, its members are told once (B10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.conversation import Record, Rows, Say, Script, ask
from bot.handlers.adjusting import own_order_left
from bot.handlers.distributions_browsing import pick
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact
from bot.ledger.money import Cents
from bot.market.facts import Change, OrderAdjusted, VisitEnded
from bot.market.market import Distribution, Order, Phase
from bot.market.offer_facts import PriceSet
from bot.market.products import Product
from bot.market.units import unit_price_words
from bot.questions import Amount, confirm
from bot.wording import rows, say_option
from bot.words import _, _n

Adjustments = Sequence[tuple[Order, OrderAdjusted]]


def set_price(visit: Visit, distribution: Distribution) -> Script:
    """Set the price of a product for one distribution: « distribution d12 prix »."""
    if distribution.phase(visit.now) in {Phase.VALIDATED, Phase.CANCELLED}:
        return _("Cette distribution est déjà terminée.")
    offered = visit.market.offered(distribution)
    if not offered:
        return Say(_("Aucun produit n'est proposé."), _back(distribution))
    product = yield from pick(offered, _("Le prix de quel produit, pour cette distribution seulement ?"))
    question = _("{name} : {price} aujourd'hui. Quel prix pour cette distribution ?", name=product.name,
                 price=unit_price_words(product.price, product.unit))  # fmt: skip
    price = yield from ask(Amount("prix", question))
    everybody = list(_adjusted(visit, distribution, product, price))
    adjusted = [(order, fact) for order, fact in everybody if not _is_own_gain(visit, fact)]
    if price == product.price and not adjusted:
        return Say(_("C'est déjà son prix."), _back(distribution))
    own = own_order_left() if adjusted != everybody else ""
    if not (yield from confirm(_consent(product, price, adjusted) + own)):
        return Say(_("Rien n'a changé."), _back(distribution))
    return Record(tuple(_facts(visit, distribution, PriceSet(distribution.number, product.number, price), adjusted)),
                  said=_done(distribution, product, price, adjusted))  # fmt: skip


def _back(distribution: Distribution) -> Rows:
    here = f"distribution d{distribution.number}"
    return rows([say_option(_("Voir"), here), say_option(_("Prix"), f"{here} prix")])


def _adjusted(
    visit: Visit, distribution: Distribution, product: Product, price: Cents
) -> Iterator[tuple[Order, OrderAdjusted]]:
    """Give each order that has the product at another price, and what it becomes."""
    for order in visit.market.orders(distribution.number):
        changes = tuple(
            Change(line.line, line.product, line.quantity, line.price, line.quantity, price)
            for line in order.lines
            if line.product == product.number and line.price != price and line.quantity
        )
        if changes and order.state == "confirmed":
            yield order, OrderAdjusted(order.member, order.distribution, changes)


def _is_own_gain(visit: Visit, fact: OrderAdjusted) -> bool:
    """Tell whether the speaker would owe less by their own doing: that is for another to adjust (B43)."""
    return visit.needs_another(fact.member) and sum(change.difference for change in fact.changes) < 0


def _difference(adjusted: Adjustments) -> Cents:
    return Cents(sum(change.difference for _order, fact in adjusted for change in fact.changes))


def _consent(product: Product, price: Cents, adjusted: Adjustments) -> str:
    """Say what changes for those who ordered it: consent is bound to exactly that."""
    head = _(
        "{name} à {price} pour cette distribution ?", name=product.name, price=unit_price_words(price, product.unit)
    )
    if not adjusted:
        return head
    orders = _n("{n} commande change", "{n} commandes changent", len(adjusted))
    return _(
        "{head} {orders} : {difference:money} en tout.", head=head, orders=orders, difference=_difference(adjusted)
    )


def _facts(visit: Visit, distribution: Distribution, price: PriceSet, adjusted: Adjustments) -> Iterator[Fact]:
    """Adjust the orders, then set the price, whose notice tells of both; once the pickup has begun, the end of a visit does."""
    yield from (fact for _order, fact in adjusted)
    yield price
    if visit.now >= distribution.starts_at:
        yield from (VisitEnded(order.member, order.distribution) for order, _fact in adjusted if order.visited_at)


def _done(distribution: Distribution, product: Product, price: Cents, adjusted: Adjustments) -> Say:
    said = _(
        "✅ {name} : {price} pour cette distribution.", name=product.name, price=unit_price_words(price, product.unit)
    )
    followed = _n("{n} commande est ajustée.", "{n} commandes sont ajustées.", len(adjusted))
    return Say(f"{said} {followed}" if adjusted else said, _back(distribution))
