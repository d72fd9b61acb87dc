"""Backups: one archive, the database and the Matrix keys, made while in use, checked, never overwritten; and back again."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from bot.complaints import HostError
from bot.ledger.copies import copy_database
from bot.ledger.engines import sqlite_path
from bot.ledger.store import Store

DATABASE = "ardoise.db"
KEYS, SESSION, RESTORED = "matrix", "session.json", "restored"
NIGHTLY = re.compile(r"ardoise-\d{4}-\d\d-\d\d\.zip")
LEFT_BEHIND_SECONDS = 24 * 3600
PIECE_BYTES = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError)
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class ArchiveError(HostError):
    """A backup cannot be made or brought back; the message says why in one line."""


def make(store: Store, target: Path, keys: Path | None = None) -> None:
    """Write an archive of the database, for its owner only; of the folder of the Matrix session and keys too.

    Raises ArchiveError and DatabaseUnusableError.
    """
    _refuse_if_there(target)
    try:
        with _beside(target) as folder:
            store.backup(folder / DATABASE)
            packed = folder / "packed"
            with zipfile.ZipFile(packed, "x", zipfile.ZIP_DEFLATED) as archive:
                archive.write(folder / DATABASE, DATABASE)
                for copy in _copied(keys, folder) if keys is not None else ():
                    archive.write(copy, f"{KEYS}/{copy.name}")
            with zipfile.ZipFile(packed) as archive:
                broken = archive.testzip()
            if broken:
                raise ArchiveError(f"{target} : la sauvegarde relue n'est pas entière.")
            _put(packed, target)
    except OSError as trouble:
        raise ArchiveError(f"{target} ne peut pas être écrit : {trouble.strerror or trouble}.") from trouble


def restore(archive: Path, url: str, keys: Path | None = None) -> Path:
    """Bring a database back from an archive, where there is none; give its file. It is tried before it is put there.

    The Matrix session and keys go to the folder ``keys``, with a mark that they are of the past: what they had begun goes
    on no further.

    Raises ArchiveError, NewerDatabaseError and DatabaseUnusableError.
    """
    target = sqlite_path(url)
    if target is None:
        raise ArchiveError("Une base PostgreSQL se restaure avec pg_restore.")
    for there in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
        _refuse_if_there(there)
    if keys is not None:
        _refuse_if_there(keys / SESSION)
    try:
        with _beside(target) as folder:
            copy = folder / DATABASE
            _unpack(archive, copy)
            Store.open(f"sqlite:///{copy}").close()  # refuses what is no database of ours, or a newer one
            if keys is not None:
                _put_keys(archive, keys)
            _put(copy, target)
    except OSError as trouble:
        raise ArchiveError(f"{archive} → {target} : {trouble.strerror or trouble}.") from trouble
    return target


def rotate(folder: Path, keep: int) -> None:
    """Remove the oldest of the night's archives, and what a killed backup left behind."""
    for old in nightly(folder)[:-keep]:
        old.unlink()
    for left in folder.glob(".ardoise-*"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def nightly(folder: Path) -> list[Path]:
    """List the night's archives, the oldest first."""
    return sorted(path for path in folder.glob("ardoise-*.zip") if NIGHTLY.fullmatch(path.name))


def latest(folder: Path) -> Path | None:
    """Find the newest archive in a folder."""
    return max(folder.glob("ardoise-*.zip"), key=lambda path: path.stat().st_mtime, default=None)


def _refuse_if_there(path: Path) -> None:
    if path.exists():
        raise ArchiveError(f"{path} existe déjà : rien n'est jamais remplacé ici, déplacez-le d'abord.")


@contextmanager
def _beside(target: Path) -> Generator[Path]:
    """Give a folder of our own on the same disk, for its owner only, gone afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".ardoise-", dir=target.parent) as folder:
        yield Path(folder)


def _put(made: Path, target: Path) -> None:
    """Give a finished file its name, at once and only if nobody has it: a link refuses where a move would replace."""
    made.chmod(0o600)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(made, target)
    except FileExistsError:
        _refuse_if_there(target)
        raise
    except OSError as trouble:
        if trouble.errno not in _NO_LINKS:  # a stick formatted as FAT knows no links
            raise
        _refuse_if_there(target)
        made.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copied(keys: Path, folder: Path) -> Iterator[Path]:
    """Copy the files of the Matrix folder: after the database, so that no message there is without its key here."""
    for path in sorted(keys.iterdir() if keys.is_dir() else ()):
        if path.suffix == ".db":
            copy_database(path, folder / path.name)
            yield folder / path.name
        elif path.suffix == ".json" and not path.name.startswith("."):
            yield Path(shutil.copy2(path, folder / path.name))


def _put_keys(archive: Path, keys: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        names = [name for name in packed.namelist() if name.startswith(f"{KEYS}/")]
        if not names:
            return
        keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys.chmod(0o700)
        for name in names:
            made = keys / PurePosixPath(name).name
            with packed.open(name) as source, os.fdopen(os.open(made, _FRESH, 0o600), "wb") as out:
                shutil.copyfileobj(source, out, PIECE_BYTES)
        (keys / RESTORED).touch(mode=0o600)


def _unpack(archive: Path, copy: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as packed, packed.open(DATABASE) as source, copy.open("xb") as out:
            shutil.copyfileobj(source, out, PIECE_BYTES)
    except _BROKEN:
        raise ArchiveError(f"{archive} n'est pas une sauvegarde d'Ardoise, ou est abîmé.") from None
