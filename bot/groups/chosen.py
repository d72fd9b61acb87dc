"""What a group is called and has chosen: methods of payment, the kitty and its floor, where money is sent (B16, B18, B19)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from bot.groups.tables import BuyingGroup
from bot.ledger.prepared import Prepared

_SETTINGS = Prepared(select(BuyingGroup).where(col(BuyingGroup.id) == bindparam("group")))


@dataclass(frozen=True)
class Settings:
    """What a group is called and has chosen."""

    number: int
    name: str
    currency: str
    zone: str
    language: str
    methods: tuple[str, ...]
    top_up_methods: tuple[str, ...]
    kitty_may_go_negative: bool = False
    cheque_payee: str = ""
    iban: str = ""
    account_holder: str = ""
    reference_prefix: str = ""
    kitty_floor: int | None = None
    kitty_with_others: bool = False

    @property
    def has_kitty(self) -> bool:
        """Tell whether members may pay by kitty."""
        return "kitty" in self.methods

    @property
    def kitty_only(self) -> bool:
        """Tell whether the group is a kitty group: its members top up, and choose no method for an order (B18, B19)."""
        return self.methods == ("kitty",)

    @property
    def lowest_kitty(self) -> int | None:
        """What a balance that pays by kitty must not fall below, in cents; None where there is no limit (B18)."""
        return self.kitty_floor if self.kitty_may_go_negative else 0

    def lacking(self, due: int) -> int:
        """Give what is missing of a debt that is due, in cents: in a kitty group, only what is beyond its floor (B18, B32)."""
        lowest = self.lowest_kitty if self.kitty_only else 0
        return 0 if lowest is None else max(0, due + lowest)


def settings(connection: Connection, group: int) -> Settings:
    """Read a group's settings."""
    row = _SETTINGS.row(connection, {"group": group})
    methods, top_up = tuple(row.methods.split()), tuple(row.top_up_methods.split())
    return Settings(
        group, row.name, row.currency, row.timezone, row.language, methods, top_up, row.kitty_may_go_negative,
        row.cheque_payee, row.iban, row.account_holder, row.reference_prefix, row.kitty_floor, row.kitty_with_others,
    )  # fmt: skip
