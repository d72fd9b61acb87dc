"""``ardoise check``: one line for each thing that can be wrong on a host's machine, and status 1 if one is."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands import check as checking
from bot.commands import check_database
from bot.commands.check import check
from bot.commands.finding import Finding
from tests.emulator import BotApi
from tests.neighbourhood import Neighbourhood, out_of_order


class Looked:
    """What a check found, by what was looked at."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings
        self.right = all(finding.right for finding in findings)

    def __getitem__(self, what: str) -> str:
        return " / ".join(str(finding) for finding in self._findings if finding.what == what)


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Neighbourhood:
    for name in list(os.environ):
        if name.startswith("ARDOISE_"):
            monkeypatch.delenv(name)
    return Neighbourhood(tmp_path, people=1, payments=1)


async def look(people: Neighbourhood, api: BotApi, *, settle: bool = True) -> Looked:
    """Check a people's installation, from a thread: the command has a loop of its own."""
    if settle:
        people.settle(api)
        (people.folder / "config.toml").chmod(0o600)
    return Looked(await asyncio.to_thread(lambda: list(check(people.folder / "config.toml"))))


async def test_a_good_installation_has_only_good_lines(people: Neighbourhood) -> None:
    async with BotApi() as api:
        found = await look(people, api)
    assert found.right
    assert found["configuration"] == f"✓ configuration : {people.folder}/config.toml"
    assert found["Telegram"] == "✓ Telegram : @ArdoiseBot"
    assert found["horloge"].startswith("✓ horloge : écart de ")
    assert "à jour ; groupes : 1" in found["base"]
    assert found["comptes"] == "✓ comptes : ils tombent juste"
    assert found["sauvegarde"].startswith("✓ sauvegarde : aucune encore")


async def test_a_token_that_telegram_refuses_and_telegram_that_is_silent(people: Neighbourhood) -> None:
    async with BotApi() as api:
        api.world.token = "1:another"
        found = await look(people, api)
        assert found["Telegram"] == "✗ Telegram : ce jeton n'est pas connu ([telegram] token)"
        out_of_order(api)
        found = await look(people, api, settle=False)
        assert found["Telegram"] == f"✗ Telegram : {api.url} ne répond pas"
        assert not found.right


async def test_a_secret_that_others_can_read_is_named_with_the_remedy(
    people: Neighbourhood, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    async with BotApi() as api:
        people.settle(api)
        config.chmod(0o644)
        found = await look(people, api, settle=False)
        assert f"✗ droits : d'autres que vous peuvent lire {config} (chmod 600 {config})" in found["droits"]
        token = next(line for line in config.read_text().splitlines() if line.startswith("token"))
        secrets = tmp_path / "secrets"
        secrets.mkdir()
        (secrets / "telegram__token").write_text(token.split('"')[1])
        (secrets / "telegram__token").chmod(0o600)
        monkeypatch.setenv("ARDOISE_SECRETS_DIR", str(secrets))
        config.write_text(config.read_text().replace(token, ""))
        found = await look(people, api, settle=False)
        assert found["droits"].startswith("✓")
        people.database.chmod(0o644)
        found = await look(people, api, settle=False)
        assert f"{people.database}" in found["droits"]


async def test_a_clock_that_is_wrong_is_told(people: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    for looking in (checking, check_database):
        monkeypatch.setattr(looking, "utc_now", lambda: datetime.now(UTC) - timedelta(hours=2))
    async with BotApi() as api:
        found = await look(people, api)
    assert "✗ horloge : écart de 7" in found["horloge"]
    assert "la dernière opération est datée de plus tard que maintenant" in found["horloge"]


async def test_a_server_that_does_not_tell_the_time_is_not_held_against_us(people: Neighbourhood) -> None:
    finding = await checking._clock("http://127.0.0.1:1")
    assert finding == Finding(right=True, what="horloge", text="pas comparée, personne ne donne l'heure")


async def test_books_that_do_not_add_up_are_told(people: Neighbourhood) -> None:
    async with BotApi() as api:
        people.settle(api)
        raw = sqlite3.connect(people.database)
        raw.execute("UPDATE account SET balance = 5 WHERE number = 1")
        raw.commit()
        raw.close()
        found = await look(people, api, settle=False)
    assert found["comptes"].startswith("✗ comptes : groupe 1 : ")
    assert "ardoise audit" in found["comptes"]


async def test_a_database_that_is_newer_no_database_or_missing(people: Neighbourhood) -> None:
    async with BotApi() as api:
        people.settle(api)
        raw = sqlite3.connect(people.database)
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
        raw.close()
        found = await look(people, api, settle=False)
        assert "✗ base : " in found["base"]
        assert "version plus récente" in found["base"]
        people.database.write_bytes(b"a list of vegetables, long enough " * 50)
        found = await look(people, api, settle=False)
        assert found["base"].startswith(f"✗ base : {people.database} n'est pas lisible")
        for path in people.folder.glob("ardoise.db*"):
            path.unlink()
        found = await look(people, api, settle=False)
        assert "✗ base : Pas encore de base de données" in found["base"]
        assert not people.database.exists()


async def test_a_check_migrates_nothing(people: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    async with BotApi() as api:
        people.settle(api)
        monkeypatch.setattr("bot.ledger.migrate.head", lambda: "later")
        found = await look(people, api, settle=False)
    assert found["base"] == f"✓ base : {people.database} sera mise à jour au prochain démarrage"


async def test_a_backup_that_is_missing_or_old_is_told(people: Neighbourhood) -> None:
    async with BotApi() as api:
        people.settle(api)
        raw = sqlite3.connect(people.database)
        raw.execute("UPDATE buying_group SET created_at = '2026-01-01 00:00:00.000000'")
        raw.commit()
        raw.close()
        found = await look(people, api, settle=False)
        assert found["sauvegarde"].startswith("✗ sauvegarde : aucune encore")
        made = people.folder / "sauvegardes/ardoise-2026-01-01.zip"
        made.parent.mkdir()
        made.write_bytes(b"x" * 2000)
        found = await look(people, api, settle=False)
        assert found["sauvegarde"] == "✓ sauvegarde : ardoise-2026-01-01.zip, 2 ko, il y a 0 h"
        os.utime(made, (time.time() - 3 * 86400,) * 2)
        found = await look(people, api, settle=False)
        assert found["sauvegarde"] == "✗ sauvegarde : ardoise-2026-01-01.zip, 2 ko, il y a 72 h"
