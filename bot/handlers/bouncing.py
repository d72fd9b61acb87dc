"""A cheque that the bank does not pay: noted where it is now, with the fee that is passed on (B22)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.ledger.drawer import Cheque
from bot.ledger.facts import ChequeBounced
from bot.ledger.money import Cents
from bot.questions import Amount, choose, confirm, whole_number
from bot.wording import balance_of, cheque_line, rows, say_option, sentence
from bot.words import _

MOST_OFFERED = 10


def bounce(visit: Visit) -> Script:
    """Note a cheque unpaid: « impaye 44 » its payment's, « impaye r57 » one of a slip, « impaye m3 » one of a member, « impaye Dupont »."""
    number = whole_number(visit.words[0]) if visit.words else None
    cheque = visit.books.cheques.of_payment(number) if number is not None else (yield from _which(visit))
    if cheque is None:
        return Say(_("Je ne trouve pas ce chèque."), rows([say_option(_("Chèques"), "cheques")]))
    fee = Cents(0)
    if not cheque.bounced:  # else the books say since when
        fee = yield from _fee(visit, cheque)
        if not (yield from confirm(_what_is_noted(visit, cheque, fee), _("Noter impayé"))):
            return _("Rien n'a changé.")
    return Record.one(ChequeBounced(cheque.member, cheque.payment, cheque.amount, fee, cheque.slip))


def _which(visit: Visit) -> Generator[Question[Any], Any, Cheque | None]:
    slip, member = visit.numbered("r"), visit.numbered("m")
    if slip is not None:
        found = [cheque for cheque in visit.books.cheques.on_slip(slip) if not cheque.bounced]
        return (yield from _pick(visit, found))
    if member is None:
        named = visit.group.search(" ".join(visit.words), departed=True) if visit.words else []
        text = _("De qui est le chèque impayé ?")
        one = named[0] if len(named) == 1 else (yield from which_member(visit, text, gone=Gone.ANYBODY))
        member = one.number
    return (yield from _pick(visit, visit.books.cheques.of_member(member, MOST_OFFERED)))


def _pick(visit: Visit, found: Sequence[Cheque]) -> Generator[Question[Any], Any, Cheque | None]:
    if len(found) <= 1:
        return found[0] if found else None
    things = {Answer(f"c{cheque.payment}", cheque_line(cheque, visit.group)): cheque for cheque in found}
    return (yield from choose("cheque", _("Lequel est impayé ?"), things))


def _fee(visit: Visit, cheque: Cheque) -> Generator[Question[Any], Any, Cents]:
    """Ask what of the bank's fee the member bears."""
    text = _("Chèque impayé de {name}, {amount:money*}. La banque a-t-elle pris des frais que le groupe lui demande ?",
             name=visit.group.name_of(cheque.member), amount=cheque.amount)  # fmt: skip
    if not (
        yield from choose("frais", text, {Answer("no", _("Sans frais")): False, Answer("yes", _("Avec frais")): True})
    ):
        return Cents(0)
    return (yield from ask(Amount("montant", _("Combien de frais ?"))))


def _what_is_noted(visit: Visit, cheque: Cheque, fee: Cents) -> str:
    """Word the consent: what leaves where, and where the member stands then."""
    name = visit.group.name_of(cheque.member)
    where = _("remise n° {slip}", slip=cheque.slip) if cheque.slip else _("en main")
    after = sentence(balance_of(name, visit.books.balance(cheque.member) - cheque.amount - fee))
    said = _(
        "Noter impayé le chèque de {name}, {amount:money*} ({where}) ?", name=name, amount=cheque.amount, where=where
    )
    fees = [_("Frais de banque pour {name} : {fee:money*}.", name=name, fee=fee)] if fee else []
    return "\n".join([said, *fees, _("Ensuite : {after}", after=after)])
