"""Leaving the group: by oneself, or noted by a coordinator; what is left on the account is settled or stays on the books (B44)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.departures.apply import OrderToComeError, orders_to_come
from bot.departures.facts import ErasureAsked, MemberLeft
from bot.groups.apply import LastCoordinatorError
from bot.groups.people import Person, Right
from bot.handlers.paying import choose_method, receivable
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, which_member
from bot.ledger.errors import N_
from bot.ledger.facts import Fact, PaymentRefunded
from bot.ledger.settling import AccountReopened, CreditGiven
from bot.questions import Choice, choose, confirm
from bot.wording import balance_for_member, by_method, rows, say_option, sentence
from bot.words import _, day

BACK, GIVE, LATER = "rendre", "donner", "tard"

NOTHING = N_("Rien n'a changé.")


def leave(visit: Visit) -> Script:
    """Leave, or for a coordinator note that somebody has: « quitter Bruno »."""
    person = yield from _who(visit)
    hindered = _hindered(visit, person)
    if hindered is not None:
        return hindered
    if person.number == visit.person.number:
        return (yield from _oneself(visit))
    return (yield from _somebody(visit, person))


class _Wish(Choice[str]):
    """What becomes of an avoir; « quitter le groupe » is no answer to it."""

    typed_ahead = False


def _who(visit: Visit) -> Generator[Question[Any], Any, Person]:
    said_of_oneself = visit.words[:1] in {(), ("le",), ("the",)}  # « quitter le groupe »
    if said_of_oneself or not visit.may(Right.TREASURY):
        return visit.person
    return (yield from which_member(visit, _("Qui quitte le groupe ?")))


def _hindered(visit: Visit, person: Person) -> Say | None:
    """Say what must be settled before, if anything: the last coordinator stays, and so does who has an order to come."""
    own = person.number == visit.person.number
    if person.right is Right.TREASURY and len(visit.group.coordinators()) == 1:
        return Say(_(LastCoordinatorError.sentence), rows([say_option(_("Membres"), "membres")]))
    waiting = orders_to_come(visit.market, person.number)
    if not waiting:
        return None
    adjust = say_option(_("Ajuster la commande"), f"ajuster d{waiting[0].number} m{person.number}")
    where = say_option(_("Mes commandes"), "commandes") if own else adjust
    return Say(_(OrderToComeError.sentence, at=waiting[0].starts_at), rows([where]))


def _oneself(visit: Visit) -> Script:
    """Ask a member what becomes of an avoir and of their name, then whether they really leave."""
    balance = visit.left_to_give(visit.person.number)
    wish = LATER
    if balance > 0:
        question = _("Vous avez un avoir de {amount:money*}. Qu'en faisons-nous ?", amount=balance)
        things = {Answer(BACK, _("Me le rendre")): BACK, Answer(GIVE, _("Le donner au groupe")): GIVE}
        wish = yield from ask(_Wish("avoir", question, things))
    forget = yield from _forget()
    if not (yield from confirm(_last_words(visit, wish), _("Quitter"))):
        return _(NOTHING)
    number = visit.person.number
    given: list[Fact] = [CreditGiven(number, balance)] if wish == GIVE else []
    asked: list[Fact] = [ErasureAsked(number)] if forget else []
    proposed = given and visit.may(Right.TREASURY) and visit.needs_another(number)
    said = None if proposed else _farewell(visit, given=wish == GIVE, forget=forget)  # else the other's tap ends it
    return Record((*given, _left(visit, number, refund=wish == BACK), *asked), said=said)


def _forget() -> Generator[Question[bool], bool, bool]:
    question = _(
        "Une fois votre compte à zéro, faut-il effacer votre nom et vos adresses ? Les écritures restent, sans nom. "
        "(Pour en garder une copie : /mesdonnees)"
    )
    things = {Answer("non", _("Les garder")): False, Answer("oui", _("Effacer")): True}
    return (yield from choose("effacer", question, things))


def _last_words(visit: Visit, wish: str) -> str:
    balance = visit.left_to_give(visit.person.number)
    lines = [_("Quitter « {group} » ? Vos appareils n'y donneront plus accès.", group=visit.group.settings.name)]
    if balance < 0:
        lines.append(sentence(_("{balance} : cela reste à régler, les coordinateurs verront avec vous",
                                balance=balance_for_member(balance))))  # fmt: skip
    elif wish == BACK:
        lines.append(_("Les coordinateurs vous rendront {amount:money*}.", amount=balance))
    elif wish == GIVE:
        lines.append(_("Vous donnez {amount:money*} au groupe.", amount=balance))
    pending = visit.books.standing(visit.person.number).pending
    lines += [_("⏳ {amount:money} que vous avez annoncés restent à confirmer.", amount=pending)] if pending else []
    return "\n".join(lines)


def _farewell(visit: Visit, *, given: bool, forget: bool) -> Say:
    """Say goodbye, and what is left: this is the last that can be said here."""
    balance = visit.left_to_give(visit.person.number)
    lines = [_("Au revoir, et merci ! Vous n'êtes plus dans « {group} ».", group=visit.group.settings.name)]
    if given:
        lines.append(_("Vous avez donné {amount:money*} au groupe : votre compte est à zéro.", amount=balance))
    elif balance < 0:
        lines.append(_("Il reste {amount:money*} à régler : les coordinateurs verront avec vous.", amount=-balance))
    elif balance > 0:
        lines.append(_("Les coordinateurs vous rendront {amount:money*}.", amount=balance))
    else:
        lines.append(_("Votre compte est à zéro."))
    if forget:
        lines.append(_("Votre nom et vos adresses sont effacés dès que le compte est fermé."))
    return Say("\n".join(lines))


def _somebody(visit: Visit, person: Person) -> Script:
    """Note that a member has left; an avoir is given back now, later, or to the group, as they choose.

    A coordinator's is dealt with later: they do not leave by one other's word, and by then it may be another (B43).
    """
    balance = visit.left_to_give(person.number)
    settled: list[Fact] = []
    words = _("{name:*} quitte le groupe ? Ses appareils n'y donneront plus accès.", name=person.name)
    if balance > 0:
        wish = LATER if person.right is Right.TREASURY else (yield from _wish_of(person, balance))
        if wish == BACK:
            method = yield from choose_method(_("Par quel moyen ?"), receivable(visit))
            settled = [PaymentRefunded(person.number, balance, method)]
            words += "\n" + _("Vous lui rendez {amount:money*} {how}.", amount=balance, how=by_method(method))
        elif wish == GIVE:
            settled = [CreditGiven(person.number, balance)]
            words += "\n" + _("Son avoir de {amount:money*} est donné au groupe.", amount=balance)
        else:
            words += "\n" + _("Son avoir de {amount:money*} reste à lui rendre.", amount=balance)
    elif balance < 0:
        words += "\n" + _("Il reste {amount:money*} à régler : cela reste dans /soldes.", amount=-balance)
    if not (yield from confirm(words)):
        return _(NOTHING)
    return Record((*settled, _left(visit, person.number, refund=balance > 0 and not settled)))


def _wish_of(person: Person, balance: int) -> Generator[Question[str], str, str]:
    question = _(
        "{name} a un avoir de {amount:money*}. Que souhaite cette personne ?", name=person.name, amount=balance
    )
    things = {
        Answer(BACK, _("Le lui rendre")): BACK,
        Answer(GIVE, _("Le donner")): GIVE,
        Answer(LATER, _("Voir plus tard")): LATER,
    }
    return (yield from choose("avoir", question, things))


def _left(visit: Visit, member: int, *, refund: bool) -> MemberLeft:
    here = tuple(reach.number for reach in visit.group.reaches(member) if reach.state == "linked")
    return MemberLeft(member, here, refund)


def reopen(visit: Visit) -> Script:
    """Open a closed account again, knowingly: a cheque bounced, something is to be corrected (B44)."""
    person = yield from which_member(visit, _("Rouvrir le compte de qui ?"), gone=Gone.ANYBODY)
    if not person.closed:
        return _("Le compte de {name} est ouvert. Rien n'a changé.", name=person.name)
    since = _since(visit, person)
    question = _("Le compte de {name:*} est fermé{since}. Le rouvrir, pour y inscrire quelque chose ? Il se refermera de "
                 "lui-même à zéro.", name=person.name, since=since)  # fmt: skip
    if not (yield from confirm(question, _("Rouvrir"))):
        return _(NOTHING)
    return Record.one(AccountReopened(person.number))


def _since(visit: Visit, person: Person) -> str:
    at = visit.group.left_at(person.number)
    return _(" (départ le {at})", at=day(at)) if at is not None else ""
