"""What the outcome of a conversation does: facts recorded by every area, notices posted, cards redrawn. All or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text

from bot import areas, outbox
from bot.cards import BROUGHT_BY, cards_of
from bot.chat import Address, Incoming, Place
from bot.conversation import Keep, Outcome, Record, Say, ShowCard
from bot.departures.closing import closings
from bot.desk.occasion import Occasion
from bot.desk.voice import post
from bot.groups import apply as people_apply
from bot.groups import proposals
from bot.groups.facts import Proposed
from bot.groups.people import Group, Person, Right
from bot.groups.voices import Speaker
from bot.ledger.books import Books
from bot.ledger.decisions import AlreadyDecidedError
from bot.ledger.errors import Refusal
from bot.ledger.facts import Fact
from bot.ledger.journal import Recorded
from bot.ledger.prepared import Prepared
from bot.market import apply as market_apply
from bot.market.apply import BasketKept
from bot.market.market import Market
from bot.notices import Telling, Written, notices
from bot.notices.letters import Answered, letters
from bot.notices.proposals import asked_of_others
from bot.online.asking import LookedFor, ask_now
from bot.outbox import Letter
from bot.wording import rows, say_option
from bot.wording.facts import already_decided
from bot.words import _, speaking, told

_SAVE = Prepared(text("SAVEPOINT outcome"))
_UNDO = Prepared(text("ROLLBACK TO outcome"))
_FORGET = Prepared(text("RELEASE outcome"))


@dataclass(frozen=True)
class Refused:
    """Nothing of an outcome was kept; ``sentence`` says why."""

    sentence: str


class Effects:
    """One turn's effects."""

    def __init__(self, occasion: Occasion) -> None:
        self._occasion = occasion
        self._connection = occasion.connection
        self._books = occasion.books
        self._group = occasion.group
        self._speaker = occasion.speaker

    def carry_out(self, outcome: Outcome) -> Say | Refused:
        """Carry an outcome out; give what is said to the speaker. A refusal undoes all of it and says why (B48)."""
        match outcome:
            case str():
                return Say(outcome)
            case Say():
                return outcome
            case Keep(draft, said):
                self._keep(draft)
                return Say(said) if isinstance(said, str) else said
            case Record(facts, _then, said):
                answer = self._record_or_refuse(facts)
                return answer if said is None or isinstance(answer, Refused) else said
        raise TypeError(f"a conversation ended in {outcome!r}")

    def _keep(self, draft: object) -> None:
        if isinstance(draft, BasketKept):
            market_apply.keep(self._connection, draft)
        elif isinstance(draft, LookedFor):
            ask_now(self._connection, draft.reference, self._books.now)
        else:
            people_apply.keep(self._connection, draft)

    def why_not(self, facts: Sequence[Fact]) -> str:
        """Say why facts would be refused, nothing if they would not be; nothing is kept in either case."""
        self._connection.exec_driver_sql("SAVEPOINT trial")
        said = self._record_or_refuse(facts)
        self._connection.exec_driver_sql("ROLLBACK TO trial")
        self._connection.exec_driver_sql("RELEASE trial")
        return said.sentence if isinstance(said, Refused) else ""

    def show_card(self, card: ShowCard) -> None:
        """Show a card at the bottom of this chat, from now on kept true there."""
        outbox.show_card(
            self._connection, group=self._group.number, name=card.name, place=self._occasion.place,
            language=self._speaker.language, at=card.at,
        )  # fmt: skip

    def turn_card(self, card: ShowCard) -> None:
        """Turn a page of the card that is in this chat."""
        outbox.turn_card(
            self._connection, group=self._group.number, name=card.name, place=self._occasion.place, at=card.at
        )

    def _record_or_refuse(self, facts: Sequence[Fact]) -> Say | Refused:
        _SAVE.do(self._connection, {})
        try:
            said = self._record(facts)
        except Refusal as refusal:
            _UNDO.do(self._connection, {})
            _FORGET.do(self._connection, {})
            return Refused(self._refusal_words(refusal))
        _FORGET.do(self._connection, {})
        return said

    def _refusal_words(self, refusal: Refusal) -> str:
        if isinstance(refusal, AlreadyDecidedError):
            return already_decided(refusal, self._group)
        return told(refusal)

    def _record(self, facts: Sequence[Fact]) -> Say:
        person = self._speaker.person
        now = self._books.now
        proposing = proposals.needs_another(self._group, person, facts, now)
        if proposing:
            due_at = proposals.due_at(self._group, person, facts, now)
            facts = (Proposed(person.number, proposals.written(facts), due_at),)
        recorded = [self._record_one(fact, rank) for rank, fact in enumerate(facts)]
        market = self._market()
        said, sent = self._told(recorded, market)
        # accounts that this has brought to their end (B44)
        ends = closings(self._connection, self._group.number, facts)
        ended = [self._record_one(fact, rank) for rank, fact in enumerate(ends, start=len(recorded))]
        more, others = self._told(ended, market)
        if proposing:
            sent += asked_of_others(self._group, self._books, person, recorded[0].number)
        post(self._occasion, [*sent, *others])
        self._redraw([*recorded, *ended], market)
        return _told_author([*said, *more])

    def _told(self, recorded: Sequence[Recorded], market: Market) -> tuple[list[Written], list[Letter]]:
        """Write what the author is answered, and the letters to the others: now, while those concerned still have a name."""
        told = [notice for done in recorded for notice in notices(self._telling(done, market))]
        answered = Answered(self._speaker.person.number, self._occasion.incoming.address, self._occasion.place)
        sent = [letter for notice in told for letter in letters(self._group, notice, self._books.now, answered)]
        return [notice.write() for notice in told if notice.to == "author"], sent

    def _record_one(self, fact: Fact, rank: int) -> Recorded:
        incoming = self._occasion.incoming
        day = self._books.now.date().isoformat()  # Telegram's ids may come again after a silent week
        key = f"{incoming.address.platform}:{incoming.bot}:{incoming.key}@{day}/{rank}"
        return areas.record(
            self._connection, group=self._speaker.group, fact=fact, author=self._speaker.person.number or None,
            at=self._books.now, key=key,
        )  # fmt: skip

    def _telling(self, recorded: Recorded, market: Market) -> Telling:
        return Telling(recorded, self._books, self._group, market, self._occasion.links, self._occasion.dues)

    def _market(self) -> Market:
        """Read the market as it is after the facts."""
        return Market(self._connection, self._group.number, self._books.now)

    def _redraw(self, recorded: Sequence[Recorded], market: Market) -> None:
        for name in {name for done in recorded for name in cards_of(done.fact, market)}:
            outbox.redraw_card(self._connection, group=self._speaker.group, name=name)
        for name in {BROUGHT_BY[type(done.fact)] for done in recorded if type(done.fact) in BROUGHT_BY}:
            self._bring_card(name)

    def _bring_card(self, name: str) -> None:
        """Bring a card to where coordinators see it: there is something new to decide (B9, B20)."""
        group = self._speaker.group
        have = {(p.platform, p.chat) for p in outbox.card_places(self._connection, group=group, name=name)}
        outbox.bring_card_back(self._connection, group=group, name=name, now=self._books.now)
        for place, language in self._group.coordinators_places():
            if (place.platform, place.chat) not in have:
                outbox.show_card(self._connection, group=group, name=name, place=place, language=language)


