"""Who the bot is on its homeserver: logged in once, its device, token and keys' key kept in a folder of its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.archive import RESTORED, SESSION
from bot.chats.matrix.wire.calls import Calls, OutOfReachError, RefusedError, SessionRefusedError
from bot.complaints import HostError

LOCK = "in-use.lock"
DEVICE_NAME = "Ardoise"


@dataclass(frozen=True)
class Account:
    """What a host has set: where the bot's account is, and how it gets in: a password, or a token."""

    homeserver: str
    user: str
    password: str = ""
    token: str = ""
    device: str = ""


@dataclass(frozen=True)
class Session:
    """The device that the bot is. ``pickle_key`` enciphers its keys at rest; ``salt`` makes transaction ids its own.

    After a restore ``anew_ms`` tells since when sessions count: what the device had begun before may have gone on since.
    """

    homeserver: str
    user: str
    device: str
    token: str
    pickle_key: str
    salt: str
    anew_ms: int = 0

    def transaction(self, token: str) -> str:
        """Give the transaction id that stands for a token of the outbox: the same each time, until a restore."""
        return hashlib.sha256(f"{self.salt} {token}".encode()).hexdigest()[:32]


class FolderInUseError(HostError):
    """Another process has this session: two would undo each other's keys."""


class OtherAccountError(HostError):
    """The folder has the session of another account."""


def open_folder(folder: Path) -> int:
    """Make the folder, for its owner only, and keep others out of it; give what is to be closed in the end.

    Raises FolderInUseError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise FolderInUseError(
            f"Une autre Ardoise se sert déjà de {folder} : une session Matrix n'en sert qu'une."
        ) from None
    return lock


def kept(folder: Path) -> Session | None:
    """Give the session that is kept in a folder."""
    try:
        written = json.loads((folder / SESSION).read_text())
    except FileNotFoundError:
        return None
    return Session(**written)


def keep(folder: Path, session: Session) -> None:
    """Keep a session, for its owner only; it is there whole, or as it was before."""
    write_private(folder / SESSION, json.dumps(asdict(session), indent=1).encode())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, at once and for good."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


async def signed_in(calls: Calls, account: Account, folder: Path) -> Session:
    """Give the session that is kept, or log in, once.

    Raises SessionRefusedError, OtherAccountError and OutOfReachError.
    """
    found = _taken_up(folder)
    if found is not None and account.user not in {"", found.user}:
        raise OtherAccountError(f"{folder} contient la session Matrix de {found.user} : ce n'est pas [matrix] user_id.")
    if found is None or (account.token and account.token != found.token):
        found = await logged_in(calls, account, found)
        keep(folder, found)
    calls.token = found.token
    return found


async def tried(account: Account, folder: Path) -> str:
    """Ask the homeserver who we are, without opening anything: nothing where we have not logged in yet.

    Raises SessionRefusedError and ConnectionError.
    """
    found, calls = kept(folder), Calls(account.homeserver)
    calls.token = account.token or (found.token if found is not None else "")
    try:
        if calls.token:
            return str((await calls.ask("GET", "account", "whoami"))["user_id"])
        await calls.ask("GET", "login")
    except RefusedError as trouble:
        raise SessionRefusedError(str(trouble)) from None
    except OutOfReachError as trouble:
        raise ConnectionError(str(trouble)) from None
    finally:
        await calls.close()
    return ""


def _taken_up(folder: Path) -> Session | None:
    """Give the session that is kept. One that a restore brought back may have gone further before: it begins anew."""
    found = kept(folder)
    if found is not None and (folder / RESTORED).exists():
        found = replace(found, salt=secrets.token_hex(16), anew_ms=int(time.time() * 1000))
        keep(folder, found)
    (folder / RESTORED).unlink(missing_ok=True)
    return found


async def logged_in(calls: Calls, account: Account, before: Session | None = None) -> Session:
    """Log in, or take up the token that a host has set; ``before`` goes on where it is the same device.

    Raises SessionRefusedError and OutOfReachError.
    """
    calls.token = account.token
    try:
        said = await (calls.ask("GET", "account", "whoami") if account.token else _login(calls, account))
    except RefusedError as trouble:
        if trouble.status == 429:
            raise OutOfReachError("too many requests") from None
        raise SessionRefusedError(str(trouble)) from None
    user, device = str(said["user_id"]), str(said.get("device_id") or account.device)
    if before is not None and (before.user, before.device) == (user, device):
        return replace(before, token=str(said.get("access_token", account.token)))
    return Session(
        homeserver=account.homeserver, user=user, device=device, token=str(said.get("access_token", account.token)),
        pickle_key=secrets.token_hex(32), salt=secrets.token_hex(16),
    )  # fmt: skip


async def _login(calls: Calls, account: Account) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": account.user},
        "password": account.password, "initial_device_display_name": DEVICE_NAME,
    }  # fmt: skip
    return await calls.ask("POST", "login", body=body | ({"device_id": account.device} if account.device else {}))
