"""Messages that stay true: the payments to decide, a member at the pickup. Pure: books in, text and buttons out."""

from __future__ import annotations

from bot.cards.pending import pending_card
from bot.cards.pickup import pickup_card
from bot.cards.refunds import refunds_card
from bot.cards.requests import requests_card
from bot.chat import Message
from bot.departures.facts import MemberLeft, PersonalDataErased
from bot.groups.facts import AddressRevoked, RightGiven
from bot.groups.people import Group, Right
from bot.groups.written import ChequeDescribed
from bot.ledger.books import Books
from bot.ledger.facts import (
    Fact,
    FactReversed,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.settling import BalanceWrittenOff, CreditGiven
from bot.market.facts import (
    OrderAdjusted,
    OrderPlaced,
    PaymentPlanned,
    PlanEnded,
    ProductsAdded,
    RemovalAsked,
    RemovalDecided,
    VisitEnded,
)
from bot.market.market import Market, Phase
from bot.market.offer_facts import DistributionCancelled, DistributionValidated
from bot.online.back_facts import OnlineRestored, OnlineTakenBack
from bot.reminders.facts import RefundAsked, RefundDecided, RefundWithdrawn
from bot.reminders.view import Dues
from bot.words import _

PENDING = "pending"
PICKUP = "pickup"
REQUESTS = "requests"
REFUNDS = "refunds"

NEEDS = {PENDING: Right.TREASURY, PICKUP: Right.PICKUP, REQUESTS: Right.TREASURY, REFUNDS: Right.TREASURY}
"""The right it takes to read each card: where nobody has it any more, the card is taken away (B40)."""

BROUGHT_BY: dict[type[Fact], str] = {PaymentDeclared: PENDING, RemovalAsked: REQUESTS, RefundAsked: REFUNDS}
"""Which card a fact brings to the bottom of the coordinators' chats: something new is to be decided there."""

_DECIDED = (PaymentDeclared, PaymentWithdrawn, PaymentValidated, PaymentRefused, FactReversed, ChequeDescribed)
_OF_AN_AVOIR = (PaymentRefunded, FactReversed, CreditGiven, BalanceWrittenOff, OnlineTakenBack, OnlineRestored)
_WHO_READS_IT = (RightGiven, AddressRevoked, MemberLeft, PersonalDataErased)
_ENDINGS = (DistributionValidated, DistributionCancelled)
_AT_THE_PICKUP = (
    *(PaymentReceived, PaymentRefunded, OpeningBalanceEntered, BalanceWrittenOff, CreditGiven),
    *(OnlineTakenBack, OnlineRestored),
    *(OrderPlaced, ProductsAdded, OrderAdjusted, PaymentPlanned, PlanEnded, VisitEnded),
    *_ENDINGS,
)


def cards_of(fact: Fact, market: Market) -> set[str]:
    """Tell which cards a fact changes, by name: those of a pickup only while there is one, and as it ends."""
    if isinstance(fact, _WHO_READS_IT):
        return {PENDING, PICKUP, REQUESTS, REFUNDS}
    if isinstance(fact, RemovalAsked | RemovalDecided):
        return {REQUESTS}
    if isinstance(fact, RefundAsked | RefundWithdrawn | RefundDecided):
        return {REFUNDS}
    going = isinstance(fact, _ENDINGS) or market.in_phase(Phase.CLOSED, Phase.ON, Phase.OVER)
    pickup = {PICKUP} if going and isinstance(fact, _DECIDED + _AT_THE_PICKUP) else set()
    given_back = {REFUNDS} if isinstance(fact, _OF_AN_AVOIR) else set()
    return ({PENDING} | pickup if isinstance(fact, _DECIDED) else pickup) | given_back


def draw(name: str, books: Books, group: Group, market: Market, at: int, dues: Dues) -> Message:
    """Draw a card as it is true now; ``at`` is what it was turned to: a payment, a member at a distribution."""
    if name == PICKUP:
        return pickup_card(books, group, market, at)
    if name == REQUESTS:
        return requests_card(group, market, at)
    if name == REFUNDS:
        return refunds_card(books, group, dues, at)
    assert name == PENDING, name
    return pending_card(books, group, at)


def retired(name: str) -> Message:
    """Draw what is left of a card that has moved to the bottom of its chat."""
    words = {PENDING: _("À valider : voir plus bas."), REQUESTS: _("Retraits demandés : voir plus bas."),
             REFUNDS: _("Remboursements demandés : voir plus bas.")}  # fmt: skip
    return Message(words.get(name) or _("Accueil : voir plus bas."))


def taken_away() -> Message:
    """Draw what is left of a card where nobody may read it any more (B40)."""
    return Message(_("Cette liste ne vous est plus montrée : vos droits ont changé."))