def by_nobody(
    connection: Connection, number: int, incoming: Incoming, facts: Sequence[Fact], now: datetime
) -> Say | Refused:
    """Record facts that nobody in the group made, all or none; whoever is concerned is told, at all their addresses."""
    group = Group(connection, number)
    nobody = Speaker(number, Person(0, "", Right.MEMBER), 0, "linked", group.settings.language, current=False)
    platform = incoming.address.platform
    occasion = Occasion(
        connection=connection, incoming=replace(incoming, address=Address(platform, "")), speaker=nobody,
        place=Place(platform, ""), group=group, books=Books(connection, number, now), draw_code=str,
    )  # fmt: skip
    with speaking(group.settings.language, group.settings.zone):
        return Effects(occasion).carry_out(Record(tuple(facts)))


def _told_author(said: Sequence[Written]) -> Say:
    """Make the answer of the turn: of many facts alike, their count (an import)."""
    if len(said) > 3:
        return Say(_("✅ C'est fait : {n} lignes enregistrées.", n=len(said)))
    options = tuple(dict.fromkeys(row for words in said for row in words.options)) if len(said) < 3 else ()
    labels = [option.label for row in options for option in row]
    if len(set(labels)) < len(labels):  # two buttons that read the same: one that asks which
        options = rows([say_option(_("↩️ Corriger"), "corriger")])
    attachment = next((words.attachment for words in said if words.attachment), None)
    return Say("\n".join(words.text for words in said) or _("C'est noté."), options, attachment)
