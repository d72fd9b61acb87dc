"""Command menus on Telegram: by right and language, in private and in rooms; true again soon after something changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.chats.telegram import Menu, Telegram, keep_menus
from bot.chats.telegram.menus import current, formerly, together
from bot.groups.people import Right
from bot.groups.tables import Member
from tests.emulator import TOKEN, BotApi, Town, flood
from tests.emulator.house import House, opened


async def installed(house: House) -> dict[tuple[str, str], list[str]]:
    """Install what there is to be, and list what Telegram has: scope and language, words."""
    with house.store.read() as connection:
        menus = together(current(connection), formerly(connection))
    await house.telegram.install(menus)
    return {key: [line["command"] for line in lines] for key, lines in house.api.world.menus.items()}


async def test_members_have_a_menu_in_their_language_and_coordinators_a_longer_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        menus = await installed(house)
        assert {"solde", "payer"} < set(menus["all_private_chats", ""])
        assert {"balance", "pay"} < set(menus["all_private_chats", "en"])
        assert "soldes" not in menus["all_private_chats", ""]
        assert {"solde", "soldes", "encaisser"} < set(menus[f"chat {house.camille.chat.id}", ""])
        assert f"chat {house.lea.chat.id}" not in {scope for scope, _language in menus}
        described = house.api.world.menus["all_private_chats", ""][0]
        assert described["description"] == "Mon solde"


async def test_a_coordinators_menu_speaks_the_language_they_chose(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.says(house.camille, "/langue English")
        assert "balances" in (await installed(house))[f"chat {house.camille.chat.id}", ""]


async def test_a_room_has_a_menu_without_what_is_private(tmp_path: Path) -> None:
    """B40: once it is linked, and under its new id when it has moved."""
    async with opened(tmp_path) as house:
        room = await house.room()
        menu = (await installed(house))[f"chat {room.chat.id}", ""]
        assert "soldes" in menu
        assert not {"payer", "inviter"} & set(menu)
        new = room.upgrade(house.camille)
        await house.settle()
        assert (await installed(house))[f"chat {new.chat.id}", ""] == menu


async def test_who_is_a_coordinator_no_more_has_a_members_menu_again(tmp_path: Path) -> None:
    """B43: at once while the bot runs, and if it was not running then, at its next start."""
    async with opened(tmp_path) as house:
        await installed(house)
        await house.says(house.camille, "/droits Sofiane")
        await house.taps(house.camille, "Adhérent")
        await house.taps(house.camille, "Oui")
        await house.taps(house.sofiane, "D'accord")
        assert {row.name: row.right for row in house.read(Member)}["Sofiane"] == Right.MEMBER
        scope = (f"chat {house.sofiane.chat.id}", "")
        assert scope not in await installed(house)
        house.api.world.menus[scope] = [{"command": "soldes", "description": "Tous les soldes"}]
        await house.crash()
        assert scope not in await installed(house)


async def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await installed(house)
        before = len(house.api.calls)
        await installed(house)
        assert [call.method for call in house.api.calls[before:] if "Commands" in call.method] == []


async def test_a_chat_that_is_gone_is_passed_over_once_and_patience_is_obeyed() -> None:
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        lea.says("/start")
        telegram = await Telegram.connect(TOKEN, api.url)
        menus = [Menu((("solde", "Mon solde"),), chat) for chat in ("-77", str(lea.chat.id))]
        api.fail("setMyCommands", flood(3))
        await telegram.install(menus)
        assert api.world.menus == {}
        await telegram.install(menus)
        await telegram.install(menus)
        assert list(api.world.menus) == [(f"chat {lea.chat.id}", "")]
        assert len(api.called("setMyCommands")) == 3
        await telegram.close()


async def test_menus_are_kept_true_while_the_bot_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chats.telegram.menus.LOOK_SECONDS", 0.02)
    async with opened(tmp_path) as house:
        stop = asyncio.Event()
        keeping = asyncio.create_task(keep_menus(house.telegram, house.store, stop))
        await house.api.until(lambda: ("all_private_chats", "en") in house.api.world.menus)
        room = await house.room()
        await house.api.until(lambda: (f"chat {room.chat.id}", "") in house.api.world.menus)
        stop.set()
        await keeping
