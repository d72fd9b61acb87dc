"""Is the database in its place? Reachable, up to date, its books right, saved lately."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from bot import archive, merchants
from bot.commands.books import size
from bot.commands.finding import CLOCK_MAY_DIFFER, Finding
from bot.config import Config
from bot.desk import utc_now
from bot.groups.registry import list_groups
from bot.groups.tables import BuyingGroup
from bot.ledger import migrate
from bot.ledger.audit import audit
from bot.ledger.engines import reading_engine, sqlite_path
from bot.ledger.errors import NewerDatabaseError, NoDatabaseError, StoreError
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.providers.accounts import slug

BACKUP_MAY_BE = timedelta(days=2)


def database(config: Config) -> Iterator[Finding]:
    """Look at the database: there, of this program, writable, its books right, its groups those that the settings name."""
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


def backup(config: Config) -> Finding:
    """Look at the last backup: there, recent, with room for the next one."""
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
