"""Payments by card on the Internet: links asked for, money that came and went back, money for nobody we know."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_ASK = sa.text("ask_at IS NOT NULL")
GIVEN_BACK = sa.text("refund <> ''")


def big(name, *, null=False):
    return sa.Column(name, BIG, autoincrement=False, nullable=null)


def upgrade() -> None:
    op.create_table(
        "checkout",
        sa.Column("reference", sa.String(), nullable=False),
        *(big(name) for name in ("group_id", "member", "cents", "owed", "distribution")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("provider", "external", "state", "platform", "chat")),
        big("fact"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_checkout_fact"),
        sa.ForeignKeyConstraint(
            ["group_id", "member"], ["account.group_id", "account.number"], name="fk_checkout_member"
        ),
        sa.CheckConstraint("cents > 0", name="ck_checkout_cents"),
        sa.CheckConstraint(
            "state IN ('asked', 'open', 'paid', 'superseded', 'expired', 'failed')", name="ck_checkout_state"
        ),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("ix_checkout_member", "checkout", ["group_id", "member"], unique=False)
    op.create_index(
        "ix_checkout_ask", "checkout", ["ask_at"], unique=False, sqlite_where=TO_ASK, postgresql_where=TO_ASK
    )
    op.create_table(
        "online_payment",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("external", sa.String(), nullable=False),
        *(big(name) for name in ("group_id", "member", "cents")),
        big("fee", null=True),
        sa.Column("reference", sa.String(), nullable=False),
        *(big(name) for name in ("payment", "fact")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_payment_fact"),
        sa.ForeignKeyConstraint(
            ["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_online_payment_payment"
        ),
        sa.CheckConstraint("cents > 0", name="ck_online_payment_cents"),
        sa.CheckConstraint("fee >= 0", name="ck_online_payment_fee"),
        sa.UniqueConstraint("group_id", "payment", name="uq_online_payment_payment"),
        sa.PrimaryKeyConstraint("provider", "external"),
    )
    op.create_index("ix_online_payment_member", "online_payment", ["group_id", "member"], unique=False)
    op.create_table(
        "online_refund",
        sa.Column("reference", sa.String(), nullable=False),
        *(big(name) for name in ("group_id", "member", "cents")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("provider", "external", "state", "refund")),
        *(big(name) for name in ("asked_by", "fact")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_refund_fact"),
        sa.ForeignKeyConstraint(
            ["provider", "external"], ["online_payment.provider", "online_payment.external"],
            name="fk_online_refund_payment",
        ),
        sa.CheckConstraint("cents > 0", name="ck_online_refund_cents"),
        sa.CheckConstraint("state IN ('asked', 'done', 'refused')", name="ck_online_refund_state"),
        sa.CheckConstraint("(state = 'done') = (refund <> '')", name="ck_online_refund_done"),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("ix_online_refund_payment", "online_refund", ["provider", "external"], unique=False)
    op.create_index(
        "uq_online_refund", "online_refund", ["provider", "refund"], unique=True,
        sqlite_where=GIVEN_BACK, postgresql_where=GIVEN_BACK,
    )
    op.create_table(
        "online_stray",
        big("group_id"),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("external", sa.String(), nullable=False),
        big("cents"),
        big("fact"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_online_stray_fact"),
        sa.PrimaryKeyConstraint("group_id", "provider", "external"),
    )
