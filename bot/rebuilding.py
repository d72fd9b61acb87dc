"""Everything that facts make, made again from them: the books and every area's tables, in an empty database (B6, B44).

What facts do not tell is named here with its reason. Of the groups' own (names, addresses, texts) it is carried over from
where it lies; of the machine's (what waits to be sent, what was shown) it is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from bot.areas import FOLLOWING
from bot.banking.tables import BANK_LINE
from bot.errands import Errand
from bot.groups.facts import (
    AddressAsked,
    AddressLinked,
    AddressRevoked,
    InvitationMade,
    LanguageChosen,
    MemberAdded,
    MemberRenamed,
    ProposalDecided,
    Proposed,
    RoomLinked,
)
from bot.groups.settings import COLUMNS, FREE_TEXT, SettingChanged
from bot.groups.tables import (
    BuyingGroup,
    ChequeNote,
    Handle,
    Invitation,
    LinkedAddress,
    Member,
    Note,
    Proposal,
    Room,
    RoomCode,
)
from bot.groups.written import ChequeDescribed
from bot.ledger import replay
from bot.ledger.journal import Recorded
from bot.ledger.tables import ACCOUNT, BOOK, CHEQUE, ENTRY, FACT, PAYMENT, table
from bot.market.offer_facts import PhotoChanged
from bot.market.tables import (
    BASKET,
    DISTRIBUTION,
    LINE,
    OFFER,
    ORDER,
    ORDER_FACT,
    PHOTO,
    PLAN,
    PRODUCT,
    REQUEST,
)
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND, ONLINE_STRAY
from bot.reminders.apply import begin
from bot.reminders.facts import ContactNoted
from bot.reminders.tables import CONTACT, REFUND, REMINDED, RULES

GROUP, MEMBER = table(BuyingGroup), table(Member)


@dataclass(frozen=True)
class Derived:
    """A table that facts make. ``beside``: its columns that they do not tell, with the reason of each."""

    table: Table
    beside: Mapping[str, str] = field(default_factory=dict)


_TEXT = "a text or a name, which can be erased"
_HOST = "the host's word, given on the command line"
_SCHEDULE = "moved on by the schedule as it claims what is due"
_PROVIDER = "what a provider answered to an errand"

DERIVED = (
    *(Derived(of_books) for of_books in (BOOK, ACCOUNT, FACT, ENTRY, PAYMENT, CHEQUE)),
    Derived(
        GROUP,
        {
            **dict.fromkeys(("name", "currency", "timezone", "language", "created_at"), _HOST),
            **dict.fromkeys(("cheque_payee", "iban", "account_holder"), _TEXT),
        },
    ),
    Derived(MEMBER, dict.fromkeys(("name", "folded"), _TEXT)),
    *(Derived(of_market) for of_market in (PRODUCT, DISTRIBUTION, OFFER, ORDER, LINE, ORDER_FACT, PLAN)),
    Derived(REQUEST, {"note": _TEXT}),
    Derived(BANK_LINE),
    Derived(RULES, dict.fromkeys(("next_at", "digest_at", "approved_fact"), _SCHEDULE)),
    Derived(REMINDED, dict.fromkeys(("later_at", "own_at"), _SCHEDULE)),
    Derived(REFUND, {"note": _TEXT}),
    Derived(
        CHECKOUT,
        {
            **dict.fromkeys(("external", "state", "expires_at", "ask_at"), _PROVIDER),
            **dict.fromkeys(("platform", "chat"), "where somebody talks from"),
        },
    ),
    *(Derived(ONLINE_PAYMENT, {"ask_at": _SCHEDULE}), Derived(ONLINE_REFUND), Derived(ONLINE_STRAY)),
)
"""In the order in which rows may refer to each other."""

CARRIED: Mapping[Table, str] = {
    table(LinkedAddress): "where somebody talks from, and whether they can be written to there",
    table(Invitation): "a secret's digest",
    table(Room): "where coordinators talk",
    table(RoomCode): "a secret's digest, before it is any group's",
    table(Handle): "the bot's own names, as learnt at the last start",
    table(Note): _TEXT,
    table(ChequeNote): _TEXT,
    table(Proposal): "facts not recorded yet, texts included",
    CONTACT: _TEXT,
    PHOTO: "an image; the fact only says that there is one",
    BASKET: "what is being chosen, not confirmed",
}
"""Tables of the groups' own that facts do not make, each with its reason."""

LEFT: Mapping[str, str] = {
    **dict.fromkeys(("outbox", "receipt", "errand", "stored_file"), "what waits to be sent or done, or just was"),
    "card_place": "what is shown where at this moment",
    **dict.fromkeys(
        ("seen", "thread", "claim", "card_half"),
        "how far one process is with updates, conversations and the night's work",
    ),
    **dict.fromkeys(
        ("matrix_direct", "matrix_told", "matrix_shown", "matrix_sync", "matrix_late"),
        "how far a session on Matrix is, which has its keys beside the database",
    ),
}
"""Tables of the machine's, by name: what they are about may be above us. A rebuilt database begins without them."""

