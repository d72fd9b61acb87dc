"""The journal written out for other programs: beancount, a spreadsheet, JSON. Facts in order, each with its entries.

Amounts are read piece by piece: a journal of millions of lines is never in memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot import __version__
from bot.groups.people import Group
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import ENTRY, FACT
from bot.market.sheet_cells import guarded
from bot.wording.facts import operation_name
from bot.words import speaking

READ_TOGETHER = 1_000


@dataclass(frozen=True)
class Entry:
    """A transfer as the books keep it: ``amount`` cents added to ``account``, taken from ``contra``."""

    account: int
    contra: int
    amount: Cents
    balance_after: Cents


@dataclass(frozen=True)
class Happening:
    """A fact of a group with the entries it posted. ``reversed_by``: the fact that took it back, if one did."""

    number: int
    kind: str
    body: dict[str, Any]
    author: int | None
    at: datetime
    reverses: int | None
    reversed_by: int | None
    entries: tuple[Entry, ...]


_REVERSAL = FACT.alias("reversal")
_JOURNAL = (
    select(FACT, _REVERSAL.c.number.label("reversed_by"), *(ENTRY.c[n] for n in ("account", "contra", "amount")))
    .add_columns(ENTRY.c.balance_after)
    .outerjoin(_REVERSAL, (_REVERSAL.c.group_id == FACT.c.group_id) & (_REVERSAL.c.reverses == FACT.c.number))
    .outerjoin(ENTRY, (ENTRY.c.group_id == FACT.c.group_id) & (ENTRY.c.fact == FACT.c.number))
    .order_by(FACT.c.number, ENTRY.c.account, ENTRY.c.seq)
)


def happenings(connection: Connection, group: int) -> Iterator[Happening]:
    """Read what happened in a group, in order."""
    query = _JOURNAL.where(FACT.c.group_id == group).execution_options(yield_per=READ_TOGETHER)
    for _number, together in groupby(connection.execute(query), key=lambda row: row.number):
        rows = list(together)
        first = rows[0]
        yield Happening(
            first.number, first.kind, json.loads(first.body), first.author, first.at, first.reverses, first.reversed_by,
            tuple(Entry(r.account, r.contra, r.amount, r.balance_after) for r in rows if r.account is not None),
        )  # fmt: skip


def account_name(number: int) -> str:
    """Name an account in a journal: ``m12`` for a member's, ``cash`` for the cash box."""
    return f"m{number}" if number > 0 else GroupAccount(number).name.lower()


def as_csv(connection: Connection, groups: Sequence[int], _now: datetime) -> Iterator[str]:
    """Write the journal as CSV that French spreadsheets open: an entry a line; a fact that moved no money has one too."""
    yield "\ufeff" + _row(
        [
            *("groupe", "n°", "date", "heure", "opération", "compte", "nom", "contrepartie", "montant"),
            *("solde après", "par", "annule", "annulé par", "fait"),
        ]
    )
    for number in groups:
        group = Group(connection, number)
        zone, names = ZoneInfo(group.settings.zone), group.names()
        for happening in happenings(connection, number):
            yield from _csv_lines(number, happening, zone, names)


def _csv_lines(group: int, happening: Happening, zone: ZoneInfo, names: dict[int, str]) -> Iterator[str]:
    local = happening.at.astimezone(zone)
    before = [group, happening.number, local.strftime("%d/%m/%Y"), local.strftime("%H:%M"), happening_name(happening)]
    author = "" if happening.author is None else account_name(happening.author)
    after = [author, happening.reverses or "", happening.reversed_by or "", happening.kind]
    for entry in happening.entries:
        name = guarded(names.get(entry.account, ""))
        money = [account_name(entry.contra), decimal(entry.amount, ","), decimal(entry.balance_after, ",")]
        yield _row([*before, account_name(entry.account), name, *money, *after])
    if not happening.entries:
        member = happening.body.get("member")
        whose = [account_name(member), guarded(names.get(member, ""))] if member else ["", ""]
        yield _row([*before, *whose, "", "", "", *after])


def _row(values: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow(values)
    return out.getvalue()


def happening_name(happening: Happening) -> str:
    """Say in French what happened; a fact without everyday words keeps its own name."""
    if happening.reverses is not None:
        return f"Annulation du n° {happening.reverses}"
    method = happening.body.get("method")
    with speaking("fr"):
        return operation_name(happening.kind, Method(method) if method else None)


def decimal(cents: int, point: str = ".") -> str:
    """Write an amount for a program to read.

    >>> decimal(-1205), decimal(7, ",")
    ('-12.05', '0,07')
    """
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}{point}{abs(cents) % 100:02}"


def as_json(connection: Connection, groups: Sequence[int], now: datetime) -> Iterator[str]:
    """Write the journal as one JSON document, a fact a line. Amounts are cents; a member's are what the group owes them."""
    yield f'{{"ardoise": {_dump(__version__)}, "exported_at": {_dump(now.isoformat())}, "groups": ['
    for rank, number in enumerate(groups):
        group = Group(connection, number)
        about = {"number": number, "name": group.settings.name, "currency": group.settings.currency}
        members = {account_name(member): name for member, name in group.names().items()}
        yield f'{"," if rank else ""}\n{_dump({**about, "members": members})[:-1]}, "facts": ['
        for place, happening in enumerate(happenings(connection, number)):
            yield f"{',' if place else ''}\n{_dump(_plain(happening))}"
        yield "\n]}"
    yield "\n]}\n"


def _plain(happening: Happening) -> dict[str, object]:
    entries = [
        {
            "account": account_name(e.account), "contra": account_name(e.contra), "amount": e.amount,
            "balance_after": e.balance_after,
        } for e in happening.entries
    ]  # fmt: skip
    return {
        "number": happening.number, "kind": happening.kind, "at": happening.at.isoformat(), "author": happening.author,
        "reverses": happening.reverses, "reversed_by": happening.reversed_by, "body": happening.body, "entries": entries,
    }  # fmt: skip


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
