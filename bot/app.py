"""The bot put together: settings, database, desk, chats, delivery, schedule; started, and stopped without losing anything."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from bot import __version__, merchants
from bot.archive import SESSION
from bot.callbacks import Callbacks
from bot.chat import Chat, Incoming, Receipt
from bot.chats.backoff import Backoff
from bot.chats.telegram import Telegram, TokenRefusedError, keep_menus
from bot.complaints import HostError
from bot.config import SQLITE, Config
from bot.delivery import Delivery
from bot.desk import Desk, utc_now
from bot.groups.registry import set_handle
from bot.ledger.store import Store
from bot.nights import Backups
from bot.schedule import Schedule
from bot.stopping import Part, listened, together, unless

T = TypeVar("T")
log = structlog.get_logger()

PAGES = {"telegram": "https://t.me/{}", "matrix": "https://matrix.to/#/{}"}
"""Where people find the bot, by its name on a platform."""


class Named(Chat, Protocol):
    """A platform on which the bot has a name, for links."""

    @property
    def username(self) -> str:
        """Give the bot's name there."""
        ...


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
    """Raise StartError for settings with which there is nothing to do, or that lack something."""
    if not config.telegram.token.get_secret_value() and not config.matrix.homeserver:
        raise StartError("Aucun chat n'est configuré : il manque [telegram] token, que @BotFather donne sur Telegram.")
    matrix = config.matrix
    kept = (Path(matrix.folder) / SESSION).exists()
    if matrix.homeserver and not (matrix.user_id and (matrix.password or matrix.access_token or kept)):
        raise StartError("Il manque à [matrix] user_id et password (ou access_token).")


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
        self._deliveries: list[Delivery] = []

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set. Raises StartError when a platform refuses us."""
        log.info("started", version=__version__)
        parts = [self._schedule().run(stop)]
        parts += [self._telegram(stop)] if self._config.telegram.token.get_secret_value() else []
        parts += [self._matrix(stop)] if self._config.matrix.homeserver else []
        parts += [self._called_back(stop)] if merchants.called_back(self._config.online) else []
        try:
            await together(stop, *parts)
        finally:
            await self._accounts.close()

    def _schedule(self) -> Schedule:
        config = self._config
        files = config.database.url.startswith(SQLITE)
        backups = Backups(config.backups, config.backup.keep, config.matrix_folder) if files else None
        return Schedule(
            self._store, utc_now, zone=ZoneInfo(config.group.timezone), backups=backups, wake=self._wake
        )  # fmt: skip

    def _wake(self) -> None:
        for delivery in self._deliveries:
            delivery.wake()

    async def _receive(self, incoming: Incoming) -> Receipt:
        """Hand an update to the desk. Once begun it is served to its end, whoever stops waiting for it."""
        return await asyncio.shield(asyncio.wrap_future(self._desk.receive(incoming)))

    async def _telegram(self, stop: asyncio.Event) -> None:
        settings = self._config.telegram
        token, at = settings.token.get_secret_value(), settings.base_url
        tokens = merchants.telegram_tokens(self._config.online)
        try:
            telegram = await _connected(stop, "Telegram", at, lambda: Telegram.connect(token, at, tokens=tokens))
        except TokenRefusedError:
            raise StartError("Telegram ne connaît pas ce jeton : vérifiez [telegram] token.") from None
        if telegram is None:
            return
        try:
            await self._serve(stop, telegram, self._listen(telegram, stop), keep_menus(telegram, self._store, stop))
        finally:
            await telegram.close()

    async def _serve(
        self, stop: asyncio.Event, chat: Named, listening: Part, *more: Part, ready: Callable[[], Part] | None = None
    ) -> None:
        """Serve one platform, with a delivery of its own: where another cannot be reached, this one is served."""
        platform, name = chat.platform, chat.username
        await asyncio.wrap_future(self._store.write(lambda connection: set_handle(connection, platform, name)))
        silent = asyncio.Event()  # set once nobody is served any more: the last answers still go out
        delivery = self._delivery(chat)

        async def deliver() -> None:
            if ready is not None:
                await unless(stop, ready())
            await delivery.run(silent)

        await together(stop, listened(listening, stop, silent), deliver(), *more)

    def _delivery(self, chat: Named) -> Delivery:
        """Make the delivery of a platform; the first one there also runs the errands to providers of online payments."""
        first = not self._deliveries
        delivery = Delivery(
            self._store, {chat.platform: chat}, self._receive, utc_now,
            accounts=self._accounts if first else None, back_url=PAGES[chat.platform].format(chat.username),
        )  # fmt: skip
        self._deliveries.append(delivery)
        return delivery

    async def _matrix(self, stop: asyncio.Event) -> None:
        from bot.chats.matrix import Account, Matrix, SessionRefusedError  # noqa: PLC0415 - heavy, for those who have it

        settings, folder = self._config.matrix, Path(self._config.matrix.folder)
        account = Account(
            settings.homeserver, settings.user_id, settings.password.get_secret_value(),
            settings.access_token.get_secret_value(), settings.device_id,
        )  # fmt: skip
        try:
            matrix = await _connected(
                stop, "Matrix", settings.homeserver, lambda: Matrix.connect(account, folder, self._store)
            )
            if matrix is None:
                return
            try:
                listening = matrix.listen(self._receive, stop, self._wake)
                await self._serve(stop, matrix, listening, ready=matrix.ready)
            finally:
                await matrix.close()
        except SessionRefusedError:
            raise StartError(
                "Le serveur Matrix ne connaît pas la session du bot, ou refuse son mot de passe : vérifiez [matrix]. "
                f"Si la session a été fermée, retirez de {folder} session.json et keys.db : le bot en ouvrira une autre."
            ) from None

    async def _called_back(self, stop: asyncio.Event) -> None:
        """Be called by providers of online payments."""
        host, port = self._config.online.webhook_host, self._config.online.webhook_port
        try:
            await Callbacks(self._accounts, self._receive, host=host, port=port).run(stop)
        except OSError as trouble:
            raise StartError(f"On ne peut pas écouter sur {host}:{port} ([online] webhook_port) : {trouble}.") from None

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
            said = f"On ne peut pas écouter sur {host}:{port} ([telegram] webhook_port) : {trouble}."
            raise StartError(said) from None


async def _connected(
    stop: asyncio.Event, name: str, at: str, connect: Callable[[], Coroutine[Any, Any, T]]
) -> T | None:
    """Connect to a platform, however long it cannot be reached; None if told to stop meanwhile."""
    backoff, said = Backoff(), False
    missed, found_it = f"{name} cannot be reached; trying on", f"connected to {name}"
    while not stop.is_set():
        try:
            found = await unless(stop, connect())
        except ConnectionError as trouble:
            if not said:
                log.warning(missed, reason=str(trouble), at=at)
            said = True
            await unless(stop, asyncio.sleep(backoff.failed()))
        else:
            if found is not None:
                log.info(found_it)
            return found
    return None
