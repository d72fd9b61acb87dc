"""What is told by itself of distributions: orders open, close soon, have closed; one that is over is to be validated (B31, B33)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.conversation import Rows
from bot.groups.facts import AnnouncementsChosen
from bot.groups.people import Person
from bot.ledger.facts import Fact
from bot.market.calendar import utc
from bot.market.described import ordered_words, when_and_where
from bot.market.market import Distribution
from bot.market.offer_facts import ClosingRecalled, OrdersClosed, OrdersOpened, ValidationRecalled
from bot.notices.distributions import live_orders, see, the_distribution
from bot.notices.telling import Notice, Telling, Written
from bot.wording import rows, say_option
from bot.words import _, _n

SLEEPING = time(22)
"""Nothing is worth reading of a closing after this, by the group's clock (B47)."""


def _opened(told: Telling) -> list[Notice]:
    """Tell the members who want it and have no order yet (B31)."""
    distribution = the_distribution(told)
    ordered = {order.member for order in live_orders(told)}

    def to_member() -> Written:
        said = _("Les commandes sont ouvertes pour la distribution : {when:*}. À faire avant le {closes:moment}.",
                 when=when_and_where(distribution), closes=distribution.closes_at)  # fmt: skip
        return Written(said, _to_order(distribution))

    useful_for = distribution.closes_at - told.books.now
    return [
        Notice("member", to_member, member=person.number, useful_for=useful_for)
        for person in told.group.told_of_openings()
        if person.number not in ordered
    ]


def _to_order(distribution: Distribution, *, basket: bool = False) -> Rows:
    which = f"commander d{distribution.number}"
    first = say_option(_("Revoir le panier"), f"{which} panier") if basket else say_option(_("Commander"), which)
    return rows([first, say_option(_("Ne plus m'avertir"), "annonces non")])


def _closing_recalled(told: Telling) -> list[Notice]:
    """Tell those who have not ordered; a basket that waits is worth a word (B12, B31)."""
    distribution = the_distribution(told)
    ordered, choosing = {order.member for order in live_orders(told)}, told.market.choosing(distribution.number)
    useful_for = _end_of_evening(told, distribution) - told.books.now
    return [
        Notice(
            "member", _closes_soon(told, distribution, person, choosing), member=person.number, useful_for=useful_for
        )
        for person in told.group.told_of_openings()
        if person.number not in ordered
    ]


def _closes_soon(
    told: Telling, distribution: Distribution, person: Person, choosing: set[int]
) -> Callable[[], Written]:
    zone = ZoneInfo(told.group.settings.zone)
    today = told.books.now.astimezone(zone).date() == distribution.closes_at.astimezone(zone).date()
    waits = person.number in choosing

    def to_member() -> Written:
        when = {"at": distribution.starts_at, "closes": distribution.closes_at}
        if today:
            said = _("Les commandes pour le {at:day} ferment aujourd'hui à {closes:time}.", **when)
        else:
            said = _("Les commandes pour le {at:day} ferment demain à {closes:time}.", **when)
        basket = _("Votre panier attend d'être confirmé.") if waits else _("Vous n'avez pas encore commandé.")
        return Written(f"{said} {basket}", _to_order(distribution, basket=waits))

    return to_member


def _end_of_evening(told: Telling, distribution: Distribution) -> datetime:
    """Give the moment after which « demain » would be wrong, or is read by people asleep (B47)."""
    zone = ZoneInfo(told.group.settings.zone)
    tonight = datetime.combine(told.books.now.astimezone(zone).date(), SLEEPING)
    return min(distribution.closes_at, utc(tonight, zone))


def _closed(told: Telling) -> list[Notice]:
    """Tell the coordinators how much was ordered; nobody is told of a distribution that is over (B40, B47)."""
    distribution = the_distribution(told)
    if told.books.now >= distribution.ends_at:
        return []

    def to_coordinators() -> Written:
        said = _("Les commandes sont closes pour le {at:moment}, {place} : {ordered}.", at=distribution.starts_at,
                 place=distribution.place, ordered=ordered_words(told.market.orders(distribution.number)))  # fmt: skip
        return Written(said, see(distribution))

    return [Notice("coordinators", to_coordinators, useful_for=distribution.ends_at - told.books.now)]


def _validation_recalled(told: Telling) -> list[Notice]:
    """Ask the coordinators to validate: at the end, a day and three days later (B33)."""
    distribution, fact = the_distribution(told), told.fact
    planned = len(told.market.plans(distribution=distribution.number))

    def to_coordinators() -> Written:
        if fact.step == 1:
            said = _("La distribution du {at:day} est finie : il reste à la valider.", at=distribution.starts_at)
        else:
            said = _("⏳ La distribution du {at:day} n'est toujours pas validée.", at=distribution.starts_at)
        undecided = _n("{n} paiement prévu est à décider.", "{n} paiements prévus sont à décider.", planned)
        which = f"d{distribution.number}"
        close = say_option(_("Valider la distribution"), f"cloturer {which}")
        options = rows([close, say_option(_("Encaissements"), f"encaissements {which}")], 2)
        return Written(f"{said} {undecided}" if planned else said, options)

    return [Notice("coordinators", to_coordinators, useful_for=timedelta(days=2))]


def _announcements_chosen(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.fact.wanted:
            said = _("✅ Je vous dirai quand les commandes ouvrent, et la veille de leur fermeture.")
            return Written(said, rows([say_option(_("Ne plus m'avertir"), "annonces non")]))
        said = _("C'est noté : je ne vous dirai plus quand les commandes ouvrent et ferment.")
        return Written(said, rows([say_option(_("M'avertir"), "annonces oui")]))

    return [Notice("author", to_author)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    OrdersOpened: _opened,
    ClosingRecalled: _closing_recalled,
    OrdersClosed: _closed,
    ValidationRecalled: _validation_recalled,
    AnnouncementsChosen: _announcements_chosen,
}
