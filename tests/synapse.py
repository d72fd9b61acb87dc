"""A real Synapse on loopback for tests: started in about a second, its people registered by shared secret.

It lives in a virtual environment of its own (``make .venv-synapse``); where that is missing the tests that need it fail.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = Path(os.environ.get("SYNAPSE_PYTHON", ROOT / ".venv-synapse" / "bin" / "python"))
WITHOUT = "WITHOUT_SYNAPSE"
START_SECONDS = 60.0
SERVER = "localhost"
PASSWORD = "un mot de passe"
NO_LIMIT = {"per_second": 100_000, "burst_count": 100_000}
LIFTED: dict[str, Any] = {
    "rc_message": NO_LIMIT,
    "rc_registration": NO_LIMIT,
    "rc_room_creation": NO_LIMIT,
    "rc_admin_redaction": NO_LIMIT,
    "rc_media_create": NO_LIMIT,
    "rc_login": {"address": NO_LIMIT, "account": NO_LIMIT, "failed_attempts": NO_LIMIT},
    "rc_joins": {"local": NO_LIMIT, "remote": NO_LIMIT},
    "rc_joins_per_room": NO_LIMIT,
    "rc_invites": {"per_room": NO_LIMIT, "per_user": NO_LIMIT, "per_issuer": NO_LIMIT},
}


@dataclass(frozen=True)
class Registered:
    """Somebody who has an account, and a session of it."""

    user: str
    token: str
    device: str
    password: str = PASSWORD


class Synapse:
    """A homeserver. ``settings`` go over its own, e.g. ``{"rc_message": {"per_second": 1, "burst_count": 2}}``."""

    def __init__(self, folder: Path, settings: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._secret = secrets.token_hex(16)
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._names = 0

    def start(self) -> None:
        """Start it, again if it was stopped; it is there when this returns."""
        self._configure()
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [PYTHON, "-m", "synapse.app.homeserver", "-c", self.folder / "homeserver.json"],
                cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        begun = time.monotonic()
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                raise RuntimeError("Synapse does not start: " + (self.folder / "output.log").read_text()[-2000:])
            time.sleep(0.02)  # another program's start: there is nothing to wait for but its port

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it, or kill it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(30)

    def register(self, name: str = "", *, admin: bool = False) -> Registered:
        """Register somebody, under a new name if none is given."""
        self._names += 1
        name = name or f"u{self._names}"
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        words = (nonce, name, PASSWORD, "admin" if admin else "notadmin")
        seal = hmac.new(self._secret.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": admin, "mac": seal}
        found = self.call("POST", "/_synapse/admin/v1/register", body)
        return Registered(found["user_id"], found["access_token"], found["device_id"])

    def call(self, method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
        """Ask it something. Raises RuntimeError with what it answers, if it refuses."""
        asked = urllib.request.Request(
            self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        )  # fmt: skip
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as trouble:
            with trouble:
                raise RuntimeError(f"{method} {path}: {trouble.code} {trouble.read().decode()[:300]}") from None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/_matrix/client/versions", timeout=1):
                return True
        except OSError:
            return False

    def _configure(self) -> None:
        """Write its settings, as JSON, which is YAML too: it talks to nobody but us."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "signing.key"
        if not key.exists():
            seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            key.write_text(f"ed25519 a_test {seed}\n")
        written = _settings(self.folder, self.port, self._secret) | LIFTED | self._settings
        (self.folder / "homeserver.json").write_text(json.dumps(written))
        (self.folder / "log.json").write_text(json.dumps(_logging(self.folder)))


def _settings(folder: Path, port: int, secret: str) -> dict[str, Any]:
    listener = {
        "port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False,
        "resources": [{"names": ["client"], "compress": False}],
    }  # fmt: skip
    return {
        "server_name": SERVER, "public_baseurl": f"http://127.0.0.1:{port}/", "listeners": [listener],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.json"), "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"), "registration_shared_secret": secret,
        "macaroon_secret_key": secret[::-1], "form_secret": secret + secret, "enable_registration": False,
        "report_stats": False, "trusted_key_servers": [], "suppress_key_server_warning": True,
        "federation_domain_whitelist": [], "url_preview_enabled": False, "presence": {"enabled": False},
        "bcrypt_rounds": 4, "caches": {"global_factor": 0.5},
    }  # fmt: skip


def _logging(folder: Path) -> dict[str, Any]:
    file = {"class": "logging.FileHandler", "filename": str(folder / "synapse.log")}
    return {"version": 1, "handlers": {"file": file}, "root": {"level": "WARNING", "handlers": ["file"]}}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def must_be_there() -> None:
    """Fail where Synapse is not installed, unless somebody has said that they do without."""
    if PYTHON.exists():
        return
    if os.environ.get(WITHOUT):
        pytest.skip(f"Matrix is NOT tested: {WITHOUT} is set")
    pytest.fail(f"Matrix needs Synapse: make .venv-synapse (or {WITHOUT}=1 to do without)", pytrace=False)


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """Start a homeserver for all tests of this process; nobody limits anybody there."""
    must_be_there()
    with tempfile.TemporaryDirectory(prefix="ardoise-synapse") as folder:
        server = Synapse(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ardoise-synapse") as place:
        begun_at = time.monotonic()
        tried = Synapse(Path(place))
        tried.start()
        print(f"{tried.url} after {time.monotonic() - begun_at:.2f} s", file=sys.stderr)
        begun_at = time.monotonic()
        print(tried.register("essai").user, f"{time.monotonic() - begun_at:.3f} s")
        tried.stop()
