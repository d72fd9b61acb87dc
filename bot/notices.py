"""Who is told what about a fact, and until when it is worth saying. Pure: facts and books in, notices out.

The author's own notice is the answer of the turn; the others wait in the outbox. Money is told in private and in the
coordinators' room only (B40).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.chat import strong
from bot.conversation import Rows
from bot.groups.facts import (
    AddressAsked,
    AddressLinked,
    AddressRevoked,
    InvitationMade,
    LanguageChosen,
    MemberAdded,
    MemberRenamed,
    ProposalDecided,
    Proposed,
    RightGiven,
    RoomLinked,
)
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.ledger.facts import (
    FactReversed,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.journal import Recorded
from bot.wording import (
    balance_for_member,
    balance_of,
    by_method,
    kind_of,
    operation_name,
    rows,
    say_option,
    sentence,
    three_figures,
)
from bot.words import LANGUAGES, _


@dataclass(frozen=True)
class Telling:
    """What a notice is written from: the fact as recorded, the books and the group after it, the ways to hand a code over."""

    recorded: Recorded
    books: Books
    group: Group
    links: Callable[[str], list[str]]

    @property
    def fact(self) -> Any:
        """The fact itself."""
        return self.recorded.fact

    @property
    def name(self) -> str:
        """The name of the member the fact is about."""
        return self.group.name_of(self.fact.member)

    @property
    def author(self) -> str:
        """The name of who did it."""
        return self.group.name_of(self.recorded.author)

    @property
    def own(self) -> bool:
        """Tell whether the author is the member the fact is about."""
        return bool(self.recorded.author == self.fact.member)


@dataclass(frozen=True)
class Written:
    """The words of a notice, in the language being spoken, and its buttons."""

    text: str
    options: Rows = ()


@dataclass(frozen=True)
class Notice:
    """Who is told, and how to write it. ``to``: ``author``, ``member``, ``room``, or ``address`` (one of the member's)."""

    to: str
    write: Callable[[], Written]
    member: int = 0
    address: int = 0
    useful_for: timedelta = timedelta(days=7)

    def useful_until(self, now: datetime) -> datetime:
        """The moment after which it is not worth saying any more (B47)."""
        return now + self.useful_for


def notices(told: Telling) -> Sequence[Notice]:
    """List who is told about a fact; nobody for a fact that concerns only the books."""
    return _NOTICES.get(type(told.fact), _nobody)(told)


def _nobody(_told: Telling) -> Sequence[Notice]:
    return ()


def _to_author_and_member(told: Telling, author: Callable[[], Written], member: Callable[[], Written]) -> list[Notice]:
    """Tell the author what was done, and the member what it means for them, unless they are the same person."""
    to_author = Notice("author", author)
    return [to_author] if told.own else [to_author, Notice("member", member, member=told.fact.member)]


def _undo(told: Telling) -> Rows:
    """Offer to undo, from the message that reports (B45)."""
    return rows([say_option(_("↩️ Corriger"), f"corriger {told.recorded.number}")])


def _balance(told: Telling) -> str:
    """Say where the member's account stands now, to a coordinator."""
    standing = told.books.standing(told.fact.member)
    return sentence(balance_of(told.name, standing.balance))


def _your_balance(told: Telling) -> str:
    """Say where the account stands now, to the member."""
    standing = told.books.standing(told.fact.member)
    words = sentence(balance_for_member(standing.balance))
    return f"{words}\n{three_figures(standing)}" if standing.pending else words


def _settle(told: Telling) -> Rows:
    """Offer what a member does next."""
    owes = told.books.balance(told.fact.member) < 0
    pay = [say_option(_("Payer"), "payer")] if owes else []
    return rows([*pay, say_option(_("Historique"), "historique")])


def _payment_declared(told: Telling) -> list[Notice]:
    def to_member() -> Written:
        said = _(
            "⏳ C'est noté : {amount:money*} {how}. Un coordinateur confirmera la réception.",
            amount=told.fact.amount, how=by_method(told.fact.method),
        )  # fmt: skip
        take_back = say_option(_("Retirer"), f"retirer {told.recorded.number}")
        figures = three_figures(told.books.standing(told.fact.member))
        return Written(f"{said}\n{figures}", rows([take_back, say_option(_("Solde"), "solde")]))

    return [Notice("author", to_member)]


def _payment_withdrawn(told: Telling) -> list[Notice]:
    def to_member() -> Written:
        payment = told.books.payment(told.fact.payment)
        assert payment is not None
        said = _("↩️ Votre paiement déclaré de {amount:money*} est retiré.", amount=payment.amount)
        return Written(f"{said} {_your_balance(told)}", _settle(told))

    return [Notice("author", to_member)]


def _payment_validated(told: Telling) -> list[Notice]:
    fact: PaymentValidated = told.fact
    payment = told.books.payment(fact.payment)
    assert payment is not None
    differs = payment.amount != fact.amount

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ {name} : {amount:money*} {how}, reçu.", name=told.name, amount=fact.amount, how=how)
        declared = " " + _("(déclaré : {amount:money})", amount=payment.amount) if differs else ""
        return Written(f"{said}{declared} {_balance(told)}", _undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("✅ {author} a reçu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        declared = " " + _("Vous aviez annoncé {amount:money}.", amount=payment.amount) if differs else ""
        return Written(f"{said}{declared} {_your_balance(told)}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _payment_refused(told: Telling) -> list[Notice]:
    fact: PaymentRefused = told.fact
    payment = told.books.payment(fact.payment)
    assert payment is not None
    reason = _(" Raison : {reason}.", reason=fact.reason.rstrip(".")) if fact.reason else ""

    def to_author() -> Written:
        said = _(
            "{name} : {amount:money*} {how}, non reçu.{reason}",
            name=told.name, amount=payment.amount, how=by_method(payment.method), reason=reason,
        )  # fmt: skip
        return Written(f"{said} {_balance(told)}", _undo(told))

    def to_member() -> Written:
        said = _(
            "{author} n'a pas reçu votre paiement de {amount:money*} {how}.{reason}",
            author=told.author, amount=payment.amount, how=by_method(payment.method), reason=reason,
        )  # fmt: skip
        again = _("S'il s'agit d'une erreur, parlez-en à un coordinateur ou déclarez-le de nouveau.")
        return Written(f"{said} {_your_balance(told)}\n{again}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _payment_received(told: Telling) -> list[Notice]:
    fact: PaymentReceived = told.fact

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ {name} : {amount:money*} {how}, reçu.", name=told.name, amount=fact.amount, how=how)
        return Written(f"{said} {_balance(told)}", _undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("✅ {author} a reçu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        return Written(f"{said} {_your_balance(told)}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _payment_refunded(told: Telling) -> list[Notice]:
    fact: PaymentRefunded = told.fact

    def to_author() -> Written:
        how = by_method(fact.method)
        said = _("✅ {amount:money*} rendus à {name} {how}.", name=told.name, amount=fact.amount, how=how)
        return Written(f"{said} {_balance(told)}", _undo(told))

    def to_member() -> Written:
        how = by_method(fact.method)
        said = _("{author} vous a rendu {amount:money*} {how}.", author=told.author, amount=fact.amount, how=how)
        return Written(f"{said} {_your_balance(told)}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _opening_balance_entered(told: Telling) -> list[Notice]:
    amount = told.fact.amount

    def to_author() -> Written:
        said = _("✅ Reprise de solde : {words}.", words=balance_of(told.name, amount))
        now_stands = "" if told.books.balance(told.fact.member) == amount else " " + _balance(told)
        return Written(f"{said}{now_stands}", _undo(told))

    def to_member() -> Written:
        said = _(
            "{author} a reporté votre solde d'avant : {words}.", author=told.author, words=balance_for_member(amount)
        )
        now_stands = "" if told.books.balance(told.fact.member) == amount else " " + _your_balance(told)
        return Written(f"{said}{now_stands}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _fact_reversed(told: Telling) -> list[Notice]:
    fact: FactReversed = told.fact
    original = told.books.fact(fact.reversed)
    assert original is not None
    money = getattr(original.fact, "amount", 0)

    def what() -> str:
        name = operation_name(kind_of(original.fact), getattr(original.fact, "method", None))
        return _("{name}, {amount:money}", name=name, amount=money) if money else name

    def to_author() -> Written:
        pending = told.books.payment(getattr(original.fact, "payment", 0))
        again = " " + _("Le paiement est de nouveau à valider.") if pending and pending.state == "declared" else ""
        said = _("↩️ Annulé pour {name} : {what}.", name=told.name, what=what())
        return Written(f"{said}{again} {_balance(told)}")

    def to_member() -> Written:
        said = _("↩️ {author} a corrigé une erreur sur votre compte : {what}.", author=told.author, what=what())
        return Written(f"{said} {_your_balance(told)}", _settle(told))

    return _to_author_and_member(told, to_author, to_member)


def _member_added(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ {name:*} est dans le groupe.", name=told.fact.name)))]


def _member_renamed(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ C'est noté : {name:*}.", name=told.fact.name)))]


def _right_given(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(sentence(_("✅ {name} : {right}", name=told.name, right=right_name(told.fact.right))))

    def to_member() -> Written:
        right = right_name(told.fact.right)
        said = _("{author} a changé vos droits : {right}.", author=told.author, right=right)
        return Written(said, rows([say_option(_("Aide"), "aide")]))

    return _to_author_and_member(told, to_author, to_member)


def right_name(right: str) -> str:
    """Name a right in everyday words."""
    names = {"member": _("adhérent"), "pickup": _("accueil aux distributions"), "treasury": _("coordinateur")}
    return names[right]


def _invitation_made(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        ways = "\n".join(told.links(told.fact.code))
        if told.own:
            head = _("Sur votre autre téléphone ou application, ouvrez :")
        else:
            head = _("Invitation pour {name:*}, à lui envoyer :", name=told.name)
        tail = _("Elle sert une seule fois, pendant 7 jours.")
        return Written(f"{head}\n{ways}\n{tail}")

    return [Notice("author", to_author)]


def _address_asked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(_("Presque fini : confirmez maintenant depuis l'appareil que vous utilisiez jusqu'ici."))

    def to_member() -> Written:
        said = _("Un nouvel appareil demande à parler en votre nom dans « {group} ». Est-ce vous ?",
                 group=told.group.settings.name)  # fmt: skip
        number = told.fact.number
        yes, no = say_option(_("C'est moi"), f"lier oui {number}"), say_option(_("Refuser"), f"lier non {number}")
        return Written(said, rows([yes, no]))

    return [Notice("author", to_author), Notice("member", to_member, member=told.fact.member)]


def _address_linked(told: Telling) -> list[Notice]:
    fact: AddressLinked = told.fact

    def welcome() -> Written:
        said = _("Bienvenue dans « {group} », {name} !", group=told.group.settings.name, name=strong(told.name))
        options = [say_option(_("Solde"), "solde"), say_option(_("Aide"), "aide")]
        return Written(f"{said} {_your_balance(told)}", rows(options))

    if fact.code:
        return [Notice("author", welcome)]
    done = Notice("author", lambda: Written(_("✅ C'est fait : vos deux appareils parlent pour vous.")))
    return [done, Notice("address", welcome, member=fact.member, address=fact.number)]


def _address_revoked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.own:
            return Written(_("C'est refusé : cet appareil ne parlera pas en votre nom."))
        said = _("✅ L'appareil de {name} ne donne plus accès à son compte.", name=told.name)
        return Written(said, rows([say_option(_("Inviter"), f"inviter m{told.fact.member}")]))

    return [Notice("author", to_author)]


def _room_linked(told: Telling) -> list[Notice]:
    def to_room() -> Written:
        said = _("Ce salon est maintenant celui des coordinateurs de « {group} ».", group=told.group.settings.name)
        return Written(said, rows([say_option(_("À valider"), "valider"), say_option(_("Soldes"), "soldes")]))

    return [Notice("author", lambda: Written(_("✅ Le salon est lié au groupe."))), Notice("room", to_room)]


def _language_chosen(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(_("C'est noté : je vous parle en {language}.", language=LANGUAGES[told.fact.language].lower()))

    return [Notice("author", to_author)]


def _proposed(_told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(
            _("C'est votre propre compte : un autre coordinateur doit donner son accord. Je le lui demande.")
        )

    return [Notice("author", to_author)]


def _proposal_decided(told: Telling) -> list[Notice]:
    if told.fact.accepted:
        return []

    def to_member() -> Written:
        return Written(_("{author} n'a pas donné son accord. Rien n'a été enregistré.", author=told.author))

    refused = Notice("author", lambda: Written(_("C'est refusé. Rien n'a été enregistré.")))
    return [refused, Notice("member", to_member, member=told.fact.member)]


_NOTICES: dict[type, Callable[[Telling], Sequence[Notice]]] = {
    PaymentDeclared: _payment_declared,
    PaymentWithdrawn: _payment_withdrawn,
    PaymentValidated: _payment_validated,
    PaymentRefused: _payment_refused,
    PaymentReceived: _payment_received,
    PaymentRefunded: _payment_refunded,
    OpeningBalanceEntered: _opening_balance_entered,
    FactReversed: _fact_reversed,
    MemberAdded: _member_added,
    MemberRenamed: _member_renamed,
    RightGiven: _right_given,
    InvitationMade: _invitation_made,
    AddressAsked: _address_asked,
    AddressLinked: _address_linked,
    AddressRevoked: _address_revoked,
    RoomLinked: _room_linked,
    LanguageChosen: _language_chosen,
    Proposed: _proposed,
    ProposalDecided: _proposal_decided,
}
