"""Transcripts: a test's docstring is played line by line, and compared with what the bot says.

    lea: /solde                         somebody says something (``lea@salon:`` says it in the coordinators' room)
    camille: [Reçu]                     somebody taps a button of the last message they see that has it
    bot: Dans « … » [Payer | Historique]    what the speaker is answered
    bot→bruno: …                        what somebody else is told
    bot→salon: …                        what the coordinators' room shows
    (hint) …                            the words beside a tapped button

« … » in an expected line stands for anything. A new desk serves every line: each answer comes after a restart.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from inspect import cleandoc
from typing import Any

import pytest
from sqlalchemy import Executable, Row, select
from sqlmodel import SQLModel

from bot import handlers
from bot.chat import Address, FileRef, Incoming, Option, Place, Receipt, plain
from bot.conversation import Script
from bot.demo_group import PEOPLE, ROOM, seed
from bot.desk import Desk
from bot.handlers.visit import Visit
from bot.ledger import journal
from bot.ledger.facts import Fact
from bot.ledger.store import Store
from tests.instant import InstantDelivery, Shown

BEGINNING = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


class Scene:
    """The demo's group, people who speak, and everything that is shown to them."""

    def __init__(self, store: Store, now: datetime = BEGINNING) -> None:
        self.store = store
        self.now = now
        self.shown: list[Shown] = []
        self.heard = 0
        self.toast = ""
        self.last: Incoming | None = None
        self._keys = itertools.count(1)
        self.delivery = InstantDelivery(store, self.shown, lambda: self.now)
        self.codes = (f"code-{number:04}" for number in itertools.count(1))
        store.write(lambda connection: seed(connection, self.now)).result()
        self.delivery.deliver(self.receive)
        self.heard = len(self.shown)

    def desk(self) -> Desk:
        """Make a new desk, as after a restart."""
        return Desk(self.store, lambda: self.now, draw_code=lambda: next(self.codes), accounts=self.delivery.accounts)

    def receive(self, incoming: Incoming) -> Receipt:
        """Have an update served."""
        return self.desk().receive(incoming).result()

    def incoming(self, who: str, place: str = "", **parts: object) -> Incoming:
        """Make an update of somebody, in private or in the room."""
        where = ROOM if place == "salon" else Place("demo", place or who, private=not place)
        key = str(next(self._keys))
        return Incoming(bot="demo", key=key, address=Address("demo", who), place=where, **parts)  # type: ignore[arg-type]

    def says(self, who: str, text: str, place: str = "") -> None:
        """Somebody says something."""
        self._serve(self.incoming(who, place, text=text))

    def taps(self, who: str, label: str, place: str = "") -> None:
        """Somebody taps a button, of the last message there that has it."""
        shown, option = self.button(who, label, place)
        self._serve(self.incoming(who, place, tapped=option.data, message=shown.id))

    def sends(self, who: str, name: str, content: bytes, place: str = "") -> None:
        """Somebody sends a file."""
        self._serve(self.file_from(who, name, content, place))

    def button(self, who: str, label: str, place: str = "") -> tuple[Shown, Option]:
        """Find a button on what somebody sees."""
        chat = ROOM.chat if place == "salon" else place or who
        for shown in reversed(self.shown):
            if shown.place.chat == chat and not shown.replaced:
                for option in (option for row in shown.message.options for option in row):
                    if words(option.label) == label:
                        return shown, option
        raise AssertionError(f"{who} sees no button {label!r}")

    def tap_again(self, who: str, button: tuple[Shown, Option], place: str = "") -> None:
        """Somebody taps a button seen before, wherever it is now."""
        shown, option = button
        self.taps_data(who, option.data, place, message=shown.id)

    def taps_data(self, who: str, data: str, place: str = "", message: str = "") -> None:
        """Somebody's app sends data as if a button had been tapped."""
        self._serve(self.incoming(who, place, tapped=data, message=message))

    def file_from(self, who: str, name: str, content: bytes, place: str = "") -> Incoming:
        """Make the update of a file that somebody sends."""
        self.delivery.files[name] = content
        return self.incoming(who, place, file=FileRef(name, name, len(content)))

    def said(self, who: str) -> str:
        """Give what somebody was told last, in private, as a transcript writes it."""
        return self.told(who)[-1]

    def told(self, chat: str) -> list[str]:
        """List what was shown in a chat since this or anything like it was asked, as a transcript writes it."""
        chat = ROOM.chat if chat == "salon" else chat
        return [words(shown.message.text).strip() for shown in self.unheard() if shown.place.chat == chat]

    def change(self, statement: Executable) -> None:
        """Change tables behind everybody's back."""
        self.store.write(lambda connection: connection.execute(statement)).result()

    def record(self, fact: Fact) -> None:
        """Record a fact as another coordinator's chat would."""
        key = f"other:{next(self._keys)}"
        self.store.write(
            lambda connection: journal.record(connection, group=1, fact=fact, author=5, at=self.now, key=key)
        ).result()

    def row(self, table: type[SQLModel]) -> Row[Any]:
        """Give the only row of a table."""
        with self.store.read() as connection:
            return connection.execute(select(table)).one()

    @contextmanager
    def command(self, word: str, conversation: Callable[[Visit], Script]) -> Generator[None]:
        """Let the bot know one more command."""
        handlers.COMMANDS[word] = handlers.BY_WORD[word] = handlers.Command(word, word, conversation)
        try:
            yield
        finally:
            del handlers.COMMANDS[word], handlers.BY_WORD[word]

    def _serve(self, incoming: Incoming) -> None:
        self.last = incoming
        self.toast = self.receive(incoming).toast
        self.delivery.deliver(self.receive)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def unheard(self) -> list[Shown]:
        """Give what was shown since this was asked last."""
        fresh, self.heard = self.shown[self.heard :], len(self.shown)
        return fresh


