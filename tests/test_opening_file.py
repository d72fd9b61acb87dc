"""Files of opening balances as spreadsheets, and hostile hands, write them: B30, B48."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from tests.transcripts import Scene

TWO = "1. Awa a un avoir de 3,00 €. / 2. Bruno doit 4,50 € au groupe. ⚠️ s'ajoute à 7,00 € / 2 reprises de solde"


def workbook() -> bytes:
    made, kept = Workbook(), io.BytesIO()
    assert made.active is not None
    for row in (("Awa", 3), ("Bruno", -4.5)):
        made.active.append(row)
    made.save(kept)
    return kept.getvalue()


def told(scene: Scene, content: bytes) -> str:
    """Send a file of opening balances; give what is answered."""
    scene.says("camille", "/reprise fichier")
    scene.unheard()
    scene.sends("camille", "soldes.csv", content)
    return scene.said("camille")


@pytest.mark.parametrize(
    "content",
    [
        b"Awa;3\rBruno;-4,5",  # an old Macintosh's lines
        "Awa\t3\nBruno\t−4,50 €".encode(),
        b"Awa,3\nBruno,-4.50",
        "Awa;3\nBruno;-4,5".encode("utf-16"),
        "Awa\u200b;\u202a3\u202c\n\x0eBruno\x0f;-4,5\x0e".encode(),  # copied out of a page
        workbook(),
    ],
)
def test_what_spreadsheets_write_is_read(scene: Scene, content: bytes) -> None:
    assert told(scene, content).startswith(TWO)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * 200_000, "Ligne 1 : un guillemet n'est pas fermé, ou la ligne est illisible."),
        (b'"Awa;3\nBruno;4', "Ligne 1 : un guillemet n'est pas fermé, ou la ligne est illisible."),
        ("Léa;3".encode().decode("cp1252").encode(), "Ligne 1 : les accents sont abîmés."),
        (b"Dupont, Awa;12,50", "Ligne 1 : je ne connais pas « Dupont, Awa »."),
        (b"Awa;3;4", "Ligne 1 : il faut un nom et un montant"),
        (b"", "Le fichier est vide."),
        (b"nom;montant", "Le fichier ne contient aucune ligne."),
        (b"Zoe;1\n" * 1_001, "1001 lignes, c'est trop : 1000 au plus."),
        ("\x0eZoé\u202e;3".encode(), "Ligne 1 : je ne connais pas « Zoé »."),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_and_posts_nothing(scene: Scene, content: bytes, said: str) -> None:
    """Nothing that a file holds can forge a bold mark, or turn a sentence around."""
    head, _slash, trouble = told(scene, content).partition(" / ")
    assert head == "Ce fichier ne peut pas être repris tel quel ; rien n'a été enregistré :"
    assert trouble.startswith(said)
    text = scene.shown[-1].message.text
    assert text.replace("\n", "").replace("\u00a0", "").isprintable()
