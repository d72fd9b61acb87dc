"""The desk's transcripts on Matrix: the same people and lines, through the adapter and the real delivery, over the hall's rules.

Buttons are tapped by the bot's own reactions and, every second time, by typing their number.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import re
from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, update
from sqlmodel import col

from bot import cards
from bot.chat import Document, Incoming, Message, Option, Place, Receipt, plain
from bot.chats.matrix import intake
from bot.chats.matrix.beside import Beside
from bot.chats.matrix.intake import Intake
from bot.chats.matrix.manners import Manners
from bot.chats.matrix.markup import spoken_here
from bot.chats.matrix.remembered import talks_in
from bot.chats.matrix.rooms import Rooms
from bot.chats.matrix.sender import Sender
from bot.chats.matrix.shown import PLATFORM, room_and_event
from bot.chats.matrix.wire.events import Batch
from bot.delivery import Delivery
from bot.demo_group import PEOPLE, ROOM
from bot.groups.tables import LinkedAddress, Room
from bot.ledger.store import Store
from bot.outbox import CardPlace, Waiting
from tests.instant import Shown
from tests.matrix_hall import BOT, Hall, Said
from tests.transcripts import BEGINNING, Scene, words

SALON = "!coordination:localhost"
RETIRED = {cards.retired(name).text for name in cards.NEEDS}


def user_of(who: str) -> str:
    """Give somebody's user id."""
    return f"@{who}:localhost"


class Watched(Sender):
    """The adapter's sender; what it shows is written down as transcripts want it, and compared with what a client shows."""

    def __init__(self, scene: MatrixScene, rooms: Rooms, beside: Beside) -> None:
        super().__init__(scene.hall.wire, rooms, beside, lambda: scene.now)
        self._scene = scene

    async def send(self, place: Place, message: Message, document: Document | None, token: str = "", /) -> str:
        found = await super().send(place, message, document, token)
        self._scene.note(found, place, message, edited=False)
        return found

    async def edit(self, place: Place, message_id: str, message: Message, token: str = "", /) -> None:
        await super().edit(place, message_id, message, token)
        self._scene.note(message_id, place, message, edited=True)


