"""The command line as a host meets it: every command, and one clear line for everything that can be wrong."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from bot import __version__
from bot.__main__ import status
from bot.ledger.store import Store
from bot.sources import load
from tests.databases import without_privileges

GROUP = "Les Paniers du Canal"


class Host:
    """Somebody who types commands in a folder; ``said`` and ``complaint`` are what the last one printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text("")
        self.config.chmod(0o600)
        self._capsys = capsys
        self.said = self.complaint = ""

    def types(self, *words: str) -> int:
        ended = status([*words])
        printed = self._capsys.readouterr()
        self.said, self.complaint = printed.out, printed.err
        return ended

    def refused(self, *words: str) -> str:
        """Type something that cannot be done: one line on stderr, nothing else, status 1."""
        assert self.types(*words) == 1
        assert self.said == ""
        [line] = self.complaint.splitlines()
        return line

    def misspelt(self, *words: str) -> str:
        """Type something that is no command: one line on stderr, status 2."""
        assert self.types(*words) == 2
        [line] = self.complaint.splitlines()
        return line


@pytest.fixture
def host(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Host:
    for name in list(os.environ):
        if name.startswith("ARDOISE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.set_up", lambda: None)  # the logging of the test run stays as it is
    return Host(tmp_path, capsys)


@pytest.fixture
def settled(host: Host) -> Host:
    """A host with a group and its first coordinator."""
    assert host.types("group", "add", GROUP) == 0
    assert host.types("invite", "--coordinator", "Camille Roux") == 0
    return host


def test_the_first_group_makes_the_database_for_its_owner_only(host: Host) -> None:
    assert "Créez-la avec « ardoise group add NOM »" in host.refused("group", "list")
    assert not (host.folder / "ardoise.db").exists()
    assert host.types("group", "add", GROUP) == 0
    assert host.said.startswith(f"Groupe n° 1 : {GROUP}\n")
    for path in host.folder.glob("ardoise.db*"):
        assert path.stat().st_mode & 0o077 == 0
    assert host.types("group", "list") == 0
    assert host.said == f"1\t{GROUP}\t0 adhérent\n"


def test_a_group_starts_with_what_the_configuration_says(host: Host) -> None:
    host.config.write_text('[group]\ntimezone = "Indian/Reunion"\nmethods = ["cash", "cheque"]\nlanguage = "en"')
    host.types("group", "add", GROUP)
    kept = sqlite3.connect(host.folder / "ardoise.db")
    row = kept.execute("SELECT timezone, methods, language FROM buying_group").fetchone()
    kept.close()
    assert row == ("Indian/Reunion", "cash cheque", "en")


def test_two_groups_do_not_share_a_name(settled: Host) -> None:
    assert "s'appelle déjà" in settled.refused("group", "add", GROUP.upper())
    assert "Il faut un nom" in settled.refused("group", "add", "  ")
    assert "Il faut un nom" in settled.refused("group", "add", "x" * 81)


def test_an_invitation_is_a_code_and_the_way_to_hand_it_over(settled: Host) -> None:
    """B42, B43: the first coordinator is made on the host's command line."""
    assert settled.types("invite", "--group", GROUP, "--coordinator", "Sofiane") == 0
    code = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", settled.said)
    assert code is not None
    assert f"/start {code[0]}" in settled.said
    assert "Invitation de Sofiane, pour une fois et 7 jours" in settled.said
    assert settled.types("group", "list") == 0
    assert "2 adhérents" in settled.said


def test_which_group_is_asked_when_it_is_not_clear(settled: Host) -> None:
    assert "(1 « Les Paniers du Canal »)" in settled.refused("invite", "--group", "9", "Léa")
    settled.types("group", "add", "Les Autres")
    assert "2 « Les Autres »" in settled.refused("invite", "Léa")
    assert settled.types("invite", "--group", "2", "Léa") == 0


def test_the_audit_says_what_is_wrong_line_by_line(settled: Host) -> None:
    """One line per discrepancy, and status 1."""
    assert settled.types("audit") == 0
    assert settled.said.startswith("✓ 1 groupe")
    raw = sqlite3.connect(settled.folder / "ardoise.db")
    raw.execute("UPDATE account SET balance = 5 WHERE number = 1")
    raw.execute("UPDATE book SET closed = 1")
    raw.commit()
    raw.close()
    assert settled.types("audit") == 1
    lines = settled.said.splitlines()
    assert "groupe 1 : somme nulle : 5 centimes de trop" in lines
    assert lines[-1].startswith("✗ 1 groupe")
    assert "comptes fermés à tout sauf aux paiements reçus : groupe 1" in lines[-1]


def test_the_audit_makes_everything_again_and_compares(settled: Host) -> None:
    """B6: what the plain checks cannot know, a right that no fact gave; only the column is named."""
    assert settled.types("audit", "--rebuild") == 0
    assert settled.said.startswith("✓ 1 groupe")
    raw = sqlite3.connect(settled.folder / "ardoise.db")
    raw.execute("UPDATE member SET \"right\" = 'pickup' WHERE number = 1")
    raw.commit()
    raw.close()
    assert settled.types("audit") == 0
    assert settled.types("audit", "--rebuild") == 1
    assert settled.said.splitlines()[0] == "groupe 1 : refait depuis le journal : member (1, 1) : right"


def test_closed_books_are_opened_again_by_the_host_once_they_add_up(settled: Host) -> None:
    raw = sqlite3.connect(settled.folder / "ardoise.db", isolation_level=None)
    raw.execute("UPDATE book SET closed = 1")
    raw.execute("UPDATE account SET balance = 5 WHERE number = 1")
    assert "restent fermés" in settled.refused("audit", "--reopen", "1")
    raw.execute("UPDATE account SET balance = 0 WHERE number = 1")
    assert settled.types("audit", "--reopen", GROUP) == 0
    assert raw.execute("SELECT closed FROM book").fetchone() == (0,)
    raw.close()


def test_a_backup_is_made_checked_never_overwritten_and_brought_back(settled: Host, tmp_path: Path) -> None:
    saved = tmp_path / "saved.zip"
    assert settled.types("backup", str(saved)) == 0
    assert saved.stat().st_mode & 0o777 == 0o600
    assert "existe déjà" in settled.refused("backup", str(saved))
    assert "ardoise.db existe déjà" in settled.refused("restore", str(saved))
    for path in tmp_path.glob("ardoise.db*"):
        path.unlink()
    assert settled.types("restore", str(saved)) == 0
    assert settled.said.endswith("ardoise.db, 1 groupe.\n")
    assert (tmp_path / "ardoise.db").stat().st_mode & 0o777 == 0o600
    assert settled.types("group", "list") == 0
    assert GROUP in settled.said
    assert not list(tmp_path.glob(".ardoise-*"))


def test_a_backup_goes_where_the_configuration_puts_it(settled: Host) -> None:
    settled.config.write_text('[backup]\nfolder = "kept/here"')
    assert settled.types("backup") == 0
    [made] = (settled.folder / "kept/here").iterdir()
    assert re.fullmatch(r"ardoise-\d{4}-\d\d-\d\d-\d{6}\.zip", made.name)


def test_what_is_no_backup_is_not_restored(host: Host, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.zip"
    assert "n'existe pas" in host.refused("restore", str(wrong))
    wrong.write_bytes(b"not a zip")
    assert "n'est pas une sauvegarde d'Ardoise" in host.refused("restore", str(wrong))
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("ardoise.db", b"not a database, whatever its name says, but long enough" * 100)
    assert "n'est pas utilisable" in host.refused("restore", str(wrong))
    assert not list(tmp_path.glob("*.db"))
    assert not list(tmp_path.glob(".ardoise-*"))


def test_a_stale_journal_beside_no_database_keeps_a_restore_from_mixing_them(settled: Host, tmp_path: Path) -> None:
    settled.types("backup", str(tmp_path / "saved.zip"))
    (tmp_path / "ardoise.db").unlink()
    (tmp_path / "ardoise.db-wal").write_bytes(b"of another life")
    assert "ardoise.db-wal existe déjà" in settled.refused("restore", str(tmp_path / "saved.zip"))


def test_the_journal_is_exported_in_three_shapes(settled: Host) -> None:
    assert settled.types("export", "--format", "json") == 0
    assert json.loads(settled.said)["groups"][0]["name"] == GROUP
    assert settled.types("export", "--format", "csv", "--group", "1") == 0
    assert "Camille Roux" in settled.said
    assert settled.types("export", "--format", "beancount", "--group", GROUP) == 0
    assert "open Liabilities:Adherents:M1 EUR" in settled.said
    assert "il faut beancount, csv, json" in settled.misspelt("export", "--format", "pdf")


def test_everything_works_beside_a_running_bot_except_another_one(settled: Host, tmp_path: Path) -> None:
    """Two processes on one file: the second bot refuses clearly; a short command is let in."""
    settled.config.write_text('[telegram]\ntoken = "1:x"')
    running = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}")
    try:
        assert "Une autre Ardoise se sert déjà de" in settled.refused("run")
        for words in (["invite", "Léa"], ["audit"], ["backup"], ["group", "list"], ["export", "--format", "csv"]):
            assert settled.types(*words) == 0, settled.complaint
    finally:
        running.close()


def test_a_newer_database_is_left_alone(settled: Host, tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "ardoise.db")
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    for words in (["audit"], ["group", "add", "x"], ["invite", "Léa"]):
        assert "vient d'une version plus récente d'Ardoise (9999)" in settled.refused(*words)


def test_a_file_that_is_no_database_is_left_alone(host: Host, tmp_path: Path) -> None:
    (tmp_path / "ardoise.db").write_bytes(b"a shopping list, quite a long one" * 100)
    assert "n'est pas utilisable" in host.refused("audit")


def test_a_folder_that_cannot_be_written_is_named(settled: Host, tmp_path: Path) -> None:
    open_to_read = tmp_path / "shop"
    open_to_read.mkdir()
    (open_to_read / "config.toml").write_text("")
    (open_to_read / "config.toml").chmod(0o644)
    shared = Path(tempfile.gettempdir()).resolve()
    for folder in itertools.takewhile(lambda folder: folder != shared, (tmp_path, *tmp_path.parents)):
        folder.chmod(0o755)
    open_to_read.chmod(0o555)
    config = str(open_to_read / "config.toml")
    with without_privileges():
        assert "ardoise.db n'est pas utilisable : " in settled.refused("group", "add", "x", "--config", config)
    assert "Créez-la" in settled.refused("backup", "--config", config)


def test_a_locked_database_is_waited_for_then_named(
    settled: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ledger.engines.PRAGMAS", ("busy_timeout=50",))
    holder = sqlite3.connect(tmp_path / "ardoise.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "n'est pas disponible pour l'instant (database is locked)" in settled.refused("invite", "Léa")
    holder.close()


def test_postgresql_that_does_not_answer_is_named(host: Host) -> None:
    host.config.write_text('[database]\nurl = "postgresql+psycopg://u:s3cret@127.0.0.1:1/books"')
    line = host.refused("audit")
    assert "La base PostgreSQL n'est pas utilisable" in line
    assert "s3cret" not in line
    assert host.types("check") == 1
    assert "s3cret" not in host.said


def test_postgresql_is_saved_by_its_own_tool(host: Host, database_url: str, request: pytest.FixtureRequest) -> None:
    host.config.write_text(f'[database]\nurl = "{database_url}"')
    assert host.types("group", "add", GROUP) == 0
    assert host.types("group", "list") == 0
    if database_url.startswith("postgresql"):
        assert "pg_dump" in host.refused("backup")
        assert "pg_restore" in host.refused("restore", str(host.config))
        host.types("check")
        assert "✓ sauvegarde : celle de PostgreSQL est à vous de faire (pg_dump)" in host.said


def test_a_broken_configuration_is_one_line_for_every_command(host: Host) -> None:
    host.config.write_text("[telegram\n")
    for words in (["run"], ["audit"], ["group", "list"], ["backup"], ["export", "--format", "csv"], ["invite", "x"]):
        assert "n'est pas du TOML" in host.refused(*words)
    assert host.types("check") == 1
    assert host.said.startswith("✗ configuration : ")


def test_a_bot_that_has_nobody_to_talk_to_does_not_start(settled: Host) -> None:
    assert "il manque [telegram] token" in settled.refused("run")
    settled.config.write_text('[telegram]\ntoken = "1:x"\n[matrix]\nhomeserver = "https://m.example.org"')
    assert "Il manque à [matrix] user_id et password" in settled.refused("run")


def test_a_bot_without_a_database_names_what_makes_it(host: Host) -> None:
    host.config.write_text('[telegram]\ntoken = "1:x"')
    assert "ardoise group add NOM" in host.refused("run")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "Il n'y a pas de commande « chek » (peut-être 'check' ?)."),
        (["group", "ad", "x"], "Il n'y a pas de commande « ad »"),
        (["run", "--confg", "x"], "Il n'y a pas d'option --confg (peut-être --config ?)."),
        (["run", "--config"], "Il manque une valeur après --config."),
        (["invite"], "Il manque NOM."),
        (["export"], "Il manque --format."),
        (["invite", "A", "B"], "« B » est de trop."),
        (["demo", "--port", "many"], "--port : il faut un nombre entier."),
        (["demo", "--port", "99999999"], "--port : 65535 au plus."),
        (["demo", "--port", "-1"], "--port : 0 au moins."),
        (["demo", "--date", "demain"], "« demain » n'est pas une date"),
    ],
)
def test_a_misspelt_command_is_answered_in_french(host: Host, words: list[str], said: str) -> None:
    line = host.misspelt(*words)
    assert said in line
    assert "--help » montre comment." in line


