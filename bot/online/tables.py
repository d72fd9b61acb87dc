"""What was asked of providers and what they have done: links, payments, refunds. No card number, no name (B25, B44)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.ledger.tables import big, table

CHECKOUT_STATES = ("asked", "open", "paid", "superseded", "expired", "failed")
"""``asked`` until the provider has made it; only ``asked`` and ``open`` are alive; money that comes late makes any ``paid``."""

REFUND_STATES = ("asked", "done", "refused", "restored")
"""``restored``: it was done, and its money came again."""


class CheckoutRow(SQLModel, table=True):
    """A payment made possible. ``owed``: see OnlineAsked; ``ask_at``: when the provider is to be asked next, if ever.

    ``platform`` and ``chat`` are where its link was asked for.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_checkout_fact"),
        ForeignKeyConstraint(["group_id", "member"], ["account.group_id", "account.number"], name="fk_checkout_member"),
        CheckConstraint("cents > 0", name="ck_checkout_cents"),
        CheckConstraint("state IN " + str(CHECKOUT_STATES), name="ck_checkout_state"),
        Index("ix_checkout_member", "group_id", "member"),
        Index(
            "ix_checkout_ask", "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"), postgresql_where=text("ask_at IS NOT NULL"),
        ),
    )  # fmt: skip

    reference: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    cents: int = Field(sa_column=big())
    owed: int = Field(sa_column=big())
    distribution: int = Field(sa_column=big())
    provider: str
    external: str = ""
    state: str = "asked"
    platform: str = ""
    chat: str = ""
    fact: int = Field(sa_column=big())
    created_at: datetime
    expires_at: datetime | None = None
    ask_at: datetime | None = None


class OnlinePaymentRow(SQLModel, table=True):
    """Money that a provider has taken: once for each of its names. ``payment`` is what it is in our books.

    ``fee`` is None as long as the provider does not say. ``ask_at``: when to ask next what went back of it, if ever.
    """

    __tablename__ = "online_payment"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_payment_fact"),
        ForeignKeyConstraint(
            ["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_online_payment_payment"
        ),
        CheckConstraint("cents > 0", name="ck_online_payment_cents"),
        CheckConstraint("fee >= 0", name="ck_online_payment_fee"),
        UniqueConstraint("group_id", "payment", name="uq_online_payment_payment"),
        Index("ix_online_payment_member", "group_id", "member"),
        Index(
            "ix_online_payment_ask", "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"), postgresql_where=text("ask_at IS NOT NULL"),
        ),
    )  # fmt: skip

    provider: str = Field(primary_key=True)
    external: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    cents: int = Field(sa_column=big())
    fee: int | None = Field(default=None, sa_column=big(null=True))
    reference: str = ""
    payment: int = Field(sa_column=big())
    fact: int = Field(sa_column=big())
    at: datetime
    ask_at: datetime | None = None


class OnlineRefundRow(SQLModel, table=True):
    """Money that is to go back, or has: ``refund`` is the provider's name of it, "" until it agrees.

    What nobody here asked for (see OnlineTakenBack) is here too: ``asked_by`` 0, ``fee`` what it costs, in cents.
    """

    __tablename__ = "online_refund"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_refund_fact"),
        ForeignKeyConstraint(
            ["provider", "external"], ["online_payment.provider", "online_payment.external"],
            name="fk_online_refund_payment",
        ),
        CheckConstraint("cents > 0", name="ck_online_refund_cents"),
        CheckConstraint("state IN " + str(REFUND_STATES), name="ck_online_refund_state"),
        CheckConstraint("(state IN ('done', 'restored')) = (refund <> '')", name="ck_online_refund_done"),
        CheckConstraint("fee >= 0", name="ck_online_refund_fee"),
        Index(
            "uq_online_refund", "provider", "refund", unique=True,
            sqlite_where=text("refund <> ''"), postgresql_where=text("refund <> ''"),
        ),
        Index("ix_online_refund_payment", "provider", "external"),
    )  # fmt: skip

    reference: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    cents: int = Field(sa_column=big())
    provider: str
    external: str
    state: str = "asked"
    refund: str = ""
    asked_by: int = Field(sa_column=big())
    fee: int = Field(default=0, sa_column=big())
    fact: int = Field(sa_column=big())
    at: datetime


class OnlineStrayRow(SQLModel, table=True):
    """Money for nobody we know, told to the coordinators of a group once."""

    __tablename__ = "online_stray"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_stray_fact"),
    )

    group_id: int = Field(sa_column=big(key=True))
    provider: str = Field(primary_key=True)
    external: str = Field(primary_key=True)
    cents: int = Field(sa_column=big())
    fact: int = Field(sa_column=big())
    at: datetime


CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND, ONLINE_STRAY = (
    table(model) for model in (CheckoutRow, OnlinePaymentRow, OnlineRefundRow, OnlineStrayRow)
)
