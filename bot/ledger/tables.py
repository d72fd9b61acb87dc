"""The tables of the books. Every key begins with the group: the books of different groups never meet (B1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

BIG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite's own whole numbers are that wide."""


def big(*, key: bool = False, null: bool = False) -> Column[int]:
    """Make a column for a whole number of 64 bits."""
    return Column(BIG, primary_key=key, nullable=null, autoincrement=False)


class Book(SQLModel, table=True):
    """The books of one group: how many facts, and whether a discrepancy has closed them to all but receiving money."""

    __tablename__ = "book"

    group_id: int = Field(sa_column=big(key=True))
    facts: int = Field(sa_column=big())
    closed: bool = False


class Account(SQLModel, table=True):
    """An account: a positive number is a member's, a negative one is one of the group's own.

    ``balance`` in cents: what the group owes a member; for the group's own accounts, what left them on balance.
    ``entries`` counts the entries of which it is the account. A ``closed`` one is at zero and takes nothing (B44).
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("number <> 0", name="ck_account_number"),
        CheckConstraint("entries >= 0", name="ck_account_entries"),
        Index(
            "ix_account_owing", "group_id", "number", sqlite_where=text("number > 0 AND balance < 0"),
            postgresql_where=text("number > 0 AND balance < 0"),
        ),
    )  # fmt: skip

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    balance: int = Field(sa_column=big())
    entries: int = Field(sa_column=big())
    closed: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class FactRow(SQLModel, table=True):
    """A fact as it is kept for ever (B3, B6). ``body`` is JSON of ids, amounts and choices."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("group_id", "key", name="uq_fact_key"),
        UniqueConstraint("group_id", "reverses", name="uq_fact_reverses"),
        ForeignKeyConstraint(["group_id", "reverses"], ["fact.group_id", "fact.number"], name="fk_fact_reverses"),
        ForeignKeyConstraint(["group_id"], ["book.group_id"], name="fk_fact_book"),
        CheckConstraint("number > 0", name="ck_fact_number"),
        CheckConstraint("reverses < number", name="ck_fact_reverses"),
    )

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    kind: str
    version: int
    body: str = Field(sa_column=Column(Text, nullable=False))
    author: int | None = Field(default=None, sa_column=big(null=True))
    at: datetime
    key: str
    reverses: int | None = Field(default=None, sa_column=big(null=True))


class Entry(SQLModel, table=True):
    """A transfer: adds ``amount`` cents to ``account``, takes them from ``contra``. It cannot be unbalanced (B2).

    ``seq`` counts the entries of the account, ``balance_after`` is the account's balance once it is posted.
    """

    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "account"], ["account.group_id", "account.number"], name="fk_entry_account"),
        ForeignKeyConstraint(["group_id", "contra"], ["account.group_id", "account.number"], name="fk_entry_contra"),
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_entry_fact"),
        CheckConstraint("amount <> 0", name="ck_entry_amount"),
        CheckConstraint("contra < 0", name="ck_entry_contra"),
        CheckConstraint("account <> contra", name="ck_entry_sides"),
        CheckConstraint("seq > 0", name="ck_entry_seq"),
        Index("ix_entry_fact", "group_id", "fact"),
        Index("ix_entry_contra", "group_id", "contra"),
    )

    group_id: int = Field(sa_column=big(key=True))
    account: int = Field(sa_column=big(key=True))
    seq: int = Field(sa_column=big(key=True))
    contra: int = Field(sa_column=big())
    amount: int = Field(sa_column=big())
    balance_after: int = Field(sa_column=big())
    fact: int = Field(sa_column=big())


STATES = ("declared", "validated", "refused", "withdrawn", "reversed", "bounced")


class PaymentRow(SQLModel, table=True):
    """A payment and where it stands (B20, B21). ``number`` is the number of the fact that declared or received it.

    ``round`` counts how often it came back to « declared »; ``decided`` is the number of the fact that decided it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "member"], ["account.group_id", "account.number"], name="fk_payment_member"),
        ForeignKeyConstraint(["group_id", "number"], ["fact.group_id", "fact.number"], name="fk_payment_fact"),
        ForeignKeyConstraint(["group_id", "decided"], ["fact.group_id", "fact.number"], name="fk_payment_decided"),
        CheckConstraint("amount > 0", name="ck_payment_amount"),
        CheckConstraint("member > 0", name="ck_payment_member"),
        CheckConstraint("state IN " + str(STATES), name="ck_payment_state"),
        CheckConstraint("(state = 'declared') = (decided IS NULL)", name="ck_payment_decided"),
        CheckConstraint(
            "(state IN ('validated', 'reversed', 'bounced')) = (received IS NOT NULL)", name="ck_payment_received"
        ),
        Index(
            "ix_payment_pending", "group_id", "member",
            sqlite_where=text("state = 'declared'"), postgresql_where=text("state = 'declared'"),
        ),
        Index("ix_payment_member", "group_id", "member", "number"),
    )  # fmt: skip

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big())
    method: str
    amount: int = Field(sa_column=big())
    state: str = "declared"
    round: int = 0
    received: int | None = Field(default=None, sa_column=big(null=True))
    decided: int | None = Field(default=None, sa_column=big(null=True))
    declared_at: datetime
    decided_at: datetime | None = None


class ChequeRow(SQLModel, table=True):
    """A cheque that was received, and where it is now (B22). ``received`` is the number of the fact that brought it.

    In hand until ``slip`` (the deposit slip it is on), ``bounced`` (the fact that says so) or ``returned`` (the fact that
    undid ``received``) is set.
    """

    __tablename__ = "cheque"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_cheque_payment"),
        ForeignKeyConstraint(["group_id", "received"], ["fact.group_id", "fact.number"], name="fk_cheque_received"),
        ForeignKeyConstraint(["group_id", "slip"], ["fact.group_id", "fact.number"], name="fk_cheque_slip"),
        ForeignKeyConstraint(["group_id", "bounced"], ["fact.group_id", "fact.number"], name="fk_cheque_bounced"),
        ForeignKeyConstraint(["group_id", "returned"], ["fact.group_id", "fact.number"], name="fk_cheque_returned"),
        CheckConstraint("amount > 0", name="ck_cheque_amount"),
        CheckConstraint("returned IS NULL OR (slip IS NULL AND bounced IS NULL)", name="ck_cheque_returned"),
        Index("ix_cheque_payment", "group_id", "payment"),
        Index("ix_cheque_slip", "group_id", "slip"),
    )

    group_id: int = Field(sa_column=big(key=True))
    received: int = Field(sa_column=big(key=True))
    payment: int = Field(sa_column=big())
    amount: int = Field(sa_column=big())
    slip: int | None = Field(default=None, sa_column=big(null=True))
    bounced: int | None = Field(default=None, sa_column=big(null=True))
    returned: int | None = Field(default=None, sa_column=big(null=True))


def table(model: type[SQLModel]) -> Table:
    """Give the Core table of a model: postings and lists use Core statements, several times faster than objects."""
    found: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
    return found


BOOK, ACCOUNT, FACT, ENTRY, PAYMENT = (table(model) for model in (Book, Account, FactRow, Entry, PaymentRow))
CHEQUE = table(ChequeRow)
