"""Telegram: the only place that knows python-telegram-bot."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.chat import Incoming, Receipt
from bot.chats.telegram.intake import Intake
from bot.chats.telegram.menus import Menu, keep_menus
from bot.chats.telegram.poller import POLL_SECONDS, Poller, TokenRefusedError
from bot.chats.telegram.request import AiohttpRequest
from bot.chats.telegram.sender import Sender
from bot.chats.telegram.webhook import Webhook

POLL_READ_SECONDS = POLL_SECONDS + 15.0
"""An answer may come as late as the poll lasts; after that the connection is taken for dead."""


class Telegram(Sender):
    """The bot on Telegram: sends, edits, fetches (Sender), and receives by polling or webhook."""

    def __init__(
        self, bot: Bot, polling: AiohttpRequest, *, paced: bool = True, tokens: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(bot, paced=paced, tokens=tokens)
        self._polling = polling
        self._installed: dict[tuple[str, str], Menu] = {}

    @classmethod
    async def connect(
        cls, token: str, base_url: str, *, paced: bool = True, tokens: Mapping[str, str] | None = None
    ) -> Telegram:
        """Connect; raises TokenRefusedError, and ConnectionError when Telegram cannot be reached.

        ``tokens``: those of payment providers, by the account an invoice is made with.
        """
        root, polling = base_url.rstrip("/"), AiohttpRequest(POLL_READ_SECONDS)
        try:
            bot = Bot(
                token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot", request=AiohttpRequest(),
                get_updates_request=polling,
            )  # fmt: skip
        except InvalidToken:
            raise TokenRefusedError from None
        try:
            await bot.initialize()
        except InvalidToken:
            await bot.shutdown()
            raise TokenRefusedError from None
        except TelegramError as trouble:
            await bot.shutdown()
            raise ConnectionError(type(trouble).__name__) from None
        return cls(bot, polling, paced=paced, tokens=tokens)

    @property
    def username(self) -> str:
        """Give the bot's name, for links."""
        return self._bot.username

    async def close(self) -> None:
        """Close the connections."""
        await self._bot.shutdown()

    async def poll(self, receive: Callable[[Incoming], Awaitable[Receipt]], stop: asyncio.Event) -> None:
        """Fetch updates until ``stop`` is set; what waits is kept, never dropped. Raises TokenRefusedError."""
        await Poller(self._bot, self._updates, Intake(self._bot, receive)).run(stop)

    async def serve(
        self, receive: Callable[[Incoming], Awaitable[Receipt]], stop: asyncio.Event, *, url: str, host: str, port: int
    ) -> None:
        """Be called by Telegram until ``stop`` is set. The secret is derived from the token: it need not be kept.

        Raises TokenRefusedError, and OSError when the port cannot be had.
        """
        secret = hashlib.sha256(f"webhook {self._bot.token}".encode()).hexdigest()
        intake = Intake(self._bot, receive)
        await Webhook(self._bot, intake, url=url, secret=secret, host=host, port=port).run(stop)

    async def install(self, menus: Sequence[Menu]) -> None:
        """Install command menus, and remove those no longer among them; what has not changed is left alone.

        A chat that is gone is passed over; where Telegram asks for patience, the rest is for the next time.
        """
        wanted = {(menu.chat, menu.language): menu for menu in menus}
        over = [Menu(chat=chat, language=said) for chat, said in self._installed if (chat, said) not in wanted]
        for menu in [*wanted.values(), *over]:
            if self._installed.get((menu.chat, menu.language)) == menu:
                continue
            try:
                await self._install(menu)
            except (BadRequest, Forbidden, ChatMigrated):
                pass  # the bot is no longer there, or the group has moved and has a menu under its new id
            except TelegramError:
                return
            self._installed[menu.chat, menu.language] = menu

    async def _install(self, menu: Menu) -> None:
        scope = BotCommandScopeChat(int(menu.chat)) if menu.chat else BotCommandScopeAllPrivateChats()
        language = menu.language or None
        if not menu.commands:
            await self._bot.delete_my_commands(scope=scope, language_code=language)
            return
        commands = [BotCommand(word, does) for word, does in menu.commands]
        await self._bot.set_my_commands(commands, scope=scope, language_code=language)

    async def _updates(self, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Call getUpdates, and leave what it gives as it is: one update that the library cannot read is one, not all."""
        asked = {name: value for name, value in given.items() if value is not None} | {"timeout": POLL_SECONDS}
        written = {name: value if isinstance(value, int) else json.dumps(value) for name, value in asked.items()}
        found = await self._polling.post(f"{self._bot.base_url}/getUpdates?{urlencode(written)}")
        return found if isinstance(found, list) else []


__all__ = ["Menu", "Telegram", "TokenRefusedError", "keep_menus"]
