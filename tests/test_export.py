"""The journal exported, and judged by others: beancount's own arithmetic must find the balances of our books."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import data, realization
from sqlalchemy import Connection, select

from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    Fact,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import ACCOUNT
from bot.papers.beancount import account
from bot.papers.export import WRITERS
from bot.papers.journal import account_name

NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
HOSTILE = 'Anne "la \\ grande"\nL\'Œuvre; =1+1\u202e'
BY_HAND = (Method.CHEQUE, Method.CASH, Method.TRANSFER, Method.TERMINAL)


class Scribe:
    """Writes a group's journal, a fact an hour."""

    def __init__(self, connection: Connection, group: int, at: datetime) -> None:
        self._connection, self._group, self._at = connection, group, at
        self._keys = iter(range(10_000))

    def write(self, fact: Fact) -> int:
        self._at += timedelta(hours=1)
        recorded = journal.record(
            self._connection, group=self._group, fact=fact, author=1, at=self._at, key=f"t{next(self._keys)}"
        )
        return recorded.number


def rich_group(connection: Connection, name: str, seed: int) -> int:
    """Everything that can happen, and then some more of it at random."""
    chance = random.Random(seed)
    group = add_group(connection, name, Beginnings(), NOW)
    for person in ("Camille", HOSTILE, "Léa", "Bruno", "=SOMME(A1)"):
        add_member(connection, group, person, NOW)
    scribe = Scribe(connection, group, NOW)
    opening = scribe.write(OpeningBalanceEntered(2, Cents(-2450)))
    scribe.write(OpeningBalanceEntered(3, Cents(700)))
    declared = scribe.write(PaymentDeclared(2, Cents(2450), Method.CHEQUE))
    validated = scribe.write(PaymentValidated(2, declared, Cents(2000), Method.CHEQUE))
    scribe.write(FactReversed(2, validated))
    scribe.write(FactReversed(2, opening))
    scribe.write(PaymentValidated(2, declared, Cents(2450), Method.CHEQUE, round=1))
    scribe.write(PaymentRefused(3, scribe.write(PaymentDeclared(3, Cents(5), Method.CASH))))
    scribe.write(PaymentWithdrawn(3, scribe.write(PaymentDeclared(3, Cents(1), Method.CASH))))
    slip = scribe.write(ChequesDeposited(((declared, Cents(2450)),)))
    scribe.write(ChequeBounced(2, declared, Cents(2450), Cents(850), slip))
    scribe.write(CashCounted(Cents(0), Cents(3000)))
    scribe.write(FactReversed(0, scribe.write(CashBanked(Cents(1000)))))
    for _turn in range(40):
        member, amount = chance.randrange(1, 6), Cents(chance.randrange(1, 100_000))
        received = scribe.write(PaymentReceived(member, amount, chance.choice(BY_HAND)))
        if chance.random() < 0.3:
            scribe.write(FactReversed(member, received))
        elif chance.random() < 0.5:
            scribe.write(PaymentRefunded(member, Cents(max(1, amount // 3)), Method.CASH))
    return group


@pytest.fixture
def groups(store: Store) -> list[int]:
    return [store.write(lambda c, s=seed: rich_group(c, f"Groupe {s}", s)).result() for seed in (1, 2)]  # type: ignore[misc]


def export(store: Store, kind: str, groups: list[int]) -> str:
    with store.read() as connection:
        return "".join(WRITERS[kind](connection, groups, NOW))


def our_balances(store: Store, group: int) -> dict[int, int]:
    with store.read() as connection:
        rows = connection.execute(select(ACCOUNT).where(ACCOUNT.c.group_id == group))
        return {row.number: row.balance for row in rows}


def loaded(text: str) -> list[data.Directive]:
    """Have beancount load a text; it must find nothing wrong."""
    entries, errors, _options = loader.load_string(text)
    assert not errors, errors
    return list(entries)


def their_balances(entries: list[data.Directive]) -> Iterator[tuple[str, Decimal]]:
    """Have beancount add everything up, without our « balance » lines."""
    without = [entry for entry in entries if not isinstance(entry, data.Balance)]
    realized = realization.realize(without)  # type: ignore[no-untyped-call]  # beancount leaves it untyped
    for real in realization.iter_children(realized):  # type: ignore[no-untyped-call]  # likewise
        held = real.balance.get_currency_units("EUR").number
        if real.account and held is not None:
            yield real.account, held


def test_beancount_accepts_the_journal_and_finds_the_same_balances(store: Store, groups: list[int]) -> None:
    """B2: one group, then several together. Signs are turned: our « avoir » is a liability, below zero there."""
    for chosen in ([groups[0]], groups):
        theirs = dict(their_balances(loaded(export(store, "beancount", chosen))))
        for group in chosen:
            part = f"G{group}:" if len(chosen) > 1 else ""
            for number, balance in our_balances(store, group).items():
                assert theirs.get(account(number, part), Decimal(0)) * 100 == -balance, account(number, part)


def test_every_account_is_asserted_to_the_cent(store: Store, groups: list[int]) -> None:
    text = export(store, "beancount", groups[:1])
    assertions = [entry for entry in loaded(text) if isinstance(entry, data.Balance)]
    assert len(assertions) == len(our_balances(store, groups[0]))
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if " balance " in line and "0.00 ~" not in line)
    whole, cents = lines[at].split(" ~ ")[0].rsplit(".", 1)
    lines[at] = f"{whole}.{(int(cents) + 1) % 100:02} ~ 0 EUR"
    _entries, errors, _options = loader.load_string("\n".join(lines))
    assert len(errors) == 1


def test_a_reversal_is_visible_and_tied_to_what_it_reverses(store: Store, groups: list[int]) -> None:
    """B3: both stay, with opposite amounts."""
    entries = [entry for entry in loaded(export(store, "beancount", groups[:1])) if isinstance(entry, data.Transaction)]
    reversals = [entry for entry in entries if "annulation" in entry.tags]
    assert len(reversals) > 5
    for reversal in reversals:
        tied = [entry for entry in entries if reversal.links & entry.links and entry is not reversal]
        assert len(tied) == 1
        assert str(tied[0].meta["operation"]) in str(reversal.narration)
        assert amounts(reversal) == {(name, -number) for name, number in amounts(tied[0])}


def amounts(transaction: data.Transaction) -> set[tuple[str, Decimal]]:
    found = set()
    for posting in transaction.postings:
        assert posting.units is not None
        assert isinstance(posting.units.number, Decimal)
        found.add((posting.account, posting.units.number))
    return found


def test_names_are_metadata_only_whatever_they_hold(store: Store, groups: list[int]) -> None:
    """B44: nothing but the accounts' « nom » names anybody."""
    entries = loaded(export(store, "beancount", groups[:1]))
    names = {entry.account: entry.meta.get("nom") for entry in entries if isinstance(entry, data.Open)}
    assert names["Liabilities:Adherents:M2"] == " ".join(HOSTILE.replace("\n", " ").replace("\u202e", " ").split(" "))
    assert names["Assets:Caisse"] is None
    transactions = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert not [t for t in transactions if "Léa" in str(t) or "grande" in str(t)]


def test_days_are_those_of_the_group(store: Store) -> None:
    """Half past ten in the evening, UTC, in winter is half past eleven in Paris; an hour later it is tomorrow."""
    group = store.write(lambda connection: rich_group(connection, "Minuit", 3)).result()
    entries = [entry for entry in loaded(export(store, "beancount", [group])) if isinstance(entry, data.Transaction)]
    assert str(entries[0].date) == "2026-03-29"
    assert entries[0].meta["heure"] == "00:30:00"


def test_an_empty_group_is_accepted_too(store: Store) -> None:
    group = store.write(lambda connection: add_group(connection, "Rien\nencore", Beginnings(), NOW)).result()
    assert len(loaded(export(store, "beancount", [group]))) == 18
    assert json.loads(export(store, "json", [group]))["groups"][0]["facts"] == []


def test_the_sheet_adds_up_to_the_balances(store: Store, groups: list[int]) -> None:
    rows = list(csv.DictReader(io.StringIO(export(store, "csv", groups).removeprefix("\ufeff")), delimiter=";"))
    for group in groups:
        summed: dict[str, Decimal] = {}
        for row in rows:
            if row["groupe"] == str(group) and row["montant"]:
                amount = Decimal(row["montant"].replace(",", "."))
                summed[row["compte"]] = summed.get(row["compte"], Decimal(0)) + amount
                summed[row["contrepartie"]] = summed.get(row["contrepartie"], Decimal(0)) - amount
        for number, balance in our_balances(store, group).items():
            assert summed.get(account_name(number), Decimal(0)) * 100 == balance
    assert {row["nom"] for row in rows} >= {"'=SOMME(A1)"}
    assert {row["annule"] for row in rows} > {""}
    assert {"Paiement déclaré", "Paiement refusé", "Reprise de solde"} <= {row["opération"] for row in rows}


def test_the_json_holds_every_fact_and_every_entry(store: Store, groups: list[int]) -> None:
    document = json.loads(export(store, "json", groups))
    assert [group["number"] for group in document["groups"]] == groups
    for group in document["groups"]:
        assert [fact["number"] for fact in group["facts"]] == list(range(1, len(group["facts"]) + 1))
        balances: dict[str, int] = {}
        for fact in group["facts"]:
            for entry in fact["entries"]:
                balances[entry["account"]] = balances.get(entry["account"], 0) + entry["amount"]
                balances[entry["contra"]] = balances.get(entry["contra"], 0) - entry["amount"]
        ours = our_balances(store, group["number"])
        assert {name: total for name, total in balances.items() if name.startswith("m") and total} == {
            f"m{number}": balance for number, balance in ours.items() if number > 0 and balance
        }
        assert group["members"]["m2"] == HOSTILE
