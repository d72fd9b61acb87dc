"""One turn: find out who speaks, and have them served where they belong: in their group, or at the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot import outbox
from bot.chat import Incoming, Message, Place, Receipt
from bot.departures.closing import language_at
from bot.desk import doorstep, halves, which_group
from bot.desk.card_money import CardMoney
from bot.desk.cardnumber import holds_card_number
from bot.desk.identity import identified, undecided
from bot.desk.invoices import Invoices
from bot.desk.moving import follow
from bot.desk.occasion import Occasion
from bot.desk.provider_words import ProviderWords
from bot.desk.service import Service
from bot.desk.text import tidied
from bot.desk.threads import Threads
from bot.groups import apply as people_apply
from bot.groups.apply import GroupChosen
from bot.groups.people import Group
from bot.groups.voices import Speaker, room_at, speakers
from bot.ledger.books import Books
from bot.outbox import Letter
from bot.providers.accounts import Accounts
from bot.words import _, speaking


class Turn:
    """An update being served. It reads and writes through its connection only."""

    def __init__(
        self,
        connection: Connection,
        incoming: Incoming,
        now: datetime,
        draw_code: Callable[[], str],
        accounts: Accounts | None = None,
    ) -> None:
        self._connection = connection
        self._incoming = tidied(incoming)
        self._now = now
        self._draw_code = draw_code
        self._accounts = accounts or Accounts()

    def serve(self) -> Receipt:
        """Serve the update; give what is to be said beside a tapped button."""
        incoming = self._incoming
        if incoming.moved_to:
            follow(self._connection, incoming.place, incoming.moved_to)
        elif incoming.gone:
            self._mark(reached=False)
        elif incoming.paying is not None:
            return Invoices(self._money()).serve(incoming.paying)
        elif incoming.online is not None:
            ProviderWords(self._money()).serve(incoming.online)
        else:
            return self._speak()
        return Receipt()

    def _money(self) -> CardMoney:
        return CardMoney(self._connection, self._incoming, self._now, self._accounts)

    def _speak(self) -> Receipt:
        incoming = self._incoming
        known = speakers(self._connection, incoming.address)
        if holds_card_number(incoming.text) or (incoming.file is not None and holds_card_number(incoming.file.name)):
            return self._card_refused(known, incoming.message)
        threads = Threads(self._connection, incoming.address, incoming.place, self._now)
        first = halves.completed(self._connection, incoming, self._now) if incoming.text else None
        if first is not None:
            threads.close()  # it may hold what the first half was taken for
            return self._card_refused(known, f"{first} {incoming.message}")
        speaker, place = identified(self._connection, incoming, known, threads)
        if speaker is None or (place.private and doorstep.joins(incoming.text)):
            return self._at_the_door(known, speaker)
        if speaker.state == "unreachable":
            self._mark(reached=True)
        if undecided(incoming, known, threads):
            if not which_group.says(incoming):
                outbox.post(self._connection, which_group.asked(self._connection, incoming, known))
                return Receipt()
            people_apply.keep(self._connection, GroupChosen(incoming.address, speaker.group))
        if not speaker.latest:
            people_apply.mark_latest(self._connection, speaker)
        return self._served(speaker, place, threads)

    def _at_the_door(self, known: list[Speaker], speaker: Speaker | None) -> Receipt:
        with speaking(self._spoken([speaker] if speaker else [])):
            outbox.post(
                self._connection,
                doorstep.answer(self._connection, self._incoming, known, self._now, self._draw_code),
            )
        return Receipt()

    def _served(self, speaker: Speaker, place: Place, threads: Threads) -> Receipt:
        group = Group(self._connection, speaker.group)
        with speaking(speaker.language, group.settings.zone):
            occasion = Occasion(
                connection=self._connection, incoming=self._incoming, speaker=speaker, place=place, group=group,
                books=Books(self._connection, speaker.group, self._now), draw_code=self._draw_code,
                accounts=self._accounts,
            )  # fmt: skip
            service = Service(occasion, threads)
            service.serve()
            return Receipt(service.toast)

    def _card_refused(self, known: Sequence[Speaker], takes_away: str) -> Receipt:
        """Refuse messages that hold a card's number: nothing of it is read nor kept, and they are taken away (B25)."""
        place = self._incoming.place
        if not place.private and room_at(self._connection, place) is None:
            return Receipt()
        with speaking(self._spoken(known)):
            said = _(
                "⚠️ On dirait le numéro d'une carte bancaire. Je n'en ai rien gardé ; si votre message est encore là, effacez-le, "
                "pour que personne d'autre ne le lise. Pour payer par carte : /payer. Le numéro ne se donne que sur la page de "
                "paiement."
            )
        outbox.post(self._connection, [Letter(place, Message(said, takes_away=takes_away))])
        return Receipt()

    def _spoken(self, known: Sequence[Speaker]) -> str:
        """Give the language to answer in: theirs; of somebody who has left, the one they had; of a stranger, their app's."""
        spoken = known[0].language if known else language_at(self._connection, self._incoming.address)
        return spoken or self._incoming.language[:2]

    def _mark(self, *, reached: bool) -> None:
        people_apply.mark_reached(self._connection, self._incoming.place, reached=reached, at=self._now)


def apologise(connection: Connection, incoming: Incoming, reference: str, now: datetime) -> None:
    """Say sorry for a bug, and drop the conversation that met it (B48)."""
    Threads(connection, incoming.address, incoming.place, now).close()
    known = speakers(connection, incoming.address)
    if not incoming.place.private and room_at(connection, incoming.place) is None:
        return
    with speaking(known[0].language if known else "fr"):
        sorry = _(
            "Je n'ai pas réussi, ce n'est pas de votre fait (réf. {ref}). Rien n'a été enregistré.", ref=reference
        )
        outbox.post(connection, [Letter(incoming.place, Message(sorry))])
