"""Everything that is kept of one member, in one file: a text to begin with, tables for a spreadsheet, JSON for a program (B44)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import Document
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.ledger.errors import N_
from bot.market.sheet_cells import guarded
from bot.papers.journal import decimal
from bot.papers.kept import everything
from bot.wording import balance_of, sentence
from bot.words import _, short_day

FILES = {
    "addresses": N_("adresses"), "operations": N_("operations"), "payments": N_("paiements"), "orders": N_("commandes"),
    "planned_payments": N_("paiements-prevus"), "requests": N_("demandes"), "journal": N_("journal"),
    "refunds": N_("remboursements-demandes"), "baskets": N_("paniers"), "bank_lines": N_("virements-reconnus"),
    "links": N_("liens-de-paiement"), "card_payments": N_("paiements-par-carte"), "card_refunds": N_("rendus-sur-carte"),
    "invitations": N_("invitations"), "reminders": N_("rappels"), "contacts": N_("autre-moyen-de-joindre"),
    "conversations": N_("conversations-en-cours"), "messages_waiting": N_("messages-en-attente"),
    "proposals": N_("accords-demandes"), "done_by_them": N_("ce-que-vous-avez-note"),
}  # fmt: skip
"""The name of each table's file."""

HEADINGS = {
    "number": N_("n°"), "at": N_("date"), "operation": N_("opération"), "amount": N_("montant"),
    "balance_after": N_("solde après"), "reverses": N_("annule le n°"), "reversed_by": N_("annulé par le n°"),
    "method": N_("moyen"), "state": N_("état"), "received": N_("reçu"), "declared_at": N_("déclaré le"),
    "decided_at": N_("décidé le"), "written": N_("écrit sur le chèque"), "distribution": N_("distribution n°"),
    "starts_at": N_("distribution du"),
    "place": N_("lieu"), "order": N_("commande n°"), "placed_at": N_("commandé le"), "product": N_("produit"),
    "unit": N_("unité"), "ordered": N_("demandé (millièmes)"), "quantity": N_("compté (millièmes)"), "price": N_("prix"),
    "cost": N_("coût"), "platform": N_("messagerie"), "user": N_("identifiant"), "chat": N_("discussion"),
    "language": N_("langue"), "linked_at": N_("relié le"), "lost_at": N_("injoignable depuis"), "by": N_("par"),
    "what": N_("quoi"), "note": N_("note"), "asked_at": N_("demandé le"), "planned_at": N_("prévu le"),
    "member": N_("adhérent n°"), "line": N_("ligne"), "slip": N_("remise n°"), "bounced": N_("impayé"),
    "room": N_("salon"), "lines": N_("lignes"), "changed_at": N_("changé le"), "payment": N_("paiement n°"),
    "provider": N_("prestataire"), "external": N_("chez le prestataire"), "reference": N_("référence"),
    "created_at": N_("demandé le"), "expires_at": N_("jusqu'au"), "used_at": N_("servi le"), "fee": N_("frais"),
    "owed": N_("dû alors"), "text": N_("texte"), "word": N_("commande dite"), "words": N_("mots"), "answers": N_("réponses"),
    "wanted": N_("rappels voulus"), "later_at": N_("remis au"), "paused_until": N_("en pause jusqu'au"),
    "handed_at": N_("confié aux coordinateurs le"), "credit_at": N_("avoir rappelé le"), "step": N_("rappel n°"),
}  # fmt: skip
"""Columns as people read them; what is not here is for programs."""

AMOUNTS = {"amount", "balance_after", "received", "cost", "price", "fee", "owed"}


def as_zip(connection: Connection, group: int, member: int, now: datetime) -> Document:
    """Pack what is kept of a member; amounts are euros in the tables, cents in the JSON."""
    found = everything(connection, group, member, now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_("LISEZ-MOI.txt"), _read_me(connection, group, member, now))
        archive.writestr("donnees.json", json.dumps(found, ensure_ascii=False, indent=1))
        for name, table in found.items():
            if isinstance(table, list) and table:
                archive.writestr(_(FILES[name]) + ".csv", _csv(table))
    return Document("", packed.getvalue(), "application/zip")


def _csv(table: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a table as French spreadsheets open it: a byte-order mark, semicolons, decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    shown = [name for name in table[0] if name in HEADINGS]
    writer.writerow([_(HEADINGS[name]) for name in shown])
    for row in table:
        writer.writerow([_cell(name, row[name]) for name in shown])
    return ("\ufeff" + out.getvalue()).encode()


def _cell(name: str, value: Any) -> object:
    if value is None:
        return ""
    if name in AMOUNTS and isinstance(value, int):
        return decimal(value, ",")
    if name == "at" or name.endswith("_at"):
        return (
            _("{at:short} {at:time}", at=datetime.fromisoformat(value))
            if "T" in value
            else short_day(date.fromisoformat(value))
        )
    return guarded(value) if isinstance(value, str) else value


def _read_me(connection: Connection, number: int, member: int, now: datetime) -> str:
    group = Group(connection, number)
    standing = Books(connection, number, now).standing(member)
    lines = [
        _(
            "Ce que le groupe « {group} » garde de {name}, le {at:day}.",
            group=group.settings.name,
            name=group.name_of(member),
            at=now,
        ),
        sentence(balance_of(group.name_of(member), standing.balance)),
        "",
        _("Les fichiers .csv s'ouvrent avec un tableur, donnees.json avec un programme."),
        _("Les montants sont en euros dans les .csv, en centimes dans donnees.json."),
    ]
    return "\n".join(line.replace("\x0e", "").replace("\x0f", "") for line in lines) + "\n"