def test_help_is_in_french_and_names_every_command(host: Host) -> None:
    assert host.types("--help") == 0
    for command in ("demo", "init", "run", "check", "group", "invite", "audit", "backup", "restore", "export"):
        assert f"\n  {command} " in host.said
    assert "Options :" in host.said
    assert not re.search(r"Usage:|Options:|Commands:|Show this|\.\.\.$", host.said, re.MULTILINE)
    for words in (["invite"], ["group", "add"], ["export"], ["demo"]):
        assert host.types(*words, "--help") == 0
        assert not re.search(r"Usage:|Options:|Arguments:|Show this|required|default", host.said)
    assert host.types() == 2
    assert "Commandes :" in host.complaint
    assert host.types("--version") == 0
    assert host.said == f"ardoise {__version__}\n"


def test_every_command_takes_a_configuration(host: Host) -> None:
    for command in (["demo"], ["init"], ["run"], ["check"], ["group", "add"], ["group", "list"], ["invite"], ["audit"],
                    ["backup"], ["restore"], ["export"]):  # fmt: skip
        host.types(*command, "--help")
        assert "--config FICHIER" in host.said


def test_a_bug_is_one_line_without_what_was_typed(settled: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object, **_named: object) -> object:
        raise ValueError("Léa Dupont")

    monkeypatch.setattr("bot.commands.people.groups", broken)
    line = settled.refused("group", "list")
    assert line.startswith("C'est une faute du programme, pas la vôtre (ValueError, test_cli.py, ligne ")
    assert "Léa" not in line


