"""What a member reads when reminded: what is due, why, and what can be done, in three tones (B38)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.notices.telling import Written
from bot.notices.transfers import is_paid_to
from bot.reminders.dues import Due, Part
from bot.wording import method_name, rows, say_option, together
from bot.words import _, _n, ago

MOST_PARTS = 6
MOST_LISTED = 25


def reminder(name: str, due: Due, step: int, group: Group, now: datetime) -> Written:
    """Write a reminder in the tone of its step, as the member reads it."""
    if not due.asked:
        return _all_declared(name, due)
    tones = {1: _first, 2: _second, 3: _third}
    return Written(tones[step](name, due, group, now), _to_do(due, group))


def _first(name: str, due: Due, _group: Group, _now: datetime) -> str:
    if len(due.parts) == 1 and not due.waiting:
        part = due.parts[0]
        return _("Bonjour {name}, {what} ({amount:money}) n'est pas encore réglé. Quand cela vous arrange :",
                 name=name, what=_what(part), amount=part.amount)  # fmt: skip
    said = _("Bonjour {name}, il reste {amount:money*} à régler :", name=name, amount=due.asked)
    return "\n".join([said, *made_of(due), *_covered(due), _("Quand cela vous arrange.")])


def _second(name: str, due: Due, group: Group, _now: datetime) -> str:
    kindly = f"{_ways(group)} {_('Si quelque chose coince, dites-le-nous.')}".strip()
    if len(due.parts) == 1 and not due.waiting:
        part = due.parts[0]
        said = _("Bonjour {name}, il reste {amount:money*} {of}.", name=name, amount=part.amount, of=_of(part))
        return f"{said} {kindly}"
    head = _("Bonjour {name}, il reste {amount:money*} à régler :", name=name, amount=due.asked)
    return "\n".join([head, *made_of(due), *_covered(due), kindly])


def _third(name: str, due: Due, group: Group, now: datetime) -> str:
    people = together([person.name for person in group.coordinators() if person.number != due.member])
    then = _("Je vais en parler à {people}, pour voir ensemble ce qui est possible.", people=people)
    kindly = then if people else _("Dites-nous ce qui est possible : nous trouverons ensemble.")
    long, amount = how_long(due, now), due.asked
    if len(due.parts) == 1 and not due.waiting:
        said = _("{name}, cela fait {long} pour ces {amount:money*} ({what}).", name=name, long=long, amount=amount,
                 what=_what(due.parts[0]))  # fmt: skip
        return f"{said} {kindly}"
    head = _("{name}, cela fait {long} pour ces {amount:money*} :", name=name, long=long, amount=amount)
    return "\n".join([head, *made_of(due), *_covered(due), kindly])


def made_of(due: Due, *, own: bool = True) -> list[str]:
    """List what a debt is made of, a line for each part, the newest last; to the member, or to a coordinator."""
    shown = due.parts[-MOST_PARTS:]
    left = sum(part.amount for part in due.parts[:-MOST_PARTS])
    lines = [_("– {what} : {amount:money}", what=_what(part, own=own), amount=part.amount) for part in shown]
    return [_("– ce qui est plus ancien : {amount:money}", amount=left), *lines] if left else lines


def how_long(due: Due, now: datetime) -> str:
    """Say for how long something is due: « 5 semaines »."""
    days = (now - due.since) // timedelta(days=1) if due.since else 0
    if days < 14:
        return _n("{n} jour", "{n} jours", max(1, days))
    return _n("{n} semaine", "{n} semaines", days // 7)


def _what(part: Part, *, own: bool = True) -> str:
    at, kind = part.debit.at, part.debit.kind
    if part.debit.distribution:
        return _("votre panier du {at:date}", at=at) if own else _("le panier du {at:date}", at=at)
    if kind == "OpeningBalanceEntered":
        return _("votre solde d'avant") if own else _("le solde d'avant")
    if kind == "OnlineTakenBack":
        return _("un paiement par carte repris le {at:date}", at=at)
    if kind == "PaymentRefunded":
        return _("l'argent rendu le {at:date}", at=at)
    if kind == "ChequeBounced":
        return _("chèque impayé, le {at:date}", at=at)
    return _("votre reste du {at:date}", at=at) if own else _("le reste du {at:date}", at=at)


def _of(part: Part) -> str:
    if part.debit.kind == "OpeningBalanceEntered":
        return _("de votre solde d'avant")
    return _("du {at:date}", at=part.debit.at)


def _covered(due: Due) -> list[str]:
    if not due.waiting:
        return []
    return [_("(les {amount:money} que vous avez annoncés sont déjà déduits)", amount=due.waiting)]


def _all_declared(name: str, due: Due) -> Written:
    """Own up to it where all of it has been declared and waits for us: nobody is asked to pay twice."""
    said = _("Bonjour {name}, vous avez annoncé {amount:money*} il y a plus d'une semaine, et personne ne l'a encore "
             "confirmé. Si c'est bien parti, vous n'avez rien à faire : je le redemande aux coordinateurs. Sinon, "
             "dites-le-moi simplement.", name=name, amount=due.waiting)  # fmt: skip
    return Written(said, rows([say_option(_("Pas encore payé"), "payer"), say_option(_("Une question"), "question")]))


def _ways(group: Group) -> str:
    """Offer what can be done, as one would say it: « Un virement, un chèque à la prochaine distribution ? »."""
    said = {
        Method.TRANSFER: _("un virement"),
        Method.CHEQUE: _("un chèque à la prochaine distribution"),
        Method.CASH: _("du liquide à la prochaine distribution"),
        Method.TERMINAL: _("une carte à la prochaine distribution"),
    }
    ways = [said[method] for method in said if method in payable(group)][:2]
    words = ", ".join(ways)
    return _("{ways} ?", ways=words[:1].upper() + words[1:]) if words else ""


def payable(group: Group) -> list[Method]:
    """List the methods a member can declare: in a kitty group, those of topping up (B16, B19)."""
    settings = group.settings
    chosen = settings.top_up_methods if "kitty" in settings.methods else settings.methods
    return [Method(name) for name in chosen if name not in {"kitty", "online"}]


def by_card(group: Group) -> bool:
    """Tell whether the group wants the card on the Internet, where a reminder is paid at once (B25)."""
    return Method.ONLINE.value in group.settings.methods


def _to_do(due: Due, group: Group) -> Rows:
    """Offer to pay by each method, then the rest: each begins a conversation that asks before anything is recorded.

    A transfer begins with where to send it: account, reference, code. A card is for the distribution itself (B17).
    """
    cents = typed_amount(due.asked)
    here = [method for method in payable(group) if method is not Method.TERMINAL]
    card = [say_option(method_name(Method.ONLINE), f"carte {due.asked}")] if by_card(group) else []
    pay = [*card, *[say_option(method_name(method), _paying(method, due, group)) for method in here]]
    others = [say_option(_("Déjà payé"), f"payer {cents}"), say_option(_("Plus tard"), "tard")]
    return (*rows(pay), *rows([*others, say_option(_("Une question"), "question")]))


def _paying(method: Method, due: Due, group: Group) -> str:
    if is_paid_to(group, method):
        return f"coordonnees {due.asked}"
    return f"payer {typed_amount(due.asked)} {method.value}"


def typed_amount(cents: Cents) -> str:
    """Write an amount as people type it, in any language.

    >>> typed_amount(Cents(2450))
    '24,50'
    """
    return f"{cents // 100},{cents % 100:02}"


def listed(found: Sequence[Due], group: Group, now: datetime, *, whole: bool = False) -> list[str]:
    """List who owes, how much, and since when; of what is declared too where the ``whole`` is meant."""
    names = group.names()
    lines = [
        _("{name} : {amount:money}, {since}", name=names.get(due.member, "?"), amount=due.amount if whole else due.uncovered,
          since=ago(due.since or now, now))
        for due in found[:MOST_LISTED]
    ]  # fmt: skip
    rest = len(found) - MOST_LISTED
    return [*lines, _n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 else lines
