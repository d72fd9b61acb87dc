"""Everything the first version keeps: the books, people, conversations, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("balance", BIG, autoincrement=False, nullable=False),
        sa.Column("entries", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("entries >= 0", name="ck_account_entries"),
        sa.CheckConstraint("number <> 0", name="ck_account_number"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_table(
        "book",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("facts", BIG, autoincrement=False, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_table(
        "buying_group",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("methods", sa.String(), nullable=False),
        sa.Column("top_up_methods", sa.String(), nullable=False),
        sa.Column("kitty_may_go_negative", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "card_place",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("resend", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("group_id", "name", "platform", "chat"),
    )
    op.create_table(
        "claim",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day"),
    )
    op.create_table(
        "errand",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "handle",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform"),
    )
    op.create_table(
        "invitation",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "member",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_table(
        "note",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("fact", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "fact"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("edits", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("useful_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_chat", "outbox", ["platform", "chat"], unique=False)
    op.create_index("ix_outbox_waiting", "outbox", ["state", "id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("author", BIG, autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_table(
        "room",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat"),
    )
    op.create_table(
        "room_code",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "seen",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "bot", "key"),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "thread",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "user", "chat"),
    )
    op.create_table(
        "address",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id", "member"], ["member.group_id", "member.number"], name="fk_address_member"),
        sa.PrimaryKeyConstraint("platform", "user", "group_id"),
    )
    op.create_index("ix_address_member", "address", ["group_id", "member"], unique=False)
    op.create_table(
        "fact",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", BIG, autoincrement=False, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reverses", BIG, autoincrement=False, nullable=True),
        sa.CheckConstraint("number > 0", name="ck_fact_number"),
        sa.CheckConstraint("reverses < number", name="ck_fact_reverses"),
        sa.ForeignKeyConstraint(["group_id", "reverses"], ["fact.group_id", "fact.number"], name="fk_fact_reverses"),
        sa.ForeignKeyConstraint(["group_id"], ["book.group_id"], name="fk_fact_book"),
        sa.PrimaryKeyConstraint("group_id", "number"),
        sa.UniqueConstraint("group_id", "key", name="uq_fact_key"),
        sa.UniqueConstraint("group_id", "reverses", name="uq_fact_reverses"),
    )
    op.create_table(
        "entry",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("account", BIG, autoincrement=False, nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("contra", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("balance_after", BIG, autoincrement=False, nullable=False),
        sa.Column("fact", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("account <> contra", name="ck_entry_sides"),
        sa.CheckConstraint("amount <> 0", name="ck_entry_amount"),
        sa.CheckConstraint("contra < 0", name="ck_entry_contra"),
        sa.CheckConstraint("seq > 0", name="ck_entry_seq"),
        sa.ForeignKeyConstraint(
            ["group_id", "account"], ["account.group_id", "account.number"], name="fk_entry_account"
        ),
        sa.ForeignKeyConstraint(["group_id", "contra"], ["account.group_id", "account.number"], name="fk_entry_contra"),
        sa.ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_entry_fact"),
        sa.PrimaryKeyConstraint("group_id", "account", "seq"),
    )
    op.create_index("ix_entry_contra", "entry", ["group_id", "contra"], unique=False)
    op.create_index("ix_entry_fact", "entry", ["group_id", "fact"], unique=False)
    op.create_table(
        "payment",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("member", BIG, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("received", BIG, autoincrement=False, nullable=True),
        sa.Column("decided", BIG, autoincrement=False, nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'declared') = (decided IS NULL)", name="ck_payment_decided"),
        sa.CheckConstraint("(state IN ('validated', 'reversed')) = (received IS NOT NULL)", name="ck_payment_received"),
        sa.CheckConstraint(
            "state IN ('declared', 'validated', 'refused', 'withdrawn', 'reversed')", name="ck_payment_state"
        ),
        sa.CheckConstraint("amount > 0", name="ck_payment_amount"),
        sa.CheckConstraint("member > 0", name="ck_payment_member"),
        sa.ForeignKeyConstraint(["group_id", "decided"], ["fact.group_id", "fact.number"], name="fk_payment_decided"),
        sa.ForeignKeyConstraint(
            ["group_id", "member"], ["account.group_id", "account.number"], name="fk_payment_member"
        ),
        sa.ForeignKeyConstraint(["group_id", "number"], ["fact.group_id", "fact.number"], name="fk_payment_fact"),
        sa.PrimaryKeyConstraint("group_id", "number"),
    )
    op.create_index("ix_payment_member", "payment", ["group_id", "member", "number"], unique=False)
    op.create_index(
        "ix_payment_pending",
        "payment",
        ["group_id", "member"],
        unique=False,
        sqlite_where=sa.text("state = 'declared'"),
        postgresql_where=sa.text("state = 'declared'"),
    )
