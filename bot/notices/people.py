"""What is said of people and places: invited, linked, cut off, given rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.chat import strong
from bot.groups.agreeing import PROPOSAL_LASTS
from bot.groups.facts import (
    AddressAsked,
    AddressLinked,
    AddressRevoked,
    InvitationMade,
    LanguageChosen,
    MemberAdded,
    MemberRenamed,
    RightGiven,
    RoomLinked,
    WhereToldChosen,
)
from bot.groups.people import Group, Right
from bot.groups.reach import EVERYWHERE, WHERE_WRITTEN_LAST, Reach
from bot.ledger.facts import Fact
from bot.notices.telling import Notice, Telling, Written, to_author_and_member, your_balance
from bot.wording import right_name, rows, say_option, sentence
from bot.words import _, speaking


def _member_added(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ {name:*} est dans le groupe.", name=told.fact.name)))]


def _member_renamed(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ C'est noté : {name:*}", name=told.fact.name)))]


def _right_given(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(sentence(_("✅ {name} : {right}", name=told.name, right=right_name(told.fact.right))))

    def to_member() -> Written:
        right = right_name(told.fact.right)
        said = _("{author} a changé vos droits : {right}.", author=told.author, right=right)
        return Written(said, rows([say_option(_("Aide"), "aide")]))

    def to_room() -> Written:
        return Written(_("{author} a changé les droits : {name}, {right}.", author=told.author, name=told.name,
                         right=right_name(told.fact.right)))  # fmt: skip

    return [*to_author_and_member(told, to_author, to_member), Notice("coordinators", to_room)]


def _device_of_a_coordinator(told: Telling, words: Callable[[], str]) -> list[Notice]:
    """Tell the others when a coordinator's devices change: whoever has one may agree to things (B43)."""
    person = told.group.member(told.fact.member)
    if person is None or person.right is not Right.TREASURY:
        return []
    return [Notice("coordinators", lambda: Written(words()))]


def _invitation_made(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        ways = "\n".join(told.links(told.fact.code))
        if told.own:
            head = _("Sur votre autre téléphone ou application :")
        else:
            head = _("Invitation pour {name:*}, à lui envoyer :", name=told.name)
        tail = _("Cette invitation sert une seule fois, pendant 7 jours.")
        return Written(f"{head}\n{ways}\n{tail}")

    return [Notice("author", to_author)]


def _address_asked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(_("Presque fini : confirmez maintenant depuis l'appareil que vous utilisiez jusqu'ici."))

    def to_member() -> Written:
        said = _("Un nouvel appareil demande à parler en votre nom dans « {group} ». Est-ce vous ?",
                 group=told.group.settings.name)  # fmt: skip
        number = told.fact.number
        yes, no = say_option(_("C'est moi"), f"lier oui {number}"), say_option(_("Refuser"), f"lier non {number}")
        return Written(said, rows([yes, no]))

    return [Notice("author", to_author), Notice("member", to_member, member=told.fact.member, everywhere=True)]


def _address_linked(told: Telling) -> list[Notice]:
    fact: AddressLinked = told.fact

    def welcome() -> Written:
        said = _("Bienvenue dans « {group} », {name} !", group=told.group.settings.name, name=strong(told.name))
        options = [say_option(_("Solde"), "solde"), say_option(_("Aide"), "aide")]
        return Written(f"{said} {your_balance(told)}", rows(options))

    room = _device_of_a_coordinator(
        told, lambda: _("⚠️ {name} (coordination) a un nouvel appareil relié.", name=told.name)
    )
    if fact.code:
        return [Notice("author", welcome), *room]
    done = Notice("author", lambda: Written(_("✅ C'est fait : vos deux appareils parlent pour vous.")))
    return [done, Notice("address", welcome, member=fact.member, address=fact.number), *room]


def _address_revoked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.own:
            return Written(_("C'est noté : cet appareil ne parle pas en votre nom."))
        said = _("✅ {name} : cet appareil ne donne plus accès au compte.", name=told.name)
        return Written(said, rows([say_option(_("Inviter"), f"inviter m{told.fact.member}")]))

    def to_room() -> str:
        said = _("⚠️ {author} a retiré un appareil de {name} (coordination).", author=told.author, name=told.name)
        if not told.group.waiting_proposals(told.fact.member, since=told.recorded.at - PROPOSAL_LASTS):
            return said
        then = _("Ce que {name} a proposé avant ne se fera pas sans l'accord d'un autre coordinateur.", name=told.name)
        return f"{said} {then}"

    def to_device() -> Written:
        return Written(
            _("Cet appareil ne parle plus pour {name} dans « {group} » : {author} l'a retiré. Si cela vous surprend, "
              "parlez-en à un coordinateur.", name=told.name, group=told.group.settings.name, author=told.author)
        )  # fmt: skip

    device = Notice("address", to_device, member=told.fact.member, address=told.fact.number)
    others = _device_of_a_coordinator(told, to_room)
    return [Notice("author", to_author), *([] if told.own else [device]), *others]


def _room_linked(told: Telling) -> list[Notice]:
    def to_room() -> Written:
        said = _("Ce salon est maintenant celui des coordinateurs de « {group} ».", group=told.group.settings.name)
        return Written(said, rows([say_option(_("À valider"), "valider"), say_option(_("Soldes"), "soldes")]))

    return [Notice("author", lambda: Written(_("✅ Le salon est lié au groupe."))), Notice("room", to_room)]


def _language_chosen(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        with speaking(told.fact.language, told.group.settings.zone):
            return Written(_("C'est noté : je vous parle français."), rows([say_option(_("Aide"), "aide")]))

    return [Notice("author", to_author)]


def _where_told_chosen(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(where_told_words(told.group, told.fact.member, told.fact.address)))]


def where_told_words(group: Group, member: int, choice: int) -> str:
    """Say where a household is told things."""
    if choice == EVERYWHERE:
        return _("Je vous écris sur tous vos appareils.")
    reach = next((reach for reach in group.reaches(member) if reach.number == choice), None)
    if choice == WHERE_WRITTEN_LAST or reach is None:
        return _("Je vous écris là où vous m'avez parlé en dernier.")
    return _("Je vous écris toujours sur {device:*}.", device=device_words(reach))


def device_words(reach: Reach) -> str:
    """Name an address of a household: its number, and the chat it is on."""
    return f"{reach.address.platform.capitalize()} ({reach.number})"


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    MemberAdded: _member_added,
    MemberRenamed: _member_renamed,
    RightGiven: _right_given,
    InvitationMade: _invitation_made,
    AddressAsked: _address_asked,
    AddressLinked: _address_linked,
    AddressRevoked: _address_revoked,
    RoomLinked: _room_linked,
    LanguageChosen: _language_chosen,
    WhereToldChosen: _where_told_chosen,
}
