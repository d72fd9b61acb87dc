"""Orders adjusted at the pickup: weighed, missing, another quantity or price; credited afterwards (B10, B13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import PICKUP
from bot.conversation import Answer, MisunderstoodError, Question, Record, Script, ShowCard, ask
from bot.folding import folded
from bot.handlers.pickup import Place, not_yet, place
from bot.handlers.visit import Visit
from bot.handlers.who import WhichMember
from bot.ledger.errors import N_, Refusal
from bot.ledger.money import Cents
from bot.market.errors import NotFrozenError
from bot.market.facts import Change, OrderAdjusted, OrderCredited, VisitEnded
from bot.market.market import Order, OrderLine
from bot.market.products import ONE, Sold
from bot.market.quantities import charged
from bot.market.typed import NotAQuantityError
from bot.market.units import quantity_words, unit_price_words
from bot.questions import Amount, Text, choose, confirm, whole_number
from bot.words import _, _n, told


@dataclass(frozen=True)
class Charged:
    """Ask what is really charged of a line: a weight, or a number of pieces. Thousandths of the line's unit."""

    name: str
    text: str
    line: OrderLine
    typed_ahead: bool = True
    options: tuple[Answer, ...] = ()

    def understand(self, text: str) -> str:
        """Read a quantity as people type it; « 0 » is nothing at all."""
        if text.strip() in {"0", "0,0", "0.0"}:
            return "0"
        try:
            return str(charged(text, self.line.as_product))
        except NotAQuantityError as refusal:
            raise MisunderstoodError(told(refusal)) from refusal

    def value(self, token: str) -> int:
        """Read a token back."""
        found = whole_number(token)
        if found is None or found > 10_000 * ONE or (self.line.sold is Sold.PIECE and found % ONE):
            raise MisunderstoodError(_("Écrivez une quantité."))
        return found


class OwnOrderError(Refusal):
    """Nobody adjusts their own order where somebody else can (B43)."""

    sentence = N_("C'est votre propre commande : demandez à un autre coordinateur de l'ajuster.")


def adjust(visit: Visit) -> Script:
    """Adjust a line of a member's order: « ajuster d12 m5 ». The member is told once, when their visit ends (B10)."""
    here = place(visit)
    order = visit.market.order(here.member, here.distribution.number) if here and here.member else None
    if here is None or order is None or order.state != "confirmed":
        return _("Je ne trouve pas cette commande.")
    if not_yet(visit, here):
        return not_yet(visit, here)
    if visit.needs_another(order.member):
        return visit.anothers(OwnOrderError)
    line = yield from _which(order, _("Quelle ligne ajuster ?"))
    how = yield from choose("geste", _line_words(line), _gestures(line))
    changed = yield from how(line)
    if changed == (line.quantity, line.price):
        return ShowCard(PICKUP, here.page())
    change = Change(line.line, line.product, line.quantity, line.price, *changed)
    return Record.one(OrderAdjusted(order.member, order.distribution, (change,)), ShowCard(PICKUP, here.page()))


Gesture = Callable[[OrderLine], Generator[Question[Any], Any, tuple[int, Cents]]]


def _gestures(line: OrderLine) -> dict[Answer, Gesture]:
    weighed = line.sold is not Sold.PIECE
    first = Answer("peser", _("Peser") if weighed else _("Quantité"))
    return {first: _weigh, Answer("rien", _("Pas livré")): _not_delivered, Answer("prix", _("Prix")): _other_price}


def _which(order: Order, text: str) -> Generator[Question[Any], Any, OrderLine]:
    things = {Answer(f"l{line.line}", _line_words(line)): line for line in order.lines}
    return (yield from choose("ligne", text, things, line_names(order.lines)))


def line_names(lines: Sequence[OrderLine]) -> dict[str, list[str]]:
    """Let a line be named by its product, or by the first word of it, where no other line is called so."""
    called = {f"l{line.line}": {folded(line.name), folded(line.name).partition(" ")[0]} for line in lines}
    times = Counter(name for names in called.values() for name in names)
    return {token: [name for name in names if times[name] == 1] for token, names in called.items()}


def _line_words(line: OrderLine) -> str:
    return _(
        "{quantity} {name} : {cost:money}",
        quantity=quantity_words(line.quantity, line.unit),
        name=line.name,
        cost=line.cost,
    )


def _weigh(line: OrderLine) -> Generator[Question[Any], Any, tuple[int, Cents]]:
    now = quantity_words(line.quantity, line.unit)
    text = _("{name} ({now}) : combien à la pesée ? Par exemple 1,15.", name=line.name, now=now)
    if line.sold is Sold.PIECE:
        text = _("{name} ({now}) : combien vraiment ? 0 s'il n'y en a pas.", name=line.name, now=now)
    return (yield from ask(Charged("quantite", text, line))), line.price


