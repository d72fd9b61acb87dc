"""The client library's own store of keys, in one file of ours."""

from __future__ import annotations

from nio.store import SqliteStore
from peewee import SqliteDatabase


class KeyStore(SqliteStore):  # type: ignore[misc]  # the library has no types
    """Its store, safe against a kill and a power cut at the price of one wait for the disk, as our own database is."""

    def _create_database(self) -> SqliteDatabase:
        pragmas = {"foreign_keys": 1, "secure_delete": 1, "journal_mode": "wal", "synchronous": "full"}
        return SqliteDatabase(self.database_path, pragmas=pragmas)
