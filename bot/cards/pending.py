"""« À valider »: the payments to decide, one at a time (B20, B21)."""

from __future__ import annotations

from datetime import timedelta

from bot.banking.reference import reference
from bot.cards.turning import shown
from bot.chat import Message, Option
from bot.groups.people import Group
from bot.ledger.books import Books, Payment
from bot.ledger.facts import FactReversed, Method, PaymentRefused, PaymentValidated
from bot.ledger.journal import Recorded
from bot.wording import act_option, by_method, say_option
from bot.words import _, ago

ALIKE_WITHIN = timedelta(days=1)
"""A payment received since a day before the declaration, of the same amount, may be the very same one (B28)."""

LAST_IS_SHOWN_FOR = timedelta(minutes=30)


def pending_card(books: Books, group: Group, at: int) -> Message:
    """Draw « à valider »: the last decision with its undo, then one payment with its buttons (B20, B21)."""
    waiting = books.pending()
    last, undo = _last_decision(books, group)
    if not waiting:
        nothing = _("Rien à valider.")
        return Message(f"{last}\n{nothing}" if last else nothing, (tuple(undo),) if undo else ())
    rank, payment, turns = shown(waiting, at, "valider")
    head = _("À valider · {rank} sur {n}", rank=rank, n=len(waiting))
    lines = [*([last, ""] if last else []), head, _payment_line(books, group, payment)]
    options = [_decisions(payment), *turns, *_written(group, payment), *([tuple(undo)] if undo else [])]
    return Message("\n".join(lines), tuple(options))


def _payment_line(books: Books, group: Group, payment: Payment) -> str:
    line = _(
        "{name:*} · {amount:money*} {how}\ndéclaré {since} (n° {number})",
        name=group.name_of(payment.member), amount=payment.amount, how=by_method(payment.method),
        since=ago(payment.declared_at, books.now), number=payment.number,
    )  # fmt: skip
    written = group.cheque_note(payment.number)
    line = f"{line}\n{written}" if written else line
    iban, prefix = group.settings.iban, group.settings.reference_prefix
    if payment.method is Method.TRANSFER and iban:
        line += "\n" + _("Référence : {reference}", reference=reference(payment.member, prefix))
    twin = books.received_like(payment.member, payment.amount, payment.declared_at - ALIKE_WITHIN)
    if twin is None or twin.decided_at is None:
        return line
    decision = books.fact(twin.decided) if twin.decided else None
    who = group.name_of(decision.author if decision else None)
    warning = _("⚠️ Un paiement de {amount:money} a déjà été reçu de sa part {since}, par {who} : en est-ce un autre ?",
                amount=payment.amount, since=ago(twin.decided_at, books.now), who=who)  # fmt: skip
    return f"{line}\n{warning}"


def _decisions(payment: Payment) -> tuple[Option, ...]:
    which = f"{payment.number}.{payment.round}"
    return (
        act_option(_("Reçu"), f"valider recu {which}"),
        act_option(_("Autre montant"), f"valider autre {which}"),
        act_option(_("Refuser"), f"valider refuser {which}"),
    )


def _written(group: Group, payment: Payment) -> list[tuple[Option, ...]]:
    """Offer to note a cheque's bank and number, as long as nobody has (B22)."""
    if payment.method is not Method.CHEQUE or group.cheque_note(payment.number):
        return []
    return [(say_option(_("Banque et n°"), f"numero {payment.number}"),)]


def _last_decision(books: Books, group: Group) -> tuple[str, list[Option]]:
    """Say what was decided last, a short while ago, and offer to undo it (B45)."""
    for recorded in books.journal(limit=5):
        if books.now - recorded.at > LAST_IS_SHOWN_FOR:
            break
        words = _decision_words(books, group, recorded)
        if words and isinstance(recorded.fact, FactReversed):
            return words, []
        if words and books.reversal_of(recorded.number) is None:
            return words, [say_option(_("↩️ Corriger"), f"corriger {recorded.number}")]
    return "", []


def _is_decision(books: Books, number: int) -> bool:
    original = books.fact(number)
    return original is not None and isinstance(original.fact, PaymentValidated | PaymentRefused)


def _decision_words(books: Books, group: Group, recorded: Recorded) -> str:
    fact, who = recorded.fact, group.name_of(recorded.author)
    if isinstance(fact, PaymentValidated):
        return _("✅ {name} · {amount:money} {how} : validé par {who}, {at:time}", name=group.name_of(fact.member),
                 amount=fact.amount, how=by_method(fact.method), who=who, at=recorded.at)  # fmt: skip
    if isinstance(fact, PaymentRefused):
        payment = books.payment(fact.payment)
        amount = payment.amount if payment else 0
        return _("{name} · {amount:money} : refusé par {who}, {at:time}", name=group.name_of(fact.member),
                 amount=amount, who=who, at=recorded.at)  # fmt: skip
    if isinstance(fact, FactReversed) and _is_decision(books, fact.reversed):
        return _("↩️ {name} : décision annulée par {who}, {at:time}", name=group.name_of(fact.member), who=who,
                 at=recorded.at)  # fmt: skip
    return ""
