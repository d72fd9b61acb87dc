"""Money of online payments that went back by other hands: refunds that end, what they cost, when to ask about them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ASKED = sa.text("ask_at IS NOT NULL")
CHECKS = {
    "ck_online_refund_state": "state IN ('asked', 'done', 'refused', 'restored')",
    "ck_online_refund_done": "(state IN ('done', 'restored')) = (refund <> '')",
}


def upgrade() -> None:
    with op.batch_alter_table("online_refund") as refund:
        refund.add_column(sa.Column("fee", BIG, nullable=False, server_default="0"))
        for name, condition in CHECKS.items():
            refund.drop_constraint(name, type_="check")
            refund.create_check_constraint(name, sa.text(condition))
        refund.create_check_constraint("ck_online_refund_fee", sa.text("fee >= 0"))
    with op.batch_alter_table("online_refund") as refund:
        refund.alter_column("fee", server_default=None)
    op.add_column("online_payment", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_online_payment_ask", "online_payment", ["ask_at"], unique=False,
        sqlite_where=ASKED, postgresql_where=ASKED,
    )  # fmt: skip
    op.execute("UPDATE online_payment SET ask_at = at")
