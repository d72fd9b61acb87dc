"""One round of the sync made a batch: gaps filled, events deciphered, keys seen to; what is late waits for its key."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.chats.matrix.wire.calls import OutOfReachError, RefusedError
from bot.chats.matrix.wire.events import ENCRYPTED, Batch, Departure, Event, Invitation
from bot.chats.matrix.wire.late import GRACE_MS, KEPT_MS, MOST, Late
from bot.chats.matrix.wire.wire import Wire

log = structlog.get_logger()

Raw = Mapping[str, Any]

MOST_GAP = 10_000
PAGE = 100


class Intake:
    """Takes what the homeserver says as it says it. One room that cannot be taken does not keep the others from being."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._keys = wire.keys
        self._begun = False
        self._late: dict[str, Late] = {}
        self._more: list[Late] = []
        self._over: list[str] = []

    @property
    def waits(self) -> bool:
        """Tell whether an event has just come whose key may follow."""
        return any(not late.told for late in self._late.values())

    def expect(self, late: Iterable[Late]) -> None:
        """Take up the events that wait for their key since an earlier run."""
        self._late = {found.event: found for found in late}

    def news(self) -> tuple[list[Late], list[str]]:
        """Give what has begun and ceased to wait since the last batch kept."""
        more, over = self._more, self._over
        self._more, self._over = [], []
        return more, over

    async def take(self, raw: Raw, since: str) -> Batch:
        """Make a batch. Without ``since`` it is the very first: what was said before concerns nobody."""
        rooms = raw.get("rooms", {})
        joined: dict[str, list[Raw]] = {}
        for room, told in rooms.get("join", {}).items():
            joined[room] = await self._timeline(room, told, since)
            state = [*told.get("state", {}).get("events", []), *told.get("timeline", {}).get("events", [])]
            self._keys.joined(room, state)
        self._keys.take(raw)
        if not self._begun:
            self._keys.begin()
            self._begun = True
        await self._upkeep()
        events = [*self._arrived(), *(event for room, found in joined.items() for event in self._read(room, found))]
        invitations = tuple(_invitation(room, told, self._wire.user) for room, told in rooms.get("invite", {}).items())
        departures = self._departures(rooms.get("leave", {})) if since else ()
        return Batch(str(raw["next_batch"]), (*events, *await self._missing()), invitations, departures)

    async def _upkeep(self) -> None:
        """See to keys. What fails now is done with the next round."""
        try:
            await self._keys.upkeep()
        except (OutOfReachError, RefusedError) as trouble:
            log.warning("keys could not be seen to", reason=str(trouble))

    async def _timeline(self, room: str, told: Raw, since: str) -> list[Raw]:
        """List what was said in a room since the last round, the gap filled where there is more than one answer holds."""
        if not since:
            return []
        timeline = told.get("timeline", {})
        found = list(timeline.get("events", []))
        if timeline.get("limited") and isinstance(timeline.get("prev_batch"), str):
            found = [*await self._gap(room, timeline["prev_batch"], since), *found]
        return _since_we_came(found, self._wire.user)

    async def _gap(self, room: str, before: str, since: str) -> list[Raw]:
        """Walk back to where the last round ended. Raises what a call raises: the round is then taken again."""
        found: list[Raw] = []
        given = {"dir": "b", "from": before, "to": since, "limit": str(PAGE)}
        while len(found) < MOST_GAP:
            said = await self._page(room, given)
            found += said.get("chunk", [])
            end = said.get("end")
            if not said.get("chunk") or not isinstance(end, str) or end == given["from"]:
                return found[::-1]
            given["from"] = end
        log.error("more was said in a room than can be caught up with", events=len(found))
        return found[::-1]

    async def _page(self, room: str, given: dict[str, str]) -> dict[str, Any]:
        """Ask for a page of what was said; nothing where we may no longer read it."""
        try:
            return await self._wire.calls.ask("GET", "rooms", room, "messages", given=given)
        except RefusedError as trouble:
            if trouble.status in {401, 429}:
                raise
            log.warning("what was said in a room cannot be caught up with", reason=str(trouble))
            return {}

    def _read(self, room: str, found: Iterable[Raw]) -> Iterator[Event]:
        """Read events; one whose key is not there waits for it."""
        for raw in found:
            if raw.get("type") != ENCRYPTED or raw.get("sender") == self._wire.user:
                yield _event(raw, room)
                continue
            if not _has_cipher(raw):  # taken back since, or nothing that could ever be read
                continue
            clear = self._keys.read(raw, room)
            if clear is not None:
                yield _event({**raw, **clear}, room, encrypted=True)
            elif len(self._late) < MOST:
                late = Late(str(raw["event_id"]), room, raw, _now_ms())
                self._late[late.event] = late
                self._more.append(late)

    def _arrived(self) -> Iterator[Event]:
        """Read what can be read now of what was late; forget what has waited too long."""
        for late in list(self._late.values()):
            clear = self._keys.read(late.raw, late.room) if self._keys.has_key(late.raw, late.room) else None
            if clear is not None:
                yield replace(_event({**late.raw, **clear}, late.room, encrypted=True), waited_since_ms=late.seen_ms)
            if clear is not None or late.seen_ms < _now_ms() - KEPT_MS:
                del self._late[late.event]
                self._over.append(late.event)

    async def _missing(self) -> list[Event]:
        """Ask for the keys that have not followed their messages; give these as they are, once."""
        found = []
        for late in list(self._late.values()):
            if not late.told and late.seen_ms <= _now_ms() - GRACE_MS:
                self._late[late.event] = replace(late, told=True)
                found.append(_event(late.raw, late.room, encrypted=True))
                await self._ask(late)
        return found

    async def _ask(self, late: Late) -> None:
        try:
            await self._keys.ask_for_key(late.raw, late.room)
        except (OutOfReachError, RefusedError) as trouble:
            log.info("a key could not be asked for", reason=str(trouble))

    def _departures(self, left: Mapping[str, Raw]) -> tuple[Departure, ...]:
        for room in left:
            self._keys.left(room)
        return tuple(_departure(room, told, self._wire.user) for room, told in left.items())


