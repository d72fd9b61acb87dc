"""What is kept of one member, read area by area: tables with a name each, rows nearly as they are (B44)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from bot.banking.tables import BANK_LINE
from bot.departures.chats import DIRECT, THREAD
from bot.groups.people import Group
from bot.groups.proposals import read
from bot.groups.tables import ChequeNote, Invitation, LinkedAddress, Member, Note, Proposal
from bot.ledger.books import Books
from bot.ledger.journal import recorded_row
from bot.ledger.tables import CHEQUE, FACT, PAYMENT
from bot.ledger.tables import table as model_table
from bot.market.market import Market, Order, OrderLine
from bot.market.tables import BASKET, PLAN, REQUEST
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND
from bot.outbox import Waiting, unpacked
from bot.reminders.tables import CONTACT, REFUND, REMINDED
from bot.wording import method_name
from bot.wording.facts import fact_words, operation_name

Table = list[dict[str, Any]]

MOST_OPERATIONS = 100_000
MOST_ORDERS = 10_000

RENAMED = {"cents": "amount", "day": "at"}
LEFT_OUT = {"group_id", "folded", "erase", "erased"}
"""Columns that only we count by."""

_AS_THEY_ARE = {
    "planned_payments": PLAN, "requests": REQUEST, "refunds": REFUND, "baskets": BASKET, "bank_lines": BANK_LINE,
    "links": CHECKOUT, "card_payments": ONLINE_PAYMENT, "card_refunds": ONLINE_REFUND,
    "invitations": model_table(Invitation), "reminders": REMINDED, "contacts": CONTACT,
}  # fmt: skip
"""Tables whose rows say whose they are."""


def everything(connection: Connection, group: int, member: int, now: datetime) -> dict[str, Any]:
    """Read everything that is kept of a member, by area; amounts in cents."""
    of = _Reader(connection, group, member, now)
    return {
        "person": of.person(),
        "addresses": of.addresses(),
        "operations": of.operations(),
        "payments": of.payments(),
        "orders": of.orders(),
        **{name: of.rows(table) for name, table in _AS_THEY_ARE.items()},
        "conversations": of.conversations(),
        "messages_waiting": of.waiting(),
        "proposals": of.proposals(),
        "journal": of.journal(),
        "done_by_them": of.done(),
    }


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row as JSON has it, without what only we count by."""
    return {RENAMED.get(name, name): _plain(name, value) for name, value in row.items() if name not in LEFT_OUT}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return method_name(value) if name == "method" else value


