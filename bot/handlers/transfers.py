"""« Coordonnées »: where a member sends a transfer (B23)."""

from __future__ import annotations

from bot.conversation import Rows, Say, Script
from bot.handlers.paying import payable
from bot.handlers.visit import Visit
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.notices.reminder import typed_amount
from bot.notices.transfers import details, is_paid_to
from bot.questions import MAX_AMOUNT, whole_number
from bot.wording import rows, say_option
from bot.words import _


def transfer_details(visit: Visit) -> Script:
    """Show the account, the amount and the reference: « coordonnees », or « coordonnees 2450 » for so many cents."""
    yield from ()
    if not takes_transfers(visit):
        said = _("Le groupe n'a pas indiqué de compte pour les virements.")
        return Say(said, rows([say_option(_("Demander aux coordinateurs"), "question")]))
    named = whole_number(visit.words[0]) if visit.words else None
    cents = Cents(named) if named and named <= MAX_AMOUNT else _likely(visit)
    written = details(visit.group, visit.person.number, cents)
    return Say(written.text, (*written.options, *_sent(visit, cents)), written.attachment)


def _sent(visit: Visit, cents: Cents) -> Rows:
    """Offer to say that it is sent, unless that is said already."""
    member = visit.person.number
    said = [p for p in visit.books.pending(member) if p.method is Method.TRANSFER and p.amount == cents]
    if said or not cents:
        return ()
    plans = [
        plan for plan in visit.market.plans(member=member) if (plan.method, plan.amount) == (Method.TRANSFER, cents)
    ]
    then = f"fait {plans[0].number}" if plans else f"payer {typed_amount(cents)} {Method.TRANSFER.value}"
    return rows([say_option(_("C'est viré"), then)])


def takes_transfers(visit: Visit) -> bool:
    """Tell whether the group has an account and takes transfers."""
    return Method.TRANSFER in payable(visit) and is_paid_to(visit.group, Method.TRANSFER)


def _likely(visit: Visit) -> Cents:
    """Give what is declared or planned by transfer, else what is owed; 0 where there is nothing to pay."""
    member = visit.person.number
    declared = [p.amount for p in visit.books.pending(member) if p.method is Method.TRANSFER]
    planned = [p.amount for p in visit.market.plans(member=member) if p.method is Method.TRANSFER]
    owed = Cents(max(0, -visit.books.standing(member).projected))
    return next(iter([*reversed(declared), *reversed(planned)]), owed)
