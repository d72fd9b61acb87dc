"""Those who have left ask, from the device that was theirs, to be forgotten: all they can say, speaking for nobody (B44)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.chat import Incoming, Message
from bot.conversation import Record
from bot.departures.closing import departed_at
from bot.departures.facts import ErasureAsked, PersonalDataErased
from bot.desk.effects import Effects, Refused
from bot.desk.occasion import Occasion
from bot.groups.people import Group, Person
from bot.groups.voices import Speaker
from bot.ledger.books import Books
from bot.outbox import Letter
from bot.wording import together
from bot.words import _, language

WORDS = {"effacer", "/effacer", "!effacer", "erase", "/erase", "!erase"}
YES = {"oui", "yes"}


def asks(incoming: Incoming) -> bool:
    """Tell whether somebody asks to be forgotten."""
    words = incoming.text.split()
    return bool(words) and words[0].lower() in WORDS


def forgotten(connection: Connection, incoming: Incoming, now: datetime) -> list[Letter]:
    """Explain what is erased, or do it; nothing for whoever never was in a group from here."""
    agreed = incoming.text.split()[1:2]
    said = [
        _done(connection, incoming, group, person, now) if agreed and agreed[0].lower() in YES else _explained(group)
        for group, person in departed_at(connection, incoming.address)
    ]
    return [Letter(incoming.place, Message("\n".join(said)))] if said else []


def former(connection: Connection, incoming: Incoming) -> list[Letter]:
    """Tell those who have left that they have, and what they can still ask; nothing for anybody else."""
    groups = [
        _("« {group} »", group=group.settings.name) for group, _person in departed_at(connection, incoming.address)
    ]
    if not groups:
        return []
    said = _("Vous n'êtes plus dans {groups}. Pour y revenir, demandez une invitation à un coordinateur. Pour que votre nom "
             "et vos adresses y soient effacés : /effacer", groups=together(groups))  # fmt: skip
    return [Letter(incoming.place, Message(said))]


def _explained(group: Group) -> str:
    return _("Effacer votre nom, vos adresses et vos notes de « {group} » ? Les écritures restent, sans nom. Cela ne se défait "
             "pas. Pour le demander : /effacer oui", group=group.settings.name)  # fmt: skip


def _done(connection: Connection, incoming: Incoming, group: Group, person: Person, now: datetime) -> str:
    fact = PersonalDataErased(person.number) if person.closed else ErasureAsked(person.number)
    speaker = Speaker(group.number, person, 0, "revoked", language(), current=False)
    occasion = Occasion(
        connection=connection, incoming=incoming, speaker=speaker, place=incoming.place, group=group,
        books=Books(connection, group.number, now), draw_code=str,
    )  # fmt: skip
    said = Effects(occasion).carry_out(Record.one(fact))
    return said.sentence if isinstance(said, Refused) else said.text
