"""Those who are not in the group yet: invitations opened, second addresses, rooms not linked (B42, B43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot import outbox
from bot.chat import Incoming, Message
from bot.conversation import Record
from bot.desk import forgetting
from bot.desk.effects import Effects, Refused
from bot.desk.occasion import Occasion
from bot.desk.screens import reply_message
from bot.desk.taps import stamped
from bot.desk.threads import Threads
from bot.groups import proposals
from bot.groups.apply import keep
from bot.groups.facts import AddressAsked, AddressLinked
from bot.groups.joining import ROOM_CODE_LASTS, InvitationUsedError, RoomCodeShown
from bot.groups.people import Group, Person, Right
from bot.groups.voices import SPEAKS, Speaker, invited, room_at
from bot.ledger.books import Books
from bot.outbox import Letter
from bot.words import _

LINK_WORDS = {"/lier", "!lier", "/link", "!link", "/start", "!start"}
START_WORDS = {"/start", "!start", "start"}


def joins(text: str) -> bool:
    """Tell whether words open an invitation: that concerns no conversation of a group one is in."""
    words = text.split()
    return len(words) > 1 and words[0].lower() in START_WORDS


def answer(
    connection: Connection, incoming: Incoming, known: Sequence[Speaker], now: datetime, draw_code: Callable[[], str]
) -> list[Letter]:
    """Answer someone who speaks for nobody here; give the messages to post."""
    words = incoming.text.split()
    if not incoming.place.private:
        return _in_a_room(connection, incoming, words, now, draw_code)
    if joins(incoming.text):
        return _join(connection, incoming, known, " ".join(words[1:]), now)
    if forgetting.asks(incoming) and (said := forgetting.forgotten(connection, incoming, now)):
        return said
    if any(speaker.state == "waiting" for speaker in known):
        return _say(
            incoming, _("Votre demande attend d'être confirmée depuis l'appareil que vous utilisiez jusqu'ici.")
        )
    if said := forgetting.former(connection, incoming):
        return said
    return _say(
        incoming,
        _("Bonjour ! Je suis Ardoise, je tiens les comptes de groupes d'achat. Pour entrer dans le vôtre, ouvrez "
          "l'invitation d'un coordinateur, ou écrivez /start suivi du code qu'il vous a donné."),
    )  # fmt: skip


def _in_a_room(
    connection: Connection, incoming: Incoming, words: list[str], now: datetime, draw_code: Callable[[], str]
) -> list[Letter]:
    """A room that belongs to no group shows a code when asked to; otherwise the bot keeps quiet there (B43)."""
    if not words or words[0].lower() not in LINK_WORDS or room_at(connection, incoming.place) is not None:
        return []
    code = draw_code()
    keep(connection, RoomCodeShown(incoming.place, code, now + ROOM_CODE_LASTS))
    return _say(
        incoming,
        _(
            "Code de ce salon : {code:*}\nUn coordinateur me l'écrit en privé, dans la demi-heure : /lier {code}",
            code=code,
        ),
    )


def _join(
    connection: Connection, incoming: Incoming, known: Sequence[Speaker], code: str, now: datetime
) -> list[Letter]:
    found = invited(connection, code, now)
    if found is None:
        return _say(incoming, _(InvitationUsedError.sentence))
    group_number, person = found
    group = Group(connection, group_number)
    here = [speaker for speaker in known if speaker.group == group_number]
    if here and here[0].state != "waiting":
        same = here[0].person.number == person.number
        already = _("Vous êtes déjà dans « {group} ».", group=group.settings.name)
        other = _("Cet appareil parle déjà pour {name} dans ce groupe : un coordinateur peut le retirer d'abord.",
                  name=here[0].person.name)  # fmt: skip
        return _say(incoming, already if same else other)
    return _linked(connection, incoming, group, person, code, now)


def _linked(
    connection: Connection, incoming: Incoming, group: Group, person: Person, code: str, now: datetime
) -> list[Letter]:
    """Link the address; where the member has one already, the first one is asked to confirm (B42).

    What was under way in this chat is dropped: it was another member's, who must not have it end on this one's account.
    """
    Threads(connection, incoming.address, incoming.place, now).close()
    kind = AddressAsked if _speaks_already(group, person) else AddressLinked
    fact = kind(
        member=person.number, platform=incoming.address.platform, number=group.next_address(person.number),
        user=incoming.address.user, chat=incoming.place.chat, code=code, language=_spoken(incoming),
    )  # fmt: skip
    speaker = Speaker(group.number, person, fact.number, "linked", _spoken(incoming), current=True)
    occasion = Occasion(
        connection=connection, incoming=incoming, speaker=speaker, place=incoming.place, group=group,
        books=Books(connection, group.number, now), draw_code=str,
    )  # fmt: skip
    said = Effects(occasion).carry_out(Record.one(fact))
    if isinstance(said, Refused):
        return _say(incoming, said.sentence)
    return [Letter(incoming.place, stamped(reply_message(said), group.number))]


def _speaks_already(group: Group, person: Person) -> bool:
    """Tell whether a member has an address to confirm a second one from.

    Of two coordinators, one that cannot be written to counts: an invitation must not make one of them speak for both (B43).
    """
    held = SPEAKS if person.right is Right.TREASURY and proposals.others(group, person) else {"linked"}
    return any(reach.state in held for reach in group.reaches(person.number))


def _spoken(incoming: Incoming) -> str:
    return "en" if incoming.language[:2] == "en" else "fr"


def _say(incoming: Incoming, text: str) -> list[outbox.Letter]:
    return [Letter(incoming.place, Message(text))]
