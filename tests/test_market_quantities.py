"""Quantities: what people type, what is refused, how it is written (B13, B48)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.money import Cents
from bot.market.products import ONE, Product, Sold
from bot.market.quantities import (
    NegativeQuantityError,
    NotWholeError,
    PiecesOnlyError,
    TooMuchError,
    WrongUnitError,
    ZeroQuantityError,
    charged,
    ordered,
)
from bot.market.typed import AmbiguousQuantityError, NotAQuantityError, TooFineError, parse
from bot.market.units import (
    MEASURES,
    UNITS,
    converted,
    figure,
    price_words,
    quantity_words,
    short_quantity,
    unit_name,
    unit_of,
)
from bot.words import speaking, told

CARROTS = Product(1, "Carottes", Cents(210), "kg", Sold.WEIGHT)
SALAD = Product(2, "Salade", Cents(150))
CHICKEN = Product(3, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900)
SAFFRON = Product(4, "Safran", Cents(3000), "g", Sold.WEIGHT)
MILK = Product(5, "Lait", Cents(120), "L", Sold.WEIGHT)
POTATOES = Product(6, "Pommes de terre", Cents(90), "kg", Sold.PIECE)
RADISH = Product(7, "Radis", Cents(200), "bunch")
EGGS = Product(8, "Œufs", Cents(400), "dozen")
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("typed", "product", "thousandths"),
    [
        ("2", SALAD, 2000),
        ("x12", SALAD, 12000),
        ("12x", SALAD, 12000),
        ("× 3", SALAD, 3000),
        ("+2", SALAD, 2000),
        ("2,0", SALAD, 2000),
        ("trois", SALAD, 3000),
        ("2 pièces", SALAD, 2000),
        ("une demi-douzaine", SALAD, 6000),
        ("une demi douzaine", SALAD, 6000),
        ("half a dozen", SALAD, 6000),
        ("2 douzaines", SALAD, 24000),
        ("une douzaine", EGGS, 1000),
        ("2", EGGS, 2000),
        ("1 botte", RADISH, 1000),
        ("2 pièces", RADISH, 2000),
        ("1,5", CARROTS, 1500),
        ("0.350", CARROTS, 350),
        ("0,350", CARROTS, 350),
        ("1,250", CARROTS, 1250),
        ("1.250 kg", CARROTS, 1250),
        ("350 g", CARROTS, 350),
        ("350g", CARROTS, 350),
        ("350 Gr.", CARROTS, 350),
        ("1 200 g", CARROTS, 1200),
        (f"1{NBSP}200{NBSP}g", CARROTS, 1200),
        ("1 kg 200", CARROTS, 1200),
        ("1kg200", CARROTS, 1200),
        ("1 kg 50 g", CARROTS, 1050),
        ("1/2", CARROTS, 500),
        ("½", CARROTS, 500),
        ("1½ kg", CARROTS, 1500),
        ("1 1/2 kg", CARROTS, 1500),
        ("1 kg et demi", CARROTS, 1500),
        ("un kilo et demi", CARROTS, 1500),
        ("un demi-kilo", CARROTS, 500),
        ("demi kilo", CARROTS, 500),
        ("une livre", CARROTS, 500),
        ("une demi-livre", CARROTS, 250),
        ("2 livres", CARROTS, 1000),
        ("49", CARROTS, 49000),
        ("75 cl", MILK, 750),
        ("1 L 50 cl", MILK, 1500),
        ("1 litre 500", MILK, 1500),
        ("250 mL", MILK, 250),
        ("2 l", MILK, 2000),
        ("2", SAFFRON, 2000),
        ("0,5 g", SAFFRON, 500),
        ("1 kg", SAFFRON, 1_000_000),
        ("2", CHICKEN, 2000),
        ("une pièce", CHICKEN, 1000),
        ("5", POTATOES, 5000),
        ("5 kg", POTATOES, 5000),
        ("2000 g", POTATOES, 2000),
    ],
)
def test_a_quantity_is_read_in_thousandths_of_what_the_product_is_ordered_in(
    typed: str, product: Product, thousandths: int
) -> None:
    assert ordered(parse(typed), product) == thousandths


@pytest.mark.parametrize(
    ("typed", "product", "refusal"),
    [
        ("0", SALAD, ZeroQuantityError),
        ("0,0", CARROTS, ZeroQuantityError),
        ("0 g", CARROTS, ZeroQuantityError),
        ("-1", SALAD, NegativeQuantityError),
        ("−1", CARROTS, NegativeQuantityError),
        ("1,5", SALAD, NotWholeError),
        ("1/2", SALAD, NotWholeError),
        ("1,5", RADISH, NotWholeError),
        ("1,5 kg", POTATOES, NotWholeError),
        ("une demi-douzaine", EGGS, NotWholeError),
        ("9999", SALAD, TooMuchError),
        ("501", SALAD, TooMuchError),
        ("501 kg", CARROTS, TooMuchError),
        ("9999", CHICKEN, TooMuchError),
        ("600000 g", CARROTS, TooMuchError),
        ("9999", CARROTS, AmbiguousQuantityError),
        ("350", CARROTS, AmbiguousQuantityError),
        ("50", MILK, AmbiguousQuantityError),
        ("1 200", CARROTS, AmbiguousQuantityError),
        ("1 kg 5", CARROTS, AmbiguousQuantityError),
        ("1 kg 50", CARROTS, AmbiguousQuantityError),
        ("1,250 g", SAFFRON, AmbiguousQuantityError),
        ("1.000", SALAD, AmbiguousQuantityError),
        ("12", EGGS, AmbiguousQuantityError),
        ("900 g", CHICKEN, PiecesOnlyError),
        ("3 pièces", CARROTS, WrongUnitError),
        ("2 L", CARROTS, WrongUnitError),
        ("2 kg", SALAD, WrongUnitError),
        ("2 cagettes", SALAD, WrongUnitError),
        ("2 bottes", CHICKEN, WrongUnitError),
        ("0,5 g", CARROTS, TooFineError),
        ("1/3", CARROTS, TooFineError),
        ("1,2345", CARROTS, TooFineError),
        ("", SALAD, NotAQuantityError),
        ("beaucoup", SALAD, NotAQuantityError),
        ("2 2", SALAD, NotAQuantityError),
        ("1e3", SALAD, NotAQuantityError),
        ("٣", SALAD, NotAQuantityError),
        ("3/2", CARROTS, NotAQuantityError),
        ("0/2", CARROTS, NotAQuantityError),
        ("1/0", CARROTS, NotAQuantityError),
        ("1 kg 50 cl", CARROTS, NotAQuantityError),
        ("1 kg 2 kg", CARROTS, NotAQuantityError),
        ("1 kg 200 x", CARROTS, NotAQuantityError),
        ("2 coudées", CARROTS, NotAQuantityError),
        ("9" * 100, SALAD, NotAQuantityError),
    ],
)
def test_what_is_no_clear_quantity_is_refused_and_never_guessed(
    typed: str, product: Product, refusal: type[NotAQuantityError]
) -> None:
    """Bad input gets a sentence that says what was wrong and what to type (B48)."""
    with pytest.raises(NotAQuantityError) as raised:
        ordered(parse(typed), product)
    assert type(raised.value) is refusal
    assert "{" not in told(raised.value)


def test_refusals_say_what_to_do_instead() -> None:
    def sentence(typed: str, product: Product) -> str:
        with pytest.raises(NotAQuantityError) as raised:
            ordered(parse(typed), product)
        return told(raised.value).replace(NBSP, " ")

    assert sentence("1,5", SALAD) == "« Salade » ne se partage pas : écrivez un nombre entier, par exemple 1 pièce."
    assert sentence("9999", SALAD) == "9\u202f999 pièces, c'est trop pour une ligne : 500 pièces au plus."
    assert sentence("350", CARROTS) == (
        "« 350 » peut vouloir dire plusieurs quantités. Écrivez-la avec son unité : 0,350 kg."
    )
    assert sentence("900 g", CHICKEN) == (
        "« Poulet » se commande à la pièce (environ 0,900 kg) et se pèse à la distribution. Écrivez un nombre de pièces."
    )
    assert sentence("2 L", CARROTS) == "« Carottes » ne se compte pas ainsi. Écrivez par exemple 1,500 kg."


def test_what_is_quoted_of_a_long_or_strange_text_stays_short_and_clean() -> None:
    with pytest.raises(NotAQuantityError) as raised:
        parse("\x0e" + "a" * 200)
    assert raised.value.facts["typed"] == "a" * 40


def test_what_is_shared_out_by_the_bunch_may_be_half_a_bunch() -> None:
    assert ordered(parse("1/2"), Product(9, "Persil", Cents(200), "bunch", Sold.WEIGHT)) == 500


def test_a_unit_in_the_name_counts_the_pieces() -> None:
    assert ordered(parse("2 bottes"), Product(9, "Botte de radis", Cents(200))) == 2 * ONE


@pytest.mark.parametrize(
    ("typed", "product", "thousandths"),
    [
        ("1,15", CHICKEN, 1150),
        ("1.150", CHICKEN, 1150),
        ("1150 g", CHICKEN, 1150),
        ("1,15 + 950 g", CHICKEN, 2100),
        ("0,35+0,35+0,35", CARROTS, 1050),
        ("3", SALAD, 3000),
    ],
)
def test_a_weighing_is_read_in_the_unit_of_the_product(typed: str, product: Product, thousandths: int) -> None:
    """B13: « 1,15 » on the card of the chicken is 1.15 kg."""
    assert charged(typed, product) == thousandths


@pytest.mark.parametrize(
    ("typed", "product", "refusal"),
    [
        ("1150", CHICKEN, AmbiguousQuantityError),
        ("1 pièce", CHICKEN, WrongUnitError),
        ("0", CHICKEN, ZeroQuantityError),
        ("2 + -1", CHICKEN, NegativeQuantityError),
        ("2 + 0", CHICKEN, ZeroQuantityError),
        ("40 + 40 kg + 499 kg", CHICKEN, TooMuchError),
        ("+", CHICKEN, NotAQuantityError),
        ("", CHICKEN, NotAQuantityError),
        ("1,5", SALAD, NotWholeError),
    ],
)
def test_a_weighing_that_makes_no_sense_is_refused(
    typed: str, product: Product, refusal: type[NotAQuantityError]
) -> None:
    with pytest.raises(refusal):
        charged(typed, product)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for product in (CARROTS, SALAD, CHICKEN, EGGS):
        with contextlib.suppress(NotAQuantityError):
            assert 0 < ordered(parse(text), product) <= 500 * ONE


@given(st.integers(1, 500 * ONE), st.sampled_from(sorted(MEASURES)), st.sampled_from(["fr", "en"]))
def test_what_is_written_is_read_again(thousandths: int, unit: str, language: str) -> None:
    product = Product(1, "x", Cents(100), unit, Sold.WEIGHT)
    with speaking(language):
        written = (
            quantity_words(thousandths, unit).replace(",", "")
            if language == "en"
            else quantity_words(thousandths, unit)
        )
    try:
        assert ordered(parse(written), product) == thousandths
    except AmbiguousQuantityError:
        assert unit in {"g", "cL", "mL"}
        assert thousandths % 10
        assert thousandths > ONE


def test_quantities_are_written_as_the_language_does() -> None:
    assert quantity_words(350, "kg") == "0,350\u00a0kg"
    assert quantity_words(2 * ONE, "kg") == "2\u00a0kg"
    assert quantity_words(350 * ONE, "g") == "350\u00a0g"
    assert quantity_words(1250 * ONE, "g") == "1\u202f250\u00a0g"
    assert quantity_words(ONE, "piece") == "1 pièce"
    assert quantity_words(2 * ONE, "jar") == "2 pots"
    assert short_quantity(3 * ONE, "piece") == "3"
    assert short_quantity(ONE, "bunch") == "1 botte"
    with speaking("en"):
        assert quantity_words(350, "kg") == "0.350\u00a0kg"
        assert figure(1250 * ONE, "g") == "1,250"


def test_prices_are_written_by_unit() -> None:
    assert price_words(CARROTS) == "2,10\u00a0€/kg"
    assert price_words(SALAD) == "1,50\u00a0€ la pièce"
    assert price_words(RADISH) == "2,00\u00a0€ la botte"
    assert price_words(CHICKEN) == "env. 12,60\u00a0€ la pièce (14,00\u00a0€/kg)"


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_written_and_read(unit: str) -> None:
    assert unit_of(unit_name(unit)) == unit
    assert unit_of(quantity_words(2 * ONE, unit).split()[-1]) == unit
    assert price_words(Product(1, "x", Cents(100), unit)).startswith("1,00\u00a0€")


def test_units_of_one_kind_are_converted_exactly_or_not_at_all() -> None:
    assert converted(1, "kg", "g") == 1000
    assert converted(1, "g", "kg") is None
    assert converted(25 * ONE, "cL", "L") == 250
