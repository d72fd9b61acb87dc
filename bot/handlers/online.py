"""Paying by card on the Internet, giving back on the card, saying whose an unknown payment is (B25)."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from bot.conversation import Keep, Question, Record, Say, Script, ask
from bot.groups.people import Person
from bot.handlers.refunds import OwnCreditError
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.ledger.facts import Method, PaymentReceived, PaymentRefunded
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.settling import AccountClosedError
from bot.notices.online import provider_name
from bot.online.asking import LookedFor
from bot.online.facts import OnlineAsked, OnlineConfirmed, OnlineGivenBack, OnlinePaidOut, OnlineRefundAsked
from bot.online.reading import BY_HAND, OnlinePayment
from bot.providers.accounts import Offer
from bot.questions import MAX_AMOUNT, Amount, confirm, whole_number
from bot.wording import balance_of, rows, say_option, sentence
from bot.words import _

SEEN = "vu"


def card_offer(visit: Visit, cents: int | None = None) -> Offer | None:
    """Find who takes cards for the group in this chat, of this amount if it is known: nobody, if the group does not want it."""
    if Method.ONLINE.value not in visit.group.settings.methods or not visit.place.private:
        return None
    here = [offer for offer in visit.offers() if offer.platform in {"", visit.place.platform}]
    return next((offer for offer in here if cents is None or offer.takes(cents)), None)


def owed(visit: Visit) -> Cents:
    """Give what the speaker still has to pay, in cents, what is declared taken off."""
    return Cents(max(0, -visit.books.standing(visit.person.number).projected))


def asked(visit: Visit, offer: Offer, amount: Cents, due: Cents, distribution: int = 0) -> OnlineAsked:
    """Make the fact that has a link made. ``due``: what is owed when the amount is proposed, in cents."""
    code = visit.draw_code().replace("-", "")
    return OnlineAsked(
        visit.person.number, amount, f"{visit.group.number}-{code}", offer.name, due, distribution,
        visit.place.platform, visit.place.chat,
    )  # fmt: skip


def by_card(visit: Visit) -> Script:
    """Pay by card: « carte », « carte 2450 » for so many cents; « carte vu 1-abc… » has the provider asked at once."""
    if visit.words[:1] == (SEEN,) and len(visit.words) == 2:
        return _looked_for(visit, visit.words[1])
    if card_offer(visit) is None:
        return not_taken(visit)
    amount = yield from _amount(visit)
    offer = card_offer(visit, amount)
    if offer is None:
        return out_of_limits(visit)
    return Record.one(asked(visit, offer, amount, owed(visit)))


def not_taken(visit: Visit) -> Say:
    """Say that there is no paying by card here."""
    pay = rows([say_option(_("Payer autrement"), "payer")])
    if not visit.place.private:
        return Say(_("Écrivez-le-moi en privé, pas dans ce salon."))
    return Say(_("La carte en ligne n'est pas proposée ici."), pay)


def out_of_limits(visit: Visit) -> Say:
    """Say which amounts can be paid by card."""
    offer = card_offer(visit)
    assert offer is not None
    return Say(
        _("Par carte en ligne, on paie de {least:money} à {most:money}.", least=offer.smallest, most=offer.largest),
        rows([say_option(_("Autre montant"), "carte"), say_option(_("Payer autrement"), "payer")]),
    )


def _looked_for(visit: Visit, reference: str) -> Keep | str:
    found = visit.online.checkout(reference)
    if found is None or found.member != visit.person.number:
        return _("Je ne trouve pas ce paiement parmi les vôtres.")
    if found.state == "paid":
        return _("C'est payé : {amount:money*} par carte, déjà sur votre compte.", amount=found.cents)
    return Keep(LookedFor(reference), _("Je demande au prestataire. Dès qu'il confirme, je vous le dis ici."))


def _amount(visit: Visit) -> Generator[Question[Any], Any, Cents]:
    """Take the amount of a button, unless it is more than is owed by now; else ask for it."""
    named, due = whole_number(visit.words[0]) if visit.words else None, owed(visit)
    if named and named <= MAX_AMOUNT and (not due or named <= due):
        return Cents(named)
    likely = tuple(dict.fromkeys(Cents(cents) for cents in (due, named or 0) if 0 < cents <= MAX_AMOUNT))
    return (yield from ask(Amount("montant", _("Combien voulez-vous payer par carte ?"), likely)))


def returnable(visit: Visit, person: Person) -> list[OnlinePayment]:
    """List a member's payments by card that can still be given back, newest first."""
    return visit.online.refundable(person.number)


def give_back_by_card(visit: Visit, person: Person, amount: Cents) -> Script:
    """Give money back on the card that paid: through the provider, or noted once somebody has done it on its site."""
    paid = returnable(visit, person)
    offers = {offer.name: offer for offer in visit.offers()}
    found = next((payment for payment in paid if _gives(payment, offers, amount)), None)
    if found is None:
        return _too_much(person, paid, offers)
    by_hand = found.provider not in offers or not offers[found.provider].gives_back
    if by_hand and visit.needs_another(person.number):  # the money would be gone before the other one agrees
        return visit.anothers(OwnCreditError)
    question = _by_hand_words(person, amount, found) if by_hand else _through_words(person, amount, found)
    after = Cents(visit.left_to_give(person.number) - amount)
    if after < 0:
        debt = sentence(balance_of(person.name, after))
        question = _("⚠️ {question} Ensuite : {debt}", question=question, debt=debt)
    if not (yield from confirm(question, _("C'est rendu") if by_hand else _("Rendre"))):
        return _("Rien n'a été enregistré.")
    return Record(_refund_facts(visit, person, amount, found, by_hand=by_hand))