class _Reader:
    """Reads what is kept of one member."""

    def __init__(self, connection: Connection, group: int, member: int, now: datetime) -> None:
        self._connection = connection
        self._group = Group(connection, group)
        self._member = member
        self._books = Books(connection, group, now)
        self._market = Market(connection, group, now)

    def person(self) -> dict[str, Any]:
        """Give the name, the choices, the balance; all of what they chose to be told of is here and in ``reminders``."""
        members = model_table(Member)
        row = self._found(members, members.c.number == self._member)[0]
        standing = self._books.standing(self._member)
        about = {"group": self._group.settings.name, "balance": standing.balance, "pending": standing.pending}
        return {**plain(row._asdict()), **about}

    def addresses(self) -> Table:
        """List from where they talk; on Matrix, in which room."""
        rooms = {row.user: row.room for row in self._connection.execute(select(DIRECT.c.user, DIRECT.c.room))}
        found = self._found(model_table(LinkedAddress), self._mine(model_table(LinkedAddress)))
        return [{**plain(row._asdict()), "room": rooms.get(row.user, "")} for row in found]

    def operations(self) -> Table:
        """List what was posted on their account."""
        found = self._books.history(self._member, limit=MOST_OPERATIONS, net=False)
        return [
            {
                "number": one.fact, "at": one.at.isoformat(), "operation": operation_name(one.kind, one.method),
                "amount": one.amount, "balance_after": one.balance_after, "reverses": one.reverses,
                "reversed_by": one.reversed_by,
            } for one in reversed(found)
        ]  # fmt: skip

    def payments(self) -> Table:
        """List what they declared and paid; of cheques, what was noted on them and where they are."""
        notes, cheques = model_table(ChequeNote), {row.payment: row for row in self._found(CHEQUE)}
        written = {row.payment: row.text for row in self._found(notes)}
        return [
            {
                **plain(row._asdict()), "written": written.get(row.number, ""),
                "slip": getattr(cheques.get(row.number), "slip", None),
                "bounced": getattr(cheques.get(row.number), "bounced", None),
            }
            for row in self._found(PAYMENT, self._mine(PAYMENT))
        ]  # fmt: skip

    def orders(self) -> Table:
        """List what they ordered, line by line."""
        orders = sorted(self._market.orders_of(self._member, most=MOST_ORDERS), key=lambda one: one.placed_at)
        return [self._order_line(order, line) for order in orders for line in order.lines]

    def _order_line(self, order: Order, line: OrderLine) -> dict[str, Any]:
        distribution = self._market.distribution(order.distribution)
        return {
            "starts_at": distribution.starts_at.isoformat() if distribution else None,
            "place": distribution.place if distribution else "", "order": order.number, "state": order.state,
            "placed_at": order.placed_at.isoformat(), "line": line.line, "product": line.name, "unit": line.unit,
            "ordered": line.ordered, "quantity": line.quantity, "price": line.price, "cost": line.cost,
        }  # fmt: skip

    def rows(self, table: Any) -> Table:
        """Read their rows of a table as they are."""
        return [plain(row._asdict()) for row in self._found(table, self._mine(table))]

    def conversations(self) -> Table:
        """List what is being said where they talk, and not ended yet: the words typed."""
        return [
            {"platform": row.platform, "word": row.word, "words": row.words, "answers": row.answers}
            for row in self._found(THREAD, or_(*self._where_they_talk(THREAD)))
        ]

    def waiting(self) -> Table:
        """List the messages that wait to be sent to them, or could not be."""
        table = model_table(Waiting)
        rows = self._connection.execute(select(table).where(or_(*self._where_they_talk(table))).order_by(table.c.id))
        return [{"platform": row.platform, "state": row.state, "text": unpacked(row.body).text} for row in rows]

    def _where_they_talk(self, table: Any) -> Iterable[ColumnElement[bool]]:
        found = self._found(model_table(LinkedAddress), self._mine(model_table(LinkedAddress)))
        return [table.c.platform.is_(None), *((table.c.platform == at.platform) & (table.c.chat == at.chat) for at in found)]  # fmt: skip

    def proposals(self) -> Table:
        """List what was proposed about their account, and waits or waited for another coordinator's tap (B43)."""
        rows = [(row, fact) for row in self._found(model_table(Proposal)) for fact in read(row.facts)]
        return [
            {"number": row.number, "at": row.made_at.isoformat(), "state": row.state, "by": self._group.name_of(row.author),
             "what": fact_words(fact, self._group, self._books), "note": getattr(fact, "reason", "")}
            for row, fact in rows if getattr(fact, "member", None) == self._member
        ]  # fmt: skip

    def journal(self) -> Table:
        """List what was recorded about them, in words, with the notes that go with it."""
        texts = {row.fact: row.text for row in self._found(model_table(Note))}
        return [
            {
                "number": row.number, "at": row.at.isoformat(), "by": self._group.name_of(row.author),
                "what": fact_words(recorded_row(row).fact, self._group, self._books), "note": texts.get(row.number, ""),
            }
            for row in self._found(FACT) if json.loads(row.body).get("member") == self._member
        ]  # fmt: skip

    def done(self) -> Table:
        """List what they recorded themselves, without those it was about: their names are not theirs to be given."""
        return [
            {"number": row.number, "at": row.at.isoformat(), "what": operation_name(row.kind)}
            for row in self._found(FACT, FACT.c.author == self._member)
        ]

    def _mine(self, table: Any) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = table.c.member == self._member
        return mine

    def _found(self, table: Any, *where: ColumnElement[bool]) -> list[Row[Any]]:
        """Read rows of the group, in the order of their number where they have one."""
        query = select(table).where(table.c.group_id == self._group.number, *where)
        return list(self._connection.execute(query.order_by(table.c.number) if "number" in table.c else query).all())
