"""Members pay: declare, take back (B17, B20, B27)."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

from bot.conversation import Answer, Question, Record, Script, ask
from bot.handlers.cheques import ask_written
from bot.handlers.online import asked, card_offer, not_taken, out_of_limits, owed
from bot.handlers.visit import Visit
from bot.ledger.books import Payment, Standing
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Method, PaymentDeclared, PaymentWithdrawn
from bot.ledger.money import Cents
from bot.market.facts import PlanEnded
from bot.market.market import Phase, Plan
from bot.questions import Amount, ChoiceOrAmount, choose, confirm, whole_number
from bot.wording import by_method, method_name, method_words, payee_lines, plan_words
from bot.words import _, ago

RECEIVED_WITHIN = timedelta(days=1)


class NotYoursError(Refusal):
    """The payment is not this member's, or there is none of that number."""

    sentence = N_("Je ne trouve pas ce paiement parmi les vôtres.")


def declare(visit: Visit) -> Script:
    """Declare a payment: amount, method, consent (B20). It waits for a coordinator."""
    waiting = visit.books.pending(visit.person.number)
    planned = visit.market.plans(member=visit.person.number)
    typed: Cents | None = None
    if (waiting or planned) and not visit.words:
        another = yield from _another(visit, waiting, planned)
        if isinstance(another, Payment):
            return Record.one(PaymentWithdrawn(visit.person.number, another.number))
        if isinstance(another, Plan):
            return (yield from _declare_plan(visit, another))
        typed = another
    by_card = card_offer(visit) is not None
    amount = typed or (yield from _how_much(visit, by_card=by_card))
    methods = [*([Method.ONLINE] if by_card else []), *declarable(visit)]
    if not methods and Method.TERMINAL not in payable(visit):
        return not_taken(visit)
    if not methods:
        return _("Dans ce groupe on paie {how} : c'est à la distribution.", how=by_method(Method.TERMINAL))
    method = yield from choose_method(_("Par quel moyen ?"), methods)
    if method is Method.ONLINE:
        offer = card_offer(visit, amount)
        return Record.one(asked(visit, offer, amount, owed(visit))) if offer else out_of_limits(visit)
    written = yield from ask_written(visit, method)
    twice = _said_or_received_already(visit, waiting, amount, method)
    question = twice or _consent(visit, amount, method)
    if not (yield from confirm(question, _("Oui") if twice else _("Déclarer"))):
        return _("Rien n'a été déclaré.")
    declared = PaymentDeclared(visit.person.number, amount, method, written)
    same = sorted((plan for plan in planned if plan.amount == amount), key=lambda plan: plan.method != method)
    ended = [PlanEnded(plan.member, plan.number, "declared") for plan in same]
    return Record((*ended[:1], declared))


def _how_much(visit: Visit, *, by_card: bool) -> Generator[Question[Cents], Cents, Cents]:
    question = _("Combien payez-vous ?") if by_card else _("Combien avez-vous payé ?")
    return (yield from ask(Amount("montant", question, _likely(visit))))


def declare_planned(visit: Visit) -> Script:
    """Say that a planned payment is made: « fait 12 » (B17)."""
    number = whole_number(visit.words[0]) if visit.words else None
    planned = visit.market.plans(member=visit.person.number)
    plan = next((plan for plan in planned if plan.number == number), None)
    if plan is None:
        return _("Ce paiement n'est plus prévu. Pour en déclarer un autre : /payer.")
    return (yield from _declare_plan(visit, plan))


def _consent(visit: Visit, amount: Cents, method: Method) -> str:
    question = _("Déclarer {amount:money*} {how} ?", amount=amount, how=by_method(method))
    return "\n".join([*payee_lines(visit.group.settings, method), question])


def _declare_plan(visit: Visit, plan: Plan) -> Script:
    written = yield from ask_written(visit, plan.method)
    question = _consent(visit, plan.amount, plan.method)
    if not (yield from confirm(question, _("Déclarer"))):
        return _("Rien n'a été déclaré.")
    return Record(
        (
            PlanEnded(plan.member, plan.number, "declared"),
            PaymentDeclared(plan.member, plan.amount, plan.method, written),
        )
    )


def _said_or_received_already(visit: Visit, waiting: list[Payment], amount: Cents, method: Method) -> str:
    """Ask whether it is a second payment, where one like it waits, or was received a short while ago (B28)."""
    alike = [payment for payment in waiting if payment.amount == amount and payment.method == method]
    if alike:
        return _("Vous avez déjà déclaré {amount:money*} {how} {since}. Est-ce un second paiement ?",
                 amount=amount, how=by_method(method), since=ago(alike[-1].declared_at, visit.now))  # fmt: skip
    received = visit.books.received_like(visit.person.number, amount, visit.now - RECEIVED_WITHIN)
    if received is not None and received.decided_at is not None:
        return _("Un paiement de {amount:money*} a déjà été reçu de votre part {since}. Est-ce un second paiement ?",
                 amount=amount, since=ago(received.decided_at, visit.now))  # fmt: skip
    return ""


