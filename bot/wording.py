"""Phrases that several conversations and notices share: balances in words, methods, names of operations (B4, B5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.chat import Option
from bot.conversation import Rows
from bot.groups.described import change_words
from bot.groups.facts import RightGiven
from bot.groups.people import Group, Settings
from bot.groups.proposals import MOST_LET_GO_ALONE, concerned, large_write_off, read
from bot.groups.settings import SettingChanged
from bot.ledger.books import Books, Operation, Standing
from bot.ledger.decisions import AlreadyDecidedError
from bot.ledger.drawer import Cheque
from bot.ledger.facts import Fact, FactReversed, Method
from bot.ledger.money import Cents
from bot.market import catalogue
from bot.market.facts import PhotoChanged, ProductChanged
from bot.market.market import Market, Order
from bot.market.units import quantity_words
from bot.operations import OPERATIONS
from bot.reminders.described import rule_name, rule_value
from bot.reminders.facts import ReminderRuleChosen
from bot.words import _, _n, ago


def method_name(method: Method | str) -> str:
    """Name a payment method as a button does."""
    names = {
        Method.CHEQUE: _("Chèque"),
        Method.CASH: _("Liquide"),
        Method.TRANSFER: _("Virement"),
        Method.TERMINAL: _("Carte sur place"),
        Method.KITTY: _("Cagnotte"),
        Method.ONLINE: _("Carte en ligne"),
    }
    return names[Method(method)]


def by_method(method: Method | str) -> str:
    """Name a method inside a sentence: « par chèque », « en liquide »."""
    names = {
        Method.CHEQUE: _("par chèque"),
        Method.CASH: _("en liquide"),
        Method.TRANSFER: _("par virement"),
        Method.TERMINAL: _("par carte sur place"),
        Method.KITTY: _("par la cagnotte"),
        Method.ONLINE: _("par carte en ligne"),
    }
    return names[Method(method)]


ON_THE_SPOT = {Method.CHEQUE, Method.CASH, Method.TERMINAL}

METHOD_WORDS = {
    Method.CHEQUE.value: ("chèque", "cheque", "chèques", "check"),
    Method.CASH.value: ("liquide", "espèces", "cash", "en liquide"),
    Method.TRANSFER.value: ("virement", "transfer", "bank transfer"),
    Method.TERMINAL.value: ("tpe", "carte", "carte sur place", "carte sur place (tpe)", "cb", "card", "terminal"),
    Method.ONLINE.value: ("carte en ligne", "online", "online card"),
}


def balance_for_member(balance: int) -> str:
    """Say a balance to the member themself: « vous devez 24,50 € au groupe » (B5)."""
    if balance < 0:
        return _("vous devez {amount:money*} au groupe", amount=-balance)
    if balance > 0:
        return _("vous avez un avoir de {amount:money*}", amount=balance)
    return _("vous êtes à l'équilibre")


def balance_to_come(balance: int) -> str:
    """Say to the member what their balance will be: « vous serez à l'équilibre »."""
    if balance < 0:
        return _("vous devrez {amount:money} au groupe", amount=-balance)
    if balance > 0:
        return _("vous aurez un avoir de {amount:money}", amount=balance)
    return _("vous serez à l'équilibre")


def balance_of(name: str, balance: int) -> str:
    """Say a balance to a coordinator: « Léa doit 24,50 € au groupe » (B5)."""
    if balance < 0:
        return _("{name} doit {amount:money*} au groupe", name=name, amount=-balance)
    if balance > 0:
        return _("{name} a un avoir de {amount:money*}", name=name, amount=balance)
    return _("{name} est à l'équilibre", name=name)


def three_figures(standing: Standing) -> str:
    """Show the figures that differ: « Solde : −24,50 € · en attente : 24,50 € · prévisionnel : 0,00 € » (B4)."""
    if not standing.pending:
        return _("Solde : {balance:money*}", balance=standing.balance)
    return _(
        "Solde : {balance:money*} · en attente : {pending:money} · prévisionnel : {projected:money}",
        balance=standing.balance, pending=standing.pending, projected=standing.projected,
    )  # fmt: skip


def sentence(words: str) -> str:
    """Begin with a capital and end with a full stop."""
    start = next((i for i, c in enumerate(words) if c.isprintable()), 0)
    return words[:start] + words[start : start + 1].upper() + words[start + 1 :] + "."


