"""Members who cannot be written to: since when, who saw them last, another way to reach them (B39)."""

from __future__ import annotations

from bot.conversation import Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.handlers.who import which_member
from bot.questions import Text, whole_number
from bot.reminders.facts import ContactNoted
from bot.reminders.traces import Trace
from bot.reminders.unreachable import Unreachable
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n, ago

PAGE = 6
MOST_CONTACT = 120


def unreachable(visit: Visit) -> Script:
    """List them, those who owe most first; one tap makes a new invitation to hand over."""
    yield from ()
    found = visit.dues.unreachable()
    if not found:
        return Say(_("Tout le monde est joignable."), rows([say_option(_("Membres"), "membres")]))
    pages = [found[start : start + PAGE] for start in range(0, len(found), PAGE)]
    asked = (whole_number(visit.words[0]) if visit.words else None) or 1
    page = max(1, min(asked, len(pages)))
    head = _n("{n} personne à qui je ne peux pas écrire :", "{n} personnes à qui je ne peux pas écrire :", len(found))
    then = _("Une invitation leur rend l'accès : par SMS, par courriel, ou sur un papier à la distribution.")
    turns = [turn_option("‹", f"injoignables {page - 1}")] if page > 1 else []
    turns += [turn_option("›", f"injoignables {page + 1}")] if page < len(pages) else []
    invite = [say_option(_("Inviter {name}", name=one.name[:20]), f"inviter m{one.member}") for one in pages[page - 1]]
    lines = [head, *_lines(visit, pages[page - 1]), then]
    note = say_option(_("Noter un téléphone"), "joindre")
    return Say("\n".join(lines), (*rows(turns), *rows(invite, 2), (note,)))


def _lines(visit: Visit, shown: list[Unreachable]) -> list[str]:
    traces, contacts = visit.dues.traces([one.member for one in shown]), visit.dues.contacts()
    lines = []
    for one in shown:
        lines.append(_line(visit, one))
        lines += [
            f"  {said}"
            for said in [*_seen(visit, traces[one.member]), *_ways(traces[one.member], contacts.get(one.member))]
        ]
    return lines


def _line(visit: Visit, one: Unreachable) -> str:
    since = ago(one.since, visit.now)
    if one.lost:
        said = _("{name:*} : ne répond plus, {since}", name=one.name, since=since)
    else:
        said = _(
            "{name:*} : aucun appareil relié, dans le groupe depuis le {since:date}", name=one.name, since=one.since
        )
    owes = _(" · doit {amount:money}", amount=-one.balance) if one.balance < 0 else ""
    return said + owes


def _seen(visit: Visit, trace: Trace) -> list[str]:
    """Say who saw them last, or took money from them, and when they wrote here."""
    said = []
    if trace.came_at is not None and trace.seen_by is not None:
        said.append(
            _("à la distribution du {at:date}, avec {who}", at=trace.came_at, who=visit.group.name_of(trace.seen_by))
        )
    elif trace.came_at is not None:
        said.append(_("commande à la distribution du {at:date}", at=trace.came_at))
    if trace.paid_at is not None and trace.paid_to is not None:
        who = visit.group.name_of(trace.paid_to)
        said.append(_("paiement reçu le {at:date} par {who}", at=trace.paid_at, who=who))
    if trace.wrote_at is not None:
        said.append(_("dernier message le {at:date}", at=trace.wrote_at))
    return [_("Dernier signe : {signs}", signs=" · ".join(said))] if said else []


def _ways(trace: Trace, contact: str | None) -> list[str]:
    """Say how else they can be reached."""
    ways = [contact] if contact else []
    ways += [_("un appareil à confirmer ({platform})", platform=platform.capitalize()) for platform in trace.waiting]
    return [_("Autrement : {ways}", ways=" · ".join(ways))] if ways else []


def reach(visit: Visit) -> Script:
    """Note another way to reach a member, or forget it: « joindre Léa 06 12 34 56 78 » (B39)."""
    person = yield from which_member(visit, _("Pour joindre qui ?"))
    known = visit.dues.contacts().get(person.number, "")
    now = _(" (noté : {contact})", contact=known) if known else ""
    question = _("{name}{now} : quel téléphone, quelle adresse, quel voisin ? Seuls les coordinateurs le liront.",
                 name=person.name, now=now)  # fmt: skip
    forget = (_("Oublier"),) if known else ()
    text = yield from ask(Text("contact", question, forget, limit=MOST_CONTACT))
    return Record.one(ContactNoted(person.number, "" if text in forget else text))
