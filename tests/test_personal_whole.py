"""What a member is handed over is all that is kept of them: no table can be forgotten, old or new (B44)."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, insert, select
from sqlmodel import SQLModel

from bot import areas
from bot.banking.facts import BankLineMatched
from bot.chats.matrix.remembered import DIRECT
from bot.departures.facts import MemberLeft, PersonalDataErased
from bot.groups.people import Group
from bot.groups.tables import ChequeNote, Invitation, LinkedAddress, Proposal
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.facts import Fact, Method, PaymentReceived, PaymentRefunded, PaymentRefused
from bot.ledger.money import Cents
from bot.ledger.settling import AccountClosed
from bot.market.facts import Line, OrderPlaced, PaymentPlanned, PlanEnded, RemovalAsked
from bot.market.market import Market
from bot.market.offer_facts import DistributionValidated
from bot.outbox import Waiting
from bot.papers.kept import LEFT_OUT, everything, plain
from bot.reminders.facts import ContactNoted, RefundAsked, ReminderSent, RemindersPaused
from tests.counter import tick, with_cards
from tests.fake_provider import FakeProvider
from tests.market_stall import BREAD, THURSDAY, set_up
from tests.transcripts import Scene

AWA = 3
WHOSE = {"member", "author", "decided_by", "asked_by", "user", "chat", "account"}
"""A table with one of these columns holds something of somebody."""

GIVEN = {
    "member": "person", "address": "addresses", "matrix_direct": "addresses", "payment": "payments", "entry": "operations",
    "order_line": "orders", "member_order": "orders", "plan": "planned_payments", "removal_request": "requests",
    "refund_request": "refunds", "basket": "baskets", "bank_line": "bank_lines", "checkout": "links",
    "online_payment": "card_payments", "online_refund": "card_refunds", "invitation": "invitations",
    "reminded": "reminders", "member_contact": "contacts", "thread": "conversations", "outbox": "messages_waiting",
    "proposal": "proposals", "fact": "journal", "note": "journal", "cheque": "payments", "cheque_note": "payments",
}  # fmt: skip
"""Where in the file each table is."""

NOT_GIVEN = {
    "account": "its balance is said; it is the sum of the operations",
    "order_fact": "which of the facts in the journal are about which order",
    "card_place": "the coordinators' cards, in which chats they are shown: what they show is others'",
    "room": "the group's",
    "room_code": "the group's, for half an hour",
    "matrix_shown": "messages as they stand in the chat itself, so that they can be changed there",
}
"""What is not in the file, and why."""

COLUMNS_NOT_GIVEN = {
    "member_order": {"told_fact", "told_before", "visited_at", "distribution", "member", "number"},
    "order_line": {"distribution", "member", "sold", "name", "product"},
}
"""Of what is not copied as it is: what only we count by, or is there under another name."""

_keys = itertools.count(1)


def record(scene: Scene, *facts: Fact) -> None:
    """Record facts as Camille, with all that follows."""
    for fact in facts:
        key = f"whole:{next(_keys)}"
        scene.store.write(
            lambda c, f=fact, k=key: areas.record(c, group=1, fact=f, author=4, at=scene.now, key=k)  # type: ignore[misc]
        ).result()


@pytest.fixture
def lived(scene: Scene) -> Scene:
    """Awa has something in every table that holds something of somebody."""
    set_up(scene)
    with_cards(scene, provider := FakeProvider())
    buys(scene)
    pays(scene, provider)
    is_written_to(scene)
    return scene


def buys(scene: Scene) -> None:
    record(
        scene,
        OrderPlaced(AWA, THURSDAY, (Line(BREAD, 1000, 1000, 450),)),
        PaymentPlanned(AWA, THURSDAY, Cents(450), Method.CASH),
        RemovalAsked(AWA, THURSDAY, 1, "je serai absente"),
    )
    scene.says("awa", "2 pain de campagne")


def pays(scene: Scene, provider: FakeProvider) -> None:
    scene.says("awa", "/payer 10 carte en ligne")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    scene.says("camille", "/rembourser Awa 2 carte en ligne")
    scene.taps("camille", "Rendre")
    record(
        scene,
        PaymentReceived(AWA, Cents(3000), Method.TRANSFER),
        BankLineMatched("abc", "2026-11-20", AWA, Cents(3000)),
    )
    scene.says("awa", "/payer 12 chèque LCL 0042")
    scene.says("awa", "oui")
    record(scene, PaymentReceived(AWA, Cents(700), Method.CHEQUE))
    with scene.store.read() as connection:
        last = connection.execute(select(SQLModel.metadata.tables["payment"].c.number)).scalars().all()[-1]
    scene.change(insert(ChequeNote).values(group_id=1, payment=last, text="CIC 77"))


def is_written_to(scene: Scene) -> None:
    record(
        scene,
        RefundAsked(AWA, Cents(500), Method.TRANSFER, "FR76 1234 5678"),
        ContactNoted(AWA, "sa sœur, 06 12 34 56 78"),
        ReminderSent(AWA, 1, Cents(450), 1),
        RemindersPaused(AWA, "2026-12-10"),
    )
    later = scene.now + timedelta(days=1)
    scene.change(insert(Invitation).values(digest="d", group_id=1, member=AWA, expires_at=later))
    here = {"platform": "matrix", "user": "@awa:example.org", "chat": "@awa:example.org", "language": "en"}
    scene.change(
        insert(LinkedAddress).values(group_id=1, member=AWA, number=2, linked_at=scene.now, current=True, **here)
    )
    scene.change(insert(DIRECT).values(user="@awa:example.org", room="!awa:example.org"))
    facts = json.dumps([["BalanceWrittenOff", {"member": AWA, "amount": 5, "reason": "un geste"}]])
    scene.change(
        insert(Proposal).values(group_id=1, number=900, facts=facts, author=5, made_at=scene.now, state="open")
    )
    body = json.dumps({"text": "Bonjour Awa", "options": [], "attachment": None, "asks": False})
    scene.change(insert(Waiting).values(platform="demo", chat="awa", body=body, token="t", state="aside"))
    scene.says("awa", "/question")
    scene.says("awa", "/payer 33,33")


def test_every_table_that_holds_something_of_somebody_is_in_the_file() -> None:
    """A new table fails here until it is handed over, or somebody says why not."""
    theirs = {
        table.name for table in SQLModel.metadata.sorted_tables if WHOSE & {column.name for column in table.columns}
    }
    assert theirs - set(GIVEN) - set(NOT_GIVEN) == set(), "is it handed over?"
    assert set(GIVEN) & set(NOT_GIVEN) == set()
    assert set(GIVEN) | set(NOT_GIVEN) <= set(SQLModel.metadata.tables), "is gone"


def rows_of_hers(scene: Scene, name: str) -> list[Row[Any]]:
    table = SQLModel.metadata.tables[name]
    query = select(table).where(table.c.member == AWA)
    with scene.store.read() as connection:
        return list(connection.execute(query.where(table.c.group_id == 1)).all())


@pytest.mark.parametrize("name", [name for name in GIVEN if "member" in SQLModel.metadata.tables[name].columns])
def test_every_row_and_every_column_of_a_members_is_handed_over(lived: Scene, name: str) -> None:
    """Also columns that are new; only those may be missing that are named above."""
    with lived.store.read() as connection:
        given = everything(connection, 1, AWA, lived.now)[GIVEN[name]]
    rows = rows_of_hers(lived, name)
    assert rows, "Awa has something there"
    for row in rows:
        kept = {
            key: value for key, value in plain(row._asdict()).items() if key not in COLUMNS_NOT_GIVEN.get(name, set())
        }
        assert any(kept.items() <= one.items() for one in given), (kept, given)


def test_what_says_whose_it_is_in_another_way_is_handed_over_too(lived: Scene) -> None:
    """Notes of facts, cheques, the room on Matrix, words being said, messages not delivered, what waits for agreement."""
    with lived.store.read() as connection:
        found = everything(connection, 1, AWA, lived.now)
    assert found["person"]["name"] == "Awa"
    assert {one["room"] for one in found["addresses"]} == {"", "!awa:example.org"}
    assert "CIC 77" in {one["written"] for one in found["payments"]}
    assert "33,33" in json.dumps(found["conversations"]) or "3333" in json.dumps(found["conversations"])
    assert "Bonjour Awa" in {one["text"] for one in found["messages_waiting"]}
    assert [(one["state"], one["note"]) for one in found["proposals"]] == [("open", "un geste")]
    assert "Rappel · Awa · 4,50\u00a0€" in {one["what"] for one in found["journal"]}
    assert {one["what"] for one in found["done_by_them"]} >= {"Paiement déclaré"}
    assert sum(one["amount"] for one in found["operations"]) == found["person"]["balance"]


def test_nobody_else_is_in_it_and_every_table_opens_in_a_spreadsheet(lived: Scene) -> None:
    """B1: names of those who did something on the account are said, as in the journal; no other member's."""
    lived.unheard()
    lived.says("awa", "/mesdonnees")
    document = next(shown.document for shown in reversed(lived.shown) if shown.place.chat == "awa" and shown.document)
    with zipfile.ZipFile(io.BytesIO(document.content)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    data = json.loads(files["donnees.json"])
    assert sum(isinstance(table, list) and bool(table) for table in data.values()) == len(files) - 2
    whole = b"".join(files.values()).decode("utf-8-sig", "replace")
    assert not [name for name in ("Léa", "Bruno") if name in whole]
    assert "sa sœur, 06 12 34 56 78" in files["autre-moyen-de-joindre.csv"].decode("utf-8-sig")
    assert "FR76 1234 5678" in files["remboursements-demandes.csv"].decode("utf-8-sig")
    assert "20/11/2026;3;30,00;" in files["virements-reconnus.csv"].decode("utf-8-sig")
    assert "10,00" in files["paiements-par-carte.csv"].decode("utf-8-sig")


SECRETS = (
    *("FR76 1234 5678", "06 12 34 56 78", "CIC 77", "LCL 0042", "je serai absente", "un geste", "Bonjour Awa"),
    *("@awa:example.org", "!awa:example.org", "Awa", "33,33", "3333"),
)
"""Names, notes, account numbers, addresses: what is written of Awa above."""


def written(scene: Scene) -> set[str]:
    """Find the secrets that stand in some column of some table."""
    with scene.store.read() as connection:
        values = [
            str(value)
            for table in SQLModel.metadata.sorted_tables
            for column in table.columns
            for value in connection.execute(select(column)).scalars()
        ]
    return {secret for secret in SECRETS if any(secret in value for value in values)}


def test_once_erased_no_table_keeps_a_name_a_note_an_account_number_or_an_address(lived: Scene) -> None:
    """B44: whatever stood in the file that is handed over stands nowhere any more; entries and amounts stay."""
    lived.says("awa", "C'est Awa : où est ma facture ?")
    assert written(lived) >= set(SECRETS) - {"33,33", "3333"}
    settled_and_gone(lived)
    assert written(lived) == set()
    with lived.store.read() as connection:
        assert audit(connection) == []
        found = everything(connection, 1, AWA, lived.now)
        assert Group(connection, 1).name_of(AWA) == "m3"
    assert (found["person"]["name"], found["addresses"], found["contacts"], found["conversations"]) == (
        "m3",
        [],
        [],
        [],
    )
    assert found["operations"], "what was bought and paid stays in the books"


def settled_and_gone(scene: Scene) -> None:
    """The distribution is over, everything is settled; Awa leaves, the account closes, what is personal is erased."""
    scene.later(days=5)
    with scene.store.read() as connection:
        books = Books(connection, 1, scene.now)
        waiting, balance = books.pending(AWA), books.balance(AWA)
        plans = Market(connection, 1, scene.now).plans(member=AWA, distribution=THURSDAY)
    record(
        scene,
        *(PaymentRefused(AWA, payment.number) for payment in waiting),
        *(PlanEnded(AWA, plan.number, "lapsed") for plan in plans),
        DistributionValidated(THURSDAY),
        PaymentRefunded(AWA, balance, Method.CASH),
        MemberLeft(AWA, (1, 2)),
        AccountClosed(AWA),
        PersonalDataErased(AWA),
    )


def test_columns_left_out_are_ours() -> None:
    """Nothing else may hide behind what is left out everywhere."""
    assert {"group_id", "folded", "erase", "erased"} == LEFT_OUT
