"""Under which token a card was last sent, until that is noted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("card_place", sa.Column("sending", sa.String(), nullable=False, server_default=""))
