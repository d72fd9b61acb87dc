"""A member's own account: balance, history (a coordinator may read anyone's)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.chat import Option
from bot.conversation import Outcome, Question, Say, Script
from bot.groups.people import Person, Right
from bot.handlers.transfers import takes_transfers
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.ledger.books import Payment, Standing
from bot.ledger.history import Operation
from bot.notices.reminder import made_of
from bot.questions import whole_number
from bot.wording import (
    balance_for_member,
    balance_of,
    balance_to_come,
    by_method,
    rows,
    say_option,
    sentence,
    three_figures,
    turn_option,
    upcoming_lines,
)
from bot.wording.facts import operation_line
from bot.words import _, ago

PAGE = 10


def balance(visit: Visit) -> Script:
    """Tell the member's balance in words, of what it is made, the figures that differ, and what can be done (B4, B5)."""
    yield from ()
    standing = visit.books.standing(visit.person.number)
    words = _("Dans « {group} », {balance}", group=visit.group.settings.name,
              balance=balance_for_member(standing.balance))  # fmt: skip
    lines = [sentence(words)]
    if standing.balance < 0:  # what is due is read for those who owe: it costs more than all the rest of a turn
        lines += _due_now(visit)
    if not visit.group.settings.kitty_only:  # there, a debt is settled from time to time, not at a distribution (B37)
        lines += upcoming_lines(visit.market, visit.person.number, standing.balance)
    if standing.pending:
        lines += [_waiting(standing), three_figures(standing)]
    return Say("\n".join(lines), rows([*_next_steps(standing), *_transfer(visit, standing)]))


def _due_now(visit: Visit) -> list[str]:
    """Say what is to be settled now, and the orders it is made of."""
    due = visit.dues.of(visit.person.number)
    if not any(part.debit.distribution for part in due.parts):
        return []
    return [_("À régler maintenant : {amount:money}", amount=due.amount), *made_of(due)]


def _transfer(visit: Visit, standing: Standing) -> list[Option]:
    owes = standing.projected < 0 or standing.pending
    return [say_option(_("Coordonnées"), "coordonnees")] if owes and takes_transfers(visit) else []


def _waiting(standing: Standing) -> str:
    after = balance_to_come(standing.projected)
    return _(
        "⏳ {pending:money} en attente de validation ; après cela, {after}.", pending=standing.pending, after=after
    )


def _next_steps(standing: Standing) -> list[Option]:
    history = say_option(_("Historique"), "historique")
    pay = say_option(_("Payer"), "payer")
    return [pay, history] if standing.projected < 0 else [history, pay]


def history(visit: Visit) -> Script:
    """Show operations, newest first, ten to a page: one's own; a coordinator, of any member (B3, B36)."""
    person, before = yield from _whose(visit)
    own = person.number == visit.person.number
    found = visit.books.history(person.number, before=before, limit=PAGE + 1, net=not visit.may(Right.TREASURY) or own)
    return _page(visit, person, found, first=before is None)


def _whose(visit: Visit) -> Generator[Question[Any], Any, tuple[Person, int | None]]:
    words = list(visit.words)
    before = whole_number(words.pop()[1:]) if words and words[-1][:1] == "<" else None
    if not words or not visit.may(Right.TREASURY):
        return visit.person, before
    person = yield from which_member(visit, _("L'historique de qui ?"), gone=Gone.ANYBODY)
    return person, before


def _page(visit: Visit, person: Person, found: list[Operation], *, first: bool) -> Outcome:
    own = person.number == visit.person.number
    shown, more = found[:PAGE], len(found) > PAGE
    standing = visit.books.standing(person.number)
    said = balance_for_member(standing.balance) if own else balance_of(person.name, standing.balance)
    pending = visit.books.pending(person.number) if first else []
    lines = [sentence(said), *[_pending_line(visit, payment) for payment in pending]]
    lines += [_line(visit, operation, own=own) for operation in shown]
    if not shown and not pending:
        lines.append(_("Rien n'est encore inscrit sur ce compte."))
    options = [_older(person, shown[-1].fact)] if more else []
    if own:
        options += [_withdraw(payment, several=len(pending) > 1) for payment in pending]
    elif visit.may(Right.TREASURY) and first:
        cheques = bool(visit.books.cheques.of_member(person.number, 1))
        options += _for_coordinator(person, cheques=cheques, away=standing.balance != 0)
    return Say("\n".join(lines), rows(options))


def _line(visit: Visit, operation: Operation, *, own: bool) -> str:
    line = operation_line(operation)
    if own:
        return line
    mark = " ↩️" if operation.reversed_by or operation.reverses else ""
    return _("{line} → {balance:money} (n° {number}, {author}){mark}", line=line, balance=operation.balance_after,
             number=operation.fact, author=visit.names.get(operation.author or 0, "Ardoise"), mark=mark)  # fmt: skip


def _pending_line(visit: Visit, payment: Payment) -> str:
    since = ago(payment.declared_at, visit.now)
    return _("⏳ {amount:money} {how}, déclaré {since}, en attente", amount=payment.amount,
             how=by_method(payment.method), since=since)  # fmt: skip


def _withdraw(payment: Payment, *, several: bool) -> Option:
    label = _("Retirer {amount:money}", amount=payment.amount) if several else _("Retirer")
    return say_option(label, f"retirer {payment.number}")


def _older(person: Person, oldest: int) -> Option:
    return turn_option(_("Plus ancien"), f"historique m{person.number} <{oldest}")


def _for_coordinator(person: Person, *, cheques: bool, away: bool) -> list[Option]:
    return [
        say_option(_("Encaisser"), f"encaisser m{person.number}"),
        say_option(_("Reprise de solde"), f"reprise m{person.number}"),
        say_option(_("Corriger"), f"corriger m{person.number}"),
        *([say_option(_("Chèque impayé"), f"impaye m{person.number}")] if cheques else []),
        *([say_option(_("Laisser de côté"), f"ecart m{person.number}")] if away else []),
        say_option(_("‹ Soldes"), f"soldes m{person.number}"),
    ]
