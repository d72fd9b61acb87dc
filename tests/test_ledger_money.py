"""Amounts: read as people type them, never guessed; written as their language does; multiplied with one rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.ledger.money import LARGEST, AmbiguousAmountError, Cents, NotAnAmountError, line, parse, show

cents = st.integers(-LARGEST, LARGEST).map(Cents)

UNDERSTOOD = {
    "12,50": 1250, "12.5€": 1250, "12,5 euros": 1250, "12 EUR": 1200, "12€50": 1250, "12 euros 50": 1250, "€3": 300,
    "1 234,56": 123456, "1.234,56": 123456, "1,234.56": 123456, "1'234": 123400, "1.234.567": 123456700,
    "1 234 567,89": 123456789, "1\u202f234,56\u00a0€": 123456, "+5": 500, "-5,2": -520, "−5,2": -520, "–5": -500,
    "- 5": -500, "0": 0, "0,00": 0, "00012": 1200, "12 505": 1250500, " 7 ": 700, "12\n": 1200, "1 euro": 100,
}  # fmt: skip

AMBIGUOUS = ["1.234", "1,234", "12,505", "0.500", "12 50", "12 5", "1 23", "-1.234", "1.234 €", "12 50 €", "1,234,5",
             "1.2345"]  # fmt: skip

NO_AMOUNT = [
    "", " ", "€", "-", "1e3", "1E3", "0x10", "1_000", "inf", "nan", "12,", ",50", ".5", "12.50.", "--5", "5-", "(12)",
    "12€5", "1 2345", "12,50,", "douze", "12 50 30", "١٢", "१२", "５", "12٫5", "²", "½", "1\u00002", "\u202e12",
    "12\u200f", "\u2067" + "12,50", "12\u200b50", "\ufeff12", "12\t50", "<b>12</b>", "12;50", "9" * 13, "9" * 5000,
    "1 " * 2500, "1000000000000", "€" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(("typed", "meant"), UNDERSTOOD.items())
def test_amounts_are_read_as_people_type_them(typed: str, meant: int) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize("typed", AMBIGUOUS)
def test_what_could_be_two_amounts_is_never_guessed_b48(typed: str) -> None:
    with pytest.raises(AmbiguousAmountError) as refusal:
        parse(typed)
    assert refusal.value.ambiguous


@pytest.mark.parametrize("typed", NO_AMOUNT)
def test_what_is_no_amount_is_refused_b48(typed: str) -> None:
    with pytest.raises(NotAnAmountError) as refusal:
        parse(typed)
    assert not refusal.value.ambiguous
    shown = str(refusal.value.facts["typed"])
    assert len(shown) <= 40
    assert shown.isprintable(), "what would garble the answer is not quoted in it"


def test_the_largest_amount_is_read_and_no_more() -> None:
    assert parse("999 999 999 999,99") == LARGEST
    with pytest.raises(NotAnAmountError):
        parse("1 000 000 000 000,00")


@given(cents, st.sampled_from(["fr", "en"]))
def test_what_is_shown_can_be_typed_back(amount: Cents, language: str) -> None:
    shown = show(amount, language)
    if language == "en":  # the sign of the euro is before the number
        assert parse(shown.replace("€", "")) == amount
    assert parse(shown) == amount


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([",", "."]), st.sampled_from(["", "€", " €", " eur"]))
def test_plain_amounts_mean_what_they_say(euros: int, rest: int, point: str, currency: str) -> None:
    assert parse(f"{euros}{point}{rest:02}{currency}") == euros * 100 + rest


@given(st.text())
@example("12,50\u202e")
@settings(max_examples=300)
def test_whatever_is_typed_gives_an_amount_or_a_refusal(typed: str) -> None:
    try:
        amount: object = parse(typed)
    except NotAnAmountError as refusal:
        amount = refusal.facts["typed"]
    if isinstance(amount, str):
        assert amount.isprintable()
    else:
        assert type(amount) is int
        assert abs(amount) <= LARGEST


@given(st.text(alphabet="0123456789,. €-−'\u202f", max_size=12))
@settings(max_examples=500)
def test_a_mark_before_three_figures_is_read_only_where_it_can_mean_but_one_thing(typed: str) -> None:
    """`1.234` alone is refused; `1.234,5`, `1.234.567` are not, and then the first mark groups thousands."""
    try:
        amount = parse(typed)
    except NotAnAmountError:
        return
    figures = "".join(letter for letter in typed if letter.isdigit())
    assert str(abs(amount)).rstrip("0") in figures + "00", "no figure is dropped nor added"


@given(st.integers(-(10**7), 10**7), cents.filter(lambda amount: abs(amount) < 10**9))
def test_a_line_is_rounded_half_up_once_b7(thousandths: int, price: Cents) -> None:
    exact = Decimal(thousandths) * Decimal(price) / 1000
    assert line(thousandths, price) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_lines_are_rounded_each_by_itself_b7() -> None:
    """B7: 0.35 kg × 2.10 three times = 0.74 × 3 = 2.22; B13: 1.15 kg × 14.00 = 16.10."""
    assert 3 * line(350, Cents(210)) == 222
    assert line(1150, Cents(1400)) == 1610
    assert line(-350, Cents(210)) == -74
