"""Avoirs that members ask to be given back, one at a time, until a coordinator answers (B37)."""

from __future__ import annotations

from bot.chat import Message, Option
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.reminders.refunds import Refund
from bot.reminders.view import Dues
from bot.wording import act_option, by_method, rows
from bot.words import _, ago


def refunds_card(books: Books, group: Group, dues: Dues, at: int) -> Message:
    """Draw the request it was turned to, or the first that waits."""
    waiting = dues.refunds()
    if not waiting:
        return Message(_("Aucun remboursement n'est demandé."))
    rank = next((rank for rank, refund in enumerate(waiting) if refund.number >= at), 0)
    refund = waiting[rank]
    head = _("Remboursements demandés · {rank} sur {n}", rank=rank + 1, n=len(waiting))
    yes = act_option(_("Rendu"), f"rendu oui {refund.number}")
    no = act_option(_("Pas maintenant"), f"rendu non {refund.number}")
    return Message("\n".join([head, *_lines(books, group, refund)]), (*rows([yes, no]), *_turns(waiting, rank)))


def _lines(books: Books, group: Group, refund: Refund) -> list[str]:
    line = _("{name:*} · {amount:money*} {how}\ndemandé {since}", name=group.name_of(refund.member), amount=refund.amount,
             how=by_method(refund.method), since=ago(refund.asked_at, books.now))  # fmt: skip
    balance = books.balance(refund.member)
    less = (
        [_("⚠️ Son avoir n'est plus que de {amount:money}.", amount=max(0, balance))] if balance < refund.amount else []
    )
    return [line, *([_("« {note} »", note=refund.note)] if refund.note else []), *less]


def _turns(waiting: list[Refund], rank: int) -> list[tuple[Option, ...]]:
    if len(waiting) == 1:
        return []
    before, after = waiting[rank - 1], waiting[(rank + 1) % len(waiting)]
    return [(act_option("‹", f"rendu page {before.number}"), act_option("›", f"rendu page {after.number}"))]
