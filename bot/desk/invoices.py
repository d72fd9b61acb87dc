"""Invoices that a chat shows by itself: whether one may be paid now, and what was paid (B25)."""

from __future__ import annotations

from bot.chat import Paying, Receipt
from bot.desk.card_money import CardMoney
from bot.groups.registry import list_groups
from bot.groups.voices import speakers
from bot.ledger.money import Cents
from bot.notices import online as words
from bot.online import links
from bot.online.reading import Checkout, checkout
from bot.words import _, speaking


class Invoices:
    """One update of a chat about an invoice."""

    def __init__(self, money: CardMoney) -> None:
        self._money = money

    def serve(self, paying: Paying) -> Receipt:
        """Take it in; where somebody is about to pay, say whether they may."""
        if paying.asks:
            return self._about_to_pay(paying)
        self._paid(paying)
        return Receipt()

    def _about_to_pay(self, paying: Paying) -> Receipt:
        """Say whether an invoice may be paid: not one that is over, nor one whose amount is no longer the right one."""
        known = {speaker.group: speaker for speaker in speakers(self._money.connection, self._money.incoming.address)}
        found = checkout(self._money.connection, paying.reference)
        speaker = known.get(found.group) if found else None
        spoken = speaker.language if speaker else self._money.incoming.language[:2]
        with speaking(spoken):
            if found is None or speaker is None or speaker.person.number != found.member:
                return Receipt(_("Cette facture n'est pas à votre nom. Demandez la vôtre au bot : /payer."))
            why_not = self._why_not(found, paying)
        return Receipt(why_not, may_pay=not why_not)

    def _why_not(self, found: Checkout, paying: Paying) -> str:
        """Say why an invoice may not be paid; nothing if it may."""
        if found.state == "paid":
            return _("C'est déjà payé. Rien n'a été débité.")
        over = found.expires_at is not None and self._money.now >= found.expires_at
        if found.state != "open" or over or (found.cents, "EUR") != (paying.cents, paying.currency):
            return _("Cette facture n'est plus valable. Demandez-en une autre au bot : /payer.")
        owed = self._money.owed(found)
        if not is_stale(found, owed):
            return ""
        links.end(self._money.connection, found.reference, "superseded")
        self._money.tell(found, lambda: words.stale(owed))
        return _("Le montant a changé depuis : le bot vous dit ce qu'il reste à payer. Rien n'a été débité.")

    def _paid(self, paying: Paying) -> None:
        """Credit an invoice that was paid in the chat: what was charged, whatever has happened since (B25)."""
        found = checkout(self._money.connection, paying.reference)
        if found is not None:
            self._money.credit(found, paying.payment, Cents(paying.cents), None)
            return
        provider = self._money.incoming.place.platform
        groups = [
            number
            for number, name in list_groups(self._money.connection)
            if self._money.accounts.named(provider, number, name)
        ]
        self._money.stray(groups, provider, paying.payment, paying.cents)


def is_stale(found: Checkout, owed: Cents) -> bool:
    """Tell whether the amount of an invoice is no longer the right one, now that so much is owed.

    One that was to settle everything must still do so; one that was less must not be more than there is to pay; one that
    was more, a topping up, is the member's own choice.
    """
    if found.cents > found.owed:
        return False
    return owed != found.owed if found.cents == found.owed else found.cents > owed