def _has_cipher(raw: Raw) -> bool:
    content = raw.get("content")
    return isinstance(content, Mapping) and "ciphertext" in content


def _now_ms() -> int:
    return int(time.time() * 1000)


def _event(raw: Raw, room: str, *, encrypted: bool = False) -> Event:
    content, state_key, redacts = raw.get("content"), raw.get("state_key"), raw.get("redacts")
    content = content if isinstance(content, Mapping) else {}
    redacts = redacts or content.get("redacts")  # it has moved there in newer rooms
    return Event(
        id=str(raw["event_id"]), room=room, sender=str(raw.get("sender", "")), kind=str(raw.get("type", "")),
        content=content, at_ms=int(raw.get("origin_server_ts") or 0),
        state_key=state_key if isinstance(state_key, str) else None,
        redacts=redacts if isinstance(redacts, str) else "", encrypted=encrypted,
    )  # fmt: skip


def _since_we_came(found: Sequence[Raw], user: str) -> list[Raw]:
    """Leave out what was said in a room before the bot was invited: it is not meant for it."""
    for place, raw in enumerate(found):
        content, before = raw.get("content", {}), raw.get("unsigned", {}).get("prev_content", {})
        ours = raw.get("type") == "m.room.member" and raw.get("state_key") == user
        if ours and content.get("membership") in {"invite", "join"} and before.get("membership") != "join":
            return list(found[place:])
    return list(found)


def _invitation(room: str, told: Raw, user: str) -> Invitation:
    """Read an invitation. Its state may come from another homeserver, which may write anything."""
    given = told.get("invite_state", {}).get("events", [])
    events = [e for e in given if isinstance(e, Mapping) and isinstance(e.get("content"), Mapping)]
    nothing: Raw = {"content": {}}
    ours = next((e for e in reversed(events) if _is(e, "m.room.member", user)), nothing)
    name = next((e["content"].get("name") for e in events if _is(e, "m.room.name", "")), "")
    return Invitation(
        room, str(ours.get("sender", "")), direct=ours["content"].get("is_direct") is True,
        encrypted=any(_is(e, "m.room.encryption", "") for e in events), name=name if isinstance(name, str) else "",
    )  # fmt: skip


def _is(event: Raw, kind: str, state_key: str) -> bool:
    return event.get("type") == kind and event.get("state_key") == state_key


def _departure(room: str, told: Raw, user: str) -> Departure:
    events = [*told.get("state", {}).get("events", []), *told.get("timeline", {}).get("events", [])]
    ours = [e for e in events if e.get("type") == "m.room.member" and e.get("state_key") == user]
    return Departure(room, str(ours[-1].get("sender", "")) if ours else "")
