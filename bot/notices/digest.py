"""The coordinators' digest: one message, how far from zero the group is and what waits for them; pages behind it (B41)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.chat import Attachment, plain
from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.books import Payment
from bot.ledger.facts import Fact
from bot.notices.reminder import listed
from bot.notices.telling import Notice, Telling, Written
from bot.reminders.bilan import Digest, digest_of
from bot.reminders.facts import DigestSent
from bot.wording import by_method, rows, say_option, slip_count
from bot.words import _, _n, ago, language

CHART = "digest_chart"

LENGTHS = (8, 5, 3, 1)
"""Lines of each list: as many as fit under a picture, the rest is a tap away."""

CAPTION_CHARACTERS = 1_000
"""What fits under a picture on every platform."""

DECIDED_AT_ONCE = 3
"""So many payments that wait have their own button."""


def written(digest: Digest, group: Group, now: datetime) -> Written:
    """Write the digest; buttons lead to what each part of it is about. The picture shows what its words say."""
    if digest.empty:
        return Written(_("{group:*} : tous les comptes sont à zéro, et rien n'attend.", group=group.settings.name))
    texts = (_text(digest, group, now, most) for most in LENGTHS)
    text = next((text for text in texts if len(plain(text)) <= CAPTION_CHARACTERS), None)
    return Written(text or _text(digest, group, now, 0), _buttons(digest, group), _chart(digest, group, now))


def _text(digest: Digest, group: Group, now: datetime, most: int) -> str:
    waits = [
        *_cheques(digest, now), *_cash(digest, now), *_to_validate(digest, now), *_requests(digest, now),
        *_unreachable(digest),
    ]  # fmt: skip
    lines = [head(digest, group), *_trend(digest), *_weeks(digest), *_due(digest, group, now, most)]
    lines += [*_pending(digest, group, now, most), *(["", *waits] if waits else [])]
    return "\n".join(lines)


def head(digest: Digest, group: Group) -> str:
    """Say how many accounts are away from zero, and by how much in all."""
    name = group.settings.name
    if not digest.away:
        return _("{group:*} : tous les comptes sont à zéro.", group=name)
    said = _n("{group:*} : {n} compte n'est pas à zéro.", "{group:*} : {n} comptes ne sont pas à zéro.", digest.away,
              group=name)  # fmt: skip
    sums = _("Dû au groupe : {owed:money*} · avoirs : {having:money}", owed=digest.owed, having=digest.having)
    return f"{said}\n{sums}"


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


def _weeks(digest: Digest) -> list[str]:
    """Say what the picture shows: where it began, how high it was, where it is."""
    if not _worth_a_picture(digest):
        return []
    first, last = digest.weeks[0], digest.weeks[-1]
    said = _("Depuis le {at:date} : dû {owed:money} → {owed_now:money}, avoirs {having:money} → {having_now:money}.",
             at=first.at, owed=first.owed, owed_now=last.owed, having=first.having, having_now=last.having)  # fmt: skip
    top = max(digest.weeks, key=lambda point: point.owed)
    if top.owed <= max(first.owed, last.owed):
        return [said]
    return [said, _("Au plus haut, {owed:money} dus le {at:date}.", owed=top.owed, at=top.at)]


def _worth_a_picture(digest: Digest) -> bool:
    return len(digest.weeks) > 2


def _due(digest: Digest, group: Group, now: datetime, most: int) -> list[str]:
    if not digest.due:
        return []
    title = _("\nÀ régler maintenant : {total:money*}", total=sum(due.amount for due in digest.due))
    lines = [title, *listed(digest.due[:most], group, now, whole=True)]
    rest = len(digest.due) - most
    return [*lines, _n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 and most else lines


def _pending(digest: Digest, group: Group, now: datetime, most: int) -> list[str]:
    if not digest.pending:
        return []
    title = _n("\n⏳ {n} paiement annoncé attend depuis plus de 3 jours :",
              "\n⏳ {n} paiements annoncés attendent depuis plus de 3 jours :", len(digest.pending))  # fmt: skip
    rest = len(digest.pending) - most
    more = [_n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 and most else []
    return [title, *(pending_line(payment, group, now) for payment in digest.pending[:most]), *more]


def pending_line(payment: Payment, group: Group, now: datetime) -> str:
    """Say a payment that waits in a line."""
    return _("{name} : {amount:money} {how}, {since}", name=group.name_of(payment.member), amount=payment.amount,
             how=by_method(payment.method), since=ago(payment.declared_at, now))  # fmt: skip


def _cheques(digest: Digest, now: datetime) -> list[str]:
    found = digest.cheques
    if found is None:
        return []
    return [_("À déposer : {count}, {total:money*}, le plus ancien reçu {since}", count=slip_count(found.count),
              total=found.total, since=ago(found.since, now))]  # fmt: skip


def _cash(digest: Digest, now: datetime) -> list[str]:
    cash = digest.cash
    if not cash.holds and cash.counted_at is None:
        return []
    if cash.counted_at is None:
        return [_("Dans la caisse : {holds:money*}, pas comptée depuis longtemps", holds=cash.holds)]
    return [_("Dans la caisse : {holds:money*}, comptée {since}", holds=cash.holds, since=ago(cash.counted_at, now))]


def _to_validate(digest: Digest, now: datetime) -> list[str]:
    return [
        _("À valider : la distribution du {at:day}, finie {since}", at=one.starts_at, since=ago(one.ends_at, now))
        for one in digest.to_validate[:5]
    ]


def _requests(digest: Digest, now: datetime) -> list[str]:
    lines = []
    if digest.requests:
        n, since = len(digest.requests), ago(digest.requests[0].asked_at, now)
        lines.append(
            _n("{n} demande de retrait sans réponse ({since})", "{n} demandes de retrait sans réponse (la première {since})",
               n, since=since)
        )  # fmt: skip
    if digest.refunds:
        n, since = len(digest.refunds), ago(digest.refunds[0].asked_at, now)
        lines.append(
            _n("{n} remboursement demandé, sans réponse ({since})",
               "{n} remboursements demandés, sans réponse (le premier {since})", n, since=since)
        )  # fmt: skip
    return lines


def _unreachable(digest: Digest) -> list[str]:
    n = len(digest.unreachable)
    return [_n("{n} personne injoignable", "{n} personnes injoignables", n)] if n else []


def _buttons(digest: Digest, group: Group) -> Rows:
    options = [say_option(_("Comptes"), "bilan comptes")] if digest.away else []
    options += [say_option(_("Soldes"), "soldes")]
    options += [say_option(_("Rappels"), "rappels apercu")] if digest.due else []
    options += [say_option(_("À valider"), "bilan attente")] if len(digest.pending) > DECIDED_AT_ONCE else []
    options += [
        say_option(_("Distribution du {at:date}", at=one.starts_at), f"cloturer d{one.number}")
        for one in digest.to_validate[:2]
    ]
    options += [say_option(_("Chèques"), "cheques")] if digest.cheques else []
    options += [say_option(_("Compter la caisse"), "caisse")] if digest.cash.uncounted else []
    options += [say_option(_("Retraits"), "bilan retraits")] if digest.requests else []
    options += [say_option(_("Remboursements"), "bilan remboursements")] if digest.refunds else []
    options += [say_option(_("Injoignables"), "injoignables")] if digest.unreachable else []
    return (*decisions(digest.pending[:DECIDED_AT_ONCE], group), *rows(options))


def decisions(payments: Sequence[Payment], group: Group) -> Rows:
    """Offer to say that each payment was received: the very round that is shown (B21); the card has the rest."""
    received = [
        say_option(_("Reçu : {name}, {amount:money}", name=group.name_of(one.member)[:20], amount=one.amount),
                   f"valider recu {one.number}.{one.round}")
        for one in payments
    ]  # fmt: skip
    other = [say_option(_("Autre chose"), "valider")] if received else []
    return rows([*received, *other], 1 if received else 3)


def _chart(digest: Digest, group: Group, now: datetime) -> Attachment | None:
    """Have the picture made when it is delivered, of the moment at which this is said."""
    if not _worth_a_picture(digest):
        return None
    arguments: dict[str, str | int] = {"group": group.number, "language": language(), "at": int(now.timestamp())}
    return Attachment(CHART, f"{_('bilan')}.png", arguments)


def _sent(told: Telling) -> list[Notice]:
    """Tell the coordinators, and compare with what they were told last."""
    digest = digest_of(told.books, told.market, told.dues, told.fact.before)

    def to_coordinators() -> Written:
        return written(digest, told.group, told.books.now)

    return [Notice("coordinators", to_coordinators, useful_for=timedelta(days=3))]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {DigestSent: _sent}
