"""What is said of orders: confirmed, added to, asked about, adjusted, credited; how they will be paid (B8–B10, B17)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.conversation import Rows
from bot.ledger.facts import Fact, Method
from bot.market.facts import (
    OrderAdjusted,
    OrderCredited,
    OrderPlaced,
    PaymentPlanned,
    PlanEnded,
    ProductsAdded,
    RemovalAsked,
    RemovalDecided,
    VisitEnded,
    total,
)
from bot.market.market import Distribution, Order
from bot.market.units import quantity_words
from bot.notices.telling import Notice, Telling, Written, settle, to_author_and_member, your_balance
from bot.notices.transfers import details, is_paid_to
from bot.wording import order_lines, payee_lines, plan_words, rows, say_option
from bot.words import _


def _when(told: Telling) -> Distribution:
    found = told.market.distribution(told.fact.distribution)
    assert found is not None, "an order has its distribution"
    return found


def _order(told: Telling) -> Order:
    found = told.market.order(told.fact.member, told.fact.distribution)
    assert found is not None, "the order is there: its fact was just applied"
    return found


def _order_placed(told: Telling) -> list[Notice]:
    order, distribution = _order(told), _when(told)

    def to_member() -> Written:
        said = _("✅ Commande n° {number} confirmée pour le {at:moment}, {place} :", number=order.number,
                 at=distribution.starts_at, place=distribution.place)  # fmt: skip
        lines = order_lines(order, before_pickup=distribution.is_before(told.books.now))
        text = [said, *lines, _("Total : {total:money*}.", total=order.total), your_balance(told)]
        return Written("\n".join(text), _after_ordering(told))

    return _to_whom(told, to_member)


def _products_added(told: Telling) -> list[Notice]:
    order, added = _order(told), total(told.fact.lines)

    def to_member() -> Written:
        said = _("✅ Ajouté à votre commande n° {number} : {added:money*}. Elle fait maintenant {total:money*}.",
                 number=order.number, added=added, total=order.total)  # fmt: skip
        return Written(f"{said}\n{your_balance(told)}", _after_ordering(told))

    return _to_whom(told, to_member)


def _to_whom(told: Telling, to_member: Callable[[], Written]) -> list[Notice]:
    """Tell the member; where somebody else entered it for them, tell both."""
    if told.own:
        return [Notice("author", to_member)]

    def to_author() -> Written:
        order = _order(told)
        return Written(
            _(
                "✅ {name} : commande n° {number}, {total:money*}.",
                name=told.name,
                number=order.number,
                total=order.total,
            )
        )

    return [Notice("author", to_author), Notice("member", to_member, member=told.fact.member)]


def _after_ordering(told: Telling) -> Rows:
    which = f"d{told.fact.distribution}"
    return rows([say_option(_("Ma commande"), f"commandes {which}"), say_option(_("Ajouter"), f"commander {which}")])


def _payment_planned(told: Telling) -> list[Notice]:
    def to_member() -> Written:
        sent = (
            [say_option(_("C'est fait"), f"fait {told.recorded.number}")] if told.fact.method is Method.TRANSFER else []
        )
        lines = [plan_words(told.fact.amount, told.fact.method), *payee_lines(told.group.settings, told.fact.method)]
        said = "\n".join(lines)
        if not is_paid_to(told.group, told.fact.method):
            return Written(said, rows(sent))
        how = details(told.group, told.fact.member, told.fact.amount)
        return Written(f"{said}\n{how.text}", (*rows(sent), *how.options), how.attachment)

    return [Notice("author", to_member)]


def _plan_ended(_told: Telling) -> list[Notice]:
    return []


def _removal_asked(_told: Telling) -> list[Notice]:
    """Tell who asked; the coordinators see it on their card."""

    def to_author() -> Written:
        return Written(
            _("C'est demandé. Un coordinateur vous répondra ; en attendant, votre commande reste comme elle est.")
        )

    return [Notice("author", to_author)]


def _asked_of(told: Telling) -> str:
    """Name the product that was asked to be taken off: its quantity is no longer there."""
    request = told.market.request(told.fact.asked)
    order = told.market.order(request.member, request.distribution) if request else None
    lines = [line.name for line in order.lines if request and line.line == request.line] if order else []
    return lines[0] if lines else _("une ligne qui n'est plus là")


def _removal_decided(told: Telling) -> list[Notice]:
    fact: RemovalDecided = told.fact

    def to_author() -> Written:
        words = (
            _("✅ C'est retiré pour {name}.", name=told.name)
            if fact.granted
            else _("C'est laissé tel quel pour {name}.", name=told.name)
        )
        return Written(words)

    def to_member() -> Written:
        if fact.granted:
            said = _("✅ {author} a retiré ceci de votre commande : {name}.", author=told.author, name=_asked_of(told))
            return Written(f"{said} {your_balance(told)}", settle(told))
        reason = _(" Raison : {reason}.", reason=fact.reason.rstrip(".")) if fact.reason else ""
        return Written(_("{author} ne peut pas retirer ce que vous demandiez.{reason} Votre commande reste comme elle est.",
                         author=told.author, reason=reason))  # fmt: skip

    return to_author_and_member(told, to_author, to_member)


def _order_adjusted(told: Telling) -> list[Notice]:
    """Tell who did it; the member gets one message when their visit ends (B10)."""
    lines = {line.line: line for line in _order(told).lines}

    def to_author() -> Written:
        changed = [lines[change.line] for change in told.fact.changes]
        said = [
            _(
                "{quantity} {name} : {cost:money}",
                quantity=quantity_words(line.quantity, line.unit),
                name=line.name,
                cost=line.cost,
            )
            for line in changed
        ]
        return Written(_("✅ {name} · {lines}", name=told.name, lines=", ".join(said)))

    return [Notice("author", to_author)]


def _visit_ended(told: Telling) -> list[Notice]:
    """Tell the member, once, what their order has become at the pickup, if anything changed (B10)."""
    order = _order(told)
    if not told.market.changed_since(order, order.told_before):
        return []

    def to_member() -> Written:
        said = _("Votre commande du {at:day} a été ajustée :", at=_when(told).starts_at)
        text = [said, *order_lines(order), _("Total : {total:money*}.", total=order.total), your_balance(told)]
        return Written("\n".join(text), settle(told))

    return [Notice("member", to_member, member=told.fact.member)]


def _order_credited(told: Telling) -> list[Notice]:
    fact: OrderCredited = told.fact

    def to_author() -> Written:
        return Written(_("✅ {name} : avoir de {amount:money*} sur sa commande.", name=told.name, amount=fact.amount))

    def to_member() -> Written:
        reason = _(" ({reason})", reason=fact.reason.rstrip(".")) if fact.reason else ""
        said = _("{author} vous a accordé un avoir de {amount:money*} sur votre commande{reason}.",
                 author=told.author, amount=fact.amount, reason=reason)  # fmt: skip
        return Written(f"{said} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    OrderPlaced: _order_placed,
    ProductsAdded: _products_added,
    PaymentPlanned: _payment_planned,
    PlanEnded: _plan_ended,
    RemovalAsked: _removal_asked,
    RemovalDecided: _removal_decided,
    OrderAdjusted: _order_adjusted,
    OrderCredited: _order_credited,
    VisitEnded: _visit_ended,
}
