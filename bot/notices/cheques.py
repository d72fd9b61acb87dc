"""What is said of cheques and of the cash box: deposited, bounced, counted (B22, B34)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.groups.written import ChequeDescribed
from bot.ledger.facts import CashBanked, CashCounted, ChequeBounced, ChequesDeposited, Fact
from bot.ledger.postings import GroupAccount
from bot.notices.telling import Notice, Telling, Written, balance_said, settle, to_author_and_member, undo, your_balance
from bot.wording import rows, say_option, slip_count
from bot.wording.reasons import reason_words
from bot.words import _


def _deposited(told: Telling) -> list[Notice]:
    fact, number = told.fact, told.recorded.number
    count = len(fact.cheques)

    def to_author() -> Written:
        said = _("✅ Remise n° {number} : {count}, {total:money*}. Ils ne sont plus en main.", number=number,
                 count=slip_count(count), total=fact.amount)  # fmt: skip
        options = [say_option(_("Fichier"), f"cheques r{number} xlsx"), say_option(_("Voir"), f"cheques r{number}")]
        return Written(said, (*rows(options), *undo(told)))

    def to_coordinators() -> Written:
        said = _("{author} a remis à la banque : {count}, {total:money*} (remise n° {number}).", author=told.author,
                 count=slip_count(count), total=fact.amount, number=number)  # fmt: skip
        return Written(said, rows([say_option(_("Voir"), f"cheques r{number}")]))

    return [Notice("author", to_author), Notice("coordinators", to_coordinators)]


def _bounced(told: Telling) -> list[Notice]:
    fact: ChequeBounced = told.fact

    def to_author() -> Written:
        said = _("✅ Noté : le chèque de {name}, {amount:money*}, est impayé.", name=told.name, amount=fact.amount)
        fees = " " + _("Frais : {fee:money}.", fee=fact.fee) if fact.fee else ""
        return Written(f"{said}{fees} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        said = _(
            "La banque n'a pas pu encaisser votre chèque de {amount:money*} : cela arrive. "
            "Ce montant est de nouveau à régler, quand vous pourrez, par le moyen qui vous convient.",
            amount=fact.amount,
        )  # fmt: skip
        fees = " " + _("La banque a pris {fee:money} de frais.", fee=fact.fee) if fact.fee else ""
        return Written(f"{said}{fees} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _described(told: Telling) -> list[Notice]:
    fact: ChequeDescribed = told.fact
    payment = told.books.payment(fact.payment)
    assert payment is not None

    def to_author() -> Written:
        said = _("✅ Noté sur le chèque de {amount:money*} : {written}.", amount=payment.amount, written=fact.written)
        if not told.own:
            said = _("✅ Noté sur le chèque de {name}, {amount:money*} : {written}.", name=told.name,
                     amount=payment.amount, written=fact.written)  # fmt: skip
        return Written(said, rows([say_option(_("Corriger le n°"), f"numero {payment.number}")]))

    return [Notice("author", to_author)]


def _counted(told: Telling) -> list[Notice]:
    fact: CashCounted = told.fact

    def to_author() -> Written:
        bank = [say_option(_("Porter à la banque"), "versement")] if fact.counted else []
        if not fact.amount:
            return Written(_("✅ La caisse est juste : {counted:money*}.", counted=fact.counted), rows(bank))
        return Written(f"✅ {_difference(fact)}", (*undo(told), *rows(bank)))

    def to_coordinators() -> Written:
        return Written(_("{author} a compté la caisse. {difference}", author=told.author, difference=_difference(fact)))

    others = [Notice("coordinators", to_coordinators)] if fact.amount else []
    return [Notice("author", to_author), *others]


def _difference(fact: CashCounted) -> str:
    return _("Écart de caisse noté : {amount:money*} ({reason}). La caisse doit maintenant contenir {counted:money*}.",
             amount=fact.amount, reason=reason_words(fact.reason), counted=fact.counted)  # fmt: skip


def _banked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        left = told.books.held(GroupAccount.CASH)
        said = _("✅ {amount:money*} portés à la banque. La caisse doit contenir {left:money*}.",
                 amount=told.fact.amount, left=left)  # fmt: skip
        return Written(said, undo(told))

    return [Notice("author", to_author)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    ChequesDeposited: _deposited,
    ChequeBounced: _bounced,
    ChequeDescribed: _described,
    CashCounted: _counted,
    CashBanked: _banked,
}
