"""Never a card's number in the chat: refused kindly, taken away where it can be, kept nowhere (B25)."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.banking.reference import reference
from bot.desk.cardnumber import holds_card_number
from bot.desk.halves import HALF, prune
from tests.counter import rows_of
from tests.emulator import Drop
from tests.emulator.house import House, opened
from tests.transcripts import Scene

NUMBER = "4242 4242 4242 4242"
REFUSED = (
    "⚠️ On dirait le numéro d'une carte bancaire. Je n'en ai rien gardé ; si votre message est encore là, effacez-le, pour que "
    "personne d'autre ne le lise. Pour payer par carte : /payer. Le numéro ne se donne que sur la page de paiement."
)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "ma carte : 4242 4242 4242 4242, 12/27, 123",
        "4242-4242-4242-4242 12 27",
        "4242.4242.4242.4242",
        "4242 4242\n4242 4242",
        "４２４２ ４２４２ ４２４２ ４２４２",
        "4242\u00a04242\u00a04242\u00a04242",
        "CB5555555555554444",
        "/payer 3782 822463 10005",
        "6011111111111117",
        "4222222222222",
        "6304000000000000000"[:19],
        "1 4242424242424242",
        "4242\n4242\n4242\n4242",
        "4242 ... 4242 ... 4242 ... 4242",
        "4242 (début) 4242, puis 4242 et enfin : 4242",
        "4242x4242x4242x4242",
        "42424242 // 42424242",
        "4242 4242 4242\n\n\n\n\n4242",
        "3782 - - - - 822463 - - - - 10005",
        "n° 4242 4242 4242 4242 exp 12 27 code 123",
        "2223 et 0031 et 2200 et 3222",
    ],
)
def test_a_card_number_is_recognised_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "FR76 3000 6000 0112 3456 7890 189",
        "IBAN: FR7630006000011234567890189",
        "be68 5390 0754 7034",
        "FR76 3000 6000 0112 3456 7890 188",  # mistyped: it is told as such where an IBAN is asked for
        reference(1),
        "ARD0000179 ARD0000276",
        "06 12 34 56 78",
        "+33 6 12 34 56 78",
        "0033612345678",
        "4242 4242 4242 4241",
        "3017620422003",  # an article's code
        "/encaisser Dupont 23,50 chèque",
        "2 carottes, 3 pains, 1 poulet",
        "12,50 13,20 14,10 15,00 16,00",
        "0000 0000 0000 0000",
        "2023, 2024, 2025 et 2026",
        "4242 et 4242",
        "commande 4242 du 24 11 2026 : 4242",
        "2026-11-24 18:00 2026-11-25",
        "",
    ],
)
def test_what_is_no_card_number_is_left_alone(text: str) -> None:
    assert not holds_card_number(text)


@pytest.mark.parametrize(
    "said", [NUMBER, f"/payer {NUMBER}", f"/encaisser {NUMBER}", "/question", f"/commander {NUMBER}"], ids=str
)
def test_nothing_of_it_is_kept_anywhere(scene: Scene, caplog: pytest.LogCaptureFixture, said: str) -> None:
    """Neither as an answer to a question, nor in the journal, the outbox or the logs."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as written:
        scene.says("lea", said)
        scene.says("lea", f"voici {NUMBER} 12/27")
    assert scene.said("lea") == REFUSED
    assert not [shown for shown in scene.shown if "4242" in shown.message.text]
    assert "4242" not in "".join(everything(scene))
    assert "4242" not in str(written) + caplog.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("4242 4242", "4242 4242"),
        ("42424242", "42424242"),
        ("4242.4242.4242", "4242"),
        ("4242", "4242-4242-4242"),
        ("3782 822463", "10005"),
    ],
)
def test_a_number_in_two_messages_is_refused_and_no_digit_of_it_kept(scene: Scene, first: str, second: str) -> None:
    scene.says("lea", first)
    assert "4242" not in "".join(everything(scene))
    scene.says("lea", second)
    assert scene.said("lea") == REFUSED
    assert not any("4242" in row or "822463" in row for row in everything(scene))


