"""Our pace keeps within Telegram's limits, for edits as for sends; taps are answered at once, whatever waits."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import defaultdict

from bot.chat import Incoming, Message, Place, Receipt
from bot.chats.telegram import Telegram
from bot.chats.telegram.intake import Intake
from bot.chats.telegram.pace import Pace
from tests.emulator import TOKEN, BotApi, Town


async def _deaf(_incoming: Incoming) -> Receipt:
    return Receipt()


class Clock:
    """A clock that a pause moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def sent_at(pace: Pace, chats: list[str]) -> list[tuple[float, str]]:
    """Send to these chats in turn, as early as the pace allows; give the moments."""
    now, done = 0.0, []
    for chat in chats:
        while wait := pace.wait(chat, now, private=not chat.startswith("-")):
            now += wait
        done.append((now, chat))
    return done


def most_within(moments: list[float], seconds: float) -> int:
    """Count the most that fall into any stretch of so many seconds."""
    return max(sum(start <= moment < start + seconds for moment in moments) for start in moments)


def test_any_mixture_stays_within_the_limits() -> None:
    """30 a second in all; in a private chat one a second, but for a burst of three; 20 a minute in a group."""
    chance = random.Random(7)
    chats = [chance.choice(["-1", "-2", *map(str, range(40))]) for _ in range(600)]
    done = sent_at(Pace(), chats)
    by_chat = defaultdict(list)
    for moment, chat in done:
        by_chat[chat].append(moment)
    assert most_within([moment for moment, _chat in done], 1.0) <= 30
    for chat, moments in by_chat.items():
        if chat.startswith("-"):
            assert most_within(moments, 60.0) <= 20
        else:
            assert most_within(moments, 3.0) <= 3


def test_what_is_refused_does_not_count() -> None:
    pace = Pace()
    assert [pace.wait("1", 0.0, private=True) for _ in range(3)] == [0.0] * 3
    assert [pace.wait("1", 1.0, private=True) for _ in range(50)] == [2.0] * 50
    assert pace.wait("1", 3.0, private=True) == 0.0


def test_chats_long_quiet_are_forgotten() -> None:
    pace = Pace()
    moments = itertools.count(0.0, 0.1)
    for number in range(30_000):
        pace.wait(str(number), next(moments), private=True)
    assert len(pace._chats) <= 20_001


async def test_edits_are_paced_as_sends_are_and_taps_are_not() -> None:
    clock = Clock()
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        first = lea.says("/start")
        telegram = await Telegram.connect(TOKEN, api.url)
        telegram._clock, telegram._sleep = lambda: clock.now, clock.pause
        place = Place("telegram", str(lea.chat.id))
        number = await telegram.send(place, Message("0"), None)
        for turn in range(1, 8):
            await telegram.edit(place, number, Message(str(turn)))
        assert clock.now == 6.0
        queries = [lea.forges("x", first) for _ in range(5)]
        intake = Intake(telegram._bot, _deaf)
        for update in api.updates.waiting[-5:]:
            await intake.take(update)
        await intake.settled()
        assert all(query.answered for query in queries)
        assert clock.now == 6.0
        await telegram.close()
