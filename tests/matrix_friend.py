"""Somebody on Matrix with a real client (matrix-nio, its keys too), and a wire of ours at work beside them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from nio import AsyncClient, AsyncClientConfig, RoomKeyRequest

from bot.chats.matrix.wire.events import Batch, Event
from bot.chats.matrix.wire.late import Late
from bot.chats.matrix.wire.listener import Listener
from bot.chats.matrix.wire.session import Account
from bot.chats.matrix.wire.wire import Wire
from tests.synapse import PASSWORD, Registered, Synapse

ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
PATIENCE_SECONDS = 20.0


class Friend:
    """Somebody who types on a phone: ``says``, and ``hears`` what is shown in a room, deciphered by their own client."""

    def __init__(self, synapse: Synapse, person: Registered, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        config = AsyncClientConfig(encryption_enabled=True)
        self._synapse = synapse
        self.user, self.token = person.user, person.token
        self.client = AsyncClient(synapse.url, person.user, person.device, str(folder), config)
        self.client.restore_login(person.user, person.device, person.token)
        self.events: list[tuple[str, Any]] = []
        self.asked_for_keys: list[str] = []
        self._since: str | None = None

    async def close(self) -> None:
        await self.client.close()
        if self.client.store is not None:
            self.client.store.database.close()

    async def look(self, *, wait_ms: int = 0) -> None:
        """Fetch what is new, and see to keys."""
        first = self._since is None
        found = await self.client.sync(timeout=wait_ms, since=self._since, full_state=first)
        self._since = found.next_batch
        self.asked_for_keys += [e.sender for e in found.to_device_events if isinstance(e, RoomKeyRequest)]
        for room, told in found.rooms.join.items():
            self.events += [(room, event) for event in told.timeline.events]
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())
        await self.client.send_to_device_messages()

    async def makes_room(self, *invited: str, encrypted: bool = False, direct: bool = False, name: str = "") -> str:
        """Make a room and invite people; give its id."""
        state = [ENCRYPTION] if encrypted else []
        made = await self.client.room_create(invite=invited, initial_state=state, is_direct=direct, name=name or None)
        await self.until(lambda: made.room_id in self.client.rooms)
        return str(made.room_id)

    async def says(self, room: str, text: str, token: str | None = None, **more: Any) -> str:
        """Write something; give the event's id."""
        content = {"msgtype": "m.text", "body": text, **more}
        return await self.sends(room, "m.room.message", content, token)

    async def sends(self, room: str, kind: str, content: dict[str, Any], token: str | None = None) -> str:
        """Send any event."""
        found = await self.client.room_send(room, kind, content, token, ignore_unverified_devices=True)
        return str(found.event_id)

    async def says_without_key(self, room: str, *texts: str) -> Callable[[], None]:
        """Write in an enciphered room, and keep the key back; give what hands it over."""
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.get_missing_sessions(room):
            await self.client.keys_claim(self.client.get_missing_sessions(room))
        if not self.client.rooms[room].members_synced:
            await self.client.joined_members(room)
        olm = self.client.olm
        olm.create_outbound_group_session(room)
        shares = list(olm.share_group_session_parallel(room, list(self.client.rooms[room].users), True))  # noqa: FBT003
        olm.outbound_group_sessions[room].shared = True
        for text in texts:
            kind, content = self.client.encrypt(room, "m.room.message", {"msgtype": "m.text", "body": text})
            self.puts(f"rooms/{room}/send/{kind}", content)

        def hand_over() -> None:
            for _receivers, messages in shares:
                self.puts("sendToDevice/m.room.encrypted", messages)

        return hand_over

    def puts(self, path: str, content: dict[str, Any]) -> None:
        """Put something to the homeserver as it is, past the client."""
        self._synapse.call("PUT", f"/_matrix/client/v3/{path}/{uuid4().hex}", content, self.token)

    def heard(self, room: str, sender: str = "") -> list[str]:
        """List the texts shown in a room, of somebody if they are named, in order."""
        return [
            event.body for where, event in self.events
            if where == room and hasattr(event, "body") and sender in {"", event.sender}
        ]  # fmt: skip

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Look until something is true."""
        async with asyncio.timeout(seconds):
            while not true():
                await self.look(wait_ms=1000)


class Memory:
    """Progress kept in memory: survives a listener, as a database does."""

    def __init__(self) -> None:
        self.token = ""
        self.waiting: dict[str, Late] = {}
        self.kept: list[str] = []
        self._news = asyncio.Event()

    async def since(self) -> str:
        return self.token

    async def late(self) -> list[Late]:
        return list(self.waiting.values())

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for batches kept until something is true."""
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def keep(self, token: str, more: list[Late], over: list[str]) -> None:
        self.token = token
        self._news.set()
        self.kept.append(token)
        self.waiting |= {late.event: late for late in more}
        for event in over:
            self.waiting.pop(event, None)


class Ear:
    """What a listener has brought; ``trouble`` is raised by the next batches, one each."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.troubles: list[Exception] = []
        self._news = asyncio.Event()

    async def serve(self, batch: Batch) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.batches.append(batch)
        self._news.set()

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events]

    def texts(self, room: str) -> list[str]:
        return [str(e.content["body"]) for e in self.events if e.room == room and e.kind == "m.room.message"]

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for batches until something is true."""
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def listening(
    synapse: Synapse, person: Registered, folder: Path, ear: Ear, memory: Memory | None = None
) -> AsyncGenerator[Wire]:
    """Have the bot listen until the end of the block."""
    wire = await Wire.connect(Account(synapse.url, person.user, person.password), folder)
    listener, stop = Listener(wire, ear.serve, memory or Memory()), asyncio.Event()
    running = asyncio.create_task(listener.run(stop))
    try:
        ready = asyncio.create_task(listener.ready())
        await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        yield wire
    finally:
        stop.set()
        try:
            await running
        finally:
            await wire.close()


__all__ = ["ENCRYPTION", "PASSWORD", "Ear", "Friend", "Memory", "listening"]
