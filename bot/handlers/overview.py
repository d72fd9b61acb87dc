"""All balances at a glance, in three sections (B36): sorted, searched, paged; a tap on a name opens what can be done there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.chat import Attachment, Option
from bot.conversation import Answer, Rows, Say, Script
from bot.handlers.letting_go import SMALL
from bot.handlers.overview_member import member_screen
from bot.handlers.overview_reminding import remind_shown
from bot.handlers.overview_view import View, read
from bot.handlers.visit import Visit
from bot.ledger.books import Standing
from bot.ledger.money import Cents
from bot.questions import choose
from bot.reminders.dues import Due
from bot.wording import rows, say_option, since_words, turn_option
from bot.words import _, _n

PAGE = 18
NAME_SHOWN = 18

_LAST = datetime.max.replace(tzinfo=UTC)
SECTIONS = (-1, 1, 0)


@dataclass(frozen=True)
class _Line:
    """A member in the overview, as they are called there; ``due``: what of the balance is due now."""

    standing: Standing
    name: str
    due: Due | None

    @property
    def section(self) -> int:
        """Which section it is in: -1 owes, 1 has an avoir, 0 at zero."""
        balance = self.standing.balance
        return (balance > 0) - (balance < 0)

    def rank(self, order: str) -> tuple[object, ...]:
        """Give what it is sorted by within its section."""
        since = self.due.since if self.due and self.due.since else _LAST
        keys: dict[str, tuple[object, ...]] = {"age": (since, -abs(self.standing.balance)), "nom": ()}
        return (*keys.get(order, (-abs(self.standing.balance),)), self.name.casefold())


def balances(visit: Visit) -> Script:
    """Show doit / avoir / équilibre, or do what the words say.

    ``age``, ``nom``, ``montant`` sort, a number is a page, other words search; ``m3`` opens a member, ``rappeler`` reminds those
    shown or one; ``fichier csv|xlsx`` sends a file.
    """
    first = visit.words[0] if visit.words else ""
    if first in {"fichier", "file"}:
        return _file(visit, "xlsx" if visit.words[1:2] == ("xlsx",) else "csv")
    if first in {"rappeler", "remind"}:
        view = read(visit.words[1:])
        return (yield from remind_shown(visit, view, [line.standing.member for line in _found(visit, view)]))
    view = read(visit.words)
    if view.member:
        return member_screen(visit, view)
    found = _found(visit, view)
    if view.wanted and len(found) == 1:
        return member_screen(visit, replace(view, member=found[0].standing.member, wanted=""))
    return _screen(visit, view, found)


def export(visit: Visit) -> Script:
    """Send the balances as a file: « exporter », « exporter csv »."""
    kinds = {Answer("xlsx", _("Tableur")): "xlsx", Answer("csv", _("CSV")): "csv"}
    return _file(visit, (yield from choose("fichier", _("Tous les soldes, en quel fichier ?"), kinds)))


def _found(visit: Visit, view: View) -> list[_Line]:
    """List whom a view shows, in its order; who left and is at zero is shown no more."""
    due = {one.member: one for one in visit.dues.everybody()}
    people = {person.number: person.name for person in visit.group.members()}
    gone = {person.number: _("{name} (a quitté)", name=person.name) for person in visit.group.departed()}
    lines = [
        _Line(s, people.get(s.member) or gone.get(s.member) or f"m{s.member}", due.get(s.member))
        for s in visit.books.standings()
        if s.balance or s.pending or s.member in people
    ]
    shown = [line for line in lines if view.shows(line.name, line.standing.member)]
    return sorted(shown, key=lambda line: (SECTIONS.index(line.section), line.rank(view.order)))


def _screen(visit: Visit, view: View, found: Sequence[_Line]) -> Say:
    pages = [found[start : start + PAGE] for start in range(0, len(found), PAGE)] or [[]]
    page = max(1, min(view.page, len(pages)))
    view = replace(view, page=page)
    lines = [_head(visit, view, found), *_written(visit, pages[page - 1], found)]
    if len(pages) > 1:
        lines.append(_("\npage {page} sur {pages}", page=page, pages=len(pages)))
    return Say("\n".join(lines), _options(view, pages[page - 1], found, len(pages)))


def _head(visit: Visit, view: View, found: Sequence[_Line]) -> str:
    if view.wanted and not found:
        return _("Personne ne s'appelle « {typed} » ici.", typed=view.wanted)
    if view.wanted:
        return _("« {typed} » :", typed=view.wanted)
    away = sum(1 for line in found if line.section)
    group = visit.group.settings.name
    if away:
        said = _n(
            "{group:*} : {n} compte n'est pas à zéro.", "{group:*} : {n} comptes ne sont pas à zéro.", away, group=group
        )
    else:
        said = _("{group:*} : tous les soldes sont à zéro.", group=group)
    pending = Cents(sum(line.standing.pending for line in found))
    return said + (_("\n⏳ {pending:money} annoncés, à valider", pending=pending) if pending else "")


def _written(visit: Visit, shown: Sequence[_Line], found: Sequence[_Line]) -> list[str]:
    """Write a page, each section under its heading; what goes on from the page before keeps its heading too."""
    lines: list[str] = []
    for section in SECTIONS:
        mine = [line for line in shown if line.section == section]
        if mine:
            lines.append(_heading(section, [line.standing for line in found if line.section == section]))
            lines += [_text(line, visit.now) for line in mine]
    return lines


def _heading(section: int, standings: Sequence[Standing]) -> str:
    total = Cents(abs(sum(standing.balance for standing in standings)))
    title = {-1: _("Doit"), 1: _("Avoir"), 0: _("À l'équilibre")}[section]
    if not section:
        return _("\n{title:*} · {n}", title=title, n=len(standings))
    return _("\n{title:*} · {n} · {total:money*}", title=title, n=len(standings), total=total)


def _text(line: _Line, now: datetime) -> str:
    """Write a line; of a debt, since when it is due: what is owed for a distribution to come is not due yet (B36, B37)."""
    standing = line.standing
    waiting = _(" · ⏳ {pending:money}", pending=standing.pending) if standing.pending else ""
    if standing.balance == 0:
        return _("{name}{waiting}", name=line.name, waiting=waiting)
    since = line.due.since if line.due is not None else None
    how_long = ", " + since_words(since, now) if since else ""
    return _("{name} : {amount:money}{how_long}{waiting}", name=line.name, amount=Cents(abs(standing.balance)),
             how_long=how_long, waiting=waiting)  # fmt: skip


def _options(view: View, shown: Sequence[_Line], found: Sequence[_Line], pages: int) -> Rows:
    """Offer each name that is away from zero, the pages, the orders, then what can be done for all those shown."""
    turns = [turn_option("‹", replace(view, page=view.page - 1).command)] if view.page > 1 else []
    turns += [turn_option("›", replace(view, page=view.page + 1).command)] if view.page < pages else []
    orders = {"montant": _("Par montant"), "age": _("Par ancienneté"), "nom": _("Par nom")}
    sorts = [
        turn_option(label, replace(view, order=order, page=1).command)
        for order, label in orders.items()
        if order != view.order
    ]
    everybody = [turn_option(_("Tous"), View(order=view.order).command)] if view.wanted else []
    sorts = sorts if len(found) > 3 else []
    return (*rows(_names(view, shown)), *rows([*turns, *everybody]), *rows(sorts), *rows(_actions(view, found)))


def _names(view: View, shown: Sequence[_Line]) -> list[Option]:
    """Offer the members away from zero by name; two of one name by their number too."""
    same = Counter(line.name[:NAME_SHOWN] for line in shown)
    return [
        turn_option(
            line.name[:NAME_SHOWN]
            if same[line.name[:NAME_SHOWN]] == 1
            else f"{line.name[:NAME_SHOWN]} m{line.standing.member}",
            replace(view, member=line.standing.member).command,
        )
        for line in shown
        if line.section or line.standing.pending
    ]


def _actions(view: View, found: Sequence[_Line]) -> list[Option]:
    actions = [say_option(_("À valider"), "valider")] if any(line.standing.pending for line in found) else []
    if any(line.due for line in found):
        label = _("Rappeler ceux-ci") if view.wanted else _("Tous les rappeler")
        actions.append(say_option(label, replace(view, page=1).saying("rappeler")))
    if any(0 < abs(line.standing.balance) <= SMALL for line in found):
        actions.append(say_option(_("Petits écarts"), "ecarts"))
    actions += [say_option(_("Encaisser"), "encaisser")]
    return [*actions, say_option(_("Fichier"), "soldes fichier xlsx"), say_option(_("CSV"), "soldes fichier csv")]


def _file(visit: Visit, kind: str) -> Say:
    arguments: dict[str, str | int] = {"group": visit.group.number, "language": visit.language}
    name = _("soldes") + f".{kind}"
    return Say(_("Les soldes du groupe « {group} ».", group=visit.group.settings.name), (),
               Attachment(f"balances_{kind}", name, arguments))  # fmt: skip
