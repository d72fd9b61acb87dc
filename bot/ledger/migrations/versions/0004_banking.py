"""Lines of bank statements."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bank_line",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("payment", BIG, autoincrement=False, nullable=False),
        sa.Column("decided", BIG, autoincrement=False, nullable=False),
        sa.Column("fact", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_bank_line_amount"),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_bank_line_fact"),
        sa.ForeignKeyConstraint(
            ["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_bank_line_payment"
        ),
        sa.PrimaryKeyConstraint("group_id", "key"),
    )
    op.create_index("ix_bank_line_day", "bank_line", ["group_id", "day"], unique=False)
    op.create_index("uq_bank_line_payment", "bank_line", ["group_id", "payment"], unique=True)
