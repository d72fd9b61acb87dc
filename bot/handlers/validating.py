"""A distribution validated: what is still planned or declared is decided, nothing is confirmed silently (B33)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.handlers.pickup import handed_over, place
from bot.handlers.twice import came_by_card
from bot.handlers.visit import Visit
from bot.ledger.books import Payment
from bot.ledger.facts import Fact, PaymentReceived, PaymentRefused, PaymentValidated
from bot.ledger.money import Cents
from bot.market.facts import PlanEnded, VisitEnded
from bot.market.market import Distribution, Order, Phase, Plan
from bot.market.offer_facts import DistributionValidated
from bot.questions import Amount, choose, confirm
from bot.wording import ON_THE_SPOT, by_method, rows, say_option
from bot.words import _, _n

RECEIVED, NOT_RECEIVED, LEFT, OTHER, ASIDE = "received", "not received", "left", "other", "aside"
MOST_LISTED = 40


@dataclass(frozen=True)
class Undecided:
    """A payment that nobody has received nor refused yet: planned for this distribution, or declared by one of its members."""

    payment: Plan | Payment
    name: str
    came_by_card: bool = False

    @property
    def words(self) -> str:
        """Say it in a line, and whether the same came by card meanwhile (B28)."""
        if not self.came_by_card:
            return self._what
        return _("{what} ⚠️ déjà venu par carte en ligne ?", what=self._what)

    @property
    def _what(self) -> str:
        how = by_method(self.payment.method)
        if isinstance(self.payment, Plan):
            return _("{name} : {amount:money} {how}, prévu", name=self.name, amount=self.payment.amount, how=how)
        return _("{name} : {amount:money} {how}, déclaré", name=self.name, amount=self.payment.amount, how=how)


@dataclass(frozen=True)
class Decision:
    """What became of one; ``amount`` is what was really received, in cents. ``ASIDE``: left out of « all received »."""

    what: str
    amount: Cents


def validate(visit: Visit) -> Script:
    """Validate a distribution: « cloturer d12 »."""
    here = place(visit)
    if here is None:
        return _("Aucune distribution n'est à valider.")
    distribution = here.distribution
    phase = distribution.phase(visit.now)
    if phase in {Phase.VALIDATED, Phase.CANCELLED}:
        return _("Cette distribution est déjà terminée.")
    if phase not in {Phase.ON, Phase.OVER}:
        return _(
            "La distribution n'a pas encore commencé : elle se valide à partir du {at:moment}.",
            at=distribution.starts_at,
        )
    orders = [order for order in visit.market.orders(distribution.number) if order.state == "confirmed"]
    undecided = _undecided(visit, distribution, orders)
    decisions = yield from _decide(undecided)
    question = _consent(visit, distribution, orders, undecided, decisions)
    if not (yield from confirm(question, _("Valider la distribution"))):
        return Say(_("Rien n'est validé."), rows([say_option(_("Accueil"), f"accueil d{distribution.number}")]))
    facts = tuple(_facts(visit, orders, distribution, undecided, decisions))
    return Record(facts, said=_validated(distribution, orders, decisions))


def _undecided(visit: Visit, distribution: Distribution, orders: Sequence[Order]) -> list[Undecided]:
    """List what must be decided; one's own payments are another coordinator's to decide (B43)."""
    members = {order.member for order in orders}
    plans: list[Plan | Payment] = [*visit.market.plans(distribution=distribution.number)]
    declared = [payment for payment in visit.books.pending() if payment.member in members]
    return [
        Undecided(payment, visit.names.get(payment.member, "?"), came_by_card(visit, payment))
        for payment in [*plans, *declared]
        if not visit.needs_another(payment.member)
    ]


def _decide(undecided: Sequence[Undecided]) -> Generator[Question[Any], Any, list[Decision]]:
    """Ask what became of each payment: all at once where one answer fits all, else one by one."""
    if not undecided:
        return []
    listed = [item.words for item in undecided[:MOST_LISTED]]
    more = (
        [_n("… et {n} autre", "… et {n} autres", len(undecided) - MOST_LISTED)] if len(undecided) > MOST_LISTED else []
    )
    text = "\n".join([_("Ces paiements attendent encore. Qu'en est-il ?"), *listed, *more])
    things = {
        Answer("each", _("Un par un")): "",
        Answer("all", _("Tous reçus")): RECEIVED,
        Answer("none", _("Aucun reçu")): NOT_RECEIVED,
    }
    for_all = yield from choose("paiements", text, things)
    if for_all:
        return [Decision(_among_all(item, for_all), item.payment.amount) for item in undecided]
    decisions = []
    for rank, item in enumerate(undecided, start=1):
        decisions.append((yield from _decide_one(item, rank, len(undecided))))
    return decisions


def _among_all(item: Undecided, for_all: str) -> str:
    """Leave aside what may have come by card already: of that nobody said that it was received twice (B28)."""
    return ASIDE if for_all == RECEIVED and item.came_by_card else for_all


def _decide_one(item: Undecided, rank: int, n: int) -> Generator[Question[Any], Any, Decision]:
    """Ask about one: received as announced, for another amount, or not (B24: with the right amount)."""
    things = {Answer("yes", _("Reçu")): RECEIVED, Answer("no", _("Pas reçu")): NOT_RECEIVED}
    if isinstance(item.payment, Payment):
        things[Answer("later", _("Laisser en attente"))] = LEFT
    things[Answer("other", _("Autre montant"))] = OTHER
    head = _("{rank} sur {n} · {words}", rank=rank, n=n, words=item.words)
    what = yield from choose(f"paiement-{item.payment.number}", head, things)
    if what != OTHER:
        return Decision(what, item.payment.amount)
    question = _("{name} : combien avez-vous reçu ?", name=item.name)
    return Decision(RECEIVED, (yield from ask(Amount(f"recu-{item.payment.number}", question))))


def _consent(
    visit: Visit,
    distribution: Distribution,
    orders: Sequence[Order],
    undecided: Sequence[Undecided],
    decisions: Sequence[Decision],
) -> str:
    """Say what validating does, in figures: consent is bound to exactly that."""
    came = handed_over(visit, distribution) | _gave(undecided, decisions)
    left = [order for order in orders if not order.visited_at and order.member not in came]
    count = _n("{n} commande", "{n} commandes", len(orders))
    lines = [
        _("Valider la distribution du {at:day} : {count}, {total:money*}.", at=distribution.starts_at, count=count,
          total=sum(order.total for order in orders)),
        *_received_or_not(decisions),
    ]  # fmt: skip
    aside = [item for item, decision in zip(undecided, decisions, strict=True) if decision.what == ASIDE]
    if aside:
        lines.append(_("Laissé de côté, le même montant étant déjà venu par carte :"))
        lines += [item.words for item in aside[:MOST_LISTED]]
        lines.append(_("S'il a vraiment été reçu deux fois, reprenez « Un par un »."))
    if left:
        lines.append(_n("{n} personne n'est pas passée.", "{n} personnes ne sont pas passées.", len(left)))
    lines.append(_("Ensuite, les commandes ne changent plus."))
    return "\n".join(lines)


def _gave(undecided: Sequence[Undecided], decisions: Sequence[Decision]) -> set[int]:
    """List the members of whom something is said to have been received by hand."""
    decided = zip(undecided, decisions, strict=True)
    received = [item.payment for item, decision in decided if decision.what == RECEIVED]
    return {payment.member for payment in received if payment.method in ON_THE_SPOT}


def _validated(distribution: Distribution, orders: Sequence[Order], decisions: Sequence[Decision]) -> Say:
    """Say that it is done, and offer what comes after: the cash-up, or a payment that was decided wrongly (B34, B45)."""
    count = _n("{n} commande", "{n} commandes", len(orders))
    said = _("✅ Distribution du {at:day} validée : {count}, {total:money*}.", at=distribution.starts_at, count=count,
             total=sum(order.total for order in orders))  # fmt: skip
    wrong = [say_option(_("↩️ Corriger"), "corriger")] if decisions else []
    takings = say_option(_("Encaissements"), f"encaissements d{distribution.number}")
    lines = [said, *_received_or_not(decisions)]
    return Say("\n".join(lines), rows([takings, say_option(_("Soldes"), "soldes"), *wrong]))


def _received_or_not(decisions: Sequence[Decision]) -> list[str]:
    """Count what was received and what was not."""
    received = [decision.amount for decision in decisions if decision.what == RECEIVED]
    lapsed = [decision for decision in decisions if decision.what == NOT_RECEIVED]
    lines = []
    if received:
        lines.append(
            _n("Reçu : {n} paiement, {total:money}.", "Reçus : {n} paiements, {total:money}.", len(received),
               total=sum(received))
        )  # fmt: skip
    if lapsed:
        lines.append(
            _n("Non reçu : {n} paiement, il reste dû.", "Non reçus : {n} paiements, ils restent dus.", len(lapsed))
        )
    return lines


def _facts(
    visit: Visit,
    orders: Sequence[Order],
    distribution: Distribution,
    undecided: Sequence[Undecided],
    decisions: Sequence[Decision],
) -> Iterator[Fact]:
    decided = {item.payment.number for item in undecided}
    for item, decision in zip(undecided, decisions, strict=True):
        yield from _facts_of(item.payment, decision)
    for plan in visit.market.plans(distribution=distribution.number):
        if plan.number not in decided:
            yield PlanEnded(plan.member, plan.number, "lapsed")
    for order in orders:
        if visit.market.changed_since(order, order.told_fact):
            yield VisitEnded(order.member, order.distribution)
    yield DistributionValidated(distribution.number)


def _facts_of(payment: Plan | Payment, decision: Decision) -> Iterator[Fact]:
    received, member = decision.what == RECEIVED, payment.member
    if isinstance(payment, Plan):
        yield PlanEnded(member, payment.number, "received" if received else "lapsed")
        if received:
            yield PaymentReceived(member, decision.amount, payment.method)
    elif received:
        yield PaymentValidated(member, payment.number, decision.amount, payment.method, payment.round)
    elif decision.what == NOT_RECEIVED:
        yield PaymentRefused(member, payment.number, payment.round)
