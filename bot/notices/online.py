"""What is said of payments by card on the Internet: the link, the money that came, what went back, what is nobody's (B25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.chat import Option
from bot.ledger.books import Payment
from bot.ledger.errors import N_
from bot.ledger.facts import Fact
from bot.ledger.postings import GroupAccount
from bot.notices.telling import Notice, Telling, Written, settle, undo, your_balance
from bot.online.facts import (
    OnlineAsked,
    OnlineConfirmed,
    OnlineGivenBack,
    OnlinePaidOut,
    OnlineRefundAsked,
    OnlineRefundRefused,
    OnlineStray,
)
from bot.online.reading import CardRefund
from bot.wording import by_method, rows, say_option
from bot.words import _

PROVIDERS = {"stripe": "Stripe", "helloasso": "HelloAsso", "telegram": "Telegram", "demo": N_("la démonstration")}

WHY = {
    "credentials": N_("les clés que connaît le bot ne sont plus acceptées : voyez avec la personne qui l'héberge"),
    "unconfigured": N_("ce prestataire n'est plus branché sur le bot : voyez avec la personne qui l'héberge"),
    "amount": N_("ce montant n'est pas accepté"),
    "funds": N_("il n'y a pas assez d'argent sur le compte du groupe chez ce prestataire"),
    "too late": N_("ce paiement est trop ancien"),
    "whole": N_("ce prestataire ne rend un paiement qu'en entier"),
    "done": N_("cet argent a déjà été rendu"),
    "not made": N_("d'après le site du prestataire, ce n'est pas fait"),
    "busy": N_("le prestataire ne répond pas"),
    "other": N_("le prestataire a refusé"),
}


def provider_name(name: str) -> str:
    """Name a provider as people know it."""
    return _(PROVIDERS[name]) if name in PROVIDERS else name


def link_ready(cents: int, url: str, reference: str, provider: str, until: datetime) -> Written:
    """Show where to pay."""
    said = _("Pour payer {amount:money*} par carte, ouvrez ce lien ; il est valable jusqu'à {until:time}. Votre numéro de "
             "carte n'est demandé que là-bas : ne l'écrivez jamais ici.", amount=cents, until=until)  # fmt: skip
    label = _("Payer (démonstration)") if provider == "demo" else _("Payer {amount:money}", amount=cents)
    paid = say_option(_("J'ai payé"), f"carte vu {reference}")
    return Written(said, ((Option(label, opens=url),), (paid, say_option(_("Payer autrement"), "payer"))))


def invoice_words(cents: int, group: str) -> str:
    """Describe what is paid, in an invoice or on a provider's page: no name of a person goes there."""
    return _("Paiement de {amount:money} à {group}.", amount=cents, group=group)


def invoice_warning() -> str:
    """Say where a card's number is given, and where it is not."""
    return _("Votre numéro de carte n'est demandé que dans la fenêtre de paiement : ne l'écrivez jamais ici.")


def making_slow(cents: int) -> Written:
    """Say that the link takes its time."""
    return Written(
        _("Le prestataire des cartes ne répond pas encore. Je réessaie pendant quelques minutes, et vous envoie de quoi "
          "payer {amount:money*} dès que c'est possible.", amount=cents),
        rows([say_option(_("Payer autrement"), "payer")]),
    )  # fmt: skip


def not_made(cents: int, why: str) -> Written:
    """Say that there is no link."""
    reason = _(WHY.get(why, WHY["other"]))
    said = _("Le paiement de {amount:money*} par carte n'a pas pu être préparé : {reason}. Rien n'a été débité.",
             amount=cents, reason=reason)  # fmt: skip
    return Written(said, _again(cents))


def link_over(cents: int, *, failed: bool) -> Written:
    """Say that a link is no longer good."""
    if failed:
        said = _("Le paiement de {amount:money*} par carte n'a pas abouti. Rien n'a été débité.", amount=cents)
    else:
        said = _("Le lien pour payer {amount:money*} par carte n'est plus valable. Rien n'a été débité.", amount=cents)
    return Written(said, _again(cents))


def _again(cents: int) -> tuple[tuple[Option, ...], ...]:
    return rows([say_option(_("Nouveau lien"), f"carte {cents}"), say_option(_("Payer autrement"), "payer")])


def stale(owed: int) -> Written:
    """Say that the amount is no longer the right one, and offer the one that is."""
    if not owed:
        return Written(
            _("Vous n'avez plus rien à payer : rien n'a été débité."), rows([say_option(_("Solde"), "solde")])
        )
    return Written(
        _("Ce qui reste à payer a changé : {owed:money*} maintenant. Rien n'a été débité.", owed=owed),
        rows([say_option(_("Payer {amount:money}", amount=owed), f"carte {owed}")]),
    )


def refund_slow(name: str, found: CardRefund) -> Written:
    """Say that money does not go back yet."""
    return Written(_("⏳ {amount:money*} à rendre à {name} : {provider} ne répond pas encore, je réessaie. Rien n'est "
                     "encore inscrit.", amount=found.cents, name=name, provider=provider_name(found.provider)))  # fmt: skip


def _asked(told: Telling) -> Sequence[Notice]:
    def to_member() -> Written:
        return Written(_("Je prépare le paiement de {amount:money*} par carte…", amount=told.fact.amount))

    return [Notice("author", to_member)]


