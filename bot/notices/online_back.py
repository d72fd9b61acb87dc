"""What is said of money that went back on cards by other hands: the provider's own site, the payer's bank (B25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.ledger.facts import Fact
from bot.notices.online import provider_name
from bot.notices.telling import Notice, Telling, Written, balance_said, settle, your_balance
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import OnlineUnattributed
from bot.online.reading import CardRefund
from bot.providers import Cause
from bot.wording import rows, say_option
from bot.words import _


def refund_unanswered(name: str, found: CardRefund) -> Written:
    """Ask what became of a refund of which the provider has told nothing for days."""
    provider = provider_name(found.provider)
    said = _("⚠️ {amount:money*} à rendre à {name} sur sa carte, demandés le {at:day} : {provider} ne m'a toujours pas dit si "
             "c'est fait. Regardez sur le site de {provider} (paiement n° {external}), puis dites-le-moi. D'ici là, je "
             "continue de le demander.", amount=found.cents, name=name, at=found.at, provider=provider,
             external=found.external[:60])  # fmt: skip
    yes = say_option(_("C'est rendu"), f"carterendue oui {found.fact}")
    no = say_option(_("Ce n'est pas rendu"), f"carterendue non {found.fact}")
    return Written(said, rows([yes, no]))


def _taken_back(told: Telling) -> Sequence[Notice]:
    fact: OnlineTakenBack = told.fact
    disputed = fact.reason == Cause.DISPUTE

    def to_coordinators() -> Written:
        lines = [_disputed_words(told) if disputed else _refunded_words(told)]
        if fact.fee:
            lines.append(_("{provider} garde {fee:money} de frais pour cela.",
                           provider=provider_name(fact.provider), fee=fact.fee))  # fmt: skip
        lines.append(balance_said(told) if fact.charged else _borne_words(told))
        ways = [say_option(_("Historique"), f"historique m{fact.member}")]
        return Written("\n".join(lines), rows(ways))

    def to_member() -> Written:
        if disputed:
            said = _("Votre banque a repris {amount:money*} que vous aviez payés au groupe par carte : ils ne comptent plus "
                     "comme payés. Si vous ne l'avez pas demandé, ou si quelque chose ne va pas, dites-le-nous.",
                     amount=fact.amount)  # fmt: skip
        else:
            said = _("↩️ {amount:money*} vous ont été rendus sur votre carte, depuis le site de {provider} ; la banque met "
                     "quelques jours à le montrer.", amount=fact.amount, provider=provider_name(fact.provider))  # fmt: skip
        ask = rows([say_option(_("Une question"), "question")]) if disputed else ()
        return Written(f"{said} {your_balance(told)}", (*settle(told), *ask))

    member = [Notice("member", to_member, member=fact.member)] if fact.charged else []
    return [*member, Notice("coordinators", to_coordinators)]


def _disputed_words(told: Telling) -> str:
    fact: OnlineTakenBack = told.fact
    return _("⚠️ La banque de {name:*} a repris {amount:money*} payés par carte (n° {external}) : le paiement est contesté. "
             "On répond à la contestation sur le site de {provider}, avant la date qui y est dite ; si elle est gagnée, "
             "l'argent revient et je l'inscris.", name=told.name, amount=fact.amount, external=fact.external[:60],
             provider=provider_name(fact.provider))  # fmt: skip


def _refunded_words(told: Telling) -> str:
    fact: OnlineTakenBack = told.fact
    return _("↩️ {amount:money*} rendus à {name:*} sur sa carte depuis le site de {provider} : inscrit.",
             amount=fact.amount, name=told.name, provider=provider_name(fact.provider))  # fmt: skip


def _borne_words(told: Telling) -> str:
    return _("Le compte de {name} est fermé : c'est le groupe qui le perd. Pour le lui demander, rouvrez son compte et "
             "inscrivez-y une reprise de solde.", name=told.name)  # fmt: skip


def _restored(told: Telling) -> Sequence[Notice]:
    fact: OnlineRestored = told.fact

    def to_coordinators() -> Written:
        said = _("{amount:money*} qui étaient repartis vers la carte de {name:*} sont revenus chez {provider} : contestation "
                 "gagnée, ou remboursement qui n'a pas abouti.", amount=fact.amount, name=told.name,
                 provider=provider_name(fact.provider))  # fmt: skip
        then = balance_said(told) if fact.charged else _found_again_words(told)
        return Written(f"{said}\n{then}", rows([say_option(_("Historique"), f"historique m{fact.member}")]))

    def to_member() -> Written:
        said = _("Les {amount:money*} repartis vers votre carte sont revenus au groupe : ils sont de nouveau sur votre compte.",
                 amount=fact.amount)  # fmt: skip
        return Written(f"{said} {your_balance(told)}", settle(told))

    member = [Notice("member", to_member, member=fact.member)] if fact.charged else []
    return [*member, Notice("coordinators", to_coordinators)]


def _found_again_words(told: Telling) -> str:
    person = told.group.member(told.fact.member)
    if person is None or person.closed:
        return _("Son compte est fermé : c'est le groupe qui les retrouve.")
    return _("C'est le groupe qui les avait perdus, c'est lui qui les retrouve. Si vous les aviez demandés à {name} par une "
             "reprise de solde, annulez-la.", name=told.name)  # fmt: skip


def _seen(_told: Telling) -> Sequence[Notice]:
    """Say nothing: whoever noted it has been told, and the member too."""
    return []


def _fee_known(told: Telling) -> Sequence[Notice]:
    """Tell the coordinators what the group pays more; the member has nothing to do with it."""
    fact: OnlineDisputeFeeKnown = told.fact

    def to_coordinators() -> Written:
        said = _("{provider} garde {more:money*} de frais de plus pour le paiement par carte contesté de {name} (n° {external}), "
                 "soit {fee:money} en tout.", provider=provider_name(fact.provider), more=fact.fee - fact.before,
                 name=told.name, external=fact.external[:60], fee=fact.fee)  # fmt: skip
        return Written(said)

    return [Notice("coordinators", to_coordinators)]


def _unattributed(told: Telling) -> Sequence[Notice]:
    fact: OnlineUnattributed = told.fact

    def again() -> Written:
        said = _("{amount:money*} reçus en ligne par {provider} sont de nouveau à attribuer : ils n'étaient pas de {name}.",
                 amount=fact.amount, provider=provider_name(fact.provider), name=told.name)  # fmt: skip
        return Written(said, rows([say_option(_("Attribuer"), f"attribuer {fact.stray}")]))

    return [Notice("author", again), Notice("coordinators", again)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    OnlineTakenBack: _taken_back,
    OnlineRestored: _restored,
    OnlineRefundSeen: _seen,
    OnlineDisputeFeeKnown: _fee_known,
    OnlineUnattributed: _unattributed,
}
