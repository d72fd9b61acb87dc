"""The catalogue as a file: what is read, what is refused and where, and that an export sent back changes nothing."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger.money import Cents
from bot.market import sheet_writing, sheet_xlsx
from bot.market.products import ONE, Product, Sold
from bot.market.sheet import Comparison, preview
from bot.market.sheet_cells import guarded, rows, unguarded
from bot.market.sheet_fields import HEADINGS, column_name
from bot.market.sheet_limits import MOST_LINES
from bot.market.sheet_lines import identity
from bot.market.units import MEASURES, UNITS
from bot.words import LANGUAGES, speaking

BREAD = Product(1, "Pain de campagne", Cents(420), producer="Le Fournil", category="Boulangerie", stock=12 * ONE)
CARROTS = Product(2, "Carottes", Cents(210), "kg", Sold.WEIGHT, stock=40_500, organic=True)
CHICKEN = Product(3, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900, active=False)
CATALOGUE = [BREAD, CARROTS, CHICKEN]
HEADING = "produit;producteur;catégorie;unité;prix;stock;au poids;bio;actif"


def csv_of(*lines: str, heading: str = HEADING) -> bytes:
    return "\n".join((heading, *lines)).encode()


def xlsx_of(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def only(content: bytes, catalogue: list[Product] | None = None) -> Product:
    """Give the one new product of a file."""
    compared = preview(content, catalogue or [])
    assert compared.troubles == ()
    (product,) = compared.new
    return product


def troubles(content: bytes, catalogue: list[Product] | None = None) -> list[str]:
    """Give the sentences; a file with any of them does nothing."""
    compared = preview(content, catalogue or [])
    assert compared == Comparison(troubles=compared.troubles)
    return [words.replace("\u00a0", " ") for words in compared.troubles]


def test_all_columns_are_read() -> None:
    assert only(csv_of("Poulet;Ferme du Pré;Volaille;kg;14,00;8;0,9;oui;non")) == Product(
        0, "Poulet", Cents(1400), "kg", Sold.WEIGHED, "Ferme du Pré", "Volaille", 8 * ONE, 900, organic=True, active=False
    )  # fmt: skip


def test_a_name_and_a_price_are_enough() -> None:
    assert only(b"produit;prix\nPain;3,20") == Product(0, "Pain", Cents(320))


@pytest.mark.parametrize(
    "content",
    [
        b"prix;produit\n3,20;Pain",
        b"PRODUIT;Prix (\xe2\x82\xac)\nPain;3.2",
        b"product,price\nPain,3.20",
        b'product,price\nPain,"3,20"',
        b"nom\ttarif\nPain\t3,20 \xe2\x82\xac",
        b"Product;Unit price\r\nPain;3.20\r\n",
        b"produit;prix\rPain;3,20\r",
        b'"produit";"prix"\n"Pain";"3,20"\n;;\n\n',
        b"sep=;\r\nproduit;prix\r\nPain;3,20",
        b"\xef\xbb\xbfproduit;prix\nPain;3,20",
        "produit\tprix\r\nPain\t3,20\r\n".encode("utf-16"),
        "produit;prix\nPain;3,20\n".encode("utf-16-le"),
        "produit;prix;;\nPain;3,20;;".encode("cp1252"),
        xlsx_of(["Produit", "Prix"], ["Pain", 3.2]),
        xlsx_of([], ["Prix", None, "Produit"], [], ["3,20", None, "Pain"]),
    ],
)
def test_a_file_is_read_however_it_is_written(content: bytes) -> None:
    assert only(content) == Product(0, "Pain", Cents(320))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_and_ligatures_survive_every_encoding(encoding: str) -> None:
    content = "Désignation;Catégorie;Prix\nŒufs frais à l’échalote;Crémerie;3,20".encode(encoding)
    assert only(content) == Product(0, "Œufs frais à l’échalote", Cents(320), category="Crémerie")


@pytest.mark.parametrize(
    ("weight", "unit", "sold", "piece"),
    [
        ("", "", Sold.PIECE, ("piece", ONE)),
        ("non", "kg", Sold.PIECE, ("kg", ONE)),
        ("oui", "", Sold.WEIGHT, ("kg", ONE)),
        ("X", "litre", Sold.WEIGHT, ("L", ONE)),
        ("0,9", "", Sold.WEIGHED, ("kg", 900)),
        ("1.25", "Kilos", Sold.WEIGHED, ("kg", 1250)),
        ("900", "g", Sold.WEIGHED, ("g", 900 * ONE)),
    ],
)
def test_by_weight_says_how_a_product_is_sold(weight: str, unit: str, sold: Sold, piece: tuple[str, int]) -> None:
    content = csv_of(f"Poulet;14;{weight};{unit}", heading="produit;prix;au poids;unité")
    product = only(content)
    assert (product.sold, (product.unit, product.piece_quantity)) == (sold, piece)


def test_a_piece_of_nine_hundred_kilos_was_meant_in_grams() -> None:
    for weight in ("900", "100,5"):
        (trouble,) = troubles(csv_of(f"Poulet;14;{weight};kg", heading="produit;prix;au poids;unité"))
        assert trouble.startswith("Ligne 2 : une pièce de « Poulet » pèserait ")
    (trouble,) = troubles(csv_of("Poulet;14;200000;g", heading="produit;prix;au poids;unité"))
    assert (
        trouble
        == "Ligne 2 : « 200000 » : dans « au poids », écrivez oui, non, ou le poids d'une pièce, par exemple 0,9."
    )


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        (";2,10;;;", "il manque le nom du produit."),
        ("---;2,10;;;", "il manque le nom du produit."),
        ("a" * 81 + ";2,10;;;", "« " + "a" * 30 + "… » est trop long : 80 signes au plus."),
        ("Pain;;;;", "il manque le prix."),
        ("Pain;cher;;;", "« cher » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10."),
        ("Pain;1.234;;;", "« 1.234 » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10."),
        ("Pain;-2,10;;;", "le prix −2,10 € n'est pas possible : il faut au moins 0,01."),
        ("Pain;0;;;", "le prix 0,00 € n'est pas possible : il faut au moins 0,01."),
        ("Pain;10000,01;;;", "le prix 10\u202f000,01 € est trop grand : 10\u202f000,00 € au plus."),
        ("Pain;=B1*2;;;", "la colonne « prix » contient une formule : collez-y la valeur seule."),
        ("=A1;2,10;;;", "la colonne « produit » contient une formule : collez-y la valeur seule."),
        ("Pain;#REF!;;;", "la colonne « prix » contient #REF!, une erreur du tableur."),
        ("Pain;#VALEUR!;;;", "la colonne « prix » contient #VALEUR!, une erreur du tableur."),
        ("#N/A;1;;;", "la colonne « produit » contient #N/A, une erreur du tableur."),
        ("Pain;2026-10-02;;;", "la colonne « prix » contient une date : le tableur y a changé un nombre. Écrivez-le de nouveau."),
        ("Pain;1;-3;;", "« -3 » n'est pas un stock : écrivez un nombre, ou rien s'il n'est pas compté."),
        ("Pain;1;beaucoup;;", "« beaucoup » n'est pas un stock : écrivez un nombre, ou rien s'il n'est pas compté."),
        ("Pain;1;1,000;;", "« 1,000 » n'est pas un stock : écrivez un nombre, ou rien s'il n'est pas compté."),
        ("Pain;1;1000001;;", "« 1000001 » n'est pas un stock : écrivez un nombre, ou rien s'il n'est pas compté."),
        ("Pain;1;2,5;;", "« Pain » se commande à la pièce : son stock est un nombre entier."),
        ("Pain;1;;0;", "« 0 » : dans « au poids », écrivez oui, non, ou le poids d'une pièce, par exemple 0,9."),
        ("Pain;1;;peut-être;", "« peut-être » : dans « au poids », écrivez oui, non, ou le poids d'une pièce, par exemple 0,9."),
        ("Pain;1;;;peut-être", "« peut-être » : dans « bio », écrivez oui ou non."),
        (
            "Pain;1;;;;extra",
            "« extra » est de trop, sans colonne. Un prix à virgule demande des points-virgules entre les colonnes.",
        ),
    ],
)  # fmt: skip
def test_each_wrong_line_is_named_with_what_is_wrong(cells: str, trouble: str) -> None:
    """B48, and all or nothing: the good lines beside it are not imported either."""
    content = csv_of("Bon;1,00;;;", cells, heading="produit;prix;stock;au poids;bio")
    assert troubles(content) == [f"Ligne 3 : {trouble}"]


def test_an_unknown_unit_is_named_with_those_there_are() -> None:
    (trouble,) = troubles(csv_of("Pain;1;coudée", heading="produit;prix;unité"))
    assert trouble.startswith("Ligne 2 : je ne connais pas l'unité « coudée ». Il y a : pièce, botte, ")


def test_what_is_sold_by_weight_needs_a_unit_of_weight() -> None:
    content = csv_of("Radis;2;botte;oui", heading="produit;prix;unité;au poids")
    assert troubles(content) == ["Ligne 2 : « Radis » se vend au poids : son unité doit être kg, g, L, cL ou mL."]


def test_a_decimal_comma_between_commas_is_not_taken_for_two_cells() -> None:
    (trouble,) = troubles(b"produit,prix\nPain,3,20")
    assert trouble.startswith("Ligne 2 : « 20 » est de trop")


@pytest.mark.parametrize(
    ("heading", "trouble"),
    [
        ("produit;prx", "La première ligne doit nommer les colonnes, au moins « produit » et « prix »."),
        ("Pain;3,20", "La première ligne doit nommer les colonnes, au moins « produit » et « prix »."),
        (
            "produit;prix;stok;remarque",
            "Je ne connais pas : stok, remarque. Les colonnes sont : produit, producteur, catégorie, unité, prix, stock, au poids, bio, actif.",
        ),
        ("produit;prix;nom", "Il y a deux colonnes « produit »."),
    ],
)
def test_headings_that_are_not_understood_are_named(heading: str, trouble: str) -> None:
    assert troubles(csv_of("Pain;3,20;1;2", heading=heading)) == [trouble]


def test_the_same_product_twice_is_refused_naming_both_lines() -> None:
    content = csv_of("Pâtes;2;Dupont", "Riz;2;Dupont", "", "PATES;3;dupont", heading="produit;prix;producteur")
    assert troubles(content) == ["Lignes 2 et 5 : « PATES » y est deux fois."]


def test_the_same_name_from_two_producers_is_two_products() -> None:
    compared = preview(csv_of("Pâtes;2;Dupont", "Pâtes;3;Durand", heading="produit;prix;producteur"), [])
    assert [product.producer for product in compared.new] == ["Dupont", "Durand"]


def test_a_line_is_named_by_its_place_in_the_file_whatever_comes_before() -> None:
    content = b'produit;prix\n\n"Pain\nde mie";2\n;\nRiz;x\n'
    assert troubles(content) == [
        "Ligne 6 : « x » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10."
    ]


def test_at_most_ten_troubles_are_shown_and_the_rest_counted() -> None:
    found = troubles(csv_of(*(f"P{n};x" for n in range(15)), heading="produit;prix"))
    assert len(found) == 11
    assert found[-1] == "… et 5 autres lignes à revoir."


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "Le fichier est vide."),
        (b" \n;;\n", "Le fichier est vide."),
        (b"produit;prix\n", "Le fichier ne contient aucun produit."),
        (b"%PDF-1.7 ...", "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (b"\x89PNG\r\n", "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (b"<html><table>", "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (b"PK\x03\x04 no archive", "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (zipped(readme=b"x"), "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (b"a" * 300 + b"\x00\x81", "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            "Ce tableau est d'un ancien format (XLS) ou protégé : enregistrez-le en XLSX ou en CSV, sans mot de passe.",
        ),
        (
            zipped(content_xml=b"<x/>"),
            "Ce tableau est au format de LibreOffice (ODS) : enregistrez-le en XLSX ou en CSV, puis renvoyez-le.",
        ),
        (b"produit;prix\nPain;" + b"9" * 1_000_000, "Le fichier est trop gros : 1000 ko au plus."),
        (b'produit;prix\nRiz;2\n"Pain;2\n', "Ligne 3 : un guillemet n'est pas fermé, ou la ligne est illisible."),
        (
            "produit;prix\nPÃ¢tÃ©;2".encode(),
            "Ligne 2 : les accents sont abîmés. Enregistrez le fichier en « CSV UTF-8 », puis renvoyez-le.",
        ),
        (
            "produit;prix\nP\ufffdte;2".encode(),
            "Ligne 2 : les accents sont abîmés. Enregistrez le fichier en « CSV UTF-8 », puis renvoyez-le.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_catalogue_gets_one_clear_sentence(content: bytes, trouble: str) -> None:
    assert troubles(content) == [trouble]


def test_ten_thousand_lines_get_one_clear_sentence() -> None:
    lines = csv_of(*(f"P{n};2" for n in range(10_000)), heading="produit;prix")
    wanted = "Le fichier a 10000 lignes, c'est trop : 2000 au plus. Retirez aussi les lignes vides à la fin."
    assert troubles(lines) == [wanted]
    assert troubles(xlsx_of(["produit", "prix"], *([f"P{n}", 2] for n in range(10_000)))) == [wanted]


def test_a_catalogue_never_grows_beyond_what_can_be_imported_again() -> None:
    full = [Product(n, f"P{n}", Cents(100)) for n in range(1, MOST_LINES + 1)]
    assert preview(sheet_writing.as_csv(full), full).changes_nothing
    assert troubles(b"produit;prix\nNouveau;2", full) == [
        "Le catalogue aurait 2001 produits, c'est trop : 2000 au plus."
    ]


def test_a_workbook_gives_numbers_words_and_truths() -> None:
    content = xlsx_of(
        ["Produit", "Prix", "Stock", "Au poids", "Bio", "Actif", "Unité"],
        ["Poulet", 14, 8, 0.9, True, False, "kg"],
        ["Carottes", 2.1 + 0.2, 40.5, "oui", None, None, None],
    )
    compared = preview(content, [])
    assert compared.new == (
        Product(
            0, "Poulet", Cents(1400), "kg", Sold.WEIGHED, stock=8000, piece_quantity=900, organic=True, active=False
        ),
        Product(0, "Carottes", Cents(230), "kg", Sold.WEIGHT, stock=40_500),
    )


def test_a_workbook_is_not_computed_and_what_a_spreadsheet_did_to_a_price_is_named() -> None:
    content = xlsx_of(
        ["produit", "prix"],
        ["Pain", "=1+1"],
        ["Riz", datetime(2026, 10, 2, tzinfo=UTC).replace(tzinfo=None)],
        ["Sel", "#REF!"],
        ["Thé", 2.105],
        ["Lait", -2],
    )
    assert troubles(content) == [
        "Ligne 2 : la colonne « prix » contient une formule : collez-y la valeur seule.",
        "Ligne 3 : la colonne « prix » contient une date : le tableur y a changé un nombre. Écrivez-le de nouveau.",
        "Ligne 4 : la colonne « prix » contient #REF!, une erreur du tableur.",
        "Ligne 5 : « 2.105 » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10.",
        "Ligne 6 : le prix −2,00 € n'est pas possible : il faut au moins 0,01.",
    ]


UNREADABLE = "Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le."


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Replace a part of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == name else old.read(one))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SMALL = xlsx_of(["produit", "prix"], ["Pain", 2])


def test_a_workbook_that_bursts_is_refused_before_it_is_unpacked() -> None:
    began = time.process_time()
    assert troubles(with_part(SMALL, SHEET, b" " * (sheet_xlsx.MOST_UNPACKED_BYTES + 1))) == [UNREADABLE]
    assert troubles(zipped(**{f"p{n}": b"x" for n in range(sheet_xlsx.MOST_PARTS + 1)})) == [UNREADABLE]
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
    assert troubles(with_part(SMALL, SHEET, entities)) == [UNREADABLE]
    assert time.process_time() - began < 2


def test_a_sheet_that_claims_a_million_rows_or_columns_costs_little() -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        sheet = archive.read(SHEET)
    began = time.process_time()
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert troubles(with_part(SMALL, SHEET, far))[0].startswith("Le fichier a 20001 lignes, c'est trop : 2000 au plus.")
    lying = sheet.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    assert lying != sheet
    assert only(with_part(SMALL, SHEET, lying)) == Product(0, "Pain", Cents(200))
    assert time.process_time() - began < 2


def test_a_damaged_workbook_is_refused_and_never_crashes() -> None:
    whole = sheet_writing.as_xlsx(CATALOGUE)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        parts = {name: archive.read(name) for name in names}
    dice = random.Random(1)
    for _turn in range(150):
        name = dice.choice(names)
        part = bytearray(parts[name])
        for _byte in range(dice.choice((1, 3, 20))):
            part[dice.randrange(len(part))] = dice.randrange(256)
        assert isinstance(preview(with_part(whole, name, bytes(part)), CATALOGUE), Comparison)
    for length in range(0, len(whole), 97):
        assert preview(whole[:length], CATALOGUE).troubles


def test_a_separator_in_quotes_separates_nothing() -> None:
    """B30."""
    assert rows(b'"Dupont; Jean",8.20\nAwa,4\n')[0].cells == ("Dupont; Jean", "8.20")
    assert rows(b'"Dupont, Jean";-8,20\nAwa;4\n')[0].cells == ("Dupont, Jean", "-8,20")


def test_half_a_letter_of_utf_16_is_unreadable() -> None:
    assert troubles("produit;prix\nPain;2".encode("utf-16")[:-1]) == [UNREADABLE]


def test_spreadsheet_libraries_are_loaded_only_for_workbooks() -> None:
    program = (
        "import sys; from bot.market import sheet, sheet_writing; sheet_writing.as_csv([]); "
        "sheet.preview(b'produit;prix\\nPain;2', []); print({'openpyxl', 'xlsxwriter'} & set(sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    compared = preview(content, CATALOGUE)
    assert compared.troubles or compared.new or compared.changed or compared.unchanged


def test_a_comparison_tells_new_changed_unchanged_and_unnamed() -> None:
    compared = preview(csv_of("pain  DE campagne;4,50;10", "Riz;2;", heading="produit;prix;stock"), CATALOGUE)
    assert [product.name for product in compared.new] == ["Riz"]
    (change,) = compared.changed
    assert change.before == BREAD
    assert change.after == replace(BREAD, price=Cents(450), stock=10 * ONE)
    assert [words.replace("\u00a0", " ") for words in change.words] == ["prix 4,20 € → 4,50 €", "stock 12 → 10"]
    assert compared.unchanged == ()
    assert compared.unnamed == (CARROTS, CHICKEN)
    assert not compared.changes_nothing


def test_what_changes_is_said_column_by_column() -> None:
    content = csv_of("Carottes;Dupont;Légumes;g;0,02;;non;non;non")
    (change,) = preview(content, CATALOGUE).changed
    assert [words.replace("\u00a0", " ") for words in change.words] == [
        "prix 2,10 € → 0,02 €", "unité kg → g", "vendu au poids → à la pièce", "stock 40,500 kg → non compté",
        "producteur – → Dupont", "catégorie – → Légumes", "bio oui → non", "actif oui → non",
    ]  # fmt: skip


def test_columns_that_are_not_there_change_nothing() -> None:
    compared = preview(b"produit;prix\nPain de campagne;4,20\nCarottes;2,10\nPoulet;14", CATALOGUE)
    assert compared.changes_nothing
    assert compared.unchanged == tuple(CATALOGUE)
    assert compared.unnamed == ()


def test_an_empty_cell_clears_what_can_be_empty_and_leaves_unit_and_producer() -> None:
    (change,) = preview(csv_of("Pain de campagne;;;;4,20;;;;"), [BREAD]).changed
    assert change.after == replace(BREAD, category="", stock=None)


def test_a_producer_is_told_by_the_file_where_the_catalogue_did_not_know_it() -> None:
    (change,) = preview(csv_of("Carottes;2,10;Dupont", heading="produit;prix;producteur"), [CARROTS]).changed
    assert change.after == replace(CARROTS, producer="Dupont")


def test_another_producer_is_another_product() -> None:
    compared = preview(csv_of("Pain de campagne;4,20;Autre", heading="produit;prix;producteur"), [BREAD])
    assert [product.producer for product in compared.new] == ["Autre"]
    assert compared.unnamed == (BREAD,)


def test_a_name_that_two_products_bear_needs_a_producer() -> None:
    two = [CARROTS, replace(CARROTS, number=9, producer="Dupont"), replace(CARROTS, number=10, producer="Durand")]
    assert preview(b"produit;prix\nCarottes;2,10", two[1:]).troubles == (
        "Ligne 2 : plusieurs produits s'appellent « Carottes » : ajoutez leur producteur.",
    )
    assert preview(b"produit;prix\nCarottes;2,10", two).unchanged == (CARROTS,)


def test_a_stock_is_not_left_in_another_unit() -> None:
    """40.5 kg must not become 40.5 g because the file has no column for the stock."""
    content = csv_of("Carottes;0,02;g", heading="produit;prix;unité")
    assert troubles(content, CATALOGUE) == [
        "Ligne 2 : « Carottes » se compterait autrement : donnez aussi « stock » et « au poids »."
    ]
    pieces = csv_of("Carottes;2,10;non", heading="produit;prix;au poids")
    assert troubles(pieces, CATALOGUE)[0].startswith("Ligne 2 : « Carottes » se compterait autrement")
    heavier = csv_of("Poulet;0,02;g", heading="produit;prix;unité")
    assert troubles(heavier, CATALOGUE)[0].startswith("Ligne 2 : « Poulet » se compterait autrement")


def test_an_export_has_the_shape_that_people_rely_on() -> None:
    assert sheet_writing.as_csv(CATALOGUE).decode("utf-8") == (
        "\ufeffproduit;producteur;catégorie;unité;prix;stock;au poids;bio;actif\r\n"
        "Pain de campagne;Le Fournil;Boulangerie;pièce;4,20;12;non;non;oui\r\n"
        "Carottes;;;kg;2,10;40,5;oui;oui;oui\r\n"
        "Poulet;;;kg;14,00;;0,9;non;non\r\n"
    )


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_an_export_is_understood_in_every_language(language: str) -> None:
    with speaking(language):
        for content in (sheet_writing.as_csv(CATALOGUE), sheet_writing.as_xlsx(CATALOGUE)):
            compared = preview(content, CATALOGUE)
            assert compared.troubles == ()
            assert compared.changes_nothing
    with speaking(language):
        headings = {column_name(column) for column in HEADINGS}
    assert len(headings) == len(HEADINGS)


def test_a_name_never_becomes_a_formula_and_comes_back_as_it_was() -> None:
    for name in ("=1+1", "+33", "-20 %", "@home", "'=1", "''=1", "'tite salade", "＝1"):
        product = Product(1, name, Cents(100), producer=name, category=name)
        written = sheet_writing.as_csv([product]).decode().splitlines()[1]
        assert not written.startswith(("=", "+", "-", "@", "＝"))
        assert preview(sheet_writing.as_csv([product]), [product]).changes_nothing
        assert preview(sheet_writing.as_xlsx([product]), [product]).changes_nothing
        assert unguarded(guarded(name)) == name


LETTERS = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufffdÃâÅ")
NAMES = (
    st.text(st.one_of(LETTERS, st.sampled_from(" ;,\"'=+-@\t")), min_size=1, max_size=40)
    .map(lambda text: openpyxl.utils.escape.unescape(" ".join(text.split())))
    .filter(lambda text: any(c.isalnum() for c in text) and text == " ".join(text.split()))
)


@st.composite
def products(draw: st.DrawFn) -> list[Product]:
    """Draw a catalogue whose products are all others."""
    import unicodedata

    made: dict[tuple[str, str], Product] = {}
    for number in range(1, draw(st.integers(1, 6)) + 1):
        name, producer = (unicodedata.normalize("NFC", draw(one)) for one in (NAMES, st.one_of(st.just(""), NAMES)))
        sold = draw(st.sampled_from(Sold))
        unit = draw(st.sampled_from(UNITS if sold is Sold.PIECE else sorted(MEASURES)))
        stock = draw(st.one_of(st.none(), st.integers(0, 10**6)))
        counted = stock if stock is None or sold is Sold.WEIGHT else stock * ONE
        made[identity(name, producer)] = Product(
            number, name, Cents(draw(st.integers(1, 10**6))), unit, sold, producer, "", counted,
            draw(st.integers(1, 100 * ONE)) if sold is Sold.WEIGHED else ONE, draw(st.booleans()), draw(st.booleans()),
        )  # fmt: skip
    return list(made.values())


@given(products(), st.sampled_from(["csv", "xlsx"]), st.sampled_from(sorted(LANGUAGES)))
@settings(max_examples=150, deadline=None)
def test_an_export_sent_back_changes_nothing(catalogue: list[Product], kind: str, language: str) -> None:
    with speaking(language):
        content = sheet_writing.as_csv(catalogue) if kind == "csv" else sheet_writing.as_xlsx(catalogue)
        compared = preview(content, catalogue)
    assert compared.troubles == ()
    assert compared.changes_nothing
    assert compared.unchanged == tuple(catalogue)
    assert all(product.number == 0 for product in preview(content, []).new)
