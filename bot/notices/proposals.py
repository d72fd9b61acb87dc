"""What is said of what takes two coordinators: proposed, agreed to, withdrawn, objected to, done in silence (B43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bot.chat import Place
from bot.groups import proposals
from bot.groups.facts import ProposalDecided, Proposed
from bot.groups.people import Group, Person
from bot.ledger.books import Books
from bot.ledger.facts import Fact
from bot.notices.letters import letter
from bot.notices.telling import Notice, Telling, Written
from bot.outbox import Letter
from bot.wording import rows, say_option
from bot.wording.facts import proposal_words
from bot.words import _


def _proposed(told: Telling) -> list[Notice]:
    facts = proposals.read(told.fact.facts)

    def to_author() -> Written:
        if told.fact.due_at is not None:
            said = _("Qui coordonne se décide à deux : je demande son accord à un autre coordinateur. Sans réponse, ce sera fait "
                     "le {due:moment}.", due=told.fact.due_at)  # fmt: skip
            return Written(said, rows([say_option(_("Retirer"), f"accord non {told.recorded.number}")]))
        if proposals.about_money_sent(facts):
            return Written(
                _("C'est là que les adhérents enverront leur argent : un autre coordinateur doit donner son accord. "
                  "Je le lui demande, rien ne change d'ici là.")
            )  # fmt: skip
        if proposals.large_write_off(facts):
            return Written(
                _("Au-delà de {most:money}, un autre coordinateur doit donner son accord. Je le lui demande.",
                  most=proposals.MOST_LET_GO_ALONE)
            )  # fmt: skip
        return Written(
            _("C'est votre propre compte : un autre coordinateur doit donner son accord. Je le lui demande.")
        )

    return [Notice("author", to_author)]


def _proposal_decided(told: Telling) -> list[Notice]:
    row: Any = told.group.proposal(told.fact.proposal)
    facts = proposals.read(row.facts)
    if told.recorded.author is None:
        return _decided_by_silence(told, facts)
    if told.fact.accepted:
        return _money_goes_elsewhere(told, facts)
    if told.own:
        return _withdrawn(told, facts)
    if row.state == "open":
        return _objected(told)

    def to_member() -> Written:
        return Written(_("{author} n'a pas donné son accord. Rien n'a été enregistré.", author=told.author))

    refused = Notice("author", lambda: Written(_("C'est refusé. Rien n'a été enregistré.")))
    if row.due_at is not None:
        return [refused, *_told_all(told, facts, to_member)]
    return [refused, Notice("member", to_member, member=told.fact.member)]


def _decided_by_silence(told: Telling, facts: Sequence[Fact]) -> list[Notice]:
    """Tell everybody that a delay is over; what was done tells its members by itself, then."""

    def done() -> Written:
        return Written(_("Personne n'a refusé ce que {name} proposait : c'est fait.", name=told.name))

    def not_done() -> Written:
        return Written(_("Ce que {name} proposait ne peut plus se faire. Rien n'a changé.", name=told.name))

    return _told_all(told, facts, done if told.fact.accepted else not_done)


def _withdrawn(told: Telling, facts: Sequence[Fact]) -> list[Notice]:
    def to_others() -> Written:
        return Written(_("{name} retire sa proposition. Rien n'a changé.", name=told.name))

    mine = Notice("author", lambda: Written(_("C'est retiré. Rien n'a changé.")))
    return [mine, *_told_all(told, facts, to_others)]


def _told_all(told: Telling, facts: Sequence[Fact], words: Callable[[], Written]) -> list[Notice]:
    """Tell the rooms, and in private whoever proposed and whoever it is about, unless they did it: in a room they may not look."""
    people = sorted({told.fact.member, *proposals.concerned(facts)} - {told.recorded.author})
    return [*(Notice("member", words, member=number, everywhere=True) for number in people), Notice("room", words)]


def _objected(told: Telling) -> list[Notice]:
    """Somebody objects to what is about them: it is another coordinator's to agree to, however long it takes."""

    def to_others() -> Written:
        return Written(_("{author} n'est pas d'accord avec ce que propose {name} : rien ne se fera sans l'accord d'un autre "
                         "coordinateur.", author=told.author, name=told.name))  # fmt: skip

    said = _("C'est noté : rien ne se fera sans l'accord d'un autre coordinateur.")
    return [Notice("author", lambda: Written(said)), Notice("coordinators", to_others)]


def _money_goes_elsewhere(told: Telling, facts: Sequence[Fact]) -> list[Notice]:
    """Tell who proposed a new IBAN or payee that it is so; what is on an account tells its member by itself."""
    if not proposals.about_money_sent(facts):
        return []

    def to_member() -> Written:
        said = _("✅ {author} a donné son accord : le réglage que vous proposiez est changé.", author=told.author)
        return Written(said, rows([say_option(_("Réglages"), "reglages")]))

    return [Notice("member", to_member, member=told.fact.member)]


def asked_of_others(group: Group, books: Books, author: Person, number: int) -> list[Letter]:
    """Ask the other coordinators to agree to what one proposes; what silence agrees to, everybody must read (B43)."""
    row = group.proposal(number)
    assert row is not None
    return [
        letter(group, place, language, partial(_to_decide, row, group, books, reader))
        for place, language, reader in _asked(group, author, everywhere=row.due_at is not None)
    ]


def _asked(group: Group, author: Person, *, everywhere: bool) -> list[tuple[Place, str, int]]:
    """List where the others are asked, and which member reads there, 0 in a room."""
    places = [(place, said, 0) for place, said in group.coordinators_places(but=author.number)]
    if not everywhere:
        return places
    reaches = [r for other in proposals.others(group, author) for r in group.reaches(other.number)]
    theirs = [(r.place, r.language, r.member) for r in reaches if r.state == "linked"]
    return [*(asked for asked in places if not asked[0].private), *theirs]


def _to_decide(row: Any, group: Group, books: Books, reader: int) -> Written:
    yes = say_option(_("D'accord"), f"accord oui {row.number}")
    no = say_option(_("Refuser"), f"accord non {row.number}")
    return Written(proposal_words(row, group, books, reader), rows([yes, no]))


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    Proposed: _proposed,
    ProposalDecided: _proposal_decided,
}
