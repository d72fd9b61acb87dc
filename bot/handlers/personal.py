"""What is kept of a person: handed over when they ask, erased once they have left and their account is closed (B44)."""

from __future__ import annotations

from bot.chat import Attachment
from bot.conversation import Record, Say, Script
from bot.departures.facts import ErasureAsked, PersonalDataErased
from bot.groups.people import Person, Right
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.questions import confirm
from bot.wording import balance_of, rows, say_option, sentence
from bot.words import _


def my_data(visit: Visit) -> Script:
    """Send everything that is kept of oneself; a coordinator may ask for a member: « mesdonnees Bruno »."""
    person = visit.person
    if visit.words and visit.may(Right.TREASURY):
        person = yield from which_member(visit, _("Les données de qui ?"), gone=Gone.ANYBODY)
    arguments: dict[str, str | int] = {
        "group": visit.group.number, "member": person.number, "language": visit.language,
    }  # fmt: skip
    if person.number == visit.person.number:
        said = _("Voici tout ce que « {group} » garde de vous : nom, adresses, opérations, commandes, paiements, réglages.",
                 group=visit.group.settings.name)  # fmt: skip
    else:
        said = _("Voici tout ce que « {group} » garde de {name}. À ne remettre qu'à cette personne.",
                 group=visit.group.settings.name, name=person.name)  # fmt: skip
    return Say(said, (), Attachment("member_data", _("donnees") + ".zip", arguments))


def erase(visit: Visit) -> Script:
    """Erase what is personal of a member who has left: at once where the account is closed, else as soon as it is."""
    person = yield from which_member(
        visit, _("Les données de qui faut-il effacer ?"), lambda: [p for p in visit.group.departed() if p.closed],
        gone=Gone.ANYBODY, likely_only=True,
    )  # fmt: skip
    if person.active:
        said = _("{name} est dans le groupe : notez d'abord son départ.", name=person.name)
        return Say(said, rows([say_option(_("Départ"), f"quitter m{person.number}")]))
    if not person.closed:
        return (yield from _later(visit, person))
    question = _(
        "Effacer le nom, les adresses et les notes de {name:*} ? Les écritures restent, sous le numéro m{number}. Cela ne se "
        "défait pas. (Une copie à lui remettre : /mesdonnees m{number})", name=person.name, number=person.number,
    )  # fmt: skip
    if not (yield from confirm(question, _("Effacer"))):
        return _("Rien n'a changé.")
    return Record.one(PersonalDataErased(person.number))


def _later(visit: Visit, person: Person) -> Script:
    stands = sentence(balance_of(person.name, visit.books.balance(person.number)))
    question = _(
        "{stands} Le nom sert encore à savoir à qui est ce compte. L'effacer dès qu'il sera à zéro, sans plus rien en cours ?",
        stands=stands,
    )
    if not (yield from confirm(question, _("Effacer ensuite"))):
        return _("Rien n'a changé.")
    return Record.one(ErasureAsked(person.number))
