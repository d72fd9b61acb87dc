"""All balances at a glance, in three sections (B36), and the file of them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import Attachment, Option
from bot.conversation import Rows, Say, Script
from bot.handlers.visit import Visit
from bot.ledger.books import Standing
from bot.ledger.money import Cents
from bot.questions import whole_number
from bot.reminders.dues import Due
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n, ago

PAGE = 20


@dataclass(frozen=True)
class _Row:
    """A line of the overview: a section's heading, or a member."""

    text: str
    standing: Standing | None = None

    @property
    def member(self) -> int:
        """The member it is about; 0 for a heading."""
        return self.standing.member if self.standing else 0


def balances(visit: Visit) -> Script:
    """Show doit / avoir / équilibre with totals, pending, and since when each debt is owed; ``fichier csv|xlsx`` sends a file."""
    yield from ()
    if visit.words[:1] in {("fichier",), ("file",)}:
        return _file(visit, "xlsx" if visit.words[1:2] == ("xlsx",) else "csv")
    standings = visit.books.standings()
    everything = _rows(visit, standings)
    pages = [everything[start : start + PAGE] for start in range(0, len(everything), PAGE)] or [[]]
    asked = whole_number(visit.words[0]) if visit.words else 1
    page = max(1, min(asked or 1, len(pages)))
    due = {one.member: one for one in visit.dues.everybody()}
    shown = pages[page - 1]
    lines = [_head(visit, standings), *(_text(visit, row, due.get(row.member)) for row in shown)]
    if len(pages) > 1:
        lines.append(_("page {page} sur {pages}", page=page, pages=len(pages)))
    return Say("\n".join(lines), _options(page, len(pages), pending=any(s.pending for s in standings), due=bool(due)))


def _head(visit: Visit, standings: list[Standing]) -> str:
    away = [s for s in standings if s.balance]
    if not away:
        return _("{group:*} : tous les soldes sont à zéro.", group=visit.group.settings.name)
    return _n("{group:*} : {n} compte n'est pas à zéro.", "{group:*} : {n} comptes ne sont pas à zéro.",
              len(away), group=visit.group.settings.name)  # fmt: skip


def _rows(visit: Visit, standings: list[Standing]) -> list[_Row]:
    """List everything in order: the largest debts first, then the largest avoirs, then who is at zero by name."""
    active = {person.number for person in visit.group.members()}
    owing = sorted((s for s in standings if s.balance < 0), key=lambda s: s.balance)
    having = sorted((s for s in standings if s.balance > 0), key=lambda s: -s.balance)
    even = [s for s in standings if s.balance == 0 and s.member in active]
    even.sort(key=lambda s: visit.names.get(s.member, ""))
    return [
        *_section(_("Doit"), owing, Cents(-sum(s.balance for s in owing))),
        *_section(_("Avoir"), having, Cents(sum(s.balance for s in having))),
        *_section(_("À l'équilibre"), even, None),
    ]


def _section(title: str, standings: list[Standing], total: Cents | None) -> list[_Row]:
    if not standings:
        return []
    if total is None:
        head = _("\n{title:*} · {n}", title=title, n=len(standings))
    else:
        head = _("\n{title:*} · {n} · {total:money*}", title=title, n=len(standings), total=total)
    return [_Row(head), *(_Row("", standing) for standing in standings)]


def _text(visit: Visit, row: _Row, due: Due | None) -> str:
    """Write a line; of a debt, since when it is due: what is owed for a distribution to come is not due yet (B36, B37)."""
    standing = row.standing
    if standing is None:
        return row.text
    name = visit.names.get(standing.member, "?")
    waiting = _(" · ⏳ {pending:money}", pending=standing.pending) if standing.pending else ""
    if standing.balance == 0:
        return _("{name}{waiting}", name=name, waiting=waiting)
    since = due.since if due is not None else None
    how_long = ", " + ago(since, visit.now) if since else ""
    return _("{name} : {amount:money}{how_long}{waiting}", name=name, amount=Cents(abs(standing.balance)),
             how_long=how_long, waiting=waiting)  # fmt: skip


def _options(page: int, pages: int, *, pending: bool, due: bool) -> Rows:
    turns: list[Option] = []
    if page > 1:
        turns.append(turn_option("‹", f"soldes {page - 1}"))
    if page < pages:
        turns.append(turn_option("›", f"soldes {page + 1}"))
    actions = [say_option(_("À valider"), "valider")] if pending else []
    actions += (
        [say_option(_("Rappeler"), "rappeler"), say_option(_("Tous les rappeler"), "rappeler tous")] if due else []
    )
    actions += [say_option(_("Encaisser"), "encaisser"), say_option(_("Fichier"), "soldes fichier xlsx")]
    return (*rows(turns), *rows(actions))


def _file(visit: Visit, kind: str) -> Say:
    arguments: dict[str, str | int] = {"group": visit.group.number, "language": visit.language}
    name = _("soldes") + f".{kind}"
    return Say(_("Les soldes du groupe « {group} ».", group=visit.group.settings.name), (),
               Attachment(f"balances_{kind}", name, arguments))  # fmt: skip
