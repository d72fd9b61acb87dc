"""The catalogue by file: exported, edited, imported; compared before anything changes, all or nothing (B30's way, B48)."""

from __future__ import annotations

import io
from time import perf_counter

import pytest
from openpyxl import load_workbook

from bot.delivery.errands import prune_files
from bot.groups.people import Right
from bot.ledger.audit import audit
from bot.ledger.money import Cents
from bot.market.market import Market
from bot.market.products import MOST_PRODUCTS, Product, Sold
from bot.market.sheet_writing import as_csv, as_xlsx
from tests.market_stall import CATALOGUE, set_up
from tests.transcripts import Scene, words
from tests.walker import set_right

HONEY = "Miel;Rucher;Épicerie;pot;6,50;12;;oui;oui\n"


def goods(scene: Scene) -> dict[int, Product]:
    """Read the catalogue."""
    with scene.store.read() as connection:
        return Market(connection, 1, scene.now).catalogue


def exported(scene: Scene, kind: str, who: str = "camille") -> bytes:
    """Ask for the catalogue's file."""
    scene.says(who, f"/catalogue fichier {kind}")
    document = scene.shown[-1].document
    assert document is not None
    assert document.name == f"catalogue.{kind}"
    return document.content


def send(scene: Scene, text: str | bytes, who: str = "camille") -> str:
    """Send a file unasked; give what is said of it."""
    scene.sends(who, "fichier", text.encode() if isinstance(text, str) else text)
    return scene.said(who)


def test_an_export_is_edited_and_imported(scene: Scene) -> None:
    """What is new, what changes, what stays; then one short answer, and the journal says each."""
    set_up(scene)
    text = exported(scene, "csv").decode("utf-8-sig")
    edited = text.replace("Pain;pièce;4,50", "Pain;pièce;4,80").replace("pièce;3,00;5", "pièce;30;5") + HONEY
    lines = [line for line in edited.splitlines(keepends=True) if not line.startswith("Poulet")]
    said = send(scene, "".join(lines))
    assert said == (
        "Ce fichier : 1 nouveau, 2 changés, 1 inchangé. / 1 produit du catalogue n'y est pas : il reste comme il est. /  / "
        "➕ Miel, 6,50 € le pot, Rucher, Épicerie, bio, stock 12 pots / ⚠️ Œufs x6 : prix 3,00 € → 30,00 € / "
        "Pain de campagne : prix 4,50 € → 4,80 € /  / Importer ?"
    )
    assert len(goods(scene)) == 4
    scene.taps("camille", "Importer")
    assert scene.told("camille") == ["✅ Le catalogue est à jour : 1 nouveau, 2 changés, 1 inchangé."]
    assert goods(scene)[5] == Product(
        5, "Miel", Cents(650), "jar", Sold.PIECE, "Rucher", "Épicerie", 12_000, organic=True
    )
    scene.says("camille", "/journal")
    assert "Produit · Pain de campagne : prix 4,50 € → 4,80 €" in scene.said("camille")
    with scene.store.read() as connection:
        assert audit(connection) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_export_sent_back_as_it_is_changes_nothing(scene: Scene, kind: str, language: str) -> None:
    set_up(scene)
    set_right(scene, Right.TREASURY, language)
    said = send(scene, exported(scene, kind, "lea") if language == "fr" else exported_in_english(scene, kind), "lea")
    labels = [option.label for row in scene.shown[-1].message.options for option in row]
    assert labels == ["Catalogue"], said


def exported_in_english(scene: Scene, kind: str) -> bytes:
    """Ask for the file in English."""
    scene.says("lea", f"/products file {kind}")
    document = scene.shown[-1].document
    assert document is not None
    return document.content


