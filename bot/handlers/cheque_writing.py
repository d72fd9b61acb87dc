"""What is written on a cheque, its bank and its number: one tap from the declared cheque, never asked of anybody (B22)."""

from __future__ import annotations

from bot.conversation import Record, Script, ask
from bot.groups.people import Right
from bot.groups.written import ChequeDescribed, NoSuchChequeError
from bot.handlers.cheques import MAX_WRITTEN
from bot.handlers.visit import Visit
from bot.ledger.books import Payment
from bot.ledger.facts import Method
from bot.questions import Text, whole_number
from bot.words import _


def describe(visit: Visit) -> Script:
    """Take a cheque's bank and number: « numero 44 » for its payment's, asked; « numero 44 BNP 0012345 » typed at once."""
    number = whole_number(visit.words[0]) if visit.words else None
    payment = visit.books.payment(number) if number is not None else None
    if payment is None or not _is_ones_business(visit, payment) or payment.method is not Method.CHEQUE:
        return _(NoSuchChequeError.sentence)
    typed = " ".join(visit.words[1:])
    fits = bool(typed) and len(typed) <= MAX_WRITTEN
    written = typed if fits else (yield from ask(Text("banque", _question(visit, payment), limit=MAX_WRITTEN)))
    return Record.one(ChequeDescribed(payment.member, payment.number, written))


def _is_ones_business(visit: Visit, payment: Payment) -> bool:
    """Members write on their own cheques only; a coordinator on anybody's."""
    return payment.member == visit.person.number or visit.may(Right.TREASURY)


def _question(visit: Visit, payment: Payment) -> str:
    question = _("Chèque de {amount:money*} : quelle banque, quel numéro ?", amount=payment.amount)
    if payment.member != visit.person.number:
        question = _("Chèque de {name}, {amount:money*} : quelle banque, quel numéro ?",
                     name=visit.group.name_of(payment.member), amount=payment.amount)  # fmt: skip
    before = visit.group.cheque_note(payment.number)
    return question + "\n" + _("Noté jusqu'ici : {written}.", written=before) if before else question
