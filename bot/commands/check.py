"""Is everything in its place? One line each: settings, credentials, database, rights, clock, last backup."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from bot import archive, merchants
from bot.app import StartError, refuse_what_cannot_run
from bot.chats.telegram import Telegram, TokenRefusedError
from bot.commands.books import size
from bot.complaints import HostError
from bot.config import Config, ConfigError, secrets
from bot.desk import utc_now
from bot.groups.registry import list_groups
from bot.groups.tables import BuyingGroup
from bot.ledger import migrate
from bot.ledger.audit import audit
from bot.ledger.engines import reading_engine, sqlite_path
from bot.ledger.errors import NewerDatabaseError, NoDatabaseError, StoreError
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.providers.accounts import Account, slug
from bot.sources import load, secrets_folder

ANSWER_SECONDS = 10
CLOCK_MAY_DIFFER = timedelta(minutes=1)
BACKUP_MAY_BE = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """What was looked at, and whether it is right."""

    right: bool
    what: str
    text: str

    def __str__(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.what} : {self.text}"


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
    yield from _database(config)
    yield _backup(config)


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


def _database(config: Config) -> Iterator[Finding]:
    url = config.database.url
    place = str(sqlite_path(url) or "PostgreSQL")
    try:
        if not _is_current(url):
            yield Finding(right=True, what="base", text=f"{place} sera mise à jour au prochain démarrage")
            return
        store = Store.open(url, beside=True)
    except StoreError as trouble:
        yield Finding(right=False, what="base", text=str(trouble))
        return
    except DBAPIError as trouble:
        reason = str(trouble.orig).strip().splitlines()[0]
        yield Finding(right=False, what="base", text=f"{place} n'est pas lisible : {reason}")
        return
    try:
        yield from _books(store, place)
        yield from _groups(store, config)
    except StoreError as trouble:
        yield Finding(right=False, what="base", text=str(trouble))
    finally:
        store.close()


def _is_current(url: str) -> bool:
    """Tell whether the tables are this program's, without changing anything. Raises NoDatabaseError, NewerDatabaseError."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        raise NoDatabaseError(str(path))
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            current = migrate.revision(connection)
    finally:
        engine.dispose()
    if current is None:
        raise NoDatabaseError(str(path or "PostgreSQL"))
    if current not in migrate.known():
        raise NewerDatabaseError(str(path or "PostgreSQL"), current)
    return current == migrate.head()


def _books(store: Store, place: str) -> Iterator[Finding]:
    store.write(lambda _connection: None).result()  # takes the right to write, and gives it back
    with store.read() as connection:
        wrong = audit(connection)
        groups, facts = (
            len(list_groups(connection)),
            connection.execute(select(func.count()).select_from(FACT)).scalar(),
        )
        last: datetime | None = connection.execute(select(func.max(FACT.c.at))).scalar()
    yield Finding(right=True, what="base", text=f"{place}, à jour ; groupes : {groups}, opérations : {facts}")
    if wrong:
        yield Finding(right=False, what="comptes", text=f"{wrong[0]} ({len(wrong)} en tout : ardoise audit)")
    else:
        yield Finding(right=True, what="comptes", text="ils tombent juste")
    if last is not None and last > utc_now() + CLOCK_MAY_DIFFER:
        yield Finding(right=False, what="horloge", text="la dernière opération est datée de plus tard que maintenant")


def _groups(store: Store, config: Config) -> Iterator[Finding]:
    """Look for accounts at providers that are no group's any more."""
    with store.read() as connection:
        groups = list_groups(connection)
    for name in merchants.of_nobody(config.online, groups):
        known = ", ".join(f"{number} {slug(group)}" for number, group in groups)
        text = f"[online.groups.{name}] n'est le nom ni le numéro d'aucun groupe (il y a : {known})"
        yield Finding(right=False, what="carte en ligne", text=text)


def _backup(config: Config) -> Finding:
    path, folder = sqlite_path(config.database.url), config.backups
    if path is None:
        return Finding(right=True, what="sauvegarde", text="celle de PostgreSQL est à vous de faire (pg_dump)")
    found = archive.latest(folder)
    if found is None:
        text = f"aucune encore dans {folder} (la prochaine nuit où le bot tourne, ou ardoise backup)"
        return Finding(right=not path.exists() or _is_young(config), what="sauvegarde", text=text)
    made = datetime.fromtimestamp(found.stat().st_mtime, UTC)
    old, free = utc_now() - made, shutil.disk_usage(folder).free
    text = f"{found.name}, {size(found)}, il y a {old.days * 24 + old.seconds // 3600} h"
    if path.exists() and free < 2 * path.stat().st_size:
        return Finding(right=False, what="sauvegarde", text=f"{text} ; il n'y a plus de place pour la suivante")
    return Finding(right=old <= BACKUP_MAY_BE, what="sauvegarde", text=text)


def _is_young(config: Config) -> bool:
    """Tell whether the bot could not yet save the database by itself: there was no night since its first group."""
    engine = reading_engine(config.database.url)
    try:
        with engine.connect() as connection:
            first: datetime | None = connection.execute(select(func.min(col(BuyingGroup.created_at)))).scalar()
    except DBAPIError:
        return True
    finally:
        engine.dispose()
    return first is None or utc_now() - first <= BACKUP_MAY_BE