def _another(
    visit: Visit, waiting: list[Payment], planned: list[Plan]
) -> Generator[Question[Any], Any, Payment | Plan | Cents | None]:
    """Show what is planned and what waits already, before a new declaration: one payment is counted once (B28).

    An amount typed instead is another payment.
    """
    lines = [
        _("⏳ {amount:money} {how}, déclaré {since}", amount=p.amount, how=by_method(p.method),
          since=ago(p.declared_at, visit.now))
        for p in waiting
    ]  # fmt: skip
    things: dict[Answer, Payment | Plan | None] = {
        Answer(f"d{plan.number}", _("{amount:money} {how}", amount=plan.amount, how=by_method(plan.method))): plan
        for plan in planned[-3:]
    }
    things[Answer("new", _("Autre paiement"))] = None
    for payment in waiting[-5:]:
        label = _("Retirer {amount:money}", amount=payment.amount) if len(waiting) > 1 else _("Retirer")
        things[Answer(f"p{payment.number}", label)] = payment
    heads = [_("Déjà en attente de validation :")] if waiting else []
    asks = [_("Qu'avez-vous payé ?")] if planned else []
    text = "\n".join([*(plan_words(plan.amount, plan.method) for plan in planned), *heads, *lines, *asks])
    return (yield from ask(ChoiceOrAmount("attente", text, things)))


def _likely(visit: Visit) -> tuple[Cents, ...]:
    """Offer what is due, then the whole debt, of what no declaration covers yet (B17)."""
    standing: Standing = visit.books.standing(visit.person.number)
    uncovered = visit.dues.of(visit.person.number).asked if standing.balance < 0 else Cents(0)
    whole = Cents(max(0, -standing.projected))
    return tuple(dict.fromkeys(cents for cents in (uncovered, whole) if cents > 0))


def payable(visit: Visit) -> list[Method]:
    """List the methods a member of the group can declare (B16, B19): in a kitty group, those of topping up."""
    settings = visit.group.settings
    chosen = settings.top_up_methods if settings.kitty_only else settings.methods
    return [Method(name) for name in chosen if name not in {"kitty", "online"}]


def declarable(visit: Visit) -> list[Method]:
    """List the methods a member can say they have paid by: the terminal only where a distribution has begun (B17, B24)."""
    on = visit.market.in_phase(Phase.ON) or visit.market.in_phase(Phase.OVER)
    return [method for method in payable(visit) if method is not Method.TERMINAL or on]


def missing_in_kitty(visit: Visit, total: Cents) -> Cents:
    """Give what the speaker's kitty lacks for an order, in cents; payments that wait do not help (B18)."""
    lowest = visit.group.settings.lowest_kitty
    if lowest is None:
        return Cents(0)
    return Cents(max(0, lowest - (visit.books.balance(visit.person.number) - total)))


def receivable(visit: Visit) -> list[Method]:
    """List the methods by which a coordinator can receive or give back money: the group's own first."""
    by_hand = [Method.CHEQUE, Method.CASH, Method.TRANSFER, Method.TERMINAL]
    own = payable(visit)
    return [*own, *[method for method in by_hand if method not in own and method is not Method.TERMINAL]]


def choose_method(text: str, methods: list[Method]) -> Generator[Question[Method], Method, Method]:
    """Ask for a method, also by its everyday names."""
    things = {Answer(method.value, method_name(method)): method for method in methods}
    return (yield from choose("moyen", text, things, method_words(methods)))


def withdraw(visit: Visit) -> Script:
    """Take a declared payment back, until it is validated (B27)."""
    number = whole_number(visit.words[0]) if visit.words else None
    payment = visit.books.payment(number) if number is not None else (yield from _which(visit))
    if payment is None:
        return _("Aucun de vos paiements n'attend.") if number is None else _(NotYoursError.sentence)
    if payment.member != visit.person.number:
        return _(NotYoursError.sentence)
    question = _("Retirer votre paiement déclaré de {amount:money*} {how} ?",
                 amount=payment.amount, how=by_method(payment.method))  # fmt: skip
    if payment.state == "declared" and not (yield from confirm(question)):
        return _("Votre paiement reste déclaré.")
    return Record.one(PaymentWithdrawn(payment.member, payment.number))


def _which(visit: Visit) -> Generator[Question[Any], Any, Payment | None]:
    waiting = visit.books.pending(visit.person.number)
    if len(waiting) <= 1:
        return waiting[0] if waiting else None
    labels = [_("{amount:money} {how}", amount=p.amount, how=by_method(p.method)) for p in waiting]
    things = {Answer(f"p{p.number}", label): p for p, label in zip(waiting, labels, strict=True)}
    return (yield from choose("paiement", _("Lequel ?"), things))
