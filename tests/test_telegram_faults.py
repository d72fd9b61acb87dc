"""Telegram's network and ours failing in every way: nothing is lost, nothing has its effect twice (B46, B47)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat import Incoming, Receipt
from bot.chats.telegram import Telegram, TokenRefusedError
from bot.chats.telegram.intake import Intake
from bot.chats.telegram.poller import Poller
from bot.ledger.errors import UnavailableError
from bot.ledger.tables import PaymentRow
from tests.emulator import TOKEN, BadGateway, BotApi, Drop, RefusedError, Town, broken, conflict, flood
from tests.emulator.house import House, opened


class Ear:
    """Stands in for the desk. ``troubles`` are raised first, one at a time; then updates are kept in ``heard``."""

    def __init__(self, *troubles: BaseException) -> None:
        self.troubles = list(troubles)
        self.heard: list[str] = []

    async def receive(self, incoming: Incoming) -> Receipt:
        if self.troubles:
            raise self.troubles.pop(0)
        self.heard.append(incoming.text)
        return Receipt()


class Polling:
    """A poller by itself, whose naps take no time and are kept in ``naps``."""

    def __init__(self, telegram: Telegram, ear: Ear) -> None:
        self.naps: list[float] = []
        self.stop = asyncio.Event()
        self.poller = Poller(telegram._bot, telegram._updates, Intake(telegram._bot, ear.receive), self._nap)
        self.task = asyncio.create_task(self.poller.run(self.stop))

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.sleep(0)

    async def end(self) -> None:
        self.stop.set()
        await self.task


async def test_an_update_comes_again_until_it_is_on_disk(tmp_path: Path) -> None:
    """B46: the database is away for a batch; from the first that failed on, all come again, in order."""
    ear = Ear(UnavailableError("disk full"))
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        for text in ("un", "deux", "trois"):
            lea.says(text)
        telegram = await Telegram.connect(TOKEN, api.url)
        polling = Polling(telegram, ear)
        await api.until(lambda: not api.updates.waiting)
        await polling.end()
        assert ear.heard == ["deux", "trois", "un", "deux", "trois"]
        assert len(polling.naps) == 1
        await telegram.close()


async def test_a_bug_in_serving_one_update_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """B48: it is said in the log, its tap is answered, and it does not come again."""
    ear = Ear(ZeroDivisionError())
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        query = lea.forges("c1:solde", lea.says("/solde"))
        api.updates.clear()
        lea.forges("c1:solde", next(iter(lea.chat.messages.values())))
        lea.says("deux")
        telegram = await Telegram.connect(TOKEN, api.url)
        with capture_logs() as logs:
            polling = Polling(telegram, ear)
            await api.until(lambda: not api.updates.waiting)
            await polling.end()
        assert ear.heard == ["deux"]
        assert [line["kind"] for line in logs if line["event"] == "bug"] == ["callback_query"]
        assert sorted(q.answered for q in api.world.queries.values()) == [False, True]
        assert not query.answered
        await telegram.close()


async def test_a_batch_served_and_not_acknowledged_has_its_effect_once(tmp_path: Path) -> None:
    """B46: killed between the commit and the next fetch."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer 12 chèque")
        served = asyncio.Event()
        house.api.before = lambda call: served.set() if call.method == "sendMessage" else None
        house.lea.says("oui")
        update = house.api.updates.waiting[-1]
        await house.settle()
        await house.crash()
        house.api.updates.put(update)
        await house.settle()
        assert house.rows(PaymentRow) == 1


