"""« Reprise de solde »: what the group's earlier bookkeeping said, one by one or from a file (B29, B30)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.groups.people import Person
from bot.handlers.opening_file import Line, read_lines
from bot.handlers.visit import Visit
from bot.handlers.who import which_member
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.questions import Amount, SentFile, choose, confirm
from bot.wording import balance_of, rows, say_option, sentence
from bot.words import _, _n

LINES_A_PAGE = 30


def opening(visit: Visit) -> Script:
    """Enter an opening balance: repeated in words before it is posted; a second one shows the first (B29).

    An amount written « =12,00 » is a balance to reach. « fichier » reads many from a file (B30).
    """
    if visit.words[:1] in {("fichier",), ("file",)}:
        return (yield from _ask_file(visit))
    person = yield from which_member(
        visit, _("La reprise de solde de qui ? (Ou envoyez-moi un fichier, en privé : nom;montant.)")
    )
    typed = yield from ask(Reach("montant", _how_much(visit, person)))
    amount = Cents(typed.cents - visit.books.balance(person.number)) if typed.to_reach else typed.cents
    if amount == 0:
        return _("{balance} Il n'y a rien à reprendre.", balance=_stands(visit, person))
    agreed = yield from confirm(_consent(visit, person, amount))
    if not agreed:
        return _("Rien n'a été enregistré.")
    return Record.one(OpeningBalanceEntered(person.number, amount))


class Typed:
    """An amount, signed, and whether it is the balance to reach."""

    def __init__(self, cents: Cents, *, to_reach: bool) -> None:
        self.cents = cents
        self.to_reach = to_reach


class Reach:
    """Ask for an opening balance: « -8,20 » (owes), « 12 » (has), « =12,00 » (to reach)."""

    typed_ahead = True
    options: tuple[Answer, ...] = ()

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._amount = Amount(name, text, signed=True)

    def understand(self, text: str) -> str:
        """Read the amount, and a leading « = »."""
        sign, bare = ("=", text.strip()[1:]) if text.strip().startswith("=") else ("", text)
        if sign and bare.strip() in {"0", "0,00", "0.00"}:
            return "=0"
        return sign + self._amount.understand(bare)

    def value(self, token: str) -> Typed:
        """Read a token back."""
        bare = token.removeprefix("=")
        cents = Cents(0) if bare == "0" and token != bare else self._amount.value(bare)
        return Typed(cents, to_reach=token.startswith("="))


def _how_much(visit: Visit, person: Person) -> str:
    return _("{balance} Quel montant reprendre ? Avec un moins si {name} doit au groupe : -8,20.",
             balance=_stands(visit, person), name=person.name)  # fmt: skip


def _stands(visit: Visit, person: Person) -> str:
    return sentence(balance_of(person.name, visit.books.balance(person.number)))


def _consent(visit: Visit, person: Person, amount: Cents) -> str:
    """Repeat it in words; where there is one already, show it and what both make (B29)."""
    words = balance_of(person.name, amount)
    earlier = visit.books.opening_balances(person.number)
    if not earlier:
        return _("Reprise de solde : {words}. C'est bien cela ?", words=words)
    first = ", ".join(_("{amount:money} le {at:short}", amount=o.amount, at=o.at) for o in earlier)
    after = balance_of(person.name, Cents(visit.books.balance(person.number) + amount))
    return _(
        "⚠️ {name} a déjà une reprise de solde : {first}. Ajouter {amount:money*} ? Ensuite : {after}.",
        name=person.name, first=first, amount=amount, after=after,
    )  # fmt: skip


def _ask_file(visit: Visit) -> Script:
    invite = _("Envoyez le fichier : une ligne par adhérent, nom;montant (un moins pour une dette).")

    def content(number: int) -> bytes:
        found = visit.file(number)
        if found is None:
            return b""
        return found[1]

    sent = yield from ask(SentFile("fichier", invite, content))
    return (yield from from_file(visit, sent))


def from_file(visit: Visit, sent: bytes) -> Script:
    """Read opening balances from a file: a preview of every line, errors by line, all or nothing (B30)."""
    lines, troubles = read_lines(visit, sent)
    if troubles:
        return Say(_troubles(troubles), rows([say_option(_("Renvoyer"), "reprise fichier")]))
    if not (yield from _agreed(visit, lines)):
        return _("Rien n'a été enregistré.")
    return Record(tuple(OpeningBalanceEntered(line.person.number, line.amount) for line in lines))


def _troubles(troubles: list[str]) -> str:
    shown = troubles[:20]
    more = [_n("… et {n} autre.", "… et {n} autres.", len(troubles) - 20)] if len(troubles) > 20 else []
    head = _("Ce fichier ne peut pas être repris tel quel ; rien n'a été enregistré :")
    return "\n".join([head, *shown, *more])


def _agreed(visit: Visit, lines: list[Line]) -> Generator[Question[Any], Any, bool]:
    """Show every line, page after page, then ask for consent to all."""
    pages = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)]
    for number, page in enumerate(pages[:-1], start=1):
        text = _preview(visit, page) + "\n" + _("(page {page} sur {pages})", page=number, pages=len(pages))
        if not (
            yield from choose(f"page{number}", text, {Answer("on", _("Suite")): True, Answer("no", _("Non")): False})
        ):
            return False
    total = Cents(sum(line.amount for line in lines))
    last = _n("{n} reprise de solde, {total:money*} en tout. L'importer ?",
              "{n} reprises de solde, {total:money*} en tout. Les importer ?", len(lines), total=total)  # fmt: skip
    return (yield from confirm(_preview(visit, pages[-1]) + "\n" + last, _("Importer")))


def _preview(visit: Visit, lines: list[Line]) -> str:
    shown = []
    for line in lines:
        words = sentence(balance_of(line.person.name, line.amount))
        again = visit.books.opening_balances(line.person.number)
        warning = _(" ⚠️ s'ajoute à {amount:money}", amount=Cents(sum(o.amount for o in again))) if again else ""
        shown.append(f"{line.number}. {words}{warning}")
    return "\n".join(shown)
