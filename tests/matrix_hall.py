"""A homeserver in memory with Matrix's own rules, and the wire of the bot on it: what a real one or a client refuses, fails.

hall = Hall()
room = hall.room("@lea:localhost", direct=True)       a room somebody has made, the bot invited to it
hall.says("@lea:localhost", room, "!solde")           gives the event's id; more content by name
hall.reacts("@lea:localhost", room, event, "1️⃣")
hall.batch()                                          what the bot is told next
hall.screen(room)                                     what a client shows there now, the newest last
hall.refuse("send", RetryLaterError("busy"))          the next call of the bot is refused, once
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from bot.chat import UndeliverableError
from bot.chats.matrix.wire.events import Batch, Departure, Event, Invitation, Member, RoomInfo

BOT = "@ardoise:localhost"
MOST_BYTES = 65_000
MSGTYPES = {"m.text", "m.notice", "m.image", "m.file"}
TAGS = {"strong", "code", "br", "a"}


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, f"<{tag}> is not among the tags we send"
        allowed = {"href"} if tag == "a" else set()
        assert {name for name, _value in attrs} == allowed, attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes what is not open"


@dataclass
class Said:
    """A message as a client shows it now. ``reactions``: who has set which emoji, by the reactions' ids."""

    id: str
    sender: str
    content: dict[str, Any]
    edits: int = 0
    redacted: bool = False
    reactions: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """What is read."""
        return str(self.content["body"])

    def signs(self, who: str = BOT) -> list[str]:
        """List the emojis somebody has set under it."""
        return [key for sender, key in self.reactions.values() if sender == who]


@dataclass
class HallRoom:
    """A room: its members and what was said; ``power`` is what the bot may do there."""

    id: str
    name: str = ""
    encrypted: bool = False
    moved_to: str = ""
    members: dict[str, bool] = field(default_factory=dict)
    power: int = 0
    said: list[Said] = field(default_factory=list)


