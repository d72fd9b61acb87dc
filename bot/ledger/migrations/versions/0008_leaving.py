"""Leaving: accounts closed at zero, members who left, and those of whom nothing personal is kept any more."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("account", sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("member", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("member", sa.Column("erase", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("member", sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false()))
