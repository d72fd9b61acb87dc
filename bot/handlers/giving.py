"""A member gives an avoir to the group: all of it, or a part (B37, B44)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.ledger.settling import CreditGiven
from bot.questions import Amount, ChoiceOrAmount, confirm, typed_amount
from bot.wording import balance_to_come, rows, say_option, sentence
from bot.words import _, amount

ALL, PART = "all", "part"
GIVE = "donner"


def give(visit: Visit) -> Script:
    """Give an avoir to the group, once its amount is agreed to; what is on its way to a card is not there any more (B25)."""
    number = visit.person.number
    left = visit.left_to_give(number)
    if left <= 0:
        return nothing_left(visit)
    text = _("Vous avez un avoir de {amount:money*}. Combien voulez-vous en donner au groupe ?", amount=left)
    cents = typed_amount(visit.words)
    cents = yield from part_of(left, cents or (yield from ask(ChoiceOrAmount("part", text, parts(left)))))
    after = sentence(_("ensuite, {balance}", balance=balance_to_come(left - cents)))
    question = _("Donner {amount:money*} au groupe ? {after}", amount=cents, after=after)
    if not (yield from confirm(question, _("Donner"))):
        return _("Rien n'est donné : votre avoir reste là.")
    return Record.one(CreditGiven(number, cents))


def nothing_left(visit: Visit) -> Say:
    """Say that there is no avoir, or that it is on its way to a card."""
    going = visit.online.under_way(visit.person.number)
    balance = rows([say_option(_("Solde"), "solde")])
    if going:
        return Say(_("{amount:money} sont déjà en route vers votre carte.", amount=going), balance)
    return Say(_("Vous n'avez pas d'avoir en ce moment."), balance)


def parts(balance: Cents) -> dict[Answer, str]:
    """Offer all of an avoir, most of the time; or a part."""
    return {Answer(ALL, _("Tout, {amount}", amount=amount(balance))): ALL, Answer(PART, _("Une partie")): PART}


def part_of(balance: Cents, chosen: str | Cents) -> Generator[Question[Any], Any, Cents]:
    """Ask how much a part is, in cents, where that was not typed at once: never more than there is."""
    if chosen == ALL:
        return balance
    part = chosen if isinstance(chosen, int) else (yield from ask(Amount("montant", _("Combien ?"))))
    return Cents(min(part, balance))
