"""Account numbers as people type them: the good ones are read, each kind of mistake has its own sentence (B23, B48)."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.groups import iban
from bot.groups.iban import (
    IbanCountryError,
    IbanDigitsError,
    IbanLengthError,
    NotAnIbanError,
    RibKeyError,
    grouped,
    read,
)
from bot.ledger.errors import Refusal

FRENCH = "FR1420041010050500013M02606"
GOOD = (
    FRENCH, "FR7630006000011234567890189", "MC5811222000010123456789030", "DE89370400440532013000", "BE68539007547034",
    "ES9121000418450200051332", "IT60X0542811101000000123456", "CH9300762011623852957", "GB82WEST12345698765432",
)  # fmt: skip


@pytest.mark.parametrize("good", GOOD)
def test_real_numbers_are_read_however_they_are_written(good: str) -> None:
    for typed in (
        good,
        good.lower(),
        grouped(good),
        f"IBAN {grouped(good)}",
        f"iban : {good}",
        grouped(good).replace(" ", "-"),
        f"\t{good} ",
    ):
        assert read(typed) == good
    assert grouped(good).replace(" ", "") == good


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("FR1420041010050500013M02607", IbanDigitsError),  # the last digit
        ("FR1420041010050500013M20606", IbanDigitsError),  # two inverted
        ("FR1520041010050500013M02606", IbanDigitsError),  # the check digits
        ("FR8420041010050500013M02607", RibKeyError),  # the check digits fit a wrong RIB key
        ("FR1420041010050500013M0260", IbanLengthError),
        ("FR1420041010050500013M026066", IbanLengthError),
        ("DE8937040044053201300", IbanLengthError),
        ("BE685390075470345", IbanLengthError),
        ("BR1800360305000010009795493C1", IbanCountryError),
        ("XX1420041010050500013M02606", IbanCountryError),
        ("20041010050500013M02606", NotAnIbanError),
        ("le même qu'avant", NotAnIbanError),
        ("FR14 2004 1010 0505 0001 3M02 60é", NotAnIbanError),
        ("FR١٤20041010050500013M02606", NotAnIbanError),
        ("FR", NotAnIbanError),
        ("", NotAnIbanError),
        ("FR14" + "0" * 500, NotAnIbanError),
    ],
)
def test_each_mistake_is_named(typed: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        read(typed)


def with_check_digits(country: str, rest: str) -> str:
    """Make the IBAN whose own check digits fit, as a careless program would."""
    left = int("".join(str(int(sign, 36)) for sign in f"{rest}{country}00")) % 97
    return f"{country}{98 - left:02}{rest}"


@given(st.integers(0, 99), st.sampled_from(["FR", "MC"]))
def test_of_all_rib_keys_one_fits(key: int, country: str) -> None:
    typed = with_check_digits(country, f"20041010050500013M026{key:02}")
    if key == int(FRENCH[-2:]):
        assert read(typed) == typed
    else:
        with pytest.raises(RibKeyError):
            read(typed)


def test_letters_in_the_bank_of_a_french_account_are_refused() -> None:
    with pytest.raises(RibKeyError):
        read(with_check_digits("FR", "2004A010050500013M02606"))


@given(st.sampled_from(GOOD), st.data())
def test_one_sign_mistyped_is_always_seen(good: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(2, len(good) - 1))
    kind = string.digits if good[place].isdigit() else string.ascii_uppercase
    other = data.draw(st.sampled_from([sign for sign in kind if sign != good[place]]))
    with pytest.raises(Refusal):
        read(good[:place] + other + good[place + 1 :])


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    with contextlib.suppress(Refusal):
        assert len(read(typed)) == iban.LENGTHS[read(typed)[:2]]
