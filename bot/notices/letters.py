"""Notices on their way: in which chats each is read, in which language, until when it is worth saying (B40, B47)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat import Address, Message, Place
from bot.groups.people import Group
from bot.notices.telling import Notice, Written
from bot.outbox import Letter
from bot.words import speaking


@dataclass(frozen=True)
class Answered:
    """Who is answered by the turn itself: ``member``, who speaks from ``address`` in ``place``. By default nobody is."""

    member: int = 0
    address: Address | None = None
    place: Place | None = None


NOBODY = Answered()


def letters(group: Group, notice: Notice, now: datetime, answered: Answered = NOBODY) -> Iterator[Letter]:
    """Write a notice to everybody it is for but who is answered anyway, to each in their language; none to its author."""
    until = notice.useful_until(now)
    for place, language in _places(group, notice, answered):
        yield letter(group, place, language, notice.write, useful_until=until, receipt=notice.receipt)


def letter(
    group: Group, place: Place, language: str, write: Callable[[], Written], *,
    useful_until: datetime | None = None, receipt: str = "",
) -> Letter:  # fmt: skip
    """Write to one place in its language."""
    with speaking(language, group.settings.zone):
        words = write()
    message = Message(words.text, words.options, words.attachment)
    return Letter(place, message, useful_until=useful_until, receipt=receipt)


def _places(group: Group, notice: Notice, answered: Answered) -> Sequence[tuple[Place, str]]:
    match notice.to:
        case "author":
            return ()
        case "coordinators":
            return _elsewhere(group.coordinators_places(but=answered.member), answered.place)
        case "room":
            return _elsewhere(group.rooms(), answered.place)
        case "address":
            reaches = group.reaches(notice.member, revoked=True)
            return [(r.place, r.language) for r in reaches if r.number == notice.address]
    reaches = group.reaches(notice.member) if notice.everywhere else group.told_at(notice.member)
    return [(r.place, r.language) for r in reaches if r.state == "linked" and r.address != answered.address]


def _elsewhere(places: Sequence[tuple[Place, str]], here: Place | None) -> Sequence[tuple[Place, str]]:
    """Leave out the chat where the author is answered anyway."""
    if here is None:
        return places
    return [(place, said) for place, said in places if (place.platform, place.chat) != (here.platform, here.chat)]