def _gives(payment: OnlinePayment, offers: Mapping[str, Offer], amount: Cents) -> bool:
    """Tell whether an amount can go back from a payment: a part of what is left, unless its provider gives back wholes."""
    offer = offers.get(payment.provider)
    whole_only = offer is not None and offer.gives_back and not offer.in_parts
    return payment.cents == payment.left == amount if whole_only else payment.left >= amount


def _too_much(person: Person, paid: Sequence[OnlinePayment], offers: Mapping[str, Offer]) -> str:
    """Say what can go back on a member's card instead."""
    wholes = [
        payment for payment in paid if _gives(payment, offers, payment.cents) and not _gives(payment, offers, Cents(1))
    ]
    if wholes:
        amounts = ", ".join(_("{amount:money}", amount=payment.cents) for payment in wholes[:5])
        return _("{provider} ne rend un paiement qu'en entier. Pour {name} : {amounts}. Rien n'a changé.",
                 provider=provider_name(wholes[0].provider), name=person.name, amounts=amounts)  # fmt: skip
    most = max((payment.left for payment in paid), default=Cents(0))
    return _("On ne rend sur une carte que ce qu'elle a payé : {most:money} au plus en une fois pour {name}. Rien n'a "
             "changé.", most=most, name=person.name)  # fmt: skip


def _through_words(person: Person, amount: Cents, found: OnlinePayment) -> str:
    return _("Rendre {amount:money*} à {name}, sur la carte de son paiement du {at:day}, par {provider} ?",
             amount=amount, name=person.name, at=found.at, provider=provider_name(found.provider))  # fmt: skip


def _by_hand_words(person: Person, amount: Cents, found: OnlinePayment) -> str:
    return _("{provider} ne me laisse pas rendre l'argent moi-même. Rendez {amount:money*} à {name} sur le site du "
             "prestataire (paiement du {at:day}, n° {external}), puis confirmez ici.",
             provider=provider_name(found.provider), amount=amount, name=person.name, at=found.at,
             external=found.external[:60])  # fmt: skip


def _refund_facts(
    visit: Visit, person: Person, amount: Cents, found: OnlinePayment, *, by_hand: bool
) -> tuple[OnlineRefundAsked | PaymentRefunded | OnlineGivenBack, ...]:
    reference = f"{visit.group.number}-r-{visit.draw_code().replace('-', '')}"
    begun = OnlineRefundAsked(person.number, amount, reference, found.provider, found.external, by_hand)
    if not by_hand:
        return (begun,)
    back = OnlineGivenBack(
        person.number, amount, reference, found.provider, found.external, BY_HAND + reference, visit.person.number
    )
    return (begun, PaymentRefunded(person.number, amount, Method.ONLINE), back)


def attribute(visit: Visit) -> Script:
    """Say whose an unknown payment by card is: « attribuer 345 », the number of the fact that told of it."""
    number = whole_number(visit.words[0]) if visit.words else None
    found = visit.online.stray(number) if number is not None else None
    if found is None:
        return _("Je ne trouve pas ce paiement en ligne.")
    provider, external, known = found
    amount = known or (yield from ask(Amount("montant", _("Combien le prestataire a-t-il reçu ?"))))
    whose = _("De qui est ce paiement de {amount:money*} ?", amount=amount)
    person = yield from which_member(visit, whose, gone=Gone.ANYBODY)
    if person.closed:
        return _(AccountClosedError.sentence, member=person.number)
    question = _("{amount:money*} reçus en ligne par {provider} : pour {name} ?",
                 amount=amount, provider=provider_name(provider), name=person.name)  # fmt: skip
    if not (yield from confirm(question)):
        return _("Rien n'a été enregistré.")
    received = PaymentReceived(person.number, amount, Method.ONLINE)
    return Record((received, OnlineConfirmed(person.number, amount, provider, external)))


def paid_out(visit: Visit) -> Script:
    """Note what providers have sent on to the group's bank: « vire 480 » (B2, B34)."""
    held = visit.books.held(GroupAccount.ONLINE)
    if held <= 0:
        return _("D'après les comptes, aucun prestataire ne garde d'argent pour le groupe.")
    question = _(
        "Les prestataires gardent {held:money*} pour le groupe. Combien ont-ils viré sur son compte ?", held=held
    )
    amount = yield from ask(Amount("montant", question, (held,)))
    if not (
        yield from confirm(_("{amount:money*} virés par les prestataires sur le compte du groupe ?", amount=amount))
    ):
        return _("Rien n'a été enregistré.")
    return Record.one(OnlinePaidOut(amount))
