"""Everything that is kept of one member, in one file: a text to begin with, tables for a spreadsheet, JSON for a program (B44)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from bot.chat import Document
from bot.groups.people import Group
from bot.groups.tables import LinkedAddress, Member, Note
from bot.ledger.books import Books
from bot.ledger.errors import N_
from bot.ledger.journal import recorded_row
from bot.ledger.tables import FACT, PAYMENT
from bot.market.market import Market, Order, OrderLine
from bot.market.sheet_cells import guarded
from bot.market.tables import PLAN, REQUEST
from bot.papers.journal import decimal
from bot.reminders.view import Dues
from bot.wording import balance_of, method_name, sentence
from bot.wording.facts import fact_words, operation_name
from bot.words import _

Table = list[dict[str, Any]]

MOST_OPERATIONS = 100_000
MOST_ORDERS = 10_000
FILES = {
    "addresses": N_("adresses"), "operations": N_("operations"), "payments": N_("paiements"), "orders": N_("commandes"),
    "planned_payments": N_("paiements-prevus"), "requests": N_("demandes"), "journal": N_("journal"),
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
    "member": N_("adhérent n°"), "line": N_("ligne"),
}  # fmt: skip
"""Columns as people read them; what is not here is for programs."""

AMOUNTS = {"amount", "balance_after", "received", "cost", "price"}


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


def everything(connection: Connection, group: int, member: int, now: datetime) -> dict[str, Any]:
    """Read everything that is kept of a member, by area."""
    of = _Reader(connection, group, member, now)
    return {
        "person": of.person(),
        "addresses": of.addresses(),
        "operations": of.operations(),
        "payments": of.payments(),
        "orders": of.orders(),
        "planned_payments": of.rows(PLAN, PLAN.c.member == member),
        "requests": of.rows(REQUEST, REQUEST.c.member == member),
        "messages": of.messages(),
        "journal": of.journal(),
    }


class _Reader:
    """Reads what is kept of one member."""

    def __init__(self, connection: Connection, group: int, member: int, now: datetime) -> None:
        self._connection = connection
        self._group = Group(connection, group)
        self._member = member
        self._books = Books(connection, group, now)
        self._market = Market(connection, group, now)
        self._dues = Dues(connection, self._group, now)

    def person(self) -> dict[str, Any]:
        where = (col(Member.group_id) == self._group.number) & (col(Member.number) == self._member)
        row = self._connection.execute(select(Member).where(where)).one()
        standing = self._books.standing(self._member)
        about = {"group": self._group.settings.name, "balance": standing.balance, "pending": standing.pending}
        return {**_plain(row._asdict()), **about}

    def addresses(self) -> Table:
        theirs = (col(LinkedAddress.group_id) == self._group.number) & (col(LinkedAddress.member) == self._member)
        return [_plain(row._asdict()) for row in self._connection.execute(select(LinkedAddress).where(theirs))]

    def operations(self) -> Table:
        found = self._books.history(self._member, limit=MOST_OPERATIONS, net=False)
        return [
            {
                "number": one.fact, "at": one.at.isoformat(), "operation": operation_name(one.kind, one.method),
                "amount": one.amount, "balance_after": one.balance_after, "reverses": one.reverses,
                "reversed_by": one.reversed_by,
            } for one in reversed(found)
        ]  # fmt: skip

    def payments(self) -> Table:
        mine = (PAYMENT.c.group_id == self._group.number) & (PAYMENT.c.member == self._member)
        rows = self._connection.execute(select(PAYMENT).where(mine).order_by(PAYMENT.c.number))
        return [
            {**_plain(row._asdict()), "method": method_name(row.method), "written": self._group.cheque_note(row.number)}
            for row in rows
        ]

    def orders(self) -> Table:
        orders = sorted(self._market.orders_of(self._member, most=MOST_ORDERS), key=lambda one: one.placed_at)
        return [self._order_line(order, line) for order in orders for line in order.lines]

    def _order_line(self, order: Order, line: OrderLine) -> dict[str, Any]:
        distribution = self._market.distribution(order.distribution)
        return {
            "starts_at": distribution.starts_at.isoformat() if distribution else None,
            "place": distribution.place if distribution else "", "order": order.number, "state": order.state,
            "placed_at": order.placed_at.isoformat(), "product": line.name, "unit": line.unit,
            "ordered": line.ordered, "quantity": line.quantity, "price": line.price, "cost": line.cost,
        }  # fmt: skip

    def messages(self) -> dict[str, Any]:
        """Give what they chose to be told of."""
        reminded = self._dues.reminded(self._member)
        where = (col(Member.group_id) == self._group.number) & (col(Member.number) == self._member)
        openings = self._connection.execute(select(col(Member.tell_openings)).where(where)).scalar_one()
        at = {"reminded_at": reminded.at, "reminded_again_at": reminded.later_at}
        return {"openings": openings, "reminders": reminded.wanted, **_plain(at)}

    def journal(self) -> Table:
        """List what was recorded about them, in words, with the notes that go with it. What they did for others names others."""
        query = select(FACT).where(FACT.c.group_id == self._group.number).order_by(FACT.c.number)
        notes = select(col(Note.fact), col(Note.text)).where(col(Note.group_id) == self._group.number)
        texts = {row.fact: row.text for row in self._connection.execute(notes)}
        return [
            {
                "number": row.number, "at": row.at.isoformat(), "by": self._group.name_of(row.author),
                "what": fact_words(recorded_row(row).fact, self._group, self._books), "note": texts.get(row.number, ""),
            }
            for row in self._connection.execute(query) if json.loads(row.body).get("member") == self._member
        ]  # fmt: skip

    def rows(self, table: Any, where: Any) -> Table:
        """Read the rows of a table as they are."""
        query = select(table).where(table.c.group_id == self._group.number, where).order_by(table.c.number)
        return [_plain(row._asdict()) for row in self._connection.execute(query)]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row as JSON has it, without what only we count by."""
    left_out = {"group_id", "folded", "erase", "erased"}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in left_out
    }


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
        moment = datetime.fromisoformat(value)
        return _("{at:short} {at:time}", at=moment)
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
