"""The bot's device, signed by the bot's own identity: clients of today give no keys to a device that nobody has signed.

The identity is two keys, drawn once and kept with the session: a master key, which people may verify, and one that it has
signed, which signs the bot's devices.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from bot.chats.matrix.wire.calls import Calls, RefusedError
from bot.chats.matrix.wire.session import Session, write_private

log = structlog.get_logger()

FILE = "identity.json"
SEED_BYTES = 32


class SigningKey:
    """A key that signs, made from its seed."""

    def __init__(self, seed: bytes) -> None:
        self._key = ECC.construct(curve="Ed25519", seed=seed)
        self.public = _unpadded(self._key.public_key().export_key(format="raw"))

    @property
    def id(self) -> str:
        """Give the name signatures of this key have."""
        return f"ed25519:{self.public}"

    def signed(self, thing: Mapping[str, Any], user: str) -> dict[str, Any]:
        """Give a thing with this key's signature beside those it has."""
        seal = eddsa.new(self._key, "rfc8032").sign(canonical(thing))
        signatures = {name: dict(known) for name, known in thing.get("signatures", {}).items()}
        signatures.setdefault(user, {})[self.id] = _unpadded(seal)
        return {**thing, "signatures": signatures}


def canonical(thing: Mapping[str, Any]) -> bytes:
    """Write a thing as it is signed: its names sorted, without spaces, without what was signed or said of it.

    >>> canonical({"b": "é", "a": 1, "signatures": {}, "unsigned": {}}).decode()
    '{"a":1,"b":"é"}'
    """
    said = {name: value for name, value in thing.items() if name not in {"signatures", "unsigned"}}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Identity:
    """The bot's identity in a folder; ``sign_device`` sees to it that the homeserver has it, and the device's signature."""

    def __init__(self, folder: Path) -> None:
        seeds = _seeds(folder / FILE)
        self.master, self.signing = (SigningKey(bytes.fromhex(seeds[name])) for name in ("master", "signing"))

    async def sign_device(self, calls: Calls, session: Session, device_key: str, password: str) -> bool:
        """Publish the identity and sign the device; say whether both are done. Raises what a call raises.

        ``device_key`` is what the device's own key must be, whatever the homeserver says that it is.
        """
        said = await calls.ask("POST", "keys", "query", body={"device_keys": {session.user: []}})
        published = said.get("master_keys", {}).get(session.user, {}).get("keys", {})
        if self.master.id not in published and not await self._publish(calls, session.user, password):
            return False
        device = said.get("device_keys", {}).get(session.user, {}).get(session.device, {})
        if device.get("keys", {}).get(f"ed25519:{session.device}") != device_key:
            log.warning("the homeserver does not have this device's keys")
            return False
        if self.signing.id not in device.get("signatures", {}).get(session.user, {}):
            await self._sign(calls, session, device)
        return True

    async def _publish(self, calls: Calls, user: str, password: str) -> bool:
        """Publish the identity. The first needs no password; one that replaces another does."""
        master = {"user_id": user, "usage": ["master"], "keys": {self.master.id: self.master.public}}
        signing = {"user_id": user, "usage": ["self_signing"], "keys": {self.signing.id: self.signing.public}}
        body = {"master_key": master, "self_signing_key": self.master.signed(signing, user)}
        try:
            await calls.ask("POST", "keys", "device_signing", "upload", body=body)
        except RefusedError as trouble:
            if trouble.status != 401:
                raise
            return await self._publish_again(calls, user, password, body, trouble.said)
        return True

    async def _publish_again(
        self, calls: Calls, user: str, password: str, body: Mapping[str, Any], asked_in: str
    ) -> bool:
        if not password:
            log.warning("the account has another identity already, and there is no password to replace it with")
            return False
        who = {"type": "m.id.user", "user": user}
        proof = {"type": "m.login.password", "identifier": who, "password": password, "session": asked_in}
        await calls.ask("POST", "keys", "device_signing", "upload", body={**body, "auth": proof})
        log.warning("the account's identity was replaced; whoever had verified it must do so again")
        return True

    async def _sign(self, calls: Calls, session: Session, device: Mapping[str, Any]) -> None:
        bare = {name: value for name, value in device.items() if name not in {"signatures", "unsigned"}}
        signed = self.signing.signed(bare, session.user)
        said = await calls.ask("POST", "keys", "signatures", "upload", body={session.user: {session.device: signed}})
        if said.get("failures"):
            raise RefusedError(200, "the signature was not accepted")


def _seeds(path: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        found = {name: secrets.token_hex(SEED_BYTES) for name in ("master", "signing")}
        write_private(path, json.dumps(found).encode())
    return found


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
