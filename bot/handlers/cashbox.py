"""The cash box: counted against the books, its difference recorded with a reason; cash taken to the bank (B2, B34)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.conversation import Question, Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.ledger.facts import CashBanked, CashCounted
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.questions import Amount, Text, confirm
from bot.wording import rows, say_option
from bot.wording.reasons import CASH_BOX, kept, offered
from bot.words import _


def count(visit: Visit) -> Script:
    """Ask what is in the box, and say what the books expect."""
    expected = visit.books.held(GroupAccount.CASH)
    question = _("D'après les comptes, la caisse doit contenir {expected:money*}. Combien y avez-vous compté ?",
                 expected=expected)  # fmt: skip
    likely = (expected,) if expected > 0 else ()
    counted = yield from ask(Amount("compte", question, likely, zero=True))
    reason = ""
    if counted != expected:
        reason = yield from _reason(expected, counted)
        if not (yield from confirm(_what_is_noted(expected, counted, reason), _("Noter l'écart"))):
            return Say(_("Rien n'est noté."), rows([say_option(_("Recompter"), "caisse")]))
    return Record.one(CashCounted(expected, counted, kept(reason, CASH_BOX)))


def _difference(expected: Cents, counted: Cents) -> str:
    if counted < expected:
        return _("Il manque {amount:money*} dans la caisse.", amount=expected - counted)
    return _("Il y a {amount:money*} de trop dans la caisse.", amount=counted - expected)


def _reason(expected: Cents, counted: Cents) -> Generator[Question[Any], Any, str]:
    """Ask why: a difference is never recorded without."""
    question = _("{difference} Pour quelle raison ?", difference=_difference(expected, counted))
    return (yield from ask(Text("raison", question, offered(CASH_BOX))))


def _what_is_noted(expected: Cents, counted: Cents, reason: str) -> str:
    return _("{difference} Noter l'écart ({reason}) ? Les comptes diront ensuite {counted:money*}.",
             difference=_difference(expected, counted), reason=reason, counted=counted)  # fmt: skip


def to_bank(visit: Visit) -> Script:
    """Record cash that was taken from the box to the bank."""
    held = visit.books.held(GroupAccount.CASH)
    if held <= 0:
        return Say(_("D'après les comptes, la caisse est vide."), rows([say_option(_("Compter la caisse"), "caisse")]))
    question = _("La caisse doit contenir {held:money*}. Combien avez-vous porté à la banque ?", held=held)
    amount = yield from ask(Amount("montant", question, (held,)))
    left = Cents(held - amount)
    if left >= 0:  # else the books say why not
        said = _("{amount:money*} portés de la caisse à la banque ? La caisse contiendra {left:money*}.",
                 amount=amount, left=left)  # fmt: skip
        if not (yield from confirm(said)):
            return _("Rien n'est noté.")
    return Record.one(CashBanked(amount))
