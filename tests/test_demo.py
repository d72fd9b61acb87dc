"""The demo as people start it: a real process, played through a pipe or at a keyboard, kept in a file, ended."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.demo import NotTheDemoError, announce, opened
from bot.desk import utc_now
from bot.groups.registry import Beginnings, add_group, list_groups
from bot.ledger.audit import audit
from bot.ledger.errors import StoreLockedError
from bot.ledger.store import Store
from bot.nights import Claim
from tests.terminal import PATIENCE_SECONDS, ROOT, command, script, terminal

MESSAGE = re.compile(r"→ (lea|bruno|awa|camille|sofiane|coordination): \S")
OPTIONS = re.compile(r"  \[1\] \S.*")


@pytest.fixture
def kept(tmp_path: Path) -> Generator[Path]:
    """A file to keep the demo in; in the end its books must be sound."""
    path = tmp_path / "demo.db"
    yield path
    store = Store.open(f"sqlite:///{path}", beside=True)
    with store.read() as connection:
        assert audit(connection) == []
    store.close()


def test_every_message_comes_out_in_the_shape_scripts_rely_on(tmp_path: Path) -> None:
    """SURFACES: « → NAME: » and the first line, further lines indented, options last, numbered."""
    lines = "/solde\n@bruno /solde\n@awa /solde\n@camille /soldes\n@camille room /valider\n@lea /payer 24,50 chèque\n1\n:quit\n/solde"
    played = script(lines, TMPDIR=str(tmp_path))
    assert played.returncode == 0
    assert played.stderr.startswith("@lea, @bruno, @awa, @camille, @sofiane"), "the script reads answers only"
    messages = re.split(r"\n(?=→ )", played.stdout.rstrip("\n"))
    assert [MESSAGE.match(message) is not None for message in messages] == [True] * len(messages)
    for message in messages:
        first, *others = message.split("\n")
        assert all(line.startswith("  ") for line in others), message
        assert not any(OPTIONS.fullmatch(line) for line in [first, *others[:-1]]), message
    said = (
        "→ lea: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe.\n"
        "  À régler maintenant : 24,50 €\n  – votre panier du 12 novembre : 24,50 €\n  [1] Payer  [2] Historique"
    )
    assert messages[0] == said
    assert "vous avez un avoir de 7,00 €." in messages[1]
    assert "vous êtes à l'équilibre." in messages[2]
    assert messages[4] == "→ coordination: Rien à valider."
    assert messages[-1].split("\n")[-1] == "  [1] Reçu  [2] Autre montant  [3] Refuser  [4] Banque et n°"
    assert len(messages) == 8, "nothing is said after « :quit »"
    assert list(tmp_path.iterdir()) == [], "nothing stays behind"


def test_what_is_typed_wrong_is_said_and_the_demo_goes_on(tmp_path: Path) -> None:
    """B48."""
    no_moment = "n'est ni un nombre de jours ni une date (2026-12-01T18:00)."
    with terminal() as demo:
        assert demo.say("@zoe /solde") == "Je ne connais pas @zoe. Il y a : @lea, @bruno, @awa, @camille, @sofiane."
        assert demo.say("@lea room /solde") == "Dans le salon, il y a : @camille, @sofiane.", "B40, B43"
        assert "→ lea: " in demo.say("solde"), "who spoke before speaks on"
        assert "→ bruno: " in demo.say("@Bruno solde")
        assert "→ lea: " in demo.say("@Léa solde")
        assert demo.say(":dance").startswith("Je ne connais pas « :dance ».\n@lea")
        assert demo.say(":day hier") == f"« hier » {no_moment}"
        assert demo.say(":day 99999999999") == f"« 99999999999 » {no_moment}"
        assert demo.say(":day 4000") == "C'est trop loin : un an au plus à la fois."
        assert demo.say(":date 2026-13-01") == f"« 2026-13-01 » {no_moment}"
        assert demo.say(":date 2020-01-01T10:00") == "Le temps n'avance que vers demain."
        assert demo.say(f":send {tmp_path}/absent.csv").startswith("Je ne peux pas lire « ")
        assert demo.say(f":send {tmp_path}").startswith("Je ne peux pas lire « ")
        assert "24,50" in demo.say("/solde")


def test_a_number_or_a_label_picks_on_what_the_speaker_sees() -> None:
    with terminal() as demo:
        demo.say("@lea /payer")
        demo.say("@awa /solde")
        assert "Par quel moyen" in demo.play("lea", "1")
        assert "Déclarer 24,50 € par chèque ?" in demo.play("lea", "CHÈQUE")
        demo.say("@lea declarer")
        assert "→ bruno: " in demo.play("bruno", "1"), "a member sees nothing of the room"
        assert "→ lea: ✅ Camille a reçu 24,50 €" in demo.play("camille room", "recu")
        demo.play("awa", "/payer", "/annuler")
        assert demo.say("annuler").startswith("→ awa: Ce bouton a déjà servi"), "the words beside a button"


def test_a_payment_goes_through_every_ending(kept: Path) -> None:
    """B20, B21, B27, B28: declared, withdrawn, received in part, refused, received at the till and declared again."""
    with terminal("--data", str(kept)) as demo:
        demo.play("lea", "/payer", "autre montant", "24,5", "chèque", "non")
        demo.play("lea", "/payer 24,50 virement", "déclarer", "retirer")
        assert "est retiré. Vous devez 24,50 €" in demo.say("oui")
        assert "[1] Reçu" in demo.play("lea", "/payer 23 chèque", "déclarer")
        demo.play("camille room", "autre montant")
        assert "Vous devez 4,50 €" in demo.say("20")
        demo.play("lea", "/payer 3 liquide", "déclarer")
        demo.play("sofiane", "refuser")
        assert "→ lea: Sofiane n'a pas reçu" in demo.say("Pas reçu")
        assert "Vous devez 1,50 €" in demo.play("camille", "/encaisser Léa 3 liquide", "oui")
        assert "Est-ce un second paiement ?" in demo.play("lea", "/payer 3 liquide")
        assert "en est-ce un autre ?" in demo.say("oui")
        history = demo.play("lea", "/historique")
        assert [line for line in ("20,00 €", "3,00 €", "−24,50 €") if line in history] == [
            "20,00 €",
            "3,00 €",
            "−24,50 €",
        ]


def test_coordinators_receive_give_back_and_correct(kept: Path) -> None:
    """B3, B26, B36, B45: till, refund, correction, the overview and its file, the journal."""
    with terminal("--data", str(kept)) as demo:
        assert "réservé aux coordinateurs" in demo.play("lea", "/encaisser Bruno 5 liquide")
        assert "Vous avez un avoir de 12,00 €" in demo.play("camille", "/encaisser Bruno 5 liquide", "oui")
        assert "Vous avez un avoir de 10,00 €" in demo.play("camille", "/rembourser Bruno 2 liquide", "oui")
        demo.play("camille", "↩️ Corriger")
        assert "Vous avez un avoir de 12,00 €" in demo.say("oui")
        overview = demo.play("sofiane", "/soldes")
        assert [words for words in ("Doit", "Avoir", "À l'équilibre") if words in overview] == [
            "Doit",
            "Avoir",
            "À l'équilibre",
        ]
        name, size, path = re.search(
            r"^  \(fichier: (\S+), (\d+ ko), (\S+)\)$", demo.say("fichier"), re.MULTILINE
        ).groups()  # type: ignore[union-attr]
        assert (Path(path).name.endswith(name), Path(path).stat().st_size > 0) == (True, True), size
        Path(path).unlink()
        Path(path).parent.rmdir()
        assert "Camille" in demo.say("/journal")


def test_balances_are_carried_over_one_by_one_and_from_a_file(kept: Path, tmp_path: Path) -> None:
    """B29, B30: repeated in words, a second one agreed to, a file with a preview, all or nothing."""
    wrong, right = tmp_path / "faux.csv", tmp_path / "reprise.csv"
    wrong.write_text("nom;montant\nAwa;12,50\nZorro;-3\n", encoding="utf-8")
    right.write_text("nom;montant\nAwa;2,50\nBruno;-7\n", encoding="cp1252")
    with terminal("--data", str(kept)) as demo:
        assert "Awa doit 5,00 € au groupe" in demo.play("camille", "/reprise Awa -5")
        demo.say("oui")
        assert "a déjà une reprise" in demo.say("/reprise Awa 12")
        assert "vous avez un avoir de 7,00 €" in demo.say("oui")
        demo.say("/reprise fichier")
        assert "je ne connais pas « Zorro »" in demo.say(f":send {wrong}")
        assert "[1] Importer" in demo.say(f":send {right}")
        demo.say("importer")
        assert "9,50 €" in demo.play("awa", "/solde")
        assert "à l'équilibre" in demo.play("bruno", "/solde")


def test_a_lost_phone_is_replaced_and_an_invitation_gets_old(kept: Path) -> None:
    """B42, B43."""
    with terminal("--data", str(kept)) as demo:
        assert "m3 · Awa" in demo.play("camille", "/membres")
        demo.play("camille", "/perdu Awa")
        gone = demo.say("oui")
        assert "Vous" not in demo.play("awa", "/solde")
        code = invitation(gone if "start" in gone else demo.play("camille", "/inviter Awa"))
        demo.say(":day 8")
        assert "24,50" not in demo.play("awa", f"/start {code}")
        assert "équilibre" not in demo.play("awa", "/solde")
        code = invitation(demo.play("camille", "/inviter Awa"))
        demo.play("awa", f"/start {code}")
        assert "équilibre" in demo.play("awa", "/solde")
        assert "équilibre" not in demo.play("awa", f"/start {code}")


def invitation(text: str) -> str:
    found = re.search(r"start (\S{14})", text)
    assert found, text
    return found[1]


def test_language_help_and_cancelling(kept: Path) -> None:
    with terminal("--data", str(kept)) as demo:
        demo.play("lea", "/payer")
        assert demo.say("/annuler") == "→ lea: C'est annulé. Rien n'a été enregistré."
        assert "Il n'y a rien à annuler" in demo.say("/annuler")
        assert "/payer –" in demo.say("/aide")
        assert "/soldes –" not in demo.say("aide")
        demo.say("/langue english")
        assert "Dans «" in demo.play("bruno", "/balance"), "the English word works in French too"


def test_days_go_by_and_what_is_due_happens(kept: Path) -> None:
    """SURFACES: « :day 3 » moves the clock, what became due happens: orders close, the work of each night is done."""
    with terminal("--data", str(kept)) as demo:
        demo.play("lea", "/payer 24,50 chèque", "déclarer")
        demo.play("bruno", "2 kg de carottes", "confirmer", "confirmer")
        passed = demo.say(":day 3")
        assert "→ coordination: Les commandes sont closes pour le jeudi 26 novembre" in passed
        assert "→ coordination: La distribution du jeudi 26 novembre est finie : il reste à la valider." in passed
        assert "il y a 3 jours" in demo.play("camille", "/valider")
        demo.say(":date 2026-12-01T18:00")
        assert "il y a 7 jours" in demo.play("camille", "/valider")
    store = Store.open(f"sqlite:///{kept}", beside=True)
    with store.read() as connection:
        nights = connection.execute(select(func.count()).where(Claim.name == "audit", Claim.done)).scalar_one()  # type: ignore[arg-type]
    store.close()
    assert nights == 8


def test_what_was_kept_is_there_at_the_next_start_and_time_goes_on(kept: Path) -> None:
    with terminal("--data", str(kept)) as demo:
        demo.say(":day 10")
        demo.play("lea", "/payer 24,50 chèque", "déclarer")
        demo.play("bruno", "/payer", "12")
    with terminal("--data", str(kept)) as demo:
        assert "en attente : 24,50 €" in demo.play("lea", "/solde")
        assert "par chèque ?" in demo.play("bruno", "chèque"), "an open conversation goes on"
        card = demo.play("camille", "/valider")
        assert "déclaré aujourd'hui" in card
        assert "→ lea: ✅ Camille a reçu" in demo.say("1")


def test_a_file_that_is_no_database_is_named_in_one_line_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("pas une base de données, mais assez long pour qu'on puisse s'y tromper\n" * 20)
    before = text.read_bytes()
    ended = script("/solde\n", "--data", str(text))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"La base \S+ n'est pas utilisable : .+\.\n", ended.stderr), ended.stderr
    assert text.read_bytes() == before


async def test_another_groups_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ardoise.db"
    store = Store.open(f"sqlite:///{path}", create=True)
    store.write(lambda connection: add_group(connection, "Le vrai groupe", Beginnings(), utc_now())).result()
    store.close()
    with pytest.raises(NotTheDemoError, match="il contient un autre groupe"):
        async with opened(path, None):
            pass
    store = Store.open(f"sqlite:///{path}")
    with store.read() as connection:
        assert list_groups(connection) == [(1, "Le vrai groupe")]
    store.close()


async def test_two_demos_do_not_share_a_file(kept: Path) -> None:
    async with opened(kept, None):
        with pytest.raises(StoreLockedError, match="Une autre Ardoise"):
            async with opened(kept, None):
                pass


@contextmanager
def page(*arguments: str, **environment: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Start the page; give the process and the address it prints."""
    process = subprocess.Popen(
        command("--web", *arguments), cwd=ROOT, env={**os.environ, **environment}, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline() + process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_page_says_where_it_is_and_ends_without_leaving_anything(how: signal.Signals, tmp_path: Path) -> None:
    with page(TMPDIR=str(tmp_path)) as (process, address):
        assert re.fullmatch(
            r"La démo est ouverte : http://127\.0\.0\.1:\d+/[\w-]{22}/\nCtrl-C pour l'arrêter\.\n", address
        )
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert (out, err, process.returncode) == ("", "", 0)
    assert list(tmp_path.iterdir()) == []


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("screen", "stdin", "times"),
    [(":0", Keyboard(), 1), ("", Keyboard(), 0), (":0", io.StringIO(), 0)],
)
def test_a_browser_is_opened_only_where_somebody_can_see_it(
    screen: str, stdin: io.StringIO, times: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    shown: list[str] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.setenv("WAYLAND_DISPLAY", "")
    monkeypatch.setattr(webbrowser, "open", shown.append)
    announce("http://127.0.0.1:1/x/")
    assert shown == ["http://127.0.0.1:1/x/"] * times
    assert "http://127.0.0.1:1/x/" in capsys.readouterr().out


@contextmanager
def keyboard() -> Generator[tuple[subprocess.Popen[bytes], int]]:
    """Start the terminal at a keyboard and a screen of its own; give the process and the other end of both."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    process = subprocess.Popen(
        command(), cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        for end in (ours, theirs):
            os.close(end)


def seen(screen: int, until: str) -> str:
    """Read a screen until something is there."""
    text = b""
    while until.encode() not in text:
        text += os.read(screen, 4096)
    return text.decode().replace("\r\n", "\n")


def test_at_a_keyboard_there_is_something_to_begin_with_and_ctrl_c_ends_it() -> None:
    with keyboard() as (process, screen):
        before = termios.tcgetattr(screen)[:4]
        begun = seen(screen, "lea> ")
        assert "Un numéro choisit une réponse" in begun
        assert "→ lea: Bonjour Léa !" in begun
        os.write(screen, b"@bruno /solde\n")
        assert "vous avez un avoir de \x1b[1m7,00 €\x1b[0m" in seen(screen, "bruno> ")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert termios.tcgetattr(screen)[:4] == before, "the terminal is left as it was"


def test_the_end_of_the_keyboards_input_ends_the_demo() -> None:
    with keyboard() as (process, screen):
        seen(screen, "lea> ")
        os.write(screen, b"\x04")
        assert process.wait(PATIENCE_SECONDS) == 0
