"""Telegram: the only place that knows python-telegram-bot."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.chat import Incoming, Receipt
from bot.chats.telegram.poller import Poller, TokenRefusedError
from bot.chats.telegram.request import AiohttpRequest
from bot.chats.telegram.sender import Sender
from bot.chats.telegram.webhook import Webhook

POLL_READ_SECONDS = 45.0


@dataclass(frozen=True)
class Menu:
    """A command menu: for everybody in private (no ``chat``), or in one chat; in a language, or for all others."""

    commands: tuple[tuple[str, str], ...]
    chat: str = ""
    language: str = ""


class Telegram(Sender):
    """The bot on Telegram: sends, edits, fetches (Sender), and receives by polling or webhook."""

    def __init__(self, bot: Bot, *, paced: bool = True) -> None:
        super().__init__(bot, paced=paced)
        self._installed: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    @classmethod
    async def connect(cls, token: str, base_url: str, *, paced: bool = True) -> Telegram:
        """Connect; raises TokenRefusedError, and ConnectionError when Telegram cannot be reached."""
        root = base_url.rstrip("/")
        bot = Bot(
            token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot",
            request=AiohttpRequest(), get_updates_request=AiohttpRequest(POLL_READ_SECONDS),
        )  # fmt: skip
        try:
            await bot.initialize()
        except InvalidToken:
            await bot.shutdown()
            raise TokenRefusedError from None
        except NetworkError as trouble:
            await bot.shutdown()
            raise ConnectionError(type(trouble).__name__) from None
        return cls(bot, paced=paced)

    @property
    def username(self) -> str:
        """Give the bot's name, for links."""
        return self._bot.username

    async def close(self) -> None:
        """Close the connections."""
        await self._bot.shutdown()

    async def poll(self, receive: Callable[[Incoming], Awaitable[Receipt]], stop: asyncio.Event) -> None:
        """Fetch updates until ``stop`` is set. Updates that wait are kept: nothing is ever dropped."""
        await self._bot.delete_webhook(drop_pending_updates=False)
        await Poller(self._bot, receive).run(stop)

    async def serve(
        self, receive: Callable[[Incoming], Awaitable[Receipt]], stop: asyncio.Event, *, url: str, host: str, port: int
    ) -> None:
        """Be called by Telegram until ``stop`` is set. The secret is derived from the token: it need not be kept."""
        secret = hashlib.sha256(f"webhook {self._bot.token}".encode()).hexdigest()
        await Webhook(self._bot, receive, url=url, secret=secret, host=host, port=port).run(stop)

    async def install(self, menus: Sequence[Menu]) -> None:
        """Install command menus; those that are there already are left alone. A chat that is gone is passed over."""
        for menu in menus:
            if self._installed.get((menu.chat, menu.language)) == menu.commands:
                continue
            scope = BotCommandScopeChat(int(menu.chat)) if menu.chat else BotCommandScopeAllPrivateChats()
            commands = [BotCommand(word, does[:1].upper() + does[1:]) for word, does in menu.commands]
            try:
                await self._bot.set_my_commands(commands, scope=scope, language_code=menu.language or None)
            except TelegramError:
                continue
            self._installed[menu.chat, menu.language] = menu.commands


__all__ = ["Menu", "Telegram", "TokenRefusedError"]
