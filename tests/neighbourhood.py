"""Neighbours of one group, on an emulated Telegram, the real program beside them, and what must be true in the end.

Each neighbour declares payments of amounts nobody else has, so that every fact and every message tells whose update,
and which one, it came from.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import sys
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.groups import apply as people_apply
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.audit import audit
from bot.ledger.facts import Fact
from bot.ledger.store import Store
from tests.databases import new_sqlite
from tests.emulator import TOKEN, BadGateway, BotApi, Person, Town

COORDINATOR = 900
CENTS = re.compile(r"(\d+),(\d\d)\u00a0€")


class Neighbourhood:
    """``people`` neighbours, each with ``payments`` to declare, in two updates each: the words, then « oui »."""

    def __init__(self, folder: Path, people: int, payments: int) -> None:
        self.folder = folder
        self.database = folder / "ardoise.db"
        self.people = range(1, people + 1)
        self.payments = payments
        self.living: dict[int, Person] = {}

    def settle(self, api: BotApi, more: str = "") -> None:
        """Write the configuration, make the group, link everybody; the coordinator has written to the bot before."""
        town = Town(api)
        self.living = {user: town.person(f"Voisin{user}", number=user) for user in (*self.people, COORDINATOR)}
        self.living[COORDINATOR].says("/solde")
        written = f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "{api.url}"\n{more}'
        (self.folder / "config.toml").write_text(written)
        store = Store.open(new_sqlite(Path(self.database)))
        store.write(self._seed).result()
        store.close()

    def _seed(self, connection: Connection) -> None:
        now = datetime.now(UTC)
        group = add_group(connection, "La ville", Beginnings(), now)
        for user in (*self.people, COORDINATOR):
            right = Right.TREASURY if user == COORDINATOR else Right.MEMBER
            member = add_member(connection, group, f"Voisin {user}", now, right=right).number
            facts: list[Fact] = [
                InvitationMade(member, f"code-{user}"),
                AddressLinked(member, "telegram", 1, user=str(user), chat=str(user), code=f"code-{user}"),
            ]
            for fact in facts:
                key = f"{user}/{type(fact).__name__}"
                recorded = journal.record(connection, group=group, fact=fact, author=None, at=now, key=key)
                people_apply.apply(connection, recorded)

    def cents(self, person: int, payment: int) -> int:
        """Give the amount that stands for one payment of one person."""
        return person * 1000 + payment + 1

    def talk(self) -> Iterator[None]:
        """Have everybody declare their payments, one message at each step."""
        for payment in range(self.payments):
            for person in self.people:
                euros, cents = divmod(self.cents(person, payment), 100)
                self.living[person].says(f"/payer {euros},{cents:02} chèque")
                yield
            for person in self.people:
                self.living[person].says("oui")
                yield

    def served(self, api: BotApi) -> bool:
        """Tell whether everything was acknowledged, and answered at least once."""
        if api.updates.waiting:
            return False
        heard = set(shown(api))
        last = {(chat, cents_of(text)) for chat, text in heard if "C'est noté" in text}
        return all((p, self.cents(p, k)) in last for p in self.people for k in range(self.payments))

    def must_be_right(self, api: BotApi) -> None:
        """Each update had its effect once, was answered at least once, in order; the books add up (B46, B47)."""
        raw = sqlite3.connect(self.database)
        declared = [row[0] for row in raw.execute("SELECT amount FROM payment ORDER BY amount")]
        waiting = raw.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]
        raw.close()
        expected = sorted(self.cents(p, k) for p in self.people for k in range(self.payments))
        for person in {cents // 1000 for cents in set(expected) ^ set(declared)}:
            pytest.fail(f"person {person} read: {[text for chat, text in shown(api) if chat == person]}")
        assert declared == expected
        assert waiting == 0
        for person in self.people:
            self._must_be_heard(api, person)
        store = Store.open(f"sqlite:///{self.database}")
        with store.read() as connection:
            assert audit(connection) == []
        store.close()

    def _must_be_heard(self, api: BotApi, person: int) -> None:
        """A crash may repeat messages, from any point on: it never leaves one out, nor changes their order."""
        expected = [(self.cents(person, k), said) for k in range(self.payments) for said in ("asked", "noted")]
        texts = [text for chat, text in shown(api) if chat == person]
        heard = [expected.index((cents_of(text), "noted" if "C'est noté" in text else "asked")) for text in texts]
        assert heard[0] == 0
        assert heard[-1] == len(expected) - 1
        assert all(after <= before + 1 for before, after in pairwise(heard)), (person, heard)


def shown(api: BotApi) -> list[tuple[int, str]]:
    """List every message that was shown, edits too, in order, by chat; also those whose sender heard of no answer."""
    calls = [call for call in api.calls if call.method in {"sendMessage", "editMessageText"} and call.code == 200]
    return [(call.number("chat_id"), call.text("text")) for call in calls]


def out_of_order(api: BotApi) -> None:
    """Have Telegram answer nothing but 502, until ``api.before`` is set to something else."""
    api.before = lambda _call: api.fail("*", BadGateway())


def cents_of(text: str) -> int:
    """Read the amount a message is about."""
    found = CENTS.search(text)
    assert found is not None, text
    return int(found[1]) * 100 + int(found[2])


@contextlib.asynccontextmanager
async def program(folder: Path, *words: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the real program; it does not outlive the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *(words or ("run", "--config", str(folder / "config.toml"))),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