def operation_name(kind: str, method: Method | None = None) -> str:
    """Name a line of history, as everyday words have it."""
    if method and kind in {"PaymentValidated", "PaymentReceived"}:
        return _("Paiement {how}", how=by_method(method))
    if method and kind == "PaymentRefunded":
        return _("Remboursement {how}", how=by_method(method))
    return _(OPERATIONS[kind]) if kind in OPERATIONS else kind


def together(names: Sequence[str]) -> str:
    """List names in a sentence.

    >>> together(["Anne", "Camille", "Sofiane"]), together(["Anne"])
    ('Anne, Camille et Sofiane', 'Anne')
    """
    if len(names) < 2:
        return "".join(names)
    return _("{some} et {last}", some=", ".join(names[:-1]), last=names[-1])


def right_name(right: str) -> str:
    """Name a right in everyday words."""
    names = {"member": _("adhérent"), "pickup": _("accueil aux distributions"), "treasury": _("coordinateur")}
    return names[right]


def operation_line(operation: Operation) -> str:
    """Write one line of a member's history."""
    name = operation_name(operation.kind, operation.method)
    if operation.kind == "ChequeBounced" and operation.method is None:
        name = _("Frais de chèque impayé")
    return _("{at:short} · {name} : {amount:money}", at=operation.at, name=name, amount=operation.amount)


def since_words(at: datetime, now: datetime) -> str:
    """Say since when something is owed: « depuis le 12 novembre », « depuis le 3 octobre 2025 »."""
    days = (now - at).days
    if ago(at, now) == ago(now, now):
        return _("depuis aujourd'hui")
    return _("depuis le {at:date}", at=at) if days < MOST_OF_A_YEAR else _("depuis le {at:short}", at=at)


MOST_OF_A_YEAR = 300


def slip_count(n: int) -> str:
    """Count cheques."""
    return _n("{n} chèque", "{n} chèques", n)


def cheque_line(cheque: Cheque, group: Group) -> str:
    """Write a cheque in a line: whose, how much, since when, what is written on it."""
    written = group.cheque_note(cheque.payment)
    note = _(" · {written}", written=written) if written else ""
    bounced = _(" · impayé") if cheque.bounced else ""
    return _("{name} · {amount:money} · reçu le {at:short}{note}{bounced}", name=group.name_of(cheque.member),
             amount=cheque.amount, at=cheque.at, note=note, bounced=bounced)  # fmt: skip


def say_option(label: str, command: str) -> Option:
    """Make a button that begins a conversation, answered by a new message."""
    return Option(label, f"c:{command}")


def turn_option(label: str, command: str) -> Option:
    """Make a button whose answer replaces the message that carries it: pages."""
    return Option(label, f"e:{command}")


def act_option(label: str, command: str) -> Option:
    """Make a card's button: it acts, the card redraws itself, a few words answer."""
    return Option(label, f"k:{command}")


def rows(options: Sequence[Option], width: int = 3) -> Rows:
    """Lay buttons out, at most three in a row."""
    return tuple(tuple(options[start : start + width]) for start in range(0, len(options), width))


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
        return _("annulation du n° {number} ({what})", number=fact.reversed, what=what)
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


def plan_words(amount: Cents, method: Method) -> str:
    """Say how something will be paid."""
    how = by_method(method)
    if method in ON_THE_SPOT:
        return _("À payer à la distribution : {amount:money*} {how}.", amount=amount, how=how)
    return _("À payer : {amount:money*} {how}.", amount=amount, how=how)


def payee_lines(settings: Settings, method: Method | None) -> list[str]:
    """Say to whose order a cheque is made out, where the group has said it (B22)."""
    if method is not Method.CHEQUE or not settings.cheque_payee:
        return []
    return [_("Chèque à l'ordre de {payee:*}.", payee=settings.cheque_payee)]


def order_lines(order: Order) -> list[str]:
    """Write the lines of an order as they are charged now."""
    return [
        _(
            "{quantity} {name} : {cost:money}",
            quantity=quantity_words(line.quantity, line.unit),
            name=line.name,
            cost=line.cost,
        )
        for line in order.lines
    ]


def upcoming_lines(market: Market, member: int, balance: int) -> list[str]:
    """Say apart what a member owes for distributions still to come: of a debt, the newest part is theirs (B4)."""
    if balance >= 0:
        return []
    upcoming = market.upcoming(member)
    part = min(-balance, sum(order.total for _distribution, order in upcoming))
    if not part:
        return []
    if len(upcoming) > 1:
        return [_("Pour les distributions à venir : {amount:money}.", amount=part)]
    at = upcoming[0][0].starts_at
    return [_("Pour la distribution du {at:day} : {amount:money}.", at=at, amount=part)]