def _confirmed(told: Telling) -> Sequence[Notice]:
    fact: OnlineConfirmed = told.fact
    waiting = [p for p in told.books.pending(fact.member) if p.amount == fact.amount]

    def to_member() -> Written:
        said = _("✅ Votre paiement de {amount:money*} par carte est arrivé.", amount=fact.amount)
        text = f"{said} {your_balance(told)}"
        if not waiting:
            return Written(text, settle(told))
        take_back = say_option(_("Retirer la déclaration"), f"retirer {waiting[0].number}")
        return Written(f"{text}\n{_the_same(waiting[0])}", (*rows([take_back]), *settle(told)))

    def to_author() -> Written:
        said = _("✅ {name} : {amount:money*} par carte en ligne, inscrit.", name=told.name, amount=fact.amount)
        payment = fact.payment or told.recorded.number - 1
        return Written(said, rows([say_option(_("↩️ Corriger"), f"corriger {payment}")]))

    return [Notice("member", to_member, member=fact.member), Notice("author", to_author)]


def _the_same(payment: Payment) -> str:
    """Ask whether a payment declared before is this one (B28)."""
    return _("Vous aviez aussi déclaré {amount:money} {how} : si c'est ce même paiement, retirez la déclaration.",
             amount=payment.amount, how=by_method(payment.method))  # fmt: skip


def _refund_asked(told: Telling) -> Sequence[Notice]:
    fact: OnlineRefundAsked = told.fact
    if fact.by_hand:
        return []

    def to_author() -> Written:
        return Written(
            _("⏳ J'ai demandé à {provider} de rendre {amount:money*} à {name}. Je l'inscris dès que c'est fait.",
              provider=provider_name(fact.provider), amount=fact.amount, name=told.name)
        )  # fmt: skip

    return [Notice("author", to_author)]


def _given_back(told: Telling) -> Sequence[Notice]:
    fact: OnlineGivenBack = told.fact

    def to_coordinators() -> Written:
        return Written(
            _("↩️ {amount:money*} rendus à {name} sur sa carte, à la demande de {who}.",
              amount=fact.amount, name=told.name, who=told.group.name_of(fact.asked_by))
        )  # fmt: skip

    def to_member() -> Written:
        who = told.group.name_of(fact.asked_by)
        said = _("↩️ {who} vous a rendu {amount:money*} sur votre carte ; la banque met quelques jours à le montrer.",
                 who=who, amount=fact.amount)  # fmt: skip
        if fact.asked_by == fact.member:
            said = _("↩️ {amount:money*} vous sont rendus sur votre carte ; la banque met quelques jours à le montrer.",
                     amount=fact.amount)  # fmt: skip
        return Written(f"{said} {your_balance(told)}", settle(told))

    to_author = Notice("author", to_coordinators)
    return [Notice("member", to_member, member=fact.member), Notice("coordinators", to_coordinators), to_author]


def _refund_refused(told: Telling) -> Sequence[Notice]:
    fact: OnlineRefundRefused = told.fact

    def to_coordinators() -> Written:
        if fact.why == "counted":
            return Written(_("✅ {amount:money*} à rendre à {name} : c'est fait depuis le site du prestataire, et déjà inscrit. Je "
                             "ne le demande plus.", amount=fact.amount, name=told.name))  # fmt: skip
        said = _("⚠️ {amount:money*} n'ont pas été rendus à {name} sur sa carte : {reason}. Rien n'est inscrit.",
                 amount=fact.amount, name=told.name, reason=_(WHY.get(fact.why, WHY["other"])))  # fmt: skip
        return Written(said, rows([say_option(_("Rembourser"), "rembourser")]))

    return [Notice("coordinators", to_coordinators)]


def _stray(told: Telling) -> Sequence[Notice]:
    fact: OnlineStray = told.fact

    def of_departed() -> Written:
        said = _("⚠️ {provider} a reçu {amount:money*} de {name:*}, dont le compte est fermé : reçu en ligne, non attribué. "
                 "Rouvrez le compte pour l'y inscrire, ou rendez l'argent depuis le site de {provider}.",
                 provider=provider_name(fact.provider), amount=fact.cents, name=told.name)  # fmt: skip
        again = say_option(_("Rouvrir"), f"rouvrir m{fact.member}")
        return Written(said, rows([again, say_option(_("Attribuer"), f"attribuer {told.recorded.number}")]))

    def to_coordinators() -> Written:
        amount = _("{amount:money*}", amount=fact.cents) if fact.cents else _("une somme")
        said = _("⚠️ {provider} a reçu {amount} pour un paiement que je ne connais pas (n° {external}) : reçu en ligne, non "
                 "attribué. Si vous savez de qui, attribuez-le.",
                 provider=provider_name(fact.provider), amount=amount, external=fact.external[:60])  # fmt: skip
        return Written(said, rows([say_option(_("Attribuer"), f"attribuer {told.recorded.number}")]))

    return [Notice("coordinators", of_departed if fact.member else to_coordinators)]


def _paid_out(told: Telling) -> Sequence[Notice]:
    def to_author() -> Written:
        left = told.books.held(GroupAccount.ONLINE)
        said = _("✅ {amount:money*} virés sur le compte du groupe. Les prestataires gardent encore {left:money*}.",
                 amount=told.fact.amount, left=left)  # fmt: skip
        return Written(said, undo(told))

    return [Notice("author", to_author)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    OnlineAsked: _asked,
    OnlineConfirmed: _confirmed,
    OnlineRefundAsked: _refund_asked,
    OnlineGivenBack: _given_back,
    OnlineRefundRefused: _refund_refused,
    OnlineStray: _stray,
    OnlinePaidOut: _paid_out,
}