async def test_killed_before_the_commit_the_update_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B46: the desk never ends the turn; after the restart it is served."""
    async with opened(tmp_path) as house:
        reached = asyncio.Event()

        def never(_incoming: Incoming) -> Future[Receipt]:
            reached.set()
            return Future()

        monkeypatch.setattr(house.desk, "receive", never)
        house.lea.says("/solde")
        await reached.wait()
        assert house.api.updates.waiting
        await house.crash()
        await house.settle()
        assert len(house.lea.texts) == 1


async def test_the_same_update_twice_in_one_batch_is_answered_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        house.lea.says("/solde")
        house.api.updates.put(house.api.updates.waiting[0])
        await house.settle()
        assert len(house.lea.texts) == 1


def written(number: int, text: str) -> dict[str, Any]:
    """Write an update as Telegram does."""
    person = {"id": 7, "is_bot": False, "first_name": "Léa"}
    message = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "from": person, "text": text}
    return {"update_id": number, "message": message}


async def test_after_a_silent_week_ids_may_begin_anew_anywhere() -> None:
    """B46: an offset kept from before would have Telegram forget what comes then."""
    ear, stop = Ear(), asyncio.Event()
    batches = [[written(900, "un")], [], [written(5, "deux")], []]
    asked: list[object] = []

    async def fetch(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        asked.append(parameters["offset"])
        if len(asked) == len(batches):
            stop.set()
        return batches[len(asked) - 1]

    async with BotApi() as api:
        telegram = await Telegram.connect(TOKEN, api.url)
        await Poller(telegram._bot, fetch, Intake(telegram._bot, ear.receive)).run(stop)
        await telegram.close()
    assert (ear.heard, asked) == (["un", "deux"], [None, 901, None, 6])


async def test_two_pollers_say_so_and_give_way() -> None:
    """409: who finds another poller waits longer and longer, and says what to do."""
    async with BotApi() as api:
        api.fail("getUpdates", *[conflict("terminated by other getUpdates request")] * 3)
        telegram, ear = await Telegram.connect(TOKEN, api.url), Ear()
        with capture_logs() as logs:
            polling = Polling(telegram, ear)
            Town(api).person("Léa").says("bonjour")
            await api.until(lambda: not api.updates.waiting)
            await polling.end()
        assert [nap > 0 for nap in polling.naps] == [True] * 3
        assert polling.naps[2] > polling.naps[0]
        assert sum("another program" in line["event"] for line in logs) == 3
        assert ear.heard == ["bonjour"]
        await telegram.close()


async def test_a_webhook_left_behind_is_taken_down_and_nothing_is_dropped() -> None:
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        api.updates.webhook = {"url": "http://127.0.0.1:9/", "secret_token": ""}
        lea.says("pendant ce temps")
        telegram, ear = await Telegram.connect(TOKEN, api.url), Ear()
        polling = Polling(telegram, ear)
        await api.until(lambda: not api.updates.waiting)
        await polling.end()
        assert ear.heard == ["pendant ce temps"]
        await telegram.close()


@pytest.mark.parametrize(
    "fault", [flood(3), broken(), BadGateway(), Drop.BEFORE, Drop.AFTER], ids=["429", "500", "502", "before", "after"]
)
async def test_fetching_survives_every_fault(fault: Any) -> None:
    async with BotApi() as api:
        api.fail("getUpdates", fault, fault)
        api.fail("deleteWebhook", fault)
        telegram, ear = await Telegram.connect(TOKEN, api.url), Ear()
        polling = Polling(telegram, ear)
        Town(api).person("Léa").says("bonjour")
        await api.until(lambda: not api.updates.waiting)
        await polling.end()
        assert ear.heard[-1] == "bonjour"
        assert set(ear.heard) == {"bonjour"}
        assert len(polling.naps) == 3
        await telegram.close()


async def test_a_token_that_is_not_known_is_refused_and_one_that_is_revoked_too() -> None:
    async with BotApi() as api:
        for token in (f"{TOKEN}x", "no token", ""):
            with pytest.raises(TokenRefusedError):
                await Telegram.connect(token, api.url)
        telegram = await Telegram.connect(TOKEN, api.url)
        api.world.token = "123456789:another"
        with pytest.raises(TokenRefusedError):
            await telegram.poll(Ear().receive, asyncio.Event())
        await telegram.close()


@pytest.mark.parametrize("fault", [flood(3), broken(), BadGateway(), Drop.BEFORE], ids=["429", "500", "502", "before"])
async def test_connecting_says_when_telegram_cannot_be_reached(fault: Any) -> None:
    async with BotApi() as api:
        api.fail("getMe", fault)
        with pytest.raises(ConnectionError):
            await Telegram.connect(TOKEN, api.url)


async def later(house: House) -> None:
    """Let the time pass that delivery waits after a failure."""
    house.now += timedelta(minutes=6)
    await house.settle()


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
@pytest.mark.parametrize(
    "fault", [flood(3), broken(), BadGateway(), Drop.BEFORE, Drop.AFTER], ids=["429", "500", "502", "before", "after"]
)
async def test_what_could_not_be_sent_is_sent_later(tmp_path: Path, method: str, fault: Any) -> None:
    """B47: once; or twice, where the connection was lost after the effect and nobody could know."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer 12 chèque")
        house.api.fail(method, fault)
        house.lea.taps("Déclarer")
        house.bruno.says("/solde")
        await house.settle()
        await later(house)
        assert "C'est noté" in house.lea.last.text
        assert len(house.lea.texts) == 1
        assert len(house.bruno.texts) == (2 if method == "sendMessage" and fault is Drop.AFTER else 1)


async def test_what_waits_survives_a_token_that_is_changed(tmp_path: Path) -> None:
    """B47: while the host puts the new one in, sends are refused with 401; none is set aside for that."""
    async with opened(tmp_path) as house:
        house.api.fail("sendMessage", RefusedError(401, "Unauthorized"))
        await house.says(house.lea, "/solde")
        assert house.lea.texts == []
        await later(house)
        assert len(house.lea.texts) == 1


async def test_sent_fast_nothing_is_lost_to_the_flood_limits(tmp_path: Path) -> None:
    """B47: with Telegram's own limits on and no pace of ours, RetryAfter is obeyed."""
    async with opened(tmp_path) as house:
        house.api.limits.on, house.api.limits.clock = True, lambda: house.now.timestamp()  # noqa: PLW0108 - it moves
        for _time in range(12):
            house.lea.says("/solde")
        await house.settle()
        assert len(house.lea.texts) == 5
        for _minute in range(3):
            await later(house)
        assert len(house.lea.texts) == 12


async def test_the_database_away_the_updates_wait_at_telegram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as house:
        receive, tried = house.desk.receive, asyncio.Event()

        def away(_incoming: Incoming) -> Future[Receipt]:
            tried.set()
            answer: Future[Receipt] = Future()
            answer.set_exception(UnavailableError("disk full"))
            return answer

        monkeypatch.setattr(house.desk, "receive", away)
        house.lea.says("/solde")
        await tried.wait()
        assert len(house.api.updates.waiting) == 1
        monkeypatch.setattr(house.desk, "receive", receive)
        await house.settle()
        assert len(house.lea.texts) == 1


def test_told_to_stop_the_poller_stops_at_once() -> None:
    """Even while it waits for Telegram, or out a failure."""

    async def stopped(prepare: Callable[[BotApi], None]) -> None:
        async with BotApi() as api:
            prepare(api)
            telegram, stop = await Telegram.connect(TOKEN, api.url), asyncio.Event()
            polling = asyncio.create_task(telegram.poll(Ear().receive, stop))
            await api.until(lambda: bool(api.called("getUpdates")))
            stop.set()
            async with asyncio.timeout(5):
                await polling
            await telegram.close()

    asyncio.run(stopped(lambda _api: None))
    asyncio.run(stopped(lambda api: api.fail("getUpdates", *[broken()] * 5)))
