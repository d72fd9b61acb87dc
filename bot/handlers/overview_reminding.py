"""Reminding from the overview: those shown, or one, by the reminders' own rules; who is not reminded is said, and why (B36, B37)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.conversation import Record, Say, Script
from bot.handlers.overview_view import View
from bot.handlers.visit import Visit
from bot.notices.reminder import listed
from bot.questions import confirm
from bot.reminders.deciding import What, current
from bot.reminders.dues import Due
from bot.reminders.facts import ReminderSent
from bot.wording import rows, say_option
from bot.words import _, _n

MOST_SHOWN = 30


def remind_shown(visit: Visit, view: View, members: Sequence[int]) -> Script:
    """Remind one member at once, or all those shown after a look at the list."""
    if not visit.dues.awake:
        return _("Il est tard : je n'écris à personne entre 22 h et 8 h. Demandez-le-moi demain.")
    waiting = _first_list(visit)
    if waiting is not None:
        return waiting
    if view.member:
        return _one(visit, view.member)
    return (yield from _several(visit, set(members)))


def _first_list(visit: Visit) -> Say | None:
    """A list that waits for its approval goes first: it is looked at as a whole (B37)."""
    if not visit.dues.rules.list_fact:
        return None
    said = _("Une liste de rappels attend déjà d'être approuvée : c'est par elle qu'on commence.")
    return Say(said, rows([say_option(_("Voir la liste"), "rappels groupe")]))


def _one(visit: Visit, member: int) -> Record | Say:
    due = visit.dues.of(member)
    steps = {one.member: step for one, step in visit.dues.to_remind()}
    if member in steps:
        return Record.one(ReminderSent(member, steps[member], due.uncovered, visit.dues.addresses[member]))
    said = _(
        "{name} : {why}. Rien n'a été envoyé.", name=visit.names.get(member, "?"), why=why_not(visit, due) or _not_now()
    )
    able = due.uncovered and visit.dues.addresses.get(member)
    return Say(said, rows([say_option(_("Rappeler quand même"), f"rappeler m{member}")] if able else []))


def _several(visit: Visit, members: set[int]) -> Script:
    """Show who would be written to, who would not and why: consent is bound to that."""
    found = [(due, step) for due, step in visit.dues.to_remind() if due.member in members]
    chosen = {due.member for due, _step in found}
    left = [due for due in visit.dues.everybody() if due.member in members and due.member not in chosen]
    refused = _refused(visit, left)
    if not found:
        return "\n".join([_("Il n'y a personne à rappeler maintenant."), *refused])
    head = _n("Envoyer un rappel à {n} personne ?", "Envoyer un rappel à {n} personnes ?", len(found))
    first = [_("C'est le premier envoi du groupe : regardez bien la liste.")] if not visit.dues.rules.approved else []
    text = "\n".join([head, *listed([due for due, _step in found], visit.group, visit.now), *refused, *first])
    if not (yield from confirm(text, _("Envoyer"))):
        return _("Rien n'a été envoyé.")
    said = _n("✅ {n} rappel envoyé.", "✅ {n} rappels envoyés.", len(found))
    addresses = visit.dues.addresses
    facts = tuple(ReminderSent(due.member, step, due.uncovered, addresses[due.member]) for due, step in found)
    return Record(facts, said=Say(said))


def _refused(visit: Visit, left: Sequence[Due]) -> list[str]:
    if not left:
        return []
    verdicts = _verdicts(visit)
    lines = [
        _("{name} : {why}", name=visit.names.get(due.member, "?"), why=_why(visit, due, verdicts) or _not_now())
        for due in left[:MOST_SHOWN]
    ]
    rest = len(left) - MOST_SHOWN
    lines += [_n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 else []
    return [_("\nPas cette fois :"), *lines]


def why_not(visit: Visit, due: Due) -> str:
    """Say what keeps a member from being reminded now; nothing where they would be."""
    return _why(visit, due, _verdicts(visit))


def _verdicts(visit: Visit) -> dict[int, What]:
    return {one.member: what.what for one, what in visit.dues.verdicts()}


def _why(visit: Visit, due: Due, verdicts: Mapping[int, What]) -> str:
    what = verdicts.get(due.member)
    if what is What.REMIND:
        return ""
    if what is What.HAND_OVER:
        return _("trois rappels sont déjà arrivés, un mot de vive voix sera plus utile")
    return _hindrance(visit, due)


def _hindrance(visit: Visit, due: Due) -> str:
    """Find what hinders, as the rules have it, the gravest first."""
    rules, before = visit.dues.rules, current(visit.dues.reminded(due.member), due)
    reasons: tuple[tuple[object, Callable[[], str]], ...] = (
        (not due.parts, lambda: _("rien à régler pour l'instant")),
        (visit.dues.addresses.get(due.member) is None, lambda: _("n'est plus dans le groupe")),
        (not visit.dues.addresses.get(due.member), lambda: _("pas joignable ici")),
        (not before.wanted, lambda: _("ne souhaite pas de rappels")),
        (not due.uncovered, lambda: _("a annoncé un paiement, à valider")),
        (due.uncovered <= rules.threshold, lambda: _("moins que le seuil des rappels ({threshold:money})", threshold=rules.threshold)),
        (due.ripe(visit.now, rules.grace) <= rules.threshold, lambda: _("c'est encore tout récent")),
        (before.later_at is not None and before.later_at > visit.now,
         lambda: _("a demandé d'attendre {later:day}", later=before.later_at)),
        (before.handed_at is not None, lambda: _("déjà signalé aux coordinateurs, un mot de vive voix sera plus utile")),
        (before.at is not None, lambda: _("déjà rappelé le {at:date}", at=before.at)),
    )  # fmt: skip
    return next((why() for hinders, why in reasons if hinders), _not_now())


def _not_now() -> str:
    return _("pas cette fois")
