"""The bot put together: settings, database, desk, chats, delivery, schedule; started, and stopped without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog

from bot import __version__, merchants
from bot.callbacks import Callbacks
from bot.chat import Incoming, Receipt
from bot.chats.telegram import Telegram, TokenRefusedError, keep_menus
from bot.complaints import HostError
from bot.config import SQLITE, Config, not_yet
from bot.delivery import Delivery
from bot.desk import Desk, utc_now
from bot.groups.registry import set_handle
from bot.ledger.store import Store
from bot.schedule import Backups, Schedule

T = TypeVar("T")
log = structlog.get_logger()

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
STOP_SECONDS = 20.0


class StartError(HostError):
    """The bot cannot start, or go on; the message says why in one line."""


def run(config: Config) -> None:
    """Run the bot until it is told to stop. Raises StartError and StoreError."""
    refuse_what_cannot_run(config)
    store = Store.open(config.database.url)
    try:
        asyncio.run(_run(config, store))
    finally:
        store.close()


def refuse_what_cannot_run(config: Config) -> None:
    """Raise StartError for settings with which there is nothing to do, or more than this version can do."""
    unknown = not_yet(config)
    if unknown:
        raise StartError(f"Cette version ne sait pas encore : {', '.join(unknown)}. Retirez-le de la configuration.")
    if not config.telegram.token.get_secret_value():
        raise StartError("Aucun chat n'est configuré : il manque [telegram] token, que @BotFather donne sur Telegram.")


async def _run(config: Config, store: Store) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told_to_stop() -> None:
        log.info("stopping")
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)  # told again, the process ends at once

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop)
    await App(config, store).serve(stop)
    log.info("stopped")


class App:
    """A running bot."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._accounts = merchants.accounts(config.online, utc_now)
        self._desk = Desk(store, utc_now, wake=self._wake, accounts=self._accounts)
        self._delivery: Delivery | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set. Raises StartError when Telegram refuses the token."""
        log.info("started", version=__version__)
        called = [self._called_back(stop)] if merchants.called_back(self._config.online) else []
        try:
            await _together(stop, self._schedule().run(stop), self._telegram(stop), *called)
        finally:
            await self._accounts.close()

    def _schedule(self) -> Schedule:
        config = self._config
        files = config.database.url.startswith(SQLITE)
        backups = Backups(config.backups, config.backup.keep) if files else None
        return Schedule(
            self._store, utc_now, zone=ZoneInfo(config.group.timezone), backups=backups, wake=self._wake
        )  # fmt: skip

    def _wake(self) -> None:
        if self._delivery is not None:
            self._delivery.wake()

    async def _receive(self, incoming: Incoming) -> Receipt:
        """Hand an update to the desk. Once begun it is served to its end, whoever stops waiting for it."""
        return await asyncio.shield(asyncio.wrap_future(self._desk.receive(incoming)))

    async def _telegram(self, stop: asyncio.Event) -> None:
        telegram = await self._connected(stop)
        if telegram is None:
            return
        try:
            await asyncio.wrap_future(
                self._store.write(lambda connection: set_handle(connection, telegram.platform, telegram.username))
            )
            self._delivery = Delivery(
                self._store, {telegram.platform: telegram}, self._receive, utc_now,
                accounts=self._accounts, back_url=f"https://t.me/{telegram.username}",
            )  # fmt: skip
            silent = asyncio.Event()  # set once nobody is served any more: the last answers still go out
            await _together(
                stop,
                self._listened(telegram, stop, silent),
                self._delivery.run(silent),
                keep_menus(telegram, self._store, stop),
            )
        finally:
            await telegram.close()

    async def _connected(self, stop: asyncio.Event) -> Telegram | None:
        """Connect to Telegram, however long it cannot be reached; None if told to stop meanwhile."""
        settings, wait = self._config.telegram, FIRST_WAIT_SECONDS
        tokens = merchants.telegram_tokens(self._config.online)
        while not stop.is_set():
            try:
                connecting = Telegram.connect(settings.token.get_secret_value(), settings.base_url, tokens=tokens)
                found = await _unless(stop, connecting)
            except TokenRefusedError:
                raise StartError("Telegram ne connaît pas ce jeton : vérifiez [telegram] token.") from None
            except ConnectionError as trouble:
                if wait == FIRST_WAIT_SECONDS:
                    log.warning("Telegram cannot be reached; trying on", reason=str(trouble), at=settings.base_url)
                await _unless(stop, asyncio.sleep(wait))
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            else:
                if found is not None:
                    log.info("connected to Telegram", bot=found.username)
                return found
        return None

    async def _listened(self, telegram: Telegram, stop: asyncio.Event, silent: asyncio.Event) -> None:
        """Receive until told to stop; turns in hand may end, for a while."""
        listening = asyncio.create_task(self._listen(telegram, stop))
        try:
            await _unless(stop, asyncio.shield(listening))
            await asyncio.wait({listening}, timeout=STOP_SECONDS)
        finally:
            silent.set()
            listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening

    async def _listen(self, telegram: Telegram, stop: asyncio.Event) -> None:
        settings = self._config.telegram
        try:
            if settings.webhook_url:
                await self._be_called(telegram, stop)
            else:
                await telegram.poll(self._receive, stop)
        except TokenRefusedError:
            raise StartError("Telegram ne connaît plus ce jeton : vérifiez [telegram] token.") from None

    async def _be_called(self, telegram: Telegram, stop: asyncio.Event) -> None:
        settings = self._config.telegram
        host, port = settings.webhook_host, settings.webhook_port
        try:
            await telegram.serve(self._receive, stop, url=settings.webhook_url, host=host, port=port)
        except OSError as trouble:
            raise StartError(
                f"On ne peut pas écouter sur {host}:{port} ([telegram] webhook_port) : {trouble}."
            ) from None

    async def _called_back(self, stop: asyncio.Event) -> None:
        """Be called by providers of online payments."""
        host, port = self._config.online.webhook_host, self._config.online.webhook_port
        try:
            await Callbacks(self._accounts, self._receive, host=host, port=port).run(stop)
        except OSError as trouble:
            raise StartError(f"On ne peut pas écouter sur {host}:{port} ([online] webhook_port) : {trouble}.") from None


async def _together(stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """Run all parts to their end; where one ends, for whatever reason, the others are told to stop."""

    async def watched(part: Coroutine[Any, Any, None]) -> None:
        try:
            await part
        finally:
            stop.set()

    ended = await asyncio.gather(*map(watched, parts), return_exceptions=True)
    for trouble in ended:
        if isinstance(trouble, BaseException):
            raise trouble


async def _unless(stop: asyncio.Event, doing: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T | None:
    """Wait for something, but not once told to stop: then None."""
    task, stopping = asyncio.ensure_future(doing), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for left in (task, stopping):
            left.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