def words(text: str) -> str:
    """Give a text as a transcript writes it: no bold, plain spaces, one line."""
    return (
        re.sub(r"[ \u00a0\u202f]*\n[ \u00a0\u202f]*| / ", " / ", plain(text))
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )


def written(shown: Shown) -> str:
    """Write a message as a transcript has it."""
    labels = " | ".join(words(option.label) for row in shown.message.options for option in row)
    text = words(shown.message.text).strip()
    return f"{text} [{labels}]" if labels else text


@pytest.fixture
def scene(sqlite_store: Store) -> Generator[Scene]:
    """Begin with the demo's group: Léa owes 24,50 €, Bruno has 7,00 €, Awa is at zero; Camille and Sofiane coordinate."""
    yield Scene(sqlite_store)
    assert set(PEOPLE) >= {"lea", "bruno", "awa", "camille", "sofiane"}


@pytest.fixture
def play(request: pytest.FixtureRequest, scene: Scene) -> Callable[[], Scene]:
    """Play the transcript in the test's docstring."""

    def _play() -> Scene:
        lines = [line for line in cleandoc(request.function.__doc__).splitlines() if re.match(r"\S+: |\(hint\)", line)]
        run(scene, lines)
        return scene

    return _play


def act(scene: Scene, script: str) -> None:
    """Play a few lines in the middle of a test, whatever was said before and not listened to."""
    scene.unheard()
    played(scene, script)


def played(scene: Scene, script: str) -> None:
    """Play a few lines in the middle of a test; what was said before is to be expected too."""
    run(scene, [line.strip() for line in script.strip().splitlines()])


def run(scene: Scene, lines: list[str]) -> None:
    """Play lines; everything said must be expected, in order for each listener."""
    waiting: list[tuple[str, str]] = []
    speaker = ""
    for line in lines:
        if line.startswith("(hint) "):
            assert matches(line.removeprefix("(hint) "), words(scene.toast)), (line, scene.toast)
            continue
        who, _colon, text = line.partition(": ")
        if who.startswith("bot"):
            listener = who.partition("→")[2] or speaker
            heard = next((pair for pair in waiting if pair[0] == listener), None)
            assert heard is not None, f"{listener} hears nothing, expected {text!r}; waiting: {waiting}"
            waiting.remove(heard)
            assert matches(text, heard[1]), f"\nexpected {text}\nheard    {heard[1]}"
            continue
        assert not waiting, f"not expected: {waiting}"
        name, _at, place = who.partition("@")
        speaker = place or name
        tapped = re.fullmatch(r"\[(.+)\]", text)
        if tapped:
            scene.taps(name, tapped[1], place)
        else:
            scene.says(name, text, place)
        waiting = [("salon" if s.place.chat == ROOM.chat else s.place.chat, written(s)) for s in scene.unheard()]
    assert not waiting, f"not expected: {waiting}"


def matches(expected: str, heard: str) -> bool:
    """Compare an expected line, in which « … » stands for anything, with what was heard."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, heard, re.DOTALL) is not None
