"""Facts in words: in the journal, in a consent, in what another coordinator is asked to agree to, once they are decided (B21, B43)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.groups.described import change_words
from bot.groups.facts import RightGiven
from bot.groups.people import Group
from bot.groups.proposals import MOST_LET_GO_ALONE, concerned, large_write_off, read
from bot.groups.settings import SettingChanged
from bot.ledger.books import Books
from bot.ledger.decisions import AlreadyDecidedError
from bot.ledger.facts import Fact, FactReversed, Method
from bot.ledger.history import Operation
from bot.market import catalogue
from bot.market.offer_facts import PhotoChanged, ProductChanged
from bot.operations import OPERATIONS
from bot.reminders.described import rule_name, rule_value
from bot.reminders.facts import ReminderRuleChosen
from bot.wording import by_method, method_name, right_name
from bot.words import _, _n


def operation_name(kind: str, method: Method | None = None) -> str:
    """Name a line of history, as everyday words have it."""
    if method and kind in {"PaymentValidated", "PaymentReceived"}:
        return _("Paiement {how}", how=by_method(method))
    if method and kind == "PaymentRefunded":
        return _("Remboursement {how}", how=by_method(method))
    return _(OPERATIONS[kind]) if kind in OPERATIONS else kind


def operation_line(operation: Operation) -> str:
    """Write one line of a member's history."""
    name = operation_name(operation.kind, operation.method)
    if operation.kind == "ChequeBounced" and operation.method is None:
        name = _("Frais de chèque impayé")
    return _("{at:short} · {name} : {amount:money}", at=operation.at, name=name, amount=operation.amount)


def kind_of(fact: Fact) -> str:
    """Name the kind of a fact."""
    return type(fact).__name__


def already_decided(refusal: AlreadyDecidedError, group: Group) -> str:
    """Say who has decided a payment, and when (B21)."""
    if refusal.state == "declared":
        return _("Ce bouton est ancien : le paiement est de nouveau à valider. Rien n'a changé.")
    names = {"validated": _("validé"), "refused": _("refusé"), "withdrawn": _("retiré"), "reversed": _("annulé")}
    names["bounced"] = names["validated"]  # its decision stands: what bounced came after it
    if refusal.at is None or refusal.state not in names:
        return _("Je ne trouve pas ce paiement. Rien n'a changé.")
    return _("C'est déjà {state} par {who}, {at:moment}. Rien n'a changé.",
             state=names[refusal.state], who=group.name_of(refusal.by), at=refusal.at)  # fmt: skip


def fact_words(fact: Fact, group: Group, books: Books) -> str:
    """Describe a fact in a line, for the journal and for consent."""
    member = getattr(fact, "member", None)
    name = group.name_of(member) if member else ""
    words = operation_name(kind_of(fact), getattr(fact, "method", None))
    if isinstance(fact, FactReversed):
        original = books.fact(fact.reversed)
        what = fact_words(original.fact, group, books) if original else ""
        return _("Annulation du n° {number} ({what})", number=fact.reversed, what=what)
    if isinstance(fact, RightGiven):
        words = _("Droits : {right}", right=right_name(fact.right))
    if isinstance(fact, ProductChanged):
        return _("{words} · {what}", words=words, what=_short(catalogue.words(fact)))
    if isinstance(fact, PhotoChanged):
        return _("{words} · {what}", words=words, what=catalogue.photo_words(fact))
    if isinstance(fact, SettingChanged):
        return _("{words} · {what}", words=words, what=_short(change_words(fact, method_name)))
    if isinstance(fact, ReminderRuleChosen):
        return _(
            "{words} · {name} : {value}",
            words=words,
            name=rule_name(fact.rule),
            value=rule_value(fact.rule, fact.value),
        )
    money = getattr(fact, "amount", None)
    if money is None:
        return _("{words} · {name}", words=words, name=name) if name else words
    if not name:
        return _("{words} · {amount:money}", words=words, amount=money)
    return _("{words} · {name} · {amount:money}", words=words, name=name, amount=money)


def _short(words: str, most: int = 140) -> str:
    """Cut words so that a page of the journal fits in a message."""
    return words if len(words) <= most else words[: most - 1] + "…"


MOST_PROPOSED_SHOWN = 20


def proposal_words(proposal: Any, group: Group, books: Books, reader: int = 0) -> str:
    """Ask another coordinator to agree to what its author does not decide alone; ``reader`` may be who it is about (B43)."""
    author, facts = group.name_of(proposal.author), read(proposal.facts)
    shown = [f"– {fact_words(fact, group, books)}" for fact in facts[:MOST_PROPOSED_SHOWN]]
    left = len(facts) - MOST_PROPOSED_SHOWN
    lines = "\n".join([*shown, *([_n("… et {n} de plus", "… et {n} de plus", left)] if left > 0 else [])])
    if any(isinstance(fact, SettingChanged) for fact in facts):
        return _("⚠️ {author} propose, pour tout le groupe :\n{lines}\nUn autre coordinateur doit donner son accord : "
                 "c'est là que les adhérents enverront leur argent.", author=author, lines=lines)  # fmt: skip
    if proposal.due_at is not None:
        return _silence_words(author, lines, proposal.due_at, own=reader in concerned(facts))
    if large_write_off(facts):
        return _("⚠️ {author} propose :\n{lines}\nAu-delà de {most:money}, un autre coordinateur doit donner son accord.",
                 author=author, lines=lines, most=MOST_LET_GO_ALONE)  # fmt: skip
    return _("⚠️ {author} propose, sur son propre compte :\n{lines}\nUn autre coordinateur doit donner son accord.",
             author=author, lines=lines)  # fmt: skip


def _silence_words(author: str, lines: str, due_at: datetime, *, own: bool) -> str:
    """Ask about a change of who coordinates, which is done if nobody objects."""
    if own:
        return _("⚠️ {author} propose, et cela vous concerne :\n{lines}\nSi vous n'êtes pas d'accord, touchez « Refuser ». "
                 "Sans réponse, ce sera fait le {due:moment}.", author=author, lines=lines, due=due_at)  # fmt: skip
    return _("⚠️ {author} propose :\n{lines}\nQui coordonne se décide à deux. Sans réponse, ce sera fait le {due:moment}.",
             author=author, lines=lines, due=due_at)  # fmt: skip
