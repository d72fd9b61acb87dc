"""Cheques in hand, and the slips by which they go to the bank (B22)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.chat import Attachment
from bot.conversation import Answer, Question, Record, Say, Script
from bot.folding import folded
from bot.handlers.visit import Visit
from bot.ledger.drawer import Cheque, Slip
from bot.ledger.facts import ChequesDeposited, Method
from bot.questions import Text, choose, confirm, whole_number
from bot.wording import METHOD_WORDS, cheque_line, rows, say_option, slip_count, turn_option
from bot.words import _

PAGE = 10
MOST_LISTED = 40
MAX_WRITTEN = 60


def ask_written(visit: Visit, method: Method) -> Generator[Question[str], str, str]:
    """Take what is typed after « chèque »: « /encaisser Dupont 23,50 chèque BNP 12345 » (B22).

    Nobody is asked for it otherwise: it is optional, and a question more for everybody would serve few.
    """
    known = set(map(folded, METHOD_WORDS[Method.CHEQUE.value]))
    if method is not Method.CHEQUE or not any(folded(word) in known for word in visit.words[:-1]):
        return ""
    asked = Text("cheque", _("Banque et numéro du chèque ? C'est facultatif."), skippable=True, limit=MAX_WRITTEN)
    written: str = yield asked
    return written


def cheques(visit: Visit) -> Script:
    """Show the cheques in hand, « cheques 2 » their second page; one, « cheques c44 »; slips, « cheques remises »."""
    yield from ()
    payment, slip = visit.numbered("c"), visit.numbered("r")
    if payment is not None:
        return _one(visit, payment)
    if slip is not None:
        return _slip(visit, slip)
    if visit.words[:1] == ("remises",):
        return _slips(visit, whole_number(visit.words[1]) if len(visit.words) > 1 else None)
    return _in_hand(visit, whole_number(visit.words[0]) if visit.words else None)


def _in_hand(visit: Visit, page: int | None) -> Say:
    found = visit.books.cheques.in_hand()
    past = say_option(_("Remises"), "cheques remises")
    if not found:
        return Say(_("Aucun chèque en main."), rows([past]))
    pages = -(-len(found) // PAGE)
    number = min(max(page or 1, 1), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    head = _("Chèques en main : {count}, {total:money*}", count=slip_count(len(found)), total=_total(found))
    where = [_("page {number} sur {pages}", number=number, pages=pages)] if pages > 1 else []
    lines = [head, *where, *(cheque_line(cheque, visit.group) for cheque in shown)]
    turns = [turn_option("‹", f"cheques {number - 1}")] if number > 1 else []
    turns += [turn_option("›", f"cheques {number + 1}")] if number < pages else []
    each = [say_option(_cheque_label(visit, cheque), f"cheques c{cheque.payment}") for cheque in shown]
    ways = [say_option(_("Faire une remise"), "remise"), past]
    return Say("\n".join(lines), (*rows(each, 2), *rows(turns), *rows(ways)))


def _total(found: Sequence[Cheque]) -> int:
    return sum(cheque.amount for cheque in found)


def _cheque_label(visit: Visit, cheque: Cheque) -> str:
    return _("{name} {amount:money}", name=visit.names.get(cheque.member, "?"), amount=cheque.amount)


def _one(visit: Visit, payment: int) -> Say | str:
    cheque = visit.books.cheques.of_payment(payment)
    if cheque is None:
        return _("Je ne trouve pas ce chèque.")
    lines = [cheque_line(cheque, visit.group), _place_words(cheque)]
    options = [] if cheque.bounced else [say_option(_("Impayé"), f"impaye {payment}")]
    options += [] if cheque.bounced else [say_option(_("Banque et n°"), f"numero {payment}")]
    if cheque.slip:
        options.append(say_option(_("Voir la remise"), f"cheques r{cheque.slip}"))
    options.append(say_option(_("Historique"), f"historique m{cheque.member}"))
    return Say("\n".join(lines), rows(options))


def _place_words(cheque: Cheque) -> str:
    if cheque.bounced:
        return _("Impayé (n° {number}).", number=cheque.bounced)
    if cheque.slip:
        return _("Remis à la banque (remise n° {number}).", number=cheque.slip)
    return _("En main.")


def _slips(visit: Visit, before: int | None) -> Say | str:
    found = visit.books.cheques.slips(before=before, limit=PAGE + 1)
    if not found:
        return _("Aucune remise de chèques n'a encore été faite.")
    lines = [_("Remises de chèques"), *(_slip_line(slip) for slip in found[:PAGE])]
    each = [say_option(_("n° {number}", number=slip.number), f"cheques r{slip.number}") for slip in found[:PAGE]]
    older = [turn_option(_("Plus ancien"), f"cheques remises {found[PAGE - 1].number}")] if len(found) > PAGE else []
    return Say("\n".join(lines), (*rows(each), *rows(older)))


def _slip_line(slip: Slip) -> str:
    return _("n° {number} du {at:short} : {count}, {total:money*}", number=slip.number, at=slip.at,
             count=slip_count(slip.count), total=slip.total)  # fmt: skip


def _slip(visit: Visit, number: int) -> Say | str:
    slip = visit.books.cheques.slip(number)
    if slip is None:
        return _("Il n'y a pas de remise n° {number}, ou elle a été annulée.", number=number)
    kind = visit.words[1] if len(visit.words) > 1 else ""
    if kind in {"csv", "xlsx"}:
        return _file(visit, slip, kind)
    found = visit.books.cheques.on_slip(number)
    author = visit.group.name_of(slip.author)
    lines = [_slip_line(slip), _("faite par {author}", author=author), *_listed(visit, found)]
    bounced = [say_option(_("Impayé"), f"impaye r{number}")]
    files = [say_option(label, f"cheques r{number} {kind}") for label, kind in ((_("Fichier"), "xlsx"), ("CSV", "csv"))]
    return Say("\n".join(lines), rows([*files, *bounced, say_option(_("↩️ Corriger"), f"corriger {number}")]))


def _listed(visit: Visit, found: Sequence[Cheque]) -> list[str]:
    more = [_("… et {n} de plus", n=len(found) - MOST_LISTED)] if len(found) > MOST_LISTED else []
    return [*(cheque_line(cheque, visit.group) for cheque in found[:MOST_LISTED]), *more]


def _file(visit: Visit, slip: Slip, kind: str) -> Say:
    arguments: dict[str, str | int] = {"group": visit.group.number, "language": visit.language, "slip": slip.number}
    name = _("remise") + f"-{slip.number}.{kind}"
    return Say(_slip_line(slip), (), Attachment(f"slip_{kind}", name, arguments))


@dataclass(frozen=True)
class _Done:
    """No more cheques are chosen."""


def deposit(visit: Visit) -> Script:
    """Make a deposit slip of all cheques in hand, or of some (B22)."""
    found = visit.books.cheques.in_hand()
    if not found:
        return Say(_("Aucun chèque en main."), rows([say_option(_("Remises"), "cheques remises")]))
    chosen = yield from _which(visit, found)
    if not chosen:
        return _("Rien n'est remis : aucun chèque n'est choisi.")
    count, total = slip_count(len(chosen)), _total(chosen)
    question = _("Remettre à la banque : {count}, {total:money*} ?", count=count, total=total)
    if not (yield from confirm("\n".join([question, *_listed(visit, chosen)]), _("Remettre"))):
        return _("Rien n'est remis.")
    return Record.one(ChequesDeposited(tuple((cheque.payment, cheque.amount) for cheque in chosen)))


def _which(visit: Visit, found: Sequence[Cheque]) -> Generator[Question[Any], Any, list[Cheque]]:
    count = slip_count(len(found))
    things = {
        Answer("all", _("Tous : {count}, {total:money}", count=count, total=_total(found))): True,
        Answer("some", _("Choisir")): False,
    }
    if len(found) == 1 or (yield from choose("lesquels", _("Quels chèques remettre à la banque ?"), things)):
        return list(found)
    return (yield from _picked(visit, found))


def _picked(visit: Visit, found: Sequence[Cheque]) -> Generator[Question[Any], Any, list[Cheque]]:
    """Choose one after another, a page at a time; tapped again, a cheque is left out again."""
    chosen: set[int] = set()
    first, step = 0, 0
    while True:
        kept = [cheque for cheque in found if cheque.payment in chosen]
        head = _("Choisis : {count}, {total:money*}.", count=slip_count(len(kept)), total=_total(kept))
        step += 1
        answer = yield from choose(f"cheque-{step}", head, _pickable(visit, found[first : first + PAGE], chosen, found))
        if isinstance(answer, _Done):
            return kept
        if isinstance(answer, Cheque):
            chosen ^= {answer.payment}
        else:
            first = (first + PAGE) if first + PAGE < len(found) else 0


def _pickable(
    visit: Visit, shown: Sequence[Cheque], chosen: set[int], found: Sequence[Cheque]
) -> dict[Answer, Cheque | _Done | None]:
    things: dict[Answer, Cheque | _Done | None] = {}
    for cheque in shown:
        mark = "☑" if cheque.payment in chosen else "☐"
        things[Answer(f"c{cheque.payment}", f"{mark} {_cheque_label(visit, cheque)}")] = cheque
    if len(found) > PAGE:
        things[Answer("next", _("Suite"))] = None
    things[Answer("done", _("Terminer"))] = _Done()
    return things
