"""A new account's first day: its homeserver found by what people call it, logged in once, its device signed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from bot.chats.matrix.wire.calls import Calls, OutOfReachError, RefusedError
from bot.chats.matrix.wire.session import Account, Session, keep, logged_in, open_folder
from bot.chats.matrix.wire.wire import Wire

WELL_KNOWN, VERSIONS = "/.well-known/matrix/client", "/_matrix/client/versions"


async def homeserver_at(typed: str) -> str:
    """Find the homeserver's address by what was typed: it may be elsewhere than its name says. Raises ConnectionError."""
    written = typed.strip().rstrip("/")
    address = written if "://" in written else f"https://{written}"
    for found in dict.fromkeys([await _told(address), address]):
        if found and await _is_one(found):
            return found
    raise ConnectionError(address)


async def logged_in_at(account: Account) -> Session:
    """Log in, and keep nothing yet. Raises SessionRefusedError and ConnectionError."""
    calls = Calls(account.homeserver)
    try:
        return await logged_in(calls, account)
    except OutOfReachError as trouble:
        raise ConnectionError(str(trouble)) from None
    finally:
        await calls.close()


async def settle(account: Account, session: Session, folder: Path) -> bool:
    """Keep a new session in its folder, publish and sign its device; say whether people's clients will trust it.

    Raises SessionRefusedError, FolderInUseError and ConnectionError: it is then signed at the bot's first start.
    """
    lock = open_folder(folder)
    keep(folder, session)
    os.close(lock)
    wire = await Wire.connect(replace(account, user=session.user, token=""), folder)
    try:
        return wire.signed
    finally:
        await wire.close()


async def _told(address: str) -> str:
    """Ask where the homeserver of a name is; nothing where that is not said."""
    calls = Calls(address)
    try:
        told = (await calls.page(WELL_KNOWN)).get("m.homeserver")
    except (OutOfReachError, RefusedError):
        return ""
    finally:
        await calls.close()
    base = told.get("base_url") if isinstance(told, dict) else None
    return base.rstrip("/") if isinstance(base, str) and base.startswith(("https://", "http://")) else ""


async def _is_one(address: str) -> bool:
    calls = Calls(address)
    try:
        return "versions" in await calls.page(VERSIONS)
    except (OutOfReachError, RefusedError):
        return False
    finally:
        await calls.close()
