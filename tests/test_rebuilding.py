"""A database rebuilt from its facts has the same rows in every table that facts make, on the other database and back (B6, B44)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Executable, func, select, update
from sqlmodel import SQLModel

from bot import app
from bot.areas import FOLLOWING
from bot.chats.matrix import remembered, shown
from bot.chats.matrix.wire import progress
from bot.errands import Errand
from bot.ledger.facts import kinds
from bot.ledger.store import Store
from bot.market.tables import LINE, OFFER, PRODUCT
from bot.online.tables import ONLINE_PAYMENT
from bot.rebuilding import CARRIED, DERIVED, LEFT, differences, rebuild
from bot.reminders.tables import REMINDED
from tests.databases import OtherStore
from tests.everything import Year
from tests.transcripts import Scene


@pytest.fixture
def year(store: Store) -> Year:
    """Play everything that can happen."""
    played = Year(Scene(store))
    played.play()
    return played


@pytest.fixture
def other(tmp_path: Path) -> Generator[Store]:
    """Open an empty database on SQLite, whose books need not be right."""
    opened = Store.open(f"sqlite:///{tmp_path / 'again.db'}", create=True)
    yield opened
    opened.close()


def test_every_table_is_made_by_facts_or_has_its_reason() -> None:
    """A new table must be given its place."""
    assert {module.__name__ for module in (app, remembered, shown, progress)}  # everything is imported
    named = [one.table.name for one in DERIVED] + [carried.name for carried in CARRIED] + list(LEFT)
    assert sorted(named) == sorted(SQLModel.metadata.tables)
    assert all(one.beside.keys() <= set(one.table.c.keys()) for one in DERIVED)
    assert all([*CARRIED.values(), *LEFT.values(), *(reason for one in DERIVED for reason in one.beside.values())])


def test_everything_that_can_happen_is_rebuilt_alike_there_and_back(
    year: Year, store: Store, other_store: OtherStore, other: Store
) -> None:
    """B6: every kind of fact, every table, row by row; nothing is asked of anybody a second time."""
    assert sorted(set(kinds()) - year.kinds()) == []
    with other_store as there, store.read() as first:
        count = there.write(lambda target: rebuild(first, target)).result()
        with there.read() as second:
            assert list(differences(first, second)) == []
            assert carried(second) == carried(first)
            assert second.execute(select(func.count()).select_from(Errand)).scalar() == 0
            assert other.write(lambda target: rebuild(second, target)).result() == count > 150
            with other.read() as third:
                assert list(differences(first, third)) == []
                assert carried(third) == carried(first)
                empty = [one.table.name for one in DERIVED if not third.execute(select(one.table)).first()]
    assert empty == []


def carried(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Read what facts do not make, and comes along."""
    tables = [*CARRIED, *(one.table for one in DERIVED if one.beside)]
    return {
        known.name: [tuple(row) for row in connection.execute(known.select().order_by(*known.primary_key))]
        for known in tables
    }


CHANGES: list[tuple[str, Executable]] = [
    ("product (1, 2) : stock", update(PRODUCT).where(PRODUCT.c.number == 2).values(stock=7)),
    ("offer (1, 2, 3) : ", update(OFFER).where(OFFER.c.product == 3).values(listed=False)),
    ("order_line (1, 1, 1, 3) : quantity", update(LINE).where(LINE.c.line == 3).values(quantity=1)),
    ("online_payment ('stripe', 'pi_2') : fee", update(ONLINE_PAYMENT).where(ONLINE_PAYMENT.c.external == "pi_2").values(fee=1)),
    ("reminded (1, 1) : step", update(REMINDED).where(REMINDED.c.member == 1).values(step=0)),
    ("reminded (1, 4) : manque", REMINDED.insert().values(group_id=1, member=4, step=0, fact=0, put_off=0, wanted=True)),
]  # fmt: skip


def test_what_was_changed_behind_the_facts_is_found(sqlite_store: Store, other: Store) -> None:
    """The columns are named, never what is in them."""
    Year(Scene(sqlite_store)).play()
    with sqlite_store.read() as source:
        other.write(lambda target: rebuild(source, target)).result()
        for expected, change in CHANGES:
            found = other.write(_tried(change, source)).result()
            assert len(found) == 1, (expected, found)
            assert found[0][0] == 1
            assert found[0][1].startswith(expected)


def _tried(change: Executable, source: Connection) -> Callable[[Connection], list[tuple[int, str]]]:
    """Make a change, compare, and take it back."""

    def job(target: Connection) -> list[tuple[int, str]]:
        point = target.begin_nested()
        target.execute(change)
        found = list(differences(source, target))
        point.rollback()
        return found

    return job


def test_an_area_that_did_not_follow_would_be_missed(
    sqlite_store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B6: else the tests above would prove nothing."""
    Year(Scene(sqlite_store)).play()
    monkeypatch.setattr("bot.rebuilding.FOLLOWING", FOLLOWING[:2])
    with sqlite_store.read() as source:
        other.write(lambda target: rebuild(source, target)).result()
        with other.read() as target:
            tables = {found.partition(" ")[0] for _group, found in differences(source, target)}
    assert {"bank_line", "online_payment", "reminded", "refund_request", "member"} <= tables
    assert not {"product", "order_line", "entry"} & tables
