"""Small balances let go of: one with its reason, or all the little ones at once (B44, B45)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import Record, Say, Script, ask
from bot.groups.proposals import MOST_LET_GO_ALONE
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, in_debt, which_member, with_credit
from bot.ledger import money
from bot.ledger.books import Standing
from bot.ledger.money import Cents
from bot.ledger.settling import BalanceWrittenOff
from bot.market.market import Phase
from bot.questions import Text, confirm
from bot.wording import balance_of, rows, say_option, sentence
from bot.wording.reasons import LET_GO, LITTLE, kept, offered
from bot.words import _, _n

SMALL = Cents(100)
"""Up to here a balance is a « petit écart », in cents, unless another limit is typed."""

LARGEST_SMALL = Cents(500)
MOST_SHOWN = 40


def let_go(visit: Visit) -> Script:
    """Let go of what a member owes, or of what is left in their favour, with a reason."""
    person = yield from which_member(
        visit, _("Le solde de qui laisse-t-on de côté ?"), lambda: [*in_debt(visit), *with_credit(visit)],
        gone=Gone.OPEN, likely_only=True,
    )  # fmt: skip
    standing = visit.books.standing(person.number)
    stands = sentence(balance_of(person.name, standing.balance))
    if not standing.balance:
        return _("{stands} Il n'y a rien à laisser.", stands=stands)
    if standing.pending:
        wait = _("{stands} Un paiement annoncé attend encore : décidez-le d'abord.", stands=stands)
        return Say(wait, rows([say_option(_("À valider"), "valider")]))
    question = Text("raison", _("{stands} Pour quelle raison le laisser de côté ?", stands=stands), offered(LET_GO),
                    skippable=True, typed_ahead=False)  # fmt: skip
    reason = yield from ask(question)
    if not (yield from confirm(_consent(stands, standing.balance), _("Laisser de côté"))):
        return _("Rien n'a changé.")
    return Record.one(BalanceWrittenOff(person.number, Cents(-standing.balance), kept(reason, LET_GO)))


def _consent(stands: str, balance: Cents) -> str:
    if balance < 0:
        question = _("{stands} Le groupe prend {amount:money*} à sa charge, et le compte revient à zéro ?",
                     stands=stands, amount=-balance)  # fmt: skip
    else:
        question = _("{stands} Le groupe garde {amount:money*}, et le compte revient à zéro ?",
                     stands=stands, amount=balance)  # fmt: skip
    return question if abs(balance) <= MOST_LET_GO_ALONE else _("⚠️ {question}", question=question)


def small_ones(visit: Visit) -> Script:
    """Let go of all the little balances at once: each is shown first. « ecarts 2 » takes another limit."""
    limit = _limit(visit)
    if limit is None:
        return _("Écrivez un montant jusqu'à {most:money}, par exemple « /ecarts 2 ».", most=LARGEST_SMALL)
    found = _found(visit, limit)
    if not found:
        return _("Aucun petit écart : rien entre 0 et {limit:money}, dans un sens ou dans l'autre.", limit=limit)
    if not (yield from confirm(_preview(visit, found, limit), _("Tout laisser de côté"))):
        return _("Rien n'a changé.")
    facts = tuple(BalanceWrittenOff(s.member, Cents(-s.balance), LITTLE) for s in found)
    said = _n("✅ {n} petit écart laissé de côté.", "✅ {n} petits écarts laissés de côté.", len(found))
    return Record(facts, said=Say(said, rows([say_option(_("Soldes"), "soldes")])))


def _limit(visit: Visit) -> Cents | None:
    if not visit.words:
        return SMALL
    try:
        typed = money.parse(" ".join(visit.words))
    except money.NotAnAmountError:
        return None
    return typed if 0 < typed <= LARGEST_SMALL else None


def _found(visit: Visit, limit: Cents) -> list[Standing]:
    """List the little balances that nothing is about to change; one's own is another coordinator's to look at (B43)."""
    moving = {
        order.member
        for one in visit.market.in_phase(*_NOT_OVER)
        for order in visit.market.orders(one.number)
        if order.total
    }
    back = visit.online.under_way
    small = [s for s in visit.books.standings() if 0 < abs(s.balance) <= limit and not s.pending]
    return sorted(
        (s for s in small if s.member not in moving and not visit.needs_another(s.member) and not back(s.member)),
        key=lambda s: (s.balance, visit.names.get(s.member, "")),
    )


_NOT_OVER = (Phase.TO_COME, Phase.OPEN, Phase.CLOSED, Phase.ON, Phase.OVER)
"""Orders of a distribution that nobody has validated may still be adjusted: their accounts are left alone."""


def _preview(visit: Visit, found: Sequence[Standing], limit: Cents) -> str:
    """Show everything that would be let go of, and what it comes to for the group."""
    head = _n(
        "{n} petit écart, jusqu'à {limit:money} :",
        "{n} petits écarts, jusqu'à {limit:money} :",
        len(found),
        limit=limit,
    )
    lines = [balance_of(visit.names.get(s.member, "?"), s.balance) for s in found[:MOST_SHOWN]]
    more = len(found) - MOST_SHOWN
    lines += [_n("… et {n} autre", "… et {n} autres", more)] if more > 0 else []
    total = Cents(-sum(s.balance for s in found))
    cost = _("Pour le groupe : {total:money} à sa charge.", total=total) if total >= 0 else _(
        "Pour le groupe : {total:money} gardés.", total=-total
    )  # fmt: skip
    return "\n".join([head, *lines, cost, _("Tous ces comptes reviennent à zéro ?")])