def test_an_xlsx_is_edited_in_a_spreadsheet_and_imported(scene: Scene) -> None:
    set_up(scene)
    book = load_workbook(io.BytesIO(exported(scene, "xlsx")))
    sheet = book.worksheets[0]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Pain de campagne")
    row[4].value, row[8].value = 4.8, "non"
    saved = io.BytesIO()
    book.save(saved)
    assert "Pain de campagne : prix 4,50 € → 4,80 €, actif oui → non" in send(scene, saved.getvalue())
    scene.taps("camille", "Importer")
    bread = goods(scene)[3]
    assert (bread.price, bread.active) == (480, False)


def test_a_catalogue_begins_with_a_file(scene: Scene) -> None:
    scene.says("camille", "/catalogue")
    assert scene.said("camille").startswith("Le catalogue est vide.")
    scene.taps("camille", "Fichier")
    scene.taps("camille", "Importer")
    scene.says("camille", "le voici")
    assert scene.said("camille").startswith("Envoyez un fichier, comme une pièce jointe.")
    send(scene, "produit;prix\nPain;3,20\nMiel;6,50\n")
    scene.taps("camille", "Importer")
    assert [product.name for product in goods(scene).values()] == ["Miel", "Pain"]


def test_nothing_is_imported_where_a_line_is_wrong(scene: Scene) -> None:
    """Errors are named by line; all or nothing."""
    set_up(scene)
    said = send(scene, "produit;prix\nSel;1\nPoivre;-1\nHuile;cher\nsel;2\n=1+1;2\n")
    assert said.startswith(
        "Ce fichier ne peut pas être importé tel quel ; rien n'a été enregistré : / Ligne 3 : le prix −1,00 €"
    )
    assert "Ligne 4 : « cher » n'est pas un prix" in said
    assert "Lignes 2 et 5 : « sel » y est deux fois." in said
    assert "Ligne 6 : la colonne « produit » contient une formule" in said
    assert len(goods(scene)) == len(CATALOGUE)
    scene.taps("camille", "Renvoyer")
    assert send(scene, "produit;prix\nSel;1\n").startswith("Ce fichier : 1 nouveau.")


@pytest.mark.parametrize("answer", ["Non", "Annuler"])
def test_nothing_is_imported_without_consent(scene: Scene, answer: str) -> None:
    send(scene, "produit;prix\nSel;1\n")
    if answer == "Non":
        scene.taps("camille", "Non")
    else:
        scene.says("camille", "annuler")
    assert scene.said("camille").endswith("Rien n'a été enregistré.")
    assert not goods(scene)


def test_what_changes_meanwhile_is_shown_before_it_is_agreed_to(scene: Scene) -> None:
    """B11: stock taken by an order between the preview and the consent is not given back unseen."""
    set_up(scene)
    send(scene, "produit;prix;stock\nŒufs x6;3,10;5\n")
    scene.says("bruno", "2 oeufs")
    scene.taps("bruno", "Confirmer")
    scene.taps("bruno", "Confirmer")
    scene.unheard()
    scene.taps("camille", "Importer")
    assert "Œufs x6 : prix 3,00 € → 3,10 €, stock 3 → 5" in scene.said("camille")
    assert goods(scene)[2].stock == 3000


def test_a_long_preview_is_paged_and_consent_is_to_all_of_it(scene: Scene) -> None:
    lines = "".join(f"Produit {number} {'x' * 60};{number},50\n" for number in range(1, 121))
    said = send(scene, "produit;prix\n" + lines)
    assert said.startswith("Ce fichier : 120 nouveaux. /  / ➕ Produit 1 xxx")
    assert said.endswith("(page 1 sur 6)")
    scene.taps("camille", "Suite")
    assert scene.said("camille").endswith("(page 2 sur 6)")
    scene.taps("camille", "Importer")
    assert scene.said("camille") == "✅ Le catalogue est à jour : 120 nouveaux."
    assert len(goods(scene)) == 120


