"""A member at the pickup: what they ordered, how they stand, what they mean to pay, what can be done (B10, B32)."""

from __future__ import annotations

from bot.chat import Message, Option
from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.books import Books, Standing
from bot.market.market import Distribution, Market, Order, Phase
from bot.wording import act_option, by_method, order_lines, rows, say_option
from bot.words import _

MEMBERS = 1_000_000
"""A card is turned to a distribution and a member: both in one number."""


def place_of(distribution: int, member: int) -> int:
    """Give the number of a member's page of the pickup card."""
    return distribution * MEMBERS + member


def at_place(at: int) -> tuple[int, int]:
    """Read back the distribution and the member of a page.

    >>> at_place(place_of(2, 5))
    (2, 5)
    """
    return divmod(at, MEMBERS)


def pickup_card(books: Books, group: Group, market: Market, at: int) -> Message:
    """Draw the card of the member it was turned to."""
    number, member = at_place(at)
    distribution = market.distribution(number)
    if distribution is None or distribution.phase(market.now) in {Phase.VALIDATED, Phase.CANCELLED}:
        return Message(_("Cette distribution est terminée."))
    order = market.order(member, number)
    lines = [_head(group, distribution, order, member), *(order_lines(order) if order else [])]
    if order is not None:
        lines.append(_("Total : {total:money*}.", total=order.total))
    standing = books.standing(member)
    lines += ["", _verdict(group, market, standing), *_announced(books, market, number, member)]
    return Message("\n".join(lines), _buttons(books, market, number, member, standing))


def _head(group: Group, distribution: Distribution, order: Order | None, member: int) -> str:
    name = group.name_of(member)
    if order is None:
        return _("{name:*} · pas de commande pour le {at:day}", name=name, at=distribution.starts_at)
    return _("n° {number} · {name:*}", number=order.number, name=name)


def _verdict(group: Group, market: Market, standing: Standing) -> str:
    """Say whether all is well: an order paid from an avoir or a kitty is (B32). What is due later does not count."""
    missing = group.settings.lacking(standing.due - market.not_due(standing.member))
    if missing:
        return _("⚠️ Manque {missing:money*}", missing=missing)
    if standing.balance > 0:
        return _("✅ Tout va bien. Avoir : {avoir:money*}", avoir=standing.balance)
    if group.settings.kitty_only and standing.balance < 0:
        return _("✅ Tout va bien. Cagnotte : {balance:money*}", balance=standing.balance)
    return _("✅ Tout va bien")


def _announced(books: Books, market: Market, number: int, member: int) -> list[str]:
    """List what the member means to pay, and what they say they have paid."""
    planned = [
        _("Prévu : {amount:money} {how}", amount=plan.amount, how=by_method(plan.method))
        for plan in market.plans(member=member, distribution=number)
    ]
    declared = [
        _("⏳ Déclaré : {amount:money} {how}", amount=payment.amount, how=by_method(payment.method))
        for payment in books.pending(member)
    ]
    return [*planned, *declared]


def _buttons(books: Books, market: Market, number: int, member: int, standing: Standing) -> Rows:
    """Offer, likeliest first: what was announced as received, other payments, adjustments, the next member."""
    here = f"d{number} m{member}"
    received = [
        act_option(_("Reçu {amount:money}", amount=plan.amount), f"passage {here} prevu {plan.number}")
        for plan in market.plans(member=member, distribution=number)
    ]
    received += [
        act_option(
            _("⏳ Reçu {amount:money}", amount=payment.amount),
            f"passage {here} declare {payment.number}.{payment.round}",
        )
        for payment in books.pending(member)
    ]
    others = [
        *(f"prevu {plan.number}" for plan in market.plans(member=member, distribution=number)),
        *(f"declare {payment.number}.{payment.round}" for payment in books.pending(member)),
    ]
    if len(others) == 1:
        received.append(say_option(_("Autre montant"), f"autremontant {here} {others[0]}"))
    money = [say_option(_("Encaisser"), f"encaisser m{member}")]
    if standing.balance > 0:
        money.append(say_option(_("Rembourser"), f"rembourser m{member}"))
    adjust = [say_option(_("Ajuster"), f"ajuster {here}")] if market.order(member, number) else []
    turn: list[Option] = [
        act_option(_("Suivant ›"), f"passage {here} suivant"),
        say_option(_("Liste"), f"accueil d{number}"),
    ]
    return (*rows(received, 2), *rows([*money, *adjust]), tuple(turn))
