"""What is said of distributions: planned, moved, cancelled; what they offer, at which price (B10, B31, B35)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.conversation import Rows
from bot.ledger.facts import Fact
from bot.market.described import when_and_where
from bot.market.facts import OrderCancelled
from bot.market.market import Distribution, Order
from bot.market.offer_facts import (
    DistributionCancelled,
    DistributionMoved,
    DistributionPlanned,
    FloatCounted,
    OfferChosen,
    PriceSet,
    WindowMoved,
)
from bot.market.units import unit_price_words
from bot.notices.telling import Notice, Telling, Written, settle, your_balance
from bot.wording import rows, say_option
from bot.words import _, _n


def the_distribution(told: Telling) -> Distribution:
    """Give the distribution that a fact is about."""
    found = told.market.distribution(told.fact.distribution)
    assert found is not None, "the fact was just applied to it"
    return found


def live_orders(told: Telling) -> list[Order]:
    """List the confirmed orders of the distribution that a fact is about."""
    return [order for order in told.market.orders(told.fact.distribution) if order.state == "confirmed"]


def _planned(told: Telling) -> list[Notice]:
    distribution = the_distribution(told)

    def to_author() -> Written:
        said = _("✅ Distribution prévue : {when:*}. {window}", when=when_and_where(distribution),
                 window=_window(told, distribution))  # fmt: skip
        which = f"distribution d{distribution.number}"
        options = [say_option(_("Produits"), f"{which} produits"), say_option(_("Répéter"), f"{which} repeter")]
        return Written(said, rows([*options, say_option(_("Voir"), which)]))

    return [Notice("author", to_author)]


def _window(told: Telling, distribution: Distribution) -> str:
    if distribution.opens_at <= told.books.now:
        return _("Commandes jusqu'au {closes:moment}.", closes=distribution.closes_at)
    return _(
        "Commandes du {opens:moment} au {closes:moment}.", opens=distribution.opens_at, closes=distribution.closes_at
    )


def see(distribution: Distribution) -> Rows:
    """Offer to look at a distribution."""
    return rows([say_option(_("Voir"), f"distribution d{distribution.number}")])


def _moved(told: Telling) -> list[Notice]:
    """Tell those who ordered; their accounts do not change (B35)."""
    distribution, orders = the_distribution(told), live_orders(told)
    when = distribution.starts_at - told.books.now

    def to_author() -> Written:
        said = _("✅ Distribution déplacée : {when:*}. {window}", when=when_and_where(distribution),
                 window=_window(told, distribution))  # fmt: skip
        warned = _n("{n} adhérent est averti.", "{n} adhérents sont avertis.", len(orders))
        return Written(f"{said} {warned}" if orders else said, see(distribution))

    def to_room() -> Written:
        said = _(
            "{author} a déplacé la distribution : {when:*}.", author=told.author, when=when_and_where(distribution)
        )
        return Written(said, see(distribution))

    members = [_moved_for(distribution, order, useful_for=when) for order in orders]
    return [Notice("author", to_author), Notice("room", to_room), *members]


def _moved_for(distribution: Distribution, order: Order, *, useful_for: timedelta) -> Notice:
    def to_member() -> Written:
        said = _(
            "⚠️ La distribution est déplacée : {when:*}. Votre commande n° {number} ({total:money}) reste comme elle est.",
            when=when_and_where(distribution), number=order.number, total=order.total,
        )  # fmt: skip
        return Written(said, rows([say_option(_("Ma commande"), f"commandes d{distribution.number}")]))

    return Notice("member", to_member, member=order.member, useful_for=useful_for)


def _window_moved(told: Telling) -> list[Notice]:
    distribution = the_distribution(told)

    def to_author() -> Written:
        return Written(_("✅ C'est noté. {window}", window=_window(told, distribution)), see(distribution))

    return [Notice("author", to_author)]


def _offer_chosen(told: Telling) -> list[Notice]:
    distribution = the_distribution(told)

    def to_author() -> Written:
        offered = _n("{n} produit proposé", "{n} produits proposés", len(told.market.offered(distribution)))
        said = _("✅ {offered} le {at:day}.", offered=offered, at=distribution.starts_at)
        return Written(said, see(distribution))

    return [Notice("author", to_author)]


def _price_set(told: Telling) -> list[Notice]:
    """Tell the members whose orders follow the price, where that was not left to the end of their visit (B10)."""
    distribution, product = the_distribution(told), told.market.catalogue[told.fact.product]
    concerned = [order for order in live_orders(told) if order.told_fact == told.recorded.number]

    def to_author() -> Written:
        price = unit_price_words(told.fact.price, product.unit)
        return Written(_("✅ {name} : {price} pour cette distribution.", name=product.name, price=price))

    def to_member(order: Order) -> Written:
        price = unit_price_words(told.fact.price, product.unit)
        said = _("Le prix change pour la distribution du {at:day} : {name}, {price}. Votre commande fait maintenant {total:money*}.",
                 at=distribution.starts_at, name=product.name, price=price, total=order.total)  # fmt: skip
        return Written(f"{said}\n{your_balance(told, order.member)}")

    members = [Notice("member", lambda order=order: to_member(order), member=order.member) for order in concerned]  # type: ignore[misc]
    return [Notice("author", to_author), *members]


def _float_counted(told: Telling) -> list[Notice]:
    """Say back what the cash box held, so that a slip of the thumb is seen (B34)."""
    at, amount = the_distribution(told).starts_at, told.fact.amount
    return [
        Notice("author", lambda: Written(_("✅ Fond de caisse du {at:day} : {amount:money*}.", at=at, amount=amount)))
    ]


def _order_cancelled(told: Telling) -> list[Notice]:
    """Tell the member that nothing of the order is owed any more, and where that leaves their account (B35)."""
    distribution = the_distribution(told)
    order = told.market.order(told.fact.member, told.fact.distribution)
    assert order is not None, "the order is there: its fact was just applied"

    def to_member() -> Written:
        said = _(
            "⚠️ La distribution du {at:moment}, {place}, n'aura pas lieu. Votre commande n° {number} ({amount:money}) est annulée.",
            at=distribution.starts_at, place=distribution.place, number=order.number, amount=told.fact.amount,
        )  # fmt: skip
        return Written(f"{said}\n{your_balance(told)}", settle(told))

    return [Notice("author", to_member) if told.own else Notice("member", to_member, member=told.fact.member)]


def _cancelled(told: Telling) -> list[Notice]:
    distribution = the_distribution(told)

    def to_author() -> Written:
        return Written(_("✅ La distribution du {when} est annulée.", when=when_and_where(distribution)))

    def to_room() -> Written:
        said = _("{author} a annulé la distribution du {when}.", author=told.author, when=when_and_where(distribution))
        return Written(said)

    return [Notice("author", to_author), Notice("room", to_room)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    DistributionPlanned: _planned,
    DistributionMoved: _moved,
    WindowMoved: _window_moved,
    OfferChosen: _offer_chosen,
    PriceSet: _price_set,
    FloatCounted: _float_counted,
    OrderCancelled: _order_cancelled,
    DistributionCancelled: _cancelled,
}
