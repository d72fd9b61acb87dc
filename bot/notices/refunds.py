"""Who is told what of avoirs: the member whose avoir sleeps, what they ask for, what is answered (B37)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.ledger.facts import Fact
from bot.market.market import Phase
from bot.notices.credit import credit_recalled
from bot.notices.telling import Notice, Telling, Written
from bot.outbox import receipt_of
from bot.reminders.credits import Credit
from bot.reminders.facts import CreditRecalled, RefundAsked, RefundDecided, RefundWithdrawn
from bot.reminders.rules import bedtime
from bot.wording import by_method, rows, say_option
from bot.words import _


def _recalled(told: Telling) -> list[Notice]:
    """Tell the member, at one address of the household."""
    fact: CreditRecalled = told.fact
    credit = Credit(fact.member, fact.amount, told.books.balance(fact.member), fact.months)
    orders_open = bool(told.market.in_phase(Phase.OPEN))

    def to_member() -> Written:
        return credit_recalled(told.name, credit, told.group, orders_open=orders_open)

    useful_for = bedtime(told.books.now, told.dues.zone) - told.books.now
    receipt = receipt_of(told.recorded.group, told.recorded.number)
    return [
        Notice("address", to_member, member=fact.member, address=fact.address, useful_for=useful_for, receipt=receipt)
    ]


def _asked(told: Telling) -> list[Notice]:
    """Say to the member that it is passed on; the coordinators see it on their card."""
    fact: RefundAsked = told.fact

    def to_author() -> Written:
        said = _("C'est demandé aux coordinateurs : {amount:money*} {how}. D'ici là, cet avoir reste à vous et peut servir.",
                 amount=fact.amount, how=by_method(fact.method))  # fmt: skip
        back = say_option(_("Ne plus demander"), f"remboursement retirer {told.recorded.number}")
        return Written(said, rows([back]))

    return [Notice("author", to_author)]


def _withdrawn(_told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(_("C'est noté : votre avoir reste là, pour vos prochaines commandes."))

    return [Notice("author", to_author)]


def _decided(told: Telling) -> list[Notice]:
    """Tell the member why not; what is given back is told by the refund itself."""
    fact: RefundDecided = told.fact
    if fact.granted:
        return []

    def to_member() -> Written:
        said = _("{author} ne peut pas vous rendre votre avoir pour l'instant. Il reste à vous, pour vos prochaines commandes.",
                 author=told.author)  # fmt: skip
        why = _("« {reason} »", reason=fact.reason)
        options = [say_option(_("Commander"), "commander"), say_option(_("Une question"), "question")]
        return Written(f"{said}\n{why}" if fact.reason else said, rows(options))

    def to_author() -> Written:
        return Written(_("C'est dit à {name}. Son avoir reste sur son compte.", name=told.name))

    return [Notice("author", to_author), Notice("member", to_member, member=fact.member)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    CreditRecalled: _recalled,
    RefundAsked: _asked,
    RefundWithdrawn: _withdrawn,
    RefundDecided: _decided,
}
