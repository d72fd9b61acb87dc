"""Money that changes hands in front of a coordinator: receive, refund (B26), each payment credited once (B28)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any

from bot.conversation import Answer, Question, Record, Script, ask
from bot.groups.people import Person, Right
from bot.groups.written import ChequeDescribed
from bot.handlers.cheques import ask_written
from bot.handlers.online import give_back_by_card, returnable
from bot.handlers.paying import choose_method, receivable
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, in_debt, which_member, with_credit
from bot.ledger.books import Payment
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, Method, PaymentReceived, PaymentRefunded, PaymentValidated
from bot.ledger.money import Cents
from bot.market.facts import PlanEnded
from bot.market.market import Phase, Plan
from bot.questions import Amount, choose, confirm
from bot.wording import balance_of, by_method, sentence
from bot.words import _, ago

SAME_WITHIN = timedelta(minutes=30)


class NotNowError(Refusal):
    """A pickup volunteer handles money during a distribution only."""

    sentence = N_("L'accueil note les paiements pendant une distribution ; il n'y en a pas en cours.")


def may_handle_money(visit: Visit) -> bool:
    """Tell whether the speaker may receive and give back money: a coordinator, and a volunteer at a distribution (B26)."""
    return visit.may(Right.TREASURY) or bool(visit.market.in_phase(Phase.ON, Phase.OVER))


def receive(visit: Visit) -> Script:
    """Record a payment received now: it counts at once (B26). A payment already declared is validated instead (B28).

    A negative amount gives money back.
    """
    if not may_handle_money(visit):
        return _(NotNowError.sentence)
    person = yield from which_member(
        visit, _("De qui avez-vous reçu un paiement ?"), lambda: in_debt(visit), gone=Gone.OPEN
    )
    balance = visit.books.balance(person.number)
    likely = (Cents(-balance),) if balance < 0 else ()
    question = _("{balance} Combien avez-vous reçu ?", balance=sentence(balance_of(person.name, balance)))
    amount = yield from ask(Amount("montant", question, likely, signed=True))
    method = yield from choose_method(_("Par quel moyen ?"), receivable(visit))
    if amount < 0:
        return (yield from _give_back(visit, person, Cents(-amount), method))
    written = yield from ask_written(visit, method)
    declared = yield from _known_already(visit, person, amount, method)
    if isinstance(declared, Payment):
        return Record(tuple(_validated(declared, amount, method, written)))
    received = PaymentReceived(person.number, amount, method, written)
    if isinstance(declared, Plan):
        return Record((PlanEnded(person.number, declared.number, "received"), received))
    if not (yield from confirm(_what_is_received(visit, person, amount, method))):
        return _("Rien n'a été enregistré.")
    return Record.one(received)


def _validated(declared: Payment, amount: Cents, method: Method, written: str) -> Iterator[Fact]:
    """Validate what was declared, by the method by which it really came; note what was typed of a cheque."""
    yield PaymentValidated(declared.member, declared.number, amount, method, declared.round)
    if written and declared.method is Method.CHEQUE:
        yield ChequeDescribed(declared.member, declared.number, written)


def _known_already(
    visit: Visit, person: Person, amount: Cents, method: Method
) -> Generator[Question[Any], Any, Payment | Plan | None]:
    """Offer the member's declared and planned payments that may be this one (B28): same amount or same method."""
    known: list[Payment | Plan] = [*visit.books.pending(person.number), *visit.market.plans(member=person.number)]
    alike = [p for p in known if p.amount == amount or p.method == method]
    if not alike:
        return None
    things: dict[Answer, Payment | Plan | None] = {}
    for payment in sorted(alike, key=lambda p: (p.amount != amount, p.method != method))[:5]:
        label = _("C'est celui-ci : {amount:money}", amount=payment.amount)
        if payment.amount == amount and len(alike) == 1:
            label = _("Oui, c'est lui")
        things[Answer(f"p{payment.number}", label)] = payment
    things[Answer("new", _("Non, un autre"))] = None
    lines = [_known_line(visit, payment) for payment in things.values() if payment is not None]
    text = _("{name} a annoncé :\n{lines}\nLes {amount:money*} reçus {how}, est-ce ce paiement ?",
             name=person.name, lines="\n".join(lines), amount=amount, how=by_method(method))  # fmt: skip
    return (yield from choose("deja", text, things))


def _known_line(visit: Visit, payment: Payment | Plan) -> str:
    how = by_method(payment.method)
    if isinstance(payment, Plan):
        return _("{amount:money} {how}, prévu à la commande", amount=payment.amount, how=how)
    since = ago(payment.declared_at, visit.now)
    return _("⏳ {amount:money} {how}, déclaré {since}", amount=payment.amount, how=how, since=since)


def _what_is_received(visit: Visit, person: Person, amount: Cents, method: Method) -> str:
    """Word the consent; the same member and amount within minutes is a question of its own (B28)."""
    if visit.books.received_like(person.number, amount, visit.now - SAME_WITHIN):
        return _(
            "⚠️ {name} : déjà {amount:money*} de reçus il y a moins d'une demi-heure. Est-ce un second paiement, {how} ?",
            amount=amount, name=person.name, how=by_method(method),
        )  # fmt: skip
    return _("{name} a payé {amount:money*} {how} ?", name=person.name, amount=amount, how=by_method(method))


def refund(visit: Visit) -> Script:
    """Give money back to a member (B26)."""
    if not may_handle_money(visit):
        return _(NotNowError.sentence)
    person = yield from which_member(
        visit, _("À qui rendez-vous de l'argent ?"), lambda: with_credit(visit), gone=Gone.OPEN
    )
    balance = visit.books.balance(person.number)
    likely = (balance,) if balance > 0 else ()
    question = _("{balance} Combien rendez-vous ?", balance=sentence(balance_of(person.name, balance)))
    amount = yield from ask(Amount("montant", question, likely))
    on_card = [Method.ONLINE] if returnable(visit, person) else []
    method = yield from choose_method(_("Par quel moyen ?"), [*on_card, *receivable(visit)])
    if method is Method.ONLINE:
        return (yield from give_back_by_card(visit, person, amount))
    return (yield from _give_back(visit, person, amount, method))


def _give_back(visit: Visit, person: Person, amount: Cents, method: Method) -> Script:
    after = Cents(visit.left_to_give(person.number) - amount)
    question = _("Rendre {amount:money*} à {name} {how} ?", amount=amount, name=person.name, how=by_method(method))
    if after < 0:
        debt = sentence(balance_of(person.name, after))
        question = _("⚠️ {question} Ensuite : {debt}", question=question, debt=debt)
    if not (yield from confirm(question)):
        return _("Rien n'a été enregistré.")
    return Record.one(PaymentRefunded(person.number, amount, method))
