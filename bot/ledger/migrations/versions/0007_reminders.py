"""Reminders at a member's own hours, avoirs recalled, refunds asked for, another way to reach a member; one kitty floor."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWN = sa.text("own_at IS NOT NULL")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    for name, default in (("credit_months", 3), ("credit_threshold", 500), ("most_pause_days", 30)):
        kind = BIG if name == "credit_threshold" else sa.Integer()
        op.add_column("reminder_rules", sa.Column(name, kind, nullable=False, server_default=sa.text(str(default))))
    op.drop_column("reminder_rules", "floor")  # the kitty's own setting says it (buying_group.kitty_floor)
    for name in ("own_weekday", "own_from", "own_until"):
        op.add_column("reminded", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("own_at", "paused_until", "credit_at"):
        op.add_column("reminded", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("reminded", sa.Column("credit_fact", BIG, nullable=False, server_default=sa.text("0")))
    op.create_index("ix_reminded_own", "reminded", ["own_at"], unique=False, sqlite_where=OWN, postgresql_where=OWN)
    op.create_table(
        "refund_request",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", BIG, autoincrement=False, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_refund_amount"),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused', 'withdrawn')", name="ck_refund_state"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_index(
        "ix_refund_open", "refund_request", ["group_id", "member"], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.create_table(
        "member_contact",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "member"),
    )
