"""Who coordinates is not changed by one alone: when silence agrees to a proposal, when a member last ceased to coordinate."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("member", sa.Column("coordinated_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("proposal", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
