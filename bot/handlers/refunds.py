"""A member asks for their avoir; a coordinator gives it back, or says why not (B37)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ShowCard, ask
from bot.handlers.giving import GIVE, give, nothing_left, part_of, parts
from bot.handlers.visit import Visit
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Method, PaymentRefunded
from bot.ledger.money import Cents
from bot.questions import Amount, ChoiceOrAmount, Text, choose, confirm, typed_amount, whole_number
from bot.reminders.facts import RefundAsked, RefundDecided, RefundWithdrawn
from bot.reminders.refunds import RefundDecidedError, RefundRequest
from bot.wording import by_method, method_name, rows, say_option
from bot.words import _

REFUNDS_CARD = "refunds"
MOST_NOTE = 120


class OwnCreditError(Refusal):
    """A coordinator's own avoir is given back by another one, where there is another (B43)."""

    sentence = N_("C'est votre propre avoir : un autre coordinateur doit s'en occuper.")


def ask_refund(visit: Visit) -> Script:
    """Ask the coordinators to give an avoir back; « remboursement retirer N » takes the request back."""
    if visit.words[:1] == ("retirer",):
        return _taken_back(visit)
    waiting = next((one for one in visit.dues.refunds() if one.member == visit.person.number), None)
    if waiting is not None:
        said = _("Vous avez déjà demandé {amount:money*} {how} : les coordinateurs vont vous répondre.",
                 amount=waiting.amount, how=by_method(waiting.method))  # fmt: skip
        no_more = say_option(_("Ne plus demander"), f"remboursement retirer {waiting.number}")
        return Say(said, rows([no_more, say_option(_("Donner au groupe"), "donner")]))
    balance = visit.left_to_give(visit.person.number)
    if balance <= 0:
        return nothing_left(visit)
    return (yield from _asked(visit, balance))


def _asked(visit: Visit, balance: Cents) -> Script:
    """Ask how much, how and where to; or give it to the group instead."""
    text = _("Vous avez un avoir de {amount:money*}. Combien voulez-vous qu'on vous rende ?", amount=balance)
    things = {**parts(balance), Answer(GIVE, _("Le donner au groupe")): GIVE}
    chosen = typed_amount(visit.words) or (yield from ask(ChoiceOrAmount("part", text, things)))
    if chosen == GIVE:
        return (yield from give(visit))
    cents = yield from part_of(balance, chosen)
    method = yield from _how()
    note = ""
    if method is Method.TRANSFER:
        question = _("Sur quel compte ? Écrivez l'IBAN ; seuls les coordinateurs le liront, et il sera oublié ensuite.")
        note = yield from ask(Text("compte", question, limit=MOST_NOTE, skippable=True))
    said = _("Demander aux coordinateurs de vous rendre {amount:money*} {how} ?", amount=cents, how=by_method(method))
    if not (yield from confirm(said, _("Demander"))):
        return _("Rien n'est demandé : votre avoir reste là.")
    return Record.one(RefundAsked(visit.person.number, cents, method, note))


def _how() -> Generator[Question[Any], Any, Method]:
    things = {
        Answer(method.value, method_name(method)): method for method in (Method.CASH, Method.TRANSFER, Method.CHEQUE)
    }
    return (yield from choose("moyen", _("Comment préférez-vous le recevoir ?"), things))


def _taken_back(visit: Visit) -> Record | str:
    number = whole_number(visit.words[1]) if len(visit.words) == 2 else None
    refund = visit.dues.refund(number) if number is not None else None
    if refund is None or refund.member != visit.person.number:
        return _(RefundDecidedError.sentence)
    return Record.one(RefundWithdrawn(refund.member, refund.number))


def answer_refund(visit: Visit) -> Script:
    """Show the card of what is asked for, or answer: « rendu oui 12 », « rendu non 12 », « rendu page 12 »."""
    number = whole_number(visit.words[1]) if len(visit.words) == 2 else None
    if number is None or visit.words[0] == "page":
        return ShowCard(REFUNDS_CARD, number or 0)
    refund = visit.dues.refund(number)
    if refund is None:
        return _(RefundDecidedError.sentence)
    if refund.state == "open" and visit.needs_another(refund.member):
        return visit.anothers(OwnCreditError)
    if visit.words[0] == "oui":
        return (yield from _given_back(visit, refund))
    return (yield from _declined(visit, refund))


def _given_back(visit: Visit, refund: RefundRequest) -> Script:
    """Record that it was given back; where the avoir is less than what was asked for, how much is asked first."""
    balance = visit.left_to_give(refund.member)
    cents = refund.amount
    decided = RefundDecided(refund.member, refund.number, granted=True)
    if refund.state == "open" and balance <= 0:
        return _("{name} n'a plus d'avoir : il n'y a rien à rendre.", name=visit.group.name_of(refund.member))
    if refund.state == "open" and balance < cents:
        question = _("L'avoir de {name} n'est plus que de {amount:money*}. Combien avez-vous rendu ?", amount=balance,
                     name=visit.group.name_of(refund.member))  # fmt: skip
        cents = yield from ask(Amount("rendu", question, (balance,)))
        if not (yield from confirm(_what_is_given(visit, refund, cents))):
            return _("Rien n'a été enregistré.")
    return Record((decided, PaymentRefunded(refund.member, cents, refund.method)))


def _what_is_given(visit: Visit, refund: RefundRequest, cents: Cents) -> str:
    return _("Rendre {amount:money*} à {name} {how} ?", amount=cents, name=visit.group.name_of(refund.member),
             how=by_method(refund.method))  # fmt: skip


def _declined(visit: Visit, refund: RefundRequest) -> Script:
    why = ""
    if refund.state == "open":
        question = _(
            "{name} : pourquoi pas maintenant ? La raison lui sera dite.", name=visit.group.name_of(refund.member)
        )
        why = yield from ask(Text("raison", question, skippable=True))
    return Record.one(RefundDecided(refund.member, refund.number, granted=False, reason=why))
