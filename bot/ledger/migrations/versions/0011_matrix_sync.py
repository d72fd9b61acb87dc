"""Where the sync of Matrix has got to, and events that wait for their key."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "matrix_sync",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("bot"),
    )
    op.create_table(
        "matrix_late",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("seen_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("bot", "event"),
    )