_ON_CARRIED = (
    *(
        InvitationMade,
        AddressAsked,
        AddressLinked,
        AddressRevoked,
        RoomLinked,
        LanguageChosen,
        Proposed,
        ProposalDecided,
    ),
    *(PhotoChanged, ContactNoted, ChequeDescribed),
)
"""Facts that change nothing but what is carried over: nobody follows them."""


def rebuild(source: Connection, target: Connection) -> int:
    """Make everything that facts make again in a database that has nothing yet, and bring over what they do not tell.

    Gives how many facts there were. Raises what :func:`follow_all` raises.
    """
    count = follow_all(source, target)
    for one in DERIVED:
        _carry_columns(source, target, one)
    for carried in CARRIED:
        _carry(source, target, carried)
    return count


def follow_all(source: Connection, target: Connection) -> int:
    """Record every fact again in a database that has nothing yet, every area following; give how many there were.

    Raises what :func:`bot.ledger.replay.replay` raises, and the areas' refusals: a fact was recorded that they refuse.
    """
    for row in source.execute(select(GROUP)).mappings().all():
        target.execute(insert(GROUP), _at_first(source, row))
    ruled = select(GROUP).join(RULES, RULES.c.group_id == GROUP.c.id)
    for row in source.execute(ruled).mappings().all():
        begin(target, row["id"], row["created_at"])
    names = {(r.group_id, r.number): r.name for r in source.execute(select(MEMBER))}
    count = replay.replay(source, target, lambda connection, kept: _follow(connection, _named(kept, names)))
    target.execute(delete(Errand))  # what providers were asked for once
    return count


def differences(source: Connection, target: Connection) -> Iterator[tuple[int, str]]:
    """Give, with its group, every row that facts make and that is not the same in two databases, table by table."""
    for one in DERIVED:
        ours, theirs = _rows(source, one), _rows(target, one)
        for key in sorted((ours.keys() | theirs.keys()), key=str):
            here, there = ours.get(key), theirs.get(key)
            if here != there:
                row: Mapping[str, Any] = here or there or {}
                yield row.get("group_id", row.get("id", 0)), f"{one.table.name} {key} : {_apart(here, there)}"


def _apart(ours: Mapping[str, object] | None, theirs: Mapping[str, object] | None) -> str:
    """Name the columns that differ, never what is in them."""
    if ours is None or theirs is None:
        return "de trop" if theirs is None else "manque"
    return ", ".join(name for name, value in ours.items() if theirs[name] != value)


def _rows(connection: Connection, one: Derived) -> dict[tuple[object, ...], Mapping[str, object]]:
    columns = [column for column in one.table.c if column.name not in one.beside]
    key = [column.name for column in one.table.primary_key]
    rows = connection.execute(select(*columns)).mappings()
    return {tuple(row[name] for name in key): dict(row) for row in rows}


def _at_first(source: Connection, row: RowMapping) -> dict[str, object]:
    """Give a group as it was before any fact changed its settings: what each setting was when it was changed first."""
    first: dict[str, object] = {}
    kept = select(FACT.c.body).where(FACT.c.group_id == row["id"], FACT.c.kind == SettingChanged.__name__)
    for body in map(json.loads, source.execute(kept.order_by(FACT.c.number)).scalars()):
        if body["setting"] not in FREE_TEXT:
            first.setdefault(COLUMNS[body["setting"]], body["was"])
    return {**row, **first}


def _named(kept: Recorded, names: Mapping[tuple[int, int], str]) -> Recorded:
    """Give a fact about a name the name that its member has now: it is not in the journal."""
    fact = kept.fact
    if isinstance(fact, MemberAdded | MemberRenamed):
        return replace(kept, fact=replace(fact, name=names[kept.group, fact.member]))
    return kept


def _follow(connection: Connection, kept: Recorded) -> Recorded:
    """Record a fact, and have every area follow it that follows more than what is carried over."""
    recorded, fact = replay.in_the_books(connection, kept), kept.fact
    is_text = isinstance(fact, SettingChanged) and fact.setting in FREE_TEXT
    if not isinstance(fact, _ON_CARRIED) and not is_text:
        for follow in FOLLOWING:
            follow(connection, recorded)
    return recorded


def _carry_columns(source: Connection, target: Connection, one: Derived) -> None:
    """Bring over the columns of a table that facts do not tell."""
    if not one.beside:
        return
    key = list(one.table.primary_key)
    for row in source.execute(select(*key, *(one.table.c[name] for name in one.beside))).mappings():
        here = [column == row[column.name] for column in key]
        target.execute(update(one.table).where(*here).values({name: row[name] for name in one.beside}))


def _carry(source: Connection, target: Connection, carried: Table) -> None:
    """Bring a whole table over, instead of what following facts left of it."""
    target.execute(delete(carried))
    rows = [dict(row) for row in source.execute(select(carried)).mappings()]
    if rows:
        target.execute(insert(carried), rows)
