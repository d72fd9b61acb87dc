"""The emulator is as strict as what it stands for: offsets, refusals, privacy mode, HTML; else tests over it would prove little."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
import pytest

from tests.emulator import TOKEN, BotApi, RefusedError, Town, flood
from tests.emulator.entities import parsed


class Caller:
    """A bot of a few lines: ``await bot("sendMessage", chat_id=7, text="…")`` gives the status and what was answered."""

    def __init__(self, api: BotApi, session: aiohttp.ClientSession, token: str = TOKEN) -> None:
        self._url = f"{api.url}/bot{token}"
        self._session = session

    async def __call__(self, method: str, **given: Any) -> tuple[int, Any]:
        written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
        async with self._session.post(f"{self._url}/{method}", data=written) as answer:
            found = await answer.json()
            return answer.status, found.get("result", found.get("description"))

    async def updates(self, **given: Any) -> list[int]:
        code, found = await self("getUpdates", **given)
        assert code == 200, found
        return [update["update_id"] for update in found]


async def test_an_update_comes_until_a_later_offset_acknowledges_it() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, lea = Caller(api, session), Town(api).person("Léa")
        for text in ("un", "deux", "trois"):
            lea.says(text)
        first = await bot.updates()
        assert len(first) == 3
        assert await bot.updates(limit=2) == first[:2]
        assert await bot.updates(offset=first[1]) == first[1:]
        assert await bot.updates() == first[1:]
        assert await bot.updates(offset=-1) == first[2:]
        assert await bot.updates(offset=first[2] + 1) == []


async def test_a_poll_waits_and_a_second_one_ends_it() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, lea = Caller(api, session), Town(api).person("Léa")
        waiting = asyncio.create_task(bot("getUpdates", timeout=30))
        await api.until(lambda: api.updates.fetches == 1)
        second = asyncio.create_task(bot.updates(timeout=30))
        code, said = await waiting
        assert (code, said[:9]) == (409, "Conflict:")
        lea.says("bonjour")
        assert len(await second) == 1
        api.updates.webhook = {"url": "http://127.0.0.1:9/"}
        assert (await bot("getUpdates"))[0] == 409


async def test_only_the_kinds_asked_for_are_kept() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, lea = Caller(api, session), Town(api).person("Léa")
        assert await bot.updates(allowed_updates=["callback_query"]) == []
        lea.says("bonjour")
        assert await bot.updates() == []
        assert await bot.updates(allowed_updates=[]) == []
        lea.edits(lea.says("bonjour"), "bonsoir")
        assert len(await bot.updates()) == 2


async def test_privacy_mode_hides_plain_words_in_groups() -> None:
    async with BotApi() as api:
        town = Town(api)
        lea = town.person("Léa")
        room = town.group("Voisins", lea)
        lea.says("/solde", room)
        assert api.updates.waiting == []
        room.add_bot(lea)
        api.updates.clear()
        for text in ("bonjour", "/solde@AnotherBot", "/solde", "/solde@ArdoiseBot"):
            lea.says(text, room)
        lea.replies(api.world.show(room.chat, api.world.me, "Combien ?"), "25")
        texts = [update["message"]["text"] for update in api.updates.waiting]
        assert texts == ["/solde", "/solde@ArdoiseBot", "25"]
        room.add_bot(lea, "administrator")
        lea.says("bonjour", room)
        assert api.updates.waiting[-1]["message"]["text"] == "bonjour"


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"text": ""}, 400, "message text is empty"),
    ({"text": " \n"}, 400, "text must be non-empty"),
    ({"text": "<b> </b>", "parse_mode": "HTML"}, 400, "text must be non-empty"),
    ({"text": "é" * 4097}, 400, "message is too long"),
    ({"text": "😀" * 2049}, 400, "message is too long"),
    ({"text": "<p>x</p>", "parse_mode": "HTML"}, 400, 'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
    ({"text": "é<b>x", "parse_mode": "HTML"}, 400, "can't parse entities: Can't find end tag"),
    ({"text": "é</b>", "parse_mode": "HTML"}, 400, "can't parse entities: Unexpected end tag at byte offset 2"),
    ({"text": "<b><i>x</b></i>", "parse_mode": "HTML"}, 400, "can't parse entities: Unmatched end tag"),
    ({"text": "1 < 2", "parse_mode": "HTML"}, 400, "can't parse entities: Unclosed start tag"),
    ({"text": "x", "chat_id": 77}, 400, "chat not found"),
    ({"text": "x", "chat_id": ""}, 400, "chat_id is empty"),
    ({"text": "x", "message_thread_id": 5}, 400, "message thread not found"),
    ({"text": "x", "reply_parameters": {"message_id": 99}}, 400, "message to be replied not found"),
    ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]}}, 400, "BUTTON_DATA_INVALID"),
    ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}, 400, "can't parse inline keyboard button"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "said"), REFUSED, ids=lambda value: str(value)[:30])
async def test_what_telegram_refuses_is_refused(given: dict[str, Any], code: int, said: str) -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, lea = Caller(api, session), Town(api).person("Léa")
        lea.says("/start")
        found = await bot("sendMessage", **{"chat_id": lea.chat.id, **given})
        assert found[0] == code
        assert found[1].startswith(f"Bad Request: {said}")
        assert lea.texts == []


async def test_who_may_be_written_to() -> None:
    """A person who never wrote, one who blocked the bot, one who is gone, a group that moved or threw the bot out."""
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, town = Caller(api, session), Town(api)
        lea, awa, stranger = (town.person(name) for name in ("Léa", "Awa", "Qui"))
        room, moved = town.group("Voisins", lea, awa), town.group("Salon", lea)
        for group in (room, moved):
            group.add_bot(lea)
        lea.says("/start")

        async def said(chat: int) -> Any:
            return (await bot("sendMessage", chat_id=chat, text="x"))[1]

        assert await said(stranger.chat.id) == "Bad Request: chat not found"
        assert await said(awa.chat.id) == "Forbidden: bot can't initiate conversation with a user"
        lea.blocks()
        assert await said(lea.chat.id) == "Forbidden: bot was blocked by the user"
        lea.unblocks()
        assert (await said(lea.chat.id))["text"] == "x"
        lea.user.deactivated = True
        assert await said(lea.chat.id) == "Forbidden: user is deactivated"
        room.remove_bot(lea)
        assert await said(room.chat.id) == "Forbidden: bot was kicked from the group chat"
        new = moved.upgrade(awa, tell=False)
        assert await said(moved.chat.id) == "Bad Request: group chat was upgraded to a supergroup chat"
        assert (await said(new.chat.id))["chat"]["type"] == "supergroup"


async def test_edits_are_refused_as_telegram_refuses_them() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        bot, lea = Caller(api, session), Town(api).person("Léa")
        own = lea.says("/start")
        chat = lea.chat.id
        _code, sent = await bot("sendMessage", chat_id=chat, text="<b>x</b>", parse_mode="HTML")
        _code, asks = await bot("sendMessage", chat_id=chat, text="?", reply_markup={"force_reply": True})

        async def said(number: int, text: str, **more: Any) -> Any:
            return (await bot("editMessageText", chat_id=chat, message_id=number, text=text, **more))[1]

        same = await said(sent["message_id"], "<b>x</b>", parse_mode="HTML")
        assert same.startswith("Bad Request: message is not modified")
        assert (await said(sent["message_id"], "x"))["text"] == "x"
        assert await said(999, "y") == "Bad Request: message to edit not found"
        assert await said(own.id, "y") == "Bad Request: message can't be edited"
        assert await said(asks["message_id"], "y") == "Bad Request: message can't be edited"
        assert await said(sent["message_id"], "x" * 4097) == "Bad Request: MESSAGE_TOO_LONG"


async def test_unknown_methods_tokens_and_taps() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        assert await Caller(api, session)("sendTelegram") == (404, "Not Found: method not found")
        assert await Caller(api, session, "1:x")("getMe") == (401, "Unauthorized")
        assert await Caller(api, session, "x")("getMe") == (404, "Not Found")
        code, said = await Caller(api, session)("answerCallbackQuery", callback_query_id="q")
        assert (code, said[:33]) == (400, "Bad Request: query is too old and")
        async with session.get(f"{api.url}/file/bot{TOKEN}/documents/none") as answer:
            assert answer.status == 404


def test_flood_limits_are_telegrams() -> None:
    """30 a second in all, 20 a minute in a group, one a second in a chat but for a short burst."""
    now = 0.0
    limits = BotApi().limits
    limits.on, limits.clock = True, lambda: now
    for chat in range(1, 31):
        limits.admit(chat)
    with pytest.raises(RefusedError) as caught:
        limits.admit(99)
    assert caught.value.parameters == flood(2).parameters
    now = 100.0
    for second in range(20):
        now = 100.0 + second
        limits.admit(-1)
    with pytest.raises(RefusedError, match="retry after 42"):
        limits.admit(-1)


def test_html_is_read_as_telegram_reads_it() -> None:
    assert parsed("&lt;b&gt; &amp;nbsp; &nbsp; &#65;&#x42;", "HTML")[0] == "<b> &nbsp; &nbsp; AB"
    text, entities = parsed(" 😀<b>é<i>x</i></b> ", "HTML")
    assert text == "😀éx"
    assert entities == [
        {"type": "italic", "offset": 3, "length": 1},
        {"type": "bold", "offset": 2, "length": 2},
    ]


async def test_as_a_process_it_is_driven_over_http() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulator", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()

    async with aiohttp.ClientSession() as session:

        async def control(verb: str, **given: Any) -> Any:
            async with session.post(f"{url}/control/{verb}", json=given) as answer:
                return await answer.json()

        async def bot(method: str, **given: Any) -> Any:
            async with session.post(f"{url}/bot{TOKEN}/{method}", json=given) as answer:
                return await answer.json()

        await control("person", name="Léa", number=7)
        await control("says", person=7, text="/solde")
        await control("fail", method="sendMessage", fault="flood")
        found = (await bot("getUpdates"))["result"]
        assert [update["message"]["text"] for update in found] == ["/solde"]
        assert (await bot("sendMessage", chat_id=7, text="x"))["parameters"] == {"retry_after": 1}
        button = {"inline_keyboard": [[{"text": "Oui", "callback_data": "c:oui"}]]}
        assert (await bot("sendMessage", chat_id=7, text="x", reply_markup=button))["ok"]
        assert "query" in await control("taps", person=7, label="Oui")
        assert "NoSuchButtonError" in (await control("taps", person=7, label="Non"))["error"]
        assert [shown["text"] for shown in await control("shows", chat=7)] == ["x"]
        assert (await control("state"))["waiting"] == 2
    process.terminate()
    await process.wait()
    assert process.returncode == 0
