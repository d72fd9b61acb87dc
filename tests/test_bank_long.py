"""Statements longer than what one turn records, and what a hundred payments in one turn leave behind (B23)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, func, select

from bot.banking.line import BankLine
from bot.banking.matching import Known, Proposal, propose
from bot.banking.reference import reference
from bot.banking.tables import BANK_LINE
from bot.groups.registry import add_member
from bot.handlers import bank_reading
from bot.handlers.bank import MOST_AT_ONCE, MOST_ONE_BY_ONE
from tests.transcripts import Scene


def statement(members: Sequence[int]) -> bytes:
    rows = [f"23/11/2026;VIR {reference(member)};{member},00" for member in members]
    return "\n".join(["Date;Libellé;Montant", *rows, ""]).encode()


def lines(scene: Scene) -> int:
    with scene.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(BANK_LINE)).scalar_one())


def test_what_is_too_much_for_one_turn_is_recorded_in_several(scene: Scene) -> None:
    def join(connection: Connection) -> list[int]:
        return [add_member(connection, 1, f"Membre {rank}", scene.now).number for rank in range(MOST_AT_ONCE + 20)]

    content = statement(scene.store.write(join).result())
    scene.sends("camille", "releve", content)
    assert "… et 112 autres." in scene.said("camille")
    scene.taps("camille", f"Tout valider ({MOST_AT_ONCE})")
    assert "Il en reste 20 à regarder." in scene.said("camille")
    assert lines(scene) == MOST_AT_ONCE
    scene.taps("camille", "Continuer")
    assert f"Déjà enregistrées : {MOST_AT_ONCE}." in scene.said("camille")
    scene.taps("camille", "Tout valider (20)")
    assert lines(scene) == MOST_AT_ONCE + 20


def test_a_statement_is_gone_on_with_by_who_has_seen_it_only(scene: Scene) -> None:
    """B23: a number that is typed shows nobody's file; a file is kept for a day."""

    def join(connection: Connection) -> list[int]:
        return [add_member(connection, 1, f"Membre {rank}", scene.now).number for rank in range(3)]

    scene.sends("camille", "releve", statement(scene.store.write(join).result()))
    for label in ("Ligne par ligne", "Oui", "Arrêter là", "Enregistrer"):
        scene.taps("camille", label)
    for typed in ("/banque 1", "/banque 1 0000000000000000", "/banque x y"):
        scene.says("sofiane", typed)
        assert scene.said("sofiane").startswith("Envoyez le relevé")
    scene.taps("camille", "Continuer")
    assert "Déjà enregistrée : 1." in scene.said("camille")
    assert scene.button("camille", "Tout valider (2)")


def test_line_by_line_stops_where_one_likes_and_keeps_what_was_agreed(scene: Scene) -> None:
    def join(connection: Connection) -> list[int]:
        return [add_member(connection, 1, f"Membre {rank}", scene.now).number for rank in range(MOST_ONE_BY_ONE + 5)]

    content = statement(scene.store.write(join).result())
    scene.sends("camille", "releve", content)
    scene.taps("camille", "Ligne par ligne")
    assert scene.said("camille").startswith(f"1 sur {MOST_ONE_BY_ONE}")
    scene.taps("camille", "Oui")
    scene.taps("camille", "Laisser")
    scene.taps("camille", "Arrêter là")
    scene.taps("camille", "Enregistrer")
    assert "Il en reste 44" in scene.said("camille")
    assert lines(scene) == 1


def test_a_statement_is_compared_once_as_long_as_the_books_stay_as_they_are(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conversation runs again at every message; thousands of lines are compared again only where something changed."""
    compared = 0

    def counted(lines: Sequence[tuple[BankLine, str]], known: Known) -> list[Proposal]:
        nonlocal compared
        compared += 1
        return propose(lines, known)

    monkeypatch.setattr(bank_reading, "propose", counted)
    content = statement([1, 2, 3]).replace(b"23/11", b"19/11")
    scene.sends("camille", "releve", content)
    scene.taps("camille", "Ligne par ligne")
    scene.taps("camille", "Laisser")
    assert (compared, scene.said("camille").startswith("2 sur 3")) == (1, True)
    scene.says("lea", "/payer 1 virement")
    scene.taps("lea", "Déclarer")
    scene.taps("camille", "Laisser")
    assert (compared, "Quelque chose a changé" in scene.said("camille")) == (2, True)
