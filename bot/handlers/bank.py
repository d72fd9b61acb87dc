"""/banque: a bank statement, compared with the books; nothing is posted before a coordinator agrees (B23, B28)."""

from __future__ import annotations

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
from bot.handlers.catalogue_file import sent_file
from bot.handlers.visit import Visit
from bot.handlers.who import Gone, WhichMember
from bot.questions import choose, confirm
from bot.wording import rows, say_option
from bot.words import _, _n, told

MOST_AT_ONCE = 100
"""Payments recorded in one turn: others are waiting for theirs."""

MOST_ONE_BY_ONE = 40


def bank(visit: Visit) -> Script:
    """Ask for a statement, and read it."""
    content = yield from ask(sent_file(visit, _("Envoyez le relevé de votre banque (CSV, OFX, CAMT.053 ou CFONB120).")))
    return (yield from reconciled(visit, content))


def reconciled(visit: Visit, content: bytes) -> Script:
    """Show what the lines of a statement are, and record what is agreed to: all that is sure at once, or line by line."""
    try:
        found = compared(visit, read(content))
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
        return _recorded([Agreed(p.line, p.key, p.member, p.payment) for p in sure], len(found.open) - len(sure))
    agreed = yield from _line_by_line(visit, found)
    if not agreed or not (yield from confirm(summary(visit, agreed), _("Enregistrer"))):
        return _("Rien n'a été enregistré.")
    return _recorded(agreed, len(found.open) - len(agreed))


def _recorded(agreed: Sequence[Agreed], left: int) -> Outcome:
    done = _n("✅ {n} ligne du relevé est enregistrée, {total:money*}.", "✅ {n} lignes du relevé sont enregistrées, {total:money*}.",
              len(agreed), total=sum(one.line.amount for one in agreed))  # fmt: skip
    more = _n("Il en reste {n} : renvoyez le même fichier pour continuer.",
              "Il en reste {n} : renvoyez le même fichier pour continuer.", left)  # fmt: skip
    said = Say(f"{done}\n{more}" if left else done, rows([say_option(_("Soldes"), "soldes")]))
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
    person = yield from ask(_Payer(f"qui-{proposal.key[:12]}", text, visit.group, own=own))
    taken = {one.payment.number for one in agreed if one.payment is not None}
    return for_member(found, proposal, person.number, taken)