def _not_delivered(line: OrderLine) -> Generator[Question[Any], Any, tuple[int, Cents]]:
    yield from ()
    return 0, line.price


def _other_price(line: OrderLine) -> Generator[Question[Any], Any, tuple[int, Cents]]:
    text = _("{name} : quel prix pour cette distribution ? ({price})", name=line.name,
             price=unit_price_words(line.price, line.unit))  # fmt: skip
    return line.quantity, (yield from ask(Amount("prix", text)))


def missing(visit: Visit) -> Script:
    """Mark a product as not delivered, for everybody at once: « manquant d12 » (B10). One's own order is another's to adjust."""
    here = place(visit)
    if here is not None and not_yet(visit, here):
        return not_yet(visit, here)
    live = _live(visit, here) if here else []
    orders = [order for order in live if not visit.needs_another(order.member)]
    things = {
        Answer(f"p{line.product}", line.name): line.product for order in orders for line in order.lines if line.quantity
    }
    if not things:
        own = orders != live
        return visit.anothers(OwnOrderError) if own else _("Il n'y a rien à marquer : aucune ligne n'est à livrer.")
    product = yield from choose("produit", _("Qu'est-ce qui n'est pas arrivé ?"), things)
    lines = [(order, line) for order in orders for line in order.lines if line.product == product and line.quantity]
    total = Cents(sum(line.cost for _order, line in lines))
    name = lines[0][1].name
    question = _n(
        "{name} : pas livré à {n} personne, {total:money*} en moins. D'accord ?",
        "{name} : pas livré à {n} personnes, {total:money*} en moins. D'accord ?",
        len(lines), name=name, total=total,
    )  # fmt: skip
    if not (yield from confirm(question + _left_out(live, orders, product))):
        return _("Rien n'a changé.")
    ended = [VisitEnded(order.member, order.distribution) for order, _line in lines if order.visited_at]
    return Record((*(_none_of(order, line) for order, line in lines), *dict.fromkeys(ended)))


def _left_out(live: list[Order], orders: list[Order], product: int) -> str:
    """Say that one's own order has the product too, and is left as it is (B43)."""
    own = [order for order in live if order not in orders]
    if not any(line.quantity for order in own for line in order.lines if line.product == product):
        return ""
    return own_order_left()


def own_order_left() -> str:
    """Say, in a consent about everybody's orders, that one's own stays as it is (B43)."""
    return "\n" + _("Votre propre commande reste comme elle est : un autre coordinateur doit l'ajuster.")


def _live(visit: Visit, here: Place) -> list[Order]:
    return [order for order in visit.market.orders(here.distribution.number) if order.state == "confirmed"]


def _none_of(order: Order, line: OrderLine) -> OrderAdjusted:
    change = Change(line.line, line.product, line.quantity, line.price, 0, line.price)
    return OrderAdjusted(order.member, order.distribution, (change,))


def _whose(visit: Visit, here: Place) -> Generator[Question[Any], Any, int]:
    ordered = {order.member for order in _live(visit, here)}
    likely = tuple(person for person in visit.group.members() if person.number in ordered)
    person = yield from ask(WhichMember("adherent", _("Un avoir pour qui ?"), visit.group, likely))
    return person.number


def credit(visit: Visit) -> Script:
    """Give a credit on a frozen order: missing or spoiled, told the next day: « avoir d12 », « avoir d12 m5 » (B10)."""
    here = place(visit)
    if here is None:
        return _("Je ne trouve pas cette distribution.")
    if here.distribution.state != "validated":
        return _(NotFrozenError.sentence)
    member = here.member or (yield from _whose(visit, here))
    order = visit.market.order(member, here.distribution.number)
    if order is None:
        return _("Je ne trouve pas cette commande.")
    if visit.needs_another(order.member):
        return visit.anothers(OwnOrderError)
    name = visit.group.name_of(order.member)
    suggested = tuple(dict.fromkeys(line.cost for line in order.lines if line.cost))[:3]
    question = _("{name} : avoir de combien, sur une commande de {total:money} ?", name=name, total=order.total)
    amount = yield from ask(Amount("montant", question, suggested))
    why = yield from ask(Text("raison", _("Pour quelle raison ? Elle sera dite."), (_("Manquant"), _("Abîmé"))))
    if not (yield from confirm(_("{name} : avoir de {amount:money*} ({why}) ?", name=name, amount=amount, why=why))):
        return _("Rien n'a changé.")
    return Record.one(OrderCredited(order.member, order.distribution, amount, why))
