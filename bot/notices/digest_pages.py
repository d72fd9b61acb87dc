"""The pages behind the digest: the accounts away from zero, the payments that wait (B41)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat import Option
from bot.groups.people import Group
from bot.notices.digest import decisions, head, pending_line
from bot.notices.telling import Written
from bot.reminders.away import Away
from bot.reminders.bilan import Digest
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n

PAGE, PAGE_WITH_BUTTONS = 20, 5


def accounts_page(digest: Digest, group: Group, _now: datetime, asked: int) -> Written:
    """List the accounts away from zero, twenty at a time, and since when each is."""
    names = group.names()
    lines = [_account_line(one, names.get(one.member, "?")) for one in digest.accounts]
    return _paged(head(digest, group), lines, "bilan comptes", asked)


def _account_line(one: Away, name: str) -> str:
    if one.balance < 0:
        return _("{name} doit {amount:money}, depuis le {since:date}", name=name, amount=-one.balance, since=one.since)
    return _(
        "{name} a un avoir de {amount:money}, depuis le {since:date}", name=name, amount=one.balance, since=one.since
    )


def pending_page(digest: Digest, group: Group, now: datetime, asked: int) -> Written:
    """List what has been waiting for more than three days, a few at a time, each with its button."""
    most, found = PAGE_WITH_BUTTONS, digest.pending
    if not found:
        return Written(_("Rien n'attend depuis plus de 3 jours."), rows([say_option(_("À valider"), "valider")]))
    page = max(1, min(asked, -(-len(found) // most)))
    shown = found[(page - 1) * most : page * most]
    lines = [pending_line(payment, group, now) for payment in found]
    said = _paged(_n("⏳ {n} paiement attend depuis plus de 3 jours :", "⏳ {n} paiements attendent depuis plus de 3 jours :",
                     len(found)), lines, "bilan attente", page, most)  # fmt: skip
    return Written(said.text, (*decisions(shown, group), *said.options))


def _paged(title: str, lines: Sequence[str], word: str, asked: int, most: int = PAGE) -> Written:
    pages = max(1, -(-len(lines) // most))
    page = max(1, min(asked, pages))
    shown = [title, *lines[(page - 1) * most : page * most]]
    if pages > 1:
        shown.append(_("page {page} sur {pages}", page=page, pages=pages))
    turns: list[Option] = [turn_option("‹", f"{word} {page - 1}")] if page > 1 else []
    turns += [turn_option("›", f"{word} {page + 1}")] if page < pages else []
    return Written("\n".join(shown), rows([*turns, say_option(_("Bilan"), "bilan")]))
