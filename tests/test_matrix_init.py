"""« ardoise init » and Matrix: the account is looked for and let in at once, and its password is kept nowhere."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.synapse import PASSWORD, Registered, Synapse
from tests.test_cli import GROUP, Host, host

__all__ = ["host"]

BEGUN = [GROUP, "", "1:token", "Camille Roux"]
NOWHERE = "http://127.0.0.1:9"


def prepared(host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch, *answers: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{answer}\n" for answer in [*BEGUN, *answers])))
    return host.types("init", str(folder))


def device_of(synapse: Synapse, bot: Registered, device: str) -> dict[str, object]:
    body: dict[str, object] = {"device_keys": {bot.user: []}}
    said = synapse.call("POST", "/_matrix/client/v3/keys/query", body, bot.token)
    found: dict[str, object] = said["device_keys"][bot.user][device]
    return found


def test_the_account_is_let_in_and_its_password_kept_nowhere(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, folder = synapse.register(), tmp_path / "new"
    assert prepared(host, folder, monkeypatch, synapse.url, bot.user, PASSWORD) == 0, host.complaint
    assert f"Matrix : {bot.user} est connectée." in host.said
    assert "⚠️" not in host.said
    assert f"matrix.to/#/{bot.user}, puis lui écrire : start " in host.said
    written = tomllib.loads((folder / "config.toml").read_text())["matrix"]
    assert written == {"homeserver": synapse.url, "user_id": bot.user}
    for path in [*folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes(), path


def test_without_password_nor_token_in_the_settings_the_bot_starts_signed(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept is enough: « ardoise check » says so, and people's clients will give the device their keys."""
    bot, folder = synapse.register(), tmp_path / "new"
    assert prepared(host, folder, monkeypatch, synapse.url, bot.user, PASSWORD) == 0, host.complaint
    host.types("check", "--config", str(folder / "config.toml"))
    assert f"✓ configuration : {folder / 'config.toml'}" in host.said
    assert f"✓ Matrix : {bot.user}" in host.said
    session = json_of(folder / "matrix" / "session.json")
    device = device_of(synapse, bot, str(session["device"]))
    assert len(device["signatures"][bot.user]) == 2  # type: ignore[index]  # its own, and the identity's


def test_the_address_and_the_account_may_be_typed_shortly(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, folder = synapse.register(), tmp_path / "new"
    name = bot.user[1:].partition(":")[0]
    assert prepared(host, folder, monkeypatch, f" {synapse.url}/ ", name, PASSWORD) == 0, host.complaint
    assert f'user_id = "{bot.user}"' in (folder / "config.toml").read_text()


def test_what_was_mistyped_is_said_and_asked_again(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48."""
    bot, folder = synapse.register(), tmp_path / "new"
    answers = (NOWHERE, "pas une adresse", synapse.url, bot.user, "un autre", bot.user, "", "", bot.user, PASSWORD)
    assert prepared(host, folder, monkeypatch, *answers) == 0, host.complaint
    assert f"{NOWHERE} ne répond pas comme un serveur Matrix." in host.said
    assert "https://pas une adresse ne répond pas comme un serveur Matrix." in host.said
    assert f"Le serveur ne connaît pas {bot.user}, ou refuse ce mot de passe." in host.said
    assert "Il faut le mot de passe du compte, ou un jeton d'accès." in host.said
    assert f"Matrix : {bot.user} est connectée." in host.said


def test_a_token_will_do_but_it_must_be_the_accounts(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, other, folder = synapse.register(), synapse.register(), tmp_path / "new"
    answers = (synapse.url, bot.user, "", "syt_nothing", bot.user, "", other.token, bot.user, "", bot.token)
    assert prepared(host, folder, monkeypatch, *answers) == 0, host.complaint
    assert f"Le serveur ne connaît pas {bot.user}, ou refuse ce jeton." in host.said
    assert f"Ce jeton est celui de {other.user}, pas de {bot.user}." in host.said
    assert "access_token" not in (folder / "config.toml").read_text()
    assert json_of(folder / "matrix" / "session.json")["device"] == bot.device


@pytest.mark.parametrize("wrong", ["address", "password"])
def test_three_wrong_answers_leave_nothing_behind(
    synapse: Synapse, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    bot, folder = synapse.register(), tmp_path / "new"
    answers = [NOWHERE] * 3 if wrong == "address" else [synapse.url, *([bot.user, "un autre"] * 3)]
    assert prepared(host, folder, monkeypatch, *answers) == 1
    assert "Rien n'est écrit. Laissez Matrix de côté" in host.complaint
    assert not folder.exists()


def test_matrix_may_be_left_for_later(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    assert prepared(host, folder, monkeypatch, NOWHERE, "") == 0, host.complaint
    assert "[matrix]" not in (folder / "config.toml").read_text()
    assert not (folder / "matrix").exists()


def test_the_password_is_not_shown_while_it_is_typed(synapse: Synapse, tmp_path: Path) -> None:
    bot, folder = synapse.register(), tmp_path / "new"
    words = [sys.executable, "-m", "bot", "init", str(folder)]
    command = [sys.executable, "-c", f"import pty, sys; sys.exit(pty.spawn({words!r}) >> 8)"]
    asked = ["groupe", "fuseau", "BotFather", "coordinateur", "Matrix", "compte du bot", "mot de passe"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        shown = b""
        for question, answer in zip(asked, [*BEGUN, synapse.url, bot.user, PASSWORD], strict=True):
            while not (question.encode() in shown.rpartition(b"\n")[2] and shown.endswith((b": ", b"? "))):
                more = os.read(process.stdout.fileno(), 4096)
                assert more, shown.decode()
                shown += more
            process.stdin.write(answer.encode() + b"\n")
            process.stdin.flush()
        shown += process.stdout.read()
    assert process.returncode == 0, shown.decode()
    assert f"Matrix : {bot.user} est connectée." in shown.decode()
    assert PASSWORD not in shown.decode()
    assert "1:token" not in shown.decode()


def json_of(path: Path) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(path.read_text())
    return found
