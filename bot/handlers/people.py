"""Members, invitations, devices, rights, rooms: what coordinators arrange (B42, B43)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.chat import Option
from bot.conversation import Answer, MisunderstoodError, Question, Record, Say, Script, ask
from bot.groups.facts import (
    AddressLinked,
    AddressRevoked,
    InvitationMade,
    MemberAdded,
    MemberRenamed,
    RightGiven,
    RoomLinked,
)
from bot.groups.joining import INVITATION_LASTS, RoomCodeUsedError
from bot.groups.names import name_key
from bot.groups.people import Person, Right
from bot.groups.reach import Reach
from bot.handlers.departed import comes_back, departed, departed_one
from bot.handlers.devices import told_apart
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, WhichMember, which_member
from bot.ledger.facts import AccountOpened
from bot.questions import Text, choose, confirm, whole_number
from bot.wording import right_name, rows, say_option, turn_option
from bot.words import _, _n

PAGE = 30
MOST_NAME = 60


def members(visit: Visit) -> Script:
    """List the members, or show what can be arranged for one."""
    if visit.words[:1] in {("partis",), ("left",)}:
        return departed(visit)
    asked = whole_number(visit.words[0]) if visit.words else 1
    if asked is None:
        person = yield from which_member(visit, _("Qui ?"), gone=Gone.ANYBODY)
        return _one(visit, person) if person.active else departed_one(visit, person)
    people = visit.group.members()
    pages = [people[start : start + PAGE] for start in range(0, len(people), PAGE)] or [[]]
    page = min(asked, len(pages)) or 1
    head = _n("{n} adhérent", "{n} adhérents", len(people))
    lines = [f"m{person.number} · {person.name}{_badge(visit, person)}" for person in pages[page - 1]]
    turns: list[Option] = []
    if page > 1:
        turns.append(turn_option("‹", f"membres {page - 1}"))
    if page < len(pages):
        turns.append(turn_option("›", f"membres {page + 1}"))
    invite_ = say_option(_("Inviter"), "inviter")
    silent = [say_option(_("Injoignables"), "injoignables")] if visit.dues.unreachable() else []
    silent += [say_option(_("Départs"), "membres partis")] if visit.group.departed() else []
    return Say(
        "\n".join([head, *lines, _("Pour en voir un : /membres et son nom.")]), (*rows(turns), (invite_, *silent))
    )


def _badge(visit: Visit, person: Person) -> str:
    right = f" · {right_name(person.right)}" if person.right is not Right.MEMBER else ""
    reached = any(reach.state == "linked" for reach in visit.group.reaches(person.number))
    return right + ("" if reached else _(" · pas joignable ici"))


def _one(visit: Visit, person: Person) -> Say:
    """Show one member and what can be done for them."""
    states = {"linked": _("relié"), "waiting": _("à confirmer"), "unreachable": _("ne répond plus")}
    reaches = visit.group.reaches(person.number)
    lines = [f"m{person.number} · {person.name} · {right_name(person.right)}"]
    lines += [
        _("Appareil {number} : {platform}, {state}", number=r.number, platform=r.address.platform.capitalize(),
          state=states[r.state])
        for r in reaches
    ]  # fmt: skip
    lines += [] if reaches else [_("Aucun appareil relié : invitez cette personne.")]
    contact = visit.dues.contacts().get(person.number)
    lines += [_("Pour la joindre autrement : {contact}", contact=contact)] if contact else []
    which = f"m{person.number}"
    options = [
        say_option(_("Historique"), f"historique {which}"),
        say_option(_("Inviter"), f"inviter {which}"),
        say_option(_("Droits"), f"droits {which}"),
        say_option(_("Renommer"), f"renommer {which}"),
    ]
    options += [say_option(_("Téléphone perdu"), f"perdu {which}")] if reaches else []
    options += [say_option(_("Départ"), f"quitter {which}"), say_option(_("Données"), f"mesdonnees {which}")]
    return Say("\n".join(lines), rows(options))


class NewOrKnown(WhichMember):
    """Ask for a member, or the name of somebody new: ``+name``. One who left is named by their number: « m3 »."""

    def understand(self, text: str) -> str:
        """Take a known member by their whole name; any other name is somebody new."""
        if text.strip()[:1] == "m" and whole_number(text.strip()[1:]) is not None:
            return super().understand(text)
        exact = [person for person in self.group.search(text) if name_key(person.name) == name_key(text)]
        if len(exact) == 1:
            return f"m{exact[0].number}"
        name = " ".join(text.split())[:MOST_NAME].strip()
        return f"+{name}" if name else super().understand(text)

    def value(self, token: str) -> Person:
        """Give the member, or a person without a number yet."""
        if not token.startswith("+"):
            return super().value(token)
        name = token[1:]
        if not name.strip() or not name.isprintable() or len(name) > MOST_NAME:
            raise MisunderstoodError(_("Écrivez un nom."))
        return Person(0, name, Right.MEMBER)


def invite(visit: Visit) -> Script:
    """Invite a member, adding them if they are new: a code, once, for a few days (B42)."""
    lonely = [p for p in visit.group.members() if not visit.group.reaches(p.number)]
    question = _("Qui inviter ? Écrivez le nom ; s'il est nouveau, je l'ajoute.")
    person = yield from ask(NewOrKnown("adherent", question, visit.group, tuple(lonely), gone=Gone.ANYBODY))
    if person.number and person.active:
        return Record.one(_invitation(visit, person.number))
    back = yield from comes_back(visit, person)
    if back is not None:
        return back if isinstance(back, str) else Record((*back.facts, _invitation(visit, back.member)))
    near = visit.group.search(person.name) or visit.group.near(person.name)
    likely = _(" (Il y a déjà : {names}.)", names=", ".join(p.name for p in near[:4])) if near else ""
    if not (
        yield from confirm(_("Ajouter {name:*} au groupe et l'inviter ?{likely}", name=person.name, likely=likely))
    ):
        return _("Rien n'a changé.")
    number = visit.group.next_member()
    return Record((AccountOpened(number), MemberAdded(number, person.name), _invitation(visit, number)))


def _invitation(visit: Visit, number: int) -> InvitationMade:
    return InvitationMade(number, visit.draw_code(), visit.now + INVITATION_LASTS)


def rename(visit: Visit) -> Script:
    """Give a member another name."""
    person = yield from which_member(visit, _("Qui renommer ?"))
    name = yield from ask(Text("nom", _("{name} : quel nouveau nom ?", name=person.name), limit=MOST_NAME))
    if not (yield from confirm(_("{name} s'appellera {new:*} ?", name=person.name, new=name))):
        return _("Rien n'a changé.")
    return Record.one(MemberRenamed(person.number, name))


def rights(visit: Visit) -> Script:
    """Give or take a right (B43). The last coordinator stays one."""
    person = yield from which_member(visit, _("Les droits de qui ?"))
    question = _("{name} : {right}. Quel droit ensuite ?", name=person.name, right=right_name(person.right))
    things = {Answer(right.value, right_name(right).capitalize()): right for right in Right}
    right = yield from choose("droit", question, things)
    if right is person.right:
        return _("C'est déjà le cas.")
    if person.right is Right.TREASURY and len(visit.group.coordinators()) == 1:
        return _("Il faut au moins un coordinateur : nommez-en d'abord un autre.")
    if not (yield from confirm(_("{name} : {right:*} ?", name=person.name, right=right_name(right)))):
        return _("Rien n'a changé.")
    return Record.one(RightGiven(person.number, right.value))


def lost(visit: Visit) -> Script:
    """Cut off the device of a member who lost their phone; a new invitation brings them back (B42)."""
    person = yield from which_member(visit, _("Qui a perdu son téléphone ?"))
    reaches = visit.group.reaches(person.number)
    if not reaches:
        return _("{name} n'a aucun appareil relié.", name=person.name)
    reach = yield from _which_device(reaches)
    question = _("{name} : cet appareil ({platform}) ne doit plus donner accès au compte ?",
                 platform=reach.address.platform.capitalize(), name=person.name)  # fmt: skip
    if not (yield from confirm(question)):
        return _("Rien n'a changé.")
    return Record.one(AddressRevoked(person.number, reach.number))


def _which_device(reaches: list[Reach]) -> Generator[Question[Any], Any, Reach]:
    if len(reaches) == 1:
        return reaches[0]
    things = {Answer(f"d{r.number}", told_apart(r)): r for r in reaches}
    return (yield from choose("appareil", _("Quel appareil ?"), things))


def link(visit: Visit) -> Script:
    """Link a second device of one's own, or a room by the code it shows (B42, B43). ``oui N``/``non N`` decide a request."""
    words = visit.words
    number = whole_number(words[1]) if len(words) == 2 and words[0] in {"oui", "non"} else None
    if number is not None:
        return _second_device(visit, number, agreed=words[0] == "oui")
    if not visit.place.private:
        return _("Ce salon est déjà celui des coordinateurs de « {group} ».", group=visit.group.settings.name)
    if not words:
        return Record.one(_invitation(visit, visit.person.number))
    room = visit.group.room_coded(" ".join(words), visit.now)
    if room is None or not visit.may(Right.TREASURY):
        return _(RoomCodeUsedError.sentence)
    question = _("Ce salon deviendra celui des coordinateurs de « {group} » : les soldes s'y liront. D'accord ?",
                 group=visit.group.settings.name)  # fmt: skip
    if not (yield from confirm(question)):
        return _("Rien n'a changé.")
    return Record.one(
        RoomLinked(room.platform, chat=room.chat, topic=room.topic, code=" ".join(words), language=visit.language)
    )


def _second_device(visit: Visit, number: int, *, agreed: bool) -> Record | str:
    waiting = [r for r in visit.group.reaches(visit.person.number) if r.number == number and r.state == "waiting"]
    if not waiting:
        return _("C'est déjà décidé. Rien n'a changé.")
    if not agreed:
        return Record.one(AddressRevoked(visit.person.number, number))
    platform = waiting[0].address.platform
    return Record.one(AddressLinked(member=visit.person.number, platform=platform, number=number))
