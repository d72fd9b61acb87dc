"""The real program on a real homeserver, with Telegram's emulator beside it where wanted; people with real clients.

async with opened(synapse, tmp_path) as house:
    lea = await house.moves_in("Léa", -2450)              on Matrix, enciphered, in a room with the bot
    await lea.says("!solde")
    await lea.reads("24,50")                              waits until it is shown to her; gives the message
    await lea.reacts(message, "1️⃣")
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection

from bot.app import App
from bot.config import Config, Matrix, Telegram
from bot.groups import apply as people_apply
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member
from bot.ledger import journal
from bot.ledger.audit import audit
from bot.ledger.facts import Fact, OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.databases import new_sqlite
from tests.emulator import TOKEN, BotApi
from tests.matrix_friend import Friend
from tests.synapse import PASSWORD, Registered, Synapse


@dataclass
class Seen:
    """A message as somebody's client shows it: its last words, how often it was edited, the emojis under it."""

    id: str
    sender: str
    body: str
    content: dict[str, Any]
    edits: int = 0


class Neighbour:
    """Somebody with a phone, and the room in which they talk to the bot. Others are named by ``room``."""

    def __init__(self, friend: Friend, bot: str) -> None:
        self.friend = friend
        self.user = friend.user
        self.bot = bot
        self.room = ""

    async def says(self, text: str, room: str = "", **more: Any) -> str:
        """Write something."""
        return await self.friend.says(room or self.room, text, **more)

    async def reacts(self, message: Seen, key: str, room: str = "") -> str:
        """Set an emoji under a message."""
        relation = {"rel_type": "m.annotation", "event_id": message.id, "key": key}
        return await self.friend.sends(room or self.room, "m.reaction", {"m.relates_to": relation})

    async def reads(self, pattern: str, room: str = "") -> Seen:
        """Wait until a message of the bot's is shown in which something can be read; give the newest."""
        found: list[Seen] = []

        def there() -> bool:
            found[:] = [seen for seen in self.screen(room) if re.search(pattern, seen.body, re.DOTALL)]
            return bool(found)

        try:
            await self.friend.until(there)
        except TimeoutError:
            raise AssertionError(f"{pattern!r} is not among {[seen.body for seen in self.screen(room)]}") from None
        return found[-1]

    async def taps(self, message: Seen, label: str, room: str = "") -> None:
        """Tap a button: the bot's own emoji, once it is there, that stands before the label."""
        sign = re.search(rf"(\S+) {re.escape(label)}", message.body.replace("\u00a0", " "))
        assert sign is not None, message.body
        key = sign[1]
        await self.friend.until(lambda: key in self.offered(message, room))
        await self.reacts(message, key, room)

    def screen(self, room: str = "") -> list[Seen]:
        """List what the bot has written in a room, as a client shows it: edits in place of what they replace."""
        shown: dict[str, Seen] = {}
        for where, event in self.friend.events:
            content = event.source.get("content", {})
            if where != (room or self.room) or event.sender != self.bot or "body" not in content:
                continue
            relation = content.get("m.relates_to", {})
            if relation.get("rel_type") == "m.replace":
                old = shown[relation["event_id"]]
                old.content = content["m.new_content"]
                old.body, old.edits = old.content["body"], old.edits + 1
            else:
                shown[event.event_id] = Seen(event.event_id, event.sender, content["body"], content)
        return list(shown.values())

    def offered(self, message: Seen, room: str = "") -> list[str]:
        """List the emojis that the bot has set under a message."""
        relations = [
            event.source.get("content", {}).get("m.relates_to", {}) for where, event in self.friend.events
            if where == (room or self.room) and event.sender == self.bot and event.source.get("type") == "m.reaction"
        ]  # fmt: skip
        return [str(one["key"]) for one in relations if one.get("event_id") == message.id]


class MatrixHouse:
    """See the module's docstring for how to drive it."""

    def __init__(self, synapse: Synapse, store: Store, folder: Path, api: BotApi | None) -> None:
        self.synapse, self.store, self.folder, self.api = synapse, store, folder, api
        self.bot: Registered = synapse.register()
        self.group = store.write(
            lambda connection: add_group(connection, "Les Paniers du Canal", Beginnings(), datetime.now(UTC))
        ).result()
        self.people: list[Neighbour] = []
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the program, as its command does."""
        telegram = Telegram(token=SecretStr(TOKEN), base_url=self.api.url) if self.api else Telegram()
        matrix = Matrix(
            homeserver=self.synapse.url, user_id=self.bot.user, password=SecretStr(PASSWORD),
            folder=str(self.folder / "matrix"),
        )  # fmt: skip
        config = Config(telegram=telegram, matrix=matrix, backup={"folder": str(self.folder / "backups")})  # type: ignore[arg-type]  # read by pydantic
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(App(config, self.store).serve(self._stop))

    async def end(self) -> None:
        """Stop it, as a system does."""
        self._stop.set()
        if self._running is not None:
            await self._running

    async def close(self) -> None:
        """Take people's phones away."""
        for person in self.people:
            await person.friend.close()

    async def visitor(self) -> Neighbour:
        """Have somebody come by who is nobody's member yet."""
        registered = self.synapse.register()
        friend = Friend(self.synapse, registered, self.folder / registered.user.partition(":")[0][1:])
        await friend.look()
        person = Neighbour(friend, self.bot.user)
        self.people.append(person)
        return person

    async def moves_in(self, name: str, cents: int = 0, right: Right = Right.MEMBER) -> Neighbour:
        """Have a member, and an enciphered room in which they talk to the bot."""
        person = await self.visitor()
        self.adds(name, cents, right, "matrix", person.user)
        await self.meets(person)
        return person

    async def meets(self, person: Neighbour) -> None:
        """Have somebody open a room for themselves and the bot."""
        person.room = await person.friend.makes_room(self.bot.user, encrypted=True, direct=True)
        await person.friend.until(lambda: self._has_joined(person))
        await person.reads(".")

    def adds(self, name: str, cents: int, right: Right, platform: str, user: str) -> None:
        """Add a member who is linked already."""
        self.store.write(lambda connection: self._add(connection, name, cents, right, platform, user)).result()

    def audited(self) -> list[Any]:
        """Give what is wrong with the books."""
        with self.store.read() as connection:
            return list(audit(connection))

    def _has_joined(self, person: Neighbour) -> bool:
        return any(
            where == person.room and event.source.get("state_key") == self.bot.user
            and event.source["content"]["membership"] == "join"
            for where, event in person.friend.events
        )  # fmt: skip

    def _add(self, connection: Connection, name: str, cents: int, right: Right, platform: str, user: str) -> None:
        now = datetime.now(UTC)
        member = add_member(connection, self.group, name, now, right=right).number
        facts: list[Fact] = [
            InvitationMade(member, f"seed-{user}"),
            AddressLinked(member, platform, 1, user=user, chat=user, code=f"seed-{user}"),
        ]
        facts += [OpeningBalanceEntered(member, Cents(cents))] if cents else []
        for fact in facts:
            recorded = journal.record(
                connection, group=self.group, fact=fact, author=None, at=now, key=f"{user}/{type(fact).__name__}"
            )
            people_apply.apply(connection, recorded)


@contextlib.asynccontextmanager
async def opened(synapse: Synapse, folder: Path, api: BotApi | None = None) -> AsyncGenerator[MatrixHouse]:
    """Open the house, and close it as a system does."""
    store = Store.open(new_sqlite(folder / "ardoise.db"))
    house = MatrixHouse(synapse, store, folder, api)
    try:
        house.start()
        yield house
    finally:
        await house.close()
        await house.end()
        store.close()
