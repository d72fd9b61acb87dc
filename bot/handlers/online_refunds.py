"""A refund of which no provider tells the end, closed by hand by somebody who has looked (B25, B43)."""

from __future__ import annotations

from bot.conversation import Record, Say, Script
from bot.handlers.refunds import OwnCreditError
from bot.handlers.visit import Visit
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Method, PaymentRefunded
from bot.notices.online import provider_name
from bot.online.facts import OnlineGivenBack, OnlineRefundRefused
from bot.online.reading import BY_HAND, CardRefund
from bot.questions import confirm, whole_number
from bot.words import _


class NoSuchRefundError(Refusal):
    """There is no such refund on a card."""

    sentence = N_("Je ne trouve pas ce remboursement sur carte.")


NOT_MADE = "not made"
"""Why a refund is refused that somebody saw was not made."""
COUNTED = "counted"
"""Why a refund is refused that was made by hand at the provider's own site, which told of it: it is in the books (B28)."""


def close(visit: Visit) -> Script:
    """Say what became of a refund: « carterendue oui 12 », « carterendue non 12 », by the fact that asked for it.

    Whatever is said, what the provider shows later is compared: it never counts twice.
    """
    number = whole_number(visit.words[1]) if len(visit.words) == 2 else None
    found = visit.online.refund(number) if number is not None else None
    if found is None or visit.words[0] not in {"oui", "non"}:
        return _(NoSuchRefundError.sentence)
    if found.state == "asked" and visit.needs_another(found.member):
        return _(OwnCreditError.sentence)
    made = visit.words[0] == "oui"
    meanwhile = made and found.state == "asked" and visit.online.shown_meanwhile(found)
    if meanwhile and (yield from confirm(_counted_question(visit, found))):
        counted = OnlineRefundRefused(found.member, found.cents, found.reference, COUNTED)
        return Record((counted,), said=Say(_("C'est noté : je ne le demande plus.")))
    if found.state == "asked" and not (yield from confirm(_question(visit, found, made=made))):
        return _("Rien n'a changé : je continue de demander au prestataire.")
    if not made:
        return Record.one(OnlineRefundRefused(found.member, found.cents, found.reference, NOT_MADE))
    back = OnlineGivenBack(
        found.member, found.cents, found.reference, found.provider, found.external, BY_HAND + found.reference,
        found.asked_by,
    )  # fmt: skip
    return Record((PaymentRefunded(found.member, found.cents, Method.ONLINE), back))


def _counted_question(visit: Visit, found: CardRefund) -> str:
    return _("{amount:money*} rendus à {name} depuis le site de {provider} sont déjà inscrits. Est-ce ce remboursement-là ?",
             amount=found.cents, name=visit.group.name_of(found.member), provider=provider_name(found.provider))  # fmt: skip


def _question(visit: Visit, found: CardRefund, *, made: bool) -> str:
    name, provider = visit.group.name_of(found.member), provider_name(found.provider)
    if made:
        return _("Vous avez vu sur le site de {provider} que {amount:money*} ont été rendus à {name} ?",
                 provider=provider, amount=found.cents, name=name)  # fmt: skip
    return _("Vous avez vu sur le site de {provider} que {amount:money*} n'ont pas été rendus à {name} ? Je ne le demanderai "
             "plus.", provider=provider, amount=found.cents, name=name)  # fmt: skip
