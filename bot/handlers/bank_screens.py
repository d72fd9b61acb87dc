"""How a bank statement is shown: what each line seems to be, and what agreeing would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.banking.matching import Expected, Kind, Proposal
from bot.handlers.bank_lines import Agreed
from bot.handlers.bank_reading import Compared
from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.words import _, _n

MOST_SHOWN = 8
LONGEST_TEXT = 60


def preview(found: Compared) -> str:
    """Show everything that was found, by how sure it is."""
    proposals, (first, last) = found.proposals, found.statement.days
    sums = [*proposals, *found.own]
    total = Cents(sum(p.line.amount for p in sums))
    lines = [_n("Relevé {form} du {first:short} au {last:short} : {n} somme reçue, {total:money*}.",
                "Relevé {form} du {first:short} au {last:short} : {n} sommes reçues, {total:money*}.",
                len(sums), form=found.statement.form, first=first, last=last, total=total)]  # fmt: skip
    lines += _section(found, Kind.SURE, _("✅ Reconnues :"))
    lines += _section(found, Kind.LINKED, _("🔗 Déjà validées à la main, rien de plus ne sera crédité :"))
    lines += _section(found, Kind.PROBABLE, _("❓ Probables, à regarder une par une :"))
    lines += _section(found, Kind.UNKNOWN, _("• Inconnues :"))
    return "\n".join([*lines, *_left_aside(found)])


def _section(found: Compared, kind: Kind, head: str) -> list[str]:
    some = [p for p in found.proposals if p.kind is kind]
    if not some:
        return []
    shown = [f"– {proposal_words(found.known.members, p)}" for p in some[:MOST_SHOWN]]
    more = len(some) - MOST_SHOWN
    rest = [_n("… et {n} autre.", "… et {n} autres.", more)] if more > 0 else []
    return ["", head, *shown, *rest]


def _left_aside(found: Compared) -> list[str]:
    """Say what does not count, and what could not be checked."""
    counted = sum(p.kind is Kind.COUNTED for p in found.proposals)
    notes = [
        (counted, _n("Déjà enregistrée : {n}.", "Déjà enregistrées : {n}.", counted)),
        (len(found.own), _n("Pour votre propre compte : {n}, un autre coordinateur doit envoyer ce relevé.",
                            "Pour votre propre compte : {n}, un autre coordinateur doit envoyer ce relevé.", len(found.own))),
        (found.debits, _n("{n} débit ignoré.", "{n} débits ignorés.", found.debits)),
        (found.foreign, _n("{n} somme en devise ignorée.", "{n} sommes en devise ignorées.", found.foreign)),
        (found.other_accounts, _n("{n} ligne d'un autre compte ignorée.", "{n} lignes d'un autre compte ignorées.", found.other_accounts)),
    ]  # fmt: skip
    said = [words for n, words in notes if n]
    if not found.named:
        said.append(_("⚠️ Ce fichier ne dit pas de quel compte il est : vérifiez que c'est celui du groupe."))
    elif not found.checked:
        said.append(_("⚠️ L'IBAN du groupe n'est pas réglé : vérifiez que ce relevé est bien le sien."))
    return ["", *said] if said else []


def proposal_words(members: Mapping[int, str], proposal: Proposal) -> str:
    """Say a line and what it seems to be."""
    line = proposal.line
    name = members.get(proposal.member, "")
    if not name:
        text = line.text if len(line.text) <= LONGEST_TEXT else line.text[: LONGEST_TEXT - 1] + "…"
        return _("{at:short}, {amount:money} · {text}", at=line.day, amount=line.amount, text=text)
    what = payment_words(proposal.payment, line.amount)
    twin = " " + _("⚠️ ressemble à une ligne d'un autre relevé.") if proposal.twin else ""
    return (
        _("{at:short}, {amount:money} · {name}, {what}", at=line.day, amount=line.amount, name=name, what=what) + twin
    )


def payment_words(payment: Expected | None, amount: Cents) -> str:
    """Say which payment of the books it is, and how it differs."""
    if payment is None:
        return _("pas déclaré")
    words = {"declared": _("déclaré"), "planned": _("prévu"), "received": _("déjà validé")}[payment.state]
    if payment.amount != amount:
        return _("{state} pour {amount:money}", state=words, amount=payment.amount)
    return words if payment.transfer else _("{state} par un autre moyen", state=words)


def line_question(visit: Visit, proposal: Proposal) -> str:
    """Ask about one line, with the bank's own words."""
    said = _(
        "{at:day}, {amount:money*}\n« {text} »",
        at=proposal.line.day,
        amount=proposal.line.amount,
        text=proposal.line.text[:200],
    )
    if proposal.kind is Kind.UNKNOWN:
        return f"{said}\n" + _("Je ne sais pas de qui c'est.")
    twin = "\n" + _("⚠️ Une ligne pareille est déjà venue d'un autre relevé.") if proposal.twin else ""
    name, what = visit.names.get(proposal.member, "?"), payment_words(proposal.payment, proposal.line.amount)
    return f"{said}{twin}\n" + _("Est-ce {name:*} ({what}) ?", name=name, what=what)


def summary(visit: Visit, agreed: Sequence[Agreed]) -> str:
    """Say what would be recorded: consent is to exactly that."""
    lines = [
        _("– {name} : {amount:money}, {what}", name=visit.names.get(one.member, "?"), amount=one.line.amount,
          what=payment_words(one.payment, one.line.amount))
        for one in agreed
    ]  # fmt: skip
    total = sum(one.line.amount for one in agreed)
    return "\n".join([_n("Enregistrer {n} ligne, {total:money*} ?", "Enregistrer {n} lignes, {total:money*} ?", len(agreed),
                         total=total), *lines])  # fmt: skip
