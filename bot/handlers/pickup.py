"""The guided pickup: from one member to the next, what was announced is received, the visit ends (B10, B24, B32)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.cards import PICKUP
from bot.cards.pickup import place_of
from bot.chat import Option
from bot.conversation import Record, Say, Script, ShowCard, ask
from bot.groups.people import Right
from bot.handlers.till import NotNowError, may_handle_money
from bot.handlers.twice import came_by_card, came_by_card_words
from bot.handlers.visit import Visit
from bot.handlers.who import WhichMember
from bot.ledger.books import Payment
from bot.ledger.facts import PaymentReceived, PaymentValidated
from bot.market.facts import PlanEnded, VisitEnded
from bot.market.market import Distribution, Order, Phase, Plan
from bot.questions import Amount, confirm, whole_number
from bot.wording import ON_THE_SPOT, by_method, rows, say_option, turn_option
from bot.words import _

ORDERS_A_PAGE = 20
MOST_ELSEWHERE = 3
AROUND = timedelta(hours=1)
"""Money that changes hands while the tables are put up, or away, belongs to the distribution."""

AT_WORK = {Phase.CLOSED, Phase.ON, Phase.OVER}


@dataclass(frozen=True)
class Place:
    """Where a volunteer is in a distribution: it, and perhaps a member."""

    distribution: Distribution
    member: int | None = None

    def page(self, member: int | None = None) -> int:
        """Give the page of the pickup card of a member."""
        return place_of(self.distribution.number, member or self.member or 0)


def place(visit: Visit, *phases: Phase) -> Place | None:
    """Read « d12 m5 »; without a distribution, the one that is on, or the nearest of those that are over, or in ``phases``."""
    named = visit.numbered("d")
    near = _nearest(visit, Phase.ON, Phase.OVER, *phases) if named is None else [visit.market.distribution(named)]
    distribution = next(iter(near), None)
    return Place(distribution, visit.numbered("m")) if distribution else None


def _nearest(visit: Visit, *phases: Phase) -> list[Distribution]:
    """List the distributions at which somebody may be at work now, the likeliest first."""
    found = visit.market.in_phase(*phases)
    return sorted(found, key=lambda d: (d.phase(visit.now) is not Phase.ON, abs(d.starts_at - visit.now)))


def welcome(visit: Visit) -> Script:
    """List the orders of a distribution, or open the card of one member: « accueil d12 m5 »."""
    here = place(visit, Phase.CLOSED)
    if here is None:
        return _("Aucune distribution n'est en cours.")
    if here.distribution.phase(visit.now) not in AT_WORK:
        return _not_now(visit, here.distribution)
    if here.member is not None:
        return ShowCard(PICKUP, here.page())
    if visit.words[1:2] == ("cherche",):
        person = yield from ask(WhichMember("adherent", _("Qui est là ?"), visit.group))
        return ShowCard(PICKUP, here.page(person.number))
    yield from ()
    return _list(visit, here)


def _not_now(visit: Visit, distribution: Distribution) -> str:
    if distribution.phase(visit.now) in {Phase.VALIDATED, Phase.CANCELLED}:
        return _("Cette distribution est terminée.")
    return _(
        "Les commandes sont encore ouvertes : l'accueil commence après, le {at:moment}.", at=distribution.starts_at
    )


def not_yet(visit: Visit, here: Place) -> str:
    """Say why a volunteer cannot act on orders now: not before the pickup, nor after it. Nothing where they can (B10)."""
    at_work = here.distribution.phase(visit.now) in AT_WORK
    return "" if at_work or visit.may(Right.TREASURY) else _not_now(visit, here.distribution)


def waiting(visit: Visit, distribution: Distribution) -> list[Order]:
    """List the orders whose member has not come yet, by number."""
    return [
        order
        for order in visit.market.orders(distribution.number)
        if order.state == "confirmed" and not order.visited_at
    ]


def handed_over(visit: Visit, distribution: Distribution) -> set[int]:
    """List the members who have paid by hand while a distribution was on: they have come, whatever their card says."""
    received = visit.books.received_between(distribution.starts_at - AROUND, distribution.ends_at + AROUND)
    return {payment.member for payment in received if payment.method in ON_THE_SPOT}


def _list(visit: Visit, here: Place) -> Say:
    """Show who has come and who has not; those whose visit has not ended are buttons, with a sign where they have paid."""
    orders = [order for order in visit.market.orders(here.distribution.number) if order.state == "confirmed"]
    left, paid = [order for order in orders if not order.visited_at], handed_over(visit, here.distribution)
    named = f"d{here.distribution.number}"
    page = whole_number(visit.words[1]) if len(visit.words) > 1 else 1
    pages = [left[start : start + ORDERS_A_PAGE] for start in range(0, len(left), ORDERS_A_PAGE)] or [[]]
    number = min(max(page or 1, 1), len(pages))
    head = _("{at:day}, {place} · {came} sur {n} sont passés", at=here.distribution.starts_at, place=here.distribution.place,
             came=sum(bool(o.visited_at) or o.member in paid for o in orders), n=len(orders))  # fmt: skip
    lines = [head, *([] if left else [_("Tout le monde est passé.")])]
    buttons = [_order_button(visit, order, named, paid) for order in pages[number - 1]]
    turns = [turn_option("‹", f"accueil {named} {number - 1}")] if number > 1 else []
    turns += [turn_option("›", f"accueil {named} {number + 1}")] if number < len(pages) else []
    ways = [say_option(_("Chercher"), f"accueil {named} cherche"), say_option(_("Manquants"), f"manquant {named}")]
    elsewhere = [
        say_option(_("Accueil du {at:date}", at=other.starts_at), f"accueil d{other.number}")
        for other in _nearest(visit, *AT_WORK)[:MOST_ELSEWHERE] if other != here.distribution
    ]  # fmt: skip
    return Say("\n".join(lines), (*rows(buttons, 2), *rows(turns), *rows(ways), *rows(elsewhere)))


def _order_button(visit: Visit, order: Order, named: str, paid: set[int]) -> Option:
    sign = " ✅" if order.member in paid else ""
    return say_option(
        f"{order.number} · {visit.names.get(order.member, '?')}{sign}", f"accueil {named} m{order.member}"
    )


def step(visit: Visit) -> Script:
    """Act on the card of a member: « passage d12 m5 suivant », « … prevu 33 », « … declare 44.0 »."""
    here = place(visit)
    action = _ACTIONS.get(visit.words[2]) if len(visit.words) > 2 else None
    if here is None or here.member is None or action is None:
        return _("Je ne connais pas ce bouton.")
    if here.distribution.phase(visit.now) not in AT_WORK:
        return _not_now(visit, here.distribution)
    if action is not _next and not may_handle_money(visit):
        return _(NotNowError.sentence)
    return (yield from action(visit, here, visit.words[3] if len(visit.words) > 3 else ""))


def _next(visit: Visit, here: Place, _word: str) -> Script:
    yield from ()
    return end_visit(visit, here)


def end_visit(visit: Visit, here: Place) -> Record | ShowCard:
    """End the visit, and turn the card to the next member who has not come; the member is told once of what changed."""
    member = here.member or 0
    ended = VisitEnded(member, here.distribution.number)
    left = [order for order in waiting(visit, here.distribution) if order.member != member]
    mine = visit.market.order(member, here.distribution.number)
    after = [order for order in left if mine is None or order.number > mine.number] or left
    then = ShowCard(PICKUP, here.page(after[0].member if after else member))
    if mine is None:
        return then
    done = _("✅ {name} : passage noté.", name=visit.group.name_of(member))
    return Record((ended,), then, Say(done if left else "\n".join([done, _("Tout le monde est passé.")])))


def _planned(visit: Visit, here: Place, word: str) -> Script:
    """Receive what was planned, as it was planned; where the same came by card, ask first (B24, B28)."""
    plans = visit.market.plans(member=here.member, distribution=here.distribution.number)
    plan = next((plan for plan in plans if plan.number == whole_number(word)), None)
    if plan is None:
        return _("Quelqu'un vient de s'occuper de ce paiement. Rien n'a changé.")
    if came_by_card(visit, plan) and not (yield from confirm(came_by_card_words(visit, plan))):
        return _("Rien n'a été enregistré.")
    ended = PlanEnded(plan.member, plan.number, "received")
    return Record((ended, PaymentReceived(plan.member, plan.amount, plan.method)))


def _declared(visit: Visit, here: Place, word: str) -> Script:
    """Receive what was declared, as it was declared; where the same came by card, ask first (B21, B28)."""
    number, _dot, round_ = word.partition(".")
    payment = visit.books.payment(whole_number(number) or 0)
    if payment is None or payment.member != here.member or whole_number(round_) is None:
        return _("Je ne trouve pas ce paiement.")
    waits = payment.state == "declared" and payment.round == whole_number(round_)
    if waits and came_by_card(visit, payment) and not (yield from confirm(came_by_card_words(visit, payment))):
        return _("Rien n'a été enregistré.")
    return Record.one(
        PaymentValidated(payment.member, payment.number, payment.amount, payment.method, whole_number(round_) or 0)
    )


def other_amount(visit: Visit) -> Script:
    """Receive another amount than was announced: « autremontant d12 m5 prevu 33 », « … declare 44.0 » (B21, B24)."""
    here = place(visit)
    announced = _announced(visit, here) if here is not None else None
    if here is None or announced is None:
        return _("Quelqu'un vient de s'occuper de ce paiement. Rien n'a changé.")
    if here.distribution.phase(visit.now) not in AT_WORK:
        return _not_now(visit, here.distribution)
    if not may_handle_money(visit):
        return _(NotNowError.sentence)
    name, how = visit.group.name_of(announced.member), by_method(announced.method)
    question = _("{name} a annoncé {amount:money*} {how}. Combien avez-vous reçu ?", name=name, how=how,
                 amount=announced.amount)  # fmt: skip
    amount = yield from ask(Amount("recu", question))
    if isinstance(announced, Payment):
        round_ = whole_number(visit.words[3].partition(".")[2]) or 0
        return Record.one(PaymentValidated(announced.member, announced.number, amount, announced.method, round_))
    ended = PlanEnded(announced.member, announced.number, "received")
    return Record((ended, PaymentReceived(announced.member, amount, announced.method)))


def _announced(visit: Visit, here: Place) -> Plan | Payment | None:
    """Find what a button names: a plan, or a declared payment that waits, of the member whose card it is."""
    kind, number = visit.words[2:3], whole_number(visit.words[3].partition(".")[0]) if len(visit.words) > 3 else None
    if kind == ("prevu",):
        plans = visit.market.plans(member=here.member, distribution=here.distribution.number)
        return next((plan for plan in plans if plan.number == number), None)
    waiting_ = visit.books.pending(here.member) if here.member else []
    return next((payment for payment in waiting_ if payment.number == number), None) if kind == ("declare",) else None


_ACTIONS: dict[str, Callable[[Visit, Place, str], Script]] = {
    "suivant": _next,
    "prevu": _planned,
    "declare": _declared,
}
