"""What must hold of a group's settings and devices: they make sense together, and are what was recorded last (B6, B16, B19).

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import col

from bot.groups import iban
from bot.groups.facts import WhereToldChosen
from bot.groups.settings import COLUMNS, FREE_TEXT, TOP_UP
from bot.groups.tables import BuyingGroup, LinkedAddress, Member
from bot.ledger.audit import CHECKS, Discrepancy
from bot.ledger.errors import Refusal
from bot.ledger.facts import Method
from bot.ledger.tables import FACT


def settings_make_sense(connection: Connection) -> Iterator[Discrepancy]:
    """A group has ways of paying that go together, a floor that is not above zero, an IBAN that is one."""
    for row in connection.execute(select(BuyingGroup)):
        for trouble in _troubles(row):
            yield Discrepancy(row.id, "réglages", trouble, serious=False)


def _troubles(row: Any) -> Iterator[str]:
    methods, top_up = row.methods.split(), row.top_up_methods.split()
    if not methods or not set(methods) <= set(Method) or not top_up or not set(top_up) <= set(TOP_UP):
        yield "moyens de paiement"
    if "kitty" in methods and len(methods) > 1 and not row.kitty_with_others:
        yield "la cagnotte avec d'autres moyens"
    if (row.kitty_floor or 0) > 0:
        yield "plancher des cagnottes"
    try:
        assert not row.iban or iban.read(row.iban) == row.iban, "as it is written by us"
    except (Refusal, AssertionError):
        yield "IBAN"


def settings_are_the_journals(connection: Connection) -> Iterator[Discrepancy]:
    """What a group has chosen is what its journal says was chosen last; free text is not in the journal."""
    query = select(FACT).where(FACT.c.kind == "SettingChanged").order_by(FACT.c.group_id, FACT.c.number)
    last: dict[tuple[int, str], Any] = {}
    for row in connection.execute(query):
        body = json.loads(row.body)
        last[row.group_id, body["setting"]] = body["value"]
    groups = {row.id: row for row in connection.execute(select(BuyingGroup))}
    for (group, setting), value in last.items():
        if setting not in FREE_TEXT and getattr(groups[group], COLUMNS[setting]) != value:
            yield Discrepancy(group, "réglages", f"{setting} n'est pas ce que dit le journal", serious=False)


def households_are_told_where_they_chose(connection: Connection) -> Iterator[Discrepancy]:
    """Where a household is told is what its journal says it chose last; of its addresses at most one wrote last (B42)."""
    query = select(FACT).where(FACT.c.kind == WhereToldChosen.__name__).order_by(FACT.c.group_id, FACT.c.number)
    chosen: dict[tuple[int, int], int] = {}
    for row in connection.execute(query):
        body = json.loads(row.body)
        chosen[row.group_id, body["member"]] = body["address"]
    members = connection.execute(select(*(col(c) for c in (Member.group_id, Member.number, Member.told_at))))
    for row in members:
        if row.told_at != chosen.get((row.group_id, row.number), 0):
            yield Discrepancy(
                row.group_id, "appareils", f"m{row.number} n'est pas averti où il l'a choisi", serious=False
            )
    whose = (col(LinkedAddress.group_id), col(LinkedAddress.member))
    twice = select(*whose).where(col(LinkedAddress.latest)).group_by(*whose).having(func.count() > 1)
    for row in connection.execute(twice):
        yield Discrepancy(
            row.group_id, "appareils", f"m{row.member} a écrit en dernier de deux appareils", serious=False
        )


CHECKS.extend([settings_make_sense, settings_are_the_journals, households_are_told_where_they_chose])
