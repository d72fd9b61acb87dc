"""Reminders: what a group chose, how far each member's are; messages whose delivery is noted; who owes, found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWING = sa.text("number > 0 AND balance < 0")
LATER = sa.text("later_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("address", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("receipt", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table("receipt", sa.Column("name", sa.String(), nullable=False), sa.PrimaryKeyConstraint("name"))
    op.create_index(
        "ix_account_owing", "account", ["group_id", "number"], unique=False,
        sqlite_where=OWING, postgresql_where=OWING,
    )
    op.create_table(
        "reminder_rules",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("threshold", BIG, autoincrement=False, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("settlement_day", sa.Integer(), nullable=False),
        sa.Column("floor", BIG, autoincrement=False, nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("list_fact", BIG, autoincrement=False, nullable=False),
        sa.Column("approved_fact", BIG, autoincrement=False, nullable=False),
        sa.Column("owed", BIG, autoincrement=False, nullable=True),
        sa.Column("having", BIG, autoincrement=False, nullable=True),
        sa.Column("away", sa.Integer(), nullable=True),
        sa.CheckConstraint("hour BETWEEN 8 AND 21", name="ck_rules_hour"),
        sa.CheckConstraint("digest_hour BETWEEN 8 AND 21", name="ck_rules_digest_hour"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="ck_rules_weekday"),
        sa.CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="ck_rules_digest_weekday"),
        sa.CheckConstraint("settlement_day BETWEEN 1 AND 28", name="ck_rules_settlement"),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_index("ix_rules_next", "reminder_rules", ["next_at"], unique=False)
    op.create_index("ix_rules_digest", "reminder_rules", ["digest_at"], unique=False)
    op.create_table(
        "reminded",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("fact", BIG, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("later_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_off", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("group_id", "member"),
    )
    op.create_index(
        "ix_reminded_later", "reminded", ["later_at"], unique=False, sqlite_where=LATER, postgresql_where=LATER
    )
