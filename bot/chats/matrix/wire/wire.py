"""What the bot can do on its homeserver: send, edit, react, join, invite, fetch. A send tried again is one message."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from bot.chat import UndeliverableError
from bot.chats.matrix.wire import media
from bot.chats.matrix.wire.authorship import ALGORITHM
from bot.chats.matrix.wire.calls import Calls, OutOfReachError, RefusedError, SessionRefusedError, in_our_words
from bot.chats.matrix.wire.crosssigning import Identity
from bot.chats.matrix.wire.events import RoomInfo
from bot.chats.matrix.wire.keys import Keys
from bot.chats.matrix.wire.receipts import Receipts
from bot.chats.matrix.wire.session import Account, Session, open_folder, signed_in

log = structlog.get_logger()

Content = Mapping[str, Any]

IN_CLEAR = {"m.reaction", "m.room.redaction"}
"""Kinds that are never enciphered: clients would not see them."""

TWO = 2


class Wire:
    """A session on a homeserver.

    Everything that asks the homeserver raises RetryLaterError (not now: the network, its limits) or UndeliverableError
    (never; ``unreachable`` when we are not in that room, ``moved_to`` when another room has replaced it). ``signed`` tells
    whether people's clients will trust the bot's device with keys.
    """

    def __init__(
        self, calls: Calls, session: Session, keys: Keys, *, signed: bool, ending: contextlib.AsyncExitStack
    ) -> None:
        self.calls = calls
        self.session = session
        self.keys = keys
        self.signed = signed
        self._ending = ending
        self._receipts = Receipts(self._read)
        ending.push_async_callback(self._receipts.close)

    @classmethod
    async def connect(cls, account: Account, folder: Path) -> Wire:
        """Connect, logging in once.

        Raises SessionRefusedError, FolderInUseError, and ConnectionError when the homeserver cannot be reached.
        """
        async with contextlib.AsyncExitStack() as undo:
            calls = Calls(account.homeserver)
            undo.push_async_callback(calls.close)
            undo.callback(os.close, open_folder(folder))
            with _connecting():
                session = await signed_in(calls, account, folder)
                keys = Keys(calls, session, folder)
                undo.callback(keys.close)
                signed = await _signed(keys, session, folder, account.password)
            return cls(calls, session, keys, signed=signed, ending=undo.pop_all())

    @property
    def user(self) -> str:
        """Give the bot's own user id."""
        return self.session.user

    async def close(self) -> None:
        """Close the connections and the store."""
        await self._ending.aclose()

    def room(self, room: str) -> RoomInfo | None:
        """Tell what is known of a room, its members too; None if the bot is not in it."""
        return self.keys.rooms.info(room)

    async def send(self, room: str, content: Content, token: str, kind: str = "m.room.message") -> str:
        """Send an event, enciphered where the room is; give its id. The same ``token`` again is the same event."""
        with self._to(room), in_our_words():
            if self.keys.rooms.info(room) is None:  # joined a moment ago: is it enciphered?
                self.keys.joined(room, await self.calls.state(room))
            sent = content if len(self.keys.rooms.members(room)) > TWO else _lean(content)
            if self.keys.rooms.encrypted(room) and kind not in IN_CLEAR:
                kind, sent = "m.room.encrypted", await self.keys.encrypt(room, kind, content)
            transaction = self.session.transaction(token)
            said = await self.calls.ask("PUT", "rooms", room, "send", kind, transaction, body=sent)
        return str(said["event_id"])

    async def react(self, room: str, event: str, key: str, token: str) -> str:
        """Put a reaction under an event; give its id."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self.send(room, {"m.relates_to": relation}, token, "m.reaction")

    async def redact(self, room: str, event: str, token: str) -> None:
        """Take an event back."""
        with self._to(room), in_our_words():
            await self.calls.ask("PUT", "rooms", room, "redact", event, self.session.transaction(token), body={})

    async def upload(self, room: str, content: bytes, name: str, mime: str) -> dict[str, Any]:
        """Upload a file for a room; give the ``url`` or ``file`` that belongs into the event's content."""
        return await media.upload(self.calls, content, name, mime, encrypted=self.keys.rooms.encrypted(room))

    async def download(self, source: Content, limit_bytes: int) -> bytes:
        """Download a file by its event's content (``url`` or ``file``); UndeliverableError if too large, gone, forged."""
        return await media.download(self.calls, source, limit_bytes)

    async def create_direct(self, user: str, *, encrypted: bool = True, name: str = "") -> str:
        """Make a room for somebody and the bot, invite them, remember that it is theirs; give its id."""
        body: dict[str, Any] = {"preset": "trusted_private_chat", "is_direct": True, "invite": [user]}
        if name:
            body["name"] = name
        if encrypted:
            body["initial_state"] = [
                {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": ALGORITHM}}
            ]  # fmt: skip
        with in_our_words():
            room = str((await self.calls.ask("POST", "createRoom", body=body))["room_id"])
        there = [_member(self.user, "join"), _member(user, "invite")]  # known before the sync says so: we may write now
        self.keys.joined(room, [*body.get("initial_state", []), *there])
        await self._remember_direct(user, room)
        return room

    async def direct_rooms(self) -> dict[str, list[str]]:
        """Tell which rooms are for one person, as the account remembers (``m.direct``): user to rooms, the newest last."""
        with in_our_words():
            try:
                said = await self.calls.ask("GET", "user", self.user, "account_data", "m.direct")
            except RefusedError as trouble:
                if trouble.code == "M_NOT_FOUND":
                    return {}
                raise
        return {user: list(map(str, rooms)) for user, rooms in said.items() if isinstance(rooms, list)}

    async def join(self, room: str) -> None:
        """Accept an invitation, or follow an upgrade."""
        with in_our_words():
            await self.calls.ask("POST", "rooms", room, "join", body={})

    async def leave(self, room: str) -> None:
        """Leave a room, or refuse an invitation, and forget it."""
        with in_our_words():
            await self.calls.ask("POST", "rooms", room, "leave", body={})
            await self.calls.ask("POST", "rooms", room, "forget", body={})
        self.keys.left(room)

    async def invite(self, room: str, user: str) -> None:
        """Invite somebody."""
        with in_our_words():
            await self.calls.ask("POST", "rooms", room, "invite", body={"user_id": user})

    async def type(self, room: str, *, seconds: float) -> None:
        """Show that an answer is being written, for so long; 0 to stop."""
        body = {"typing": True, "timeout": int(seconds * 1000)} if seconds else {"typing": False}
        with in_our_words():
            await self.calls.ask("PUT", "rooms", room, "typing", self.user, body=body)

    async def read(self, room: str, event: str) -> None:
        """Show that an event was read; in a burst, the newest for all."""
        await self._receipts.read(room, event)

    async def _read(self, room: str, event: str) -> None:
        with in_our_words():
            await self.calls.ask("POST", "rooms", room, "receipt", "m.read", event, body={})

    async def call_oneself(self, name: str) -> None:
        """Set the name people see, if none is set."""
        with in_our_words():
            await self.calls.ask("PUT", "profile", self.user, "displayname", body={"displayname": name})

    async def name_of(self, user: str) -> str:
        """Tell what somebody calls themself; nothing if they do not say."""
        with in_our_words():
            try:
                said = await self.calls.ask("GET", "profile", user, "displayname")
            except RefusedError as trouble:
                if trouble.status in {403, 404}:
                    return ""
                raise
        return str(said.get("displayname") or "")

    @contextlib.contextmanager
    def _to(self, room: str) -> Generator[None]:
        """Say where a room has moved to, where one that refuses us was replaced."""
        try:
            yield
        except UndeliverableError as trouble:
            known = self.keys.rooms.info(room)
            if trouble.unreachable and known is not None and known.moved_to:
                raise UndeliverableError(str(trouble), moved_to=known.moved_to) from None
            raise

    async def _remember_direct(self, user: str, room: str) -> None:
        known = await self.direct_rooms()
        body: dict[str, Sequence[str]] = {**known, user: [*known.get(user, []), room]}
        with in_our_words():
            await self.calls.ask("PUT", "user", self.user, "account_data", "m.direct", body=body)


async def _signed(keys: Keys, session: Session, folder: Path, password: str) -> bool:
    """See to it that the device is published and signed. Where that cannot be, plain rooms work, and others may not."""
    try:
        await keys.upkeep()
        return await Identity(folder).sign_device(keys.calls, session, keys.device_key, password)
    except RefusedError as trouble:
        if trouble.signed_out or trouble.status == 429:
            raise
        log.warning("the bot's device is not signed: people's clients may give it no keys", reason=str(trouble))
        return False


@contextlib.contextmanager
def _connecting() -> Generator[None]:
    """Say in the words of who connects what kept us from it: for a while, or for good."""
    try:
        yield
    except OutOfReachError as trouble:
        raise ConnectionError(str(trouble)) from None
    except RefusedError as trouble:
        if trouble.signed_out:
            raise SessionRefusedError(str(trouble)) from None
        raise ConnectionError(str(trouble)) from None


def _lean(content: Content) -> Content:
    """Leave out that nobody is mentioned where there is nobody else: a homeserver looks into that at a price."""
    return {name: value for name, value in content.items() if name != "m.mentions" or value}


def _member(user: str, membership: str) -> dict[str, Any]:
    return {"type": "m.room.member", "state_key": user, "content": {"membership": membership}}