class Hall:
    """See the module's docstring for how to drive it. ``typing`` and ``read`` list what the bot has shown of itself."""

    def __init__(self) -> None:
        self.rooms: dict[str, HallRoom] = {}
        self.wire = FakeWire(self)
        self.files: dict[str, bytes] = {}
        self.typing: list[str] = []
        self.read: list[tuple[str, str]] = []
        self.refusals: dict[str, list[Exception]] = defaultdict(list)
        self._numbers = itertools.count(1)
        self._events: list[Event] = []
        self._invitations: list[Invitation] = []
        self._departures: list[Departure] = []

    def room(
        self, *people: str, direct: bool = False, name: str = "", joined: bool = False, room: str = "", power: int = 0
    ) -> str:
        """Have somebody make a room and invite the bot, unless it is ``joined`` already."""
        made = HallRoom(room or f"!{next(self._numbers)}:localhost", name, power=power)
        made.members = dict.fromkeys(people, False) | {BOT: not joined}
        self.rooms[made.id] = made
        if not joined:
            self._invitations.append(Invitation(made.id, people[0], direct=direct, name=name))
        return made.id

    def batch(self) -> Batch:
        """Give what the bot has not been told yet."""
        found = Batch(f"s{next(self._numbers)}", tuple(self._events), tuple(self._invitations), tuple(self._departures))
        self._events, self._invitations, self._departures = [], [], []
        return found

    def says(self, user: str, room: str, body: str, **content: Any) -> str:
        """Have somebody write."""
        return self.puts(user, room, "m.room.message", {"msgtype": "m.text", "body": body, **content})

    def replies(self, user: str, room: str, event: str, body: str) -> str:
        """Have somebody reply to a message, as older clients do: with a quotation before."""
        relation = {"m.in_reply_to": {"event_id": event}}
        return self.says(user, room, f"> <{BOT}> cité\n\n{body}", **{"m.relates_to": relation})

    def reacts(self, user: str, room: str, event: str, key: str) -> str:
        """Have somebody set an emoji under a message."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
        number = self.puts(user, room, "m.reaction", {"m.relates_to": relation})
        found = self.find(room, event)
        if found is not None:
            found.reactions[number] = (user, key)
        return number

    def puts(self, user: str, room: str, kind: str, content: Mapping[str, Any], **more: Any) -> str:
        """Have somebody send any event."""
        number = f"${next(self._numbers)}"
        self._events.append(Event(number, room, user, kind, content, **more))
        if kind == "m.room.message":
            self.rooms[room].said.append(Said(number, user, dict(content)))
        return number

    def deletes(self, user: str, room: str, event: str) -> None:
        """Have somebody take a message away."""
        found = self.find(room, event)
        if found is not None:
            found.redacted = True
        self.puts(user, room, "m.room.redaction", {}, redacts=event)

    def enters(self, user: str, room: str) -> None:
        """Have somebody come in."""
        self.rooms[room].members[user] = False
        self.puts(user, room, "m.room.member", {"membership": "join"}, state_key=user)

    def leaves(self, user: str, room: str) -> None:
        """Have somebody go, or refuse to come."""
        self.rooms[room].members.pop(user, None)
        self.puts(user, room, "m.room.member", {"membership": "leave"}, state_key=user)

    def removes_bot(self, user: str, room: str) -> None:
        """Have somebody show the bot the door."""
        self.rooms[room].members.pop(BOT, None)
        self._departures.append(Departure(room, user))

    def upgrades(self, user: str, room: str) -> str:
        """Have somebody upgrade a room; the bot is invited to the new one."""
        old = self.rooms[room]
        new = self.room(user, name=old.name)
        self.rooms[new].members |= {who: False for who in old.members if who != BOT}
        old.moved_to = new
        self.puts(user, room, "m.room.tombstone", {"replacement_room": new}, state_key="")
        return new

    def find(self, room: str, event: str) -> Said | None:
        """Find a message."""
        return next((said for said in self.rooms[room].said if said.id == event), None)

    def screen(self, room: str) -> list[Said]:
        """List what a client shows in a room."""
        return [said for said in self.rooms[room].said if not said.redacted]

    def last(self, room: str) -> Said:
        """Give what the bot has said last in a room, but for words beside buttons."""
        return [said for said in self.screen(room) if said.sender == BOT and said.content["msgtype"] != "m.notice"][-1]

    def notices(self, room: str) -> list[str]:
        """List the words beside buttons, and to strangers."""
        return [said.body for said in self.screen(room) if said.content["msgtype"] == "m.notice"]

    def refuse(self, verb: str, *troubles: Exception) -> None:
        """Refuse the next calls of the bot, one trouble each."""
        self.refusals[verb] += troubles


class FakeWire:
    """The bot's side. What a homeserver refuses is refused; what a client would not show is an AssertionError."""

    user = BOT

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._sent: dict[str, str] = {}

    def room(self, room: str) -> RoomInfo | None:
        """Tell what is known of a room the bot is in."""
        found = self._hall.rooms.get(room)
        if found is None or found.members.get(BOT, True):
            return None
        members = {
            user: Member(user, user[1:].partition(":")[0].capitalize(), invited, found.power if user == BOT else 0)
            for user, invited in found.members.items()
        }
        return RoomInfo(room, found.name, found.encrypted, found.moved_to, members)

    async def send(self, room: str, content: Mapping[str, Any], token: str) -> str:
        """Send a message, once for each token."""
        found = self._in(room, "send")
        if token in self._sent:
            return self._sent[token]
        assert len(json.dumps(content, ensure_ascii=False).encode()) * 4 / 3 < MOST_BYTES, "M_TOO_LARGE"
        relation = content.get("m.relates_to", {})
        event = self._sent[token] = f"${next(self._hall._numbers)}"
        if relation.get("rel_type") == "m.replace":
            self._edit(found, relation["event_id"], content)
        else:
            _check(content)
            assert relation.keys() <= {"m.in_reply_to"}, relation
            found.said.append(Said(event, BOT, dict(content)))
        return event

    async def react(self, room: str, event: str, key: str, token: str) -> str:
        """Put a reaction under an event, once for each key."""
        found = self._message(self._in(room, "react"), event)
        if token in self._sent:
            return self._sent[token]
        if (BOT, key) in found.reactions.values():
            raise UndeliverableError("400 M_DUPLICATE_ANNOTATION")
        number = self._sent[token] = f"${next(self._hall._numbers)}"
        found.reactions[number] = (BOT, key)
        return number

    async def redact(self, room: str, event: str, _token: str) -> None:
        """Take away an event of one's own; of others, with the power to."""
        here = self._in(room, "redact")
        for said in here.said:
            mine = said.sender == BOT or here.power >= 50
            if said.id == event:
                if not mine:
                    raise UndeliverableError("403 M_FORBIDDEN")
                said.redacted = True
            if event in said.reactions:
                if said.reactions[event][0] != BOT and here.power < 50:
                    raise UndeliverableError("403 M_FORBIDDEN")
                del said.reactions[event]

    async def upload(self, room: str, content: bytes, name: str, mime: str) -> dict[str, Any]:
        """Keep a file."""
        assert name
        assert mime
        url = f"mxc://localhost/{next(self._hall._numbers)}"
        self._hall.files[url] = content
        return {"file": {"url": url, "key": {}}} if self._in(room, "upload").encrypted else {"url": url}

    async def download(self, source: Mapping[str, Any], limit_bytes: int) -> bytes:
        """Give a file."""
        content = self._hall.files.get(source["file"]["url"] if "file" in source else source["url"])
        if content is None or len(content) > limit_bytes:
            raise UndeliverableError("file gone or too large")
        return content

    async def create_direct(self, user: str) -> str:
        """Make a room for somebody, who is invited."""
        self._refused("create")
        room = self._hall.room(BOT, joined=True, power=100)
        self._hall.rooms[room].members = {BOT: False, user: True}
        return room

    async def direct_rooms(self) -> dict[str, list[str]]:
        """Remember nothing: as after a loss of everything but the database."""
        return {}

    async def join(self, room: str) -> None:
        """Accept an invitation."""
        self._refused("join")
        if BOT not in self._hall.rooms[room].members:
            raise UndeliverableError("403 M_FORBIDDEN")
        self._hall.rooms[room].members[BOT] = False

    async def leave(self, room: str) -> None:
        """Leave, or refuse."""
        self._refused("leave")
        self._hall.rooms[room].members.pop(BOT, None)

    async def type(self, room: str, *, seconds: float) -> None:
        """Show that an answer is coming."""
        assert seconds >= 0
        self._hall.typing.append(room)

    async def read(self, room: str, event: str) -> None:
        """Show that something was read."""
        self._hall.read.append((room, event))

    def _in(self, room: str, verb: str) -> HallRoom:
        self._refused(verb)
        found = self._hall.rooms.get(room)
        if found is None or found.members.get(BOT, True):
            raise UndeliverableError("403 M_FORBIDDEN", unreachable=True)
        if found.moved_to:
            raise UndeliverableError("403 M_FORBIDDEN", moved_to=found.moved_to)
        return found

    def _refused(self, verb: str) -> None:
        if self._hall.refusals[verb]:
            raise self._hall.refusals[verb].pop(0)

    def _edit(self, room: HallRoom, event: str, content: Mapping[str, Any]) -> None:
        found, new = self._message(room, event), content["m.new_content"]
        assert found.sender == BOT, "only one's own messages can be edited"
        assert content["msgtype"] == new["msgtype"]
        assert content["body"].startswith("* ")
        assert "m.relates_to" not in new
        _check(new)
        found.content, found.edits = dict(new), found.edits + 1

    def _message(self, room: HallRoom, event: str) -> Said:
        found = next((said for said in room.said if said.id == event), None)
        if found is None:
            raise UndeliverableError("400 M_UNKNOWN")
        assert not found.redacted, "what was taken away is not seen any more"
        return found


def _check(content: Mapping[str, Any]) -> None:
    """Check a message as a client reads it."""
    assert content["msgtype"] in MSGTYPES
    assert isinstance(content["body"], str)
    assert content["body"].strip()
    assert content["m.mentions"] == {}
    if content["msgtype"] in {"m.image", "m.file"}:
        assert content["filename"]
        assert ("url" in content) != ("file" in content)
        return
    assert content["format"] == "org.matrix.custom.html"
    html = _Html()
    html.feed(content["formatted_body"])
    html.close()
    assert html.open == []
