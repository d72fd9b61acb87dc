"""Keys and ciphers, by the client library's machine: it does no input and output; what it wants told or asked is asked here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from nio import (
    KeysClaimResponse,
    KeysQueryResponse,
    KeysUploadResponse,
    KeyVerificationEvent,
    ToDeviceEvent,
    ToDeviceResponse,
)
from nio.crypto import Olm

from bot.chats.matrix.wire import authorship
from bot.chats.matrix.wire.calls import Calls, OutOfReachError, RefusedError
from bot.chats.matrix.wire.events import ENCRYPTED
from bot.chats.matrix.wire.keystore import KeyStore
from bot.chats.matrix.wire.rooms import Rooms
from bot.chats.matrix.wire.session import Session

log = structlog.get_logger()

STORE = "keys.db"
MOST_UPLOADS, MOST_SHARES = 20, 3


class Keys:
    """The bot's device keys, those of others, and the sessions between them."""

    def __init__(self, calls: Calls, session: Session, folder: Path) -> None:
        self.calls = calls
        self._session = session
        self._store = KeyStore(session.user, session.device, str(folder), session.pickle_key, STORE)
        (folder / STORE).chmod(0o600)
        self._olm = Olm(session.user, session.device, self._store)
        self.rooms = Rooms(self._store.load_encrypted_rooms())
        self._asking = asyncio.Lock()
        self._sharing: dict[str, asyncio.Lock] = {}
        self._asked_for: set[str] = set()
        self._doubted: set[tuple[str, str]] = set()
        self._fresh_before = datetime.fromtimestamp(session.anew_ms / 1000, UTC).astimezone().replace(tzinfo=None)

    @property
    def device_key(self) -> str:
        """Give the public key that this device signs with."""
        return str(self._olm.account.identity_keys["ed25519"])

    def close(self) -> None:
        """Close the store."""
        self._store.database.close()

    def take(self, raw: Mapping[str, Any]) -> None:
        """Take in the keys that a sync has brought."""
        for event in raw.get("to_device", {}).get("events", []):
            self._take(event)
        devices = raw.get("device_lists", {})
        changed = {*devices.get("changed", []), *devices.get("left", [])}
        shared = {user for user in changed if self.rooms.with_keys(user)}
        self._olm.add_changed_users(shared)
        self._olm.tracked_users -= changed - shared  # should they come back, their devices are asked for anew
        count = raw.get("device_one_time_keys_count", {}).get("signed_curve25519", 0)
        self._olm.uploaded_key_count = count  # the library takes a 0 for « not told », and would never upload again

    def joined(self, room: str, events: Iterable[Mapping[str, Any]]) -> None:
        """Take the state events of a room. Who comes or goes makes its messages be enciphered anew."""
        was = self.rooms.encrypted(room)
        if self.rooms.take(room, events):
            self.forget_session(room)
        if not self.rooms.encrypted(room):
            return
        if not was:
            self._store.save_encrypted_rooms({room})
        self._olm.users_for_key_query |= self.rooms.members(room) - self._olm.tracked_users

    def left(self, room: str) -> None:
        """Forget a room the bot is no longer in."""
        self.rooms.left(room)
        self.forget_session(room)

    def begin(self) -> None:
        """Ask anew for everybody's devices: what changed while a kill lost the question is not told again."""
        self._olm.users_for_key_query |= {user for room in self.rooms.with_keys() for user in self.rooms.members(room)}

    def forget_session(self, room: str) -> None:
        """Have the next message of a room enciphered in a new session, given to those who are there then."""
        self._olm.outbound_group_sessions.pop(room, None)

    def read(self, raw: Mapping[str, Any], room: str) -> Mapping[str, Any] | None:
        """Decipher an event; None if that cannot be done, now or ever."""
        event = authorship.enciphered(self._olm, raw, room)
        if event is None or not self._is_its_authors(event, room):
            return None
        try:
            clear = self._olm.decrypt_megolm_event(event, room)
        except Exception as trouble:  # noqa: BLE001 - anybody can send anything that calls itself enciphered
            log.info("an event cannot be deciphered", reason=type(trouble).__name__)
            return None
        found = getattr(clear, "source", None)
        return found if isinstance(found, Mapping) and found.get("type") != ENCRYPTED else None

    def has_key(self, raw: Mapping[str, Any], room: str) -> bool:
        """Tell whether the key of an event has come."""
        session = str(raw.get("content", {}).get("session_id"))
        return any(session in known for known in self._olm.inbound_group_store[room].values())

    async def upkeep(self) -> None:
        """Do what is due: upload keys, ask for devices, send what the machine wants said. Raises what a call raises."""
        async with self._asking:
            await self._upload()
            await self._query()
            self._olm.collect_key_requests()
            self._olm.key_request_from_untrusted.clear()  # nobody is here to trust them
            await self._mend()
            for message in list(self._olm.outgoing_to_device_messages):
                await self._tell(message.type, message.as_dict())
                self._olm.handle_response(ToDeviceResponse(message))

    async def encrypt(self, room: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Encipher a message for everybody in a room, the key given to those devices that lack it."""
        async with self._sharing.setdefault(room, asyncio.Lock()):
            async with self._asking:
                await self._query()
            await self._shared(room)
            made: dict[str, Any] = self._olm.group_encrypt(room, {"type": kind, "content": dict(content)})
        relation = content.get("m.relates_to")
        return made | ({"m.relates_to": relation} if relation is not None else {})

    async def ask_for_key(self, raw: Mapping[str, Any], room: str) -> bool:
        """Ask the author's device, once for each session, for the key of an event; say whether that was new."""
        event = authorship.enciphered(self._olm, raw, room)
        if event is None or event.session_id in self._asked_for:
            return False
        self._asked_for.add(event.session_id)
        message = event.as_key_request(event.sender, self._session.device, event.session_id, event.device_id)
        await self._tell(message.type, message.as_dict())
        return True

    def _take(self, raw: Mapping[str, Any]) -> None:
        """Take a message for this device. One that the library cannot take keeps it from no other."""
        try:
            event = ToDeviceEvent.parse_event(raw)
            if event is not None and not isinstance(event, KeyVerificationEvent):  # nobody is here to compare emoji
                self._olm.handle_to_device_event(event)
        except Exception as trouble:  # noqa: BLE001 - anybody can send anything to a device
            log.info("a message for this device cannot be taken", reason=type(trouble).__name__)

    def _is_its_authors(self, event: Any, room: str) -> bool:
        """Tell whether a device of its author's has written an event; one that has just come is asked for, once."""
        if authorship.holds(self._olm, event, room):
            return True
        if (event.sender, event.session_id) not in self._doubted:
            self._doubted.add((event.sender, event.session_id))
            self._olm.users_for_key_query.add(event.sender)
            log.warning("an event is not enciphered by a device of its author's")
        return False

    async def _upload(self) -> None:
        """Upload keys. After a restore some are there already, under the same numbers: then with the next numbers."""
        for _try in range(MOST_UPLOADS):
            if not self._olm.should_upload_keys:
                return
            try:
                said = await self.calls.ask("POST", "keys", "upload", body=self._olm.share_keys())
            except RefusedError as trouble:
                if "already exists" not in trouble.said:
                    raise
                self._olm.mark_keys_as_published()
                self._olm.save_account()
            else:
                counts = said.get("one_time_key_counts", {})
                self._olm.handle_response(KeysUploadResponse(0, int(counts.get("signed_curve25519", 0))))

    async def _query(self) -> None:
        """Ask for the devices of those whose devices may have changed."""
        wanted = set(self._olm.users_for_key_query)
        if not wanted:
            return
        said = await self.calls.ask("POST", "keys", "query", body={"device_keys": {user: [] for user in wanted}})
        answer = KeysQueryResponse(said.get("device_keys", {}), said.get("failures", {}))
        self._olm.handle_response(answer)
        for user in answer.changed:
            for room in self.rooms.with_keys(user):
                self.forget_session(room)
        self._olm.users_for_key_query -= wanted  # a homeserver that does not answer now is asked when its users change

    async def _mend(self) -> None:
        """Begin new sessions, and say so, where one is broken: so are all, after a restore, that had gone further since."""
        restored = self._session.anew_ms > 0
        people = {user for room in self.rooms.with_keys() for user in self.rooms.members(room)} if restored else ()
        for user, devices in self._lacking(people, there=True).items():
            self._olm.wedged_devices += [self._olm.device_store[user][device] for device in devices]
        if self._olm.wedged_devices or self._olm.key_request_devices_no_session:
            await self._claim(self._olm.get_users_for_key_claiming())
            self._olm.wedged_devices.clear()  # who has no keys to claim is not asked at each round

    async def _shared(self, room: str) -> None:
        """See to it that everybody there has the key of the room's session, whoever comes and goes meanwhile."""
        for _try in range(MOST_SHARES):
            if not self._olm.should_share_group_session(room):
                return
            await self._share(room)
        raise OutOfReachError("the people of a room change faster than its key is shared")

    async def _share(self, room: str) -> None:
        """Give the key of a room's session to every device there. Raises what a call raises, and none is left out then."""
        members = sorted(self.rooms.members(room))
        await self._claim(self._lacking(members))
        try:
            with self._store.database.atomic():
                shares = list(self._olm.share_group_session_parallel(room, members, ignore_unverified_devices=True))
            session = self._olm.outbound_group_sessions[room]
            for receivers, messages in shares:
                await self._tell(ENCRYPTED, messages)
                session.users_shared_with.update(receivers)
        except BaseException:
            self.forget_session(room)
            raise
        session.shared = True

    def _lacking(self, users: Iterable[str], *, there: bool = False) -> dict[str, list[str]]:
        """List the devices with which there is no session, or none since a restore; only the latter if one is ``there``."""
        found: dict[str, list[str]] = {}
        for user in users:
            for device in self._olm.device_store.active_user_devices(user):
                session = self._olm.session_store.get(device.curve25519)
                old = not there if session is None else session.creation_time < self._fresh_before
                if old and (user, device.id) != (self._session.user, self._session.device):
                    found.setdefault(user, []).append(device.id)
        return found

    async def _claim(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Begin sessions with devices."""
        if not wanted:
            return
        asked = {user: dict.fromkeys(devices, "signed_curve25519") for user, devices in wanted.items()}
        said = await self.calls.ask("POST", "keys", "claim", body={"one_time_keys": asked})
        self._olm.handle_response(KeysClaimResponse(said.get("one_time_keys", {}), said.get("failures", {})))

    async def _tell(self, kind: str, messages: Mapping[str, Any]) -> None:
        await self.calls.ask("PUT", "sendToDevice", kind, uuid4().hex, body=messages)
