"""The emulator driven over HTTP by another process: what people do, what goes wrong, what the chats show.

Every call is a POST of JSON to ``/control/VERB``; the verbs are the functions below, their parameters the JSON's names.
"""

from __future__ import annotations

import time

from aiohttp import web

from tests.emulator import refusals
from tests.emulator.faults import BadGateway, Drop, Fault
from tests.emulator.people import Group, Person, Town
from tests.emulator.server import BotApi
from tests.emulator.world import Json, Shown

FAULTS: dict[str, Fault] = {
    "bad_gateway": BadGateway(), "broken": refusals.broken(), "drop_before": Drop.BEFORE, "drop_after": Drop.AFTER,
    "flood": refusals.flood(1), "conflict": refusals.conflict("terminated by other getUpdates request"),
}  # fmt: skip


class Control:
    """The people and groups made so far, and the verbs."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._town = Town(api)
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}

    def attach(self) -> None:
        """Add the control's address to the server, before it starts."""
        self._api.app.router.add_post("/control/{verb}", self._post)

    async def _post(self, request: web.Request) -> web.Response:
        verb = getattr(self, f"do_{request.match_info['verb']}", None)
        if verb is None:
            return web.json_response({"error": "no such verb"}, status=404)
        try:
            return web.json_response(await verb(**(await request.json())))
        except (AssertionError, TypeError, KeyError) as trouble:
            return web.json_response({"error": f"{type(trouble).__name__}: {trouble}"}, status=400)

    async def do_person(self, name: str, number: int, language: str = "fr") -> Json:
        """Add somebody."""
        self._people[number] = self._town.person(name, number=number, language=language)
        return {"person": number}

    async def do_group(self, title: str, people: list[int], *, kind: str = "group", forum: bool = False) -> Json:
        """Add a group with the bot in it."""
        members = [self._people[number] for number in people]
        group = self._town.group(title, *members, kind=kind, forum=forum)
        group.add_bot(members[0])
        self._groups[group.chat.id] = group
        return {"group": group.chat.id}

    async def do_says(self, person: int, text: str, group: int = 0) -> Json:
        """Have somebody write."""
        return {"message": self._people[person].says(text, self._groups.get(group)).id}

    async def do_replies(self, person: int, chat: int, message: int, text: str) -> Json:
        """Have somebody reply to a message."""
        return {"message": self._people[person].replies(self._shown(chat, message), text).id}

    async def do_taps(self, person: int, label: str, group: int = 0, message: int = 0) -> Json:
        """Have somebody tap a button."""
        where = self._groups.get(group)
        on = self._shown(group or person, message) if message else None
        return {"query": self._people[person].taps(label, on, where).id}

    async def do_sends(self, person: int, name: str, content: str) -> Json:
        """Have somebody send a text file."""
        return {"message": self._people[person].sends(name, content.encode()).id}

    async def do_blocks(self, person: int) -> Json:
        """Have somebody block the bot."""
        self._people[person].blocks()
        return {}

    async def do_upgrade(self, group: int, by: int) -> Json:
        """Have a group become a supergroup."""
        new = self._groups[group].upgrade(self._people[by])
        self._groups[new.chat.id] = new
        return {"group": new.chat.id}

    async def do_fail(self, method: str, fault: str, times: int = 1) -> Json:
        """Have the next calls of a method fail."""
        self._api.fail(method, *[FAULTS[fault]] * times)
        return {}

    async def do_limits(self, *, on: bool) -> Json:
        """Switch the flood limits on or off."""
        self._api.limits.on = on
        return {}

    async def do_shows(self, chat: int) -> list[Json]:
        """List what a chat shows of the bot."""
        found = self._api.world.chats[chat].messages.values()
        return [shown.json() for shown in found if shown.sender.id == self._api.world.me.id]

    async def do_queries(self) -> Json:
        """Tell which taps were answered, and what was said beside their buttons."""
        return {query.id: query.toast for query in self._api.world.queries.values() if query.answered}

    async def do_crowd(self, people: int, times: int, text: str) -> Json:
        """Have many people write the same, in turn; people not there yet are added, numbered from 1."""
        for number in range(1, people + 1):
            if number not in self._people:
                await self.do_person(f"P{number}", number)
        for _turn in range(times):
            for number in range(1, people + 1):
                self._people[number].says(text)
        return {"waiting": len(self._api.updates.waiting)}

    async def do_measure(self, answers: int, seconds: float = 120.0) -> Json:
        """Wait until so many messages were sent and all updates are acknowledged; tell how long it took from now on."""
        began, before = time.monotonic(), self._sent()
        await self._api.until(lambda: self._sent() - before >= answers and not self._api.updates.waiting, seconds)
        return {"seconds": time.monotonic() - began, "sent": self._sent() - before}

    async def do_state(self) -> Json:
        """Count calls by method, and what waits."""
        counted: dict[str, int] = {}
        for call in self._api.calls:
            counted[call.method] = counted.get(call.method, 0) + 1
        return {"calls": counted, "waiting": len(self._api.updates.waiting), "fetches": self._api.updates.fetches}

    def _sent(self) -> int:
        return self._api.sent

    def _shown(self, chat: int, message: int) -> Shown:
        return self._api.world.chats[chat].messages[message]


def attached(api: BotApi) -> BotApi:
    """Give the emulator its control, before it starts."""
    Control(api).attach()
    return api
