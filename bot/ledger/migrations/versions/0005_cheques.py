"""Cheques: where each is, in hand, on a deposit slip, or bounced; what is written on them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "ck_payment_received": "(state IN ('validated', 'reversed', 'bounced')) = (received IS NOT NULL)",
    "ck_payment_state": "state IN ('declared', 'validated', 'refused', 'withdrawn', 'reversed', 'bounced')",
}
KNOWN_ALREADY = """
    INSERT INTO cheque (group_id, received, payment, amount)
    SELECT p.group_id, p.decided, p.number, p.received FROM payment p
    JOIN entry e ON e.group_id = p.group_id AND e.fact = p.decided AND e.account = p.member AND e.contra = -2
    WHERE p.state = 'validated'
    UNION ALL
    SELECT f.group_id, f.number, p.number, e.amount FROM fact f
    JOIN fact r ON r.group_id = f.group_id AND r.reverses = f.number
    JOIN entry e ON e.group_id = f.group_id AND e.fact = f.number AND e.contra = -2
    JOIN payment p ON p.group_id = f.group_id AND p.number = {payment}
    WHERE f.kind IN ('PaymentValidated', 'PaymentReceived')"""
TAKEN_BACK = """
    UPDATE cheque SET returned = (SELECT r.number FROM fact r
    WHERE r.group_id = cheque.group_id AND r.reverses = cheque.received)"""
PAYMENT = {
    "sqlite": "COALESCE(json_extract(f.body, '$.payment'), f.number)",
    "postgresql": "COALESCE((f.body::json ->> 'payment')::bigint, f.number)",
}


def upgrade() -> None:
    with op.batch_alter_table("payment") as payment:
        for name, condition in CHECKS.items():
            payment.drop_constraint(name, type_="check")
            payment.create_check_constraint(name, sa.text(condition))
    op.create_table(
        "cheque",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("received", BIG, autoincrement=False, nullable=False),
        sa.Column("payment", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, autoincrement=False, nullable=False),
        sa.Column("slip", BIG, autoincrement=False, nullable=True),
        sa.Column("bounced", BIG, autoincrement=False, nullable=True),
        sa.Column("returned", BIG, autoincrement=False, nullable=True),
        sa.CheckConstraint("amount > 0", name="ck_cheque_amount"),
        sa.CheckConstraint("returned IS NULL OR (slip IS NULL AND bounced IS NULL)", name="ck_cheque_returned"),
        *(
            sa.ForeignKeyConstraint(["group_id", column], ["fact.group_id", "fact.number"], name=f"fk_cheque_{column}")
            for column in ("received", "slip", "bounced", "returned")
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "payment"], ["payment.group_id", "payment.number"], name="fk_cheque_payment"
        ),
        sa.PrimaryKeyConstraint("group_id", "received"),
    )
    op.create_index("ix_cheque_payment", "cheque", ["group_id", "payment"], unique=False)
    op.create_index("ix_cheque_slip", "cheque", ["group_id", "slip"], unique=False)
    op.create_table(
        "cheque_note",
        sa.Column("group_id", BIG, autoincrement=False, nullable=False),
        sa.Column("payment", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "payment"),
    )
    op.execute(KNOWN_ALREADY.format(payment=PAYMENT[op.get_bind().dialect.name]))
    op.execute(TAKEN_BACK)
