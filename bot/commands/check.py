"""Is everything in its place? One line each: settings, credentials, database, rights, clock, last backup."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from bot import merchants
from bot.app import StartError, refuse_what_cannot_run
from bot.chats.telegram import Telegram, TokenRefusedError
from bot.commands.check_database import backup, database
from bot.commands.finding import CLOCK_MAY_DIFFER, Finding
from bot.complaints import HostError
from bot.config import Config, ConfigError, secrets
from bot.desk import utc_now
from bot.ledger.engines import sqlite_path
from bot.providers.accounts import Account
from bot.sources import load, secrets_folder

ANSWER_SECONDS = 10


def check(path: Path) -> Iterator[Finding]:
    """Look at everything; the first thing that is wrong hides as little as possible of the rest."""
    try:
        config = load(path)
    except ConfigError as trouble:
        yield Finding(right=False, what="configuration", text=str(trouble).removeprefix("Pas de configuration : "))
        return
    yield _settings(path, config)
    yield _rights(path, config)
    yield from asyncio.run(_telegram(config))
    yield from asyncio.run(_online(config))
    yield from asyncio.run(_matrix(config))
    yield from database(config)
    yield backup(config)


def _settings(path: Path, config: Config) -> Finding:
    try:
        refuse_what_cannot_run(config)
    except StartError as trouble:
        return Finding(right=False, what="configuration", text=str(trouble))
    return Finding(right=True, what="configuration", text=str(path))


def _rights(path: Path, config: Config) -> Finding:
    """Secrets and books are for their owner only; a configuration without a secret may be read."""
    folder = secrets_folder(path)
    files = [*(folder.iterdir() if folder else ()), sqlite_path(config.database.url)]
    private = [file for file in files if file is not None and file.is_file()]
    open_to_all = [file for file in [*private, *_with_secrets(path, config)] if file.stat().st_mode & 0o077]
    if open_to_all:
        names = " ".join(map(str, open_to_all))
        return Finding(right=False, what="droits", text=f"d'autres que vous peuvent lire {names} (chmod 600 {names})")
    return Finding(right=True, what="droits", text="les secrets et les comptes ne sont lisibles que par vous")


def _with_secrets(path: Path, config: Config) -> list[Path]:
    """Give the configuration file if a secret is written in it: a token, a password, an address with one."""
    written = path.read_text(encoding="utf-8")
    found = secrets(config)
    if "@" in config.database.url:
        found.append(config.database.url)
    return [path] if any(secret in written for secret in found) else []


async def _telegram(config: Config) -> list[Finding]:
    token, base_url = config.telegram.token.get_secret_value(), config.telegram.base_url
    if not token:
        return []
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            telegram = await Telegram.connect(token, base_url)
            await telegram.close()
    except TokenRefusedError:
        return [Finding(right=False, what="Telegram", text="ce jeton n'est pas connu ([telegram] token)")]
    except (ConnectionError, TimeoutError):
        return [Finding(right=False, what="Telegram", text=f"{base_url} ne répond pas")]
    return [Finding(right=True, what="Telegram", text=f"@{telegram.username}"), await _clock(base_url)]


async def _online(config: Config) -> list[Finding]:
    """Ask each provider whether it knows the keys; say whose money arrives where."""
    try:
        accounts = merchants.accounts(config.online, utc_now)
    except HostError as trouble:
        return [Finding(right=False, what="carte en ligne", text=str(trouble))]
    try:
        return [await _merchant(account) for account in accounts.all]
    finally:
        await accounts.close()


async def _merchant(account: Account) -> Finding:
    right, said = await merchants.asked(account)
    whose = f"groupe {account.group}" if account.group else "tous les groupes"
    return Finding(right=right, what=account.provider.label, text=f"{whose}, {said}" if right else said)


async def _matrix(config: Config) -> list[Finding]:
    """Ask who we are there. Nothing is opened but the session that is kept: the bot may be running."""
    settings = config.matrix
    if not settings.homeserver:
        return []
    from bot.chats.matrix.wire import Account, SessionRefusedError  # noqa: PLC0415 - heavy, for those who have it
    from bot.chats.matrix.wire.session import tried  # noqa: PLC0415 - as above

    account = Account(settings.homeserver, settings.user_id, token=settings.access_token.get_secret_value())
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            user = await tried(account, Path(settings.folder))
    except SessionRefusedError:
        return [Finding(right=False, what="Matrix", text="le serveur ne connaît pas la session du bot ([matrix])")]
    except (ConnectionError, TimeoutError):
        return [Finding(right=False, what="Matrix", text=f"{settings.homeserver} ne répond pas")]
    text = user or "le serveur répond ; le bot se connectera à son premier démarrage"
    return [Finding(right=True, what="Matrix", text=text)]


async def _clock(base_url: str) -> Finding:
    """Compare our clock with that of the server, which says in each answer what time it is."""
    try:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.head(base_url) as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return Finding(right=True, what="horloge", text="pas comparée, personne ne donne l'heure")
    apart = abs(utc_now() - theirs)
    text = f"écart de {apart.total_seconds():.0f} s avec celle du serveur"
    return Finding(right=apart <= CLOCK_MAY_DIFFER, what="horloge", text=text)
