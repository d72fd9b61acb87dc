"""Whether what is about to be received has come by card already: asked before anything is recorded (B28)."""

from __future__ import annotations

from bot.handlers.visit import Visit
from bot.ledger.books import Payment
from bot.market.market import Plan
from bot.wording import by_method
from bot.words import _


def came_by_card(visit: Visit, payment: Payment | Plan) -> bool:
    """Tell whether the same amount came by card since a payment was declared or planned."""
    since = payment.declared_at if isinstance(payment, Payment) else payment.planned_at
    return visit.books.came_by_card(payment.member, payment.amount, since)


def came_by_card_words(visit: Visit, payment: Payment | Plan) -> str:
    """Ask whether it was received in another way too."""
    return _("⚠️ {name} : déjà {amount:money*} de reçus par carte en ligne depuis. Les avez-vous reçus {how} aussi ?",
             name=visit.group.name_of(payment.member), amount=payment.amount, how=by_method(payment.method))  # fmt: skip
