"""/banque: a bank statement, compared with the books; nothing is posted before a coordinator agrees (B23, B28)."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.banking.errors import StatementError
from bot.banking.matching import Kind, Proposal
from bot.banking.statement import read
from bot.conversation import Answer, MisunderstoodError, Outcome, Question, Record, Say, Script, ask
from bot.groups.people import Person
from bot.handlers.bank_lines import Agreed, facts_of, for_member
from bot.handlers.bank_reading import Compared, WrongStatementError, compared
from bot.handlers.bank_screens import line_question, preview, summary
from bot.handlers.catalogue_file import Sent, sent_file
from bot.handlers.visit import Visit
from bot.handlers.who import MOST_OFFERED, Gone, WhichMember, in_debt
from bot.questions import choose, confirm, whole_number
from bot.wording import rows, say_option
from bot.words import _, _n, told

MOST_AT_ONCE = 100
"""Payments recorded in one turn: others are waiting for theirs."""

MOST_ONE_BY_ONE = 40


def bank(visit: Visit) -> Script:
    """Ask for a statement, and read it; « banque 57 a1b2c3d4e5f6 » goes on with the one that was sent."""
    sent = _sent_before(visit)
    if sent is None:
        invite = _("Envoyez le relevé de votre banque (CSV, OFX, CAMT.053 ou CFONB120).")
        sent = yield from ask(sent_file(visit, invite))
    return (yield from reconciled(visit, sent))


def _sent_before(visit: Visit) -> Sent | None:
    """Find a statement again, a day at most: only who has seen its bytes can name it, whatever number is typed."""
    number = whole_number(visit.words[0]) if len(visit.words) == 2 else None
    found = visit.file(number) if number is not None else None
    sent = Sent(number, found[1]) if number is not None and found is not None else None
    return sent if sent is not None and _seal(sent) == visit.words[1] else None


def _seal(sent: Sent) -> str:
    return hashlib.blake2s(sent.content, digest_size=8).hexdigest()


def reconciled(visit: Visit, sent: Sent) -> Script:
    """Show what the lines of a statement are, and record what is agreed to: all that is sure at once, or line by line."""
    try:
        found = compared(visit, read(sent.content))
    except (StatementError, WrongStatementError) as refusal:
        return Say(told(refusal), rows([say_option(_("Renvoyer"), "banque")]))
    if not found.open:
        return preview(found)
    sure = found.sure[:MOST_AT_ONCE]
    things = {Answer("all", _("Tout valider ({n})", n=len(sure))): "all"} if sure else {}
    things |= {Answer("each", _("Ligne par ligne")): "each", Answer("no", _("Non")): "no"}
    chosen = yield from choose(f"releve-{found.mark}", preview(found), things)
    if chosen == "no":
        return _("Rien n'a été enregistré.")
    if chosen == "all":
        return _recorded([Agreed(p.line, p.key, p.member, p.payment) for p in sure], len(found.open) - len(sure), sent)
    agreed = yield from _line_by_line(visit, found)
    if not agreed or not (yield from confirm(summary(visit, agreed), _("Enregistrer"))):
        return _("Rien n'a été enregistré.")
    return _recorded(agreed, len(found.open) - len(agreed), sent)


def _recorded(agreed: Sequence[Agreed], left: int, sent: Sent) -> Outcome:
    """Record what is agreed to; the rest is a tap away."""
    done = _n("✅ {n} ligne du relevé est enregistrée, {total:money*}.", "✅ {n} lignes du relevé sont enregistrées, {total:money*}.",
              len(agreed), total=sum(one.line.amount for one in agreed))  # fmt: skip
    go_on = [say_option(_("Continuer"), f"banque {sent.number} {_seal(sent)}")] if left else []
    more = _n("Il en reste {n} à regarder.", "Il en reste {n} à regarder.", left)
    said = Say(f"{done}\n{more}" if left else done, rows([*go_on, say_option(_("Soldes"), "soldes")]))
    return Record(tuple(fact for one in agreed for fact in facts_of(one)), said=said)


def _line_by_line(visit: Visit, found: Compared) -> Generator[Question[Any], Any, list[Agreed]]:
    """Ask about each line that is open; what is agreed to is recorded at the end, all of it."""
    agreed: list[Agreed] = []
    asked = found.open[:MOST_ONE_BY_ONE]
    for rank, proposal in enumerate(asked, start=1):
        head = _("{rank} sur {n}", rank=rank, n=len(asked))
        answer = yield from _about(visit, found, proposal, head)
        if answer == "end":
            break
        one: Agreed | None = None
        if answer == "yes":
            one = Agreed(proposal.line, proposal.key, proposal.member, proposal.payment)
        elif answer == "other":
            one = yield from _somebody_else(visit, found, proposal, agreed)
        if one is not None:
            agreed.append(one)
    return agreed


def _about(visit: Visit, found: Compared, proposal: Proposal, head: str) -> Generator[Question[Any], Any, str]:
    things = {Answer("yes", _("Oui")): "yes"} if proposal.kind is not Kind.UNKNOWN else {}
    other = _("Choisir l'adhérent") if proposal.kind is Kind.UNKNOWN else _("Un autre adhérent")
    things |= {Answer("other", other): "other", Answer("no", _("Laisser")): "no", Answer("end", _("Arrêter là")): "end"}
    text = f"{head} · {line_question(visit, proposal)}"
    return (yield from choose(f"ligne-{proposal.key[:12]}-{found.mark}", text, things))


@dataclass(frozen=True)
class _Payer(WhichMember):
    """Ask whose a line is. One's own account is another coordinator's to credit (B43)."""

    own: int = 0
    gone: Gone = Gone.OPEN

    def value(self, token: str) -> Person:
        """Give the member of a token, unless it is the speaker."""
        person = super().value(token)
        if person.number == self.own:
            raise MisunderstoodError(_("C'est votre propre compte : un autre coordinateur doit envoyer ce relevé."))
        return person


def _somebody_else(
    visit: Visit, found: Compared, proposal: Proposal, agreed: Sequence[Agreed]
) -> Generator[Question[Any], Any, Agreed]:
    own = visit.person.number if visit.needs_another(visit.person.number) else 0
    text = _("De qui est ce virement ?")
    members = visit.group.members()
    likely = tuple(p for p in (members if len(members) <= MOST_OFFERED else in_debt(visit)) if p.number != own)
    person = yield from ask(_Payer(f"qui-{proposal.key[:12]}", text, visit.group, likely, own=own))
    taken = {one.payment.number for one in agreed if one.payment is not None}
    return for_member(found, proposal, person.number, taken)
