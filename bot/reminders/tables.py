"""The tables of reminders: what a group chose, and how far each member's reminders are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from bot.ledger.tables import BIG, big, table


class RulesRow(SQLModel, table=True):
    """What a group chose of reminders and of its digest, and when the next of each is due (UTC).

    ``list_fact``: the fact that shows coordinators a list that waits for their approval; ``approved_fact``: the fact up to
    which debts have been looked at. ``owed``, ``having`` and ``away``: the figures of the last digest. ``credit_months``:
    after how long an unused avoir is recalled, 0 for never; ``most_pause_days``: how long a member may pause reminders.
    """

    __tablename__ = "reminder_rules"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 8 AND 21", name="ck_rules_hour"),
        CheckConstraint("digest_hour BETWEEN 8 AND 21", name="ck_rules_digest_hour"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="ck_rules_weekday"),
        CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="ck_rules_digest_weekday"),
        CheckConstraint("settlement_day BETWEEN 1 AND 28", name="ck_rules_settlement"),
        Index("ix_rules_next", "next_at"),
        Index("ix_rules_digest", "digest_at"),
    )

    group_id: int = Field(sa_column=big(key=True))
    active: bool = True
    threshold: int = Field(default=500, sa_column=big())
    weekday: int = 1
    hour: int = 18
    every_days: int = 14
    grace_days: int = 2
    settlement_day: int = 1
    digest: bool = True
    digest_weekday: int = 0
    digest_hour: int = 9
    next_at: datetime
    digest_at: datetime
    approved: bool = False
    list_fact: int = Field(default=0, sa_column=big())
    approved_fact: int = Field(default=0, sa_column=big())
    owed: int | None = Field(default=None, sa_column=big(null=True))
    having: int | None = Field(default=None, sa_column=big(null=True))
    away: int | None = None
    credit_months: int = Field(default=3, sa_column=Column(Integer, nullable=False, server_default=text("3")))
    credit_threshold: int = Field(default=500, sa_column=Column(BIG, nullable=False, server_default=text("500")))
    most_pause_days: int = Field(default=30, sa_column=Column(Integer, nullable=False, server_default=text("30")))


class RemindedRow(SQLModel, table=True):
    """How far a member's reminders are: the last one's step, fact and moment; until when they are put off, how often.

    ``wanted``: the member wants to be reminded; ``handed_at``: when the coordinators were told instead. ``own_weekday``,
    ``own_from`` and ``own_until``: the day and the hours at which the member wants to be written to; ``own_at``: when what
    came up outside of them is looked at again. ``credit_at`` and ``credit_fact``: the last time an avoir was recalled.
    """

    __tablename__ = "reminded"
    __table_args__ = (
        Index(
            "ix_reminded_later", "later_at",
            sqlite_where=text("later_at IS NOT NULL"), postgresql_where=text("later_at IS NOT NULL"),
        ),
        Index(
            "ix_reminded_own", "own_at",
            sqlite_where=text("own_at IS NOT NULL"), postgresql_where=text("own_at IS NOT NULL"),
        ),
    )  # fmt: skip

    group_id: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big(key=True))
    step: int = 0
    fact: int = Field(default=0, sa_column=big())
    at: datetime | None = None
    later_at: datetime | None = None
    put_off: int = 0
    wanted: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    handed_at: datetime | None = None
    own_weekday: int | None = None
    own_from: int | None = None
    own_until: int | None = None
    own_at: datetime | None = None
    paused_until: datetime | None = None
    credit_at: datetime | None = None
    credit_fact: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default=text("0")))


class RefundRequestRow(SQLModel, table=True):
    """An avoir that a member asks to be given back, in cents. ``number`` is the fact's; ``note`` is forgotten once decided.

    ``state``: open, granted, refused, withdrawn; one at a time is open for each member.
    """

    __tablename__ = "refund_request"
    __table_args__ = (
        CheckConstraint("amount > 0", name="ck_refund_amount"),
        CheckConstraint("state IN ('open', 'granted', 'refused', 'withdrawn')", name="ck_refund_state"),
        Index(
            "ix_refund_open", "group_id", "member", unique=True,
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big())
    amount: int = Field(sa_column=big())
    method: str
    note: str = ""
    state: str = "open"
    decided_by: int | None = Field(default=None, sa_column=big(null=True))
    asked_at: datetime


class ContactRow(SQLModel, table=True):
    """Another way to reach a member, as a coordinator noted it: a telephone, a neighbour. It can be erased (B39, B44)."""

    __tablename__ = "member_contact"

    group_id: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big(key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))


RULES, REMINDED, REFUND, CONTACT = (table(model) for model in (RulesRow, RemindedRow, RefundRequestRow, ContactRow))
