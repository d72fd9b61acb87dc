"""The market: products, distributions, baskets, orders, planned payments."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("member", sa.Column("tell_openings", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "basket",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "distribution", "member"),
    )
    op.create_table(
        "distribution",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("closing_told", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("recalled", sa.Integer(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("float_cents", BIG, autoincrement=False, nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'cancelled', 'validated')", name="ck_distribution_state"),
        sa.CheckConstraint("closes_at <= starts_at", name="ck_distribution_closes"),
        sa.CheckConstraint("opens_at < closes_at", name="ck_distribution_opens"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_distribution_ends"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_index("ix_distribution_starts", "distribution", ["group_id", "starts_at"], unique=False)
    op.create_table(
        "plan",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'received', 'declared', 'replaced', 'lapsed')", name="ck_plan_state"),
        sa.CheckConstraint("amount > 0", name="ck_plan_amount"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_index("ix_plan_distribution", "plan", ["group_id", "distribution", "member"], unique=False)
    op.create_index("ix_plan_member", "plan", ["group_id", "member"], unique=False)
    op.create_table(
        "product",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("producer", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("sold", sa.String(), nullable=False),
        sa.Column("price", BIG, autoincrement=False, nullable=False),
        sa.Column("stock", BIG, autoincrement=False, nullable=True),
        sa.Column("piece_quantity", BIG, autoincrement=False, nullable=False),
        sa.Column("organic", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.CheckConstraint("sold IN ('piece', 'weight', 'weighed')", name="ck_product_sold"),
        sa.CheckConstraint("piece_quantity > 0", name="ck_product_piece"),
        sa.CheckConstraint("price > 0", name="ck_product_price"),
        sa.CheckConstraint("stock >= 0", name="ck_product_stock"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_index("uq_product_identity", "product", ["group_id", "identity"], unique=True)
    op.create_table(
        "removal_request",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("line", BIG, autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", BIG, autoincrement=False, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_table(
        "member_order",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_fact", BIG, autoincrement=False, nullable=False),
        sa.Column("told_before", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("state IN ('confirmed', 'cancelled')", name="ck_order_state"),
        sa.ForeignKeyConstraint(
            ["group_id", "distribution"], ["distribution.group_id", "distribution.number"], name="fk_order_distribution"
        ),
        sa.ForeignKeyConstraint(["group_id", "member"], ["account.group_id", "account.number"], name="fk_order_member"),
        sa.PrimaryKeyConstraint("group_id", "distribution", "member"),
    )
    op.create_index("uq_order_number", "member_order", ["group_id", "distribution", "number"], unique=True)
    op.create_table(
        "offer",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("product", BIG, autoincrement=False, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("price", BIG, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id", "distribution"], ["distribution.group_id", "distribution.number"], name="fk_offer_distribution"
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "product"], ["product.group_id", "product.number"], name="fk_offer_product"
        ),
        sa.PrimaryKeyConstraint("group_id", "distribution", "product"),
    )
    op.create_table(
        "order_fact",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("fact", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_order_fact"),
        sa.PrimaryKeyConstraint("group_id", "fact"),
    )
    op.create_index("ix_order_fact", "order_fact", ["group_id", "distribution", "member"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("distribution", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("line", BIG, autoincrement=False, nullable=False),
        sa.Column("product", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("sold", sa.String(), nullable=False),
        sa.Column("ordered", BIG, autoincrement=False, nullable=False),
        sa.Column("quantity", BIG, autoincrement=False, nullable=False),
        sa.Column("price", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("price > 0", name="ck_line_price"),
        sa.CheckConstraint("quantity >= 0", name="ck_line_quantity"),
        sa.ForeignKeyConstraint(
            ["group_id", "distribution", "member"],
            ["member_order.group_id", "member_order.distribution", "member_order.member"],
            name="fk_line_order",
        ),
        sa.PrimaryKeyConstraint("group_id", "distribution", "member", "line"),
    )
    op.create_table(
        "product_photo",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("product", BIG, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id", "product"], ["product.group_id", "product.number"], name="fk_photo_product"
        ),
        sa.PrimaryKeyConstraint("group_id", "product"),
    )
