"""Matrix: what was shown there, so that a reaction is understood; where a household is told things."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("member", sa.Column("told_at", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("address", sa.Column("latest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "matrix_shown",
        sa.Column("rank", BIG, autoincrement=True, nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("reactions", sa.Text(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rank"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_matrix_shown_message", "matrix_shown", ["message"], unique=True)
    op.create_index("ix_matrix_shown_chat", "matrix_shown", ["chat", "rank"], unique=False)
    op.create_table(
        "matrix_direct",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "matrix_told",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