def test_a_whole_catalogue_is_imported_in_one_turn_with_one_answer(scene: Scene) -> None:
    products = [
        Product(n, f"Produit {n}", Cents(100 + n), "kg", Sold.WEIGHT, f"Ferme {n % 40}", stock=n * 1000)
        for n in range(1, MOST_PRODUCTS + 1)
    ]
    send(scene, as_csv(products))
    scene.taps("camille", "Importer")
    assert scene.told("camille") == ["✅ Le catalogue est à jour : 2000 nouveaux."]
    dearer = [
        Product(p.number, p.name, Cents(p.price + 10), p.unit, p.sold, p.producer, stock=p.stock) for p in products
    ]
    send(scene, as_xlsx(dearer))
    begun = perf_counter()
    scene.taps("camille", "Importer")
    assert perf_counter() - begun < 15, "a turn of everybody's writer"
    assert scene.told("camille") == ["✅ Le catalogue est à jour : 2000 changés."]
    assert "c'est trop : 2000 au plus" in send(scene, "produit;prix\nSel;1\n")
    assert len(goods(scene)) == MOST_PRODUCTS


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("produit;prix\nSel;1\n", "Ce fichier : 1 nouveau."),
        ("Nom,Tarif\nSel,1\n", "Ce fichier : 1 nouveau."),
        ("nom;montant\nLéa;3\n", "2. Léa a un avoir de 3,00 €."),
        ("Léa;3\n", "1. Léa a un avoir de 3,00 €."),
        ("m2;3\n", "1. Bruno a un avoir de 3,00 €."),
        ("Pain;3,20\n", "Qu'y a-t-il dans ce fichier ?"),
        ("produit;tarif au kilo\nSel;1\n", "Ce fichier ne peut pas être importé tel quel"),
        (b"PK\x03\x04rien", "Ce fichier ne peut pas être importé tel quel"),
        (b"\xd0\xcf\x11\xe0", "Ce fichier ne peut pas être importé tel quel"),
        (b"", "Ce fichier ne peut pas être repris tel quel"),
        (b"\x00\xff", "Qu'y a-t-il dans ce fichier ?"),
        ("produit;prix\n" + "Sel;1\n" * 3000, "Ce fichier ne peut pas être importé tel quel"),
    ],
)
def test_a_file_that_comes_unasked_is_taken_for_what_it_is(scene: Scene, content: str | bytes, says: str) -> None:
    assert send(scene, content).startswith(says)


@pytest.mark.parametrize(
    ("answer", "says"), [("Un catalogue", "La première ligne doit nommer"), ("Des soldes", "je ne connais pas")]
)
def test_in_doubt_it_is_asked_what_a_file_is(scene: Scene, answer: str, says: str) -> None:
    send(scene, "Pain;3,20\n")
    scene.taps("camille", answer)
    assert says in scene.said("camille")


def test_nobody_else_brings_a_catalogue(scene: Scene) -> None:
    """B43."""
    assert send(scene, "produit;prix\nSel;1\n", "lea") == "Je ne sais pas quoi faire d'un fichier ici."
    scene.says("lea", "/fichier")
    assert scene.said("lea") == "/fichier est réservé aux coordinateurs du groupe."


def test_a_file_that_is_gone_is_asked_for_again(scene: Scene) -> None:
    send(scene, "produit;prix\nSel;1\n")
    shown, _option = scene.button("camille", "Importer")
    assert words(shown.message.text).startswith("Ce fichier")
    scene.later(days=2)
    scene.store.write(lambda connection: prune_files(connection, scene.now)).result()
    scene.taps("camille", "Importer")
    assert "Je n'ai plus ce fichier : renvoyez-le." in scene.said("camille")
    assert not goods(scene)


def test_texts_that_look_like_formulas_come_back_as_they_went(scene: Scene) -> None:
    send(scene, "produit;prix\n'=Pâtes;1\n@home;2\n")
    scene.taps("camille", "Importer")
    assert {product.name for product in goods(scene).values()} == {"=Pâtes", "@home"}
    assert send(scene, exported(scene, "csv")).startswith("Ce fichier dit la même chose")
