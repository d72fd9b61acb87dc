"""The coordinators' digest: one message, how far from zero the group is and what waits for them (B41)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.facts import Fact
from bot.notices.reminder import listed
from bot.notices.telling import Notice, Telling, Written
from bot.reminders.bilan import Digest, digest_of
from bot.reminders.facts import DigestSent
from bot.wording import by_method, rows, say_option
from bot.words import _, _n, ago

MOST = 8
"""Lines of each list: the rest is a tap away."""


def written(digest: Digest, group: Group, now: datetime) -> Written:
    """Write the digest; buttons lead to what each part of it is about."""
    if digest.empty:
        return Written(_("{group:*} : tous les comptes sont à zéro, et rien n'attend.", group=group.settings.name))
    lines = [_head(digest, group), *_trend(digest), *_due(digest, group, now), *_pending(digest, group, now)]
    waits = [*_to_validate(digest), *_requests(digest), *_unreachable(digest)]
    lines += ["", *waits] if waits else []
    return Written("\n".join(lines), _buttons(digest))


def _head(digest: Digest, group: Group) -> str:
    name = group.settings.name
    if not digest.away:
        return _("{group:*} : tous les comptes sont à zéro.", group=name)
    head = _n("{group:*} : {n} compte n'est pas à zéro.", "{group:*} : {n} comptes ne sont pas à zéro.", digest.away,
              group=name)  # fmt: skip
    sums = _("Dû au groupe : {owed:money*} · avoirs : {having:money}", owed=digest.owed, having=digest.having)
    return f"{head}\n{sums}"


def _trend(digest: Digest) -> list[str]:
    """Say in words how that compares with the last digest."""
    before = digest.before
    if before is None:
        return []
    less = before - digest.owed
    if not less:
        return [_("Comme la dernière fois.")] if digest.owed else []
    if less > 0:
        return [_("C'est {amount:money} de moins que la dernière fois : on se rapproche de zéro.", amount=less)]
    return [_("C'est {amount:money} de plus que la dernière fois.", amount=-less)]


def _due(digest: Digest, group: Group, now: datetime) -> list[str]:
    if not digest.due:
        return []
    total = sum(due.amount for due in digest.due)
    lines = [
        _("\nÀ régler maintenant : {total:money*}", total=total),
        *listed(digest.due[:MOST], group, now, whole=True),
    ]
    rest = len(digest.due) - MOST
    return [*lines, _n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 else lines


def _pending(digest: Digest, group: Group, now: datetime) -> list[str]:
    if not digest.pending:
        return []
    head = _n("\n⏳ {n} paiement annoncé attend depuis plus de 3 jours :",
              "\n⏳ {n} paiements annoncés attendent depuis plus de 3 jours :", len(digest.pending))  # fmt: skip
    return [head] + [
        _("{name} : {amount:money} {how}, {since}", name=group.name_of(p.member), amount=p.amount,
          how=by_method(p.method), since=ago(p.declared_at, now))
        for p in digest.pending[:MOST]
    ]  # fmt: skip


def _to_validate(digest: Digest) -> list[str]:
    return [_("À valider : la distribution du {at:day}", at=one.starts_at) for one in digest.to_validate[:MOST]]


def _requests(digest: Digest) -> list[str]:
    n = len(digest.requests)
    return [_n("{n} demande de retrait sans réponse", "{n} demandes de retrait sans réponse", n)] if n else []


def _unreachable(digest: Digest) -> list[str]:
    n = len(digest.unreachable)
    return [_n("{n} personne injoignable", "{n} personnes injoignables", n)] if n else []


def _buttons(digest: Digest) -> Rows:
    options = [say_option(_("Soldes"), "soldes")]
    options += [say_option(_("Rappels"), "rappels apercu")] if digest.due else []
    options += [say_option(_("À valider"), "valider")] if digest.pending else []
    options += [
        say_option(_("Distribution du {at:date}", at=one.starts_at), f"cloturer d{one.number}")
        for one in digest.to_validate[:2]
    ]
    options += [say_option(_("Retraits"), "bilan retraits")] if digest.requests else []
    options += [say_option(_("Injoignables"), "injoignables")] if digest.unreachable else []
    return rows(options)


def _sent(told: Telling) -> list[Notice]:
    """Tell the coordinators, and compare with what they were told last."""
    digest = digest_of(told.books, told.market, told.dues, told.fact.before)

    def to_coordinators() -> Written:
        return written(digest, told.group, told.books.now)

    return [Notice("coordinators", to_coordinators, useful_for=timedelta(days=3))]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {DigestSent: _sent}
