"""Two people at the same instant: one desk on either database, and two processes on PostgreSQL held back until both post."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import NullPool, create_engine, func, select, text

from bot.chat import Incoming
from bot.desk import Desk
from bot.ledger.books import Books
from bot.ledger.facts import Fact
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.market.market import Market
from tests.databases import audited, new_postgresql
from tests.market_stall import set_up
from tests.transcripts import Scene, words

PATIENCE_SECONDS = 20
T = TypeVar("T")


class Rush:
    """Updates that come at the same instant. ``desks``: as many processes; ``url`` where they are to be held back."""

    def __init__(self, scene: Scene, desks: list[Desk], url: str = "") -> None:
        self.scene = scene
        self._desks = desks
        self._url = url

    def at_once(self, *updates: Incoming) -> None:
        """Serve updates, each by a thread of its own; then deliver what is to be said."""
        ready = threading.Barrier(len(updates))
        done: list[Incoming] = []

        def serve(rank: int, update: Incoming) -> None:
            ready.wait()
            self._desks[rank % len(self._desks)].receive(update).result()
            done.append(update)

        threads = [threading.Thread(target=serve, args=pair) for pair in enumerate(updates)]
        with self._held_back(lambda: len(threads) - len(done)):
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        assert len(done) == len(updates)
        self.scene.delivery.deliver(self.scene.receive)

    @contextmanager
    def _held_back(self, going: Callable[[], int]) -> Iterator[None]:
        """On two processes, keep the group's lock until each has read what it goes by and waits to post."""
        if not self._url:
            yield
            return
        engine = create_engine(self._url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT facts FROM book WHERE group_id = 1 FOR UPDATE"))
            yield
            until = time.monotonic() + PATIENCE_SECONDS
            waiting = text("SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            while connection.execute(waiting).scalar_one() < going():
                assert time.monotonic() < until, "nobody waits"

    def read(self, question: Callable[[Market], T]) -> T:
        """Ask the market something."""
        with self.scene.store.read() as connection:
            return question(Market(connection, 1, self.scene.now))

    def count(self, kind: type[Fact]) -> int:
        """Count the facts of a kind."""
        with self.scene.store.read() as connection:
            query = select(func.count()).select_from(FACT).where(FACT.c.kind == kind.__name__)
            return connection.execute(query).scalar_one()

    def balance(self, member: int) -> int:
        """Give a balance in cents."""
        with self.scene.store.read() as connection:
            return Books(connection, 1, self.scene.now).balance(member)

    def last(self, who: str) -> str:
        """Give what somebody was told last, in private."""
        return [words(shown.message.text) for shown in self.scene.shown if shown.place.chat == who][-1]

    def tap(self, who: str, label: str) -> Incoming:
        """Make the update of a tap on what somebody sees."""
        shown, option = self.scene.button(who, label)
        return self.scene.incoming(who, tapped=option.data, message=shown.id)

    def choose(self, who: str, typed: str) -> None:
        """Bring somebody before the last question."""
        self.scene.says(who, f"/commander {typed}")
        self.scene.says(who, "/confirmer")
        if "Par quel moyen" in self.last(who):
            self.scene.says(who, "liquide")
        assert self.last(who).startswith("Confirmer cette commande ?")


@pytest.fixture(params=["one desk on sqlite", "one desk on postgresql", "two processes on postgresql"])
def rush(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Rush]:
    """Open a small market; its books must be right at the end."""
    url = f"sqlite:///{tmp_path / 'ardoise.db'}"
    if "postgresql" in request.param:
        url = new_postgresql(request.getfixturevalue("postgresql_template"), template="ready")
    with audited(url) as store:
        scene = Scene(store)
        set_up(scene)
        if "two" not in request.param:
            yield Rush(scene, [scene.desk()])
            return
        other = Store.open(url)
        yield Rush(scene, [scene.desk(), Desk(other, lambda: scene.now)], url)
        other.close()
