"""« À valider »: the card's buttons, and what they ask (B20, B21)."""

from __future__ import annotations

from collections.abc import Callable

from bot.conversation import Record, Script, ShowCard, ask
from bot.handlers.twice import came_by_card, came_by_card_words
from bot.handlers.visit import Visit
from bot.ledger.books import Payment
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import PaymentRefused, PaymentValidated
from bot.questions import Amount, Text, confirm, whole_number
from bot.wording import by_method
from bot.wording.reasons import REFUSALS, kept, offered
from bot.words import _

PENDING_CARD = "pending"


class OwnPaymentError(Refusal):
    """A coordinator's own payment is decided by another one, where there is another (B43)."""

    sentence = N_("C'est votre propre paiement : un autre coordinateur doit le valider.")


def pending(visit: Visit) -> Script:
    """Show the card of the payments to decide, or act on one: ``recu N.R``, ``autre N.R``, ``refuser N.R``, ``page N``.

    N is the payment's number, R its round: a button of an earlier round decides nothing (B21).
    """
    words = visit.words
    action = _ACTIONS.get(words[0]) if len(words) == 2 else None
    found = _payment(visit, words[1]) if action else None
    if len(words) == 2 and words[0] == "page":
        return ShowCard(PENDING_CARD, whole_number(words[1]) or 0)
    if action is None or found is None:
        return ShowCard(PENDING_CARD, _first_of(visit))
    payment, round_ = found
    if payment.state == "declared" and payment.round == round_ and visit.needs_another(payment.member):
        return visit.anothers(OwnPaymentError)
    return (yield from action(visit, payment, round_))


def _payment(visit: Visit, word: str) -> tuple[Payment, int] | None:
    number, round_ = (whole_number(part) for part in word.partition(".")[::2])
    payment = visit.books.payment(number) if number is not None else None
    return (payment, round_) if payment is not None and round_ is not None else None


def _first_of(visit: Visit) -> int:
    """« /valider Dupont » opens the card on Dupont's oldest payment."""
    people = visit.group.search(" ".join(visit.words)) if visit.words else []
    waiting = visit.books.pending(people[0].number) if people else []
    return waiting[0].number if waiting else 0


def _received(visit: Visit, payment: Payment, round_: int) -> Script:
    """Take it as received; where the same came by card since it was declared, ask first: nobody could then (B28)."""
    if _open(payment, round_) and came_by_card(visit, payment):
        question = came_by_card_words(visit, payment)
        if not (yield from confirm(question)):
            return _("Rien n'a été enregistré.")
    return Record.one(PaymentValidated(payment.member, payment.number, payment.amount, payment.method, round_))


def _other_amount(visit: Visit, payment: Payment, round_: int) -> Script:
    """Ask what was really received (B21). What was decided meanwhile is refused when it is recorded."""
    name = visit.group.name_of(payment.member)
    question = _("{name} a déclaré {amount:money*} {how}. Combien avez-vous reçu ?",
                 name=name, amount=payment.amount, how=by_method(payment.method))  # fmt: skip
    amount = payment.amount
    if _open(payment, round_):
        amount = yield from ask(Amount("recu", question))
    return Record.one(PaymentValidated(payment.member, payment.number, amount, payment.method, round_))


def _refused(visit: Visit, payment: Payment, round_: int) -> Script:
    """Ask why it is refused; a reason may be passed over (B21)."""
    name = visit.group.name_of(payment.member)
    question = _("{name} : pourquoi refuser {amount:money*} ? La raison lui sera dite.",
                 amount=payment.amount, name=name)  # fmt: skip
    reason = ""
    if _open(payment, round_):
        said = yield from ask(Text("raison", question, offered(REFUSALS), skippable=True))
        reason = kept(said, REFUSALS)
    return Record.one(PaymentRefused(payment.member, payment.number, round_, reason))


def _open(payment: Payment, round_: int) -> bool:
    return payment.state == "declared" and payment.round == round_


_ACTIONS: dict[str, Callable[[Visit, Payment, int], Script]] = {
    "recu": _received,
    "autre": _other_amount,
    "refuser": _refused,
}
