"""The tables of the catalogue, of distributions, baskets and orders. Every key begins with the group."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from bot.ledger.tables import big, table

STATES = ("planned", "cancelled", "validated")


class ProductRow(SQLModel, table=True):
    """A product of the catalogue: see :class:`bot.market.products.Product` for what the numbers count.

    ``identity``: its name and producer, folded.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("price > 0", name="ck_product_price"),
        CheckConstraint("stock >= 0", name="ck_product_stock"),
        CheckConstraint("piece_quantity > 0", name="ck_product_piece"),
        CheckConstraint("sold IN ('piece', 'weight', 'weighed')", name="ck_product_sold"),
        Index("uq_product_identity", "group_id", "identity", unique=True),
    )

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    name: str
    producer: str = ""
    category: str = ""
    unit: str
    sold: str
    price: int = Field(sa_column=big())
    stock: int | None = Field(default=None, sa_column=big(null=True))
    piece_quantity: int = Field(sa_column=big())
    organic: bool = False
    active: bool = True
    identity: str


class PhotoRow(SQLModel, table=True):
    """The photo of a product."""

    __tablename__ = "product_photo"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "product"], ["product.group_id", "product.number"], name="fk_photo_product"),
    )

    group_id: int = Field(sa_column=big(key=True))
    product: int = Field(sa_column=big(key=True))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DistributionRow(SQLModel, table=True):
    """A pickup: its place, its moments (UTC), and how far it is.

    ``opened``, ``closing_told``, ``closed``: what was told of its orders already; ``recalled``: how often coordinators were
    asked to validate it (B31, B33).
    """

    __tablename__ = "distribution"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ck_distribution_ends"),
        CheckConstraint("opens_at < closes_at", name="ck_distribution_opens"),
        CheckConstraint("closes_at <= starts_at", name="ck_distribution_closes"),
        CheckConstraint("state IN " + str(STATES), name="ck_distribution_state"),
        Index("ix_distribution_starts", "group_id", "starts_at"),
    )

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    place: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    state: str = "planned"
    opened: bool = False
    closing_told: bool = False
    closed: bool = False
    recalled: int = 0
    everything: bool = True
    float_cents: int = Field(default=0, sa_column=big())
    validated_at: datetime | None = None


class OfferRow(SQLModel, table=True):
    """A product of one distribution: that it is offered there, and its price there, in cents, if it is another."""

    __tablename__ = "offer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["group_id", "distribution"], ["distribution.group_id", "distribution.number"], name="fk_offer_distribution"
        ),
        ForeignKeyConstraint(["group_id", "product"], ["product.group_id", "product.number"], name="fk_offer_product"),
    )

    group_id: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big(key=True))
    product: int = Field(sa_column=big(key=True))
    listed: bool = True
    price: int | None = Field(default=None, sa_column=big(null=True))


class BasketRow(SQLModel, table=True):
    """What a member is choosing, not confirmed: JSON of [product, ordered, price shown]. It is no fact of the books (B12)."""

    __tablename__ = "basket"

    group_id: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big(key=True))
    lines: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime


class OrderRow(SQLModel, table=True):
    """A confirmed order: one for each member and distribution, numbered within the distribution (B8)."""

    __tablename__ = "member_order"
    __table_args__ = (
        ForeignKeyConstraint(
            ["group_id", "distribution"], ["distribution.group_id", "distribution.number"], name="fk_order_distribution"
        ),
        ForeignKeyConstraint(["group_id", "member"], ["account.group_id", "account.number"], name="fk_order_member"),
        Index("uq_order_number", "group_id", "distribution", "number", unique=True),
        CheckConstraint("state IN ('confirmed', 'cancelled')", name="ck_order_state"),
    )

    group_id: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big())
    state: str = "confirmed"
    placed_at: datetime
    visited_at: datetime | None = None
    told_fact: int = Field(default=0, sa_column=big())
    told_before: int = Field(default=0, sa_column=big())


class LineRow(SQLModel, table=True):
    """A line of an order as it is charged now. ``name`` and ``unit`` are as they were when it was confirmed."""

    __tablename__ = "order_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["group_id", "distribution", "member"],
            ["member_order.group_id", "member_order.distribution", "member_order.member"],
            name="fk_line_order",
        ),
        CheckConstraint("quantity >= 0", name="ck_line_quantity"),
        CheckConstraint("price > 0", name="ck_line_price"),
    )

    group_id: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big(key=True))
    line: int = Field(sa_column=big(key=True))
    product: int = Field(sa_column=big())
    name: str
    unit: str
    sold: str
    ordered: int = Field(sa_column=big())
    quantity: int = Field(sa_column=big())
    price: int = Field(sa_column=big())


class OrderFactRow(SQLModel, table=True):
    """Which facts made an order what it is. ``amount``, in cents, is what a credit gave back after the validation."""

    __tablename__ = "order_fact"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "fact"], ["fact.group_id", "fact.number"], name="fk_order_fact"),
        Index("ix_order_fact", "group_id", "distribution", "member"),
    )

    group_id: int = Field(sa_column=big(key=True))
    fact: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    credit: bool = False
    amount: int = Field(default=0, sa_column=big())


class PlanRow(SQLModel, table=True):
    """What a member means to pay at a distribution, or by transfer. ``number`` is the fact's; ``state``: planned, or how it ended."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("amount > 0", name="ck_plan_amount"),
        CheckConstraint("state IN ('planned', 'received', 'declared', 'replaced', 'lapsed')", name="ck_plan_state"),
        Index("ix_plan_distribution", "group_id", "distribution", "member"),
        Index("ix_plan_member", "group_id", "member"),
    )

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big())
    distribution: int = Field(sa_column=big())
    amount: int = Field(sa_column=big())
    method: str
    state: str = "planned"
    planned_at: datetime


class RequestRow(SQLModel, table=True):
    """What a member asked to have taken off an order (B9). ``number`` is the fact's. ``state``: open, granted, refused."""

    __tablename__ = "removal_request"

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    distribution: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    line: int = Field(sa_column=big())
    note: str = ""
    state: str = "open"
    decided_by: int | None = Field(default=None, sa_column=big(null=True))
    asked_at: datetime


PRODUCT, PHOTO, DISTRIBUTION, OFFER, BASKET, ORDER, LINE, ORDER_FACT, PLAN, REQUEST = (
    table(model)
    for model in (
        ProductRow,
        PhotoRow,
        DistributionRow,
        OfferRow,
        BasketRow,
        OrderRow,
        LineRow,
        OrderFactRow,
        PlanRow,
        RequestRow,
    )
)
