"""What a group chooses for itself: one kind of fact for every setting, and what it does to the group's row (B6, B16, B19).

A new setting: a column of BuyingGroup, a line in COLUMNS, its words in described.py, a row in bot/handlers/settings.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, update
from sqlmodel import col

from bot.groups.iban import grouped
from bot.groups.tables import BuyingGroup, Note
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, private, register
from bot.ledger.journal import Recorded

Value = str | int | bool | None

COLUMNS = {
    "name": "name",
    "methods": "methods",
    "top_up": "top_up_methods",
    "kitty_negative": "kitty_may_go_negative",
    "kitty_floor": "kitty_floor",
    "kitty_with_others": "kitty_with_others",
    "payee": "cheque_payee",
    "iban": "iban",
    "holder": "account_holder",
    "prefix": "reference_prefix",
}
"""The column of each setting."""

FREE_TEXT = {"name", "payee", "iban", "holder"}
"""Settings that are names and texts: never kept with the fact, which cannot be erased (B44)."""

NEEDS_ANOTHER = {"payee", "iban", "holder"}
"""Where members send money: with two coordinators, the other one must agree (B43)."""

TOP_UP = ("cheque", "cash", "transfer")
"""The methods by which a kitty can be topped up (B19)."""


@register
@dataclass(frozen=True)
class SettingChanged(Fact):
    """A setting of the group is another. ``value`` and ``was``: as its column has it; free text goes in the private fields."""

    setting: str
    value: Value = None
    was: Value = None
    text: str = private()
    was_text: str = private()


class SettingOvertakenError(Refusal):
    """Somebody else has changed the setting meanwhile, or there is no such setting."""

    sentence = N_("Ce réglage vient de changer. Rien n'a été enregistré, regardez de nouveau : /reglages.")


class KittyAloneError(Refusal):
    """The kitty cannot be together with other methods (B19)."""

    sentence = N_(
        "La cagnotte ne va pas avec d'autres moyens de paiement. Rien n'a changé : /reglages dit comment y passer."
    )


class NoMethodLeftError(Refusal):
    """A group must keep one way of paying (B16)."""

    sentence = N_("Il faut garder au moins un moyen de paiement. Rien n'a changé.")


def changed(setting: str, value: Value, was: Value) -> SettingChanged:
    """Make the fact: free text in its private fields."""
    if setting in FREE_TEXT:
        return SettingChanged(setting, text=str(value or ""), was_text=str(was or ""))
    return SettingChanged(setting, value, was)


def setting_changed(connection: Connection, recorded: Recorded, fact: SettingChanged) -> None:
    """Put a setting into the group's row, if it still is what it was when its change was asked for."""
    name = COLUMNS.get(fact.setting)
    if name is None:
        raise SettingOvertakenError
    column = getattr(BuyingGroup, name)
    value, was = (fact.text, fact.was_text) if fact.setting in FREE_TEXT else (fact.value, fact.was)
    here = (col(BuyingGroup.id) == recorded.group) & col(column).is_not_distinct_from(was)
    if not connection.execute(update(BuyingGroup).where(here).values({name: value})).rowcount:
        raise SettingOvertakenError
    _require_ways_of_paying(connection, recorded.group)
    if fact.setting in FREE_TEXT:
        _note(connection, recorded, fact)


def _note(connection: Connection, recorded: Recorded, fact: SettingChanged) -> None:
    """Keep what a text was and is, for the journal, where it can be erased (B44)."""
    was, is_now = ((grouped(text) if fact.setting == "iban" else text) or "–" for text in (fact.was_text, fact.text))
    note = {"group_id": recorded.group, "fact": recorded.number, "text": f"{was} → {is_now}"}
    connection.execute(insert(Note), note)


def _require_ways_of_paying(connection: Connection, group: int) -> None:
    """Check, on the row as it becomes, what no two coordinators at once may break (B16, B19)."""
    row = connection.execute(BuyingGroup.__table__.select().where(col(BuyingGroup.id) == group)).one()  # type: ignore[attr-defined]
    methods, top_up = row.methods.split(), row.top_up_methods.split()
    if not methods or not top_up:
        raise NoMethodLeftError
    if "kitty" in methods and len(methods) > 1 and not row.kitty_with_others:
        raise KittyAloneError