class MatrixScene(Scene):
    """The demo's group on Matrix. Everything is begun anew for each line, as after a restart, unless it ``goes_on``."""

    def __init__(self, store: Store, now: datetime = BEGINNING, *, goes_on: bool = False) -> None:
        self.goes_on = goes_on
        self.beside = Beside()
        self._running: tuple[Intake, Delivery] | None = None
        self.hall = Hall()
        self.loop = asyncio.new_event_loop()
        self._rooms: dict[str, str] = {}
        self._taps = itertools.count(1)
        super().__init__(store, now)
        store.write(_moved_to_matrix).result()
        self.hall.room(*map(user_of, ("camille", "sofiane")), name="Coordination", joined=True, room=SALON, power=50)
        for who in PEOPLE:
            self._rooms[who] = self.hall.room(user_of(who), joined=True, power=100)
        store.write(self._known).result()
        self.run()
        self.heard = len(self.shown)

    def run(self) -> None:
        """Have the bot told what has happened, and everything be sent."""
        self.loop.run_until_complete(self._run())

    def _known(self, connection: Connection) -> None:
        for who, room in self._rooms.items():
            talks_in(connection, user_of(who), room)

    def says(self, who: str, text: str, place: str = "") -> None:
        """Somebody writes; commands as one writes them on Matrix."""
        typed = f"!{text[1:]}" if text.startswith("/") else text
        room, question = self.room(who, place), None
        if place and not typed.startswith("!"):
            question = next((s for s in reversed(self.hall.screen(room)) if s.sender == BOT and s.signs()), None)
        if question is not None:
            self.hall.replies(user_of(who), room, question.id, typed)
        else:
            self.hall.says(user_of(who), room, typed)
        self.run()

    def taps(self, who: str, label: str, place: str = "") -> None:
        """Somebody taps a button, of the last message there that has it."""
        shown, option = self.button(who, label, place)
        room, event = room_and_event(shown.id)
        said, mark = self._mark(room, event, option)
        newest = [one for one in self.hall.screen(room) if one.signs()][-1]
        if mark not in said.signs() or (newest is said and not mark_is_way_out(mark) and next(self._taps) % 2 == 0):
            number = re.sub(r"\D", "", str(_rank(said, mark)))
            self.hall.replies(user_of(who), room, event, number) if place else self.hall.says(
                user_of(who), room, number
            )
        else:
            self.hall.reacts(user_of(who), room, event, mark)
        self.run()

    def sends(self, who: str, name: str, content: bytes, place: str = "") -> None:
        """Somebody sends a file."""
        url = f"mxc://localhost/{name}"
        self.hall.files[url] = content
        file = {"msgtype": "m.file", "url": url, "info": {"size": len(content)}}
        self.hall.puts(user_of(who), self.room(who, place), "m.room.message", {"body": name, **file})
        self.run()

    def room(self, who: str, place: str = "") -> str:
        """Give the room where somebody speaks; a newcomer invites the bot to one."""
        if place == "salon":
            return SALON
        if who not in self._rooms:
            self._rooms[who] = self.hall.room(user_of(who), direct=True)
            self.run()
            self.run()  # a room that is entered is known with the next batch
            self.unheard()
        return self._rooms[who]

    def note(self, number: str, place: Place, message: Message, *, edited: bool) -> None:
        """Write down what was shown, once it is certain that a client shows it."""
        if message.text in RETIRED:
            return
        self._compare(number, message)
        old = next((shown for shown in self.shown if shown.id == number and not shown.replaced), None)
        if old is not None:
            old.replaced = True
        who = ROOM.chat if place.chat == SALON else place.chat[1:].partition(":")[0]
        message = replace(message, text=message.text.replace("Matrix", "Demo"))
        self.shown.append(Shown(number, Place("demo", who, private=place.private), message, edited=edited))

    def _compare(self, number: str, message: Message) -> None:
        room, event = room_and_event(number)
        said = self.hall.find(room, event)
        assert said is not None
        read = said.body
        for line in spoken_here(plain(message.text)).split("\n"):
            assert line.strip() in read or said.content["msgtype"] in {"m.file", "m.image"}, (line, read)
        for option in (option for row in message.options for option in row):
            assert words(spoken_here(option.label)) in words(read), (option.label, read)
            assert option.copies in read

    def _mark(self, room: str, event: str, option: Option) -> tuple[Said, str]:
        """Find the sign that stands before a button's label, as a client shows it."""
        said = self.hall.find(room, event)
        assert said is not None
        found = re.search(rf"(\S+) {re.escape(spoken_here(option.label))}(?=\u2003|\n|$)", said.body)
        assert found is not None, (option.label, said.body)
        return said, found[1]

    def again(self, batch: Batch) -> None:
        """Have the bot told something that it may have been told before."""
        self.loop.run_until_complete(self._run(batch))

    def restart(self, receive: Callable[[Incoming], Awaitable[Receipt]] | None = None) -> None:
        """Begin everything anew; ``receive`` stands before the desk."""

        async def begin() -> None:
            self._running = self._begun(receive or self._received)

        self.loop.run_until_complete(begin())

    def sender(self) -> Sender:
        """Make the adapter's sender, by itself."""
        return Sender(
            self.hall.wire, Rooms(self.hall.wire, self.store, lambda: self.now), self.beside, lambda: self.now
        )

    async def _run(self, batch: Batch | None = None) -> None:
        """Have what has happened served, answered, and everything be sent; all of it begun anew, unless it ``goes_on``."""
        self.toast = ""
        if self._running is None or not self.goes_on:
            self._running = self._begun(self._received)
        taking, delivery = self._running
        await taking.serve(batch or self.hall.batch())
        await delivery.settle()
        await self.beside.settled()
        await delivery.settle()
        await self.beside.settled()

    def _begun(self, receive: Callable[[Incoming], Awaitable[Receipt]]) -> tuple[Intake, Delivery]:
        rooms, manners = Rooms(self.hall.wire, self.store, lambda: self.now), Manners(self.hall.wire, self.beside)
        sender = Watched(self, rooms, self.beside)
        taking = Intake(self.hall.wire, rooms, sender, manners, receive, lambda: self.now)
        return taking, Delivery(self.store, {PLATFORM: sender}, receive, lambda: self.now)

    async def _received(self, incoming: Incoming) -> Receipt:
        self.last = incoming
        receipt = await asyncio.wrap_future(self.desk().receive(incoming))
        self.toast = receipt.toast or self.toast
        return receipt


def mark_is_way_out(mark: str) -> bool:
    """Tell whether a sign stands for « Retour » or « Annuler »."""
    return mark in {"⬅️", "✖️"}


def _rank(said: Said, mark: str) -> int:
    signs = re.findall(r"(?:^|\n|\u2003)([1-9]\ufe0f\u20e3|🔟|[①-⑩❶-❿⑴-⑽➀-➉]|\d+\.) ", said.body)
    return signs.index(mark) + 1


def _moved_to_matrix(connection: Connection) -> None:
    user = "@" + col(LinkedAddress.user) + ":localhost"
    connection.execute(update(LinkedAddress).values(platform=PLATFORM, user=user, chat=user))
    connection.execute(update(Room).values(platform=PLATFORM, chat=SALON))
    connection.execute(update(CardPlace).values(platform=PLATFORM, chat=SALON, message="", resend=True))
    connection.execute(update(Waiting).values(platform=PLATFORM))


def played_again(module: ModuleType) -> dict[str, Any]:
    """Give the tests of a module that play a transcript and nothing else."""
    found = {name: value for name, value in vars(module).items() if name.startswith("test_") and callable(value)}
    return {name: test for name, test in found.items() if list(inspect.signature(test).parameters) == ["play"]}


@contextlib.contextmanager
def scene_on(store: Store, *, goes_on: bool = False) -> Generator[MatrixScene]:
    """Begin with the demo's group, on Matrix; nobody waits before they are greeted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "GREET_AFTER_SECONDS", 0.0)
        made = MatrixScene(store, goes_on=goes_on)
        with contextlib.closing(made.loop):
            yield made


@pytest.fixture
def scene(sqlite_store: Store) -> Generator[Scene]:
    """Stand in for the desk's own scene."""
    with scene_on(sqlite_store) as made:
        yield made
