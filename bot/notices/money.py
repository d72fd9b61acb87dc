"""What is said of money: declared, received, refused, given back, carried over, corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.chat import Option
from bot.folding import folded
from bot.ledger.errors import N_
from bot.ledger.facts import (
    Fact,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.notices.telling import Notice, Telling, Written, balance_said, settle, to_author_and_member, undo, your_balance
from bot.notices.transfers import details, is_paid_to
from bot.wording import balance_for_member, balance_of, by_method, rows, say_option, three_figures
from bot.wording.facts import kind_of, operation_name
from bot.words import _


def _payment_declared(told: Telling) -> list[Notice]:
    def to_member() -> Written:
        said = _(
            "⏳ C'est noté : {amount:money*} {how}. Un coordinateur confirmera la réception.",
            amount=told.fact.amount, how=by_method(told.fact.method),
        )  # fmt: skip
        take_back = say_option(_("Retirer"), f"retirer {told.recorded.number}")
        figures = three_figures(told.standing)
        options = rows([take_back, say_option(_("Solde"), "solde"), *_written(told)])
        if not is_paid_to(told.group, told.fact.method):
            return Written(f"{said}\n{figures}", options)
        how = details(told.group, told.fact.member, told.fact.amount)
        return Written(f"{said}\n{figures}\n\n{how.text}", (*options, *how.options), how.attachment)

    return [Notice("author", to_member)]


def _written(told: Telling) -> list[Option]:
    """Offer to say which bank a cheque is of, where that was not typed with it (B22)."""
    fact: PaymentDeclared = told.fact
    if fact.method is not Method.CHEQUE or fact.cheque:
        return []
    return [say_option(_("Banque et n°"), f"numero {told.recorded.number}")]


def _payment_withdrawn(told: Telling) -> list[Notice]:
    def to_member() -> Written:
        payment = told.books.payment(told.fact.payment)
        assert payment is not None
        said = _("↩️ Votre paiement déclaré de {amount:money*} est retiré.", amount=payment.amount)
        return Written(f"{said} {your_balance(told)}", settle(told))

    return [Notice("author", to_member)]


def _payment_validated(told: Telling) -> list[Notice]:
    fact: PaymentValidated = told.fact
    payment = told.books.payment(fact.payment)
    assert payment is not None
    differs = payment.amount != fact.amount

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ {name} : {amount:money*} {how}, reçu.", name=told.name, amount=fact.amount, how=how)
        declared = " " + _("Déclaré : {amount:money}.", amount=payment.amount) if differs else ""
        return Written(f"{said}{declared} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("✅ {author} a reçu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        declared = " " + _("Vous aviez annoncé {amount:money}.", amount=payment.amount) if differs else ""
        return Written(f"{said}{declared} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _payment_refused(told: Telling) -> list[Notice]:
    fact: PaymentRefused = told.fact
    payment = told.books.payment(fact.payment)
    assert payment is not None

    def to_author() -> Written:
        how = by_method(payment.method)
        said = _("{name} : {amount:money*} {how}, non reçu.", name=told.name, amount=payment.amount, how=how)
        if _another_reason(fact.reason):
            said = _("{name} : {amount:money*} {how}, non compté. Raison : {reason}.",
                     name=told.name, amount=payment.amount, how=how, reason=fact.reason.rstrip("."))  # fmt: skip
        return Written(f"{said} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        how = by_method(payment.method)
        said = _("{author} n'a pas reçu votre paiement de {amount:money*} {how}.",
                 author=told.author, amount=payment.amount, how=how)  # fmt: skip
        if _another_reason(fact.reason):
            said = _("{author} n'a pas compté votre paiement de {amount:money*} {how}. Raison : {reason}.",
                     author=told.author, amount=payment.amount, how=how, reason=fact.reason.rstrip("."))  # fmt: skip
        again = _("S'il s'agit d'une erreur, parlez-en à un coordinateur ou déclarez-le de nouveau.")
        return Written(f"{said} {your_balance(told)}\n{again}", settle(told))

    return to_author_and_member(told, to_author, to_member)


NOT_COME = N_("Pas reçu")
"""As the button says it, in whichever language it was read."""


def _another_reason(reason: str) -> bool:
    """Tell whether a payment was refused for another reason than that it did not come: a cheque without a signature did."""
    return folded(reason) not in {"", folded(NOT_COME), folded(_(NOT_COME))}


def _payment_received(told: Telling) -> list[Notice]:
    fact: PaymentReceived = told.fact
    if fact.method is Method.ONLINE:  # the provider's word comes with it, and says it
        return []

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ {name} : {amount:money*} {how}, reçu.", name=told.name, amount=fact.amount, how=how)
        return Written(f"{said} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("✅ {author} a reçu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        return Written(f"{said} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _payment_refunded(told: Telling) -> list[Notice]:
    fact: PaymentRefunded = told.fact
    if fact.method is Method.ONLINE:  # as above
        return []

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ Rendu à {name} : {amount:money*} {how}.", name=told.name, amount=fact.amount, how=how)
        return Written(f"{said} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("{author} vous a rendu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        return Written(f"{said} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _opening_balance_entered(told: Telling) -> list[Notice]:
    amount = told.fact.amount

    def to_author() -> Written:
        if told.books.balance(told.fact.member) == amount:
            return Written(_("✅ Reprise de solde : {words}.", words=balance_of(told.name, amount)), undo(told))
        said = _("✅ Reprise de solde ({amount:money}).", amount=amount)
        return Written(f"{said} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        said = _(
            "{author} a reporté votre solde d'avant : {words}.", author=told.author, words=balance_for_member(amount)
        )
        if told.books.balance(told.fact.member) != amount:
            said += " " + _(
                "Avec le reste de votre compte, {balance}.", balance=balance_for_member(told.standing.balance)
            )
        return Written(said, settle(told))

    return to_author_and_member(told, to_author, to_member)


def _fact_reversed(told: Telling) -> list[Notice]:
    fact: FactReversed = told.fact
    original = told.books.fact(fact.reversed)
    assert original is not None
    money = getattr(original.fact, "amount", 0)

    def what() -> str:
        name = operation_name(kind_of(original.fact), getattr(original.fact, "method", None))
        return _("{name}, {amount:money}", name=name, amount=money) if money else name

    if not fact.member:
        return _groups_own_reversed(told, what)

    def to_author() -> Written:
        pending = told.books.payment(getattr(original.fact, "payment", 0))
        again = " " + _("Le paiement est de nouveau à valider.") if pending and pending.state == "declared" else ""
        said = _("↩️ Annulé pour {name} : {what}.", name=told.name, what=what())
        return Written(f"{said}{again} {balance_said(told)}")

    def to_member() -> Written:
        said = _("↩️ {author} a corrigé une erreur sur votre compte : {what}.", author=told.author, what=what())
        return Written(f"{said} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _groups_own_reversed(told: Telling, what: Callable[[], str]) -> list[Notice]:
    """Tell coordinators of the reversal of what concerns no member: a deposit slip, a count of the cash box."""

    def to_author() -> Written:
        return Written(_("↩️ Annulé : {what}.", what=what()))

    def to_coordinators() -> Written:
        return Written(_("↩️ {author} a annulé : {what}.", author=told.author, what=what()))

    return [Notice("author", to_author), Notice("coordinators", to_coordinators)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    PaymentDeclared: _payment_declared,
    PaymentWithdrawn: _payment_withdrawn,
    PaymentValidated: _payment_validated,
    PaymentRefused: _payment_refused,
    PaymentReceived: _payment_received,
    PaymentRefunded: _payment_refunded,
    OpeningBalanceEntered: _opening_balance_entered,
    FactReversed: _fact_reversed,
}
