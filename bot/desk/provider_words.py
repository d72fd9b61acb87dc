"""What providers of online payments say, taken in: each of their words has its effect once (B25, B46).

Nobody in the group speaks here: the facts have no author, and the members concerned are told.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bot.chat import Invoice
from bot.desk.card_money import CardMoney
from bot.desk.withdrawals import TRIED_AGAIN_AFTER, returned, take_in
from bot.groups.chosen import settings
from bot.groups.people import Group
from bot.groups.registry import list_groups
from bot.ledger.money import Cents
from bot.notices import online as words
from bot.notices import online_back
from bot.notices.telling import Written
from bot.online import links
from bot.online.answers import (
    Made,
    MakingSlow,
    Noticed,
    NotMade,
    NotReturned,
    Reported,
    Returned,
    ReturningSlow,
    Unanswered,
    WentBack,
)
from bot.online.asking import REFUND, ask_now, errand, next_ask
from bot.online.facts import OnlineRefundRefused
from bot.online.reading import ALIVE, NOT_YET_KNOWN, Checkout, checkout, payment, refund
from bot.online.watching import look_now
from bot.providers import MOST_DESCRIPTION, MOST_TITLE, Report, State
from bot.words import speaking

log = structlog.get_logger()

MOST_NAME = 100
"""Letters of a group's name in an invoice: the rest of what it says must fit."""


class ProviderWords:
    """One answer of a provider, or one word that it said by itself."""

    def __init__(self, money: CardMoney) -> None:
        self._money = money
        self._connection = money.connection
        self._now = money.now

    def serve(self, answer: object) -> None:
        """Take an answer in."""
        match answer:
            case Made() as made:
                self._made(made)
            case NotMade(reference, why):
                self._not_made(reference, why)
            case MakingSlow(reference):
                self._tell_alive(reference, lambda found: words.making_slow(found.cents))
            case Reported(reference, report):
                self._reported(reference, report)
            case Noticed() as told:
                self._noticed(told)
            case Returned(reference, name):
                self._returned(reference, name)
            case NotReturned(reference, why):
                self._not_returned(reference, why)
            case ReturningSlow() | Unanswered():
                self._about_refund(answer)
            case WentBack() as told:
                take_in(self._money, told)
            case unknown:
                raise TypeError(f"an answer nobody understands: {type(unknown).__name__}")

    def _made(self, answer: Made) -> None:
        """Show where to pay, if that is still wanted."""
        found = checkout(self._connection, answer.reference)
        if found is None:
            return
        over = answer.expires_at + NOT_YET_KNOWN
        ask_at = next_ask(found.created_at, answer.expires_at, self._now) if answer.url else over
        if links.made(
            self._connection, answer.reference, external=answer.external, expires_at=answer.expires_at,
            ask_at=ask_at or over,
        ):  # fmt: skip
            self._show(found, answer)

    def _show(self, found: Checkout, answer: Made) -> None:
        if answer.url:
            self._money.tell(found, lambda: words.link_ready(
                found.cents, answer.url, found.reference, found.provider, answer.expires_at,
            ))  # fmt: skip
            return
        self._money.tell(found, lambda: Written(""), self._invoice(found))

    def _invoice(self, found: Checkout) -> Invoice:
        chosen = settings(self._connection, found.group)
        account = self._money.accounts.account(found.provider, found.group, chosen.name)
        with speaking(chosen.language, chosen.zone):
            said = f"{words.invoice_words(found.cents, chosen.name[:MOST_NAME])} {words.invoice_warning()}"
        return Invoice(
            found.reference, chosen.name[:MOST_TITLE], said[:MOST_DESCRIPTION], found.cents, chosen.currency,
            account.group if account else "",
        )  # fmt: skip

    def _not_made(self, reference: str, why: str) -> None:
        found = checkout(self._connection, reference)
        if found is not None and links.end(self._connection, reference, "failed"):
            self._money.tell(found, lambda: words.not_made(found.cents, why))

    def _reported(self, reference: str, report: Report) -> None:
        """Credit what was paid; end what is over. What a provider says was for another reference is nobody's."""
        found = checkout(self._connection, reference)
        if found is None:
            return
        if report.state is State.PAID:
            if report.reference not in {"", reference}:
                self._money.stray([found.group], found.provider, report.payment, report.cents)
                return
            self._money.credit(found, report.payment, Cents(report.cents), _known(report.fee_cents))
        elif report.state is not State.PENDING or found.ended(self._now):
            self._over(found, failed=report.state is State.FAILED)

    def _over(self, found: Checkout, *, failed: bool) -> None:
        """End a link; say so to who still has something to pay by it."""
        was_alive = links.end(self._connection, found.reference, "failed" if failed else "expired")
        if was_alive and (self._money.owed(found) or found.cents > found.owed):
            self._money.tell(found, lambda: words.link_over(found.cents, failed=failed))

    def _noticed(self, answer: Noticed) -> None:
        """Ask the provider about a payment that it speaks of; one that is nobody's is told to those whose account it is."""
        told = answer.notification
        if told.withdrawn:
            self._withdrawn(answer)
            return
        found = checkout(self._connection, told.reference) if told.reference else None
        if found is not None and self._money.is_theirs(found.group, answer.provider, answer.account):
            ask_now(self._connection, found.reference, self._now)
            return
        groups = [number for number, _name in list_groups(self._connection)]
        theirs = [number for number in groups if self._money.is_theirs(number, answer.provider, answer.account)]
        if told.payment or told.external:
            self._money.stray(theirs, answer.provider, told.payment or told.external, told.cents)

    def _withdrawn(self, answer: Noticed) -> None:
        """Ask what went back of a payment of ours; of other programs' payments nothing is kept."""
        paid = payment(self._connection, answer.provider, answer.notification.payment)
        if paid is not None and self._money.is_theirs(paid.group, answer.provider, answer.account):
            look_now(self._connection, paid.provider, paid.external, self._now)

    def _returned(self, reference: str, name: str) -> None:
        """Post a refund that the provider has made. Where the books refuse, it is asked again: the provider answers alike."""
        found = refund(self._connection, reference)
        if found is None:
            return
        if found.state != "asked":  # closed by hand meanwhile, as made or not: what the provider shows is compared
            look_now(self._connection, found.provider, found.external, self._now)
            return
        if not self._money.record(found.group, returned(found, name)):
            errand(self._connection, REFUND, reference, not_before=self._now + TRIED_AGAIN_AFTER)

    def _not_returned(self, reference: str, why: str) -> None:
        found = refund(self._connection, reference)
        if found is not None and found.state == "asked":
            self._money.record(found.group, [OnlineRefundRefused(found.member, found.cents, reference, why)])

    def _about_refund(self, answer: ReturningSlow | Unanswered) -> None:
        """Write to the coordinators about a refund that is neither made nor refused."""
        found = refund(self._connection, answer.reference)
        if found is None or found.state != "asked":
            return
        write = words.refund_slow if isinstance(answer, ReturningSlow) else online_back.refund_unanswered
        group = Group(self._connection, found.group)
        for place, language in group.coordinators_places():
            self._money.post(group, place, language, lambda: write(group.name_of(found.member), found))

    def _tell_alive(self, reference: str, write: Callable[[Checkout], Written]) -> None:
        found = checkout(self._connection, reference)
        if found is not None and found.state in ALIVE:
            self._money.tell(found, lambda: write(found))


def _known(cents: int | None) -> Cents | None:
    return None if cents is None else Cents(cents)
