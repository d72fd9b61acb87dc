"""References and codes to pay by: found again in what banks make of them, decoded by an independent reader (B23)."""

from __future__ import annotations

import struct
import zlib

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from bot.banking.qr import sepa, spaced_iban, transfer_code
from bot.banking.reference import members_named, reference
from bot.ledger.money import Cents

IBAN = "FR7630006000011234567890189"


def decoded(png: bytes) -> str:
    """Read a code as a bank's app would."""
    width, height, pixels = _pixels(png)
    found = zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=[height, width]))
    assert len(found) == 1
    return found[0].text


def _pixels(png: bytes) -> tuple[int, int, bytes]:
    """Give the grey pixels of a picture of one bit each."""
    chunks: dict[bytes, bytes] = {}
    place = 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        chunks.setdefault(png[place + 4 : place + 8], b"")
        chunks[png[place + 4 : place + 8]] += png[place + 8 : place + 8 + size]
        place += size + 12
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (1, 0)
    raw, row = zlib.decompress(chunks[b"IDAT"]), (width + 7) // 8
    lines: list[bytes] = []
    for at in range(0, len(raw), row + 1):
        line, way = raw[at + 1 : at + 1 + row], raw[at]
        assert way in {0, 2}, "as it is, or what differs from the line above"
        lines.append(bytes((a + b) % 256 for a, b in zip(line, lines[-1], strict=True)) if way else line)
    assert len(lines) == height
    return (
        width,
        height,
        b"".join(bytes(255 * (line[x // 8] >> (7 - x % 8) & 1) for x in range(width)) for line in lines),
    )


@pytest.mark.parametrize(
    ("cents", "euros"),
    [(1250, "EUR12.5"), (1, "EUR0.01"), (2450, "EUR24.5"), (99_999_99, "EUR99999.99"), (1000, "EUR10")],
)
def test_a_code_decodes_to_exactly_its_payload(cents: int, euros: str) -> None:
    png = transfer_code(name="Groupement d’achat « Échalote & Cœur »", iban="FR76 3000 6000 0112 3456 7890 189",
                        amount=Cents(cents), text="ARD0000179")  # fmt: skip
    assert png.startswith(b"\x89PNG")
    name = "Groupement d'achat Echalote et Coeur"
    assert decoded(png).rstrip("\n") == f"BCD\n002\n1\nSCT\n\n{name}\n{IBAN}\n{euros}\n\n\nARD0000179"


@given(st.text(max_size=200))
def test_any_name_is_reduced_to_what_every_bank_takes(name: str) -> None:
    reduced = sepa(name, 70)
    assert len(reduced) <= 70
    assert set(reduced) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")


@given(st.integers(1, 99_999), st.sampled_from(["ARD", "GAS", "P1", "paniers"]), st.randoms())
def test_a_reference_is_found_in_what_a_bank_makes_of_it(number: int, prefix: str, chance: object) -> None:
    written = reference(number, prefix)
    for made in (
        written,
        written.lower(),
        " ".join(written),
        f"VIR INST DUBOIS {written[:4]} {written[4:]} MOTIF",
        f"X{written}/NOTPROVIDED",
    ):
        assert number in members_named(made, prefix)


@given(st.integers(1, 99_999), st.integers(0, 99))
def test_wrong_check_digits_are_refused(number: int, check: int) -> None:
    written = reference(number, "GAS")
    wrong = f"{written[:-2]}{check:02d}"
    assert members_named(wrong, "GAS") == ((number,) if wrong == written else ())


@given(st.integers(1, 9999), st.integers(0, 4), st.integers(0, 9))
def test_one_wrong_digit_never_names_somebody_else(number: int, place: int, digit: int) -> None:
    written = reference(number, "GAS")
    typed = written[: 3 + place] + str(digit) + written[4 + place :]
    assert members_named(typed, "GAS") in ((), (number,))


def test_longer_numbers_have_references_too() -> None:
    assert members_named(f"VIR {reference(1234567, 'GAS')}", "GAS") == (1234567,)


def test_two_references_in_one_text_are_both_found() -> None:
    assert members_named(f"{reference(1)} {reference(2)} {reference(1)}") == (1, 2)


def test_an_account_is_written_in_fours() -> None:
    assert spaced_iban(IBAN) == "FR76 3000 6000 0112 3456 7890 189"
