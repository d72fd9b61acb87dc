"""What a group chooses in the chat: payee of cheques, account, reference prefix, how far a kitty goes below zero."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("cheque_payee", "iban", "account_holder", "reference_prefix"):
        op.add_column("buying_group", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("buying_group", sa.Column("kitty_floor", BIG, nullable=True))
    op.add_column(
        "buying_group", sa.Column("kitty_with_others", sa.Boolean(), nullable=False, server_default=sa.false())
    )
