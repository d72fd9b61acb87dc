"""The lines of bank statements that are payments of the books, each once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from bot.ledger.tables import big, table


class BankLineRow(SQLModel, table=True):
    """A line and its payment. ``fact`` matched them, ``decided`` is the fact that credited; no text of the bank is kept."""

    __tablename__ = "bank_line"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_bank_line_fact"),
        ForeignKeyConstraint(
            ["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_bank_line_payment"
        ),
        CheckConstraint("amount > 0", name="ck_bank_line_amount"),
        Index("uq_bank_line_payment", "group_id", "payment", unique=True),
        Index("ix_bank_line_day", "group_id", "day"),
    )

    group_id: int = Field(sa_column=big(key=True))
    key: str = Field(primary_key=True)
    day: date
    member: int = Field(sa_column=big())
    amount: int = Field(sa_column=big())
    payment: int = Field(sa_column=big())
    decided: int = Field(sa_column=big())
    fact: int = Field(sa_column=big())


BANK_LINE = table(BankLineRow)
