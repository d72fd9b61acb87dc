"""A member's confirmed orders: what is in them, adding to them, asking for something to be taken off (B9)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from bot.chat import Option
from bot.conversation import Answer, Question, Record, Say, Script, ShowCard, ask
from bot.handlers.adjusting import OwnOrderError, line_names
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact
from bot.market.facts import Change, OrderAdjusted, RemovalAsked, RemovalDecided
from bot.market.market import Distribution, Order, OrderLine, Phase, Request
from bot.market.units import quantity_words
from bot.questions import Text, choose, whole_number
from bot.wording import order_lines, payee_lines, plan_words, rows, say_option, turn_option
from bot.words import _

SHOWN = 5
REQUESTS_CARD = "requests"


def orders(visit: Visit) -> Script:
    """Show the member's latest orders, or one of them: « commandes d12 »."""
    yield from ()
    named = visit.numbered("d")
    if named is not None:
        order = visit.market.order(visit.person.number, named)
        return _one(visit, order) if order else _("Vous n'avez pas de commande pour cette distribution.")
    found = [order for order in visit.market.orders_of(visit.person.number, most=SHOWN) if order.state == "confirmed"]
    if len(found) == 1:
        return _one(visit, found[0])
    return _list(visit, found)


def _list(visit: Visit, found: list[Order]) -> Say:
    if not found:
        options = [say_option(_("Commander"), "commander")] if visit.market.in_phase(Phase.OPEN) else []
        return Say(_("Vous n'avez pas encore de commande."), rows(options))
    lines = [
        _(
            "{at:moment}, {place} : n° {number}, {total:money}",
            at=_when(visit, o).starts_at,
            place=_when(visit, o).place,
            number=o.number,
            total=o.total,
        )
        for o in found
    ]
    options = [
        turn_option(_("{at:day}", at=_when(visit, order).starts_at), f"commandes d{order.distribution}")
        for order in found
    ]
    return Say("\n".join([_("Vos commandes"), *lines]), rows(options, 1))


def _when(visit: Visit, order: Order) -> Distribution:
    distribution = visit.market.distribution(order.distribution)
    assert distribution is not None, "an order has its distribution"
    return distribution


def _one(visit: Visit, order: Order) -> Say:
    """Show one order, how it is to be paid, and what can still be done."""
    distribution = _when(visit, order)
    head = _("Commande n° {number} · {at:moment}, {place}", number=order.number, at=distribution.starts_at,
             place=distribution.place)  # fmt: skip
    charged = order_lines(order, before_pickup=distribution.is_before(visit.now))
    lines = [head, *charged, _("Total : {total:money*}.", total=order.total)]
    plans = visit.market.plans(member=order.member, distribution=order.distribution)
    for plan in plans:
        lines += [plan_words(plan.amount, plan.method), *payee_lines(visit.group.settings, plan.method)]
    return Say("\n".join(lines), rows(_next(visit, distribution)))


def _next(visit: Visit, distribution: Distribution) -> list[Option]:
    phase, which = distribution.phase(visit.now), f"d{distribution.number}"
    add = [say_option(_("Ajouter"), f"commander {which}")] if phase is Phase.OPEN else []
    changeable = phase in {Phase.OPEN, Phase.CLOSED, Phase.ON, Phase.OVER}
    ask_ = [say_option(_("Demander un retrait"), f"demander {which}")] if changeable else []
    return [*add, *ask_]


def ask_removal(visit: Visit) -> Script:
    """Explain that a confirmed order cannot be changed, and offer to ask a coordinator (B9)."""
    order = _named(visit)
    if order is None or not _left(order):
        return Say(_("Vous n'avez pas de commande à modifier."), rows([say_option(_("Mes commandes"), "commandes")]))
    line = yield from _which(order)
    what = {"quantity": quantity_words(line.quantity, line.unit), "name": line.name}
    word = _("Retirer {quantity} {name} : un mot pour les coordinateurs ?", **what)
    why = yield from ask(Text("raison", word, skippable=True))
    question = _(
        "Une commande confirmée ne se modifie plus, on peut seulement y ajouter. Voulez-vous demander aux coordinateurs de "
        "retirer {quantity} {name} ?",
        **what,
    )  # fmt: skip
    agreed = yield from choose(
        "demande", question, {Answer("yes", _("Demander")): True, Answer("no", _("Laisser")): False}
    )
    if not agreed:
        return _("Votre commande reste comme elle est.")
    return Record.one(RemovalAsked(order.member, order.distribution, line.line, why))


def _named(visit: Visit) -> Order | None:
    named = visit.numbered("d")
    found = [order for order in visit.market.orders_of(visit.person.number) if order.state == "confirmed"]
    if named is not None:
        return next((order for order in found if order.distribution == named), None)
    return next((o for o in found if _when(visit, o).state == "planned"), None)


def _left(order: Order) -> list[OrderLine]:
    """List the lines of which something is left."""
    return [line for line in order.lines if line.quantity]


def _which(order: Order) -> Generator[Question[Any], Any, OrderLine]:
    lines = _left(order)
    if len(lines) == 1:
        return lines[0]
    things = {
        Answer(f"l{line.line}", f"{quantity_words(line.quantity, line.unit)} {line.name}"): line for line in lines
    }
    return (yield from choose("ligne", _("Que voudriez-vous retirer ?"), things, line_names(order.lines)))


def answer_request(visit: Visit) -> Script:
    """Show the card of what members asked to have taken off, or answer: « retrait oui 12 », « non 12 », « page 12 » (B9)."""
    number = whole_number(visit.words[1]) if len(visit.words) == 2 else None
    if number is None or visit.words[0] == "page":
        return ShowCard(REQUESTS_CARD, number or 0)
    request = visit.market.request(number)
    if request is None:
        return _("Je ne trouve pas cette demande.")
    if request.state == "open" and visit.needs_another(request.member):
        return visit.anothers(OwnOrderError)
    granted = visit.words[0] == "oui"
    if granted or request.state != "open":
        return Record(tuple(_granted(visit, request)))
    name = visit.group.name_of(request.member)
    why = yield from ask(
        Text("raison", _("{name} : pourquoi pas ? La raison lui sera dite.", name=name), skippable=True)
    )
    return Record.one(RemovalDecided(request.member, request.number, granted=False, reason=why))


def _granted(visit: Visit, request: Request) -> Iterator[Fact]:
    """Take the line off: the member gets an avoir; before the distribution it goes back to stock."""
    order = visit.market.order(request.member, request.distribution)
    line = next((line for line in order.lines if line.line == request.line), None) if order else None
    if line is not None and line.quantity and request.state == "open":
        change = Change(line.line, line.product, line.quantity, line.price, 0, line.price)
        before = visit.market.distribution(request.distribution)
        restocked = before is not None and visit.now < before.starts_at
        yield OrderAdjusted(request.member, request.distribution, (change,), restocked=restocked)
    yield RemovalDecided(request.member, request.number, granted=True)