@pytest.mark.parametrize(
    "said",
    [
        ("4242 4242", "24,50"),
        ("4242 4242", "4242 4241"),
        ("4242 4242", "/solde", "4242 4242"),
        ("24,50", "0612345678"),
        ("06 12 34 56 78", "06 12 34 56 78"),
        ("5000", "2026-11-24"),
    ],
    ids=str,
)
def test_other_messages_in_a_row_are_left_alone(scene: Scene, said: tuple[str, ...]) -> None:
    for text in said:
        scene.says("lea", text)
    assert REFUSED not in scene.told("lea")


def test_minutes_later_or_of_somebody_else_it_is_another_message(scene: Scene) -> None:
    scene.says("lea", "4242 4242")
    scene.says("bruno", "4242 4242")
    scene.later(minutes=4)
    scene.says("lea", "4242 4242")
    assert REFUSED not in [*scene.told("lea"), *scene.told("bruno")]
    scene.later(minutes=4)
    scene.store.write(lambda connection: prune(connection, scene.now)).result()
    assert rows_of(scene, HALF) == []


async def test_on_telegram_both_messages_are_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        first = house.lea.says("4242 4242")
        await house.settle()
        second = house.lea.says("4242 4242")
        await house.settle()
        assert {first.id, second.id}.isdisjoint(house.lea.chat.messages)
        assert house.lea.texts[-1] == REFUSED


def test_what_was_under_way_goes_on(scene: Scene) -> None:
    scene.says("lea", "/payer")
    scene.says("lea", NUMBER)
    scene.says("lea", "24,50")
    assert "Par quel moyen ?" in scene.said("lea")


def test_a_stranger_is_told_too_and_a_strangers_room_is_left_in_peace(scene: Scene) -> None:
    scene.says("inconnu", NUMBER)
    assert scene.said("inconnu") == REFUSED
    scene.says("inconnu", NUMBER, "ailleurs")
    assert scene.told("ailleurs") == []


def test_a_files_name_is_looked_at_too(scene: Scene) -> None:
    scene.sends("camille", f"{NUMBER}.csv", b"x")
    assert scene.said("camille") == REFUSED


async def test_on_telegram_the_message_is_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        shown = house.lea.says(NUMBER)
        await house.settle()
        assert shown.id not in house.lea.chat.messages
        assert house.lea.texts[-1] == REFUSED
        assert house.api.called("deleteMessage")
    _must_be_nowhere(tmp_path, house)


async def test_in_a_room_where_it_may_not_be_deleted_its_author_is_told_to(tmp_path: Path) -> None:
    """The bot is no administrator there; where it is, the message goes."""
    async with opened(tmp_path) as house:
        room = await house.room()
        house.api.world.privacy = False
        kept = house.camille.says(NUMBER, room)
        await house.settle()
        assert kept.id in room.chat.messages
        assert room.texts[-1] == REFUSED
        room.chat.bot = "administrator"
        gone = house.camille.says(NUMBER, room)
        await house.settle()
        assert gone.id not in room.chat.messages


async def test_a_deletion_that_fails_for_now_is_tried_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        house.api.fail("deleteMessage", Drop.BEFORE)
        shown = house.lea.says(NUMBER)
        await house.settle()
        assert shown.id in house.lea.chat.messages
        due = await house.delivery.next_due()
        assert due is not None
        house.now = due
        await house.settle()
        assert shown.id not in house.lea.chat.messages


def everything(scene: Scene) -> list[str]:
    """Read every value of every table."""
    with scene.store.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return [str(row) for name in names for row in connection.exec_driver_sql(f"SELECT * FROM {name}").all()]


def _must_be_nowhere(folder: Path, house: House) -> None:
    raw = sqlite3.connect(folder / "ardoise.db")
    dumped = "\n".join(raw.iterdump())
    raw.close()
    assert "4242" not in dumped.replace(str(house.lea.user.id), "")
    for file in folder.glob("ardoise.db*"):
        assert b"4242 4242" not in file.read_bytes()


def test_a_first_half_that_was_taken_for_an_amount_is_kept_nowhere_either(scene: Scene) -> None:
    """B25: typed where an amount is asked for."""
    scene.says("lea", "/payer")
    scene.says("lea", "5555")
    scene.says("lea", "5555 5555 4444")
    assert scene.said("lea") == REFUSED
    assert not [row for row in everything(scene) if "5555" in row]
