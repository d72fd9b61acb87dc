"""Avoirs that members ask to be given back, one at a time, until a coordinator answers (B37)."""

from __future__ import annotations

from bot.cards.pending import LAST_IS_SHOWN_FOR
from bot.cards.turning import shown
from bot.chat import Message, Option
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.ledger.facts import Method, PaymentRefunded
from bot.reminders.refunds import RefundRequest
from bot.reminders.view import Dues
from bot.wording import act_option, by_method, rows, say_option
from bot.words import _, ago


def refunds_card(books: Books, group: Group, dues: Dues, at: int) -> Message:
    """Draw the request it was turned to, or the first that waits."""
    waiting, (last, undo) = dues.refunds(), _last_given_back(books, group)
    if not waiting:
        nothing = _("Aucun remboursement n'est demandé.")
        return Message(f"{last}\n{nothing}" if last else nothing, rows(undo))
    rank, refund, turns = shown(waiting, at, "rendu")
    head = _("Remboursements demandés · {rank} sur {n}", rank=rank, n=len(waiting))
    yes = act_option(_("Rendu"), f"rendu oui {refund.number}")
    no = act_option(_("Pas maintenant"), f"rendu non {refund.number}")
    lines = [*([last, ""] if last else []), head, *_lines(books, group, refund)]
    return Message("\n".join(lines), (*rows([yes, no]), *turns, *rows(undo)))


def _last_given_back(books: Books, group: Group) -> tuple[str, list[Option]]:
    """Say what was given back last, a short while ago, and offer to undo it (B45)."""
    for recorded in books.journal(limit=5):
        fact = recorded.fact
        if books.now - recorded.at > LAST_IS_SHOWN_FOR:
            break
        if (
            isinstance(fact, PaymentRefunded) and fact.method is Method.ONLINE
        ):  # the provider did it: it is not undone here
            return _("✅ {name} · {amount:money} : rendu sur sa carte, {at:time}", name=group.name_of(fact.member),
                     amount=fact.amount, at=recorded.at), []  # fmt: skip
        if isinstance(fact, PaymentRefunded) and books.reversal_of(recorded.number) is None:
            said = _("✅ {name} · {amount:money} {how} : rendu par {who}, {at:time}", name=group.name_of(fact.member),
                     amount=fact.amount, how=by_method(fact.method), who=group.name_of(recorded.author),
                     at=recorded.at)  # fmt: skip
            return said, [say_option(_("↩️ Corriger"), f"corriger {recorded.number}")]
    return "", []


def _lines(books: Books, group: Group, refund: RefundRequest) -> list[str]:
    line = _("{name:*} · {amount:money*} {how}\ndemandé {since}", name=group.name_of(refund.member), amount=refund.amount,
             how=by_method(refund.method), since=ago(refund.asked_at, books.now))  # fmt: skip
    balance = books.balance(refund.member)
    less = (
        [_("⚠️ Son avoir n'est plus que de {amount:money}.", amount=max(0, balance))] if balance < refund.amount else []
    )
    return [line, *([_("« {note} »", note=refund.note)] if refund.note else []), *less]