def test_an_installation_is_prepared_by_a_few_questions(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GROUP}\n\n1:token\nCamille Roux\n"))
    assert host.types("init", str(folder)) == 0, host.complaint
    assert (folder / "secrets/telegram__token").read_text() == "1:token\n"
    for path in (folder / "config.toml", folder / "secrets/telegram__token", folder / "ardoise.db"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert "Invitation de Camille Roux" in host.said
    assert f"pour démarrer : ardoise run --config {folder}/config.toml" in host.said
    assert load(folder / "config.toml").telegram.token.get_secret_value() == "1:token"
    monkeypatch.setattr(sys, "stdin", io.StringIO("x\n\ny\nz\n"))
    assert "existe déjà" in host.refused("init", str(folder))


def test_the_configuration_that_is_prepared_may_have_another_name(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "new" / "ardoise.toml"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GROUP}\n\n1:token\nCamille Roux\n"))
    assert host.types("init", "--config", str(named)) == 0, host.complaint
    assert f"pour démarrer : ardoise run --config {named}" in host.said
    assert load(named).telegram.token.get_secret_value() == "1:token"


def test_a_wrong_answer_to_a_question_leaves_nothing_behind(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: what was half written would be in the way of the second try."""
    folder = tmp_path / "new"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GROUP}\nMars\nVénus\nSaturne\n"))
    assert host.types("init", str(folder)) == 1
    assert "« Mars » n'est pas un fuseau horaire connu" in host.said
    assert (
        "« Saturne » n'est pas un fuseau horaire connu (par exemple Europe/Paris). Rien n'est écrit." in host.complaint
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GROUP}\n\n"))
    assert host.types("init", str(folder)) == 130
    assert host.complaint == "\nInterrompu : rien de plus n'est fait.\n"
    assert not folder.exists()


def test_a_wrong_answer_to_a_question_is_asked_again(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: a zone that does not exist, a token with a space in it."""
    folder = tmp_path / "new"
    answers = [GROUP, "Mars", "Europe/Brussels", "le jeton", "1:token", "Camille Roux"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
    assert host.types("init", str(folder)) == 0, host.complaint
    assert "Ce n'est pas un jeton de @BotFather" in host.said
    assert (folder / "secrets/telegram__token").read_text() == "1:token\n"


def piped(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_reader_that_goes_away_leaves_no_traceback(settled: Host) -> None:
    for _person in range(3):
        settled.types("invite", "Léa")
    process = piped(settled.folder, "export", "--format", "csv")
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (1, b"")
