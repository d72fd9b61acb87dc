"""Bank statements are read whole or not at all, whatever bytes come: samples in every form, and damaged ones (B23)."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from bot.banking.errors import (
    CutOffError,
    EmptyStatementError,
    ForbiddenMarkupError,
    StatementError,
    StatementTooLargeError,
    UnbalancedError,
    WrongAmountError,
    WrongDayError,
)
from bot.banking.line import MOST_LINES, french_cents
from bot.banking.reference import members_named
from bot.banking.statement import Statement, is_statement, keys, read

SAMPLES = sorted((Path(__file__).parent / "statements").iterdir())
FORM = {
    "ofx1.ofx": "OFX", "ofx2.ofx": "OFX", "camt02.xml": "CAMT.053", "camt08.xml": "CAMT.053", "cfonb.txt": "CFONB120",
    "cfonb_stream.txt": "CFONB120", "sg.csv": "CSV", "cic.csv": "CSV", "ca.csv": "CSV", "bourso.csv": "CSV", "bp.csv": "CSV",
}  # fmt: skip
UNNAMED = {"cic.csv", "bourso.csv", "bp.csv"}
"""These do not say, above their columns, whose account it is."""

HEADINGS = "Date;Libellé;Montant\n"


def sample(name: str) -> bytes:
    return (Path(__file__).parent / "statements" / name).read_bytes()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_same_three_operations_are_read_from_every_form(path: Path) -> None:
    found = read(path.read_bytes())
    assert found.form == FORM[path.name]
    assert [(str(line.day), line.amount) for line in found.lines] == [
        ("2026-11-20", 2450), ("2026-11-21", 1000), ("2026-11-22", -1200),
    ]  # fmt: skip
    assert [members_named(line.words, "ARD") for line in found.lines] == [(1,), (), ()]
    assert "LEA MOREAU" in found.lines[0].text
    assert {line.currency for line in found.lines} == {"EUR"}
    accounts = {line.account for line in found.lines}
    assert accounts == {""} if path.name in UNNAMED else all(a in "FR7630006000011234567890189" and a for a in accounts)


def test_every_sample_is_used() -> None:
    assert {path.name for path in SAMPLES} == set(FORM)


def test_accents_of_windows_and_entities_are_read() -> None:
    assert "D’ÉLODIE ŒUVRARD & CIE" in read(sample("ofx1.ofx")).lines[1].text
    assert "ÉLODIE ŒUVRARD" in read(sample("sg.csv")).lines[1].text


def test_lines_have_the_number_at_which_they_begin() -> None:
    assert [line.number for line in read(sample("ca.csv")).lines] == [9, 12, 14]
    assert [line.number for line in read(sample("cfonb.txt")).lines] == [2, 4, 5]
    assert [line.number for line in read(sample("ofx1.ofx")).lines] == [16, 24, 31]
    assert [line.number for line in read(sample("camt02.xml")).lines] == [5, 7, 9]


def refused(content: bytes) -> StatementError:
    with pytest.raises(StatementError) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "error", "line"),
    [
        (b"", EmptyStatementError, 1),
        (b" \n\n", EmptyStatementError, 1),
        (HEADINGS.encode(), EmptyStatementError, 1),
        (b"bonjour", StatementError, 1),
        (b"produit;prix\nPain;3,20\n", StatementError, 1),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), StatementError, 1),
        ((HEADINGS + "20/11/2026;VIR;12,505\n").encode(), WrongAmountError, 2),
        ((HEADINGS + "20/11/2026;VIR;1.234\n").encode(), WrongAmountError, 2),
        ((HEADINGS + "20/11/2026;VIR;1e3\n").encode(), WrongAmountError, 2),
        ((HEADINGS + "20/11/2026;VIR;999999999999\n").encode(), WrongAmountError, 2),
        ((HEADINGS + "20/11/2026;VIR;1,00\n31/02/2026;VIR;1,00\n").encode(), WrongDayError, 3),
        ((HEADINGS + "20/11/0026;VIR;1,00\n").encode(), WrongDayError, 2),
        ((HEADINGS + "20/11/2026;VIR LEA").encode(), CutOffError, 2),
        (b"x" * 2_000_001, StatementTooLargeError, 1),
        ((HEADINGS + "20/11/2026;VIR;1,00\n" * (MOST_LINES + 1)).encode(), StatementTooLargeError, MOST_LINES + 2),
        (b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<Document>camt.053</Document>', ForbiddenMarkupError, 2),
        (b"<OFX>\n<!doctype x>\n</OFX>", ForbiddenMarkupError, 2),
        (b"<OFX>\n<STMTRS><STMTTRN><DTPOSTED>20261120\n</OFX>", CutOffError, 2),
        (b"<Document>camt.053" + b"<a>" * 100_000, CutOffError, 1),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, error: type[StatementError], line: int) -> None:
    found = refused(content)
    assert (type(found), found.line) == (error, line)
    assert found.sentence


@pytest.mark.parametrize("name", sorted({*FORM} - {"cic.csv"}))
def test_a_statement_cut_in_its_middle_is_read_not_at_all_or_as_what_is_left(name: str) -> None:
    """All or nothing: forms that say where they end are never read in part."""
    content = sample(name)
    ends = not name.endswith(".csv")
    for cut in range(1, len(content) - 3):
        try:
            found = read(content[:cut])
        except StatementError:
            continue
        assert not ends or len(found.lines) == 3, cut


def test_cfonb_whose_lines_do_not_lead_to_its_balance_is_refused() -> None:
    assert isinstance(refused(sample("cfonb.txt").replace(b"0000000000245{", b"0000000000244{")), UnbalancedError)


def test_the_amounts_of_exports_are_read_as_people_write_them() -> None:
    assert [french_cents(typed, 1) for typed in ("24,50", "+24.50 €", "-1 234,5", "1,234.56", "12 EUR")] == [
        2450, 2450, -123450, 123456, 1200,
    ]  # fmt: skip


def test_utf16_is_read() -> None:
    assert read((HEADINGS + "20/11/2026;VIR;1,00\n").encode("utf-16")).lines[0].amount == 100


def test_a_batch_of_camt_is_read_by_its_details_where_they_add_up() -> None:
    detail = "<TxDtls><Amt Ccy='EUR'>{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
    entry = (
        "<Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy='EUR'>30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-20</Dt></BookgDt>"
        "<NtryDtls>{}</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
    )
    both = entry.format(detail.format("10.00", "un") + detail.format("20.00", "deux")).encode()
    assert [(line.amount, line.text) for line in read(both).lines] == [(1000, "un"), (2000, "deux")]
    short = entry.format(detail.format("10.00", "un") + detail.format("19.00", "deux")).encode()
    assert [line.amount for line in read(short).lines] == [3000]


def test_keys_are_the_same_each_time_and_tell_equal_lines_apart() -> None:
    twice = (HEADINGS + "20/11/2026;VIR LEA;5,00\n20/11/2026;VIR LEA;5,00\n20/11/2026;VIR LEA;6,00\n").encode()
    found = keys(read(twice).lines)
    assert len(set(found)) == 3
    assert keys(read(twice).lines) == found
    overlapping = (HEADINGS + "19/11/2026;VIR;1,00\n").encode() + twice[len(HEADINGS.encode()) :]
    assert keys(read(overlapping).lines)[1:] == found


def test_statements_are_told_from_the_other_files_that_coordinators_send() -> None:
    assert all(is_statement(path.read_bytes()) for path in SAMPLES)
    others = ("nom;montant\nLéa;-8,20\n", "produit;producteur;catégorie;unité;prix\nPain;Élise;;pièce;3,20\n", "")
    assert not any(is_statement(text.encode()) for text in others)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_damage_raises_anything_else_or_takes_long(path: Path) -> None:
    chance = random.Random(path.name)
    content = path.read_bytes()
    began = time.monotonic()
    for _round in range(300):
        found = read_or_refused(damaged(content, chance))
        if isinstance(found, StatementError):
            assert found.line >= 1
        else:
            assert all(abs(line.amount) <= 10**11 and line.number >= 1 for line in found.lines)
            assert len(set(found.keys)) == len(found.lines)
    assert time.monotonic() - began < 20


def read_or_refused(content: bytes) -> Statement | StatementError:
    try:
        return read(content)
    except StatementError as refusal:
        return refusal


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage a file: bytes changed, left out, doubled, swapped, cut off."""
    found = bytearray(content)
    for _change in range(chance.randint(1, 8)):
        place, span = chance.randrange(len(found) or 1), chance.randint(1, 40)
        way = chance.randrange(5)
        if way == 0:
            found[place : place + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            del found[place : place + span]
        elif way == 2:
            found[place:place] = found[place : place + span] * chance.randint(1, 50)
        elif way == 3:
            other = chance.randrange(len(found) or 1)
            found[place:place] = found[other : other + span]
        else:
            del found[chance.randrange(max(1, len(found))) :]
    return bytes(found)
